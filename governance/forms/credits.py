"""What a vote of an authorisation asks: who decided, when, and an amount for each exercise."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from governance.models import Authorisation
from governance.queries import money_plans
from plan_numerique.shared.money import display_euros
from plan_numerique.web.fields import MAX_CENTS, DecimalTextField
from plan_numerique.web.forms import EntityForm


class AuthorisationForm(EntityForm):
    scoped = {"plan": money_plans}

    class Meta:
        model = Authorisation
        fields = (
            "plan",
            "code",
            "label",
            "section",
            "amount",
            "first_exercise",
            "last_exercise",
            "note",
            "source",
            "quote",
        )


def cents_field(label: str, *, required: bool = False, help_text: str = "") -> DecimalTextField:
    return DecimalTextField(
        label=label,
        places=2,
        least=2,
        unit="€",
        min_value=0,
        max_value=MAX_CENTS,
        required=required,
        help_text=help_text,
    )


class VersionForm(forms.Form):
    """`grid` is a field by exercise, `years` the exercises it has; a blank one is 0."""

    prefix_of_year = "cp_"
    year_label = "Crédits de paiement"

    based_on = forms.IntegerField(min_value=0, max_value=10**6, widget=forms.HiddenInput)
    last = forms.IntegerField(min_value=1900, max_value=2200, widget=forms.HiddenInput)
    voted_on = forms.DateField(label="Votée le", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    act = forms.CharField(
        label="Délibération",
        max_length=160,
        help_text="Numéro et date de la délibération distincte qui la vote (CGCT, R2311-9).",
    )
    reason = forms.CharField(label="Motif", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    source = forms.CharField(label="Source", max_length=250, required=False)

    def __init__(self, *args: Any, years: Iterable[int], needs_reason: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.years = tuple(years)
        if not needs_reason:
            self.fields["reason"].required = False
        for year in self.years:
            self.fields[self.name_of(year)] = cents_field(f"{self.year_label} {year}")

    def name_of(self, year: int) -> str:
        return f"{self.prefix_of_year}{year}"

    def year_field(self, year: int) -> forms.BoundField:
        return self[self.name_of(year)]

    @property
    def decision_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("voted_on", "act", "reason", "source")]

    def by_year(self) -> dict[int, int]:
        """Cents of a valid form."""
        return {year: self.cleaned_data.get(self.name_of(year)) or 0 for year in self.years}


class VoteForm(VersionForm):
    amount = cents_field("Autorisation de programme", required=True)

    def __init__(self, *args: Any, noun: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].label = noun or self.fields["amount"].label


class CarryOverForm(VersionForm):
    """`unspent`: exercises that have ended, with the cents not spent in them."""

    prefix_of_year = "report_"
    year_label = "Report sur"

    from_exercise = forms.TypedChoiceField(label="Exercice terminé dont les crédits se reportent", coerce=int)

    def __init__(self, *args: Any, unspent: Mapping[int, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from_exercise"].choices = [
            (year, f"{year} : {display_euros(cents)} non consommés") for year, cents in unspent.items()
        ]

    def by_year(self) -> dict[int, int]:
        return {year: cents for year, cents in super().by_year().items() if cents}
