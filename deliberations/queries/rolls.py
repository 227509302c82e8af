"""The attendance of a sitting held with the product, as the pure core reads it: four queries whatever the number of members."""

from collections.abc import Mapping
from datetime import date

from django.db.models import Q

from deliberations.domain import act as core
from deliberations.domain.attendance import Attendance, Move, ProxySpan, Roll, attendance_at
from deliberations.domain.names import MemberName
from deliberations.enums import AttendanceEvent, ProxyState
from deliberations.models import Act, Mandate, Sitting

OPENING = 0


def active_mandates(sitting: Sitting) -> list[Mandate]:
    """Members in office on the day, alternates among them, in the order of the table."""
    day = sitting.held_on
    return list(
        Mandate.objects.filter(
            Q(starts_on=None) | Q(starts_on__lte=day),
            Q(ends_on=None) | Q(ends_on__gte=day),
            assembly_id=sitting.assembly_id,
        ).order_by("rank", "pk")
    )


def sits_on(mandate: Mandate, day: date) -> bool:
    return (mandate.starts_on is None or mandate.starts_on <= day) and (
        mandate.ends_on is None or mandate.ends_on >= day
    )


def named(mandate: Mandate) -> MemberName:
    """How the core is told a member."""
    return MemberName(mandate.display_name, mandate.pk)


def roll_of(sitting: Sitting, mandates: list[Mandate] | None = None) -> Roll:
    """Places are the passages of the acts; what names no act holds from the opening."""
    mandates = active_mandates(sitting) if mandates is None else mandates
    changes = list(
        sitting.attendance_changes.order_by("pk").values_list("mandate_id", "event", "act_id", "act__passage")
    )
    withdrawals: dict[int, set[int]] = {}
    for member, event, act, place in changes:
        if event == AttendanceEvent.WITHDRAWAL and act is not None:
            withdrawals.setdefault(place or OPENING, set()).add(member)
    spans = sitting.proxies.filter(state__in=(ProxyState.GIVEN, ProxyState.REVOKED)).order_by("pk")
    return Roll(
        members=tuple(mandate.pk for mandate in mandates if mandate.alternate_for_id is None),
        opening=dict(sitting.presences.values_list("mandate_id", "state")),
        # In the order of the sitting: one entered late, for an item already examined, does not undo those that followed it.
        moves=tuple(
            Move(member, place or OPENING, event != AttendanceEvent.DEPARTURE)
            for member, event, _, place in sorted(changes, key=lambda change: change[3] or OPENING)
            if event != AttendanceEvent.WITHDRAWAL
        ),
        proxies=tuple(
            ProxySpan(giver, holder, since or OPENING, until)
            for giver, holder, since, until, state in spans.values_list(
                "giver_id", "holder_id", "from_act__passage", "until_act__passage", "state"
            )
            if until is not None or state == ProxyState.GIVEN
        ),
        withdrawals=withdrawals,
        alternates={
            mandate.pk: mandate.alternate_for_id for mandate in mandates if mandate.alternate_for_id is not None
        },
    )


def place_of(act: Act | None) -> int:
    return OPENING if act is None or act.passage is None else act.passage


def attendance_of_item(sitting: Sitting, act: Act | None) -> tuple[Attendance, dict[int, Mandate]]:
    """With the members by their key; without an act, at the opening."""
    mandates = active_mandates(sitting)
    return attendance_at(roll_of(sitting, mandates), place_of(act)), {mandate.pk: mandate for mandate in mandates}


def counted_members(sitting: Sitting, act: Act | None) -> core.Members:
    """What the checks read of a sitting held with the product: nothing in it is stated, all is counted."""
    return members_at(*attendance_of_item(sitting, act))


def members_at(held: Attendance, members: Mapping[int, Mandate]) -> core.Members:
    def names(keys: tuple[int, ...]) -> tuple[str, ...]:
        return tuple(named(members[key]) for key in keys)

    return core.Members(
        in_office=held.in_office,
        present=len(held.present),
        absent=len(held.absent) + len(held.excused),
        excused=len(held.excused),
        represented=len(held.proxies),
        present_names=names(held.present),
        absent_names=names(held.absent + held.excused),
        excused_names=names(held.excused),
        withdrawn_names=names(held.withdrawn),
        proxies=tuple(
            core.Proxy(named(members[giver]), named(members[holder])) for giver, holder in held.proxies.items()
        ),
    )
