from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import CheckboxSelectMultiple
from django.utils import timezone

from governance.enums import Verdict
from governance.models import EquippedSchool, ProgrammePhase
from governance.queries import steered_phases
from plan_numerique.web.forms import EntityForm, asked_key
from schools.queries import visible_schools


def _day(label: str, **options: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, initial=timezone.localdate, **options)


class AdoptionForm(forms.Form):
    """`amends`: the plan has a programme already, the reason is then asked for."""

    reason = forms.CharField(
        label="Motif",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Gardé avec la version du programme.",
    )

    def __init__(self, *args: Any, amends: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if amends:
            self.fields["reason"].label = "Motif de l'avenant"
            self.fields["reason"].required = True
            self.fields["reason"].error_messages["required"] = "Un avenant au programme dit son motif."


class PhaseDayForm(forms.Form):
    """When a phase begins, or ends."""

    on = _day("Date")

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].label = label


class VerdictForm(forms.Form):
    verdict = forms.ChoiceField(label="Suite donnée au pilote", choices=Verdict.choices[1:], widget=forms.RadioSelect)
    on = _day("Décidée le")
    reason = forms.CharField(
        label="Motif",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Ce que la cohorte a montré, et qui a décidé.",
    )


class TickedSchools(forms.ModelMultipleChoiceField):
    widget = CheckboxSelectMultiple

    def clean(self, value: Any) -> Any:
        """A key that no database takes is no choice either."""
        for key in value or ():
            if asked_key(key) is None:
                raise ValidationError("Une de ces écoles n'est pas à équiper dans cette phase.", code="invalid_choice")
        return super().clean(value)


class RecordEquippedForm(forms.Form):
    """Ticks among the schools that the phase forecasts and that are not equipped yet."""

    schools = TickedSchools(
        label="Écoles équipées", queryset=None, error_messages={"required": "Cocher au moins une école."}
    )
    equipped_on = _day("Équipées le")

    def __init__(self, *args: Any, schools: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["schools"]
        field.queryset = schools


class ProgrammePhaseForm(EntityForm):
    class Meta:
        model = ProgrammePhase
        fields = ("label", "pilot", "note")


class EquippedSchoolForm(EntityForm):
    scoped = {"phase": steered_phases, "school": visible_schools}

    class Meta:
        model = EquippedSchool
        fields = ("phase", "school", "equipped_on", "classes", "pupils", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("classes", "pupils"):
            self.fields[name].required = False
            self.fields[name].help_text = "Vide : ce que le programme prévoit pour l'école."
            if self.instance._state.adding:
                self.initial[name] = None
        phase = asked_key(self.instance.phase_id or self.initial.get("phase") or self.data.get("phase"))
        field: Any = self.fields["school"]
        field.queryset = field.queryset.order_by("name", "pk")
        if phase is not None:
            found = self.fields["phase"].queryset.filter(pk=phase).first()
            if found is not None:
                field.queryset = field.queryset.filter(authority=found.plan.authority_id)


class RenewalForm(forms.Form):
    """What of the renewals is shown; filled from the address, never posted."""

    plan = forms.ChoiceField(label="Plan")
    until = forms.ChoiceField(label="Jusqu'en")
    year = forms.ChoiceField(label="Année", required=False)
    school = forms.CharField(label="École (nom ou UAI)", required=False)
    item = forms.ChoiceField(label="Article", required=False)
    origin = forms.ChoiceField(label="Origine", required=False)
