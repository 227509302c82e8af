"""What prepares an act: templates, live figures, versions, visas, opinions, annexes."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from deliberations.enums import ActKind, ActNature, Opinion, VisaStage, VisaState
from deliberations.models.act import Act
from governance.models import BudgetRun
from plan_numerique.accounts.models import Authority, User
from plan_numerique.audit.models import audited
from plan_numerique.documents.models import StoredDocument
from plan_numerique.web.fields import CountField


class ActTemplate(models.Model):
    """A model of act for this trade; without an authority, one that comes with the product."""

    authority = models.ForeignKey(
        Authority, models.PROTECT, null=True, blank=True, related_name="act_templates", verbose_name="collectivité"
    )
    name = models.CharField("nom", max_length=160)
    kind = models.CharField(
        "nature de la décision", max_length=14, choices=ActKind.choices, default=ActKind.DELIBERATION
    )
    nature = models.CharField("nature ACTES", max_length=2, choices=ActNature.choices, default=ActNature.DE)
    matter_code = models.CharField("matière (code)", max_length=20, blank=True)
    title = models.CharField("intitulé proposé", max_length=300)
    clauses = models.JSONField("passages", default=list, help_text="Liste de {kind, verb, text}, dans l'ordre.")
    history = audited()

    class Meta:
        verbose_name = "modèle d'acte"
        verbose_name_plural = "modèles d'actes"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "name"],
                name="act_template_name_unique",
                violation_error_message="Un autre modèle porte déjà ce nom.",
            ),
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(authority=None),
                name="act_template_common_name_unique",
                violation_error_message="Un autre modèle commun porte déjà ce nom.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ActFigure(models.Model):
    """A figure of the plan that the act writes as [[key]]: live while `text` is empty, then as it was when the act was examined."""

    act = models.ForeignKey(Act, models.CASCADE, related_name="figures", verbose_name="délibération")
    key = models.SlugField("clé", max_length=40)
    run = models.ForeignKey(
        BudgetRun, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="calcul figé"
    )
    text = models.TextField("texte figé", blank=True)
    frozen_at = models.DateTimeField("figé le", null=True, blank=True)
    history = audited()

    class Meta:
        verbose_name = "chiffre du plan"
        verbose_name_plural = "chiffres du plan"
        constraints = [
            models.UniqueConstraint(
                fields=["act", "key"],
                name="act_figure_unique",
                violation_error_message="L'acte a déjà ce chiffre.",
            ),
            models.CheckConstraint(
                condition=Q(text="", frozen_at=None) | ~Q(text="") & Q(frozen_at__isnull=False),
                name="act_figure_frozen_whole",
                violation_error_message="Un chiffre figé porte son texte et le moment où il fut figé.",
            ),
        ]

    def __str__(self) -> str:
        return f"[[{self.key}]]"


class ActVersion(models.Model):
    """The text of an act as it stood, whole; never changed."""

    act = models.ForeignKey(Act, models.CASCADE, related_name="versions", verbose_name="délibération")
    number = CountField("version", lowest=1)
    title = models.CharField("intitulé", max_length=300)
    clauses = models.JSONField("passages", default=list)
    reason = models.CharField("motif", max_length=300, blank=True)
    created_at = models.DateTimeField("établie le")
    created_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="établie par"
    )

    class Meta:
        verbose_name = "version d'un acte"
        verbose_name_plural = "versions des actes"
        constraints = [
            models.UniqueConstraint(
                fields=["act", "number"],
                name="act_version_number_unique",
                violation_error_message="L'acte a déjà une version de ce numéro.",
            )
        ]

    def __str__(self) -> str:
        return f"Version {self.number}"


class VisaStep(models.Model):
    """One signature of the circuit an act goes through before it is put on an agenda, in the order of `position`."""

    act = models.ForeignKey(Act, models.CASCADE, related_name="visas", verbose_name="délibération")
    position = CountField("rang", lowest=1)
    stage = models.CharField("visa", max_length=12, choices=VisaStage.choices)
    state = models.CharField("état", max_length=10, choices=VisaState.choices, default=VisaState.WAITING)
    version = models.ForeignKey(
        ActVersion, models.PROTECT, null=True, blank=True, related_name="visas", verbose_name="version visée"
    )
    remark = models.TextField("remarque", blank=True)
    given_at = models.DateTimeField("donné le", null=True, blank=True)
    given_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="donné par"
    )
    history = audited()

    class Meta:
        verbose_name = "visa"
        constraints = [
            models.UniqueConstraint(
                fields=["act", "position"],
                name="visa_position_unique",
                violation_error_message="Un autre visa de l'acte a déjà ce rang.",
            ),
            models.UniqueConstraint(
                fields=["act", "stage"],
                name="visa_stage_unique",
                violation_error_message="Le circuit de l'acte passe déjà par ce visa.",
            ),
            models.CheckConstraint(
                condition=Q(state=VisaState.WAITING, given_at=None)
                | ~Q(state=VisaState.WAITING) & Q(given_at__isnull=False),
                name="visa_given_is_dated",
                violation_error_message="Un visa donné ou renvoyé porte sa date.",
            ),
            models.CheckConstraint(
                condition=~Q(state=VisaState.RETURNED) | ~Q(remark=""),
                name="visa_returned_says_why",
                violation_error_message="Un renvoi dit pourquoi.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} : {self.get_state_display()}"


class CommissionOpinion(models.Model):
    act = models.ForeignKey(Act, models.CASCADE, related_name="opinions", verbose_name="délibération")
    commission = models.CharField("commission", max_length=160)
    held_on = models.DateField("réunie le", null=True, blank=True)
    opinion = models.CharField("avis", max_length=12, choices=Opinion.choices)
    remark = models.TextField("observation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "avis de commission"
        verbose_name_plural = "avis des commissions"
        constraints = [
            models.UniqueConstraint(
                fields=["act", "commission"],
                name="opinion_commission_unique",
                violation_error_message="Cette commission a déjà donné son avis sur l'acte.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.commission} : {self.get_opinion_display()}"


class Annex(models.Model):
    """A document annexed to the act: it goes with the convocation, the extract and the transmission."""

    act = models.ForeignKey(Act, models.CASCADE, related_name="annexes", verbose_name="délibération")
    position = CountField("rang", default=1, lowest=1)
    title = models.CharField("intitulé", max_length=200)
    document = models.ForeignKey(StoredDocument, models.PROTECT, related_name="+", verbose_name="document")
    public = models.BooleanField("publiée avec l'acte", default=True)
    history = audited()

    class Meta:
        verbose_name = "annexe"
        constraints = [
            models.UniqueConstraint(
                fields=["act", "position"],
                name="annex_position_unique",
                violation_error_message="Une autre annexe de l'acte a déjà ce rang.",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if self.act_id and self.document_id and self.document.authority_id != self.act.sitting.assembly.authority_id:
            raise ValidationError({"document": "Document d'une autre collectivité."})
