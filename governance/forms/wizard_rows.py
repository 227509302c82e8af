"""The steps of the wizard that list rows: services paid each year, funders. One blank row at the end adds one."""

from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import fields_for_model
from django.http import QueryDict
from django.utils.text import slugify

from governance.enums import FunderKind, GrantBase, Section
from governance.forms.fields import CodesField, TiersField, YearListField
from governance.models import Funder, FundingLine, RecurringCost
from governance.models.checks import check_exercises, check_tiers
from governance.queries import RecurringData, ScenarioData, visible_funders, visible_funding_presets, visible_offers
from governance.services import steps
from governance.services.reference import preset_values
from plan_numerique.web import versions

PREFIX = "rows"
LONGEST_CODE = 40
MOST_ROWS = 100


def free_code(label: str, taken: set[str]) -> str:
    stem = slugify(label)[: LONGEST_CODE - 4] or "ligne"
    code = next(each for each in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if each not in taken)
    taken.add(code)
    return code


class RowForm(forms.Form):
    """`pk` is that of the row edited, empty for a new one; `offered` are the rows a new one may be filled from."""

    pk = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    seldom: ClassVar[tuple[str, ...]] = ()
    only_new: ClassVar[str] = ""

    def __init__(self, *args: Any, draft: ScenarioData, user: Any, **kwargs: Any) -> None:
        self.draft, self.user = draft, user
        super().__init__(*args, **kwargs)
        self.add_fields()

    def add_fields(self) -> None:
        """Those that depend on the scenario or on the model."""

    @property
    def is_new(self) -> bool:
        return not self.initial.get("pk")

    @property
    def main(self) -> list[Any]:
        left_out = self.seldom if self.is_new else (*self.seldom, self.only_new)
        return [field for field in self.visible_fields() if field.name not in left_out]

    @property
    def folded(self) -> list[Any]:
        """Fields that few rows use, shown open where one holds something."""
        return [self[name] for name in self.seldom]

    @property
    def is_open(self) -> bool:
        return any(field.value() not in (None, "", []) or field.errors for field in self.folded)


