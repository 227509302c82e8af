"""A sitting while it is held: what an entry is checked against, and the state that the room sees. A dozen queries, whatever the
number of members, of items and of entries so far."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Max

from deliberations.domain.attendance import Attendance, Roll, attendance_at
from deliberations.domain.ballots import COUNTED, Cast, Heard, Poll, by_casting_vote, contradiction, heard
from deliberations.domain.passage import Item
from deliberations.enums import ActKind, ActState, BallotMethod, BallotMode, EntryKind, LegalCode, ProxyState
from deliberations.models import Act, AttendanceChange, Ballot, Mandate, Proxy, Sitting, SittingEntry, Vote
from deliberations.queries.checking import settings_of
from deliberations.queries.convening import second_items
from deliberations.queries.rolls import active_mandates, place_of, roll_of

SET_ASIDE = (ActState.WITHDRAWN, ActState.ADJOURNED)
LONG_TEXTS = ("summary_note", "title_note", "dates_note", "identifiers_note", "commissions")
_DIGITS = re.compile(r"(\d+)")


class _Names(dict[int, str]):
    def __missing__(self, member: int) -> str:
        return "un membre qui n'est plus en exercice"


@dataclass
class Floor:
    """The sitting with its members, items, moves and proxies, read at once. `current`: key of the item under examination."""

    sitting: Sitting
    members: dict[int, Mandate]
    acts: list[Act]
    roll: Roll
    changes: list[AttendanceChange]
    proxies: list[Proxy]
    current: int | None
    _attendances: dict[int, Attendance] = field(default_factory=dict)

    def attendance(self, act: Act | None) -> Attendance:
        place = place_of(act)
        if place not in self._attendances:
            self._attendances[place] = attendance_at(self.roll, place)
        return self._attendances[place]

    @cached_property
    def names(self) -> dict[int, str]:
        return _Names({key: member.display_name for key, member in self.members.items()})

    @cached_property
    def by_key(self) -> dict[int, Act]:
        return {act.pk: act for act in self.acts}

    @property
    def order(self) -> list[Item]:
        return [Item(act.pk, is_examined(act), is_waiting(act)) for act in self.acts]

    @property
    def item(self) -> Act | None:
        return None if self.current is None else self.by_key.get(self.current)

    @property
    def given(self) -> dict[int, int]:
        """Proxies in force, giver to holder."""
        given = [proxy for proxy in self.proxies if proxy.state == ProxyState.GIVEN]
        return {proxy.giver_id: proxy.holder_id for proxy in given if proxy.giver_id in self.members}

    @cached_property
    def second_items(self) -> set[int]:
        return second_items(self.sitting)

    def presiding(self, act: Act | None) -> int | None:
        """Who presides over the item, if they sit for it: the chair of the sitting unless it names its own (CGCT L2121-14)."""
        held, chair = self.attendance(act), (act.chair_id if act is not None else None) or self.sitting.chair_id
        return chair if chair in held.present and chair not in held.withdrawn else None


def is_examined(act: Act) -> bool:
    return act.examined_at is not None


def is_waiting(act: Act) -> bool:
    return act.examined_at is None and act.state == ActState.DRAFT


def is_proclaimed(act: Act) -> bool:
    ballot = ballot_of(act)
    return ballot is not None and ballot.proclaimed_at is not None


def ballot_of(act: Act) -> Ballot | None:
    found: Ballot | None = getattr(act, "ballot", None)
    return found


def in_order(acts: Iterable[Act]) -> list[Act]:
    """By passage, then those without one by number as read (2 before 10)."""
    return sorted(
        acts,
        key=lambda act: (
            act.passage is None,
            act.passage or 0,
            [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in _DIGITS.split(act.number)],
            act.pk,
        ),
    )


def floor_of(sitting: Sitting) -> Floor:
    """Nine queries."""
    mandates = active_mandates(sitting)
    acts = in_order(Act.objects.filter(sitting=sitting).select_related("ballot").defer(*LONG_TEXTS))
    for act in acts:
        act.sitting = sitting
    return Floor(
        sitting=sitting,
        members={mandate.pk: mandate for mandate in mandates},
        acts=acts,
        roll=roll_of(sitting, mandates),
        changes=list(sitting.attendance_changes.order_by("pk")),
        proxies=list(sitting.proxies.order_by("pk")),
        current=_current(sitting, {act.pk: act for act in acts}),
    )


def _current(sitting: Sitting, acts: dict[int, Act]) -> int | None:
    """The item opened last, until it is withdrawn or adjourned."""
    kinds = (EntryKind.ITEM_OPENED, EntryKind.RESULT_REOPENED)
    payload = (
        sitting.entries.filter(kind__in=kinds).order_by("-sequence").values_list("payload", flat=True).first()
    ) or {}
    act = acts.get(int(payload.get("act", 0)))
    return act.pk if act is not None and is_examined(act) and act.state not in SET_ASIDE else None


@dataclass(frozen=True)
class Polled:
    """The vote on an item as it stands: `poll` and the voices heard, None where it does not name anybody; `chair`: who presides."""

    poll: Poll
    votes: dict[int, Cast]
    voices: Heard | None
    chair: int | None = None


def poll_of(floor: Floor, act: Act, ballot: Ballot, votes: dict[int, Cast]) -> Polled:
    """The chair's vote is that of the names where they tell it, and nobody's while no chair sits. What is proclaimed is read as it
    was kept."""
    held, chair = floor.attendance(act), floor.presiding(act)
    voices = heard(held, votes, ballot.others_voted) if ballot.mode == BallotMode.BY_NAME else None
    counts: dict[str, int | None] = {
        "for": ballot.for_count,
        "against": ballot.against_count,
        "abstain": ballot.abstain_count,
        "not_voting": ballot.not_voting_count,
    }
    chair_vote = ballot.chair_vote
    if ballot.proclaimed_at is None:
        counts = counts if voices is None else dict(voices.counts)
        said = voices.choices if voices is not None else {}
        chair_vote = "" if chair is None else said.get(chair, chair_vote)
    poll = Poll(
        mode=ballot.mode,
        counts=counts,
        blank=(ballot.blank_count or 0) if ballot.mode in COUNTED else 0,
        secret=ballot.secret,
        stated=ballot.stated_result,
        chair_vote=chair_vote,
        second_convocation=without_quorum(floor, act),
    )
    return Polled(poll, votes, voices, chair)


def without_quorum(floor: Floor, act: Act) -> bool:
    """A second sitting decides without quorum, on what the first was convened for only (domain-rules 4.2)."""
    return act.pk in floor.second_items and not act.added_in_sitting


def sequence_of(sitting: Sitting) -> int:
    """Number of the last entry, one query: the tag of the state."""
    return SittingEntry.objects.filter(sitting=sitting).aggregate(last=Max("sequence"))["last"] or 0


def votes_of(ballots: Iterable[Ballot]) -> dict[int, dict[int, Cast]]:
    """Names of each vote, by member: one query."""
    found: dict[int, dict[int, Cast]] = {}
    rows = Vote.objects.filter(ballot__in=list(ballots)).order_by("pk")
    for ballot, member, choice, proxy in rows.values_list("ballot_id", "mandate_id", "choice", "with_proxy"):
        found.setdefault(ballot, {})[member] = Cast(choice, proxy)
    return found


def shares_of(sitting: Sitting) -> dict[str, int | None]:
    """One part in how many of those present obtains a public or a secret vote; None where no setting says it."""
    values = settings_of(sitting.held_on)
    return {
        BallotMethod.PUBLIC: values.get(LegalCode.PUBLIC_BALLOT_SHARE),
        BallotMethod.SECRET: values.get(LegalCode.SECRET_BALLOT_SHARE),
    }


def method_of(ballot: Ballot) -> str:
    if ballot.secret:
        return BallotMethod.SECRET
    return BallotMethod.PUBLIC if ballot.public else BallotMethod.HANDS


def contradicted(floor: Floor, acts: Iterable[Act]) -> str:
    """Why a vote proclaimed on one of these items could not have been with the members as they are now; "" where all could."""
    ballots = [
        (act, ballot) for act in acts if (ballot := ballot_of(act)) is not None and ballot.proclaimed_at is not None
    ]
    names = votes_of(ballot for _, ballot in ballots)
    for act, ballot in ballots:
        polled = poll_of(floor, act, ballot, names.get(ballot.pk, {}))
        if act.kind == ActKind.INFORMATION and ballot.mode not in COUNTED:
            continue
        why = contradiction(floor.attendance(act), polled.poll, polled.votes, floor.names) or _casting_fault(polled)
        if why:
            return (
                f"Le vote proclamé de l'affaire « {act} » ne serait plus possible : {why}. Rouvrir d'abord ce scrutin "
                "(CGCT, article L2121-20)."
            )
    return ""


def _casting_fault(polled: Polled) -> str:
    """Why the casting vote that decided could not be that of the chair as it is now."""
    if not by_casting_vote(polled.poll):
        return ""
    if polled.chair is None:
        return "la voix prépondérante y décide, et personne n'y préside plus"
    said = polled.voices.choices.get(polled.chair) if polled.voices is not None else None
    return (
        ""
        if said in (None, polled.poll.chair_vote)
        else "la voix prépondérante y décide, et qui préside n'y a pas voté ainsi"
    )
