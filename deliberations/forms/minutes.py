"""The minutes, part by part: what is said of the sitting, then of each act, with what was noted in the room beside it."""

from typing import Any

from django import forms

from deliberations import queries
from deliberations.domain.minutes import join_minutes, opens_part, split_minutes
from deliberations.models import Sitting
from deliberations.queries.register import SittingReader
from plan_numerique.web.forms import EntityForm

LONGEST_PART = 50_000
PART = "part_{}"


class MinutesForm(EntityForm):
    scoped = {"minutes_approved_in": queries.editable_sittings}

    class Meta:
        model = Sitting
        fields = ("minutes_approved_in",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._later_sittings()
        general, said = split_minutes(self.instance.minutes)
        self.reader = SittingReader(self.instance)
        self._said = said
        reason = self.fields.pop("reason", None)
        self._part("general", "Sur la séance", general)
        for act in self.reader.acts:
            self._part(PART.format(act.pk), str(act), said.get(act.pk, ""))
        if reason is not None:
            self.fields["reason"] = reason

    def _later_sittings(self) -> None:
        field = self.fields["minutes_approved_in"]
        field.label = "Arrêté à la séance"
        field.required = False
        field.help_text = "Le procès-verbal est arrêté au commencement de la séance suivante : le texte ne change plus."
        field.queryset = field.queryset.filter(
            assembly=self.instance.assembly_id, held_on__gte=self.instance.held_on
        ).exclude(pk=self.instance.pk)

    def _part(self, name: str, label: str, text: str) -> None:
        self.fields[name] = forms.CharField(
            label=label,
            required=False,
            initial=text,
            max_length=LONGEST_PART,
            widget=forms.Textarea(attrs={"rows": 5}),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, text in list(cleaned.items()):
            if (name == "general" or name.startswith("part_")) and isinstance(text, str) and opens_part(text):
                self.add_error(
                    name, "Une ligne « === acte … === » n'est pas acceptée : elle sépare les parties du procès-verbal."
                )
        return cleaned

    def minutes(self) -> str:
        """The whole text; what was said of an act that is no longer of the sitting is kept."""
        typed = {act.pk: self.cleaned_data.get(PART.format(act.pk), "") for act in self.reader.acts}
        return join_minutes(self.cleaned_data.get("general", ""), {**self._said, **typed})

    def parts(self) -> list[dict[str, Any]]:
        """{field, notes, state} of the sitting, then of each act in the order of passage."""
        notes = self.reader.notes
        acts = [
            {"field": self[PART.format(act.pk)], "notes": notes.get(act.pk, []), "state": act.get_state_display()}
            for act in self.reader.acts
        ]
        return [{"field": self["general"], "notes": notes.get(None, []), "state": ""}, *acts]

    def closing(self) -> list[Any]:
        return [self[name] for name in ("minutes_approved_in", "reason") if name in self.fields]
