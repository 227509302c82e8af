from typing import Any, ClassVar

from django import forms

from deliberations import queries
from deliberations.domain.actes import matter_label
from deliberations.forms.matters import MatterInput
from deliberations.models import (
    Act,
    ActIdentifier,
    Assembly,
    AttendanceChange,
    Mandate,
    PassageRange,
    Reporter,
    Secretary,
    Sitting,
    StatedAmount,
    StatedBudget,
    StatedBudgetLine,
    StatedGrant,
    StatedProduct,
)
from deliberations.queries.filing import matter_choices
from governance.queries import visible_plans, visible_scenarios
from plan_numerique.web.forms import EntityForm, asked_key

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
HOUR = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
LIST_OF_LINES = forms.Textarea(attrs={"rows": 2})
Sets = tuple[tuple[str, tuple[str, ...]], ...]
SITTING_SETS: Sets = (
    ("Séance", ("assembly", "held_on", "held_at", "place", "chair", "chair_quality", "past")),
    (
        "Convocation",
        ("convened_on", "urgent", "urgency_reason", "second_convocation", "first_sitting"),
    ),
    (
        "Comptes écrits au registre",
        ("in_office", "present", "absent", "excused", "represented", "stated_quorum", "counts_note"),
    ),
    ("Observations", ("members_note", "passage_note", "source")),
)
ACT_SETS: Sets = (
    ("Acte", ("sitting", "number", "passage", "kind", "state", "title", "title_note", "stated_object")),
    ("Classement", ("nature", "matter_code", "matter_label", "commissions", "service")),
    ("Décision du plan", ("plan", "scenario")),
    ("Signature", ("chair", "signatory", "signatory_name", "signatory_quality")),
    (
        "Transmission et publication",
        ("transmitted_on", "received_on", "posted_on", "published_on", "transmission_channel", "dates_note"),
    ),
    ("Observations", ("identifiers_note", "source")),
)


def fields_of(sets: Sets) -> tuple[str, ...]:
    return tuple(name for _, names in sets for name in names)


class SetsForm(EntityForm):
    """A long form in parts: `sets` are (legend, fields); the reason closes the last one."""

    sets: ClassVar[Sets] = ()

    @property
    def fieldsets(self) -> list[dict[str, Any]]:
        """None at all for a form without sets, which is then shown field by field."""
        if not self.sets:
            return []
        shown = [
            {"legend": legend, "fields": [self[name] for name in names if not self[name].is_hidden]}
            for legend, names in self.sets
        ]
        if "reason" in self.fields:
            shown.append({"legend": "", "fields": [self["reason"]]})
        return shown


class AssemblyForm(EntityForm):
    scoped = {"authority": queries.editable_authorities}

    class Meta:
        model = Assembly
        fields = ("authority", "name", "kind", "regime", "publication", "number_format", "note")
        widgets = {"note": LIST_OF_LINES}


