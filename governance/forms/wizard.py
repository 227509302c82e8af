"""The steps of the wizard of a scenario: each reads the data before, and gives the data after what is typed."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import fields_for_model

from governance.forms.fields import CodesField, RateListField
from governance.models import Scenario
from governance.models.checks import check_schedule
from governance.models.scenario import LONGEST_PLAN
from governance.queries import ScenarioData, editable_plans, visible_rule_sets
from governance.queries.wizard import choosable_schools, class_names, class_years
from governance.services import steps
from plan_numerique.shared.periods import school_year_label
from plan_numerique.web import versions
from plan_numerique.web.fields import CentsField, YearField
from plan_numerique.web.forms import EntityForm
from plan_numerique.web.templatetags.web import integer
from schools.enums import SchoolKind, Sector

ALL, CRITERIA, CHOSEN = "all", "criteria", "chosen"
NO_CAP, ONE_CAP, CAP_BY_YEAR = "none", "one", "each"


class WizardStartForm(EntityForm):
    scoped = {"plan": editable_plans}

    class Meta:
        model = Scenario
        fields = ("plan", "name", "nature", "first_exercise", "last_exercise")
        help_texts = {"name": "Par exemple « Écoles prioritaires d'abord, 140 000 € par an »."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Plans of the authority chosen in the header; the only one is already chosen."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["plan"]
        if self.scope.authority:
            field.queryset = field.queryset.filter(authority=self.scope.authority)
        plans = list(field.queryset[:2])
        if len(plans) == 1 and not self.initial.get("plan"):
            self.initial["plan"] = plans[0].pk


class StepForm(forms.Form):
    part: ClassVar[steps.Part]
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, draft: ScenarioData, user: Any, query: Any = None) -> None:
        self.draft, self.user, self.query = draft, user, query or {}
        super().__init__(data)
        self.add_fields()
        self.initial.update(self.stored())
        self.initial["seen"] = steps.stamp(draft, self.part)

    def add_fields(self) -> None:
        """Those that depend on the scenario."""

    def stored(self) -> dict[str, Any]:
        """Initial values, read from the data before."""
        return {}

    def applied(self) -> ScenarioData:
        """Of a valid form; DomainError for what the rules refuse."""
        raise NotImplementedError

    def over(self, now: ScenarioData) -> "StepForm":
        """What is typed, over the data as they are now: a field left as it was shown takes what is stored."""
        form = type(self)(self.data.copy(), draft=now, user=self.user, query=self.query)
        for name in {*form.fields} - {*self.changed_data} | {"seen"}:
            versions.take(form, name, form[name].initial)
        return form

    def left_out(self, form: "StepForm") -> list[tuple[str, str]]:
        """(label, value) typed in fields that the form no longer has: those of an exercise that is gone."""
        return [
            (str(self[name].label), str(self[name].value())) for name in self.changed_data if name not in form.fields
        ]


class TerritoryForm(StepForm):
    part = steps.TERRITORY
    school_year = forms.TypedChoiceField(
        label="Classes et effectifs de l'année",
        coerce=int,
        empty_value=None,
        required=False,
        help_text="Les classes connues de cette année servent à compter le matériel.",
    )
    which = forms.ChoiceField(
        label="Quelles écoles ?",
        widget=forms.RadioSelect,
        choices=[
            (ALL, "Toutes les écoles ouvertes"),
            (CRITERIA, "Celles qui répondent à des critères"),
            (CHOSEN, "Celles que je coche"),
        ],
    )
    communes = forms.TypedMultipleChoiceField(
        label="Communes", coerce=int, required=False, widget=forms.CheckboxSelectMultiple, help_text="Aucune : toutes."
    )
    kinds = CodesField(label="Types", choices=SchoolKind.choices, help_text="Aucun : tous.")
    sectors = CodesField(label="Secteurs", choices=Sector.choices, help_text="Aucun : tous.")
    schools = forms.TypedMultipleChoiceField(
        label="Écoles", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def add_fields(self) -> None:
        self.choosable = list(choosable_schools(self.user, self.draft))
        fields: dict[str, Any] = self.fields
        fields["schools"].choices = [(row.pk, f"{row.name} ({row.commune.name})") for row in self.choosable]
        communes = {row.commune_id: row.commune.name for row in self.choosable}
        fields["communes"].choices = sorted(communes.items(), key=lambda pair: pair[1])
        years = class_years(self.draft)
        fields["school_year"].choices = [
            ("", "Aucune : montants et services seulement"),
            *((year, f"{school_year_label(year)} ({integer(count)} classes)") for year, count in years),
        ]

    def stored(self) -> dict[str, Any]:
        known = {place.school_id for place in self.draft.places}
        everyone = {row.pk for row in self.choosable}
        years = class_years(self.draft)
        year = self.draft.scenario.school_year
        fresh = year is None and not known and years
        return {
            "school_year": years[0][0] if fresh else year,
            "which": ALL if not known or known == everyone else CHOSEN,
            "schools": sorted(known),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.chosen = [row for row in self.choosable if self._wanted(row, cleaned)]
        if not self.chosen and not self.errors:
            field = "schools" if cleaned.get("which") == CHOSEN else "which"
            self.add_error(field, "Aucune école : en cocher au moins une, ou élargir les critères.")
        return cleaned

    @staticmethod
    def _wanted(row: Any, cleaned: dict[str, Any]) -> bool:
        if cleaned.get("which") == CHOSEN:
            return row.pk in cleaned.get("schools", ())
        if row.status != "open":
            return False
        if cleaned.get("which") == ALL:
            return True
        pairs = (("communes", row.commune_id), ("kinds", row.kind), ("sectors", row.sector))
        return all(not cleaned.get(name) or value in cleaned[name] for name, value in pairs)

    def applied(self) -> ScenarioData:
        year = self.cleaned_data["school_year"]
        named = any(phase.classes for phase in self.draft.phases)
        known = class_names(self.chosen, year) if named else set()
        return steps.territory(self.draft, schools=self.chosen, school_year=year, known=known)


class AllocationForm(StepForm):
    part = steps.ALLOCATION
    rule_set = forms.ModelChoiceField(
        label="Règles de dotation",
        queryset=None,
        required=False,
        blank=True,  # else radio buttons lose the empty choice
        widget=forms.RadioSelect,
        empty_label="Aucune : le scénario ne compte que des montants globaux et des services",
        help_text="Qui reçoit quoi : un vidéoprojecteur par classe, une classe mobile par étage…",
    )

    def add_fields(self) -> None:
        field: Any = self.fields["rule_set"]
        authority = self.draft.scenario.plan.authority_id
        field.queryset = visible_rule_sets(self.user).filter(authority=authority).order_by("name", "-version")
        if not field.queryset.exists():
            field.help_text = (
                "La collectivité n'a pas encore de règles : elles s'écrivent sous Équipement, Règles de dotation."
            )

    def stored(self) -> dict[str, Any]:
        return {"rule_set": self.draft.scenario.rule_set_id}

    def applied(self) -> ScenarioData:
        return steps.allocation(self.draft, rule_set=self.cleaned_data["rule_set"])


def year_field(label: str) -> Any:
    return YearField(label).formfield()


def money_field(label: str) -> Any:
    return CentsField(label, null=True, blank=True).formfield()


class LimitsForm(StepForm):
    part = steps.LIMITS
    first_exercise = year_field("premier exercice")
    last_exercise = year_field("dernier exercice")
    mode = forms.ChoiceField(
        label="Plafond de dépense",
        widget=forms.RadioSelect,
        choices=[
            (NO_CAP, "Aucun plafond"),
            (ONE_CAP, "Le même chaque année"),
            (CAP_BY_YEAR, "Un plafond propre à chaque exercice"),
        ],
    )
    yearly_cap_ttc = money_field("plafond annuel TTC")
    fill_gaps = forms.BooleanField(
        label="Une école plus petite peut passer avant, quand la suivante ne tient pas",
        required=False,
        help_text="Sinon, l'ordre des rangs est tenu : personne ne double.",
    )

    def add_fields(self) -> None:
        for year in self.draft.scenario.exercises:
            self.fields[f"cap_{year}"] = money_field(f"plafond TTC {year}")

    @property
    def year_caps(self) -> list[Any]:
        return [self[f"cap_{year}"] for year in self.draft.scenario.exercises]

    def stored(self) -> dict[str, Any]:
        scenario, caps = self.draft.scenario, self.draft.caps
        every = scenario.yearly_cap_ttc
        return {
            "first_exercise": scenario.first_exercise,
            "last_exercise": scenario.last_exercise,
            "mode": CAP_BY_YEAR if caps else NO_CAP if every is None else ONE_CAP,
            "yearly_cap_ttc": every,
            "fill_gaps": scenario.fill_gaps,
            **{f"cap_{year}": caps.get(year, every) for year in scenario.exercises},
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first_exercise"), cleaned.get("last_exercise")
        if first and last and not first <= last < first + LONGEST_PLAN:
            self.add_error(
                "last_exercise", f"Un scénario couvre de 1 à {LONGEST_PLAN} exercices, du premier au dernier."
            )
        if (
            cleaned.get("mode") == ONE_CAP
            and cleaned.get("yearly_cap_ttc") is None
            and "yearly_cap_ttc" not in self.errors
        ):
            self.add_error("yearly_cap_ttc", "Donner le plafond, ou choisir « Aucun plafond ».")
        return cleaned

    def applied(self) -> ScenarioData:
        cleaned, mode = self.cleaned_data, self.cleaned_data["mode"]
        typed = {year: cleaned[f"cap_{year}"] for year in self.draft.scenario.exercises}
        return steps.limits(
            self.draft,
            first_exercise=cleaned["first_exercise"],
            last_exercise=cleaned["last_exercise"],
            yearly_cap_ttc=cleaned["yearly_cap_ttc"] if mode == ONE_CAP else None,
            caps={year: cap for year, cap in typed.items() if cap is not None} if mode == CAP_BY_YEAR else {},
            fill_gaps=cleaned["fill_gaps"],
        )


class PricesForm(StepForm):
    part = steps.PRICES
    payment_schedule = RateListField(
        label="Échéancier de paiement",
        required=False,
        help_text="Parts en %, payées l'année même puis les suivantes, par exemple 60 ; 40. Vide : tout l'année même.",
    )

    def add_fields(self) -> None:
        asked = fields_for_model(Scenario, fields=[name for name in self.part.fields if name not in self.fields])
        self.fields = {**asked, **self.fields}  # type: ignore[assignment]
        self.order_fields(["price_revision_rate", "renewals", "payment_schedule"])

    def stored(self) -> dict[str, Any]:
        return {name: getattr(self.draft.scenario, name) for name in self.part.fields}

    def clean_payment_schedule(self) -> list[str]:
        schedule: list[str] = self.cleaned_data["payment_schedule"]
        try:
            check_schedule(schedule)
        except ValidationError as error:
            raise ValidationError(error.messages) from None
        return schedule

    def applied(self) -> ScenarioData:
        return steps.prices(self.draft, **{name: self.cleaned_data[name] for name in self.part.fields})
