"""Where an act read from its text is checked and recorded."""

from typing import Any

from django import forms

from deliberations import queries
from deliberations.enums import AssemblyKind
from deliberations.models import Assembly
from deliberations.queries import past_acts
from plan_numerique.accounts.enums import AuthorityKind
from plan_numerique.accounts.models import Authority


class WhereForm(forms.Form):
    """Whose act it is: the authority gives its checks, the assembly its register."""

    assembly = forms.ModelChoiceField(
        Assembly.objects.none(),
        label="Assemblée",
        required=False,
        empty_label="Aucune, ou une nouvelle",
        help_text="Son SIREN, son département et sa population entrent dans les contrôles.",
    )
    authority = forms.ModelChoiceField(
        Authority.objects.none(), label="Collectivité de la nouvelle assemblée", required=False
    )
    assembly_name = forms.CharField(label="Nom de la nouvelle assemblée", max_length=160, required=False)
    source = forms.CharField(
        label="Source",
        max_length=250,
        required=False,
        help_text="D'où vient le texte, par exemple « Registre de 2017, n° 1 ».",
    )
    complete = forms.BooleanField(
        label="Les listes nomment tous les membres en exercice",
        required=False,
        help_text="Les comptes sont alors rapprochés des listes.",
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assembly"].queryset = past_acts.assemblies_to_check(user)  # type: ignore[attr-defined]
        self.fields["authority"].queryset = queries.editable_authorities(user).order_by("name", "pk")  # type: ignore[attr-defined]

    def chosen(self) -> Assembly | None:
        """The assembly, made in memory where it is a new one; None where none is said."""
        data = self.cleaned_data
        if data.get("assembly") or not data.get("authority"):
            held: Assembly | None = data.get("assembly")
            return held
        epci = data["authority"].kind == AuthorityKind.EPCI
        kind = AssemblyKind.COMMUNITY if epci else AssemblyKind.MUNICIPAL
        return Assembly(authority=data["authority"], name=data["assembly_name"].strip(), kind=kind)
