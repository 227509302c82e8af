"""Forms of questionnaires, campaigns and opinions."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from schools import queries
from schools.domain import marks
from schools.domain.answers import problem_of_options
from schools.enums import QuestionKind, Verdict
from schools.forms.territory import ParentForm
from schools.models import Application, Campaign, Criterion, Opinion, Question, Questionnaire


class QuestionnaireForm(ParentForm):
    scoped = {"authority": queries.composing_authorities}
    parent = "authority"

    class Meta:
        model = Questionnaire
        fields = ("authority", "kind", "title", "code", "intro", "source")
        help_texts = {
            "code": "Le même d'une version à l'autre. Laissé vide, il est tiré du titre.",
            "intro": "Ce que lit la personne qui répond, avant la première question.",
            "source": "Le document d'où viennent les questions, s'il y en a un.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].required = False
        if not self.instance._state.adding:
            for name in ("kind", "code"):
                self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("code") and "code" not in self.errors:
            cleaned["code"] = slugify(cleaned.get("title", ""))[:60] or "questionnaire"
        return cleaned


class OptionsField(forms.CharField):
    """« code | intitulé », one option a line; a line without a bar is an « intitulé » whose code is drawn from it."""

    widget = forms.Textarea(attrs={"rows": 6})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(f"{each['code']} | {each['label']}" for each in value if isinstance(each, dict))

    def to_python(self, value: Any) -> Any:
        lines = [line.strip() for line in str(value or "").splitlines() if line.strip()]
        options = [_option(line) for line in lines]
        problem = problem_of_options(options)
        if problem:
            raise ValidationError(problem)
        return options

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool((initial or []) != self.to_python(data))
        except ValidationError:
            return True


def _option(line: str) -> dict[str, str]:
    code, bar, label = (part.strip() for part in line.partition("|"))
    return {"code": code, "label": label} if bar else {"code": slugify(code)[:60], "label": code}


class QuestionForm(ParentForm):
    scoped = {"questionnaire": queries.draft_questionnaires}
    parent = "questionnaire"
    options = OptionsField(
        label="Choix proposés",
        required=False,
        help_text="Pour une question à choix, une ligne par choix : « code | intitulé », par exemple « wifi | Wi-Fi ».",
    )

    class Meta:
        model = Question
        fields = (
            "questionnaire",
            "section",
            "text",
            "help",
            "kind",
            "options",
            "required",
            "unit",
            "lowest",
            "highest",
            "code",
            "position",
        )
        widgets = {"help": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "section": "Les questions qui se suivent sous la même rubrique sont présentées ensemble.",
            "required": "La réponse est attendue pour déposer ou terminer, jamais pendant la saisie.",
            "unit": "Pour un nombre : « Mbit/s », « enseignants ».",
            "code": "Le même d'une version à l'autre : c'est par lui que les réponses se comparent. Vide, il est tiré de l'intitulé.",
            "position": "Se change aussi par les flèches, dans la page du questionnaire.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("code") and "code" not in self.errors:
            cleaned["code"] = self._free_code(cleaned)
        number = cleaned.get("kind") == QuestionKind.INTEGER
        for name, label in (("lowest", "minimum"), ("highest", "maximum"), ("unit", "unité")):
            if not number and cleaned.get(name) not in (None, ""):
                self.add_error(name, f"« {cleaned[name]} » : un nombre seul a un {label}." if name != "unit" else
                               f"« {cleaned[name]} » : un nombre seul a une unité.")  # fmt: skip
        return cleaned

    def _free_code(self, cleaned: dict[str, Any]) -> str:
        questionnaire = cleaned.get("questionnaire")
        start = slugify(cleaned.get("text", ""))[:50].strip("-") or "question"
        taken = set(questionnaire.questions.values_list("code", flat=True)) if questionnaire else set()
        return next(code for code in (start, *(f"{start}-{n}" for n in range(2, 1_001))) if code not in taken)


class CampaignForm(ParentForm):
    scoped = {"authority": queries.leading_authorities, "questionnaire": queries.campaign_questionnaires}
    parent = "authority"

    class Meta:
        model = Campaign
        fields = (
            "authority",
            "title",
            "school_year",
            "questionnaire",
            "presentation",
            "opens_on",
            "closes_on",
            "opinions_due_on",
            "places",
            "tie_rule",
            "source",
        )
        help_texts = {
            "school_year": "Année de la rentrée : 2026 pour 2026-2027.",
            "opens_on": "Premier jour où les écoles candidatent.",
            "closes_on": "Dernier jour, compris.",
            "places": "Vide : le nombre d'écoles n'est pas fixé d'avance.",
        }


class CriterionForm(ParentForm):
    scoped = {"campaign": queries.led_campaigns}
    parent = "campaign"

    class Meta:
        model = Criterion
        fields = (
            "campaign",
            "kind",
            "label",
            "help",
            "weight",
            "floor_value",
            "full_value",
            "default_value",
            "position",
        )
        help_texts = {
            "kind": "Une note donnée par des personnes, ou une valeur lue dans l'application.",
            "help": "Lue par qui donne la note.",
            "weight": "Points donnés à la meilleure valeur.",
            "floor_value": "Peut être la plus grande des deux : un IPS élevé donne alors moins de points qu'un IPS bas.",
            "default_value": "Vide : aucun point quand la valeur est inconnue.",
        }


class OpinionForm(forms.Form):
    """The opinion of one stage, with the marks of its criteria; typed marks are read by the service. `seen`: the version shown."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    verdict = forms.ChoiceField(label="Avis", choices=Verdict.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label="Motivation",
        widget=forms.Textarea(attrs={"rows": 6}),
        required=False,
        max_length=5_000,
        help_text="Attendue pour un avis réservé ou défavorable.",
    )
    confidential = forms.BooleanField(
        label="Avis confidentiel : l'école ne le lira pas, ni dans sa page, ni dans le courrier de réponse.",
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        application: Application,
        criteria: list[Criterion],
        opinion: Opinion | None,
        version: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        self.initial["seen"] = version
        if opinion is not None:
            self.initial |= {"verdict": opinion.verdict, "text": opinion.text, "confidential": opinion.confidential}
        given = {each.criterion_id: each for each in application.marks.filter(criterion__in=criteria)}
        for each in criteria:
            low, high = (marks.shown(bound) for bound in marks.bounds(each.floor_value, each.full_value))
            told = f"De {low} à {high}, pour {each.weight} points au plus."
            mark = given.get(each.pk)
            self.fields[f"mark-{each.pk}"] = forms.CharField(
                label=each.label,
                required=False,
                max_length=20,
                initial=marks.shown(mark.value) if mark else "",
                help_text=f"{each.help} {told}".strip(),
                widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "amount", "autocomplete": "off"}),
            )
            self.fields[f"reason-{each.pk}"] = forms.CharField(
                label=f"Motif de la note « {each.label} »",
                required=False,
                max_length=250,
                initial=mark.reason if mark else "",
            )

    def show_latest(self, version: str) -> None:
        """What was typed stays; sent again, it replaces what was given meanwhile."""
        self.data = self.data.copy()
        self.data["seen"] = version

    @property
    def fieldsets(self) -> list[dict[str, Any]]:
        sets = [{"legend": "", "fields": [self[name] for name in ("verdict", "text", "confidential")]}]
        if self.criteria:
            fields = [self[f"{part}-{each.pk}"] for each in self.criteria for part in ("mark", "reason")]
            sets.append({"legend": "Notes", "fields": fields})
        return sets

    def typed_marks(self) -> dict[int, tuple[str, str]]:
        data = self.cleaned_data
        return {each.pk: (data.get(f"mark-{each.pk}", ""), data.get(f"reason-{each.pk}", "")) for each in self.criteria}


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label="Motif",
        max_length=500,
        widget=forms.Textarea,
        help_text="Gardé dans l'historique, lu par le service éducation.",
    )


class FileForm(forms.Form):
    """`file` is read by the service, by what it holds."""

    file = forms.FileField(label="Fichier", allow_empty_file=True, max_length=255)
    caption = forms.CharField(label="Légende", max_length=160, required=False)
