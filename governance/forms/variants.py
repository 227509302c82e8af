from typing import Any

from django import forms
from django.forms.models import fields_for_model

from governance.models import Scenario
from governance.queries import visible_rule_sets

LONGEST_SHIFT = 20


class VaryForm(forms.Form):
    shift = forms.IntegerField(
        label="Décaler les exercices (années)",
        min_value=-LONGEST_SHIFT,
        max_value=LONGEST_SHIFT,
        initial=0,
        help_text="1 pour commencer un an plus tard. Les montants annoncés pour un exercice ne suivent pas.",
    )
    rule_set = forms.ModelChoiceField(label="Règles de dotation", queryset=None, required=False, empty_label="Aucune")

    def __init__(self, *args: Any, scenario: Scenario, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = ["name", "yearly_cap_ttc", "price_revision_rate"]
        self.fields.update(fields_for_model(Scenario, fields=names))
        fields: dict[str, Any] = self.fields
        fields["rule_set"].queryset = (
            visible_rule_sets(user).filter(authority=scenario.plan.authority_id).order_by("name", "-version")
        )
        self.order_fields([*names, "rule_set", "shift"])
        self.initial = {
            "name": f"{scenario.name[:140]} (variante)",
            "rule_set": scenario.rule_set_id,
            "shift": 0,
            **{name: getattr(scenario, name) for name in names[1:]},
        }
