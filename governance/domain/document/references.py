"""Checks across the values of the document: what one names must be there. Made only where both sides are sound."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from governance.domain.announced import BY_EXERCISE, GRANTS, parse_key
from governance.domain.document.fields import check_exercises
from governance.domain.document.readers import UNSOUND, Report, key_path, quoted
from schools.domain.table import SchoolColumns

Known = frozenset[Any] | None


@dataclass(frozen=True, slots=True)
class KnownNames:
    """None where what is known cannot be told, since a name of that list is itself unsound."""

    exercises: Known
    items: Known
    packs: Known
    schools: Known
    grants: Known


def check_references(document: Mapping[str, Any], report: Report) -> None:
    schools = document["schools"]
    names = KnownNames(
        exercises=_known_exercises(document["exercises"]),
        items=_known_ids(document["items"]),
        packs=_known_ids(document["packs"]),
        schools=None if schools is UNSOUND else _all_sound(schools.id),
        grants=_known_ids(document["funding"]),
    )
    _check_equipment(document, names, report)
    _check_years_and_schools(document, names, report)
    _check_caps(document["yearly_cap_ttc"], names, report)
    _check_named_classes(document, names.schools, report)
    for path, row in _sound_rows(document, "announced"):
        _check_announced(row["key"], f"{path}.key", names, report)


def _known_exercises(exercises: Any) -> Known:
    if exercises is UNSOUND or UNSOUND in exercises:
        return None
    report = Report()
    check_exercises(exercises, "", report)
    return None if report.problems else frozenset(exercises)


def _known_ids(rows: Any) -> Known:
    if rows is UNSOUND or UNSOUND in rows:
        return None
    return _all_sound([row["id"] for row in rows])


def _all_sound(ids: Iterable[Any]) -> Known:
    known = frozenset(ids)
    return None if UNSOUND in known else known


def _sound_rows(holder: Mapping[str, Any], name: str, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    rows = holder[name]
    if rows is not UNSOUND:
        for position, row in enumerate(rows):
            if row is not UNSOUND:
                yield f"{key_path(path, name)}[{position}]", row


def _check_equipment(document: Mapping[str, Any], names: KnownNames, report: Report) -> None:
    for path, pack in _sound_rows(document, "packs"):
        for line_path, line in _sound_rows(pack, "lines", path):
            _check_name(line["item"], names.items, f"{line_path}.item", "article inconnu", report)
    for path, rule in _sound_rows(document, "rules"):
        _check_name(rule["pack"], names.packs, f"{path}.pack", "pack inconnu", report)
        _check_name(rule["item"], names.items, f"{path}.item", "article inconnu", report)


def _check_years_and_schools(document: Mapping[str, Any], names: KnownNames, report: Report) -> None:
    for name in ("lump_sums", "phases"):
        for path, row in _sound_rows(document, name):
            _check_name(row["exercise"], names.exercises, f"{path}.exercise", "exercice inconnu", report)
    for path, row in _sound_rows(document, "recurring"):
        _check_names(row["exercises"], names.exercises, f"{path}.exercises", "exercice inconnu", report)
    for name in ("recurring", "phases"):
        for path, row in _sound_rows(document, name):
            _check_names(row["schools"], names.schools, f"{path}.schools", "école inconnue", report)


def _check_named_classes(document: Mapping[str, Any], schools: Known, report: Report) -> None:
    named = [
        each
        for path, row in _sound_rows(document, "phases")
        if "classes" in row
        for each in _sound_rows(row, "classes", path)
    ]
    if not named or schools is None:
        return
    classes = _classes_by_school(document["schools"])
    for path, row in named:
        _check_name(row["school"], schools, f"{path}.school", "école inconnue", report)
        if row["school"] in schools and classes is not None:
            _check_name(row["class"], frozenset(classes[row["school"]]), f"{path}.class", "classe inconnue", report)


def _classes_by_school(schools: SchoolColumns) -> Mapping[str, set[str]] | None:
    """Ids of the classes; None where a school is unsound, whose classes are then not read."""
    if len(schools.class_count) != len(schools.id):
        return None
    ids = iter(schools.class_id)
    classes: defaultdict[str, set[str]] = defaultdict(set)
    for school, count in zip(schools.id, schools.class_count, strict=True):
        classes[school].update(islice(ids, count))
    return classes


def _check_caps(caps: Any, names: KnownNames, report: Report) -> None:
    if isinstance(caps, dict) and names.exercises is not None:
        for year in caps:
            _check_name(int(year), names.exercises, f"yearly_cap_ttc.{year}", "exercice inconnu", report)


def _check_announced(written: Any, path: str, names: KnownNames, report: Report) -> None:
    if written is UNSOUND:
        return
    key = parse_key(written)
    if key is None:
        report.add(path, f"clé de montant inconnue {quoted(written)}")
    elif key.table == BY_EXERCISE:
        _check_name(int(key.name), names.exercises, path, "exercice inconnu", report)
    elif key.table == GRANTS:
        _check_name(key.name, names.grants, path, "subvention inconnue", report)


def _check_names(values: Any, known: Known, path: str, unknown: str, report: Report) -> None:
    if values is UNSOUND or known is None or known.issuperset(value for value in values if value is not UNSOUND):
        return
    for position, value in enumerate(values):
        _check_name(value, known, f"{path}[{position}]", unknown, report)


def _check_name(value: Any, known: Known, path: str, unknown: str, report: Report) -> None:
    if value is None or value is UNSOUND or known is None or value in known:
        return
    report.add(path, f"{unknown} {quoted(value)}")
