"""Inequality of equipment between schools: the Gini index of an amount per pupil, weighted by pupils."""

from collections.abc import Sequence
from fractions import Fraction

from plan_numerique.shared.money import round_ratio

GINI_UNIT = 10_000
GINI_SENTENCE = (
    "Indice de Gini de la dépense par élève entre les écoles, chaque école comptant pour ses élèves : "
    "0 % quand chaque élève a autant, 100 % quand tout va à une seule école."
)


def gini(values: Sequence[tuple[int, int]]) -> int | None:
    """Ten-thousandths, half up, of (amount in cents, pupils) by school; schools without pupils are left out.

    None with fewer than two schools or nothing to share. It is one less twice the area under the Lorenz curve, in whole numbers.
    ValueError for an amount or a count below 0.
    """
    if any(amount < 0 or pupils < 0 for amount, pupils in values):
        raise ValueError("amounts and pupils: none below 0")
    schools = sorted((pair for pair in values if pair[1]), key=lambda pair: Fraction(*pair))
    whole = sum(amount for amount, _ in schools) * sum(pupils for _, pupils in schools)
    if len(schools) < 2 or not whole:
        return None
    under_curve = reached = 0
    for amount, pupils in schools:
        under_curve += pupils * (2 * reached + amount)
        reached += amount
    return round_ratio(GINI_UNIT * (whole - under_curve), whole)
