"""What is asked to convene, to answer, to convene again."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import localdate

from deliberations.enums import Answer
from deliberations.forms.rows import DAY, HOUR, LIST_OF_LINES
from deliberations.models import Invitation, Mandate, Sitting
from plan_numerique.web.forms import EntityForm

LONGEST_TEXT = 5_000


class SendForm(forms.Form):
    """`number`: the rank of the convocation that this page announces."""

    number = forms.IntegerField(min_value=1, max_value=10_000, widget=forms.HiddenInput)
    message = forms.CharField(
        label="Message aux membres",
        required=False,
        max_length=LONGEST_TEXT,
        widget=LIST_OF_LINES,
        help_text="Placé avant l'ordre du jour, dans la convocation et dans le courriel.",
    )
    urgent = forms.BooleanField(label="Convoquer en urgence", required=False)
    urgency_reason = forms.CharField(
        label="Motif de l'urgence",
        required=False,
        max_length=LONGEST_TEXT,
        widget=LIST_OF_LINES,
        help_text="Écrit dans la convocation, obligatoire en urgence.",
    )
    despite = forms.BooleanField(label="Envoyer malgré ce qui manque", required=False)

    def __init__(self, *args: Any, warned: bool, second: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not warned:
            del self.fields["despite"]
        if second:
            del self.fields["urgent"], self.fields["urgency_reason"]


class SecondSittingForm(forms.Form):
    held_on = forms.DateField(label="Date de la seconde réunion", widget=DAY)
    held_at = forms.TimeField(label="Heure", widget=HOUR)
    place = forms.CharField(label="Lieu", max_length=160)


class AnswerForm(forms.Form):
    """Three answers; the colleague for the third one only."""

    answer = forms.ChoiceField(choices=Answer.choices, label="Réponse")
    holder = forms.ModelChoiceField(
        label="Collègue à qui donner pouvoir",
        queryset=Mandate.objects.none(),
        required=False,
        empty_label="Choisir un collègue",
    )

    def __init__(self, *args: Any, members: Any, **kwargs: Any) -> None:
        """`members`: all those of the assembly, so that a refusal names the one chosen and its article."""
        super().__init__(*args, **kwargs)
        self.fields["holder"].queryset = members


class ClerkAnswerForm(EntityForm):
    """An answer given by telephone or on paper, entered by the clerk."""

    scoped = {"holder": lambda user: Mandate.objects.none()}
    received_on = forms.DateField(label="Reçue le", required=False, widget=DAY, help_text="Aujourd'hui si vide.")

    class Meta:
        model = Invitation
        fields = ("answer", "holder")
        labels = {"holder": "Pouvoir donné à"}
        widgets = {"answer": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("reason", None)  # an answer needs none
        self.fields["answer"].required = True
        self.fields["answer"].choices = Answer.choices
        sitting: Sitting = self.instance.convocation.sitting
        self.fields["holder"].queryset = (
            Mandate.objects.filter(assembly=sitting.assembly_id)
            .exclude(pk=self.instance.mandate_id)
            .order_by("rank", "pk")
        )

    def clean_received_on(self) -> date | None:
        day: date | None = self.cleaned_data["received_on"]
        if day is not None and day > localdate():
            raise ValidationError("Une réponse ne se consigne pas avant d'être reçue : aujourd'hui au plus tard.")
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("answer") != Answer.PROXY:
            data["holder"] = None
        return data

    def _post_clean(self) -> None:
        """The service validates the whole row: the answer comes with its date."""
