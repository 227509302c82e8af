"""Two people on one step of the wizard: the data that a form was shown from, and what the other wrote beside what was typed.

The version of a step is that of the scenario, then of the histories of the rows the step may change (web.versions)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Max, QuerySet
from django.utils.timezone import now as present

from governance.models import Funder, FundingLine, RecurringCost, Scenario, ScenarioCap, ScenarioPhase, ScenarioSchool
from governance.queries import PhaseData, RecurringData, ScenarioData
from governance.services.steps import Part, changed
from governance.services.told import ABSENT, ROW_KINDS, Key, Told, told
from plan_numerique.web import versions
from schools.models import School, SchoolClass

MODELS: Mapping[str, Any] = {
    "places": ScenarioSchool,
    "phases": ScenarioPhase,
    "caps": ScenarioCap,
    "recurring": RecurringCost,
    "funding": FundingLine,
}


def histories(scenario: int, part: Part) -> tuple[QuerySet[Any], ...]:
    return tuple(MODELS[name].history.filter(scenario_id=scenario) for name in part.rows)


def step_version(scenario: int, part: Part) -> str:
    """Ask it before reading the data: a change in between is then told, never missed."""
    return versions.version_at(Scenario, scenario, *histories(scenario, part))


def data_at(now: ScenarioData, part: Part, version: str) -> ScenarioData | None:
    """The data as they are, with this part as it was at that version; None where the version is not one of them."""
    scenario = now.scenario
    numbers = versions.records_of(version, 1 + len(part.rows))
    record = Scenario.history.filter(id=scenario.pk, history_id=numbers[0]).first()
    if record is None:
        return None
    then = changed(scenario, **{name: getattr(record, name) for name in _columns(part)})
    rows = {
        name: READERS[name](_records_at(history, number))
        for name, history, number in zip(part.rows, histories(scenario.pk, part), numbers[1:], strict=True)
    }
    return replace(now, scenario=then, **rows)


def _columns(part: Part) -> list[str]:
    fields: list[Any] = [Scenario._meta.get_field(name) for name in part.fields]
    return [field.attname for field in fields]


def _records_at(history: QuerySet[Any], number: int) -> list[Any]:
    """The last record of each row up to that one, rows deleted by then left out."""
    last = history.filter(history_id__lte=number).order_by().values("id").annotate(last=Max("history_id"))
    return list(history.filter(history_id__in=last.values("last")).exclude(history_type="-").order_by("id"))


def _row(record: Any) -> Any:
    row = record.instance
    row._state.adding = False
    return row


def _places_at(records: list[Any]) -> tuple[ScenarioSchool, ...]:
    schools = School.objects.select_related("commune").in_bulk([record.school_id for record in records])
    places = [_row(record) for record in records if record.school_id in schools]
    for place in places:
        place.school = schools[place.school_id]
    return tuple(sorted(places, key=lambda place: place.school.uai))


def _phases_at(records: list[Any]) -> tuple[PhaseData, ...]:
    classes = {record.pk: [row.schoolclass_id for row in record.classes.all()] for record in records}
    known = SchoolClass.objects.select_related("school").in_bulk([pk for keys in classes.values() for pk in keys])
    return tuple(
        PhaseData(
            exercise=record.exercise,
            covers_all=record.covers_all,
            levels=tuple(record.levels),
            schools=_uais_at(record),
            classes=tuple(sorted((known[pk].school.uai, known[pk].name) for pk in classes[record.pk] if pk in known)),
            school_year=record.school_year,
        )
        for record in sorted(records, key=lambda record: (record.position, record.id))
    )


def _uais_at(record: Any) -> tuple[str, ...]:
    keys = [row.school_id for row in record.schools.all()]
    return tuple(sorted(School.objects.filter(pk__in=keys).values_list("uai", flat=True)))


def _recurring_at(records: list[Any]) -> tuple[RecurringData, ...]:
    rows = [RecurringData(_row(record), _uais_at(record)) for record in records]
    return tuple(sorted(rows, key=lambda row: row.cost.code))


def _funding_at(records: list[Any]) -> tuple[FundingLine, ...]:
    funders = Funder.objects.in_bulk([record.funder_id for record in records])
    lines = [_row(record) for record in records]
    for line in lines:
        line.funder = funders.get(line.funder_id) or Funder(pk=line.funder_id, name="financeur supprimé")
    return tuple(sorted(lines, key=lambda line: (line.position, line.pk)))


READERS: Mapping[str, Callable[[list[Any]], Any]] = {
    "places": _places_at,
    "phases": _phases_at,
    "caps": lambda records: {record.exercise: record.amount for record in records},
    "recurring": _recurring_at,
    "funding": _funding_at,
}


def conflict_of(
    *,
    name: str,
    part: Part,
    shown: tuple[str, ScenarioData | None],
    stored: tuple[str, ScenarioData],
    typed: ScenarioData,
    kept: ScenarioData | None,
    left_out: Iterable[tuple[str, str]] = (),
) -> versions.Conflict:
    """`shown` and `stored`: a version and its data (None where they are not known any more). `kept`: what saving again would leave,
    None where it would be refused. `left_out`: (label, value) typed in fields that are no longer asked."""
    before = told(shown[1], part) if shown[1] else None
    changes = list(_changes(before, told(stored[1], part), told(typed, part), told(kept, part) if kept else {}))
    changes += [versions.Change("", label, versions.NOTHING, "n'est plus demandé", value) for label, value in left_out]
    records = list(_later(stored[1].scenario, part, shown[0]))
    records = sorted(records, key=lambda record: record.history_date)[0 if before is not None else -1 :]
    who = tuple(dict.fromkeys(str(record.history_user or "l'application") for record in records))
    at = records[-1].history_date if records else present()
    return versions.Conflict(name, who or ("quelqu'un",), at, tuple(changes), stored[0])


def _changes(
    before: dict[Key, Told] | None, stored: dict[Key, Told], typed: dict[Key, Told], kept: dict[Key, Told]
) -> Iterator[versions.Change]:
    """What the other changed; without the data that were shown, what is stored otherwise than typed."""
    former = typed if before is None else before
    for key, entry in {**former, **stored}.items():
        old, new, mine = (_text(source, key) for source in (former, stored, typed))
        on_both = key[:2] in former and key[:2] in stored
        if old == new or (key[0] in ROW_KINDS and on_both == (len(key) == 2)):
            continue  # a row on both sides is told by its fields, one on one side only by itself
        untouched = all(_text(typed, one) == _text(former, one) for one in former if one[: len(key)] == key)
        added = key not in former and key[0] in ROW_KINDS
        yield versions.Change(
            name="",
            label=entry.label,
            before=versions.NOTHING if before is None or added else old,
            stored=f"ajouté : {new}" if added else new,
            typed=None if added else mine,
            taken=before is not None and untouched and not added and _text(kept, key) == new,
        )


def _text(source: Mapping[Key, Told], key: Key) -> str:
    return source[key].text if key in source else ABSENT[key[0]]


def _later(scenario: Scenario, part: Part, version: str) -> Iterator[Any]:
    """The records of this part since that version."""
    numbers = versions.records_of(version, 1 + len(part.rows))
    yield from _of_fields(scenario, part, numbers[0])
    for history, number in zip(histories(scenario.pk, part), numbers[1:], strict=True):
        yield from history.filter(history_id__gt=number).select_related("history_user")


def _of_fields(scenario: Scenario, part: Part, number: int) -> Iterator[Any]:
    """The later records of the scenario where some field of this part is not as in the one before."""
    names, former = _columns(part), None
    since = Scenario.history.filter(id=scenario.pk, history_id__gte=number).select_related("history_user")
    for record in since.order_by("history_id") if names else ():
        values = [getattr(record, name) for name in names]
        if former is not None and values != former:
            yield record
        former = values
