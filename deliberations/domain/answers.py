"""What the answers to a convocation promise: who may still hold a proxy, and how many are expected."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from deliberations.domain.tally import majority_of

PRESENT, ABSENT, PROXY = "present", "absent", "proxy"


def may_hold(member: int, giver: int, proxies: Mapping[int, int], away: Collection[int], per_holder: int) -> bool:
    """`proxies`, giver to holder, as given so far; `away`, members who said they would not come. A holder is present, is not
    represented, and has not more than `per_holder` proxies (CGCT L2121-20)."""
    others = {other: holder for other, holder in proxies.items() if other != giver}
    held = Counter(others.values())[member]
    return member not in (giver, *others) and member not in away and held < per_holder


def holders_for(
    giver: int, members: Iterable[int], proxies: Mapping[int, int], away: Collection[int], per_holder: int
) -> list[int]:
    return [member for member in members if may_hold(member, giver, proxies, away, per_holder)]


@dataclass(frozen=True, slots=True)
class Promised:
    """`members` in office, in the order of the table, alternates apart (`alternates`: alternate to titular); `answers` by member."""

    members: tuple[int, ...]
    answers: Mapping[int, str] = field(default_factory=dict)
    proxies: Mapping[int, int] = field(default_factory=dict)
    alternates: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expected:
    """Every seat is in one of the four; `silent` holds those whose proxy fell with its holder."""

    present: tuple[int, ...]
    represented: tuple[int, ...]
    absent: tuple[int, ...]
    silent: tuple[int, ...]

    @property
    def in_office(self) -> int:
        return len(self.present) + len(self.represented) + len(self.absent) + len(self.silent)

    @property
    def needed(self) -> int:
        return majority_of(self.in_office)

    @property
    def reached(self) -> bool:
        """Members present alone count in the quorum (CGCT L2121-17)."""
        return bool(self.in_office) and len(self.present) >= self.needed


def expected_of(promised: Promised) -> Expected:
    """A seat whose titular is absent is filled by an alternate who comes."""
    answers = promised.answers
    filled = {titular for alternate, titular in promised.alternates.items() if answers.get(alternate) == PRESENT}

    def place(member: int) -> str:
        said = answers.get(member, "")
        if said == ABSENT and member in filled:
            return PRESENT
        if said == PROXY and member not in promised.proxies:
            return ""
        return said

    places = {member: place(member) for member in promised.members}

    def of(code: str) -> tuple[int, ...]:
        return tuple(member for member, said in places.items() if said == code)

    return Expected(of(PRESENT), of(PROXY), of(ABSENT), of(""))
