"""What a proposal of the optimiser gained, in sentences that never claim more than was proved."""

from governance.domain.optimise import GAP_UNIT
from governance.domain.proposal import Year
from governance.enums import Objective
from governance.models import Optimisation
from plan_numerique.documents.charts import Chart, Figures, Look, Series, grouped_bars
from plan_numerique.shared.money import RATE_UNIT, half_up
from plan_numerique.web.templatetags.web import NARROW, integer, rate

WHAT = {Objective.PUPILS: "élèves équipés", Objective.EQUITY: "points d'équité"}
SHORT = {Objective.PUPILS: ("élèves", "d'élèves"), Objective.EQUITY: ("points", "de points")}
HUNDREDTHS = 100
MEANINGS = {
    Objective.PUPILS: "Équiper le plus d'élèves sous les plafonds, puis les équiper le plus tôt possible. Chaque élève compte autant.",
    Objective.EQUITY: "Équiper d'abord là où le besoin est le plus fort : chaque élève compte pour les points de son école, selon les points donnés à la recherche.",
}


def signed(difference: int) -> str:
    """« + 1 751 », « − 12 »."""
    return f"{'−' if difference < 0 else '+'}{NARROW}{integer(abs(difference))}"


def gain_sentence(row: Optimisation) -> str:
    """What was gained against the ranked order, and by which points."""
    return f"{_gained(row)} Points : {row.points}." if row.counts_points else _gained(row)


def _gained(row: Optimisation) -> str:
    what = WHAT[Objective(row.objective)]
    gained = row.reached - row.ranked_reached
    if gained:
        told = (
            f"{integer(row.reached)} {what} contre {integer(row.ranked_reached)} dans l'ordre de priorité, "
            f"soit {signed(gained)}"
        )
        return f"{told} ; {_pupils(row)}." if row.objective == Objective.EQUITY else f"{told}."
    if row.served > row.ranked_served:
        name, of = SHORT[Objective(row.objective)]
        mean, ranked_mean = (_mean(served, row.reached) for served in (row.served, row.ranked_served))
        return (
            f"Autant {of} que dans l'ordre de priorité ({integer(row.reached)} {name}), mais plus tôt : {mean} exercices "
            f"d'usage en moyenne contre {ranked_mean}."
        )
    return f"Rien de mieux que l'ordre de priorité : {integer(row.reached)} {what} dans les deux cas."


def _mean(served: int, reached: int) -> str:
    """« 3,26 »."""
    whole, rest = divmod(half_up(served * HUNDREDTHS, reached), HUNDREDTHS)
    return f"{whole},{rest:02d}"


def _pupils(row: Optimisation) -> str:
    return f"{integer(row.pupils)} élèves équipés contre {integer(row.ranked_pupils)} ({signed(row.pupils - row.ranked_pupils)})"


def bound_sentence(row: Optimisation) -> str:
    """What no order can beat; « la meilleure » only where it was proved."""
    name, of = SHORT[Objective(row.objective)]
    if row.optimal:
        return f"Aucun autre ordre ne fait mieux sous ces plafonds : ni plus {of}, ni plus tôt."
    if row.reached == row.bound:
        return f"Aucun autre ordre n'atteint plus {of} ; il peut en exister un qui les équipe plus tôt."
    return f"Le meilleur ordre ne peut dépasser {integer(row.bound)} {name} : écart {gap_text(row)}."


def gain_text(row: Optimisation) -> str:
    """The gain in a cell: « + 1 751 élèves », « plus tôt », « aucun »."""
    if row.reached != row.ranked_reached:
        return f"{signed(row.reached - row.ranked_reached)} {SHORT[Objective(row.objective)][0]}"
    return "plus tôt" if row.served > row.ranked_served else "aucun"


def gap_text(row: Optimisation) -> str:
    if not row.gap and row.reached < row.bound:
        return "moins de 0,01 %"
    return rate(row.gap * RATE_UNIT // GAP_UNIT)


def end_sentence(row: Optimisation) -> str:
    """How the search ended, and what that means for the next."""
    if row.stopped:
        return (
            f"Recherche arrêtée par la durée ({row.seconds} s) : une durée plus longue peut trouver mieux, et une autre "
            "recherche peut donner un autre ordre."
        )
    if row.optimal:
        return "Recherche menée à son terme : une autre, sur les mêmes données, donne le même ordre."
    return (
        "Recherche arrêtée par sa limite de travail, avant la durée : une autre, sur les mêmes données, donne le même "
        "ordre."
    )


def ranked_sentence(*, fill_gaps: bool) -> str:
    """What the proposal is compared with (interchange 1, rule 6)."""
    if fill_gaps:
        return "Ordre de priorité : chaque école à son rang, une plus petite pouvant passer avant quand la suivante ne tient pas."
    return "Ordre de priorité : chaque école à son rang, un exercice se fermant à la première école qui ne tient pas."


def years_chart(years: list[Year], look: Look) -> Chart:
    """TTC of each exercise in both orders, beside its cap."""
    figures = Figures(
        "cout-par-exercice",
        "Coût TTC par exercice, à côté du plafond",
        tuple(str(year.exercise) for year in years),
        (
            Series("Plafond", tuple(year.cap for year in years)),
            Series("Ordre de priorité", tuple(year.ranked for year in years)),
            Series("Proposition", tuple(year.proposed for year in years)),
        ),
        category_name="Exercice",
    )
    return grouped_bars(figures, look)
