from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from deliberations.enums import AssemblyKind, MandateEnd, PublicationMode, Regime, Side
from plan_numerique.accounts.models import Authority, User
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CountField


class Assembly(models.Model):
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="assemblies", verbose_name="collectivité")
    name = models.CharField("nom", max_length=160)
    kind = models.CharField("nature", max_length=24, choices=AssemblyKind.choices, default=AssemblyKind.MUNICIPAL)
    regime = models.CharField("droit applicable", max_length=14, choices=Regime.choices, default=Regime.COMMON)
    publication = models.CharField(
        "publication des actes", max_length=10, choices=PublicationMode.choices, default=PublicationMode.ELECTRONIC
    )
    number_format = models.CharField(
        "numérotation des délibérations",
        max_length=40,
        default="{annee}-{rang:03}",
        help_text="{annee} l'année, {mois} et {jour} de la séance, {rang} le rang dans l'année, {ordre} le rang dans la séance.",
    )
    note = models.TextField("observation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "assemblée"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "name"],
                name="assembly_name_unique",
                violation_error_message="La collectivité a déjà une assemblée de ce nom.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Mandate(models.Model):
    """A seat held by an elected person, named as published (« Mme Martine APERCÉ », « JP. ABELIN »). Never an e-mail, never a phone."""

    assembly = models.ForeignKey(Assembly, models.PROTECT, related_name="mandates", verbose_name="assemblée")
    display_name = models.CharField("nom publié", max_length=120, help_text="Tel qu'il figure dans les actes.")
    civility = models.CharField("civilité", max_length=20, blank=True)
    initials = models.CharField("initiales", max_length=10, blank=True)
    first_name = models.CharField("prénom", max_length=80, blank=True)
    last_name = models.CharField("nom de famille", max_length=80, blank=True)
    rank = CountField("ordre du tableau", null=True, blank=True, lowest=1, highest=1000)
    function = models.CharField("fonction", max_length=120, blank=True)
    group = models.CharField("groupe politique", max_length=120, blank=True)
    side = models.CharField("majorité ou opposition", max_length=10, choices=Side.choices, blank=True)
    commune = models.CharField("commune représentée", max_length=120, blank=True)
    alternate_for = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="alternates",
        verbose_name="suppléant de",
        help_text="Ne siège qu'en l'absence du titulaire (CGCT L5211-6).",
    )
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name="remplace"
    )
    starts_on = models.DateField("début du mandat", null=True, blank=True)
    ends_on = models.DateField("fin du mandat", null=True, blank=True)
    end_reason = models.CharField("cause de la fin", max_length=12, choices=MandateEnd.choices, blank=True)
    history = audited()

    class Meta:
        verbose_name = "mandat"
        constraints = [
            models.UniqueConstraint(
                fields=["assembly", "display_name", "starts_on"],
                name="mandate_start_unique",
                violation_error_message="Cette personne a déjà un mandat à cette date dans l'assemblée.",
            ),
            models.UniqueConstraint(
                fields=["assembly", "display_name"],
                condition=Q(starts_on=None),
                name="mandate_undated_unique",
                violation_error_message="Cette personne a déjà un mandat sans date dans l'assemblée.",
            ),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="mandate_period_in_order",
                violation_error_message="Un mandat ne finit pas avant de commencer.",
            ),
            models.CheckConstraint(
                condition=Q(end_reason="") | Q(ends_on__isnull=False),
                name="mandate_end_is_dated",
                violation_error_message="Dire le jour où le mandat prend fin avec sa cause.",
            ),
        ]
        indexes = [models.Index(fields=["assembly", "rank"])]

    def __str__(self) -> str:
        return self.display_name

    def clean(self) -> None:
        for field in ("alternate_for", "replaces"):
            other: Mandate | None = getattr(self, field)
            if other is not None and other.assembly_id != self.assembly_id:
                raise ValidationError({field: "Ce membre n'est pas de la même assemblée."})
            if other is not None and self.pk is not None and other.pk == self.pk:
                raise ValidationError({field: "Un membre n'est ni son propre suppléant ni son propre remplaçant."})


class MemberContact(models.Model):
    """How a member is reached: private, never published (domain-rules 7.4). With an account, the member answers from their pages."""

    mandate = models.OneToOneField(Mandate, models.CASCADE, related_name="contact", verbose_name="membre")
    email = models.EmailField("adresse électronique", blank=True)
    phone = models.CharField("téléphone", max_length=30, blank=True)
    user = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="compte de l'élu"
    )
    on_paper = models.BooleanField(
        "convocation sur papier",
        default=False,
        help_text="Le membre a demandé un envoi à son domicile (CGCT L2121-10).",
    )
    history = audited()

    class Meta:
        verbose_name = "coordonnées d'un membre"
        verbose_name_plural = "coordonnées des membres"

    def __str__(self) -> str:
        return f"Coordonnées de {self.mandate}"
