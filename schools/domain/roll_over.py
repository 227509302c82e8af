"""The rentrée: the classes of one school year carried to the next, with openings, closings and mergers (product.md J1).

Nothing here depends on the order in which movements are given. A movement that does not hold is refused with a sentence and changes
nothing; the others apply. The year that is left is not touched: what comes out is only the year that begins."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count, dropwhile
from unicodedata import combining, normalize

from schools.domain.levels import CLASS_KINDS, LEVELS
from schools.domain.uai import is_uai

OPEN_CLASS, CLOSE_CLASS, CHANGE_CLASS = "open_class", "close_class", "change_class"
MERGE, NEW_UAI, CLOSE_SCHOOL = "merge", "new_uai", "close_school"
WHOLE_SCHOOL = (MERGE, CLOSE_SCHOOL)
OF_CLASS = (CLOSE_CLASS, CHANGE_CLASS)
SAID = {
    OPEN_CLASS: ("name", "kind", "levels"),
    CLOSE_CLASS: ("school_class",),
    CHANGE_CLASS: ("school_class", "name", "kind", "levels"),
    MERGE: ("into",),
    NEW_UAI: ("new_uai",),
    CLOSE_SCHOOL: (),
}
"""What each movement says beside the school and the reason."""
NAME_LENGTH, FORMER_LENGTH = 60, 30
COMMON_WORDS = frozenset(["ecole", "maternelle", "elementaire", "primaire", "publique", "privee"])


@dataclass(frozen=True, slots=True)
class HeldSchool:
    id: int
    uai: str
    name: str
    open: bool = True


@dataclass(frozen=True, slots=True)
class HeldClass:
    """`counts`: (level, pupils) pairs, the level "" where none is stated."""

    id: int
    school: int
    name: str
    kind: str
    counts: tuple[tuple[str, int], ...] = ()

    @property
    def pupils(self) -> int:
        return sum(pupils for _, pupils in self.counts)


@dataclass(frozen=True, slots=True)
class Movement:
    """`school_class`: the class closed or changed; `name`, `kind`, `levels`: those of a class opened or changed (empty: as it is);
    `into`: the school that takes the other in; `new_uai` of a school that keeps its classes."""

    id: int
    move: str
    school: int
    school_class: int | None = None
    name: str = ""
    kind: str = ""
    levels: tuple[str, ...] = ()
    into: int | None = None
    new_uai: str = ""


@dataclass(frozen=True, slots=True)
class NextClass:
    """A class of the year that begins. `came_from`: the class it carries on, None for an opening."""

    school: int
    name: str
    kind: str
    counts: tuple[tuple[str, int], ...]
    came_from: int | None

    @property
    def pupils(self) -> int:
        return sum(pupils for _, pupils in self.counts)


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Pupils of a class that closes, or of a level that a class gives up: the headcounts to come say where they go."""

    school: int
    level: str
    pupils: int


@dataclass(frozen=True, slots=True)
class Refusal:
    movement: int
    message: str


@dataclass(frozen=True, slots=True)
class Rentree:
    """`hosts`: absorbed school → school that takes it in; `uais`: school → its UAI from now on."""

    classes: tuple[NextClass, ...]
    unplaced: tuple[Unplaced, ...]
    closed_schools: tuple[int, ...]
    hosts: Mapping[int, int]
    uais: Mapping[int, str]
    refusals: tuple[Refusal, ...]


def roll_over(
    schools: Iterable[HeldSchool],
    classes: Iterable[HeldClass],
    movements: Iterable[Movement],
    taken_uais: Iterable[str] = (),
    settled: Iterable[int] = (),
) -> Rentree:
    """`taken_uais`: those that other schools have, or had. `settled`: schools whose classes of the year that begins are known already:
    nothing is carried over for them. Classes come out by school, then name."""
    book = _Book({each.id: each for each in schools}, {each.id: each for each in classes}, frozenset(settled))
    kept = book.accept(sorted(movements, key=lambda each: each.id), set(taken_uais))
    hosts = {each.school: each.into for each in kept if each.move == MERGE and each.into is not None}
    closed = {each.school for each in kept if each.move == CLOSE_SCHOOL}
    unplaced: Counter[tuple[int, str]] = Counter()
    after = _carried(book, kept, closed, unplaced)
    return Rentree(
        classes=tuple(_placed(after, hosts, book.schools)),
        unplaced=tuple(Unplaced(*key, pupils) for key, pupils in sorted(unplaced.items()) if pupils),
        closed_schools=tuple(sorted(closed | set(hosts))),
        hosts=hosts,
        uais={each.school: each.new_uai for each in kept if each.move == NEW_UAI},
        refusals=tuple(book.refusals),
    )


