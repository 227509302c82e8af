from typing import Any

from django.forms import CheckboxSelectMultiple

from governance.forms.fields import CodesField, RateListField
from governance.models import Scenario, ScenarioCap, ScenarioPhase, ScenarioSchool, StatedPerimeter
from governance.queries import editable_plans, editable_scenarios, visible_rule_sets
from plan_numerique.web.forms import EntityForm
from schools.enums import Level
from schools.queries import visible_schools


class ScenarioForm(EntityForm):
    scoped = {"plan": editable_plans, "rule_set": visible_rule_sets}
    payment_schedule = RateListField(
        label="Échéancier de paiement",
        required=False,
        help_text="Parts en %, payées l'année même puis les suivantes, par exemple 60 ; 40. Vide : tout l'année même.",
    )

    class Meta:
        model = Scenario
        fields = (
            "plan",
            "name",
            "nature",
            "hypothesis",
            "first_exercise",
            "last_exercise",
            "school_year",
            "rule_set",
            "price_revision_rate",
            "renewals",
            "yearly_cap_ttc",
            "fill_gaps",
            "payment_schedule",
            "fctva_rate",
            "fctva_lag_years",
            "simulation_notice",
            "source",
            "quote",
        )


class ScenarioCapForm(EntityForm):
    scoped = {"scenario": editable_scenarios}

    class Meta:
        model = ScenarioCap
        fields = ("scenario", "exercise", "amount")


class ScenarioSchoolForm(EntityForm):
    scoped = {"scenario": editable_scenarios, "school": visible_schools}

    class Meta:
        model = ScenarioSchool
        fields = ("scenario", "school", "priority_rank")


class StatedPerimeterForm(EntityForm):
    scoped = {"scenario": editable_scenarios}

    class Meta:
        model = StatedPerimeter
        fields = ("scenario", "code", "label", "kind", "schools_count", "pupils", "note", "source", "quote")


class PerimeterForm(EntityForm):
    """Schools are those of the perimeter of the scenario in hand, or given in the query string."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scenario = self.instance.scenario_id or self.initial.get("scenario") or self.data.get("scenario")
        if scenario and str(scenario).isascii() and str(scenario).isdigit():
            field: Any = self.fields["schools"]
            field.queryset = field.queryset.filter(scenario_places__scenario=scenario).order_by("name", "pk")


class ScenarioPhaseForm(PerimeterForm):
    scoped = {"scenario": editable_scenarios, "schools": visible_schools}
    levels = CodesField(
        label="Niveaux", choices=Level.choices, help_text="Les classes qui ont l'un de ces niveaux entrent."
    )

    class Meta:
        model = ScenarioPhase
        fields = ("scenario", "position", "exercise", "covers_all", "levels", "schools")
        widgets = {"schools": CheckboxSelectMultiple}
