from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from governance.domain.weights import (
    DEFAULT_POINTS,
    EQUITY_CRITERIA,
    FEWEST_POINTS,
    MOST_POINTS,
    EquityPoints,
    points_refusal,
)
from governance.enums import Objective
from governance.services.optimisation import LONGEST_SEARCH

USUAL_SEARCH = 30
POINTS_HELP = (
    f"De {FEWEST_POINTS} à {MOST_POINTS}, ajoutés pour chaque critère que l'école remplit. Ils ne comptent que dans la recherche "
    "de l'équité."
)


class PointsField(forms.IntegerField):
    """A fault is told with what was typed and what is accepted."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=FEWEST_POINTS, max_value=MOST_POINTS, **kwargs)

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except ValidationError:
            raise ValidationError(points_refusal("" if value is None else value), code="points") from None


class OptimisationForm(forms.Form):
    """Its points are those given first, `points`."""

    objective = forms.ChoiceField(
        label="Ce que l'on cherche", choices=Objective.choices, widget=forms.RadioSelect, initial=Objective.PUPILS
    )
    seconds = forms.IntegerField(
        label="Durée au plus",
        min_value=1,
        max_value=LONGEST_SEARCH,
        initial=USUAL_SEARCH,
        help_text="En secondes, 60 au plus. La recherche finit souvent avant ; arrêtée par la durée, elle le dit.",
    )

    def __init__(self, *args: Any, points: EquityPoints = DEFAULT_POINTS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seconds"].unit = "s"  # type: ignore[attr-defined]
        for criterion in EQUITY_CRITERIA:
            self.fields[criterion.field] = PointsField(label=criterion.label, initial=criterion.points_of(points))

    @property
    def fieldsets(self) -> list[dict[str, Any]]:
        return [
            {"legend": "", "help": "", "fields": [self["objective"], self["seconds"]]},
            {
                "legend": "Points d'équité, pour chaque élève",
                "help": POINTS_HELP,
                "fields": [self[criterion.field] for criterion in EQUITY_CRITERIA],
                "grid": True,
            },
        ]

    def with_default_points(self) -> "OptimisationForm":
        """The same choices as typed, not sent, with the points of the product."""
        typed = {name: self.data[name] for name in ("objective", "seconds") if name in self.data}
        return OptimisationForm(initial=typed)

    @property
    def asked(self) -> dict[str, Any]:
        """What `start_optimisation` takes, once valid."""
        found = self.cleaned_data
        points = EquityPoints.from_fields(found)
        return {"objective": found["objective"], "seconds": found["seconds"], "points": points}
