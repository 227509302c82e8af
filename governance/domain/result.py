"""The output of the budget (interchange 1), amounts in cents, rows in the order of the output."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from governance.domain.ledger import Amount
from governance.domain.lines import BudgetLine, LineBlock, budget_lines


@dataclass(frozen=True, slots=True)
class ExerciseRow:
    exercise: int
    amount: Amount
    schools_entered: int
    classes_entered: int
    pupils_entered: int


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """`school` None: the lines that are for no school."""

    school: str | None
    exercise_entered: int | None
    ht: int
    vat: int

    @property
    def ttc(self) -> int:
        return self.ht + self.vat


@dataclass(frozen=True, slots=True)
class Entered:
    """What enters over the plan."""

    schools: int
    classes: int
    pupils: int


@dataclass(frozen=True, slots=True)
class Grant:
    """`base` is what the grant is computed on, after `base_cap`; `computed` is it before it fell under its minimum."""

    id: str
    funder: str
    base: int
    computed: int
    amount: int
    by_exercise: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Funding:
    """`own_share_base` is the HT the own share is a part of; its rate is in hundredths of a percent, None over nothing."""

    grants: tuple[Grant, ...]
    total: int
    own_share_base: int
    own_share_ht: int
    own_share_rate: int | None


@dataclass(frozen=True, slots=True)
class Ratios:
    ttc_per_class: int | None
    ttc_per_school: int | None
    ttc_per_pupil: int | None


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    severity: str
    message: str
    path: str
    expected: str | None
    stated: str | None
    difference: str | None


@dataclass(frozen=True)
class BudgetResult:
    totals: Amount
    by_exercise: tuple[ExerciseRow, ...]
    by_heading: Mapping[tuple[str, str], Amount]
    by_section: Mapping[str, Amount]
    by_account: Mapping[str, Amount]
    by_payer: Mapping[str, Amount]
    by_school: tuple[SchoolRow, ...]
    quantities: Mapping[tuple[int, str], int]
    payment_credits: Mapping[int, int]
    funding: Funding
    fctva: Mapping[int, int]
    net_cost: int
    ratios: Ratios
    findings: tuple[Finding, ...]
    blocks: tuple[LineBlock, ...]
    school_ids: tuple[str, ...]

    def lines(self) -> Iterator[BudgetLine]:
        return budget_lines(self.blocks, self.school_ids)
