from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from governance.enums import CommitteeKind, DecisionEffect, MeetingState
from governance.models.checks import check_same_authority
from governance.models.scenario import Scenario
from plan_numerique.accounts.models import Authority
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CountField
from schools.models import Campaign


class Committee(models.Model):
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="committees", verbose_name="collectivité")
    name = models.CharField("nom", max_length=160)
    kind = models.CharField("nature", max_length=10, choices=CommitteeKind.choices)
    role = models.TextField("rôle", blank=True, help_text="Une mission par ligne.")
    frequency = models.CharField("fréquence", max_length=120, blank=True)
    meetings_per_year_min = CountField("réunions par an, au moins", null=True, blank=True, highest=366)
    meetings_per_year_max = CountField("réunions par an, au plus", null=True, blank=True, highest=366)
    source = models.CharField("source", max_length=250, blank=True)
    quote = models.TextField("citation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "comité"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "name"],
                name="committee_name_unique",
                violation_error_message="La collectivité a déjà un comité de ce nom.",
            ),
            models.CheckConstraint(
                condition=Q(meetings_per_year_min=None)
                | Q(meetings_per_year_max=None)
                | Q(meetings_per_year_max__gte=F("meetings_per_year_min")),
                name="committee_frequency_in_order",
                violation_error_message="Le plus grand nombre de réunions par an n'est pas inférieur au plus petit.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Seat(models.Model):
    """A seat by college; its holder may be known by title only."""

    committee = models.ForeignKey(Committee, models.CASCADE, related_name="seats", verbose_name="comité")
    position = CountField("rang", default=1, lowest=1)
    college = models.CharField("collège", max_length=160)
    holder_title = models.CharField(
        "qualité", max_length=160, blank=True, help_text="Par exemple « IA-DASEN adjoint »."
    )
    person_name = models.CharField("nom", max_length=120, blank=True)
    starts_on = models.DateField("depuis le", null=True, blank=True)
    ends_on = models.DateField("jusqu'au", null=True, blank=True)
    history = audited()

    class Meta:
        verbose_name = "siège"
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "position"],
                name="seat_position_unique",
                violation_error_message="Un autre siège du comité a déjà ce rang.",
            ),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="seat_dates_in_order",
                violation_error_message="La fin du siège ne précède pas son début.",
            ),
        ]

    def __str__(self) -> str:
        return self.person_name or self.holder_title or self.college


class Meeting(models.Model):
    """Once closed, neither the meeting nor its agenda, decisions change; actions may still be marked as done."""

    committee = models.ForeignKey(Committee, models.PROTECT, related_name="meetings", verbose_name="comité")
    held_on = models.DateField("date")
    place = models.CharField("lieu", max_length=160, blank=True)
    state = models.CharField(
        "état", max_length=7, choices=MeetingState.choices, default=MeetingState.PLANNED, editable=False
    )
    notes = models.TextField("notes", blank=True)
    history = audited()

    class Meta:
        verbose_name = "réunion"
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "held_on"],
                name="meeting_day_unique",
                violation_error_message="Le comité a déjà une réunion ce jour-là.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.committee}, {self.held_on:%d/%m/%Y}"


class AgendaItem(models.Model):
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="items", verbose_name="réunion")
    position = CountField("rang", default=1, lowest=1)
    title = models.CharField("titre", max_length=200)
    discussion = models.TextField("discussion", blank=True)
    history = audited()

    class Meta:
        verbose_name = "point de l'ordre du jour"
        verbose_name_plural = "points de l'ordre du jour"
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "position"],
                name="agenda_item_position_unique",
                violation_error_message="Un autre point de l'ordre du jour a déjà ce rang.",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Decision(models.Model):
    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="decisions", verbose_name="point")
    text = models.TextField("décision")
    effect = models.CharField("effet", max_length=16, choices=DecisionEffect.choices, default=DecisionEffect.NONE)
    scenario = models.ForeignKey(
        Scenario, models.PROTECT, null=True, blank=True, related_name="decisions", verbose_name="scénario"
    )
    campaign = models.ForeignKey(
        Campaign,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name="campagne de candidatures",
    )
    history = audited()

    class Meta:
        verbose_name = "décision"
        constraints = [
            models.CheckConstraint(
                condition=~Q(effect=DecisionEffect.ADOPTS_SCENARIO) | Q(scenario__isnull=False),
                name="decision_effect_names_scenario",
                violation_error_message="Une décision qui arrête le programme nomme le scénario.",
            ),
            models.CheckConstraint(
                condition=~Q(effect=DecisionEffect.FREEZES_RANKING) | Q(campaign__isnull=False),
                name="decision_effect_names_campaign",
                violation_error_message="Une décision qui arrête la liste nomme la campagne.",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    def clean(self) -> None:
        if self.item_id and self.scenario_id:
            authority_id = self.item.meeting.committee.authority_id
            check_same_authority("scenario", "Ce scénario est celui", self.scenario.plan, authority_id)
        if self.item_id and self.campaign_id:
            authority_id = self.item.meeting.committee.authority_id
            check_same_authority("campaign", "Cette campagne est celle", self.campaign, authority_id)


class Action(models.Model):
    """What somebody must do after an item; it may be marked as done after the meeting is closed."""

    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="actions", verbose_name="point")
    label = models.CharField("action", max_length=250)
    owner = models.CharField("qui", max_length=160)
    due_on = models.DateField("échéance", null=True, blank=True)
    done_on = models.DateField("faite le", null=True, blank=True)
    history = audited()

    class Meta:
        verbose_name = "action"

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        if self.done_on and self.item_id and self.done_on < self.item.meeting.held_on:
            raise ValidationError({"done_on": "Une action n'est pas faite avant la réunion qui la décide."})
