"""The input of the budget (interchange 1): amounts in cents, rates in units of `money.RATE_UNIT`.

It is taken as sound: references lead somewhere, years follow one another, ids are unique. `document` checks a file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ent.domain.recurring import RecurringCost
from equipment.domain.catalogue import Item, Pack
from equipment.domain.rules import Rule
from plan_numerique.shared.money import RATE_UNIT
from schools.domain.table import SchoolTable, table_of_schools

INVESTMENT = "investissement"
OPERATION = "fonctionnement"
SECTIONS = (INVESTMENT, OPERATION)

BASE_HT = "ht"
BASE_TTC = "ttc"
GRANT_BASES = (BASE_HT, BASE_TTC)

CAP_PER_CLASS = "class"
CAP_PER_SCHOOL = "school"
CAP_PER_PUPIL = "pupil"
BASE_CAP_PER = (CAP_PER_CLASS, CAP_PER_SCHOOL, CAP_PER_PUPIL)


def is_year(text: str) -> bool:
    """Whether this writes an exercise, 1000 to 9999."""
    return len(text) == 4 and text.isascii() and text.isdigit() and text[0] != "0"


@dataclass(frozen=True, slots=True)
class LumpSum:
    id: str
    heading: str
    section: str
    amount_ht: int
    vat_rate: int
    exercise: int
    label: str = ""
    account: str = ""
    fctva: bool = False


@dataclass(frozen=True, slots=True)
class Phase:
    """Whom it reaches: the schools named, the classes of one of the levels, those named by school and id, or all.

    Empty lists: nobody. Classes are named inside the product only, never in the document of interchange 1.
    """

    exercise: int
    schools: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    all: bool = False
    classes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Tier:
    """`up_to` None: the rest of the base."""

    rate: int
    up_to: int | None = None


@dataclass(frozen=True, slots=True)
class BaseCap:
    per: str
    amount: int


@dataclass(frozen=True, slots=True)
class FundingRule:
    """Exactly one of `rate`, `tiers` and `amount`. Empty `headings` or `sections`: all."""

    id: str
    funder: str
    base: str = BASE_HT
    headings: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    rate: int | None = None
    tiers: tuple[Tier, ...] | None = None
    amount: int | None = None
    base_cap: BaseCap | None = None
    minimum: int | None = None
    cap: int | None = None


@dataclass(frozen=True, slots=True)
class Fctva:
    rate: int
    lag_years: int = 2


@dataclass(frozen=True, slots=True)
class Announced:
    key: str
    amount: int


@dataclass(frozen=True)
class BudgetInput:
    """`yearly_cap_ttc`: one cap for every exercise, or one by exercise; None: no cap at all."""

    exercises: tuple[int, ...]
    title: str = ""
    price_revision_rate: int = 0
    renewals: bool = False
    items: tuple[Item, ...] = ()
    packs: tuple[Pack, ...] = ()
    schools: SchoolTable = field(default_factory=lambda: table_of_schools(()))
    rules: tuple[Rule, ...] = ()
    lump_sums: tuple[LumpSum, ...] = ()
    recurring: tuple[RecurringCost, ...] = ()
    phases: tuple[Phase, ...] = ()
    yearly_cap_ttc: int | Mapping[int, int] | None = None
    fill_gaps: bool = False
    payment_schedule: tuple[int, ...] = (RATE_UNIT,)
    funding: tuple[FundingRule, ...] = ()
    fctva: Fctva | None = None
    announced: tuple[Announced, ...] = ()

    @cached_property
    def exercise_rank(self) -> dict[int, int]:
        return {exercise: rank for rank, exercise in enumerate(self.exercises)}
