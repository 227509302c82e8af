"""What a school counts for in the choice of exercises: its pupils, or its pupils times points of equity.

The points are choices of the lead, and those proposed choices of the product, told to the user as such: no text sets them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from plan_numerique.shared.errors import DomainError

PUPILS = "pupils"
EQUITY = "equity"
OBJECTIVES = (PUPILS, EQUITY)
FEWEST_POINTS, MOST_POINTS = 0, 100
PLUS = "+\u202f"

LOW_IPS = 900
"""Tenths: an IPS under 90,0 is low; schools of the 2022-2023 file run from 58,3 to 161,9, mean 104,2 (domain-rules 2.5)."""


@dataclass(frozen=True, slots=True)
class SchoolFacts:
    """`rep` is `""`, `rep` or `rep+`, in either case; `ips` in tenths, None where it is not known."""

    uai: str
    pupils: int
    qpv: bool = False
    rep: str = ""
    ips: int | None = None
    never_equipped: bool = False


def points_refusal(value: object) -> str:
    """What is told of points that are not: `value` as it was given."""
    given = f"« {str(value)[:40]} » n'est pas admis" if str(value).strip() else "Il n'y a rien"
    return f"{given} : donner un nombre entier de points, de {FEWEST_POINTS} à {MOST_POINTS}."


@dataclass(frozen=True, slots=True)
class EquityPoints:
    """Of each pupil of a school: `base`, and what each criterion that the school meets adds. DomainError for one out of bounds, whose
    field is that of its criterion."""

    base: int = 10
    qpv: int = 10
    rep: int = 5
    rep_plus: int = 10
    low_ips: int = 5
    never_equipped: int = 5

    def __post_init__(self) -> None:
        for criterion in EQUITY_CRITERIA:
            value = criterion.points_of(self)
            if type(value) is not int or not FEWEST_POINTS <= value <= MOST_POINTS:
                raise DomainError(f"{criterion.label} : {points_refusal(value)}", field=criterion.field)

    @classmethod
    def from_fields(cls, values: Mapping[str, int]) -> "EquityPoints":
        """From the fields of a row or a form; those left out are the defaults."""
        return cls(**{each.code: values[each.field] for each in EQUITY_CRITERIA if each.field in values})

    @property
    def by_field(self) -> dict[str, int]:
        return {each.field: each.points_of(self) for each in EQUITY_CRITERIA}

    def __str__(self) -> str:
        """« 10 par élève, + 10 en QPV », without those that count for nothing."""
        told = [
            f"{PLUS if criterion.condition else ''}{points} {criterion.short}"
            for criterion in EQUITY_CRITERIA
            if (points := criterion.points_of(self))
        ]
        return ", ".join(told) or "aucun"


@dataclass(frozen=True, slots=True)
class EquityCriterion:
    """`code` names its points. `condition` is empty for the points that every pupil has."""

    code: str
    label: str
    short: str
    condition: str
    met: Callable[[SchoolFacts], bool]

    @property
    def field(self) -> str:
        """As forms, rows and the API name its points."""
        return f"points_{self.code}"

    def points_of(self, points: EquityPoints) -> int:
        found: int = getattr(points, self.code)
        return found

    def sentence(self, points: EquityPoints) -> str:
        count = self.points_of(points)
        noun = "points" if count > 1 else "point"
        return (
            f"{count} {noun} de plus par élève {self.condition}."
            if self.condition
            else f"Chaque élève compte pour {count} {noun}."
        )


EQUITY_CRITERIA = (
    EquityCriterion("base", "Chaque élève", "par élève", "", lambda facts: True),
    EquityCriterion(
        "qpv", "École en QPV", "en QPV", "si l'école est en quartier prioritaire (QPV)", lambda facts: facts.qpv
    ),
    EquityCriterion("rep", "École en REP", "en REP", "si l'école est en REP", lambda facts: facts.rep.lower() == "rep"),
    EquityCriterion(
        "rep_plus", "École en REP+", "en REP+", "si l'école est en REP+", lambda facts: facts.rep.lower() == "rep+"
    ),
    EquityCriterion(
        "low_ips",
        "IPS sous 90",
        "si l'IPS est sous 90",
        "si l'indice de position sociale (IPS) de l'école est sous 90",
        lambda facts: facts.ips is not None and facts.ips < LOW_IPS,
    ),
    EquityCriterion(
        "never_equipped",
        "Jamais équipée",
        "si jamais équipée",
        "si l'école n'a encore reçu aucun équipement",
        lambda facts: facts.never_equipped,
    ),
)
DEFAULT_POINTS = EquityPoints()


def equity_points(facts: SchoolFacts, points: EquityPoints = DEFAULT_POINTS) -> dict[str, int]:
    """Points per pupil by criterion that the school meets."""
    return {each.code: each.points_of(points) for each in EQUITY_CRITERIA if each.met(facts)}


def weights_for(
    objective: str, schools: Sequence[SchoolFacts], points: EquityPoints = DEFAULT_POINTS
) -> dict[str, int]:
    """By UAI; ValueError for an objective that is not one."""
    if objective not in OBJECTIVES:
        raise ValueError(f"unknown objective: {objective!r}")
    if objective == PUPILS:
        return {facts.uai: facts.pupils for facts in schools}
    return {facts.uai: facts.pupils * sum(equity_points(facts, points).values()) for facts in schools}
