"""Accounts, headings and schemes of aid: the words and rules that plans share."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html

from governance import permissions, queries
from governance.filtersets.subsidies import AccountFilter, FundingPresetFilter, HeadingFilter
from governance.forms.subsidies import AccountForm, HeadingForm, PresetForm, PresetLineForm
from governance.models import Account, FundingPreset, Heading, Scenario
from governance.services.reference import (
    UNVERIFIED,
    funding_line_from_preset,
    preset_values,
    save_account,
    save_heading,
    save_preset,
)
from governance.services.rows import delete_owned
from governance.tables.subsidies import AccountTable, FundingPresetTable, HeadingTable, preset_rule
from governance.views.actions import history_action
from governance.views.parts import OfScenario
from governance.views.scenarios import OPEN_STATES
from plan_numerique.accounts.access import Permission
from plan_numerique.audit.permissions import VIEW_HISTORY
from plan_numerique.web.forms import asked_key
from plan_numerique.web.templatetags.web import day, yes_no
from plan_numerique.web.views import Action, ChildEditPage, DeletePage, DetailPage, EditPage, ListPage

NATIONAL = "Les mêmes pour toutes les collectivités."


@dataclass(frozen=True)
class National:
    """A right over rows of no authority: of whoever holds it somewhere."""

    permission: Permission

    def anywhere(self, user: Any) -> bool:
        return self.permission.anywhere(user)

    def granted(self, user: Any, authority: Any) -> bool:
        return self.permission.anywhere(user)


READ, WRITE = National(permissions.VIEW_MONEY), National(permissions.EDIT_REFERENCE)


def source_badge(row: Account | FundingPreset) -> Any:
    """The source, or « à vérifier » where none settles the figures."""
    if row.verified:
        return row.source
    return format_html('<span class="badge" data-tone="warning">{}</span> {}', UNVERIFIED, row.source)


class NationalDetail(DetailPage):
    permission = READ
    authority_path = ""
    template_name = "governance/rows_detail.html"
    object: Account | FundingPreset

    def actions(self) -> list[Action]:
        name, user = self.object._meta.model_name, self.request.user
        found = []
        if WRITE.anywhere(user):
            found.append(Action("Modifier", reverse(f"governance:{name}_edit", args=[self.object.pk]), "pencil"))
        if VIEW_HISTORY.anywhere(user):
            found.append(Action("Historique", reverse(f"governance:{name}_history", args=[self.object.pk]), "history"))
        return found


class AccountList(ListPage):
    permission, queryset, authority_path = READ, staticmethod(queries.visible_accounts), ""
    filterset_class, table_class = AccountFilter, AccountTable
    title, search_placeholder = "Comptes M57", "Numéro, intitulé, source"
    intro = f"{NATIONAL} Un compte « à vérifier » n'a pas été lu dans une source : le rapprocher de la nomenclature en vigueur."
    create = ("governance:account_create", WRITE, "Ajouter un compte")
    empty_text = "Charger les comptes : manage.py load_reference."


class AccountDetail(NationalDetail):
    queryset = staticmethod(queries.visible_accounts)
    crumbs = (("Comptes M57", "/comptes/"),)

    def summary(self) -> list[tuple[str, Any]]:
        row: Account = self.object  # type: ignore[assignment]
        years = f"depuis {row.valid_from}" + (f", jusqu'en {row.valid_to}" if row.valid_to else "")
        return [
            ("Section", row.get_section_display()),
            ("Sens", "Recette" if row.revenue else "Dépense"),
            ("Ouvre droit au FCTVA", yes_no(row.fctva)),
            ("Exercices", years),
            ("Source", source_badge(row)),
        ]


class AccountEdit(EditPage):
    permission, queryset, authority_path = WRITE, staticmethod(queries.visible_accounts), ""
    form_class, service, title = AccountForm, staticmethod(save_account), "Compte"
    crumbs = (("Comptes M57", "/comptes/"),)
    detail_url, list_url = "governance:account_detail", "governance:account_list"


class FundingPresetList(ListPage):
    permission, queryset, authority_path = READ, staticmethod(queries.visible_funding_presets), ""
    filterset_class, table_class = FundingPresetFilter, FundingPresetTable
    title, search_placeholder = "Dispositifs d'aide", "Intitulé, règles, source"
    intro = (
        f"{NATIONAL} Un dispositif remplit un financement attendu d'un scénario, où chaque chiffre se modifie. « À vérifier » : "
        "aucune source lue n'établit ces chiffres."
    )
    create = ("governance:fundingpreset_create", WRITE, "Ajouter un dispositif")
    empty_text = "Charger les dispositifs : manage.py load_reference."


class FundingPresetDetail(NationalDetail):
    queryset = staticmethod(queries.visible_funding_presets)
    crumbs = (("Dispositifs d'aide", "/dispositifs/"),)

    def summary(self) -> list[tuple[str, Any]]:
        row: FundingPreset = self.object  # type: ignore[assignment]
        period = [day(each) for each in (row.valid_from, row.valid_to) if each]
        return [
            ("Financeur", row.get_kind_display()),
            ("Assiette", row.get_base_display()),
            ("Calcul", preset_rule(row)),
            ("Période", format_html(" au ".join("{}" for _ in period), *period) if period else "—"),
            ("Source", source_badge(row)),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        note = self.object.note  # type: ignore[union-attr]
        texts = [("Règles", note)] if note else []
        return super().get_context_data(texts=texts, sections=[], **kwargs)


class FundingPresetEdit(EditPage):
    permission, queryset, authority_path = WRITE, staticmethod(queries.visible_funding_presets), ""
    form_class, service, title = PresetForm, staticmethod(save_preset), "Dispositif d'aide"
    crumbs = (("Dispositifs d'aide", "/dispositifs/"),)
    detail_url, list_url = "governance:fundingpreset_detail", "governance:fundingpreset_list"


class HeadingList(ListPage):
    permission, queryset = permissions.VIEW_MONEY, staticmethod(queries.visible_headings)
    filterset_class, table_class = HeadingFilter, HeadingTable
    title, search_placeholder = "Postes de dépense", "Code, intitulé"
    intro = "Le nom que la collectivité donne à chaque poste : il remplace le code sur les pages et les documents."
    create = ("governance:heading_create", permissions.EDIT_MONEY, "Ajouter un poste")
    empty_text = "Sans intitulé, un poste se lit sous son code : materiel, cablage…"


class HeadingDetail(DetailPage):
    permission, queryset = permissions.VIEW_MONEY, staticmethod(queries.visible_headings)
    template_name = "governance/rows_detail.html"
    crumbs = (("Postes de dépense", "/postes/"),)

    def summary(self) -> list[tuple[str, Any]]:
        row: Heading = self.object
        return [
            ("Collectivité", row.authority),
            ("Code", row.code),
            ("Section", row.get_section_display()),
            ("Compte habituel", row.account),
            ("Source", row.source),
        ]

    def actions(self) -> list[Action]:
        if not self.may(permissions.EDIT_MONEY, self.object):
            return history_action(self)
        edit, delete = (reverse(f"governance:heading_{verb}", args=[self.object.pk]) for verb in ("edit", "delete"))
        return [Action("Modifier", edit, "pencil"), Action("Supprimer", delete, "trash-2"), *history_action(self)]


class HeadingEdit(EditPage):
    permission, queryset = permissions.EDIT_MONEY, staticmethod(queries.visible_headings)
    form_class, service, title = HeadingForm, staticmethod(save_heading), "Poste"
    crumbs = (("Postes de dépense", "/postes/"),)
    detail_url, list_url = "governance:heading_detail", "governance:heading_list"


class HeadingDelete(DeletePage):
    permission, queryset = permissions.EDIT_MONEY, staticmethod(queries.visible_headings)
    service, list_url = staticmethod(delete_owned), "governance:heading_list"


class ScenarioPresets(DetailPage):
    """« Ajouter depuis un dispositif »: the schemes, each with its figures, to add one to the scenario."""

    permission, queryset = permissions.EDIT, staticmethod(queries.visible_scenarios)
    authority_path = "plan__authority"
    template_name = "governance/scenario_presets.html"

    def get_object(self, queryset: Any = None) -> Scenario:
        scenario: Scenario = super().get_object(queryset)
        self.require(scenario)
        return scenario

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [(str(self.object), reverse("governance:scenario_data", args=[self.object.pk]))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = [
            {"preset": preset, "rule": preset_rule(preset), "url": _apply_url(self.object.pk, preset.pk)}
            for preset in FundingPreset.objects.order_by("label", "pk")
        ]
        closed = self.object.state not in OPEN_STATES
        return super().get_context_data(title="Ajouter depuis un dispositif", rows=rows, closed=closed, **kwargs)


def _apply_url(scenario: int, preset: int) -> str:
    return f"{reverse('governance:fundingline_from_preset')}?scenario={scenario}&preset={preset}"


class FundingLineFromPreset(OfScenario, ChildEditPage):
    """A funding line filled by a scheme; every figure may be changed before it is added."""

    queryset = staticmethod(queries.visible_funding_lines)
    form_class, title = PresetLineForm, "Financement attendu, depuis un dispositif"
    template_name = "governance/preset_line.html"

    def preset(self) -> FundingPreset:
        return get_object_or_404(FundingPreset, pk=asked_key(self.request.GET.get("preset")))

    def get_initial(self) -> dict[str, Any]:
        return {**preset_values(self.preset()), **super().get_initial()}

    def save(self, form: forms.BaseForm, **kwargs: Any) -> Any:
        values = {
            name: value for name, value in form.cleaned_data.items() if name not in ("scenario", "funder", "reason")
        }
        return funding_line_from_preset(
            scenario=form.cleaned_data["scenario"],
            preset=self.preset(),
            funder=form.cleaned_data["funder"],
            values=values,
            by=kwargs["by"],
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        preset = self.preset()
        return super().get_context_data(preset=preset, unverified=UNVERIFIED, **kwargs)
