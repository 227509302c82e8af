"""What prepares an act: its text, its note, its annexes, the opinions, its circuit of visas."""

from typing import Any

from django import forms

from deliberations import queries
from deliberations.domain.annexes import ACCEPTED, TYPES
from deliberations.enums import SittingState, VisaStage
from deliberations.forms.rows import LIST_OF_LINES, OfActForm
from deliberations.models import Act, ActClause, ActTemplate, ActVersion, Annex, CommissionOpinion
from deliberations.services.annexes import LARGEST
from deliberations.services.visas import LONGEST_REMARK
from governance.queries import visible_plans, visible_scenarios
from plan_numerique.web.forms import EntityForm

RICH = forms.Textarea(attrs={"rows": 10, "data-clause-text": ""})
LONGEST_NOTE = 20_000
VERBS = (
    "approuve",
    "décide",
    "autorise",
    "prend acte",
    "sollicite",
    "désigne",
    "donne mandat",
    "précise",
    "dit",
    "charge",
)

TO_COME = (SittingState.DRAFT, SittingState.CONVENED)


class ActClauseForm(OfActForm):
    """A new passage says where it goes; one already there is moved on the page of the text."""

    position = forms.IntegerField(required=False, min_value=1, max_value=2_000_000_000, widget=forms.HiddenInput())

    class Meta:
        model = ActClause
        fields = ("act", "position", "kind", "level", "verb", "text", "rich")
        widgets = {"text": RICH, "verb": forms.TextInput(attrs={"list": "verbs", "autocomplete": "off"})}
        help_texts = {
            "text": "Un visa et un considérant s'écrivent sans leur premier mot : « Vu » et « Considérant » sont ajoutés.",
            "level": "De 1 à 5, pour un élément de liste.",
            "verb": "Pour un article : approuve, décide, autorise, prend acte…",
            "rich": "Gras, italique, listes et tableaux ; décocher pour un texte simple.",
        }

    def clean(self) -> dict[str, Any]:
        """Without a place, where the row stands, or after the last."""
        data = super().clean() or self.cleaned_data
        if not data.get("position"):
            data["position"] = self.instance.position or 2_000_000_000
        return data

    def _get_validation_exclusions(self) -> set[str]:
        """A new passage may ask for the place of another, which the service pushes."""
        left_out: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return left_out | {"position"} if self.instance._state.adding else left_out


class SummaryNoteForm(EntityForm):
    summary_note = forms.CharField(
        label="Note de synthèse",
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 18}),
        help_text="Ce que les membres doivent savoir pour délibérer. Jointe à la convocation (CGCT, article L2121-12).",
    )

    class Meta:
        model = Act
        fields = ("summary_note",)


class CommissionOpinionForm(OfActForm):
    class Meta:
        model = CommissionOpinion
        fields = ("act", "commission", "held_on", "opinion", "remark")
        widgets = {"remark": LIST_OF_LINES}


class AnnexForm(OfActForm):
    """The file is given once: another file is another annex."""

    file = forms.FileField(
        label="Fichier",
        help_text=f"{ACCEPTED}. {LARGEST // 1024 // 1024} Mo au plus ; gardé tel quel.",
        widget=forms.FileInput(attrs={"accept": ",".join(f".{end}" for end in TYPES)}),
    )

    class Meta:
        model = Annex
        fields = ("act", "position", "title", "public")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            del self.fields["position"]
            self.order_fields(["act", "title", "file", "public"])
        else:
            del self.fields["file"]

    def _post_clean(self) -> None:
        """The document of a new annex is made by the service, which checks the row."""
        if not self.instance._state.adding:
            super()._post_clean()


class DraftForm(forms.ModelForm):
    """A new act from a model."""

    template = forms.ModelChoiceField(
        queryset=ActTemplate.objects.none(),
        label="Modèle",
        required=False,
        empty_label="Sans modèle : texte vide",
        help_text="Son texte est repris, à compléter ; ses chiffres seront ceux du plan.",
    )
    title = forms.CharField(
        label="Intitulé", required=False, max_length=300, help_text="Vide : celui que propose le modèle."
    )

    class Meta:
        model = Act
        fields = ("sitting", "template", "title", "plan", "scenario", "service")

    def __init__(self, *args: Any, user: Any, scope: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, Any] = self.fields
        sittings = queries.editable_sittings(user).filter(past=False, state__in=TO_COME)
        templates = queries.visible_act_templates(user).order_by("authority__name", "name")
        plans, scenarios = visible_plans(user).order_by("name", "pk"), visible_scenarios(user).order_by("name", "pk")
        if scope.authority:
            sittings = sittings.filter(assembly__authority=scope.authority)
            templates = templates.filter(authority=None) | templates.filter(authority=scope.authority)
            plans = plans.filter(authority=scope.authority)
            scenarios = scenarios.filter(plan__authority=scope.authority)
        choices["sitting"].queryset, choices["template"].queryset = sittings, templates
        choices["plan"].queryset, choices["scenario"].queryset = plans, scenarios
        choices["plan"].label, choices["scenario"].label = "Plan", "Scénario"
        choices["scenario"].help_text = "Les chiffres écrits [[…]] dans le texte sont ceux de son dernier calcul."

    def _post_clean(self) -> None:
        """The service makes the act and checks it."""


class CircuitForm(forms.Form):
    stages = forms.MultipleChoiceField(
        label="Visas demandés, dans cet ordre",
        choices=VisaStage.choices,
        initial=list(VisaStage),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisir au moins un visa."},
    )


class SignForm(forms.Form):
    """`seen`: the digest of the text shown with the form."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput())
    remark = forms.CharField(
        label="Remarque",
        required=False,
        max_length=LONGEST_REMARK,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Obligatoire pour renvoyer le projet.",
    )


class CompareForm(forms.Form):
    """Two texts of an act; the empty one is the present text."""

    before = forms.ModelChoiceField(queryset=ActVersion.objects.none(), label="De")
    after = forms.ModelChoiceField(
        queryset=ActVersion.objects.none(), label="À", required=False, empty_label="Texte actuel"
    )

    def __init__(self, *args: Any, versions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["before"].queryset = fields["after"].queryset = versions
