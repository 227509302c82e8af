"""What a constraint of the database cannot say: closed lists kept as JSON, and rows of one authority only."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError

from governance.enums import Section
from plan_numerique.shared.money import RATE_UNIT, parse_cents, parse_rate
from schools.enums import Level


def check_same_authority(field: str, what: str, row: Any, authority_id: int) -> None:
    if row.authority_id != authority_id:
        raise ValidationError({field: f"{what} d'une autre collectivité."})


def check_codes(field: str, values: Any, known: Sequence[str]) -> None:
    if not isinstance(values, list) or any(value not in known for value in values):
        raise ValidationError({field: f"Liste attendue, parmi : {', '.join(known)}."})


def check_levels(values: Any) -> None:
    check_codes("levels", values, Level.values)


def check_sections(values: Any) -> None:
    check_codes("sections", values, Section.values)


def check_headings(values: Any) -> None:
    if not isinstance(values, list) or not all(isinstance(value, str) and value.strip() for value in values):
        raise ValidationError({"headings": "Liste de postes attendue, par exemple : materiel, cablage."})


def check_exercises(values: Any, exercises: range) -> None:
    if not isinstance(values, list) or any(type(value) is not int or value not in exercises for value in values):
        first, last = exercises[0], exercises[-1]
        raise ValidationError({"exercises": f"Liste d'exercices attendue, de {first} à {last}."})


def check_schedule(values: Any) -> None:
    """Rates in percent, as decimal strings, that sum to 100; nothing: all in the year itself."""
    try:
        rates = [parse_rate(value) for value in values]
    except (TypeError, ValueError):
        rates = [-1]
    if not isinstance(values, list) or (values and sum(rates) != RATE_UNIT):
        raise ValidationError({"payment_schedule": "Taux en pourcentage dont la somme fait 100, par exemple 60 ; 40."})


def check_tiers(values: Any) -> None:
    """[{"up_to": "200000.00" | None, "rate": "70"}], bounds ascending, the last without one."""
    try:
        bounds = [None if tier["up_to"] is None else parse_cents(tier["up_to"]) for tier in values]
        sound = bool(bounds) and all(
            set(tier) == {"up_to", "rate"} and parse_rate(tier["rate"]) >= 0 for tier in values
        )
    except (TypeError, KeyError, ValueError):
        sound, bounds = False, []
    known = [bound for bound in bounds[:-1] if bound is not None]
    ascending = len(known) == len(bounds) - 1 and all(low < high for low, high in pairwise(known))
    if not (sound and ascending and bounds[-1] is None):
        raise ValidationError(
            {"tiers": "Tranches aux bornes croissantes, la dernière sans borne : 200000 : 70, puis au-delà : 50."}
        )
