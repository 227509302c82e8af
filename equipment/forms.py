from typing import Any, ClassVar

from django import forms
from django.urls import reverse

from equipment.domain import lifecycle
from equipment.enums import DeviceState
from equipment.models import AllocationRule, Device, ItemType, Pack, PackLine, ParkCount, Price, RuleSet
from equipment.queries import (
    catalogue_authorities,
    editable_authorities,
    rooms_of,
    visible_item_types,
    visible_packs,
    visible_rule_sets,
)
from plan_numerique.shared.periods import school_year_label
from plan_numerique.web.forms import EntityForm, scope_form_fields
from schools.enums import ClassKind, Level, SchoolKind, Sector
from schools.queries import visible_schools


class ParentForm(EntityForm):
    """Form of a row whose parent never changes; `narrowed` are the choices to keep within the parent's authority."""

    parent: ClassVar[str] = "authority"
    narrowed: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields[self.parent]
        field.disabled = not self.instance._state.adding
        wanted = (
            getattr(self.instance, f"{self.parent}_id") or self.data.get(self.parent) or self.initial.get(self.parent)
        )
        parent = field.queryset.filter(pk=wanted).first() if str(wanted or "").isdecimal() else None
        if parent:
            authority = parent if self.parent == "authority" else parent.authority
            for name in self.narrowed:
                self.fields[name].queryset = self.fields[name].queryset.filter(authority=authority)


class ItemTypeForm(ParentForm):
    scoped = {"authority": catalogue_authorities}

    class Meta:
        model = ItemType
        fields = (
            "authority", "label", "code", "category", "heading", "section", "account", "vat_rate", "life_years", "fctva", "source",
        )  # fmt: skip


class PriceForm(ParentForm):
    scoped = {"item_type": visible_item_types}
    parent = "item_type"

    class Meta:
        model = Price
        fields = ("item_type", "valid_from", "unit_price_ht", "hypothesis", "source")


class PackForm(ParentForm):
    scoped = {"authority": catalogue_authorities}

    class Meta:
        model = Pack
        fields = ("authority", "label", "code", "description", "source")


class PackLineForm(ParentForm):
    scoped = {"pack": visible_packs, "item_type": visible_item_types}
    parent, narrowed = "pack", ("item_type",)

    class Meta:
        model = PackLine
        fields = ("pack", "item_type", "quantity")


class RuleSetForm(ParentForm):
    scoped = {"authority": catalogue_authorities}

    class Meta:
        model = RuleSet
        fields = ("authority", "name", "version", "school_year", "price_date", "note", "source")


