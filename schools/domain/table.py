"""Schools and their classes: one by one for the pages, by columns for the computation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from schools.domain.columns import Column, integer_column
from schools.domain.levels import CLASS_KINDS, SCHOOL_KINDS, SECTORS, level_mask


@dataclass(frozen=True, slots=True)
class SchoolClass:
    id: str
    levels: tuple[str, ...] = ()
    kind: str = "ordinaire"
    pupils: int = 0
    volunteer: bool = False


@dataclass(frozen=True, slots=True)
class School:
    id: str
    kind: str
    sector: str = "public"
    floors: int = 1
    classes: tuple[SchoolClass, ...] = ()
    priority_rank: int | None = None


@dataclass
class SchoolColumns:
    """The values of schools and of their classes, school after school; a class is found by the count of each school."""

    id: list[str] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    sector: list[str] = field(default_factory=list)
    floors: list[int] = field(default_factory=list)
    priority_rank: list[int | None] = field(default_factory=list)
    class_count: list[int] = field(default_factory=list)
    class_id: list[str] = field(default_factory=list)
    class_levels: list[Sequence[str]] = field(default_factory=list)
    class_kind: list[str] = field(default_factory=list)
    class_pupils: list[int] = field(default_factory=list)
    class_volunteer: list[bool] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class SchoolTable:
    """Schools in the order of their source. Kinds and sectors are ranks in their tuple, levels a mask."""

    id: tuple[str, ...]
    kind: Column
    sector: Column
    floors: Column
    priority_rank: tuple[int | None, ...]
    class_id: tuple[str, ...]
    class_school: Column
    class_levels: Column
    class_kind: Column
    class_pupils: Column
    class_volunteer: Column

    def __len__(self) -> int:
        return len(self.id)

    @cached_property
    def index(self) -> dict[str, int]:
        return {school: rank for rank, school in enumerate(self.id)}

    @cached_property
    def class_count(self) -> Column:
        return np.bincount(self.class_school, minlength=len(self))

    @cached_property
    def pupils(self) -> Column:
        pupils = np.zeros(len(self), dtype=self.class_pupils.dtype)
        np.add.at(pupils, self.class_school, self.class_pupils)
        return pupils


class _LevelMasks(dict[tuple[str, ...], int]):
    def __missing__(self, levels: tuple[str, ...]) -> int:
        mask = self[levels] = level_mask(levels)
        return mask


def _ranks(values: Iterable[str], known: Sequence[str]) -> Column:
    rank = {value: position for position, value in enumerate(known)}
    return np.array(list(map(rank.__getitem__, values)), dtype=np.int8)


def table_of_columns(columns: SchoolColumns) -> SchoolTable:
    masks = _LevelMasks()
    return SchoolTable(
        id=tuple(columns.id),
        kind=_ranks(columns.kind, SCHOOL_KINDS),
        sector=_ranks(columns.sector, SECTORS),
        floors=integer_column(columns.floors),
        priority_rank=tuple(columns.priority_rank),
        class_id=tuple(columns.class_id),
        class_school=np.repeat(np.arange(len(columns.id)), np.array(columns.class_count, dtype=np.int64)),
        class_levels=np.array(list(map(masks.__getitem__, map(tuple, columns.class_levels))), dtype=np.int16),
        class_kind=_ranks(columns.class_kind, CLASS_KINDS),
        class_pupils=integer_column(columns.class_pupils),
        class_volunteer=np.array(columns.class_volunteer, dtype=np.bool_),
    )


def table_of_schools(schools: Iterable[School]) -> SchoolTable:
    schools = tuple(schools)
    classes = [each for school in schools for each in school.classes]
    return table_of_columns(
        SchoolColumns(
            id=[school.id for school in schools],
            kind=[school.kind for school in schools],
            sector=[school.sector for school in schools],
            floors=[school.floors for school in schools],
            priority_rank=[school.priority_rank for school in schools],
            class_count=[len(school.classes) for school in schools],
            class_id=[each.id for each in classes],
            class_levels=[each.levels for each in classes],
            class_kind=[each.kind for each in classes],
            class_pupils=[each.pupils for each in classes],
            class_volunteer=[each.volunteer for each in classes],
        )
    )
