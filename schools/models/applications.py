"""Calls for projects: what schools apply for, what is thought of it, and the ranked list once a committee has frozen it."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from plan_numerique.accounts.models import Authority
from plan_numerique.audit.models import audited
from plan_numerique.documents.models import StoredDocument
from plan_numerique.web.fields import CountField, YearField
from schools.enums import ApplicationState, CampaignState, CriterionKind, QuestionnaireKind, Stage, TieRule, Verdict
from schools.models.classes import SchoolClass
from schools.models.questionnaires import Answer, Questionnaire
from schools.models.school import School

RANKED = (ApplicationState.RETAINED, ApplicationState.WAITING, ApplicationState.REFUSED)


class Campaign(models.Model):
    """A call for projects. It takes applications while published, from `opens_on` to `closes_on`, both included."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="campaigns", verbose_name="collectivité")
    title = models.CharField("titre", max_length=160)
    school_year = YearField("rentrée visée")
    questionnaire = models.ForeignKey(
        Questionnaire, models.PROTECT, related_name="campaigns", verbose_name="questionnaire"
    )
    presentation = models.TextField(
        "présentation", blank=True, help_text="Ce que la direction lit avant de candidater."
    )
    opens_on = models.DateField("ouverture")
    closes_on = models.DateField("clôture")
    opinions_due_on = models.DateField("avis attendus pour le", null=True, blank=True)
    places = CountField("écoles à retenir", null=True, blank=True, lowest=1, highest=10_000)
    tie_rule = models.CharField("départage", max_length=12, choices=TieRule.choices, default=TieRule.SOCIAL_INDEX)
    state = models.CharField(
        "état", max_length=9, choices=CampaignState.choices, default=CampaignState.DRAFT, editable=False
    )
    frozen_at = models.DateTimeField("liste arrêtée le", null=True, blank=True, editable=False)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="arrêtée par",
    )
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "campagne de candidatures"
        verbose_name_plural = "campagnes de candidatures"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "title"],
                name="campaign_title_unique",
                violation_error_message="La collectivité a déjà une campagne de ce titre.",
            ),
            models.CheckConstraint(
                condition=Q(opens_on__lte=F("closes_on")),
                name="campaign_dates_ordered",
                violation_error_message="La clôture ne précède pas l'ouverture.",
            ),
            models.CheckConstraint(
                condition=Q(state=CampaignState.FROZEN, frozen_at__isnull=False)
                | ~Q(state=CampaignState.FROZEN) & Q(frozen_at=None),
                name="campaign_frozen_dated",
                violation_error_message="Une liste arrêtée est datée.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if self.questionnaire_id and self.questionnaire.kind != QuestionnaireKind.APPLICATION:
            raise ValidationError({"questionnaire": "Ce questionnaire n'est pas celui d'une candidature."})
        if self.questionnaire_id and self.authority_id and self.questionnaire.authority_id != self.authority_id:
            raise ValidationError({"questionnaire": "Ce questionnaire est celui d'une autre collectivité."})


class Criterion(models.Model):
    """What counts in the score: `weight` points at most. The mark goes straight from 0 at `floor_value` to 1 at `full_value`
    (which may be the lower one), 0 and 1 beyond. `default_value` stands where the value is unknown; none: no point."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="criteria", verbose_name="campagne")
    position = CountField("rang", default=1, lowest=1, highest=99)
    kind = models.CharField("valeur", max_length=18, choices=CriterionKind.choices)
    label = models.CharField("intitulé", max_length=160)
    help = models.TextField("consigne", blank=True)
    weight = CountField("points", lowest=1, highest=1_000)
    floor_value = models.DecimalField("valeur qui donne 0", max_digits=9, decimal_places=2, default=0)
    full_value = models.DecimalField("valeur qui donne tous les points", max_digits=9, decimal_places=2)
    default_value = models.DecimalField(
        "valeur si elle est inconnue", max_digits=9, decimal_places=2, null=True, blank=True
    )
    history = audited()

    class Meta:
        verbose_name = "critère"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "label"],
                name="criterion_label_unique",
                violation_error_message="Un critère de la campagne porte déjà cet intitulé.",
            ),
            models.CheckConstraint(
                condition=~Q(floor_value=F("full_value")),
                name="criterion_values_differ",
                violation_error_message="La valeur qui donne 0 et celle qui donne tous les points diffèrent.",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Application(models.Model):
    """What one school applies for in a campaign: typed as a draft, then submitted."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="applications", verbose_name="campagne")
    school = models.ForeignKey(School, models.PROTECT, related_name="applications", verbose_name="école")
    state = models.CharField(
        "état", max_length=9, choices=ApplicationState.choices, default=ApplicationState.DRAFT, editable=False
    )
    project = models.CharField("projet", max_length=160, blank=True)
    summary = models.TextField("projet pédagogique", blank=True)
    classes = models.ManyToManyField(
        SchoolClass, blank=True, related_name="applications", verbose_name="classes concernées"
    )
    volunteers = CountField("enseignants volontaires", null=True, blank=True, highest=500)
    submitted_at = models.DateTimeField("déposée le", null=True, blank=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="déposée par",
    )
    letter = models.ForeignKey(
        StoredDocument,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="courrier de réponse",
    )
    history = audited(m2m_fields=[classes])

    class Meta:
        verbose_name = "candidature"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "school"],
                name="application_school_once",
                violation_error_message="L'école a déjà une candidature dans cette campagne.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[ApplicationState.DRAFT, ApplicationState.WITHDRAWN])
                | Q(submitted_at__isnull=False),
                name="application_submitted_dated",
                violation_error_message="Une candidature déposée est datée.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school} — {self.campaign}"


