"""The numerical diagnostic of a school (Saint-Étienne Métropole, III-1): technical, then pedagogical, signed by both sides."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from plan_numerique.accounts.models import Authority
from plan_numerique.audit.models import audited
from plan_numerique.documents.models import StoredDocument
from plan_numerique.web.fields import CentsField, RateField, YearField
from schools.enums import (
    TRIGGERS_OF,
    DiagnosticState,
    Payer,
    QuestionnaireKind,
    Trigger,
    TriggerFamily,
    WorkNature,
    WorkState,
)
from schools.models.classes import SchoolClass
from schools.models.questionnaires import Answer, Question, Questionnaire
from schools.models.school import School
from schools.models.site import Site


class DiagnosticCampaign(models.Model):
    """A round of diagnostics with one version of each questionnaire; two campaigns compare by the codes of their questions."""

    authority = models.ForeignKey(
        Authority, models.PROTECT, related_name="diagnostic_campaigns", verbose_name="collectivité"
    )
    title = models.CharField("titre", max_length=160)
    school_year = YearField("année scolaire")
    technical = models.ForeignKey(
        Questionnaire, models.PROTECT, related_name="+", verbose_name="questionnaire technique"
    )
    pedagogical = models.ForeignKey(
        Questionnaire, models.PROTECT, related_name="+", verbose_name="questionnaire pédagogique"
    )
    starts_on = models.DateField("début", null=True, blank=True)
    ends_on = models.DateField("fin", null=True, blank=True)
    note = models.TextField("observation", blank=True)
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "campagne de diagnostics"
        verbose_name_plural = "campagnes de diagnostics"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "title"],
                name="diagnostic_campaign_title_unique",
                violation_error_message="La collectivité a déjà une campagne de ce titre.",
            ),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(starts_on__lte=F("ends_on")),
                name="diagnostic_campaign_dates_ordered",
                violation_error_message="La fin ne précède pas le début.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        for name, kind in (("technical", QuestionnaireKind.TECHNICAL), ("pedagogical", QuestionnaireKind.PEDAGOGICAL)):
            chosen = getattr(self, name, None) if getattr(self, f"{name}_id") else None
            if chosen and chosen.kind != kind:
                raise ValidationError({name: f"Ce questionnaire n'est pas un {kind.label.lower()}."})
            if chosen and self.authority_id and chosen.authority_id != self.authority_id:
                raise ValidationError({name: "Ce questionnaire est celui d'une autre collectivité."})


class Diagnostic(models.Model):
    """The diagnostic of one school in a campaign: each half is finished by its side, then both sides sign."""

    campaign = models.ForeignKey(
        DiagnosticCampaign, models.PROTECT, related_name="diagnostics", verbose_name="campagne"
    )
    school = models.ForeignKey(School, models.PROTECT, related_name="diagnostics", verbose_name="école")
    state = models.CharField(
        "état", max_length=9, choices=DiagnosticState.choices, default=DiagnosticState.OPEN, editable=False
    )
    family = models.CharField("déclenché par", max_length=9, choices=TriggerFamily.choices)
    trigger = models.CharField("motif", max_length=18, choices=Trigger.choices)
    reason = models.TextField("précision", help_text="Ce qui a fait déclencher le diagnostic de cette école.")
    triggered_on = models.DateField("déclenché le")
    visit_on = models.DateField("visite le", null=True, blank=True)
    volunteers = models.ManyToManyField(
        SchoolClass, blank=True, related_name="diagnostics", verbose_name="classes volontaires"
    )
    technical_done_at = models.DateTimeField("partie technique terminée le", null=True, blank=True, editable=False)
    technical_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name="partie technique par",
    )  # fmt: skip
    pedagogical_done_at = models.DateTimeField("partie pédagogique terminée le", null=True, blank=True, editable=False)
    pedagogical_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name="partie pédagogique par",
    )  # fmt: skip
    town_signed_at = models.DateTimeField("validé par la collectivité le", null=True, blank=True, editable=False)
    town_signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name="validé pour la collectivité par",
    )  # fmt: skip
    academy_signed_at = models.DateTimeField(
        "validé par l'Éducation nationale le", null=True, blank=True, editable=False
    )
    academy_signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name="validé pour l'Éducation nationale par",
    )  # fmt: skip
    history = audited(m2m_fields=[volunteers])

    class Meta:
        verbose_name = "diagnostic"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "school"],
                name="diagnostic_school_once",
                violation_error_message="L'école a déjà un diagnostic dans cette campagne.",
            ),
            models.CheckConstraint(
                condition=~Q(state=DiagnosticState.SIGNED)
                | Q(town_signed_at__isnull=False, academy_signed_at__isnull=False),
                name="diagnostic_signed_by_both",
                violation_error_message="Un diagnostic est validé quand les deux côtés ont signé.",
            ),
            models.CheckConstraint(
                condition=Q(town_signed_at=None, academy_signed_at=None)
                | Q(technical_done_at__isnull=False, pedagogical_done_at__isnull=False),
                name="diagnostic_signed_when_done",
                violation_error_message="Les deux parties d'un diagnostic sont terminées avant d'être validées.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school} — {self.campaign}"

    def clean(self) -> None:
        if self.family and self.trigger and self.trigger not in TRIGGERS_OF.get(TriggerFamily(self.family), ()):
            known = " ; ".join(each.label for each in TRIGGERS_OF[TriggerFamily(self.family)])
            raise ValidationError({"trigger": f"Ce motif n'est pas de cette famille : {known}."})


class DiagnosticAnswer(Answer):
    diagnostic = models.ForeignKey(Diagnostic, models.CASCADE, related_name="answers", verbose_name="diagnostic")
    history = audited()

    class Meta:
        verbose_name = "réponse d'un diagnostic"
        verbose_name_plural = "réponses des diagnostics"
        constraints = [
            models.UniqueConstraint(
                fields=["diagnostic", "question"],
                name="diagnostic_answer_once",
                violation_error_message="Cette question a déjà une réponse.",
            )
        ]

    def __str__(self) -> str:
        return str(self.value)[:80]


class Work(models.Model):
    """Works that a diagnostic finds necessary, and who does and pays them."""

    diagnostic = models.ForeignKey(Diagnostic, models.CASCADE, related_name="works", verbose_name="diagnostic")
    site = models.ForeignKey(Site, models.SET_NULL, null=True, blank=True, related_name="works", verbose_name="site")
    nature = models.CharField("nature", max_length=10, choices=WorkNature.choices)
    label = models.CharField("travaux", max_length=200)
    payer = models.CharField("à la charge de", max_length=9, choices=Payer.choices)
    payer_name = models.CharField("nom du partenaire", max_length=160, blank=True)
    amount_ht = CentsField("coût HT", null=True, blank=True)
    vat_rate = RateField("taux de TVA", default=200_000)
    estimate = models.BooleanField("estimation", default=True)
    due_on = models.DateField("attendus pour le", null=True, blank=True)
    state = models.CharField("état", max_length=7, choices=WorkState.choices, default=WorkState.TO_DO)
    done_on = models.DateField("faits le", null=True, blank=True)
    note = models.TextField("observation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "travaux"
        verbose_name_plural = "travaux"
        constraints = [
            models.CheckConstraint(
                condition=Q(state=WorkState.DONE, done_on__isnull=False) | ~Q(state=WorkState.DONE) & Q(done_on=None),
                name="work_done_dated",
                violation_error_message="Des travaux faits ont une date, et eux seuls.",
            ),
            models.CheckConstraint(
                condition=~Q(payer=Payer.OTHER) | ~Q(payer_name=""),
                name="work_other_payer_named",
                violation_error_message="Un autre partenaire est nommé.",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Photo(models.Model):
    """A picture taken on site, kept without the place and the device that a phone writes into it."""

    diagnostic = models.ForeignKey(Diagnostic, models.CASCADE, related_name="photos", verbose_name="diagnostic")
    question = models.ForeignKey(
        Question, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="question"
    )
    document = models.OneToOneField(StoredDocument, models.PROTECT, related_name="+", verbose_name="image")
    caption = models.CharField("légende", max_length=160, blank=True)
    taken_at = models.DateTimeField("prise le")
    history = audited()

    class Meta:
        verbose_name = "photo"

    def __str__(self) -> str:
        return self.caption or self.document.filename
