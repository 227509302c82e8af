from collections.abc import Iterable
from typing import Any

from django import forms

from governance.models import ScenarioSchool

NOT_PLACED = ("", "Non placées")


class MoveForm(forms.Form):
    """`seen`: where the sender saw the school, checked when it is given."""

    school = forms.TypedChoiceField(label="École", coerce=int)
    exercise = forms.TypedChoiceField(label="Vers", coerce=int, empty_value=None, required=False)
    seen = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, places: Iterable[ScenarioSchool], exercises: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = sorted(places, key=lambda place: place.school.name)
        fields: dict[str, Any] = self.fields
        fields["school"].choices = [(place.school_id, place.school.name) for place in self.places]
        years = [NOT_PLACED, *((year, str(year)) for year in exercises)]
        fields["exercise"].choices = fields["seen"].choices = years
        fields["school"].error_messages["invalid_choice"] = "Cette école n'est pas dans le périmètre."
        fields["exercise"].error_messages["invalid_choice"] = "« %(value)s » n'est pas un exercice du scénario."

    def asked(self) -> dict[str, Any]:
        """What the service takes."""
        cleaned = self.cleaned_data
        school = next(place.school for place in self.places if place.school_id == cleaned["school"])
        return {
            "school": school,
            "exercise": cleaned["exercise"],
            "seen": cleaned["seen"],
            "check_seen": "seen" in self.data,
        }
