"""From what a row says to what is written."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import Any, TypeVar

from django.db.models import Model

from plan_numerique.accounts.models import Authority
from plan_numerique.imports.importer import Change, Importer, Problem, ReadRow
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.periods import school_year_label
from schools import queries
from schools.domain.rolls import EstimatedClass
from schools.models import Headcount, School, SchoolClass
from schools.queries import HeldClass

ModelT = TypeVar("ModelT", bound=Model)


def told(row: ReadRow, *columns: str) -> dict[str, Any]:
    """What the row says of these columns: an empty cell says nothing, and never takes back what is known."""
    return {name: row.values[name] for name in columns if row.values.get(name) not in (None, "")}


def differing(row: Model, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if _held(row, name) != _asked(value)}


def _held(row: Model, name: str) -> Any:
    field = row._meta.get_field(name)
    return getattr(row, field.attname if field.is_relation else name)  # type: ignore[union-attr]


def _asked(value: Any) -> Any:
    return (value.pk or value) if isinstance(value, Model) else value


def changed(row: ModelT, values: Mapping[str, Any]) -> ModelT | None:
    """A copy with these values, or none where it has them already."""
    others = differing(row, values)
    if not others:
        return None
    instance = copy(row)
    for name, value in others.items():
        setattr(instance, name, value)
    return instance


def update(row: Model, values: Mapping[str, Any]) -> list[Change]:
    instance = changed(row, values)
    return [] if instance is None else [Change(instance, row)]


def removal(held: HeldClass) -> list[Change]:
    return [Change(row, row, gone=True) for row in (*held.counts.values(), held.row)]


def estimate_changes(
    school: School, year: int, stored: Sequence[HeldClass], wanted: Sequence[EstimatedClass]
) -> list[Change]:
    """« Classe 1 », « Classe 2 »… of the estimate put in place of the estimated classes that are stored: the same rows as far as they go."""
    left = {held.row.name: held for held in stored}
    changes: list[Change] = []
    for rank, estimate in enumerate(wanted, start=1):
        name = f"Classe {rank}"
        held = left.pop(name, None)
        if held is None:
            row = SchoolClass(school=school, school_year=year, name=name, kind=estimate.kind, estimated=True)
            changes.append(Change(row))
            held = HeldClass(row)
        else:
            changes += update(held.row, {"kind": estimate.kind})
        changes += count_changes(held, dict(estimate.counts))
    return [*changes, *(change for held in left.values() for change in removal(held))]


def count_changes(held: HeldClass, wanted: Mapping[str, int]) -> list[Change]:
    """The headcounts of a class made those, whatever it had."""
    changes = [Change(row, row, gone=True) for level, row in held.counts.items() if level not in wanted]
    for level, pupils in wanted.items():
        changes += told_count(held, level, pupils)
    return changes


def told_count(held: HeldClass, level: str, pupils: int) -> list[Change]:
    stored = held.counts.get(level)
    if stored is None:
        return [Change(Headcount(school_class=held.row, level=level, pupils=pupils))]
    return update(stored, {"pupils": pupils})


def frozen_problem(year: int, column: str = "school_year") -> Problem:
    label = school_year_label(year)
    return Problem(
        column,
        f"L'année scolaire {label} est figée : la rouvrir pour corriger ses classes ou ses effectifs.",
        accepted="une année scolaire qui n'est pas figée",
        value=label,
    )


class KeepsFrozenYears(Importer):
    """What was brought in a year that is frozen since stays."""

    def refuse_undo(self, changes: Sequence[Change]) -> str:
        rows = [row for each in changes for row in (each.instance, each.former) if row is not None]
        years = {(row.school_id, row.school_year) for row in rows if isinstance(row, SchoolClass)}
        counted = {row.school_class_id for row in rows if isinstance(row, Headcount)}
        if counted:
            years |= set(SchoolClass.objects.filter(pk__in=counted).values_list("school", "school_year"))
        frozen = queries.frozen_among(years)
        return frozen_problem(frozen).message if frozen is not None else ""


def unknown_school(uai: str, former: Mapping[str, School]) -> Problem:
    """A file of ours that names a school we do not have."""
    holder = former.get(uai)
    if holder is not None:
        message = f"« {uai} » est un ancien UAI de « {holder.name} », qui est aujourd'hui {holder.uai}."
    else:
        message = f"« {uai} » n'est l'UAI d'aucune école de la collectivité : ajouter l'école d'abord."
    return Problem("uai", message, accepted="l'UAI d'une école de la collectivité", value=uai)


def asked_year(options: Mapping[str, str], default: int) -> int:
    text = str(options.get("school_year") or default)
    if not (text.isascii() and text.isdigit() and 1900 <= int(text) <= 2200):
        raise DomainError(f"« {text[:40]} » n'est pas une année scolaire.", field="school_year")
    return int(text)


def year_choices(current: int, authority: Authority) -> list[tuple[str, str]]:
    """From the coming rentrée back to ten years ago; a frozen year says so."""
    frozen = queries.frozen_years(authority)
    return [
        (str(year), school_year_label(year) + (" (figée)" if year in frozen else ""))
        for year in range(current + 1, current - 11, -1)
    ]


def uais_of(rows: Iterable[ReadRow]) -> set[str]:
    return {row.values["uai"] for row in rows if row.values.get("uai")}