class ApplicationAnswer(Answer):
    application = models.ForeignKey(Application, models.CASCADE, related_name="answers", verbose_name="candidature")
    history = audited()

    class Meta:
        verbose_name = "réponse d'une candidature"
        verbose_name_plural = "réponses des candidatures"
        constraints = [
            models.UniqueConstraint(
                fields=["application", "question"],
                name="application_answer_once",
                violation_error_message="Cette question a déjà une réponse.",
            )
        ]

    def __str__(self) -> str:
        return str(self.value)[:80]


class Attachment(models.Model):
    """A file joined to an application: never executed, served as a download to those who see the application."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="attachments", verbose_name="candidature")
    document = models.OneToOneField(StoredDocument, models.PROTECT, related_name="+", verbose_name="fichier")
    caption = models.CharField("légende", max_length=160, blank=True)
    history = audited()

    class Meta:
        verbose_name = "pièce jointe"
        verbose_name_plural = "pièces jointes"

    def __str__(self) -> str:
        return self.caption or self.document.filename


class Opinion(models.Model):
    """What a stage thinks of an application. Confidential: not shown to the school."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="opinions", verbose_name="candidature")
    stage = models.CharField("étape", max_length=9, choices=Stage.choices)
    verdict = models.CharField("avis", max_length=12, choices=Verdict.choices)
    text = models.TextField("motivation", blank=True)
    confidential = models.BooleanField("confidentiel", default=False, help_text="L'école ne le voit pas.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+", verbose_name="donné par"
    )
    given_at = models.DateTimeField("donné le", editable=False)
    history = audited()

    class Meta:
        verbose_name = "avis"
        verbose_name_plural = "avis"
        constraints = [
            models.UniqueConstraint(
                fields=["application", "stage"],
                name="opinion_stage_once",
                violation_error_message="Cette étape a déjà donné son avis : le modifier.",
            ),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.FAVOURABLE) | ~Q(text=""),
                name="opinion_reserve_explained",
                violation_error_message="Un avis réservé ou défavorable est motivé.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} : {self.get_verdict_display().lower()}"


class Mark(models.Model):
    """The value that people give to a criterion for one application."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="marks", verbose_name="candidature")
    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="marks", verbose_name="critère")
    value = models.DecimalField("note", max_digits=9, decimal_places=2)
    reason = models.CharField("motif", max_length=250, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="donnée par",
    )
    history = audited()

    class Meta:
        verbose_name = "note d'un critère"
        verbose_name_plural = "notes des critères"
        constraints = [
            models.UniqueConstraint(
                fields=["application", "criterion"],
                name="mark_once",
                violation_error_message="Ce critère est déjà noté pour cette candidature.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.criterion} : {self.value}"


class Departure(models.Model):
    """What the lead does with an application against its score, and why: a place it is given, or that it is not to be retained. The others
    keep the order of their scores."""

    application = models.OneToOneField(
        Application, models.CASCADE, related_name="departure", verbose_name="candidature"
    )
    campaign = models.ForeignKey(
        Campaign, models.CASCADE, editable=False, related_name="departures", verbose_name="campagne"
    )
    position = CountField("place", null=True, blank=True, lowest=1, highest=10_000)
    refused = models.BooleanField("non retenue", default=False, help_text="Elle ne prend aucune des places à pourvoir.")
    reason = models.TextField("motif")
    history = audited()

    class Meta:
        verbose_name = "écart au classement"
        verbose_name_plural = "écarts au classement"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "position"],
                name="departure_position_unique",
                violation_error_message="Une autre candidature est déjà fixée à cette place.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="departure_has_reason",
                violation_error_message="Un écart au score est motivé.",
            ),
            models.CheckConstraint(
                condition=Q(position__isnull=False) | Q(refused=True),
                name="departure_says_what",
                violation_error_message="Un écart donne une place, ou dit que l'école n'est pas retenue.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} : {'non retenue' if self.position is None else f'place {self.position}'}"


class RankedPlace(models.Model):
    """A line of the frozen list: what the score was made of on that day (`detail`: governance.queries.ranking), never computed again.
    `score`: ten-thousandths of a point; `tie`: what parted it from those of the same score."""

    application = models.OneToOneField(Application, models.PROTECT, related_name="place", verbose_name="candidature")
    position = CountField("place", lowest=1)
    by_score = CountField("place au score", lowest=1)
    score = models.BigIntegerField("score (dix-millièmes)")
    detail = models.JSONField("détail", default=list)
    tie = models.CharField("départage", max_length=250, blank=True)
    departure_reason = models.TextField("motif de l'écart", blank=True)
    outcome = models.CharField("suite", max_length=9, choices=[(each.value, each.label) for each in RANKED])
    answer = models.TextField("motivation de la réponse", blank=True)
    history = audited()

    class Meta:
        verbose_name = "place dans la liste"
        verbose_name_plural = "places dans la liste"

    def __str__(self) -> str:
        return f"{self.position}. {self.application.school}"
