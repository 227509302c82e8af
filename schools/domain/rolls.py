"""Classes of a school where a register gives only their number and the pupils of each level (domain-rules 2.3): the share between
classes is computed, no class and no pupil is lost, and the same figures always give the same classes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

PRE_ELEMENTARY = ("PS", "MS", "GS")
ELEMENTARY = ("CP", "CE1", "CE2", "CM1", "CM2")
NO_LEVEL = ""
MOST_IN_CLASS = 200


@dataclass(frozen=True, slots=True)
class Roll:
    """`elementary`: pupils of each level from CP to CM2. ULIS and UEEA pupils are counted apart, as the register does."""

    classes: int
    pre_elementary: int = 0
    elementary: tuple[int, ...] = (0, 0, 0, 0, 0)
    ulis: int = 0
    ueea: int = 0

    @property
    def pupils(self) -> int:
        return self.pre_elementary + sum(self.elementary) + self.ulis + self.ueea


@dataclass(frozen=True, slots=True)
class EstimatedClass:
    """`counts`: (level, pupils), "" for pupils of no level, none of zero."""

    kind: str = "ordinaire"
    counts: tuple[tuple[str, int], ...] = ()

    @property
    def levels(self) -> list[str]:
        return [level for level, _ in self.counts if level]

    @property
    def pupils(self) -> int:
        return sum(pupils for _, pupils in self.counts)


def split(classes: int, pre: int, elementary: int) -> tuple[int, int]:
    """Classes between the two stages in proportion to pupils: largest remainder, ties to the first, one at least."""
    if not pre or not elementary:
        return (classes if pre else 0), (classes if elementary else 0)
    first, remainder = divmod(classes * pre, pre + elementary)
    first += 2 * remainder >= pre + elementary
    first = min(max(first, 1), classes - 1)
    return first, classes - first


def even(total: int, parts: int) -> list[int]:
    """Whole parts that differ by one at most, the first ones larger."""
    return [total // parts + (index < total % parts) for index in range(parts)]


def even_classes(classes: int, pupils: int) -> list[EstimatedClass]:
    """Where even the levels are unknown: classes of the same size."""
    return [EstimatedClass(counts=_told([(NO_LEVEL, size)])) for size in (even(pupils, classes) if classes else ())]


def estimated_classes(roll: Roll) -> list[EstimatedClass]:
    """Pre-elementary classes share PS, MS and GS evenly; elementary pupils stand in a line from CP to CM2, cut in classes of the same
    size; ULIS and UEEA pupils make a class each, last. A school of a single class has all its pupils there."""
    ordinary = roll.pre_elementary + sum(roll.elementary)
    count = max(roll.classes, 1 if roll.pupils else 0)
    apart = [EstimatedClass(kind, ((NO_LEVEL, n),)) for kind, n in (("ulis", roll.ulis), ("autre", roll.ueea)) if n]
    room = count - (1 if ordinary else 0)
    kept, crowded = apart[:room], sum(each.pupils for each in apart[room:])
    classes = list(_ordinary(roll, count - len(kept)))
    if crowded:
        host = classes if classes else kept
        host[-1] = EstimatedClass(host[-1].kind, _merged(host[-1].counts, crowded))
    return [*classes, *kept]


def _merged(counts: tuple[tuple[str, int], ...], crowded: int) -> tuple[tuple[str, int], ...]:
    without = sum(pupils for level, pupils in counts if not level) + crowded
    return (*(each for each in counts if each[0]), (NO_LEVEL, without))


def _ordinary(roll: Roll, classes: int) -> Iterator[EstimatedClass]:
    elementary = sum(roll.elementary)
    if classes == 1:
        levels = (*zip(PRE_ELEMENTARY, even(roll.pre_elementary, 3), strict=True), *_by_level(roll.elementary))
        yield EstimatedClass(counts=_told(levels))
        return
    if not roll.pre_elementary and not elementary:
        yield from (EstimatedClass() for _ in range(classes))
        return
    pre_classes, elementary_classes = split(classes, roll.pre_elementary, elementary)
    for size in even(roll.pre_elementary, pre_classes) if pre_classes else ():
        yield EstimatedClass(counts=_told(list(zip(PRE_ELEMENTARY, even(size, 3), strict=True))))
    yield from _cut(roll.elementary, elementary_classes)


def _cut(elementary: tuple[int, ...], classes: int) -> Iterator[EstimatedClass]:
    line = [level for level, pupils in _by_level(elementary) for _ in range(pupils)]
    start = 0
    for size in even(len(line), classes) if classes else ():
        yield EstimatedClass(counts=tuple(Counter(line[start : start + size]).items()))
        start += size


def _by_level(elementary: tuple[int, ...]) -> list[tuple[str, int]]:
    return list(zip(ELEMENTARY, elementary, strict=True))


def _told(counts: Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple((level, pupils) for level, pupils in counts if pupils)


def roll_faults(roll: Roll, *, total: int | None = None, elementary: int | None = None) -> list[tuple[str, str]]:
    """What does not add up in a line of the register, as (field, sentence). `total`, `elementary`: as the line states them."""
    faults = []
    levels = sum(roll.elementary)
    if elementary is not None and elementary != levels:
        told = " + ".join(str(pupils) for pupils in roll.elementary)
        faults.append(("elementary", f"{elementary} élèves en élémentaire, mais CP à CM2 font {told} = {levels}."))
    if total is not None and total != roll.pupils:
        parts = [
            ("pré-élémentaire", roll.pre_elementary),
            ("élémentaire", levels),
            ("ULIS", roll.ulis),
            ("UEEA", roll.ueea),
        ]
        told = " + ".join(f"{name} {pupils}" for name, pupils in parts if pupils or name != "UEEA")
        faults.append(("pupils", f"{total} élèves en tout, mais {told} = {roll.pupils}."))
    if roll.pupils and not roll.classes:
        faults.append(("classes", f"{roll.pupils} élèves et aucune classe : donner le nombre de classes."))
    elif any(each.pupils > MOST_IN_CLASS for each in estimated_classes(roll)):
        faults.append(
            (
                "classes",
                f"{roll.pupils} élèves en {roll.classes} classes : une classe a {MOST_IN_CLASS} élèves au plus.",
            )
        )
    return faults
