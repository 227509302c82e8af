"""The step of the wizard that says who enters first, and when."""

from typing import Any

from django import forms

from governance.enums import Strategy
from governance.forms.wizard import StepForm
from governance.queries import PhaseData, ScenarioData
from governance.queries.wizard import by_ips, by_priority_district, by_pupils, classes_of, strategy_of
from governance.services import steps
from plan_numerique.shared.wording import counted
from plan_numerique.web.forms import asked_key
from schools.enums import Level

KEEP, BY_IPS, BY_QPV, BY_PUPILS, BY_HAND = "keep", "ips", "qpv", "pupils", "hand"
ORDERS = {BY_IPS: by_ips, BY_QPV: by_priority_district, BY_PUPILS: by_pupils}
PLACED, BY_CAP, PER_YEAR = "placed", "cap", "per_year"
MOST_UNKNOWN = 5


class StrategyForm(StepForm):
    """Only the fields of the strategy chosen are looked at."""

    part = steps.STRATEGY
    strategy = forms.ChoiceField(
        label="Comment les écoles entrent-elles ?", widget=forms.RadioSelect, choices=Strategy.choices
    )
    order = forms.ChoiceField(
        label="Dans quel ordre ?",
        widget=forms.RadioSelect,
        required=False,
        choices=[
            (KEEP, "L'ordre actuel des rangs"),
            (BY_IPS, "Indice de position sociale (IPS) le plus bas d'abord"),
            (BY_QPV, "Quartiers prioritaires (QPV) d'abord, puis REP+, REP et IPS"),
            (BY_PUPILS, "Écoles les plus nombreuses d'abord"),
            (BY_HAND, "L'ordre que je donne"),
        ],
    )
    hand_order = forms.CharField(
        label="L'ordre, une école par ligne",
        widget=forms.Textarea(attrs={"rows": 6}),
        required=False,
        help_text="UAI ou nom exact, collés d'un tableur. Les écoles absentes suivent, dans leur ordre actuel.",
    )
    placing = forms.ChoiceField(
        label="Combien chaque année ?",
        widget=forms.RadioSelect,
        required=False,
        choices=[
            (PLACED, "Garder les écoles où elles sont placées"),
            (BY_CAP, "Le plafond décide, dans l'ordre des rangs (sans plafond : toutes dès le premier exercice)"),
            (PER_YEAR, "Un nombre d'écoles par exercice"),
        ],
    )
    per_year = forms.IntegerField(label="Écoles par exercice", required=False, min_value=1, max_value=10_000)
    pilots = forms.MultipleChoiceField(label="Écoles pilotes", required=False, widget=forms.CheckboxSelectMultiple)
    pilot_exercise = forms.TypedChoiceField(label="Exercice des pilotes", coerce=int, required=False)
    general_exercise = forms.TypedChoiceField(label="Exercice de toutes les autres", coerce=int, required=False)
    class_school = forms.TypedChoiceField(label="École dont on nomme les classes", coerce=int, required=False)

    def add_fields(self) -> None:
        fields: dict[str, Any] = self.fields
        self.years = [(year, str(year)) for year in self.draft.scenario.exercises]
        places = sorted(self.draft.places, key=lambda place: place.school.name)
        fields["pilots"].choices = [
            (place.school.uai, f"{place.school.name} ({place.school.commune.name})") for place in places
        ]
        fields["class_school"].choices = [(place.school_id, place.school.name) for place in places]
        fields["pilot_exercise"].choices = fields["general_exercise"].choices = self.years
        for level in Level.values:
            fields[f"level_{level}"] = self._year_choice(level, forms.RadioSelect)
        self.school_id = self._school_shown({place.school_id for place in places})
        self.classes = classes_of(self.draft, self.school_id) if self.school_id else []
        for rank, each in enumerate(self.classes):
            fields[f"class_{rank}"] = self._year_choice(each.name, forms.Select)

    def _year_choice(self, label: str, widget: Any) -> Any:
        choices = [("", "Pas équipée" if widget is forms.Select else "Pas équipé"), *self.years]
        return forms.TypedChoiceField(
            label=label, choices=choices, coerce=int, empty_value=None, required=False, widget=widget
        )

    def _school_shown(self, known: set[int]) -> int | None:
        """The one posted with its classes, or asked for, or the first."""
        asked = asked_key(self.data.get("shown_school") or self.query.get("ecole"))
        if asked in known:
            return asked
        first = min(self.draft.places, key=lambda place: place.school.name, default=None)
        return first.school_id if first else None

    @property
    def levels_grid(self) -> list[Any]:
        return [self[f"level_{level}"] for level in Level.values]

    @property
    def classes_grid(self) -> list[tuple[Any, Any]]:
        return [(each, self[f"class_{rank}"]) for rank, each in enumerate(self.classes)]

    @property
    def classes_by_year(self) -> list[tuple[int, int]]:
        """(exercise, classes named in it)."""
        return [(phase.exercise, len(phase.classes)) for phase in self.draft.phases if phase.classes]

    def stored(self) -> dict[str, Any]:
        phases = self.draft.phases
        level_of = {level: phase.exercise for phase in phases for level in phase.levels}
        class_of = {each: phase.exercise for phase in phases for each in phase.classes}
        pilots = next((phase for phase in phases if phase.schools), None)
        general = next((phase for phase in phases if phase.covers_all), None)
        first = self.draft.scenario.first_exercise
        return {
            "strategy": strategy_of(self.draft),
            "order": KEEP,
            "placing": BY_CAP if not phases or phases == (PhaseData(first, covers_all=True),) else PLACED,
            "pilots": pilots.schools if pilots else [],
            "pilot_exercise": pilots.exercise if pilots else first,
            "general_exercise": general.exercise if general else min(first + 1, self.draft.scenario.last_exercise),
            "class_school": self.school_id,
            **{f"level_{level}": level_of.get(level) for level in Level.values},
            **{f"class_{rank}": class_of.get((each.uai, each.name)) for rank, each in enumerate(self.classes)},
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        strategy = cleaned.get("strategy")
        for name in [name for name in self.errors if name not in self._looked_at(strategy)]:
            del self.errors[name]
            cleaned.setdefault(name, None)
        if strategy == Strategy.BY_SCHOOL:
            self._clean_by_school(cleaned)
        elif strategy == Strategy.BY_LEVEL and not any(cleaned.get(f"level_{level}") for level in Level.values):
            self.add_error(None, "Donner un exercice à au moins un niveau.")
        elif strategy == Strategy.PILOT:
            self._clean_pilot(cleaned)
        return cleaned

    def _looked_at(self, strategy: Any) -> set[str]:
        found = {
            Strategy.BY_SCHOOL: {"order", "hand_order", "placing", "per_year"},
            Strategy.BY_LEVEL: {f"level_{level}" for level in Level.values},
            Strategy.BY_CLASS: {f"class_{rank}" for rank in range(len(self.classes))},
            Strategy.PILOT: {"pilots", "pilot_exercise", "general_exercise"},
        }
        return {"strategy", "seen", "__all__", *found.get(strategy, ())}

    def _clean_by_school(self, cleaned: dict[str, Any]) -> None:
        if cleaned.get("placing") == PER_YEAR and not cleaned.get("per_year") and "per_year" not in self.errors:
            self.add_error("per_year", "Donner le nombre d'écoles par exercice.")
        self.hand_ranks: list[str] | None = None
        if cleaned.get("order") == BY_HAND:
            self.hand_ranks = self._typed_order(cleaned.get("hand_order") or "")

    def _typed_order(self, text: str) -> list[str]:
        names = {place.school.name.casefold(): place.school.uai for place in self.draft.places}
        names |= {place.school.uai.casefold(): place.school.uai for place in self.draft.places}
        lines = [(rank, line.split("\t")[0].strip()) for rank, line in enumerate(text.splitlines(), start=1)]
        lines = [(rank, line) for rank, line in lines if line]
        unknown = [f"ligne {rank} : « {line[:60]} »" for rank, line in lines if line.casefold() not in names]
        if unknown:
            left = len(unknown) - MOST_UNKNOWN
            more = f" … et {counted(left, 'autre')}" if left > 0 else ""
            listed = " ; ".join(unknown[:MOST_UNKNOWN])
            self.add_error("hand_order", f"Pas dans le périmètre : {listed}{more}.")
        elif not lines:
            self.add_error("hand_order", "Donner au moins une école.")
        typed = [names[line.casefold()] for _, line in lines if line.casefold() in names]
        now = sorted(self.draft.places, key=lambda p: (p.priority_rank is None, p.priority_rank or 0, p.school.uai))
        return list(dict.fromkeys([*typed, *(place.school.uai for place in now)]))

    def _clean_pilot(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("pilots") and "pilots" not in self.errors:
            self.add_error("pilots", "Choisir au moins une école pilote.")
        first, then = cleaned.get("pilot_exercise"), cleaned.get("general_exercise")
        if first and then and then < first:
            self.add_error("general_exercise", "Les autres écoles n'entrent pas avant les pilotes.")

    def applied(self) -> ScenarioData:
        cleaned, strategy = self.cleaned_data, self.cleaned_data["strategy"]
        if strategy == Strategy.BY_LEVEL:
            chosen = {level: cleaned[f"level_{level}"] for level in Level.values}
            return steps.by_level(self.draft, exercise_of={level: year for level, year in chosen.items() if year})
        if strategy == Strategy.BY_CLASS:
            named = {(each.uai, each.name): cleaned[f"class_{rank}"] for rank, each in enumerate(self.classes)}
            return steps.by_class(self.draft, exercise_of=named)
        if strategy == Strategy.PILOT:
            names = ("pilots", "pilot_exercise", "general_exercise")
            return steps.pilot(self.draft, **{name: cleaned[name] for name in names})
        compute_order = ORDERS.get(cleaned["order"])
        return steps.by_school(
            self.draft,
            order=compute_order(self.draft) if compute_order else self.hand_ranks,
            per_year=cleaned["per_year"] if cleaned["placing"] == PER_YEAR else None,
            keep=cleaned["placing"] == PLACED,
        )
