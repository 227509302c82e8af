from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views import View

from equipment import permissions, queries, services
from equipment.filtersets import RuleSetFilter
from equipment.forms import AllocationRuleForm, RuleSetForm
from equipment.models import RuleSet
from equipment.tables import RuleSetTable
from equipment.views.base import TitledEdit
from plan_numerique.shared import money
from plan_numerique.web.templatetags.web import day, school_year
from plan_numerique.web.views import (
    Action,
    Child,
    ChildDeletePage,
    ChildEditPage,
    DeletePage,
    DetailPage,
    ListPage,
    Page,
)

CRUMBS = (("Règles de dotation", "/regles-de-dotation/"),)


class RuleSetList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.listed_rule_sets)
    filterset_class, table_class = RuleSetFilter, RuleSetTable
    title, search_placeholder = "Règles de dotation", "Nom, note"
    create = ("equipment:ruleset_create", permissions.EDIT_CATALOGUE, "Ajouter un jeu de règles")
    empty_text = "Un jeu de règles dit ce que chaque école, chaque classe ou chaque élève doit recevoir."


class RuleSetDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_rule_sets)
    template_name = "equipment/ruleset_detail.html"
    crumbs = CRUMBS

    def state(self) -> dict[str, str]:
        return (
            {"label": "Figé", "tone": "success"}
            if self.object.locked_at
            else {"label": "En préparation", "tone": "info"}
        )

    def summary(self) -> list[tuple[str, Any]]:
        rule_set = self.object
        locked = [("Figé le", day(timezone.localdate(rule_set.locked_at))), ("Figé par", rule_set.locked_by)]
        return [
            ("Version", rule_set.version),
            ("Année scolaire", school_year(rule_set.school_year)),
            ("Prix au", day(rule_set.price_date)),
            *(locked if rule_set.locked_at else []),
            ("Note", rule_set.note),
            ("Source", rule_set.source),
        ]

    def actions(self) -> list[Action]:
        rule_set, pk = self.object, self.object.pk
        need = Action("Besoin des écoles", f"{reverse('equipment:need')}?rule_set={pk}", "list-checks")
        if not self.may(permissions.EDIT_CATALOGUE, rule_set):
            return [need]
        copy = Action(
            "Nouvelle version", reverse("equipment:ruleset_new_version", args=[pk]), "copy-plus", method="post"
        )
        if rule_set.locked_at:
            return [need, copy]
        return [
            Action(
                "Ajouter une règle", f"{reverse('equipment:allocationrule_create')}?rule_set={pk}", "plus", primary=True
            ),
            need,
            copy,
            Action("Modifier", reverse("equipment:ruleset_edit", args=[pk]), "pencil"),
            Action("Supprimer", reverse("equipment:ruleset_delete", args=[pk]), "trash-2", danger=True),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        content = queries.rule_set_content(self.object)
        labels = {item["id"]: item["label"] for item in content["items"]}
        return super().get_context_data(
            rules=queries.worded_rules(self.object),
            may_edit=self.may(permissions.EDIT_CATALOGUE, self.object) and not self.object.locked_at,
            packs=[
                {"label": pack["label"], "lines": [(line["quantity"], labels[line["item"]]) for line in pack["lines"]]}
                for pack in content["packs"]
            ],
            items=[_priced_item(item, content["hypotheses"]) for item in content["items"]],
            **kwargs,
        )


def _priced_item(item: dict[str, Any], hypotheses: list[str]) -> dict[str, Any]:
    price = item["unit_price_ht"]
    return {
        **item,
        "price_ht": None if price is None else money.parse_cents(price),
        "vat": item["vat_rate"].replace(".", ","),
        "hypothesis": item["id"] in hypotheses,
    }


class RuleSetEdit(TitledEdit):
    permission, queryset = permissions.EDIT_CATALOGUE, staticmethod(queries.visible_rule_sets)
    form_class, service = RuleSetForm, staticmethod(services.save_rule_set)
    new_title = "Nouveau jeu de règles"
    crumbs = CRUMBS
    detail_url, list_url = "equipment:ruleset_detail", "equipment:ruleset_list"

    def new(self) -> RuleSet:
        return RuleSet(price_date=timezone.localdate())


class RuleSetDelete(DeletePage):
    permission, queryset = permissions.EDIT_CATALOGUE, staticmethod(queries.visible_rule_sets)
    service, list_url = staticmethod(services.delete_rule_set), "equipment:ruleset_list"


class RuleSetNewVersion(Page, View):
    permission, queryset = permissions.EDIT_CATALOGUE, staticmethod(queries.visible_rule_sets)
    http_method_names = ("post", "options")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rule_set = self.row()
        self.require(rule_set)
        copy = services.new_version(rule_set=rule_set, by=request.user)
        messages.success(request, f"« {copy} » est ouverte, avec les mêmes règles.")
        return HttpResponseRedirect(reverse("equipment:ruleset_detail", args=[copy.pk]))


class OfRuleSet(Child):
    permission, queryset = permissions.EDIT_CATALOGUE, staticmethod(queries.visible_rules)
    authority_path = "rule_set__authority"
    parent, home = "rule_set", "equipment:ruleset_detail"
    crumbs = CRUMBS


class AllocationRuleEdit(OfRuleSet, TitledEdit, ChildEditPage):
    form_class, service = AllocationRuleForm, staticmethod(services.save_rule)
    new_title, list_url = "Nouvelle règle de dotation", "equipment:ruleset_list"


class AllocationRuleDelete(OfRuleSet, ChildDeletePage):
    service = staticmethod(services.delete_rule)