@dataclass
class _Book:
    schools: Mapping[int, HeldSchool]
    classes: Mapping[int, HeldClass]
    settled: frozenset[int]
    refusals: list[Refusal] = field(default_factory=list)

    def accept(self, movements: Sequence[Movement], taken: set[str]) -> list[Movement]:
        """Those that hold, by number: first each by itself, then together."""
        kept = []
        for each in movements:
            if message := self._fault(each, taken):
                self.refusals.append(Refusal(each.id, message))
            else:
                kept.append(each)
        kept = self._without_twice(kept)
        kept = self._without_chains(kept)
        kept = self._without_gone(kept)
        self.refusals.sort(key=lambda each: each.movement)
        return kept

    def _fault(self, each: Movement, taken: set[str]) -> str:
        school = self.schools.get(each.school)
        if school is None or not school.open:
            return "L'école n'est pas ouverte."
        if each.move == NEW_UAI:
            return _uai_fault(each.new_uai, school, taken)
        host = self.schools.get(each.into or 0) if each.move == MERGE else None
        for known in (school, host):
            if known is not None and known.id in self.settled:
                return f"« {known.name} » a déjà ses classes de cette rentrée : elles restent comme elles sont."
        return self._merger_fault(each) if each.move == MERGE else self._class_fault(each, school)

    def _merger_fault(self, each: Movement) -> str:
        host = self.schools.get(each.into or 0)
        missing = host is None or not host.open or host.id == each.school
        return "L'école qui accueille est une autre école, ouverte." if missing else ""

    def _class_fault(self, each: Movement, school: HeldSchool) -> str:
        if each.move in OF_CLASS:
            held = self.classes.get(each.school_class or 0)
            if held is None or held.school != each.school:
                return f"Cette classe n'est pas une classe de « {school.name} » cette année-là."
        return _class_fault(each) if each.move in {OPEN_CLASS, CHANGE_CLASS} else ""

    def _refuse(self, each: Movement, message: str) -> None:
        self.refusals.append(Refusal(each.id, message))

    def _without_twice(self, movements: Sequence[Movement]) -> list[Movement]:
        """A class moves once, a school closes, merges or changes its UAI once, a UAI is given once: of two, neither is right."""
        counted = Counter(key for each in movements for key in _once(each))
        kept = []
        for each in movements:
            if twice := [key for key in _once(each) if counted[key] > 1]:
                self._refuse(each, f"Deux mouvements se contredisent : {twice[0][0]}.")
            else:
                kept.append(each)
        return kept

    def _without_chains(self, movements: Sequence[Movement]) -> list[Movement]:
        """A school that is absorbed or closes takes no other in."""
        leaving = {each.school for each in movements if each.move in WHOLE_SCHOOL}
        kept = []
        for each in movements:
            if each.move == MERGE and each.into in leaving:
                self._refuse(each, f"« {self.schools[each.into].name} » ferme ou fusionne à cette même rentrée.")
            else:
                kept.append(each)
        return kept

    def _without_gone(self, movements: Sequence[Movement]) -> list[Movement]:
        """Nothing opens or changes in a school that closes; a merger keeps what its classes go through."""
        closing = {each.school for each in movements if each.move == CLOSE_SCHOOL}
        merging = {each.school for each in movements if each.move == MERGE}
        kept = []
        for each in movements:
            closed = each.school in closing and each.move != CLOSE_SCHOOL
            if closed or (each.school in merging and each.move == NEW_UAI):
                self._refuse(each, f"« {self.schools[each.school].name} » ferme ou fusionne à cette même rentrée.")
            else:
                kept.append(each)
        return kept


def _once(each: Movement) -> list[tuple[str, object]]:
    if each.move in OF_CLASS:
        return [("une classe n'a qu'un mouvement", each.school_class)]
    if each.move in WHOLE_SCHOOL:
        return [("une école ferme ou fusionne une fois", each.school)]
    if each.move == NEW_UAI:
        return [
            ("une école ne change qu'une fois d'UAI", each.school),
            ("un UAI n'est donné qu'à une école", each.new_uai),
        ]
    return []


def _class_fault(each: Movement) -> str:
    if each.move == OPEN_CLASS and not each.name.strip():
        return "Une classe ouverte porte un nom."
    if each.move == CHANGE_CLASS and not (each.name.strip() or each.kind or each.levels):
        return "Rien ne change : donner un nouveau nom, d'autres niveaux ou un autre dispositif."
    if len(each.name) > NAME_LENGTH:
        return f"Un nom de classe a {NAME_LENGTH} caractères au plus."
    if unknown := [level for level in each.levels if level not in LEVELS]:
        return f"« {unknown[0]} » n'est pas un niveau : {', '.join(LEVELS)}."
    if each.kind and each.kind not in CLASS_KINDS:
        return f"« {each.kind} » n'est pas un dispositif : {', '.join(CLASS_KINDS)}."
    return ""


