"""Payment credits: when the investment of each exercise is paid (interchange 1, rule 7)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from plan_numerique.shared.money import split_cents


def payment_credits(ttc_by_exercise: Mapping[int, int], schedule: Sequence[int]) -> dict[int, int]:
    """Credits by year: every exercise, then each later year with an amount. The schedule is of rates, from the year itself on."""
    credits: defaultdict[int, int] = defaultdict(int)
    for exercise, ttc in ttc_by_exercise.items():
        for lag, share in enumerate(split_cents(ttc, schedule)):
            if share:
                credits[exercise + lag] += share
    later = {year: ttc for year, ttc in sorted(credits.items()) if year not in ttc_by_exercise}
    return {exercise: credits[exercise] for exercise in ttc_by_exercise} | later
