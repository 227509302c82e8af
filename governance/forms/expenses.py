"""Expenses typed by hand, the regimes of the FCTVA, and the two steps before a file is checked: the file, its columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from equipment.models import Device
from equipment.queries import visible_devices
from governance.enums import ExpenseStage, Section
from governance.imports import COLUMNS
from governance.models import Expense, FctvaRegime
from governance.queries import headings_of, money_authorisations, money_authorities, money_plans, visible_expenses
from governance.tables import LAGS
from plan_numerique.tabular.reading import MAX_BYTES
from plan_numerique.web.forms import EntityForm, asked_key, scope_form_fields
from schools.queries import visible_schools

FIXED = "_fixed"
NONE_OF_THEM = "— aucune colonne —"


class DeviceField(forms.ModelChoiceField):
    """A device typed by its inventory number: a park has too many for a list."""

    widget = forms.TextInput

    def __init__(self) -> None:
        super().__init__(
            Device.objects.none(), required=False, label="Appareil", help_text="Son n° d'inventaire.", blank=True
        )

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            return Device.objects.filter(pk=value).values_list("inventory_number", flat=True).first() or ""
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "")

    def to_python(self, value: Any) -> Device | None:
        text = str(value or "").strip()
        if not text:
            return None
        found = self.queryset.filter(inventory_number=text).first() if "\x00" not in text else None
        if found is None:
            raise ValidationError(f"Aucun appareil n'a le n° d'inventaire « {text[:40]} ».")
        return found


class ExpenseForm(EntityForm):
    scoped = {
        "plan": money_plans,
        "authorisation": money_authorisations,
        "school": visible_schools,
        "device": visible_devices,
        "origin": visible_expenses,
    }
    device = DeviceField()

    class Meta:
        model = Expense
        fields = (
            "plan", "stage", "origin", "piece", "exercise", "dated_on", "supplier", "label", "heading", "section", "account",
            "ht", "vat", "fctva", "authorisation", "school", "device", "act", "source",
        )  # fmt: skip
        widgets = {"origin": forms.HiddenInput}
        help_texts = {
            "piece": "Unique dans son exercice, à chaque étape.",
            "heading": "Le code du poste du plan : materiel, cablage…",
            "account": "Vide : le compte habituel du poste.",
            "ht": "Négatif pour un avoir ou une annulation ; le TTC en est la somme avec la TVA.",
            "fctva": "Dépense réelle d'investissement, imputée à un compte éligible.",
            "authorisation": "Elle borne les engagements et les paiements, à partir de son vote (CGCT, L2311-3).",
            "act": "Numéro et date.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plans = self.fields["plan"].queryset
        self.authority_ids = {plan.authority_id for plan in plans}
        if (plan := asked_key(self.data.get(self.add_prefix("plan")))) is not None:
            device = self.fields["device"]
            device.queryset = device.queryset.filter(authority__plans=plan)  # a number is unique in its authority only
        self.headings = headings_of(self.authority_ids)
        self.fields["heading"].widget.attrs |= {"list": "postes", "data-heading": ""}
        self.fields["account"].widget.attrs["data-account"] = ""
        self.fields["section"].widget.attrs["data-section"] = ""
        if self.instance._state.adding:
            self.fields["vat"].initial = 0
            self.initial.setdefault("dated_on", timezone.localdate())
            self.initial.setdefault("exercise", timezone.localdate().year)
            if len(plans) == 1:
                self.initial.setdefault("plan", plans[0].pk)

    def proposals(self) -> dict[str, dict[str, str]]:
        """What a heading usually is, for the page to propose."""
        return {row.code: {"account": row.account, "section": row.section} for row in self.headings}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        plan, code = cleaned.get("plan"), cleaned.get("heading")
        if plan and code and not cleaned.get("account"):
            usual = next((h for h in self.headings if h.code == code and h.authority_id == plan.authority_id), None)
            if usual and usual.section == cleaned.get("section"):
                cleaned["account"] = usual.account
        return cleaned


class FctvaRegimeForm(EntityForm):
    scoped = {"authority": money_authorities}
    lag_years = forms.TypedChoiceField(label="Versement", choices=tuple(LAGS.items()), coerce=int, initial=2)

    class Meta:
        model = FctvaRegime
        fields = ("authority", "from_exercise", "lag_years", "rate", "source")
        help_texts = {
            "from_exercise": "Premier exercice de dépense ; le régime dure jusqu'au suivant.",
            "rate": "Du montant TTC des dépenses éligibles.",
        }


class ExpenseFileForm(forms.Form):
    plan = forms.ModelChoiceField(queryset=None, label="Plan")
    file = forms.FileField(
        label="Fichier d'exécution comptable",
        help_text="CSV, XLSX ou ODS, tel qu'il sort du logiciel de finances : une ligne par pièce. 20 Mo au plus.",
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope_form_fields(self, {"plan": money_plans}, user)
        plans = self.fields["plan"].queryset  # type: ignore[attr-defined]
        if len(plans) == 1:
            self.fields["plan"].initial = plans[0]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(f"Ce fichier pèse {file.size // 1_000_000} Mo : {MAX_BYTES // 1_000_000} Mo au plus.")
        return file


class ExpenseColumnsForm(forms.Form):
    """For each field of an expense, the column of the file that holds it; what no column holds may be the same for every line."""

    stage_fixed = forms.ChoiceField(
        label="Sinon, étape de toutes les lignes", choices=[("", "—"), *ExpenseStage.choices], required=False
    )
    exercise_fixed = forms.IntegerField(
        label="Sinon, exercice de toutes les lignes",
        min_value=1900,
        max_value=2200,
        required=False,
        help_text="Vide : l'année de la date.",
    )
    section_fixed = forms.ChoiceField(
        label="Sinon, section de toutes les lignes",
        choices=[("", "selon le compte"), *Section.choices],
        required=False,
    )

    def __init__(self, *args: Any, header: Sequence[str], known: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fixed = {name: self.fields.pop(name) for name in list(self.fields)}
        choices = [("", NONE_OF_THEM), *((name, name) for name in header)]
        for column in COLUMNS:
            field = forms.ChoiceField(label=column.label, choices=choices, required=column.required)
            field.initial = known[column.name] if known.get(column.name) in header else ""
            self.fields[column.name] = field
            if other := fixed.get(f"{column.name}{FIXED}"):
                other.initial = known.get(f"{column.name}{FIXED}", "")
                self.fields[f"{column.name}{FIXED}"] = other

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("stage") and not cleaned.get("stage_fixed"):
            self.add_error("stage", "Indiquer la colonne de l'étape, ou l'étape de toutes les lignes.")
        if not cleaned.get("ttc") and not cleaned.get("ht"):
            self.add_error("ttc", "Indiquer la colonne du montant TTC, ou celles du HT et de la TVA.")
        elif cleaned.get("ht") and not cleaned.get("ttc") and not cleaned.get("vat"):
            self.add_error("vat", "Avec le HT seul, indiquer la colonne de la TVA ou celle du TTC.")
        used = [cleaned[column.name] for column in COLUMNS if cleaned.get(column.name)]
        for name in sorted({name for name in used if used.count(name) > 1}):
            self.add_error(None, f"La colonne « {name} » est donnée deux fois.")
        return cleaned

    def columns(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}
