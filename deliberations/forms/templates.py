"""A model of act on one page: what it is, then its passages, each with its rank."""

from typing import Any

from django import forms

from deliberations import queries
from deliberations.enums import ClauseKind
from deliberations.models import ActTemplate
from deliberations.services.templates import LONGEST_VERB
from deliberations.services.texts import LONGEST_TEXT, MOST_CLAUSES
from plan_numerique.web.forms import EntityForm

BLANK_ROWS = 3
Row = dict[str, Any]


class ActTemplateForm(EntityForm):
    """Fields `rank_n`, `kind_n`, `verb_n`, `text_n`, `rich_n` for each passage, and three more to add some. One without text is
    left out; the ranks say the order."""

    scoped = {"authority": queries.editable_authorities}

    class Meta:
        model = ActTemplate
        fields = ("authority", "name", "title", "kind", "nature", "matter_code")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["authority"].required = True
        held: list[Row] = list(self.instance.clauses or [])
        self.row_count = min(max(len(held), self._sent()) + (0 if self.is_bound else BLANK_ROWS), MOST_CLAUSES)
        for number in range(self.row_count):
            self._add_row(number, held[number] if number < len(held) else {})

    def _sent(self) -> int:
        """How many rows a form that comes back holds."""
        return sum(name.startswith("kind_") for name in self.data) if self.is_bound else 0

    def _add_row(self, number: int, held: Row) -> None:
        said = f"passage {number + 1}"
        self.fields[f"rank_{number}"] = forms.IntegerField(
            label=f"Rang du {said}", initial=number + 1, required=False, min_value=0, max_value=9_999
        )
        self.fields[f"kind_{number}"] = forms.ChoiceField(
            label=f"Nature du {said}",
            choices=ClauseKind.choices,
            initial=held.get("kind", ClauseKind.ARTICLE),
            required=False,
        )
        self.fields[f"verb_{number}"] = forms.CharField(
            label=f"Verbe du {said}",
            initial=held.get("verb", ""),
            max_length=LONGEST_VERB,
            required=False,
            widget=forms.TextInput(attrs={"list": "verbs", "autocomplete": "off"}),
        )
        self.fields[f"text_{number}"] = forms.CharField(
            label=f"Texte du {said}",
            initial=held.get("text", ""),
            max_length=LONGEST_TEXT,
            required=False,
            widget=forms.Textarea(attrs={"rows": 3}),
        )
        self.fields[f"rich_{number}"] = forms.BooleanField(
            label=f"Mise en forme du {said}", initial=held.get("rich", False), required=False
        )
        self.fields[f"level_{number}"] = forms.IntegerField(
            initial=held.get("level", 1), required=False, min_value=1, max_value=5, widget=forms.HiddenInput()
        )

    @property
    def fieldsets(self) -> list[dict[str, Any]]:
        names = [name for name in self.Meta.fields if name in self.fields]
        return [{"legend": "Modèle", "fields": [self[name] for name in names]}]

    def rows(self) -> list[dict[str, forms.BoundField]]:
        parts = ("rank", "kind", "verb", "text", "rich", "level")
        return [{part: self[f"{part}_{number}"] for part in parts} for number in range(self.row_count)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        ranked = [
            (data.get(f"rank_{number}") or MOST_CLAUSES, number)
            for number in range(self.row_count)
            if (data.get(f"text_{number}") or "").strip()
        ]
        self.instance.clauses = [
            {
                "kind": data.get(f"kind_{number}") or ClauseKind.ARTICLE,
                "level": data.get(f"level_{number}") or 1,
                "verb": data.get(f"verb_{number}") or "",
                "text": data[f"text_{number}"],
                "rich": bool(data.get(f"rich_{number}")),
            }
            for _, number in sorted(ranked)
        ]
        return data
