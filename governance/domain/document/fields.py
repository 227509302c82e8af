"""The keys of the budget document (interchange 1, table of the input), with what each must hold by itself."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from ent.domain.recurring import RECURRING_PER
from equipment.domain.rules import RULE_PER
from governance.domain.document.readers import (
    UNSOUND,
    Choice,
    Flag,
    Integer,
    Key,
    ListOf,
    Money,
    Rate,
    Reader,
    Record,
    Report,
    Rows,
    Text,
    key_path,
    quoted,
)
from governance.domain.document.schools import CLASS_KIND, LEVEL, NAME, SCHOOL_KIND, SECTOR, Schools
from governance.domain.plan import BASE_CAP_PER, BASE_HT, GRANT_BASES, SECTIONS, is_year
from plan_numerique.shared.money import RATE_UNIT
from schools.domain.table import SchoolColumns

TEXT = Text()
SECTION = Choice(SECTIONS, "section inconnue")


def check_exercises(exercises: Sequence[int], path: str, report: Report) -> None:
    years = list(dict.fromkeys(exercises))
    if not years:
        report.add(path, "au moins un exercice")
    elif any(later != year + 1 for year, later in pairwise(years)):
        report.add(path, "exercices consécutifs et croissants attendus")


def _check_schedule(rates: Sequence[int], path: str, report: Report) -> None:
    if sum(rates) != RATE_UNIT:
        report.add(path, "la somme des taux doit faire exactement 100")


def _check_tiers(tiers: Sequence[Any], path: str, report: Report) -> None:
    bounds = [tier["up_to"] for tier in tiers]
    if UNSOUND in bounds:
        return
    if not bounds or bounds[-1] is not None or None in bounds[:-1]:
        report.add(path, "la dernière tranche, et elle seule, est sans borne « up_to »")
    elif any(bound <= lower for lower, bound in pairwise(bounds[:-1])):
        report.add(path, "bornes « up_to » croissantes attendues")


def _check_one_of(names: Sequence[str]) -> Any:
    def check(row: dict[str, Any], path: str, report: Report) -> None:
        if sum(row[name] is not None for name in names) != 1:
            report.add(path, f"une et une seule clé attendue parmi {', '.join(names)}")

    return check


class YearlyCap(Reader):
    """An amount, or an object of amounts by exercise, read into a dict by written year."""

    def read(self, value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, dict):
            return Money().read(value, path, report)
        caps: dict[str, Any] = {}
        for year, cap in value.items():
            if not is_year(year):
                report.add(key_path(path, year), f"exercice inconnu {quoted(year)}")
            elif cap is None:
                caps[year] = None
            else:
                caps[year] = Money().read(cap, key_path(path, year), report)
        return caps


def _priced(price: str) -> dict[str, Key]:
    """Keys of anything that makes lines."""
    return {
        "id": Key(NAME, required=True),
        "label": Key(TEXT, default=""),
        price: Key(Money(), required=True),
        "vat_rate": Key(Rate(), required=True),
        "heading": Key(NAME, required=True),
        "section": Key(SECTION, required=True),
        "account": Key(TEXT, default=""),
    }


ITEM = Record(
    {
        **_priced("unit_price_ht"),
        "life_years": Key(Integer(least=1)),
        "fctva": Key(Flag(), default=False),
    }
)
PACK_LINE = Record({"item": Key(NAME, required=True), "quantity": Key(Integer(), required=True)})
PACK = Record(
    {
        "id": Key(NAME, required=True),
        "label": Key(TEXT, default=""),
        "lines": Key(ListOf(PACK_LINE), required=True),
    }
)
FILTERS = Record(
    {
        "school_kinds": Key(ListOf(SCHOOL_KIND), default=()),
        "sectors": Key(ListOf(SECTOR), default=()),
        "levels": Key(ListOf(LEVEL), default=()),
        "class_kinds": Key(ListOf(CLASS_KIND), default=()),
    }
)
RULE = Record(
    {
        "id": Key(NAME, required=True),
        "pack": Key(NAME),
        "item": Key(NAME),
        "per": Key(Choice(RULE_PER, "base de calcul inconnue"), required=True),
        "quantity": Key(Integer(), default=1),
        "group_size": Key(Integer(least=1), default=1),
        "max_per_school": Key(Integer()),
        "max_members": Key(Integer()),
        "filters": Key(FILTERS, default=dict.fromkeys(FILTERS.keys, ())),
    },
    _check_one_of(("pack", "item")),
)
LUMP_SUM = Record(
    {
        **_priced("amount_ht"),
        "exercise": Key(Integer(), required=True),
        "fctva": Key(Flag(), default=False),
    }
)
RECURRING = Record(
    {
        **_priced("unit_price_ht"),
        "per": Key(Choice(RECURRING_PER, "base de calcul inconnue"), required=True),
        "payer": Key(TEXT, default=""),
        "exercises": Key(ListOf(Integer()), default=()),
        "schools": Key(ListOf(NAME), default=()),
    }
)
PHASE = Record(
    {
        "exercise": Key(Integer(), required=True),
        "schools": Key(ListOf(NAME), default=()),
        "levels": Key(ListOf(LEVEL), default=()),
        "all": Key(Flag(), default=False),
    }
)
CLASS_NAME = Record({"school": Key(NAME, required=True), "class": Key(NAME, required=True)})
PHASE_WITH_CLASSES = Record({**PHASE.keys, "classes": Key(ListOf(CLASS_NAME), default=())})
TIER = Record({"up_to": Key(Money()), "rate": Key(Rate(), required=True)})
BASE_CAP = Record(
    {
        "per": Key(Choice(BASE_CAP_PER, "base de calcul inconnue"), required=True),
        "amount": Key(Money(), required=True),
    }
)
FUNDING = Record(
    {
        "id": Key(NAME, required=True),
        "funder": Key(TEXT, required=True),
        "base": Key(Choice(GRANT_BASES, "base inconnue"), default=BASE_HT),
        "headings": Key(ListOf(NAME), default=()),
        "sections": Key(ListOf(SECTION), default=()),
        "rate": Key(Rate()),
        "tiers": Key(ListOf(TIER, _check_tiers)),
        "amount": Key(Money()),
        "base_cap": Key(BASE_CAP),
        "minimum": Key(Money()),
        "cap": Key(Money()),
    },
    _check_one_of(("rate", "tiers", "amount")),
)
FCTVA = Record({"rate": Key(Rate(), required=True), "lag_years": Key(Integer(), default=2)})
ANNOUNCED = Record({"key": Key(TEXT, required=True), "amount": Key(Money(), required=True)})
DOCUMENT = Record(
    {
        "title": Key(TEXT, default=""),
        "exercises": Key(ListOf(Integer(1000, 9999), check_exercises), required=True),
        "price_revision_rate": Key(Rate(), default=0),
        "renewals": Key(Flag(), default=False),
        "items": Key(Rows(ITEM), default=()),
        "packs": Key(Rows(PACK), default=()),
        "schools": Key(Schools(), default=SchoolColumns()),
        "rules": Key(Rows(RULE), default=()),
        "lump_sums": Key(Rows(LUMP_SUM), default=()),
        "recurring": Key(Rows(RECURRING), default=()),
        "phases": Key(ListOf(PHASE), default=()),
        "yearly_cap_ttc": Key(YearlyCap()),
        "fill_gaps": Key(Flag(), default=False),
        "payment_schedule": Key(ListOf(Rate(), _check_schedule), default=(RATE_UNIT,)),
        "funding": Key(Rows(FUNDING), default=()),
        "fctva": Key(FCTVA),
        "announced": Key(ListOf(ANNOUNCED), default=()),
    }
)
INSIDE_DOCUMENT = Record({**DOCUMENT.keys, "phases": Key(ListOf(PHASE_WITH_CLASSES), default=())})
"""The document as the product keeps it: its phases may name classes."""
