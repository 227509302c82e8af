from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from deliberations.enums import ActKind, ActNature, ActState, ClauseKind, IdentifierKind
from deliberations.models.assembly import Mandate
from deliberations.models.sitting import Sitting, check_members
from governance.models import Plan, Scenario
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CountField


class Act(models.Model):
    """A délibération as the register has it. When it becomes executory is computed, never stored."""

    sitting = models.ForeignKey(Sitting, models.PROTECT, related_name="acts", verbose_name="séance")
    number = models.CharField("numéro", max_length=40, blank=True, help_text="Tel qu'il est imprimé.")
    passage = CountField("ordre de passage", null=True, blank=True, lowest=1)
    kind = models.CharField(
        "nature de la décision", max_length=14, choices=ActKind.choices, default=ActKind.DELIBERATION
    )
    title = models.CharField("intitulé", max_length=300)
    title_note = models.TextField("observation sur l'intitulé", blank=True)
    stated_object = models.CharField("objet écrit", max_length=500, blank=True)
    nature = models.CharField("nature ACTES", max_length=2, choices=ActNature.choices, default=ActNature.DE)
    state = models.CharField("état", max_length=10, choices=ActState.choices, default=ActState.DRAFT)
    summary_note = models.TextField(
        "note de synthèse", blank=True, help_text="Jointe à la convocation (CGCT L2121-12)."
    )
    added_in_sitting = models.BooleanField("ajoutée en séance", default=False)
    examined_at = models.DateTimeField("examinée à", null=True, blank=True)
    chair = models.ForeignKey(
        Mandate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="présidence pour cette affaire",
        help_text="Si ce n'est pas celle de la séance (CGCT L2121-14).",
    )
    matter_code = models.CharField("matière (code)", max_length=20, blank=True)
    matter_label = models.CharField("matière", max_length=120, blank=True)
    commissions = models.TextField("commissions", blank=True, help_text="Une par ligne.")
    service = models.CharField("service", max_length=160, blank=True)
    signatory = models.ForeignKey(
        Mandate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="signataire"
    )
    signatory_name = models.CharField("signature publiée", max_length=120, blank=True)
    signatory_quality = models.CharField("qualité du signataire", max_length=120, blank=True)
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="plan approuvé"
    )
    scenario = models.ForeignKey(
        Scenario, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="scénario approuvé"
    )
    transmitted_on = models.DateField("transmise le", null=True, blank=True)
    received_on = models.DateField("reçue en préfecture le", null=True, blank=True)
    posted_on = models.DateField("affichée le", null=True, blank=True)
    published_on = models.DateField("publiée le", null=True, blank=True)
    transmission_channel = models.CharField("voie de transmission", max_length=80, blank=True)
    dates_note = models.TextField("observation sur les dates", blank=True)
    identifiers_note = models.TextField("observation sur les identifiants", blank=True)
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "délibération"
        constraints = [
            models.UniqueConstraint(
                fields=["sitting", "number"],
                condition=~Q(number=""),
                name="act_number_unique",
                violation_error_message="Un autre acte de la séance porte déjà ce numéro.",
            ),
            models.UniqueConstraint(
                fields=["sitting", "passage"],
                name="act_passage_unique",
                violation_error_message="Un autre acte de la séance passe déjà à ce rang.",
            ),
        ]
        indexes = [models.Index(fields=["sitting", "passage"])]

    def __str__(self) -> str:
        return f"n° {self.number} — {self.title}" if self.number else self.title

    def clean(self) -> None:
        if not self.sitting_id:
            return
        check_members(self, self.sitting, "signatory", "chair")
        authority_id = self.sitting.assembly.authority_id
        if self.plan is not None and self.plan.authority_id != authority_id:
            raise ValidationError({"plan": "Plan d'une autre collectivité."})
        if self.scenario is not None and self.scenario.plan.authority_id != authority_id:
            raise ValidationError({"scenario": "Scénario d'une autre collectivité."})
        if self.scenario is not None and self.plan_id and self.scenario.plan_id != self.plan_id:
            raise ValidationError({"scenario": "Ce scénario n'est pas un scénario du plan approuvé."})


class Reporter(models.Model):
    act = models.ForeignKey(Act, models.CASCADE, related_name="reporters", verbose_name="délibération")
    position = CountField("rang", default=1, lowest=1)
    published_name = models.CharField("nom publié", max_length=120)
    mandate = models.ForeignKey(Mandate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="membre")
    history = audited()

    class Meta:
        verbose_name = "rapporteur"
        constraints = [
            models.UniqueConstraint(
                fields=["act", "position"],
                name="reporter_position_unique",
                violation_error_message="Un autre rapporteur de l'acte a déjà ce rang.",
            )
        ]

    def __str__(self) -> str:
        return self.published_name

    def clean(self) -> None:
        if self.act_id:
            check_members(self, self.act.sitting, "mandate")


class ActClause(models.Model):
    """One piece of the text, word for word. Visas and considérants are kept without their first word."""

    act = models.ForeignKey(Act, models.CASCADE, related_name="clauses", verbose_name="délibération")
    position = CountField("rang", lowest=1)
    kind = models.CharField("nature", max_length=12, choices=ClauseKind.choices)
    level = CountField("niveau de liste", default=1, lowest=1, highest=5)
    verb = models.CharField(
        "verbe", max_length=60, blank=True, help_text="Par exemple : approuve, décide, autorise, prend acte."
    )
    text = models.TextField("texte")
    rich = models.BooleanField(
        "mis en forme", default=False, help_text="Texte nettoyé : gras, italique, listes, tableaux."
    )
    history = audited()

    class Meta:
        verbose_name = "passage du texte"
        verbose_name_plural = "passages du texte"
        constraints = [
            models.UniqueConstraint(
                fields=["act", "position"],
                name="act_clause_position_unique",
                violation_error_message="Un autre passage de l'acte a déjà ce rang.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.position}"


class ActIdentifier(models.Model):
    """One of the numbers an act is known by; the @CTES one is checked against the sitting and the authority."""

    act = models.ForeignKey(Act, models.CASCADE, related_name="identifiers", verbose_name="délibération")
    kind = models.CharField("nature", max_length=14, choices=IdentifierKind.choices)
    value = models.CharField("identifiant", max_length=80)
    quote = models.CharField("écrit", max_length=160, blank=True)
    history = audited()

    class Meta:
        verbose_name = "identifiant d'acte"
        verbose_name_plural = "identifiants d'acte"
        constraints = [
            models.UniqueConstraint(
                fields=["act", "kind", "value"],
                name="act_identifier_unique",
                violation_error_message="L'acte porte déjà cet identifiant.",
            ),
            models.UniqueConstraint(
                fields=["act"],
                condition=Q(kind=IdentifierKind.ACTES),
                name="act_identifier_one_actes",
                violation_error_message="Un acte n'a qu'un identifiant ACTES.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value}"
