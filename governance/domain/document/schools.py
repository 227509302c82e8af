"""Reading of the schools and their classes: by columns, many schools at once, and one by one where something is wrong."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from governance.domain.document.readers import (
    UNSOUND,
    Choice,
    Flag,
    Integer,
    Key,
    ListOf,
    Reader,
    Record,
    Report,
    Rows,
    Text,
    check_unique,
)
from schools.domain.levels import CLASS_KINDS, LEVELS, SCHOOL_KINDS, SECTORS
from schools.domain.table import SchoolColumns

NAME = Text(blank=False)
LEVEL = Choice(LEVELS, "niveau inconnu")
SCHOOL_KIND = Choice(SCHOOL_KINDS, "type d'école inconnu")
SECTOR = Choice(SECTORS, "secteur inconnu")
CLASS_KIND = Choice(CLASS_KINDS, "type de classe inconnu")

CLASS = Record(
    {
        "id": Key(NAME, required=True),
        "levels": Key(ListOf(LEVEL), default=()),
        "kind": Key(CLASS_KIND, default="ordinaire"),
        "pupils": Key(Integer(), default=0),
        "volunteer": Key(Flag(), default=False),
    }
)
SCHOOL = Record(
    {
        "id": Key(NAME, required=True),
        "kind": Key(SCHOOL_KIND, required=True),
        "sector": Key(SECTOR, default="public"),
        "floors": Key(Integer(), default=1),
        "classes": Key(Rows(CLASS), default=()),
        "priority_rank": Key(Integer(least=1)),
    }
)
_AT_ONCE = 2000


class Schools(Reader):
    """Reads into SchoolColumns; where a school is unsound its id at least is there, or UNSOUND in its place."""

    def read(self, value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, list):
            return report.add(path, "liste attendue")
        columns = SchoolColumns()
        for start in range(0, len(value), _AT_ONCE):
            rows = value[start : start + _AT_ONCE]
            if not _extend(columns, rows):
                _extend_one_by_one(columns, rows, start, path, report)
        check_unique(columns.id, path, report)
        return columns


def _extend(columns: SchoolColumns, rows: Sequence[Any]) -> bool:
    """Add schools that are all sound; False, with nothing added, where one is not."""
    schools = SCHOOL.columns(rows)
    if schools is None:
        return False
    classes = CLASS.columns(list(chain.from_iterable(schools["classes"])))
    counts = list(map(len, schools["classes"]))
    if classes is None or not _unique_by_school(classes["id"], counts):
        return False
    _append(columns, schools, counts, classes)
    return True


def _unique_by_school(ids: Sequence[str], counts: Sequence[int]) -> bool:
    start = 0
    for count in counts:
        if len(set(ids[start : start + count])) != count:
            return False
        start += count
    return True


def _extend_one_by_one(columns: SchoolColumns, rows: Sequence[Any], start: int, path: str, report: Report) -> None:
    before = len(report.problems)
    schools = [SCHOOL.read(row, f"{path}[{start + rank}]", report) for rank, row in enumerate(rows)]
    if len(report.problems) > before:
        columns.id.extend(UNSOUND if school is UNSOUND else school["id"] for school in schools)
        return
    classes = [each for school in schools for each in school["classes"]]
    _append(
        columns,
        {name: [school[name] for school in schools] for name in SCHOOL.keys},
        [len(school["classes"]) for school in schools],
        {name: [each[name] for each in classes] for name in CLASS.keys},
    )


def _append(
    columns: SchoolColumns, schools: dict[str, list[Any]], counts: list[int], classes: dict[str, list[Any]]
) -> None:
    columns.id += schools["id"]
    columns.kind += schools["kind"]
    columns.sector += schools["sector"]
    columns.floors += schools["floors"]
    columns.priority_rank += schools["priority_rank"]
    columns.class_count += counts
    columns.class_id += classes["id"]
    columns.class_levels += classes["levels"]
    columns.class_kind += classes["kind"]
    columns.class_pupils += classes["pupils"]
    columns.class_volunteer += classes["volunteer"]
