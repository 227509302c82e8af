"""Authorisations and their payment credits: each version as voted, and the sums that bound what is committed and paid."""

from django.db import models
from django.db.models import F, Q

from governance.enums import Section, VersionKind
from governance.models.plan import Plan
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CentsField, CountField, YearField


class Authorisation(models.Model):
    """Credits opened over several exercises: an AP, or operating credits estimated beside it (domain-rules 5.1).

    `amount` is what the plan announces; nothing may be committed before a vote. `voted` and `committed` are running sums of its
    latest version and of its commitments, kept by `services` so that the database itself refuses to go beyond."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="authorisations", verbose_name="plan")
    code = models.SlugField("code", max_length=40)
    label = models.CharField("intitulé", max_length=160)
    section = models.CharField("section", max_length=14, choices=Section.choices, default=Section.INVESTMENT)
    amount = CentsField("montant annoncé")
    voted = CentsField("montant voté", default=0, editable=False)
    committed = CentsField("engagé", default=0, editable=False)
    first_exercise = YearField("premier exercice")
    last_exercise = YearField("dernier exercice")
    note = models.TextField("observation", blank=True)
    source = models.CharField("source", max_length=250, blank=True)
    quote = models.TextField("citation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "autorisation de programme"
        verbose_name_plural = "autorisations de programme"
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code"],
                name="authorisation_code_unique",
                violation_error_message="Le plan a déjà une autorisation de ce code.",
            ),
            models.CheckConstraint(
                condition=Q(last_exercise__gte=F("first_exercise")),
                name="authorisation_exercises_in_order",
                violation_error_message="Le dernier exercice ne précède pas le premier.",
            ),
            models.CheckConstraint(
                condition=Q(committed__lte=F("voted")),
                name="authorisation_commitments_within",
                violation_error_message="Les engagements ne dépassent pas l'autorisation votée (CGCT, L2311-3).",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class AuthorisationVersion(models.Model):
    """An authorisation as one vote left it. Never changed: the next vote makes the next version."""

    authorisation = models.ForeignKey(
        Authorisation, models.PROTECT, related_name="versions", verbose_name="autorisation de programme"
    )
    number = CountField("version", lowest=1)
    kind = models.CharField("nature", max_length=10, choices=VersionKind.choices)
    voted_on = models.DateField("votée le")
    act = models.CharField(
        "délibération", max_length=160, help_text="Numéro et date de la délibération distincte qui la vote (R2311-9)."
    )
    amount = CentsField("autorisation de programme")
    credits_total = CentsField("somme des crédits de paiement")
    reason = models.TextField("motif", blank=True)
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "version d'une autorisation"
        verbose_name_plural = "versions d'une autorisation"
        constraints = [
            models.UniqueConstraint(
                fields=["authorisation", "number"],
                name="authorisation_version_unique",
                violation_error_message="L'autorisation a déjà une version de ce numéro.",
            ),
            models.CheckConstraint(
                condition=Q(credits_total=F("amount")),
                name="authorisation_version_credits_sum",
                violation_error_message="La somme des crédits de paiement est le montant de l'autorisation (R2311-9).",
            ),
            models.CheckConstraint(
                condition=Q(kind=VersionKind.OPENING, number=1)
                | (~Q(kind=VersionKind.OPENING) & ~Q(number=1) & ~Q(reason="")),
                name="authorisation_version_reason",
                violation_error_message="La première version ouvre l'autorisation ; les suivantes disent leur motif.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authorisation}, version {self.number}"


class AuthorisationCredit(models.Model):
    """Payment credits (CP) of one exercise in one version."""

    version = models.ForeignKey(
        AuthorisationVersion, models.CASCADE, related_name="credits", verbose_name="version d'une autorisation"
    )
    exercise = YearField("exercice")
    amount = CentsField("crédits de paiement")

    class Meta:
        verbose_name = "crédits de paiement votés"
        verbose_name_plural = "crédits de paiement votés"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "exercise"],
                name="authorisation_credit_unique",
                violation_error_message="La version a déjà les crédits de cet exercice.",
            )
        ]

    def __str__(self) -> str:
        return f"CP {self.exercise}"


class AuthorisationYear(models.Model):
    """Credits of an exercise in the latest version beside what is paid on them: the database refuses to pay more."""

    authorisation = models.ForeignKey(
        Authorisation, models.CASCADE, related_name="years", verbose_name="autorisation de programme"
    )
    exercise = YearField("exercice")
    credit = CentsField("crédits de paiement", default=0)
    paid = CentsField("payé", default=0)

    class Meta:
        verbose_name = "exercice d'une autorisation"
        verbose_name_plural = "exercices d'une autorisation"
        constraints = [
            models.UniqueConstraint(
                fields=["authorisation", "exercise"],
                name="authorisation_year_unique",
                violation_error_message="L'autorisation a déjà cet exercice.",
            ),
            models.CheckConstraint(
                condition=Q(paid__lte=F("credit")),
                name="authorisation_year_paid_within",
                violation_error_message="Les paiements d'un exercice ne dépassent pas ses crédits de paiement (CGCT, L2311-3).",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authorisation}, {self.exercise}"
