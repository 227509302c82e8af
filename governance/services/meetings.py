from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from django.db import transaction

from governance.enums import DecisionEffect, MeetingState
from governance.models import Action, AgendaItem, Decision, Meeting
from governance.services.checks import require_same_parent
from governance.services.ranking import freeze_ranking, require_freezable
from governance.services.scenarios import adopt_scenario
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.audit.services import action
from plan_numerique.shared.errors import DomainError

M2M = Mapping[str, Any] | None
UnderItem = TypeVar("UnderItem", Decision, Action)


def require_not_closed(meeting: Meeting) -> None:
    """Inside a transaction: the row is read again and held, so that it is not closed meanwhile."""
    row = Meeting.objects.select_for_update().filter(pk=meeting.pk).first()
    if row is not None and row.state == MeetingState.CLOSED:
        raise DomainError(f"La réunion « {meeting} » est close : son relevé ne change plus.")


@transaction.atomic
def save_meeting(*, instance: Meeting, by: User | None, reason: str = "", m2m: M2M = None) -> Meeting:
    require_same_parent(instance, "committee")
    require_not_closed(instance)
    return audit.save(instance=instance, by=by, authority=instance.committee.authority, reason=reason)


@transaction.atomic
def delete_meeting(*, instance: Meeting, by: User | None, reason: str = "") -> None:
    require_not_closed(instance)
    audit.delete(instance=instance, by=by, authority=instance.committee.authority, reason=reason)


@transaction.atomic
def open_meeting(*, meeting: Meeting, by: User | None) -> Meeting:
    require_not_closed(meeting)
    if meeting.state != MeetingState.PLANNED:
        raise DomainError("Seule une réunion prévue peut être ouverte.")
    return _move(meeting, MeetingState.OPENED, "governance.meeting_opened", "Réunion ouverte", by)


def close_meeting(*, meeting: Meeting, by: User | None) -> Meeting:
    """Locks the meeting and takes the effects of its decisions: a scenario adopted becomes the programme, a list is frozen."""
    with action(
        "governance.meeting_closed", "Réunion close", by=by, authority=meeting.committee.authority, target=meeting
    ):
        require_not_closed(meeting)
        effects = Decision.objects.filter(item__meeting=meeting).exclude(effect=DecisionEffect.NONE)
        for decision in effects.select_related(
            "scenario__plan__authority", "scenario__rule_set", "item__meeting__committee__authority", "campaign"
        ).order_by("item__position", "pk"):
            _take_effect(decision, by)
        return _move(meeting, MeetingState.CLOSED, "governance.meeting_closed", "Réunion close", by)


def _take_effect(decision: Decision, by: User | None) -> None:
    if decision.effect == DecisionEffect.ADOPTS_SCENARIO and decision.scenario is not None:
        reason = f"Décision du comité : {decision.text[:300]}"
        adopt_scenario(scenario=decision.scenario, by=by, reason=reason, decision=decision)
    if decision.effect == DecisionEffect.FREEZES_RANKING and decision.campaign is not None:
        freeze_ranking(decision=decision, campaign=decision.campaign, by=by)


def _move(meeting: Meeting, state: str, verb: str, label: str, by: User | None) -> Meeting:
    with action(verb, label, by=by, authority=meeting.committee.authority, target=meeting):
        meeting.state = state
        meeting.save(update_fields=["state"])
    return meeting


@transaction.atomic
def save_agenda_item(*, instance: AgendaItem, by: User | None, reason: str = "", m2m: M2M = None) -> AgendaItem:
    require_same_parent(instance, "meeting")
    require_not_closed(instance.meeting)
    return audit.save(instance=instance, by=by, authority=instance.meeting.committee.authority, reason=reason)


@transaction.atomic
def delete_agenda_item(*, instance: AgendaItem, by: User | None, reason: str = "") -> None:
    require_not_closed(instance.meeting)
    audit.delete(instance=instance, by=by, authority=instance.meeting.committee.authority, reason=reason)


@transaction.atomic
def save_decision(*, instance: Decision, by: User | None, reason: str = "", m2m: M2M = None) -> Decision:
    require_not_closed(instance.item.meeting)
    require_freezable(instance)
    return _save_under_item(instance, by, reason)


@transaction.atomic
def delete_decision(*, instance: Decision, by: User | None, reason: str = "") -> None:
    require_not_closed(instance.item.meeting)
    audit.delete(instance=instance, by=by, authority=instance.item.meeting.committee.authority, reason=reason)


@transaction.atomic
def save_action(*, instance: Action, by: User | None, reason: str = "", m2m: M2M = None) -> Action:
    return _save_under_item(instance, by, reason)


def _save_under_item(instance: UnderItem, by: User | None, reason: str) -> UnderItem:
    require_same_parent(instance, "item")
    require_not_closed(instance.item.meeting)
    return audit.save(instance=instance, by=by, authority=instance.item.meeting.committee.authority, reason=reason)


@transaction.atomic
def delete_action(*, instance: Action, by: User | None, reason: str = "") -> None:
    require_not_closed(instance.item.meeting)
    audit.delete(instance=instance, by=by, authority=instance.item.meeting.committee.authority, reason=reason)


def finish_action(*, action_row: Action, on: date, by: User | None) -> Action:
    """The one change that a closed meeting lets through: what was decided gets done later."""
    if action_row.done_on:
        raise DomainError("Cette action est déjà faite.")
    action_row.done_on = on
    return audit.save(
        instance=action_row, by=by, authority=action_row.item.meeting.committee.authority, reason="Action faite"
    )
