"""Who sits when each item is examined: the call at the opening, then who came, left, withdrew or gave a proxy. A member present
counts in the quorum; one represented never does (CGCT L2121-17); one who withdraws from an item leaves its quorum and keeps a
voice that does not vote (L2131-11; interchange 2, rules 2 and 3)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from deliberations.domain.tally import majority_of

PRESENT, REPRESENTED, EXCUSED, ABSENT = "present", "represented", "excused", "absent"


@dataclass(frozen=True, slots=True)
class Move:
    """A member comes (`here`) or leaves, from the item at `place` on."""

    member: int
    place: int
    here: bool


@dataclass(frozen=True, slots=True)
class ProxySpan:
    """Good from the item at `since` on, and before that at `until`."""

    giver: int
    holder: int
    since: int = 0
    until: int | None = None

    def covers(self, place: int) -> bool:
        return self.since <= place and (self.until is None or place < self.until)


@dataclass(frozen=True, slots=True)
class Roll:
    """`members`: in office, in the order of the table. `opening`: how each stands when called, unknown counts as absent.
    `alternates`: alternate to titular; an alternate sits only where the titular does not (CGCT L5211-6).
    `moves` in the order they happened; `withdrawals`: place of an item to those who withdrew from it."""

    members: tuple[int, ...]
    opening: Mapping[int, str] = field(default_factory=dict)
    moves: tuple[Move, ...] = ()
    proxies: tuple[ProxySpan, ...] = ()
    withdrawals: Mapping[int, Collection[int]] = field(default_factory=dict)
    alternates: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attendance:
    """At one item. `present` holds those who withdrew too; `proxies`: giver to holder, only those that count; `replaced`: titulars
    whose alternate sits; each tuple in the order of the table."""

    in_office: int
    present: tuple[int, ...]
    withdrawn: tuple[int, ...]
    proxies: Mapping[int, int]
    excused: tuple[int, ...]
    absent: tuple[int, ...]
    replaced: tuple[int, ...] = ()

    @property
    def voters(self) -> tuple[int, ...]:
        """One a voice: those present, then those represented."""
        return (*self.present, *self.proxies)

    @property
    def voices(self) -> int:
        return len(self.present) + len(self.proxies)

    @property
    def needed(self) -> int:
        return majority_of(self.in_office)

    @property
    def counted(self) -> int:
        return len(self.present) - len(self.withdrawn)

    @property
    def reached(self) -> bool:
        return self.counted >= self.needed

    @property
    def silent(self) -> tuple[int, ...]:
        """Voices that take no part: those who withdrew, and whoever is represented by one of them."""
        gone = set(self.withdrawn)
        return (*self.withdrawn, *(giver for giver, holder in self.proxies.items() if holder in gone))


def attendance_at(roll: Roll, place: int) -> Attendance:
    """`place` 0 is the opening; items are from 1."""
    here = {member for member, state in roll.opening.items() if state == PRESENT}
    for move in roll.moves:
        if move.place <= place:
            (here.add if move.here else here.discard)(move.member)
    replaced = _replaced(roll, here)
    seated = [member for member in roll.members if member in here]
    seated += [alternate for alternate in roll.alternates if alternate in replaced.values()]
    sitting = set(seated)
    good = {
        span.giver: span.holder
        for span in roll.proxies
        if span.covers(place) and span.holder in sitting and span.giver not in here | replaced.keys()
    }
    proxies = {member: good[member] for member in roll.members if member in good}
    away = [member for member in roll.members if member not in sitting | replaced.keys() | proxies.keys()]
    withdrawn = roll.withdrawals.get(place, ())
    return Attendance(
        in_office=len(roll.members),
        present=tuple(seated),
        withdrawn=tuple(member for member in seated if member in withdrawn),
        proxies=proxies,
        excused=tuple(member for member in away if roll.opening.get(member) == EXCUSED),
        absent=tuple(member for member in away if roll.opening.get(member) != EXCUSED),
        replaced=tuple(member for member in roll.members if member in replaced),
    )


def _replaced(roll: Roll, here: set[int]) -> dict[int, int]:
    """Titular to the alternate who sits in their seat: one at most, in the order of the table."""
    found: dict[int, int] = {}
    for alternate, titular in roll.alternates.items():
        if alternate in here and titular in roll.members and titular not in here:
            found.setdefault(titular, alternate)
    return found
