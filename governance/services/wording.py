"""How a grant and an announced amount are told in words; kept with the run, since the scenario may change after it."""

from collections.abc import Mapping

from governance.domain.announced import (
    BY_EXERCISE,
    BY_SECTION,
    FUNDING_TOTAL,
    GRANTS,
    NET_COST,
    OWN_SHARE,
    TOTALS,
    parse_key,
)
from governance.domain.plan import BASE_HT, CAP_PER_CLASS, CAP_PER_PUPIL, CAP_PER_SCHOOL, FundingRule
from governance.enums import Section
from plan_numerique.shared.money import display_euros
from plan_numerique.web.templatetags.web import rate as percent

COLUMNS = {"ht": "HT", "vat": "TVA", "ttc": "TTC"}
SINGLE = {FUNDING_TOTAL: "Total des subventions", OWN_SHARE: "Part propre HT", NET_COST: "Coût net"}
CAP_UNITS = {CAP_PER_CLASS: "classe", CAP_PER_SCHOOL: "école", CAP_PER_PUPIL: "élève"}


def base_label(rule: FundingRule) -> str:
    """« HT, investissement, materiel »"""
    sections = [Section(section).label.lower() for section in rule.sections]
    return ", ".join(["HT" if rule.base == BASE_HT else "TTC", *sections, *rule.headings])


def rule_label(rule: FundingRule) -> str:
    """« 20 % de la base », « 70 % jusqu'à 200 000,00 €, puis 50 % »"""
    parts = [_share(rule)]
    if rule.base_cap:
        parts.append(f"base d'au plus {display_euros(rule.base_cap.amount)} par {CAP_UNITS[rule.base_cap.per]}")
    if rule.minimum is not None:
        parts.append(f"au moins {display_euros(rule.minimum)}")
    if rule.cap is not None:
        parts.append(f"au plus {display_euros(rule.cap)}")
    return " ; ".join(parts)


def _share(rule: FundingRule) -> str:
    if rule.rate is not None:
        return f"{percent(rule.rate)} de la base"
    if rule.tiers is None:
        return "montant forfaitaire"
    return ", puis ".join(
        percent(tier.rate) + ("" if tier.up_to is None else f" jusqu'à {display_euros(tier.up_to)}")
        for tier in rule.tiers
    )


def announced_label(key: str, funders: Mapping[str, str]) -> str:
    """What the key of an announced amount stands for: « Total TTC », « Exercice 2016, HT », « Subvention : État »."""
    read = parse_key(key)
    if read is None:
        return key
    if read.table in SINGLE:
        return SINGLE[read.table]
    if read.table == GRANTS:
        return f"Subvention : {funders.get(read.name, read.name)}"
    column = COLUMNS[read.column]
    if read.table == TOTALS:
        return f"Total {column}"
    if read.table == BY_SECTION:
        return f"{Section(read.name).label}, {column}"
    return f"{'Exercice' if read.table == BY_EXERCISE else 'Poste'} {read.name}, {column}"
