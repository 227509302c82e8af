from datetime import date
from typing import Any

from django import forms

from deliberations import queries
from deliberations.forms.rows import DAY
from deliberations.models import Assembly
from plan_numerique.web.forms import scope_form_fields


class RegisterForm(forms.Form):
    """The period of a register: a year, most often."""

    assembly = forms.ModelChoiceField(Assembly.objects.none(), label="Assemblée")
    first = forms.DateField(label="Du", widget=DAY)
    last = forms.DateField(label="Au", widget=DAY)

    def __init__(self, *args: Any, user: Any, today: date, **kwargs: Any) -> None:
        year = {"first": date(today.year, 1, 1), "last": date(today.year, 12, 31)}
        super().__init__(*args, **{**kwargs, "initial": {**year, **(kwargs.get("initial") or {})}})
        scope_form_fields(self, {"assembly": queries.editable_assemblies}, user)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error(
                "last", f"La période finit avant de commencer : choisir un jour à partir du {first:%d/%m/%Y}."
            )
        return cleaned
