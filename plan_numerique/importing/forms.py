from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from plan_numerique.accounts.models import Authority, User
from plan_numerique.imports.importer import Importer
from plan_numerique.tabular.reading import MAX_BYTES
from plan_numerique.web.forms import scope_form_fields

NONE_OF_THEM = "— aucune —"
COLUMN, OPTION = "col-", "opt-"
MAX_MB = MAX_BYTES // 1_000_000


class FileForm(forms.Form):
    """What is sent, for which authority; refused by its size before it is read."""

    authority = forms.ModelChoiceField(queryset=None, label="Collectivité")
    file = forms.FileField(
        label="Fichier",
        help_text=f"Le déposer dans le cadre, ou le choisir : CSV (tout séparateur), XLSX ou ODS, {MAX_MB} Mo au plus. L'ordre des colonnes est libre.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.ods"}),
    )

    def __init__(self, *args: Any, user: User, importer: Importer, chosen: Authority | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope_form_fields(
            self, {"authority": lambda who: importer.permission.authorities(who).order_by("name", "pk")}, user
        )
        field: Any = self.fields["authority"]
        towns = list(field.queryset[:2])
        if len(towns) == 1:
            field.initial = towns[0]
            field.widget = forms.HiddenInput()
        elif chosen:
            field.initial = chosen

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(f"« {file.name[:80]} » pèse {file.size // 1_000_000} Mo : {MAX_MB} Mo au plus.")
        return file


class ColumnsForm(forms.Form):
    """For each field of a row, the column of the file that holds it; and what holds for the whole file."""

    def __init__(
        self,
        *args: Any,
        importer: Importer,
        authority: Authority,
        user: User,
        header: Sequence[str],
        columns: Mapping[str, str],
        options: Mapping[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.importer = importer
        choices = [("", NONE_OF_THEM), *((name, name) for name in header)]
        for option in importer.options:
            self.fields[f"{OPTION}{option.name}"] = forms.ChoiceField(
                label=option.label,
                required=option.required,
                help_text=option.help,
                choices=[*([] if option.required else [("", "—")]), *option.choices(user, authority)],
                initial=options.get(option.name) or option.initial(user, authority),
            )
        for column in importer.columns:
            self.fields[f"{COLUMN}{column.name}"] = forms.ChoiceField(
                label=column.label,
                required=column.required,
                choices=choices,
                initial=columns.get(column.name, ""),
                error_messages={
                    "required": f"Indiquer la colonne de « {column.label} » : cette donnée est obligatoire."
                },
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        used: dict[str, str] = {}
        for name, value in list(cleaned.items()):
            if not name.startswith(COLUMN) or not value:
                continue
            if value in used:
                self.add_error(name, f"La colonne « {value} » est déjà indiquée pour « {used[value]} ».")
            used.setdefault(value, str(self.fields[name].label))
        return cleaned

    def columns(self) -> dict[str, str]:
        return self._part(COLUMN)

    def options(self) -> dict[str, str]:
        return self._part(OPTION)

    def _part(self, start: str) -> dict[str, str]:
        return {
            name.removeprefix(start): value
            for name, value in self.cleaned_data.items()
            if name.startswith(start) and value
        }


class UndoForm(forms.Form):
    reason = forms.CharField(
        label="Motif",
        max_length=500,
        required=False,
        help_text="Gardé dans le journal : mauvais fichier, mauvaise année…",
    )
