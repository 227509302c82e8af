"""Amounts a plan announces, found again among the computed ones (interchange 1, rule 10)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from governance.domain.ledger import NOTHING, Amount, Ledger
from governance.domain.plan import SECTIONS, is_year
from governance.domain.result import Funding

_COLUMNS: Mapping[str, Callable[[Amount], int]] = {
    "ht": lambda amount: amount.ht,
    "vat": lambda amount: amount.vat,
    "ttc": lambda amount: amount.ttc,
}
TOTALS = "totals"
BY_EXERCISE = "by_exercise"
BY_SECTION = "by_section"
BY_HEADING = "by_heading"
GRANTS = "grants"
FUNDING_TOTAL = "funding.total"
OWN_SHARE = "funding.own_share_ht"
NET_COST = "net_cost"


@dataclass(frozen=True, slots=True)
class AnnouncedKey:
    """`table` is one of the constants above, `name` what it picks there, `column` ht, vat or ttc where there is one."""

    table: str
    name: str = ""
    column: str = ""


def parse_key(key: str) -> AnnouncedKey | None:
    """The key in parts, None where it has none of the forms. Whether its exercise or grant exists is not looked at."""
    if key in (FUNDING_TOTAL, OWN_SHARE, NET_COST):
        return AnnouncedKey(key)
    table, _, rest = key.partition(".")
    if table == GRANTS:
        return AnnouncedKey(GRANTS, rest) if rest.strip() else None
    name, _, column = rest.rpartition(".")
    if column not in _COLUMNS or not _names_a_row(table, name, rest):
        return None
    return AnnouncedKey(table, name, column)


def _names_a_row(table: str, name: str, rest: str) -> bool:
    if table == TOTALS:
        return rest in _COLUMNS
    if table == BY_EXERCISE:
        return is_year(name)
    if table == BY_SECTION:
        return name in SECTIONS
    return table == BY_HEADING and bool(name.strip())


class ComputedAmounts:
    """What each key stands for, 0 where it has no line."""

    def __init__(self, ledger: Ledger, funding: Funding, net_cost: int) -> None:
        self._rows: dict[str, Mapping[str, Amount]] = {
            TOTALS: {"": ledger.total()},
            BY_EXERCISE: ledger.by(lambda cell: str(cell.exercise)),
            BY_SECTION: ledger.by(lambda cell: cell.section),
            BY_HEADING: ledger.by(lambda cell: cell.heading),
        }
        self._grants = {grant.id: grant.amount for grant in funding.grants}
        self._single = {FUNDING_TOTAL: funding.total, OWN_SHARE: funding.own_share_ht, NET_COST: net_cost}

    def of(self, key: AnnouncedKey) -> int:
        if key.table == GRANTS:
            return self._grants[key.name]
        if key.table in self._single:
            return self._single[key.table]
        return _COLUMNS[key.column](self._rows[key.table].get(key.name, NOTHING))
