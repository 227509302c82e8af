from typing import Any

from django.forms import CheckboxSelectMultiple

from governance.enums import Strategy
from governance.forms.fields import CodesField, RateListField
from governance.models import Scenario, ScenarioCap, ScenarioPhase, ScenarioSchool, StatedPerimeter
from governance.queries import editable_plans, editable_scenarios, visible_rule_sets
from plan_numerique.web.forms import EntityForm, asked_key
from schools.enums import Level
from schools.queries import visible_classes, visible_schools


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
        fields = ("scenario", "school", "priority_rank", "group")


class StatedPerimeterForm(EntityForm):
    scoped = {"scenario": editable_scenarios}

    class Meta:
        model = StatedPerimeter
        fields = ("scenario", "code", "label", "kind", "schools_count", "pupils", "note", "source", "quote")


class PerimeterForm(EntityForm):
    """Schools are those of the perimeter of the scenario in hand, or given in the query string."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scenario = scenario_of(self)
        if scenario:
            field: Any = self.fields["schools"]
            field.queryset = field.queryset.filter(scenario_places__scenario=scenario).order_by("name", "pk")


def scenario_of(form: Any) -> int | None:
    """The key of the scenario of the row edited, or of the one given in the query string."""
    return asked_key(form.instance.scenario_id or form.initial.get("scenario") or form.data.get("scenario"))


class ScenarioPhaseForm(PerimeterForm):
    """Classes are asked where the scenario goes class by class, or the phase names some."""

    scoped = {"scenario": editable_scenarios, "schools": visible_schools, "classes": visible_classes}
    levels = CodesField(
        label="Niveaux", choices=Level.choices, help_text="Les classes qui ont l'un de ces niveaux entrent."
    )

    class Meta:
        model = ScenarioPhase
        fields = ("scenario", "position", "exercise", "school_year", "covers_all", "levels", "schools", "classes")
        widgets = {"schools": CheckboxSelectMultiple, "classes": CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scenario = editable_scenarios(self.user).filter(pk=scenario_of(self) or 0).first()
        named = self.instance.pk is not None and self.instance.classes.exists()
        if scenario is None or not (named or scenario.strategy == Strategy.BY_CLASS):
            del self.fields["classes"]
            return
        field: Any = self.fields["classes"]
        field.queryset = field.queryset.filter(
            school__scenario_places__scenario=scenario, school_year=scenario.school_year
        ).order_by("school__name", "name", "pk")
