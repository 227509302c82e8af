from typing import Any

from django import forms
from django.utils import timezone

from plan_numerique.shared.periods import school_year_label
from plan_numerique.web.forms import EntityForm, asked_key
from schools import permissions, queries
from schools.enums import TRIGGERS_OF, Trigger, TriggerFamily
from schools.forms.territory import ParentForm
from schools.models import Diagnostic, DiagnosticCampaign, SchoolClass, Work

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DiagnosticCampaignForm(ParentForm):
    scoped = {
        "authority": queries.led_authorities,
        "technical": queries.usable_questionnaires,
        "pedagogical": queries.usable_questionnaires,
    }
    parent = "authority"

    class Meta:
        model = DiagnosticCampaign
        fields = (
            "authority", "title", "school_year", "technical", "pedagogical", "starts_on", "ends_on", "note", "source",
        )  # fmt: skip
        help_texts = {
            "school_year": "Année de la rentrée : 2026 pour 2026-2027. Les classes volontaires en viennent.",
            "technical": "Une version en service ; elle ne change plus une fois un diagnostic déclenché.",
            "pedagogical": "Une version en service ; elle ne change plus une fois un diagnostic déclenché.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in ("technical", "pedagogical"):
            field: Any = self.fields[kind]
            field.queryset = field.queryset.filter(kind=kind)


def _triggers(families: list[str]) -> list[Any]:
    return [
        (TriggerFamily(family).label, [(each.value, each.label) for each in TRIGGERS_OF[TriggerFamily(family)]])
        for family in families
    ]


class TriggerForm(forms.Form):
    """The family follows from the trigger: each is of one family, and a side has its own."""

    school = forms.ModelChoiceField(label="École", queryset=None)
    trigger = forms.ChoiceField(label="Motif")
    reason = forms.CharField(
        label="Précision",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        help_text="Ce qui a fait déclencher le diagnostic de cette école.",
    )
    triggered_on = forms.DateField(label="Déclenché le", widget=DAY)
    visit_on = forms.DateField(label="Visite le", widget=DAY, required=False)

    def __init__(self, *args: Any, campaign: DiagnosticCampaign, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign, self.user = campaign, user
        school: Any = self.fields["school"]
        school.queryset = (
            queries.schools_with(user, permissions.TRIGGER_DIAGNOSTIC)
            .filter(authority=campaign.authority)
            .exclude(diagnostics__campaign=campaign)
        )
        families = [
            family
            for family, permission in permissions.TRIGGERED_BY.items()
            if permission.granted(user, campaign.authority)
        ]
        trigger: Any = self.fields["trigger"]
        trigger.choices = [("", "---------"), *_triggers(families)]
        self.initial.setdefault("triggered_on", timezone.localdate())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        school, trigger = data.get("school"), data.get("trigger")
        if (
            school
            and trigger
            and not queries.granted_on(self.user, permissions.TRIGGERED_BY[family_of(trigger)], school)
        ):
            self.add_error("trigger", f"Ce motif n'est pas de ceux que vous pouvez noter pour « {school} ».")
        return data


def family_of(trigger: str) -> TriggerFamily:
    return next(family for family, triggers in TRIGGERS_OF.items() if Trigger(trigger) in triggers)


class DiagnosticForm(EntityForm):
    """Corrects what was told when it was triggered, until a side has signed."""

    scoped: dict[str, Any] = {}

    class Meta:
        model = Diagnostic
        fields = ("trigger", "triggered_on", "visit_on")

    told = forms.CharField(
        label="Précision",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        help_text="Ce qui a fait déclencher le diagnostic de cette école.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("told", self.instance.reason)
        trigger: Any = self.fields["trigger"]
        trigger.choices = _triggers([self.instance.family])
        self.order_fields(["trigger", "told", "triggered_on", "visit_on", "reason"])


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Motif", widget=forms.Textarea(attrs={"rows": 3}), max_length=500, help_text="Gardé dans l'historique."
    )


def _class_label(row: SchoolClass) -> str:
    pupils = queries.pupils_of(row)
    levels = " ".join(queries.levels_of(row))
    told = ", ".join(
        filter(None, (levels, f"{pupils} élèves" if pupils else "", "volontaire" if row.volunteer else ""))
    )
    return f"{row.name} ({told})" if told else row.name


class ClassesField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return _class_label(obj)


class VolunteersForm(forms.Form):
    volunteers = ClassesField(
        label="Classes volontaires", queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, diagnostic: Diagnostic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["volunteers"]
        field.queryset = queries.classes_offered(diagnostic)
        field.help_text = f"Classes de l'école en {school_year_label(diagnostic.campaign.school_year)}."
        self.initial.setdefault("volunteers", list(diagnostic.volunteers.values_list("pk", flat=True)))


class WorkForm(ParentForm):
    parent = "diagnostic"

    class Meta:
        model = Work
        fields = (
            "diagnostic", "nature", "label", "site", "payer", "payer_name", "amount_ht", "vat_rate", "estimate", "due_on",
            "state", "done_on", "note",
        )  # fmt: skip
        help_texts = {
            "payer_name": "D'un autre partenaire seulement.",
            "amount_ht": "Vide tant que rien n'est chiffré.",
            "estimate": "Décocher quand un devis ou une facture le dit.",
            "done_on": "De travaux faits seulement.",
        }

    scoped = {"diagnostic": queries.technical_diagnostics, "site": queries.visible_sites}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = self.instance.diagnostic_id or self.initial.get("diagnostic") or self.data.get("diagnostic")
        site: Any = self.fields["site"]
        key = asked_key(given)
        school = Diagnostic.objects.filter(pk=key).values("school") if key else []
        site.queryset = site.queryset.filter(school__in=school).order_by("name")

    @property
    def fieldsets(self) -> list[dict[str, Any]]:
        sets = (
            ("Travaux", ("diagnostic", "nature", "label", "site")),
            ("Qui les fait et les paie", ("payer", "payer_name")),
            ("Coût", ("amount_ht", "vat_rate", "estimate")),
            ("Avancement", ("due_on", "state", "done_on", "note", "reason")),
        )
        return [
            {
                "legend": legend,
                "fields": [self[name] for name in names if name in self.fields and not self[name].is_hidden],
            }
            for legend, names in sets
        ]


class PhotoForm(forms.Form):
    photo = forms.FileField(
        label="Photo",
        help_text="JPEG ou PNG, 15 Mo au plus. Le lieu et l'appareil que le téléphone y écrit sont retirés.",
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png", "capture": "environment"}),
    )
    caption = forms.CharField(label="Légende", max_length=160, required=False)


class CaptionForm(forms.Form):
    caption = forms.CharField(label="Légende", max_length=160, required=False)
