"""What the documents of the register say of a sitting and of its acts: as recorded or counted, the unknown left unknown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from deliberations.domain import act as core
from deliberations.domain.attendance import Attendance, Roll, attendance_at
from deliberations.domain.result import CheckResult, Quorum
from deliberations.enums import ActState, AttendanceEvent, EntryKind, IdentifierKind, Opinion, PresenceState, ProxyState
from deliberations.models import Act, Assembly, AttendanceChange, Ballot, CommissionOpinion, Mandate, Presence, Sitting
from deliberations.queries.checking import check_act, check_sitting, members_of
from deliberations.queries.reading import Block, Choice, choices_of, text_of
from deliberations.queries.rolls import active_mandates, place_of, roll_of

DELIBERATED = (ActState.ADOPTED, ActState.REJECTED, ActState.NOTED)


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
    """One sitting and its acts; its members are read once, whatever the number of acts."""

    def __init__(self, sitting: Sitting) -> None:
        self.sitting = sitting

    @cached_property
    def is_counted(self) -> bool:
        """Held with the product: who sits is known item by item."""
        return self.sitting.opened_at is not None and not self.sitting.past

    @cached_property
    def _mandates(self) -> dict[int, Mandate]:
        return {mandate.pk: mandate for mandate in active_mandates(self.sitting)}

    @cached_property
    def movements(self) -> list[Movement]:
        rows = self.sitting.attendance_changes.select_related("mandate").order_by("act__passage", "at", "pk")
        return [_movement(row) for row in rows]

    @cached_property
    def notes(self) -> dict[int | None, list[str]]:
        """What was noted of the debates while the assembly sat, by the key of the act."""
        found: dict[int | None, list[str]] = {}
        for payload in (
            self.sitting.entries.filter(kind=EntryKind.NOTE).order_by("sequence").values_list("payload", flat=True)
        ):
            text = str(payload.get("text") or "").strip()
            if text:
                found.setdefault(payload.get("act"), []).append(text)
        return found

    @cached_property
    def acts(self) -> list[Act]:
        """In their order of passage; those of no passage last, by number."""
        rows = self.sitting.acts.select_related("ballot", "chair", "signatory").order_by("passage", "number", "pk")
        acts = list(rows)
        for act in acts:
            act.sitting = self.sitting
        return sorted(acts, key=lambda act: act.passage is None)

    def called(self, act: Act | None, result: CheckResult) -> Called:
        if self.is_counted:
            return self._counted(result, place_of(act))
        return self._recorded(members_of(self.sitting, act), result)

    def _counted(self, result: CheckResult, place: int) -> Called:
        """No query: the members of the sitting are read once."""
        held: Attendance = attendance_at(self._roll, place)

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

    def sheet(self, act: Act) -> ActSheet:
        result = check_act(act)
        identifiers = list(act.identifiers.order_by("kind", "pk"))
        ballot: Ballot | None = getattr(act, "ballot", None)
        return ActSheet(
            act=act,
            called=self.called(act, result),
            blocks=text_of(act),
            reporters=list(act.reporters.order_by("position").values_list("published_name", flat=True)),
            commissions=_commissions(act),
            annexes=list(act.annexes.filter(public=True).order_by("position").values_list("title", flat=True)),
            actes=next((row.value for row in identifiers if row.kind == IdentifierKind.ACTES), ""),
            numbers=[
                (row.get_kind_display(), row.value)
                for row in identifiers
                if row.kind != IdentifierKind.ACTES and row.value != act.number
            ],
            vote=_said(ballot, result) if ballot is not None else None,
            result=result,
            executory_on=result.executory_on,
        )

    @property
    def opening(self) -> Called:
        return self.called(None, check_sitting(self.sitting))


def _movement(row: AttendanceChange) -> Movement:
    at = f"{row.at:%H}\u00a0h\u00a0{row.at:%M}" if row.at else ""
    return Movement(row.event, AttendanceEvent(row.event).label, row.mandate.display_name, at, row.act_id)


def _commissions(act: Act) -> list[str]:
    """Those written on the act, then each opinion given."""
    given = [
        f"{row.commission}, {f'le {row.held_on:%d/%m/%Y}, ' if row.held_on else ''}{_opinion(row)}"
        for row in act.opinions.order_by("held_on", "pk")
    ]
    return [*(line.strip() for line in act.commissions.splitlines() if line.strip()), *given]


def _opinion(row: CommissionOpinion) -> str:
    said = row.get_opinion_display().lower()
    return said if row.opinion == Opinion.NONE else f"avis {said}"


def _said(ballot: Ballot, result: CheckResult) -> Said:
    choices = choices_of(ballot)
    if ballot.secret:  # whatever the rows hold, a secret ballot names nobody (CGCT L2121-21)
        choices = [replace(choice, votes=(), named=False, others=False) for choice in choices]
    return Said(ballot, choices, verdict_of(ballot, result), ballot.stated_result_text)


def verdict_of(ballot: Ballot | None, result: CheckResult) -> str:
    """The result as it is read out: from the figures, else as the act writes it."""
    if result.tally.label is None:
        return (ballot.stated_result_text or ballot.get_stated_result_display()) if ballot else ""
    if result.tally.result != core.ADOPTED:
        return result.tally.label.capitalize()
    return f"Adoptée {result.tally.label}"


def register_sittings(assembly: Assembly, first: date, last: date) -> list[Sitting]:
    """Those of the period that deliberated on something, in order."""
    rows = assembly.sittings.filter(held_on__gte=first, held_on__lte=last, acts__state__in=DELIBERATED)
    return list(rows.select_related("assembly__authority", "chair").distinct().order_by("held_on", "held_at", "pk"))
