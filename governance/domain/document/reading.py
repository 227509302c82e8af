"""From a parsed document to the input of the budget, with every problem at once."""

from collections.abc import Mapping
from typing import Any

from ent.domain.recurring import RecurringCost
from equipment.domain.catalogue import Item, Pack, PackLine
from equipment.domain.rules import Filters, Rule
from governance.domain.document.fields import DOCUMENT, INSIDE_DOCUMENT
from governance.domain.document.readers import UNSOUND, Report
from governance.domain.document.references import check_references
from governance.domain.plan import (
    Announced,
    BaseCap,
    BudgetInput,
    Fctva,
    FundingRule,
    LumpSum,
    Phase,
    Tier,
)
from plan_numerique.shared.errors import Problem
from schools.domain.table import table_of_columns


def read_input(data: object, *, inside: bool = False) -> tuple[BudgetInput | None, list[Problem]]:
    """`inside`: a document of the product, whose phases may name classes, `{"school": id, "class": id}`."""
    report = Report()
    document = (INSIDE_DOCUMENT if inside else DOCUMENT).read(data, "", report)
    if document is not UNSOUND:
        check_references(document, report)
    if report.problems:
        return None, report.problems
    return _budget(document), []


def _budget(document: Mapping[str, Any]) -> BudgetInput:
    cap = document["yearly_cap_ttc"]
    if isinstance(cap, dict):
        cap = {int(year): cents for year, cents in cap.items() if cents is not None}
    fctva = document["fctva"]
    return BudgetInput(
        title=document["title"],
        exercises=_once(document["exercises"]),
        price_revision_rate=document["price_revision_rate"],
        renewals=document["renewals"],
        items=tuple(Item(**row) for row in document["items"]),
        packs=tuple(_pack(row) for row in document["packs"]),
        schools=table_of_columns(document["schools"]),
        rules=tuple(_rule(row) for row in document["rules"]),
        lump_sums=tuple(LumpSum(**row) for row in document["lump_sums"]),
        recurring=tuple(RecurringCost(**_with_tuples(row)) for row in document["recurring"]),
        phases=tuple(_phase(row) for row in document["phases"]),
        yearly_cap_ttc=cap,
        fill_gaps=document["fill_gaps"],
        payment_schedule=tuple(document["payment_schedule"]),
        funding=tuple(_funding_rule(row) for row in document["funding"]),
        fctva=None if fctva is None else Fctva(**fctva),
        announced=tuple(Announced(**row) for row in document["announced"]),
    )


def _once(values: Any) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))


def _with_tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _once(value) if isinstance(value, list) else value for name, value in row.items()}


def _phase(row: Mapping[str, Any]) -> Phase:
    classes = [(each["school"], each["class"]) for each in row.get("classes", ())]
    return Phase(**_with_tuples({**row, "classes": classes}))


def _pack(row: Mapping[str, Any]) -> Pack:
    return Pack(row["id"], tuple(PackLine(**line) for line in row["lines"]), row["label"])


def _rule(row: dict[str, Any]) -> Rule:
    return Rule(**{**row, "filters": Filters(**_with_tuples(row["filters"]))})


def _funding_rule(row: dict[str, Any]) -> FundingRule:
    tiers, base_cap = row["tiers"], row["base_cap"]
    read = {
        "tiers": None if tiers is None else tuple(Tier(**tier) for tier in tiers),
        "base_cap": None if base_cap is None else BaseCap(**base_cap),
    }
    return FundingRule(**_with_tuples({**row, **read}))
