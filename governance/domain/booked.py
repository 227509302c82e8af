"""What is booked on an authorisation, day by day: never beyond what was voted by then (domain-rules 5.1). TTC cents.

The commitments are one sum, under the amount of the authorisation; the payments of each exercise are another, under the credits of
that exercise. What a vote sets holds from its day to the next one's, and nothing is booked before the first."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate

from governance.domain.authorisations import Version
from plan_numerique.shared.money import display_euros

COMMITMENTS = 0
"""Place of the commitments, which are of no exercise; a payment is at the place of its exercise."""
Moves = Mapping[tuple[int, date], int]
"""Cents by place and day, below 0 to give back."""
LIMITS = "(CGCT, L2311-3)"


@dataclass(frozen=True, slots=True)
class Standing:
    """An authorisation in time: its votes in order, one by day at most; cents by day at each place."""

    votes: tuple[Version, ...]
    places: Mapping[int, Mapping[date, int]]

    def moved(self, moves: Moves) -> "Standing":
        touched = {place: dict(self.places.get(place, {})) for place, _ in moves}
        for (place, day), cents in moves.items():
            touched[place][day] = touched[place].get(day, 0) + cents
        return replace(self, places={**self.places, **touched})

    def without(self, moves: Moves) -> "Standing":
        return self.moved({key: -cents for key, cents in moves.items()})

    def voted(self, version: Version) -> "Standing":
        return replace(self, votes=_in_order((*self.votes, version)))


@dataclass(frozen=True, slots=True)
class Overrun:
    """On `day`, for the first time, `booked` is further than it was beyond what `version` set; None: nothing was voted yet."""

    place: int
    day: date
    booked: int
    version: Version | None


def standing(versions: Iterable[Version], moves: Moves) -> Standing:
    return Standing(_in_order(versions), {}).moved(moves)


def _in_order(versions: Iterable[Version]) -> tuple[Version, ...]:
    """Of two votes of one day, the last one holds."""
    ordered = sorted(versions, key=lambda version: (version.voted_on, version.number))
    return tuple({version.voted_on: version for version in ordered}.values())


def first_overrun(before: Standing, after: Standing) -> Overrun | None:
    """None where no day is worse than it was: what was wrong already may stay, and may be put right step by step."""
    found = [
        overrun
        for place in {*before.places, *after.places}
        if before.votes != after.votes or before.places.get(place) is not after.places.get(place)
        if not _sound(place, after)
        if (overrun := next(_overruns(place, before, after), None))
    ]
    return min(found, key=lambda overrun: (overrun.day, overrun.place), default=None)


def _sound(place: int, one: Standing) -> bool:
    """Nothing is beyond on any day: told at once for the many lines of a file, without comparing day by day."""
    booked = one.places.get(place, {})
    days = sorted(booked)
    sums = [0, *accumulate(map(booked.__getitem__, days))]
    starts = [bisect_left(days, version.voted_on) for version in one.votes]
    ends = [*starts, len(days)]
    return not any(sums[: ends[0] + 1]) and all(
        max(sums[start : end + 1]) <= limit_of(place, version)
        for version, start, end in zip(one.votes, starts, ends[1:], strict=True)
    )


def _overruns(place: int, before: Standing, after: Standing) -> Iterator[Overrun]:
    former, new = before.places.get(place, {}), after.places.get(place, {})
    then, since = ({version.voted_on: version for version in one.votes} for one in (before, after))
    same_votes = then == since
    was = now = 0
    old: Version | None = None
    version: Version | None = None
    for day in sorted({*former, *new, *then, *since}):
        was += former.get(day, 0)
        now += new.get(day, 0)
        old, version = then.get(day, old), since.get(day, version)
        if same_votes and was == now:
            continue
        if _beyond(place, now, version) > _beyond(place, was, old):
            yield Overrun(place, day, now, version)


def _beyond(place: int, booked: int, version: Version | None) -> int:
    """Before the first vote nothing may be booked, not even given back."""
    return abs(booked) if version is None else max(0, booked - limit_of(place, version))


def limit_of(place: int, version: Version) -> int:
    return version.amount if place == COMMITMENTS else version.credits.get(place, 0)


def refusal(overrun: Overrun, after: Standing, dated_on: date | None = None, *, verb: str = "feraient") -> str:
    """In French. `dated_on`: date of the piece that would bring it; None where several do, or a vote."""
    votes = after.votes
    if overrun.version is None and not votes:
        when = f"À la date du {dated_on:%d/%m/%Y}" if dated_on else f"Le {overrun.day:%d/%m/%Y}"
        return f"{when}, aucun vote n'a ouvert l'autorisation : rien ne s'y engage ni ne s'y paie {LIMITS}."
    if overrun.version is None:
        return (
            f"La date du {min(dated_on or overrun.day, overrun.day):%d/%m/%Y} précède le premier vote de l'autorisation, du "
            f"{votes[0].voted_on:%d/%m/%Y} : rien ne s'y engage ni ne s'y paie avant {LIMITS}."
        )
    what = "les engagements" if overrun.place == COMMITMENTS else f"les paiements de {overrun.place}"
    when = f" le {overrun.day:%d/%m/%Y}" if overrun.day != dated_on else ""
    told = f"{what} {verb} {display_euros(overrun.booked)}{when}"
    told = f"À la date du {dated_on:%d/%m/%Y}, {told}" if dated_on else told[0].upper() + told[1:]
    sets = "autorise" if overrun.place == COMMITMENTS else f"ouvre pour {overrun.place}"
    version = overrun.version
    later = next((vote for vote in votes if vote.voted_on > overrun.day), None)
    after_that = f" Le vote suivant est du {later.voted_on:%d/%m/%Y}." if later else ""
    return (
        f"{told} : la version {version.number}, votée le {version.voted_on:%d/%m/%Y}, {sets} "
        f"{display_euros(limit_of(overrun.place, version))} {LIMITS}.{after_that}"
    )
