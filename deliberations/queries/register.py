"""What the documents of the register say of a sitting and of its acts: as recorded or counted, the unknown left unknown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet, prefetch_related_objects

from deliberations.domain import act as core
from deliberations.domain.attendance import Attendance, Roll, attendance_at
from deliberations.domain.result import CheckResult, Quorum
from deliberations.enums import (
    ActKind,
    ActState,
    AttendanceEvent,
    EntryKind,
    IdentifierKind,
    Opinion,
    PresenceState,
    ProxyState,
    SittingState,
)
from deliberations.models import (
    Act,
    ActClause,
    ActIdentifier,
    Annex,
    Assembly,
    AttendanceChange,
    Ballot,
    CommissionOpinion,
    LegalSetting,
    Mandate,
    Presence,
    Reporter,
    Sitting,
    Vote,
)
from deliberations.queries.checking import check_sitting, count_act, executory_day, members_of
from deliberations.queries.deadlines import followed_laws
from deliberations.queries.reading import Block, Choice, choices_of, text_of
from deliberations.queries.rolls import active_mandates, members_at, place_of, roll_of

DELIBERATED = (ActState.ADOPTED, ActState.REJECTED, ActState.NOTED)
SET_ASIDE = (EntryKind.ITEM_WITHDRAWN, EntryKind.ITEM_ADJOURNED)
_COMMUNICATION = Q(kind=ActKind.INFORMATION, state=ActState.NOTED)


def is_deliberated(act: Act) -> bool:
    """Whether the register holds it: a communication that is noted decides nothing."""
    return act.state in DELIBERATED and not (act.kind == ActKind.INFORMATION and act.state == ActState.NOTED)


def deliberated(acts: QuerySet[Act]) -> QuerySet[Act]:
    """Those that `is_deliberated` holds for."""
    return acts.filter(~_COMMUNICATION, state__in=DELIBERATED)


@dataclass(frozen=True)
class Called:
    """Who sat: counts as stated or counted, names where they are known. `proxies`: giver and holder, "" where no holder is written."""

    counts: core.Members
    quorum: Quorum
    voices: int | None
    present: Sequence[str] = ()
    proxies: Sequence[tuple[str, str]] = ()
    excused: Sequence[str] = ()
    absent: Sequence[str] = ()
    withdrawn: Sequence[str] = ()


@dataclass(frozen=True)
class Movement:
    """A member comes, leaves, or withdraws from an act."""

    event: str
    label: str
    name: str
    at: str
    act: int | None


@dataclass(frozen=True)
class Said:
    """The vote: figures of the record, names only where they may be told."""

    ballot: Ballot
    choices: Sequence[Choice]
    verdict: str
    stated: str


@dataclass(frozen=True)
class ActSheet:
    """One act as the register has it."""

    act: Act
    called: Called
    blocks: Sequence[Block]
    reporters: Sequence[str]
    commissions: Sequence[str]
    annexes: Sequence[str]
    actes: str
    numbers: Sequence[tuple[str, str]]
    vote: Said | None
    result: CheckResult
    executory_on: date | None


class SittingReader:
    """One sitting and its acts; all is read once, whatever their number."""

    def __init__(self, sitting: Sitting) -> None:
        self.sitting = sitting

    @cached_property
    def is_counted(self) -> bool:
        """Held with the product: who sits is known item by item."""
        return self.sitting.opened_at is not None and not self.sitting.past

    @cached_property
    def _laws(self) -> list[LegalSetting]:
        return followed_laws()

    @cached_property
    def _mandates(self) -> dict[int, Mandate]:
        return {mandate.pk: mandate for mandate in active_mandates(self.sitting)}

    @cached_property
    def movements(self) -> list[Movement]:
        rows = self.sitting.attendance_changes.select_related("mandate").order_by(
            F("act__passage").asc(nulls_first=True), "pk"
        )
        return [_movement(row) for row in rows]

    @cached_property
    def notes(self) -> dict[int | None, list[str]]:
        """What was noted of the debates while the assembly sat, by the key of the act."""
        found: dict[int | None, list[str]] = {}
        for kind, payload in self._entries:
            text = str(payload.get("text") or "").strip()
            if kind == EntryKind.NOTE and text:
                found.setdefault(payload.get("act"), []).append(text)
        return found

    @cached_property
    def reasons(self) -> dict[int, str]:
        """Why each act was last withdrawn or adjourned, "" where nobody said."""
        told = [payload for kind, payload in self._entries if kind in SET_ASIDE]
        return {payload["act"]: str(payload.get("reason") or "").strip() for payload in told if payload.get("act")}

    @cached_property
    def _entries(self) -> list[tuple[str, dict[str, Any]]]:
        rows = self.sitting.entries.filter(kind__in=(EntryKind.NOTE, *SET_ASIDE)).order_by("sequence")
        return list(rows.values_list("kind", "payload"))

    @cached_property
    def acts(self) -> list[Act]:
        """In their order of passage; those of no passage last, by number."""
        rows = self.sitting.acts.select_related("ballot", "chair", "signatory").order_by("passage", "number", "pk")
        acts = list(rows)
        for act in acts:
            act.sitting = self.sitting
        return sorted(acts, key=lambda act: act.passage is None)

    @cached_property
    def whole_acts(self) -> list[Act]:
        """With all that their sheets print."""
        _complete(self.acts)
        return self.acts

    def chair_of(self, act: Act | None = None) -> tuple[Mandate | None, str]:
        """Who presides, and as what: for an act, its own chair or that of the sitting, nobody known where they no longer sit
        (CGCT L2121-14)."""
        own = act.chair if act is not None else None
        chair = own or self.sitting.chair
        if chair is None or (act is not None and self.is_counted and not self._sits(chair, act)):
            return None, ""
        return chair, own.function if own else self.sitting.chair_quality

    def _sits(self, member: Mandate, act: Act) -> bool:
        held = self._attendance(act)
        return member.pk in held.present and member.pk not in held.withdrawn

    def _attendance(self, act: Act | None) -> Attendance:
        return attendance_at(self._roll, place_of(act))

    def called(self, act: Act | None, members: core.Members, result: CheckResult) -> Called:
        return self._counted(self._attendance(act), result) if self.is_counted else self._recorded(members, result)

    def _counted(self, held: Attendance, result: CheckResult) -> Called:
        def names(keys: Iterable[int]) -> tuple[str, ...]:
            return tuple(self._mandates[key].display_name for key in keys)

        counts = core.Members(
            in_office=held.in_office,
            present=len(held.present),
            absent=len(held.absent) + len(held.excused),
            excused=len(held.excused),
            represented=len(held.proxies),
        )
        return Called(
            counts=counts,
            quorum=result.quorum,
            voices=result.voices,
            present=names(held.present),
            proxies=list(zip(names(held.proxies), names(held.proxies.values()), strict=True)),
            excused=names(held.excused),
            absent=names(held.absent),
            withdrawn=names(held.withdrawn),
        )

    @cached_property
    def _roll(self) -> Roll:
        return roll_of(self.sitting, list(self._mandates.values()))

    def _recorded(self, counts: core.Members, result: CheckResult) -> Called:
        rows, given, givers = self._listed
        proxies = dict(given)

        def names(state: PresenceState) -> list[str]:
            return [row.mandate.display_name for row in rows if row.state == state]

        represented = [
            (row.mandate.display_name, holder.display_name if (holder := proxies.pop(row.mandate_id, None)) else "")
            for row in rows
            if row.state == PresenceState.REPRESENTED
        ]
        unlisted = [(givers[key], holder.display_name) for key, holder in proxies.items()]
        return Called(
            counts=counts,
            quorum=result.quorum,
            voices=result.voices,
            present=names(PresenceState.PRESENT),
            proxies=[*represented, *unlisted],
            excused=names(PresenceState.EXCUSED),
            absent=names(PresenceState.ABSENT),
            withdrawn=counts.withdrawn_names or (),
        )

    @cached_property
    def _listed(self) -> tuple[list[Presence], dict[int, Mandate], dict[int, str]]:
        """The record's list in its order, who holds the voice of each giver, and the givers' names."""
        rows = self.sitting.presences.select_related("mandate").order_by("position", "mandate__rank", "pk")
        given = self.sitting.proxies.filter(state=ProxyState.GIVEN).select_related("giver", "holder").order_by("pk")
        proxies = list(given)
        return (
            list(rows),
            {proxy.giver_id: proxy.holder for proxy in proxies},
            {proxy.giver_id: proxy.giver.display_name for proxy in proxies},
        )

    def result(self, act: Act) -> CheckResult:
        return count_act(act, self._members(act), _votes(act))

    def _members(self, act: Act) -> core.Members:
        if self.is_counted:
            return members_at(self._attendance(act), self._mandates)
        gone = [row for row in self.movements if row.event == AttendanceEvent.WITHDRAWAL and row.act == act.pk]
        return replace(self._stated, withdrawn_names=tuple(row.name for row in gone))

    @cached_property
    def _stated(self) -> core.Members:
        return members_of(self.sitting)

    def sheet(self, act: Act) -> ActSheet:
        _complete([act])
        members, votes = self._members(act), _votes(act)
        result = count_act(act, members, votes)
        identifiers = list(act.identifiers.all())
        ballot: Ballot | None = getattr(act, "ballot", None)
        return ActSheet(
            act=act,
            called=self.called(act, members, result),
            blocks=text_of(act),
            reporters=[row.published_name for row in act.reporters.all()],
            commissions=_commissions(act),
            annexes=[row.title for row in act.annexes.all() if row.public],
            actes=next((row.value for row in identifiers if row.kind == IdentifierKind.ACTES), ""),
            numbers=[
                (row.get_kind_display(), row.value)
                for row in identifiers
                if row.kind != IdentifierKind.ACTES and row.value != act.number
            ],
            vote=_said(ballot, votes, result) if ballot is not None else None,
            result=result,
            executory_on=executory_day(act, self._laws),
        )

    @property
    def opening(self) -> Called:
        return self.called(None, self._stated, check_sitting(self.sitting))


def _complete(acts: Sequence[Act]) -> None:
    """Nothing is read twice."""
    prefetch_related_objects(
        acts,
        Prefetch("clauses", ActClause.objects.order_by("position")),
        Prefetch("reporters", Reporter.objects.order_by("position")),
        Prefetch("opinions", CommissionOpinion.objects.order_by("held_on", "pk")),
        Prefetch("identifiers", ActIdentifier.objects.order_by("kind", "pk")),
        Prefetch("annexes", Annex.objects.order_by("position")),
        Prefetch("ballot__votes", Vote.objects.select_related("mandate").order_by("position", "mandate__rank", "pk")),
        "figures",
    )


def _votes(act: Act) -> list[Vote]:
    ballot: Ballot | None = getattr(act, "ballot", None)
    return list(ballot.votes.all()) if ballot is not None else []


def _movement(row: AttendanceChange) -> Movement:
    at = f"{row.at:%H}\u00a0h\u00a0{row.at:%M}" if row.at else ""
    return Movement(row.event, AttendanceEvent(row.event).label, row.mandate.display_name, at, row.act_id)


def _commissions(act: Act) -> list[str]:
    """Those written on the act, then each opinion given."""
    given = [
        f"{row.commission}, {f'le {row.held_on:%d/%m/%Y}, ' if row.held_on else ''}{_opinion(row)}"
        for row in act.opinions.all()
    ]
    return [*(line.strip() for line in act.commissions.splitlines() if line.strip()), *given]


def _opinion(row: CommissionOpinion) -> str:
    said = row.get_opinion_display().lower()
    return said if row.opinion == Opinion.NONE else f"avis {said}"


def _said(ballot: Ballot, votes: Sequence[Vote], result: CheckResult) -> Said:
    return Said(ballot, choices_of(ballot, votes), verdict_of(ballot, result), ballot.stated_result_text)


def verdict_of(ballot: Ballot | None, result: CheckResult) -> str:
    """The result as it is read out: from the figures, else as the act writes it."""
    if result.tally.label is None:
        return (ballot.stated_result_text or ballot.get_stated_result_display()) if ballot else ""
    if result.tally.result != core.ADOPTED:
        return result.tally.label.capitalize()
    return f"Adoptée {result.tally.label}"


def register_sittings(assembly: Assembly, first: date, last: date) -> list[Sitting]:
    """Those of the period that are over and deliberated on something, in order."""
    over = Q(past=True) | Q(state=SittingState.CLOSED)
    held = deliberated(Act.objects.filter(sitting__assembly=assembly)).values("sitting")
    rows = assembly.sittings.filter(over, held_on__gte=first, held_on__lte=last, pk__in=held)
    return list(rows.select_related("assembly__authority", "chair").order_by("held_on", "held_at", "pk"))
