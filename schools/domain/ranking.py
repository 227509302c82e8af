"""The ranking of a call for projects: exact, and the same whatever the order in which things are given.

A mark goes straight from 0 at `floor` to 1 at `full` (which may be the lower of the two), 0 and 1 beyond; a criterion gives its weight times
the mark. Points and scores are exact fractions: they are rounded to be shown, never to be compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from plan_numerique.shared.money import round_ratio

SOCIAL_INDEX, PUPILS, SUBMITTED = "social_index", "pupils", "submitted"
UAI = "uai"
ORDERS = {SOCIAL_INDEX: (SOCIAL_INDEX, PUPILS), PUPILS: (PUPILS,), SUBMITTED: (SUBMITTED,)}
"""What is compared for each tie rule, before the UAI."""

SCALE = 10_000
STRONG, WEAK = Fraction(2, 3), Fraction(1, 3)
RETAINED, WAITING, REFUSED = "retained", "waiting", "refused"


@dataclass(frozen=True, slots=True)
class Criterion:
    id: int
    weight: int
    floor: Fraction
    full: Fraction
    default: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """`id` is the UAI. `submitted` only has to sort: the moment as ISO writes it, in one time zone."""

    id: str
    values: Mapping[int, Fraction | None]
    social_index: Fraction | None = None
    pupils: int | None = None
    submitted: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """`value` is None where it is unknown; `used` is then the default of the criterion, None where it has none."""

    criterion: int
    weight: int
    value: Fraction | None
    used: Fraction | None
    mark: Fraction

    @property
    def points(self) -> Fraction:
        return self.weight * self.mark

    @property
    def unknown(self) -> bool:
        return self.value is None


@dataclass(frozen=True, slots=True)
class Tie:
    """A neighbour of the same score, and what parted the two."""

    other: str
    rule: str


@dataclass(frozen=True, slots=True)
class Line:
    """`tied`: how many others have the same score; `ties`: those just before and just after by the rule."""

    candidate: str
    place: int
    by_score: int
    score: Fraction
    points: tuple[Point, ...]
    tied: int
    ties: tuple[Tie, ...]
    fixed: bool


def ten_thousandths(value: Fraction) -> int:
    return round_ratio(value.numerator * SCALE, value.denominator)


def mark_of(criterion: Criterion, value: Fraction | None) -> Fraction:
    if value is None:
        return Fraction(0)
    mark = Fraction(value - criterion.floor, criterion.full - criterion.floor)
    return min(max(mark, Fraction(0)), Fraction(1))


def point_of(criterion: Criterion, value: Fraction | None) -> Point:
    used = criterion.default if value is None else value
    return Point(criterion.id, criterion.weight, value, used, mark_of(criterion, used))


def ranking(
    criteria: Iterable[Criterion], candidates: Iterable[Candidate], departures: Mapping[str, int], tie_rule: str
) -> tuple[Line, ...]:
    """Lines by place. Points come in the order of the criteria's numbers. `departures`: a place from 1 for a candidate, each place once;
    ValueError otherwise."""
    known = sorted(criteria, key=lambda each: each.id)
    points = {
        each.id: (each, tuple(point_of(criterion, each.values.get(criterion.id)) for criterion in known))
        for each in candidates
    }
    scores = {uai: sum((point.points for point in held), Fraction(0)) for uai, (_, held) in points.items()}
    order = sorted(points, key=lambda uai: (-scores[uai], _tie_key(points[uai][0], tie_rule)))
    places = placed(order, departures)
    groups = _groups(order, scores)
    lines = []
    for rank, uai in enumerate(order):
        group = groups[scores[uai]]
        neighbours = [order[at] for at in (rank - 1, rank + 1) if 0 <= at < len(order) and order[at] in group]
        ties = tuple(Tie(other, _parted_by(points[uai][0], points[other][0], tie_rule)) for other in neighbours)
        lines.append(
            Line(uai, places[uai], rank + 1, scores[uai], points[uai][1], len(group) - 1, ties, uai in departures)
        )
    return tuple(sorted(lines, key=lambda line: line.place))


def _groups(order: Sequence[str], scores: Mapping[str, Fraction]) -> dict[Fraction, set[str]]:
    groups: dict[Fraction, set[str]] = {}
    for uai in order:
        groups.setdefault(scores[uai], set()).add(uai)
    return groups


def _tie_key(candidate: Candidate, tie_rule: str) -> tuple[tuple[bool, Fraction | int | str], ...]:
    """What is unknown comes last."""
    keys: dict[str, tuple[bool, Fraction | int | str]] = {
        SOCIAL_INDEX: (candidate.social_index is None, candidate.social_index or Fraction(0)),
        PUPILS: (candidate.pupils is None, -(candidate.pupils or 0)),
        SUBMITTED: (not candidate.submitted, candidate.submitted),
    }
    return (*(keys[name] for name in ORDERS[tie_rule]), (False, candidate.id))


def _parted_by(one: Candidate, other: Candidate, tie_rule: str) -> str:
    names = (*ORDERS[tie_rule], UAI)
    keys = zip(names, _tie_key(one, tie_rule), _tie_key(other, tie_rule), strict=True)
    return next((name for name, mine, theirs in keys if mine != theirs), UAI)


def placed(order: Sequence[str], departures: Mapping[str, int]) -> dict[str, int]:
    """The place of each: those that are fixed stand there, the others fill what is left in their order. A place beyond the last is the last
    that is free, the furthest asked first."""
    total = len(order)
    if len(set(departures.values())) != len(departures) or any(place < 1 for place in departures.values()):
        raise ValueError("departures: places from 1, each once")
    if not departures.keys() <= set(order):
        raise ValueError("departures: of candidates only")
    places = {uai: place for uai, place in departures.items() if place <= total}
    free = sorted(set(range(1, total + 1)) - set(places.values()))
    beyond = [uai for uai, place in departures.items() if place > total]
    for uai in sorted(beyond, key=lambda each: -departures[each]):
        places[uai] = free.pop()
    others = (uai for uai in order if uai not in places)
    return {**places, **dict(zip(others, free, strict=True))}


def outcomes(order: Iterable[str], seats: int | None, refused: Iterable[str]) -> dict[str, str]:
    """What follows for each, by place: who is refused takes no seat; the first `seats` of the others are retained (all, where no number is
    given) and the rest wait."""
    kept_out, left = set(refused), seats
    found = {}
    for uai in order:
        if uai in kept_out:
            found[uai] = REFUSED
        elif left is None or left > 0:
            found[uai], left = RETAINED, None if left is None else left - 1
        else:
            found[uai] = WAITING
    return found


def strength(mark: Fraction, unknown: bool = False) -> str:
    """What a mark says of an application, for the reasons of a letter: strong, weak, or nothing to say."""
    if unknown:
        return ""
    return "strong" if mark >= STRONG else "weak" if mark <= WEAK else ""


def display_points(value: int) -> str:
    """Ten-thousandths of a point, with two decimals or those that count: « 62,50 », « 13,3333 »."""
    whole, rest = divmod(value, SCALE)
    return f"{whole},{f'{rest:04d}'.rstrip('0').ljust(2, '0')}"
