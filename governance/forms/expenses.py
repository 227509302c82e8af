"""Expenses typed by hand, the regimes of the FCTVA."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from equipment.models import Device
from equipment.queries import visible_devices
from governance.models import Expense, FctvaRegime
from governance.queries import headings_of, money_authorisations, money_authorities, money_plans, visible_expenses
from governance.tables import LAGS
from plan_numerique.web.forms import EntityForm, asked_key
from schools.queries import visible_schools


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