class CodesField(forms.MultipleChoiceField):
    """A list of codes as boxes to tick; none ticked means all."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, label: str, choices: Any) -> None:
        super().__init__(label=label, choices=choices, required=False)


class AllocationRuleForm(ParentForm):
    scoped = {"rule_set": visible_rule_sets, "pack": visible_packs, "item_type": visible_item_types}
    parent, narrowed = "rule_set", ("pack", "item_type")

    school_kinds = CodesField("Types d'école", SchoolKind.choices)
    sectors = CodesField("Secteurs", Sector.choices)
    levels = CodesField("Niveaux", Level.choices)
    class_kinds = CodesField("Dispositifs", ClassKind.choices)

    class Meta:
        model = AllocationRule
        fields = (
            "rule_set", "code", "position", "quote", "pack", "item_type", "quantity", "per", "group_size", "max_per_school",
            "max_members", "choice_group", "school_kinds", "sectors", "levels", "class_kinds",
        )  # fmt: skip

    @property
    def fieldsets(self) -> list[dict[str, Any]]:
        sets = (
            ("La règle", "", ("rule_set", "code", "position", "quote")),
            ("Ce qu'elle donne", "Un pack ou un article, l'un des deux.", ("pack", "item_type", "quantity")),
            ("À qui", "", ("per", "group_size", "max_per_school", "max_members", "choice_group")),
            (
                "Pour quelles écoles et quelles classes",
                "Rien de coché dans un groupe : tout compte. Une classe compte dès qu'un de ses niveaux est coché.",
                ("school_kinds", "sectors", "levels", "class_kinds"),
            ),
            ("", "", ("reason",)),
        )
        return [
            {"legend": legend, "help": text, "fields": [self[name] for name in names if name in self.fields]}
            for legend, text, names in sets
        ]


class DeviceForm(ParentForm):
    """State and place are given when the device enters the park; later they change by a movement."""

    scoped = {"authority": editable_authorities, "item_type": visible_item_types, "school": visible_schools}
    narrowed = ("item_type", "school")

    class Meta:
        model = Device
        fields = (
            "authority", "item_type", "inventory_number", "serial", "state", "school", "place", "acquired_on", "purchase_ht",
            "supplier", "warranty_until", "note",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.fields["state"].choices = [(state, DeviceState(state).label) for state in lifecycle.ENTRY_STATES]
        else:
            for name in ("state", "school", "place"):
                del self.fields[name]


class MoveForm(forms.Form):
    """Where a device goes and in which state; the rooms offered are those of the school chosen (the page asks again when it changes)."""

    state = forms.ChoiceField(label="État")
    school = forms.ModelChoiceField(label="École", queryset=None, required=False, empty_label="Hors des écoles")
    room = forms.ModelChoiceField(label="Salle", queryset=None, required=False, empty_label="Non précisée")
    place = forms.CharField(
        label="Emplacement", max_length=120, required=False, help_text="Réserve, chariot, bureau, atelier…"
    )
    reason = forms.CharField(label="Motif", max_length=500)

    def __init__(self, *args: Any, user: Any, device: Device, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope_form_fields(
            self, {"school": visible_schools, "room": lambda user: rooms_of(self._school_id(device))}, user
        )
        self.fields["school"].queryset = (
            self.fields["school"].queryset.filter(authority=device.authority).order_by("name")
        )
        states = [state for state in lifecycle.STATES if lifecycle.may_follow(device.state, state)]
        self.fields["state"].choices = [
            (state, DeviceState(state).label + (" (sans changement)" if state == device.state else ""))
            for state in states
        ]
        self.fields["school"].widget.attrs.update(
            {
                "hx-get": reverse("equipment:device_move", args=[device.pk]),
                "hx-trigger": "change",
                "hx-include": "closest form",
                "hx-target": "#salle",
                "hx-select": "#salle",
                "hx-swap": "outerHTML",
            }
        )

    def _school_id(self, device: Device) -> int | None:
        source = self.data if self.is_bound else self.initial
        wanted = str(source.get("school", "") or "")
        return int(wanted) if wanted.isdecimal() else None


class ParkCountForm(ParentForm):
    scoped = {"authority": editable_authorities, "item_type": visible_item_types}
    narrowed = ("item_type",)

    class Meta:
        model = ParkCount
        fields = (
            "authority", "label", "category", "item_type", "quantity", "as_of", "approximate", "note", "source", "quote",
        )  # fmt: skip


class NeedForm(forms.Form):
    """What the need page shows; every field has a default, so that the page opens on something."""

    rule_set = forms.ChoiceField(label="Jeu de règles")
    school_year = forms.ChoiceField(label="Année scolaire")
    item = forms.ChoiceField(label="Article", required=False)
    only = forms.ChoiceField(
        label="Écoles", required=False, choices=[("", "Toutes"), ("lacks", "À qui il manque quelque chose")]
    )
    q = forms.CharField(label="Nom ou UAI", required=False, max_length=80)


class ComputeForm(forms.Form):
    """By which rules, on the classes of which year; `overwrite` answers the question asked about adjustments."""

    rule_set = forms.ModelChoiceField(label="Règles de dotation", queryset=None, empty_label=None)
    school_year = forms.TypedChoiceField(label="Classes de", coerce=int)
    overwrite = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, rule_sets: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule_set"].queryset = rule_sets
        self.fields["school_year"].choices = [(year, school_year_label(year)) for year in years]


class KeptForm(forms.Form):
    kept = forms.IntegerField(label="Nombre retenu", min_value=0, max_value=100_000)
    reason = forms.CharField(
        label="Motif", max_length=250, required=False, help_text="Obligatoire si le nombre n'est pas celui de la règle."
    )


class AddPackForm(forms.Form):
    pack = forms.ModelChoiceField(label="Pack", queryset=None)
    kept = forms.IntegerField(label="Nombre", min_value=1, max_value=100_000, initial=1)
    reason = forms.CharField(label="Motif", max_length=250)

    def __init__(self, *args: Any, packs: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pack"].queryset = packs


class ReserveForm(forms.Form):
    """Without a device, all that the stock holds of the article; without an article, of all that the school lacks."""

    item_type = forms.ModelChoiceField(label="Au titre de l'article", queryset=None, required=False)
    device = forms.ModelChoiceField(label="Appareil", queryset=None, required=False)

    def __init__(self, *args: Any, item_types: Any, devices: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item_type"].queryset = item_types
        self.fields["device"].queryset = devices


class ReleaseForm(forms.Form):
    reason = forms.CharField(label="Motif de la libération", max_length=250)


class AgeingForm(forms.Form):
    age = forms.IntegerField(label="Âge moyen du parc, en années au moins", min_value=1, max_value=50)
