from typing import Any

from django import forms

from governance.services.ranking import LONGEST_REASON
from schools.models import RANKED

OUTCOMES = [("", "Toutes"), *((each.value, each.label) for each in RANKED)]
NOTED = {
    "": "Toutes",
    "departs": "Écartées de leur score",
    "tied": "À égalité",
    "unknown": "Une valeur inconnue au moins",
    "reserved": "Un avis réservé ou défavorable",
}


class RankingFilterForm(forms.Form):
    q = forms.CharField(label="École, UAI ou commune", required=False, max_length=100)
    outcome = forms.ChoiceField(label="Suite", choices=OUTCOMES, required=False)
    noted = forms.ChoiceField(label="Seulement", choices=list(NOTED.items()), required=False)


class SeenForm(forms.Form):
    """`seen`: what the form showed when it was opened."""

    seen = forms.CharField(required=False, max_length=2 * LONGEST_REASON, widget=forms.HiddenInput)

    def show_latest(self, version: str) -> None:
        """What was typed stays; sent again, it replaces what was noted meanwhile."""
        self.data = self.data.copy()
        self.data["seen"] = version


class DepartureForm(SeenForm):
    """`total`: how many lines the list has."""

    position = forms.IntegerField(
        label="Place",
        required=False,
        min_value=1,
        max_value=10_000,
        error_messages={
            "invalid": "La place est un nombre entier, 1 pour la première.",
            "min_value": "La première place est la 1.",
            "max_value": "La place va de 1 à 10 000 ; au-delà de la dernière, c'est la dernière.",
        },
    )
    refused = forms.BooleanField(
        label="Non retenue",
        required=False,
        help_text="L'école ne prend aucune des places à pourvoir, quel que soit son rang.",
    )
    reason = forms.CharField(
        label="Motif",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Lu par ceux qui voient le classement ; si l'école n'est pas retenue, il est aussi dans son courrier.",
        error_messages={"required": "Un écart au score est motivé : dire pourquoi."},
    )

    def __init__(self, *args: Any, total: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "position"
        ].help_text = (
            f"De 1 à {total}. Vide : la place de son score. Les autres écoles gardent l'ordre de leurs scores."
        )


class AnswerForm(SeenForm):
    answer = forms.CharField(
        label="Motivation dans le courrier",
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="S'ajoute aux points forts et aux points faibles tirés des critères, et aux avis qui ne sont pas confidentiels.",
    )


class SubmissionForm(forms.Form):
    meeting = forms.TypedChoiceField(
        label="Réunion",
        coerce=int,
        error_messages={
            "invalid_choice": "Cette réunion n'est pas à venir, ou n'est pas celle d'un comité de la collectivité."
        },
    )

    def __init__(self, *args: Any, meetings: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meeting"].choices = [(row.pk, str(row)) for row in meetings]
