"""The input of the checks: one act as it is stated. None is an unknown figure, date or list; an empty list says nobody."""

from dataclasses import dataclass, field
from datetime import date

Day = date
Names = tuple[str, ...] | None

FOR, AGAINST, ABSTAIN, NOT_VOTING = "for", "against", "abstain", "not_voting"
CHOICES = (FOR, AGAINST, ABSTAIN, NOT_VOTING)
ADOPTED, REJECTED, UNANIMOUS, MAJORITY, NOTED = "adopted", "rejected", "unanimous", "majority", "noted"
RESULTS = (ADOPTED, REJECTED, UNANIMOUS, MAJORITY, NOTED)
AUTHORITY_KINDS = ("commune", "epci")


@dataclass(frozen=True, slots=True)
class Authority:
    """`population`: of an EPCI, that of its largest commune (CGCT L5211-1)."""

    kind: str | None = None
    siren: str | None = None
    population: int | None = None
    department: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    date: Day
    convocation_sent_on: Day | None = None
    second_convocation: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Proxy:
    giver: str
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class Members:
    in_office: int | None = None
    present: int | None = None
    absent: int | None = None
    excused: int | None = None
    represented: int | None = None
    present_names: Names = None
    absent_names: Names = None
    excused_names: Names = None
    withdrawn_names: Names = None
    proxies: tuple[Proxy, ...] | None = None


@dataclass(frozen=True, slots=True)
class Ballot:
    """`counts` and `names` by choice, all four choices present."""

    counts: dict[str, int | None] = field(default_factory=lambda: dict.fromkeys(CHOICES))
    names: dict[str, Names] = field(default_factory=lambda: dict.fromkeys(CHOICES))
    voices: int | None = None
    chair_vote: str | None = None
    names_cover_proxies: bool = False
    stated_result: str | None = None


@dataclass(frozen=True, slots=True)
class Identifiers:
    actes: str | None = None
    matter_code: str | None = None


@dataclass(frozen=True, slots=True)
class Dates:
    received_on: date | None = None
    posted_on: date | None = None
    published_on: date | None = None


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """Amounts in cents, rates in ten-thousandths of a percent, here and below."""

    label: str | None = None
    ht: int | None = None
    vat_rate: int | None = None
    ttc: int | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    lines: tuple[BudgetLine, ...] = ()
    total_ht: int | None = None
    total_ttc: int | None = None
    vat_rate: int | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    funder: str | None = None
    rate: int | None = None
    base: int | None = None
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Product:
    label: str | None = None
    unit: int | None = None
    quantity: int | None = None
    vat_rate: int | None = None
    total_ht: int | None = None
    total_ttc: int | None = None
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    session: Session
    past: bool = False
    authority: Authority = Authority()
    members: Members = Members()
    chair: str | None = None
    vote: Ballot = field(default_factory=Ballot)
    identifiers: Identifiers = Identifiers()
    dates: Dates = Dates()
    budget: Budget = Budget()
    grants: tuple[Grant, ...] = ()
    products: tuple[Product, ...] = ()