class ServiceRow(RowForm):
    only_new = "offer"
    offer = forms.ModelChoiceField(
        label="D'après une offre",
        queryset=None,
        required=False,
        empty_label="Saisir moi-même",
        help_text="L'offre donne l'intitulé, le prix et la TVA laissés vides.",
    )
    exercises = YearListField(label="Exercices", required=False, help_text="Vide : tous. Par exemple 2024 ; 2025.")

    def add_fields(self) -> None:
        names = ["label", "per", "unit_price_ht", "vat_rate", "section", "heading", "payer"]
        asked: dict[str, Any] = fields_for_model(RecurringCost, fields=names)
        for name in ("label", "unit_price_ht", "heading", "vat_rate"):
            asked[name].required = False
        asked["vat_rate"].initial = None
        asked["per"].initial = RecurringCost._meta.get_field("per").default
        self.fields.update(asked)
        field: Any = self.fields["offer"]
        authority = self.draft.scenario.plan.authority_id
        field.queryset = (
            visible_offers(self.user).filter(provider__authority=authority).order_by("provider__name", "pk")
        )
        self.order_fields(["pk", "offer", "label", "per", "unit_price_ht", "vat_rate"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        offer = cleaned.get("offer")
        if offer is not None:
            _fill(
                cleaned, {"label": str(offer)[:200], "unit_price_ht": offer.unit_price_ht, "vat_rate": offer.vat_rate}
            )
            if not cleaned.get("heading"):
                cleaned["heading"] = "ent"
            cleaned["per"] = offer.per
        _fill(cleaned, {"vat_rate": 200_000, "heading": "services"})
        for name in ("label", "unit_price_ht"):
            if cleaned.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, "Ce champ est obligatoire sans offre.")
        try:
            check_exercises(cleaned.get("exercises") or [], self.draft.scenario.exercises)
        except ValidationError as error:
            self.add_error("exercises", error.messages[0])
        return cleaned

    def row(self, former: Mapping[int, RecurringData], taken: set[str]) -> RecurringData:
        cleaned = self.cleaned_data
        known = former.get(cleaned["pk"] or 0)
        cost = copy(known.cost) if known else RecurringCost(code=free_code(cleaned["label"], taken))
        for name in ("label", "per", "unit_price_ht", "vat_rate", "section", "heading", "payer", "exercises"):
            setattr(cost, name, cleaned[name])
        if cleaned["offer"] is not None:
            cost.offer = cleaned["offer"]
        cost.scenario = self.draft.scenario
        return RecurringData(cost, known.schools if known else ())


class FunderRow(RowForm):
    only_new = "preset"
    seldom = ("tiers", "sections", "minimum", "cap", "base_cap_per", "base_cap_amount")
    preset = forms.ModelChoiceField(
        label="D'après un dispositif",
        queryset=None,
        required=False,
        empty_label="Saisir moi-même",
        help_text="Le dispositif donne ce qui est laissé vide ; chaque chiffre reste à vérifier.",
    )
    funder = forms.ModelChoiceField(label="Financeur", queryset=None, required=False, empty_label="—")
    new_funder = forms.CharField(label="ou nouveau financeur", max_length=200, required=False)
    sections = CodesField(label="Sections éligibles", choices=Section.choices, help_text="Aucune : toutes.")
    tiers = TiersField(label="Taux par tranche", required=False, help_text="Par exemple 200000 : 70 ; au-delà : 50.")

    def add_fields(self) -> None:
        names = ["base", "rate", "amount", "minimum", "cap", "base_cap_per", "base_cap_amount"]
        self.fields.update(fields_for_model(FundingLine, fields=names))
        self.fields["base"].required = False
        fields: dict[str, Any] = self.fields
        authority = self.draft.scenario.plan.authority_id
        fields["funder"].queryset = visible_funders(self.user).filter(authority=authority).order_by("name")
        fields["preset"].queryset = visible_funding_presets(self.user).order_by("label")
        self.order_fields(["pk", "preset", "funder", "new_funder", "rate", "amount", "tiers", "base"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        preset = cleaned.get("preset")
        ways = [name for name in ("rate", "amount", "tiers") if cleaned.get(name) is not None]
        if preset is not None:
            given = preset_values(preset)
            left = {name: value for name, value in given.items() if name not in ("rate", "amount", "tiers") or not ways}
            _fill(cleaned, left)
            if cleaned.get("funder") is None and not cleaned.get("new_funder"):
                cleaned["new_funder"] = preset.label
            ways = [name for name in ("rate", "amount", "tiers") if cleaned.get(name) is not None]
        if len(ways) != 1 and not self.errors:
            self.add_error("rate", "Donner un taux, un montant ou des tranches : un seul des trois.")
        if cleaned.get("funder") is None and not cleaned.get("new_funder"):
            self.add_error("funder", "Choisir un financeur, ou en nommer un nouveau.")
        self._check_bounds(cleaned)
        return cleaned

    def _check_bounds(self, cleaned: dict[str, Any]) -> None:
        if bool(cleaned.get("base_cap_per")) != (cleaned.get("base_cap_amount") is not None):
            self.add_error("base_cap_amount", "Un plafond d'assiette a une unité et un montant.")
        try:
            if cleaned.get("tiers") is not None:
                check_tiers(cleaned["tiers"])
        except ValidationError as error:
            self.add_error("tiers", error.messages[0])

    def row(self, former: Mapping[int, FundingLine], taken: set[str], position: int) -> FundingLine:
        cleaned = self.cleaned_data
        known = former.get(cleaned["pk"] or 0)
        funder = cleaned["funder"] or Funder(name=cleaned["new_funder"], kind=self._kind())
        line = copy(known) if known else FundingLine(code=free_code(funder.name, taken), position=position)
        line.scenario, line.funder = self.draft.scenario, funder
        for name in ("rate", "amount", "tiers", "sections", "minimum", "cap", "base_cap_per", "base_cap_amount"):
            setattr(line, name, cleaned[name])
        line.base = cleaned["base"] or GrantBase.HT
        if cleaned.get("source"):
            line.source = cleaned["source"]
        return line

    def _kind(self) -> str:
        preset = self.cleaned_data["preset"]
        return preset.kind if preset is not None else FunderKind.OTHER.value


def _fill(cleaned: dict[str, Any], values: Mapping[str, Any]) -> None:
    """What was left blank."""
    for name, value in values.items():
        if cleaned.get(name) in (None, "", []):
            cleaned[name] = value


class RowsForm:
    """A step made of rows; the same calls as a step of one form."""

    part: ClassVar[steps.Part]
    row_form: ClassVar[type[RowForm]]
    noun: ClassVar[str]

    def __init__(self, data: Any = None, *, draft: ScenarioData, user: Any, query: Any = None) -> None:
        self.draft, self.data, self.user, self.refused = draft, data, user, ""
        self.seen_now = steps.stamp(draft, self.part)
        made = forms.formset_factory(
            self.row_form,
            extra=1,
            can_delete=True,
            can_delete_extra=False,
            max_num=MOST_ROWS,
            absolute_max=MOST_ROWS,
            validate_max=True,
        )
        self.rows = made(data, initial=self.stored(), prefix=PREFIX, form_kwargs={"draft": draft, "user": user})

    def stored(self) -> list[dict[str, Any]]:
        raise NotImplementedError

    def applied(self) -> ScenarioData:
        raise NotImplementedError

    @property
    def seen(self) -> str:
        return str(self.data.get("seen", "")) if self.data is not None else self.seen_now

    @property
    def is_bound(self) -> bool:
        return self.data is not None

    @property
    def problems(self) -> list[str]:
        """Of the whole step; those of a field stand beside it."""
        told = [self.refused] if self.refused else []
        if not self.is_bound:
            return told
        told += [str(error) for error in self.rows.non_form_errors()]
        told += [
            f"{self.noun} {rank} : {field.label} : {error}" if name != "__all__" else f"{self.noun} {rank} : {error}"
            for rank, form in enumerate(self.rows.forms, start=1)
            for name, errors in form.errors.items()
            for field in [form.fields.get(name)]
            for error in errors
        ]
        return told

    def is_valid(self) -> bool:
        return bool(self.rows.is_valid())

    def add_error(self, field: str | None, message: str) -> None:
        self.refused = message

    def over(self, now: ScenarioData) -> "RowsForm":
        """What is typed, over the rows as they are now: a field left as it was shown takes what is stored. A row that somebody else
        deleted is a new one where it was edited; those added are last but for the ones typed here."""
        fresh = type(self)(None, draft=now, user=self.user)
        edited = {form.initial["pk"]: form for form in self.rows.forms if form.initial.get("pk") and form.has_changed()}
        data = QueryDict(mutable=True)
        rank = 0
        for rank, stored in enumerate(fresh.rows.initial_forms, start=1):
            row = fresh._written(data, rank - 1, stored.initial)
            if mine := edited.pop(stored.initial["pk"], None):
                self._copy(mine, row, [*mine.changed_data])
        typed = [form for form in self.rows.extra_forms if form.has_changed()]
        gone = [form for form in edited.values() if "DELETE" not in form.changed_data]
        for mine in (*gone, *typed):
            row = fresh._written(data, rank, {})
            self._copy(mine, row, [name for name in mine.fields if name not in ("pk", "DELETE")])
            rank += 1
        fresh._written(data, rank, {})
        counts = {"TOTAL": max(rank, min(rank + 1, MOST_ROWS)), "INITIAL": len(fresh.rows.initial_forms)}
        data.update({f"{PREFIX}-{name}_FORMS": str(count) for name, count in counts.items()})
        data["seen"] = fresh.seen
        return type(self)(data, draft=now, user=self.user)

    def left_out(self, form: "RowsForm") -> list[tuple[str, str]]:
        """Every row typed has its place in the form."""
        return []

    def _written(self, data: QueryDict, rank: int, initial: Mapping[str, Any]) -> RowForm:
        """A row put in `data` as it is stored."""
        row = self.row_form(data, prefix=f"{PREFIX}-{rank}", initial=initial, draft=self.draft, user=self.user)
        for name in row.fields:
            versions.take(row, name, row[name].initial)
        return row

    @staticmethod
    def _copy(mine: Any, row: Any, names: Iterable[str]) -> None:
        for name in names:
            row.data.setlist(row.add_prefix(name), mine.data.getlist(mine.add_prefix(name)))

    def kept(self) -> list[Any]:
        """Forms of the rows that stay, the blank one left out."""
        return [
            form
            for form in self.rows.forms
            if form.has_changed() or form.initial.get("pk")
            if not form.cleaned_data.get("DELETE")
        ]


class ServicesForm(RowsForm):
    part, row_form, noun = steps.SERVICES, ServiceRow, "Service"

    def stored(self) -> list[dict[str, Any]]:
        names = ("pk", "label", "per", "unit_price_ht", "vat_rate", "section", "heading", "payer", "exercises")
        return [{name: getattr(row.cost, name) for name in names} for row in self.draft.recurring]

    def applied(self) -> ScenarioData:
        former = {row.cost.pk: row for row in self.draft.recurring}
        taken = {row.cost.code for row in self.draft.recurring}
        return steps.recurring(self.draft, rows=[form.row(former, taken) for form in self.kept()])


class FundersForm(RowsForm):
    part, row_form, noun = steps.FUNDERS, FunderRow, "Financeur"

    def stored(self) -> list[dict[str, Any]]:
        names = (
            "pk",
            "base",
            "sections",
            "rate",
            "amount",
            "tiers",
            "minimum",
            "cap",
            "base_cap_per",
            "base_cap_amount",
        )
        return [
            {"funder": line.funder_id, **{name: getattr(line, name) for name in names}} for line in self.draft.funding
        ]

    def applied(self) -> ScenarioData:
        former = {line.pk: line for line in self.draft.funding}
        taken = {line.code for line in self.draft.funding}
        last = max((line.position for line in self.draft.funding), default=0)
        lines = [form.row(former, taken, last + rank) for rank, form in enumerate(self.kept(), start=1)]
        return steps.funders(self.draft, lines=lines)
