from django.db import models
from django.db.models import F, Q

from governance.enums import PlanState, PlanTopic
from plan_numerique.accounts.models import Authority
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CountField, YearField


class Plan(models.Model):
    """A plan numérique of one authority: what it wants, over which years; its figures are those of its scenarios."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="plans", verbose_name="collectivité")
    name = models.CharField("nom", max_length=160)
    starts = YearField("première année", null=True, blank=True)
    ends = YearField("dernière année", null=True, blank=True)
    period = models.CharField("période", max_length=160, blank=True, help_text="Telle que l'écrit la source.")
    state = models.CharField("état", max_length=10, choices=PlanState.choices, default=PlanState.PREPARED)
    summary = models.TextField("présentation", blank=True)
    objectives = models.TextField("objectifs", blank=True, help_text="Un par ligne.")
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "plan"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "name"],
                name="plan_name_unique",
                violation_error_message="La collectivité a déjà un plan de ce nom.",
            ),
            models.CheckConstraint(
                condition=Q(starts=None) | Q(ends=None) | Q(ends__gte=F("starts")),
                name="plan_years_in_order",
                violation_error_message="La dernière année du plan ne précède pas la première.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Phase(models.Model):
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="phases", verbose_name="plan")
    position = CountField("rang", default=1, lowest=1)
    label = models.CharField("intitulé", max_length=160)
    starts = YearField("première année", null=True, blank=True)
    ends = YearField("dernière année", null=True, blank=True)
    state = models.CharField("état", max_length=10, choices=PlanState.choices, default=PlanState.PREPARED)
    description = models.TextField("description", blank=True)
    source = models.CharField("source", max_length=250, blank=True)
    quote = models.TextField("citation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "phase du plan"
        verbose_name_plural = "phases du plan"
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "position"],
                name="plan_phase_position_unique",
                violation_error_message="Une autre phase du plan a déjà ce rang.",
            ),
            models.CheckConstraint(
                condition=Q(starts=None) | Q(ends=None) | Q(ends__gte=F("starts")),
                name="plan_phase_years_in_order",
                violation_error_message="La dernière année de la phase ne précède pas la première.",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class PlanCommitment(models.Model):
    """A rule of the plan in words: how schools are chosen, repaired, trained."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="commitments", verbose_name="plan")
    position = CountField("rang", default=1, lowest=1)
    topic = models.CharField("sujet", max_length=12, choices=PlanTopic.choices, default=PlanTopic.OTHER)
    text = models.TextField("texte")
    source = models.CharField("source", max_length=250, blank=True)
    quote = models.TextField("citation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "principe du plan"
        verbose_name_plural = "principes du plan"
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "position"],
                name="plan_commitment_position_unique",
                violation_error_message="Un autre principe du plan a déjà ce rang.",
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]