class MandateForm(EntityForm):
    scoped = {
        "assembly": queries.editable_assemblies,
        "alternate_for": queries.editable_mandates,
        "replaces": queries.editable_mandates,
    }

    class Meta:
        model = Mandate
        fields = (
            "assembly", "display_name", "civility", "initials", "first_name", "last_name", "function", "group", "side",
            "commune", "rank", "starts_on", "ends_on", "end_reason", "alternate_for", "replaces",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assembly = asked_key(self["assembly"].value())
        if assembly is not None:
            for name in ("alternate_for", "replaces"):
                others = self.fields[name].queryset.filter(assembly=assembly)
                self.fields[name].queryset = others.exclude(pk=self.instance.pk)


class SittingForm(SetsForm):
    sets = SITTING_SETS
    scoped = {
        "assembly": queries.editable_assemblies,
        "chair": queries.editable_mandates,
        "first_sitting": queries.editable_sittings,
    }

    class Meta:
        model = Sitting
        fields = fields_of(SITTING_SETS)
        widgets = {
            "held_at": HOUR,
            "urgency_reason": LIST_OF_LINES,
            "counts_note": LIST_OF_LINES,
            "members_note": LIST_OF_LINES,
            "passage_note": LIST_OF_LINES,
        }


class OfSittingForm(EntityForm):
    """A row shown on the page of its sitting, which is preset and not chosen."""

    scoped = {
        "sitting": queries.editable_sittings,
        "mandate": queries.editable_mandates,
        "act": queries.editable_acts,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sitting"].widget = forms.HiddenInput()
        sitting = self.fields["sitting"].queryset.filter(pk=asked_key(self["sitting"].value())).first()
        if "mandate" in self.fields:
            members = self.fields["mandate"].queryset
            self.fields["mandate"].queryset = members.filter(assembly=sitting.assembly_id if sitting else None)
        if "act" in self.fields:
            self.fields["act"].queryset = self.fields["act"].queryset.filter(sitting=sitting)


class SecretaryForm(OfSittingForm):
    class Meta:
        model = Secretary
        fields = ("sitting", "position", "published_name", "mandate")


class AttendanceChangeForm(OfSittingForm):
    class Meta:
        model = AttendanceChange
        fields = ("sitting", "mandate", "event", "at", "act", "quote", "source")
        widgets = {"at": HOUR, "quote": LIST_OF_LINES}


class PassageRangeForm(OfSittingForm):
    class Meta:
        model = PassageRange
        fields = ("sitting", "position", "kind", "first", "last")


class ActForm(SetsForm):
    sets = ACT_SETS
    scoped = {
        "sitting": queries.editable_sittings,
        "chair": queries.editable_mandates,
        "signatory": queries.editable_mandates,
        "plan": visible_plans,
        "scenario": visible_scenarios,
    }
    matter_code = forms.CharField(
        label="Matière (code)",
        max_length=20,
        required=False,
        help_text="Nomenclature nationale : 8.1 Enseignement, 7.5 Subventions, 7.1 Décisions budgétaires, 1.1 Marchés publics.",
        widget=MatterInput,
    )

    class Meta:
        model = Act
        fields = fields_of(ACT_SETS)
        widgets = dict.fromkeys(("title_note", "commissions", "dates_note", "identifiers_note"), LIST_OF_LINES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sitting = self.fields["sitting"].queryset.filter(pk=asked_key(self["sitting"].value())).first()
        authority = sitting.assembly.authority if sitting else self.scope.authority
        self.fields["matter_code"].widget.matters = matter_choices(authority)

    def clean(self) -> dict[str, Any]:
        """The national label where none is written."""
        data = super().clean() or self.cleaned_data
        code = data.get("matter_code")
        if code and not data.get("matter_label"):
            data["matter_label"] = matter_label(code) or ""
        return data


class OfActForm(SetsForm):
    """A row shown on the page of its act, which is preset and not chosen."""

    scoped = {"act": queries.editable_acts, "mandate": queries.editable_mandates}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["act"].widget = forms.HiddenInput()
        if "mandate" in self.fields:
            act = self.fields["act"].queryset.filter(pk=asked_key(self["act"].value())).first()
            members = self.fields["mandate"].queryset
            self.fields["mandate"].queryset = members.filter(assembly=act.sitting.assembly_id if act else None)


class ReporterForm(OfActForm):
    class Meta:
        model = Reporter
        fields = ("act", "position", "published_name", "mandate")


class ActIdentifierForm(OfActForm):
    class Meta:
        model = ActIdentifier
        fields = ("act", "kind", "value", "quote")


class StatedAmountForm(OfActForm):
    class Meta:
        model = StatedAmount
        fields = ("act", "position", "label", "stated", "computed", "tax_basis", "key", "note", "quote", "source")
        widgets = {"note": LIST_OF_LINES, "quote": LIST_OF_LINES}


class StatedBudgetForm(OfActForm):
    class Meta:
        model = StatedBudget
        fields = ("act", "total_ht", "total_ttc", "vat_rate", "vat_note")
        widgets = {"vat_note": LIST_OF_LINES}


class StatedBudgetLineForm(EntityForm):
    scoped = {"budget": queries.editable_stated_budgets}

    class Meta:
        model = StatedBudgetLine
        fields = ("budget", "position", "label", "ht", "vat_rate", "ttc")
        widgets = {"budget": forms.HiddenInput()}


class StatedGrantForm(OfActForm):
    class Meta:
        model = StatedGrant
        fields = ("act", "position", "funder", "rate", "base", "amount")


class StatedProductForm(OfActForm):
    class Meta:
        model = StatedProduct
        fields = (
            "act", "position", "label", "unit", "quantity", "vat_rate", "total_ht", "total_ttc", "approximate", "quote", "source",
        )  # fmt: skip
        widgets = {"quote": LIST_OF_LINES}
