from typing import Any

from django.urls import reverse
from django.utils import timezone

from governance import permissions, queries, services
from governance.enums import PlanState
from governance.filtersets import FunderFilter, PlanFilter
from governance.forms import FunderForm, PlanForm
from governance.models import Plan
from governance.tables import PLAN_TONES, FunderTable, PlanTable
from governance.views.actions import history_action, listed, plan_tabs
from governance.views.advice import plan_alerts
from governance.views.comparison import choices
from governance.views.sections import Editing, Row, Rows, columns
from plan_numerique.shared.money import display_euros
from plan_numerique.web.templatetags.web import rate
from plan_numerique.web.views import Action, DeletePage, DetailPage, EditPage, ListPage, Tab
from schools.queries import visible_stated_counts


class PlanList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_plans)
    filterset_class, table_class = PlanFilter, PlanTable
    title, search_placeholder = "Plans", "Nom, période, objectifs"
    create = ("governance:plan_create", permissions.EDIT, "Ajouter un plan")
    empty_text = "Un plan rassemble les scénarios, les comités et les conventions d'une collectivité."


class PlanDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_plans)
    template_name = "governance/plan_detail.html"
    crumbs = (("Plans", "/plans/"),)

    def state(self) -> dict[str, str]:
        return {"label": self.object.get_state_display(), "tone": PLAN_TONES[self.object.state]}

    def summary(self) -> list[tuple[str, Any]]:
        plan: Plan = self.object
        years = " à ".join(str(year) for year in (plan.starts, plan.ends) if year)
        return [("Collectivité", plan.authority), ("Années", years), ("Période", plan.period), ("Source", plan.source)]

    def tabs(self) -> list[Tab]:
        return plan_tabs(self, self.object, "plan_detail")

    def actions(self) -> list[Action]:
        plan: Plan = self.object
        if not self.may(permissions.EDIT, plan):
            return history_action(self)
        return [
            Action("Ajouter un scénario", f"{reverse('governance:wizard_start')}?plan={plan.pk}", "plus", primary=True),
            Action("Modifier", reverse("governance:plan_edit", args=[plan.pk]), "pencil"),
            *history_action(self),
        ]

    def _money(self) -> list[Rows]:
        plan: Plan = self.object
        if not self.may(permissions.VIEW_MONEY, plan):
            return []
        return [_authorisations(plan, Editing(self.may(permissions.EDIT_MONEY, plan), "plan", plan.pk))]

    def _alerts(self) -> list[str]:
        if not self.may(permissions.VIEW_MONEY, self.object):
            return []
        return plan_alerts(self.request.user, self.object, timezone.localdate())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan: Plan = self.object
        scenarios = queries.visible_scenarios(self.request.user).filter(plan=plan)
        editing = Editing(self.may(permissions.EDIT, plan), "plan", plan.pk)
        counts = visible_stated_counts(self.request.user).filter(authority=plan.authority).order_by("pk")
        return super().get_context_data(
            plan=plan,
            choices=choices(scenarios),
            alerts=self._alerts(),
            objectives=listed(plan.objectives),
            sections=[_phases(plan, editing), _commitments(plan, editing), *self._money()],
            counts=counts,
            committees=queries.visible_committees(self.request.user).filter(authority=plan.authority).order_by("name"),
            conventions=queries.visible_conventions(self.request.user)
            .filter(authority=plan.authority)
            .order_by("title"),
            **kwargs,
        )


def _phases(plan: Plan, editing: Editing) -> Rows:
    rows = [
        editing.row(
            "phase",
            phase.pk,
            (
                phase.label,
                " à ".join(str(year) for year in (phase.starts, phase.ends) if year) or "—",
                PlanState(phase.state).label,
                phase.description or "—",
            ),
        )
        for phase in plan.phases.order_by("position", "pk")
    ]
    return Rows(
        "phases",
        "Phases",
        columns("Phase", "Années", "État", "Description"),
        rows,
        editing.add("phase"),
        "Ajouter une phase",
    )


def _commitments(plan: Plan, editing: Editing) -> Rows:
    rows = [
        editing.row("plancommitment", row.pk, (row.get_topic_display(), row.text))
        for row in plan.commitments.order_by("position", "pk")
    ]
    add = editing.add("plancommitment")
    return Rows("principes", "Principes du plan", columns("Sujet", "Principe"), rows, add, "Ajouter un principe")


def _authorisations(plan: Plan, editing: Editing) -> Rows:
    rows = [
        Row(
            (
                row.label,
                f"{row.first_exercise} à {row.last_exercise}",
                display_euros(row.amount),
                display_euros(row.voted) if row.voted else "—",
            ),
            reverse("governance:authorisation_detail", args=[row.pk]),
        )
        for row in plan.authorisations.order_by("code")
    ]
    heads = columns("Autorisation", "Exercices", "#Annoncé", "#Voté")
    add = editing.add("authorisation")
    label = "Autorisations de programme et crédits"
    more = reverse("governance:plan_credits", args=[plan.pk])
    return Rows(
        "autorisations",
        label,
        heads,
        rows,
        add,
        "Ajouter une autorisation",
        more_url=more,
        more_label="Crédits, engagements et paiements du plan",
    )


class PlanEdit(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_plans)
    form_class, service = PlanForm, staticmethod(services.save_owned)
    title = "Plan"
    crumbs = (("Plans", "/plans/"),)
    detail_url, list_url = "governance:plan_detail", "governance:plan_list"


class PlanDelete(DeletePage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_plans)
    service, list_url = staticmethod(services.delete_owned), "governance:plan_list"


class FunderList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_funders)
    filterset_class, table_class = FunderFilter, FunderTable
    title, search_placeholder = "Financeurs", "Nom, cadre"
    create = ("governance:funder_create", permissions.EDIT, "Ajouter un financeur")


class FunderDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_funders)
    template_name = "governance/rows_detail.html"
    crumbs = (("Financeurs", "/financeurs/"),)

    def summary(self) -> list[tuple[str, Any]]:
        funder = self.object
        return [("Collectivité", funder.authority), ("Nature", funder.get_kind_display()), ("Source", funder.source)]

    def actions(self) -> list[Action]:
        if not self.may(permissions.EDIT, self.object):
            return history_action(self)
        return [
            Action("Modifier", reverse("governance:funder_edit", args=[self.object.pk]), "pencil"),
            *history_action(self),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = (
            queries.visible_funding_lines(self.request.user).filter(funder=self.object).order_by("scenario__name", "pk")
        )
        rows = [
            Row(
                (
                    line.scenario,
                    line.get_base_display(),
                    rate(line.rate)
                    if line.rate is not None
                    else display_euros(line.amount)
                    if line.amount is not None
                    else "par tranche",
                    line.get_state_display(),
                ),
                reverse("governance:scenario_detail", args=[line.scenario_id]),
            )
            for line in lines
        ]
        heads = columns("Scénario", "Assiette", "#Taux ou montant", "État")
        texts = [("Cadre", self.object.frame), ("Observation", self.object.note)]
        section = Rows(
            "financements", "Financements attendus", heads, rows, empty="Aucun scénario ne compte sur ce financeur."
        )
        return super().get_context_data(sections=[section], texts=[pair for pair in texts if pair[1]], **kwargs)


class FunderEdit(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_funders)
    form_class, service = FunderForm, staticmethod(services.save_owned)
    title = "Financeur"
    crumbs = (("Financeurs", "/financeurs/"),)
    detail_url, list_url = "governance:funder_detail", "governance:funder_list"


class FunderDelete(DeletePage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_funders)
    service, list_url = staticmethod(services.delete_owned), "governance:funder_list"
