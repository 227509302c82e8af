"""The programme of a plan: the scenario adopted, its amendments, what becomes of each phase."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from governance.enums import PhaseState, Verdict
from governance.models.checks import check_same_authority
from governance.models.committee import Decision
from governance.models.plan import Plan
from governance.models.runs import BudgetRun
from governance.models.scenario import Scenario
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CountField, YearField
from schools.models import School


class ProgrammeVersion(models.Model):
    """The programme as one adoption left it: its figures are those of `run`, which never change. Number 1 is the first
    adoption, each later one an amendment."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="programme_versions", verbose_name="plan")
    number = CountField("version", lowest=1)
    scenario = models.OneToOneField(
        Scenario, models.PROTECT, related_name="programme_version", verbose_name="scénario adopté"
    )
    run = models.ForeignKey(BudgetRun, models.PROTECT, related_name="programme_versions", verbose_name="calcul adopté")
    adopted_on = models.DateField("arrêté le")
    adopted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="arrêté par"
    )
    reason = models.TextField("motif", blank=True)
    decision = models.ForeignKey(
        Decision,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="programme_versions",
        verbose_name="décision du comité",
    )
    history = audited()

    class Meta:
        verbose_name = "version du programme"
        verbose_name_plural = "versions du programme"
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "number"],
                name="programme_version_unique",
                violation_error_message="Le programme a déjà une version de ce numéro.",
            ),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(reason=""),
                name="programme_version_reason",
                violation_error_message="Un avenant au programme dit son motif.",
            ),
        ]

    def __str__(self) -> str:
        return "Programme initial" if self.number == 1 else f"Avenant n° {self.number - 1}"


class ProgrammePhase(models.Model):
    """What becomes of the programme in one exercise. It outlives amendments: what is done stays done."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="programme_phases", verbose_name="plan")
    exercise = YearField("exercice")
    label = models.CharField("intitulé", max_length=160, blank=True)
    state = models.CharField(
        "état", max_length=7, choices=PhaseState.choices, default=PhaseState.PLANNED, editable=False
    )
    started_on = models.DateField("commencée le", null=True, blank=True)
    done_on = models.DateField("achevée le", null=True, blank=True)
    pilot = models.BooleanField(
        "cohorte pilote", default=False, help_text="Les phases suivantes attendent la décision de généraliser."
    )
    verdict = models.CharField(
        "suite donnée au pilote", max_length=5, choices=Verdict.choices, blank=True, default=Verdict.NONE
    )
    verdict_on = models.DateField("décidée le", null=True, blank=True)
    verdict_reason = models.TextField("motif de la décision", blank=True)
    note = models.TextField("observation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "phase du programme"
        verbose_name_plural = "phases du programme"
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "exercise"],
                name="programme_phase_exercise_unique",
                violation_error_message="Le programme a déjà une phase pour cet exercice.",
            ),
            models.CheckConstraint(
                condition=Q(state=PhaseState.PLANNED, started_on=None, done_on=None)
                | Q(state=PhaseState.RUNNING, started_on__isnull=False, done_on=None)
                | Q(state=PhaseState.DONE, started_on__isnull=False, done_on__gte=F("started_on")),
                name="programme_phase_dates",
                violation_error_message="Une phase en cours a une date de début ; achevée, elle finit après avoir commencé.",
            ),
            models.CheckConstraint(
                condition=Q(verdict="", verdict_on=None)
                | (Q(pilot=True, verdict_on__isnull=False) & ~Q(verdict="") & ~Q(verdict_reason="")),
                name="programme_phase_verdict_whole",
                violation_error_message="La suite donnée à une cohorte pilote a sa date et son motif.",
            ),
        ]

    def __str__(self) -> str:
        return self.label or f"Phase {self.exercise}"


class EquippedSchool(models.Model):
    """A school found equipped: the actual beside the forecast of its phase."""

    phase = models.ForeignKey(
        ProgrammePhase, models.PROTECT, related_name="equipped_schools", verbose_name="phase du programme"
    )
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="equipped_schools", verbose_name="plan", editable=False)
    school = models.ForeignKey(School, models.PROTECT, related_name="programme_places", verbose_name="école")
    equipped_on = models.DateField("équipée le")
    classes = CountField("classes équipées", default=0)
    pupils = CountField("élèves", default=0)
    note = models.TextField("observation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "école équipée"
        verbose_name_plural = "écoles équipées"
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "school"],
                name="equipped_school_unique",
                violation_error_message="Cette école est déjà équipée au titre du plan.",
            )
        ]

    def __str__(self) -> str:
        return str(self.school)

    def clean(self) -> None:
        if self.school_id and self.phase_id:
            check_same_authority("school", "Cette école est celle", self.school, self.phase.plan.authority_id)
            if self.plan_id and self.plan_id != self.phase.plan_id:
                raise ValidationError({"phase": "Cette phase est celle d'un autre plan."})