def _uai_fault(uai: str, school: HeldSchool, taken: set[str]) -> str:
    if not is_uai(uai):
        return f"« {uai} » n'est pas un UAI : sept chiffres puis la lettre de contrôle, par exemple 0861030C."
    if uai == school.uai:
        return f"« {school.name} » porte déjà l'UAI {uai}."
    return (
        f"L'UAI {uai} est ou a été celui d'une école de la collectivité : il ne sert qu'une fois."
        if uai in taken
        else ""
    )


def _carried(
    book: _Book, movements: Sequence[Movement], closed: set[int], unplaced: Counter[tuple[int, str]]
) -> list[NextClass]:
    """Each class as it goes on, in its own school; mergers come after."""
    of_class = {each.school_class: each for each in movements if each.move in OF_CLASS}
    after: list[NextClass] = []
    for held in sorted(book.classes.values(), key=lambda each: each.id):
        moved = of_class.get(held.id)
        school = book.schools.get(held.school)
        if school is None or not school.open or held.school in book.settled:
            continue
        if held.school in closed or (moved is not None and moved.move == CLOSE_CLASS):
            unplaced.update({(held.school, level): pupils for level, pupils in held.counts})
        elif moved is None:
            after.append(NextClass(held.school, held.name, held.kind, held.counts, held.id))
        else:
            after.append(_changed(held, moved, unplaced))
    for each in movements:
        if each.move == OPEN_CLASS:
            counts = tuple((level, 0) for level in _ordered(each.levels))
            after.append(NextClass(each.school, each.name.strip(), each.kind or CLASS_KINDS[0], counts, None))
    return after


def _changed(held: HeldClass, moved: Movement, unplaced: Counter[tuple[int, str]]) -> NextClass:
    """Levels given: those that stay keep their pupils, new ones begin at 0, the pupils of the others are to place."""
    counts = held.counts
    if moved.levels:
        known = dict(held.counts)
        counts = tuple((level, known.pop(level, 0)) for level in _ordered(moved.levels))
        unplaced.update({(held.school, level): pupils for level, pupils in known.items()})
    return NextClass(held.school, moved.name.strip() or held.name, moved.kind or held.kind, counts, held.id)


def _ordered(levels: Iterable[str]) -> list[str]:
    return sorted(set(levels), key=LEVELS.index)


def _placed(after: Sequence[NextClass], hosts: Mapping[int, int], schools: Mapping[int, HeldSchool]) -> list[NextClass]:
    """In the school that takes them in, under a name that no other class of it has: the school's own classes keep theirs, those
    that come say where from (« Classe 1 (ex-Bouloux) »), then by number."""
    by_school: defaultdict[int, list[tuple[bool, str, NextClass]]] = defaultdict(list)
    for each in after:
        host = hosts.get(each.school, each.school)
        by_school[host].append((each.school != host, schools[each.school].uai, each))
    found: list[NextClass] = []
    for host, rows in by_school.items():
        names: set[str] = set()
        for comes, _, each in sorted(rows, key=lambda row: (row[0], row[1], row[2].name, row[2].came_from or 0)):
            name = _free_name(each.name, short_name(schools[each.school].name) if comes else "", names)
            names.add(name)
            found.append(NextClass(host, name, each.kind, each.counts, each.came_from))
    return sorted(found, key=lambda each: (schools[each.school].uai, each.name))


def short_name(name: str) -> str:
    """« Bouloux » of « École maternelle publique Bouloux »: what tells a school from its neighbours, within what a class name can take."""
    words = name.split()
    rest = list(dropwhile(lambda word: _plain(word) in COMMON_WORDS, words))
    return " ".join(rest or words)[:FORMER_LENGTH].rstrip()


def _plain(word: str) -> str:
    return "".join(letter for letter in normalize("NFD", word.casefold()) if not combining(letter))


def _free_name(name: str, former: str, taken: set[str]) -> str:
    marks = chain(("", f" (ex-{former})") if former else ("",), (f" ({_ex(former)}{rank})" for rank in count(2)))
    return next(found for mark in marks if (found := name[: NAME_LENGTH - len(mark)] + mark) not in taken)


def _ex(former: str) -> str:
    return f"ex-{former} " if former else ""
