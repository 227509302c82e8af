"""What the data of compared scenarios have in common and what sets them apart, read in the documents their runs computed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from governance.queries import ComparedRun, ScenariosCompared
from governance.reports.compared_figures import funders
from plan_numerique.shared.money import display_euros, parse_cents, parse_rate
from plan_numerique.shared.periods import school_year_label
from plan_numerique.shared.wording import counted
from plan_numerique.web.templatetags.web import integer, rate

SHOWN_PRICES = 3
NOT_SAID = "—"
PER = {"pupil": "par élève", "class": "par classe", "school": "par école", "plan": "pour le plan"}


@dataclass(frozen=True)
class Setting:
    """`texts` follow the scenarios."""

    label: str
    texts: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.texts)) > 1

    @property
    def says(self) -> bool:
        """Something is chosen, not left out."""
        return not self.texts[0].startswith(("aucun", "non compté"))


def settings(compared: ScenariosCompared) -> list[Setting]:
    found = [
        Setting(label, tuple(told(each, compared.reference) for each in compared.runs)) for label, told in SETTINGS
    ]
    for funder in funders(compared):
        found.append(Setting(f"Subvention : {funder}", tuple(_rules(each, funder) for each in compared.runs)))
    return [setting for setting in found if set(setting.texts) != {NOT_SAID}]


def _rules(each: ComparedRun, funder: str) -> str:
    rules = [f"{grant.rule} ({grant.base_label})" for grant in each.grants if grant.funder_label == funder]
    return " ; ".join(rules) or "aucune"


def _exercises(each: ComparedRun, reference: ComparedRun) -> str:
    years = each.document["exercises"]
    return str(years[0]) if len(years) == 1 else f"{years[0]} à {years[-1]}"


def _classes(each: ComparedRun, reference: ComparedRun) -> str:
    return school_year_label(each.scenario.school_year) if each.scenario.school_year else NOT_SAID


def _perimeter(each: ComparedRun, reference: ComparedRun) -> str:
    count = len(each.document["schools"])
    if not count:
        return "aucune école : montants globaux"
    own, others = ({school["id"] for school in one.document["schools"]} for one in (each, reference))
    other = "" if own == others else ", pas les mêmes que la référence"
    return f"{counted(count, 'école')}{other}"


def _strategy(each: ComparedRun, reference: ComparedRun) -> str:
    return str(each.scenario.get_strategy_display())


def _phases(each: ComparedRun, reference: ComparedRun) -> str:
    return " ; ".join(f"{phase['exercise']} : {_who(phase)}" for phase in each.document["phases"]) or "aucune"


def _who(phase: dict[str, Any]) -> str:
    if phase.get("all"):
        return "tout le périmètre"
    parts = [", ".join(phase.get("levels", ()))]
    for key, noun in (("schools", "école"), ("classes", "classe")):
        if count := len(phase.get(key, ())):
            parts.append(counted(count, noun))
    return ", ".join(part for part in parts if part) or "personne"


def _rule_set(each: ComparedRun, reference: ComparedRun) -> str:
    rule_set = each.scenario.rule_set
    return f"{rule_set.name}, version {rule_set.version}" if rule_set else "aucune"


def _prices(each: ComparedRun, reference: ComparedRun) -> str:
    """The unit prices that are not those of the reference, by name."""
    own, others = (_unit_prices(one) for one in (each, reference))
    apart = [
        f"{label} à {display_euros(price)}"
        for code, (label, price) in own.items()
        if others.get(code, ("", price))[1] != price
    ]
    if not apart:
        return "ceux de la référence" if own else "aucun"
    more = len(apart) - SHOWN_PRICES
    return " ; ".join([*apart[:SHOWN_PRICES], *([f"et {counted(more, 'autre')}"] if more > 0 else [])])


def _unit_prices(each: ComparedRun) -> dict[str, tuple[str, int]]:
    return {
        item["id"]: (item.get("label") or item["id"], parse_cents(item["unit_price_ht"]))
        for item in each.document["items"]
    }


def _revision(each: ComparedRun, reference: ComparedRun) -> str:
    revision = parse_rate(each.document["price_revision_rate"])
    return f"{rate(revision)} par an" if revision else "aucune"


def _cap(each: ComparedRun, reference: ComparedRun) -> str:
    cap = each.document.get("yearly_cap_ttc")
    if cap is None:
        return "aucun"
    if isinstance(cap, str):
        return display_euros(parse_cents(cap))
    return " ; ".join(f"{year} : {display_euros(parse_cents(amount))}" for year, amount in sorted(cap.items()))


def _fill_gaps(each: ComparedRun, reference: ComparedRun) -> str:
    if each.document.get("yearly_cap_ttc") is None:
        return NOT_SAID
    return "peut passer avant" if each.document.get("fill_gaps") else "attend son rang"


def _renewals(each: ComparedRun, reference: ComparedRun) -> str:
    return "comptés" if each.document.get("renewals") else "non comptés"


def _payment(each: ComparedRun, reference: ComparedRun) -> str:
    schedule = each.document["payment_schedule"]
    return "tout l'année même" if len(schedule) == 1 else " puis ".join(rate(parse_rate(part)) for part in schedule)


def _fctva(each: ComparedRun, reference: ComparedRun) -> str:
    fctva = each.document.get("fctva")
    if not fctva:
        return "non compté"
    lag = fctva["lag_years"]
    return f"{rate(parse_rate(fctva['rate']))}, {lag} an{'s' if lag > 1 else ''} après"


def _lump_sums(each: ComparedRun, reference: ComparedRun) -> str:
    lumps = each.document["lump_sums"]
    total = sum(parse_cents(lump["amount_ht"]) for lump in lumps)
    return f"{integer(len(lumps))}, {display_euros(total)} HT" if lumps else "aucun"


def _recurring(each: ComparedRun, reference: ComparedRun) -> str:
    costs = [
        f"{cost.get('label') or cost['id']} : {display_euros(parse_cents(cost['unit_price_ht']))} HT {PER[cost['per']]}"
        for cost in each.document["recurring"]
    ]
    return " ; ".join(costs) or "aucun"


SETTINGS: tuple[tuple[str, Callable[[ComparedRun, ComparedRun], str]], ...] = (
    ("Exercices", _exercises),
    ("Classes de", _classes),
    ("Périmètre", _perimeter),
    ("Montée en charge", _strategy),
    ("Phases", _phases),
    ("Règles de dotation", _rule_set),
    ("Prix unitaires", _prices),
    ("Révision des prix", _revision),
    ("Plafond annuel TTC", _cap),
    ("École plus petite, sous le plafond", _fill_gaps),
    ("Renouvellements", _renewals),
    ("Paiement", _payment),
    ("FCTVA", _fctva),
    ("Montants globaux", _lump_sums),
    ("Coûts récurrents", _recurring),
)
