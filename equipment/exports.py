from collections.abc import Iterable
from typing import Any

from equipment.queries import SchoolNeeds
from plan_numerique.tabular.writing import write_csv, write_xlsx

HEADER = (
    "UAI", "École", "Commune", "Code de l'article", "Article", "Doit avoir", "A", "Manque", "Prix unitaire HT", "Prix en hypothèse",
    "Coût HT de ce qui manque",
)  # fmt: skip


def need_export(schools: Iterable[SchoolNeeds], *, title: str, kind: str) -> bytes:
    """One row for each school and item; `kind` is csv or xlsx."""
    rows = [_row(school, need) for school in schools for need in school.needs]
    return write_csv(HEADER, rows) if kind == "csv" else write_xlsx(title, HEADER, rows)


def _row(school: SchoolNeeds, need: Any) -> tuple[Any, ...]:
    return (
        school.school.uai,
        school.school.name,
        school.school.commune.name,
        need.item.code,
        need.item.label,
        need.must,
        need.has,
        need.lacks,
        None if need.item.price_ht is None else need.item.price_ht / 100,
        need.item.hypothesis,
        None if need.cost_ht is None else need.cost_ht / 100,
    )
