from collections.abc import Callable, Sequence
from typing import Any

from django.urls import reverse

from governance import permissions, queries, services
from governance.enums import PlanState
from governance.filtersets import FunderFilter, PlanFilter
from governance.forms import FunderForm, PlanForm
from governance.models import BudgetRun, Plan, Scenario
from governance.tables import PLAN_TONES, SCENARIO_TONES, FunderTable, PlanTable
from governance.views.actions import history_action, listed
from governance.views.sections import Editing, Row, Rows, columns
from plan_numerique.shared.money import display_euros
from plan_numerique.web.templatetags.web import integer, rate
from plan_numerique.web.views import Action, DeletePage, DetailPage, EditPage, ListPage
from schools.queries import visible_stated_counts

FIGURES: tuple[tuple[str, Callable[[BudgetRun], str]], ...] = (
    ("Total TTC", lambda run: display_euros(run.ttc)),
    ("Total HT", lambda run: display_euros(run.ht)),
    ("Subventions", lambda run: display_euros(run.grants)),
    ("Part propre HT (solde)", lambda run: display_euros(run.own_share_ht)),
    ("Part propre, en %", lambda run: rate(run.own_share_rate)),
    ("FCTVA", lambda run: display_euros(run.fctva)),
    ("Coût net", lambda run: display_euros(run.net_cost)),
    ("Écoles équipées", lambda run: integer(run.schools_entered)),
    ("Classes équipées", lambda run: integer(run.classes_entered)),
    ("Constats", lambda run: integer(run.findings_count)),
)


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

    def actions(self) -> list[Action]:
        plan: Plan = self.object
        if not self.may(permissions.EDIT, plan):
            return history_action(self)
        return [
            Action(
                "Ajouter un scénario", f"{reverse('governance:scenario_create')}?plan={plan.pk}", "plus", primary=True
            ),
            Action("Modifier", reverse("governance:plan_edit", args=[plan.pk]), "pencil"),
            *history_action(self),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan: Plan = self.object
        scenarios = list(queries.visible_scenarios(self.request.user).filter(plan=plan).order_by("pk"))
        editing = Editing(self.may(permissions.EDIT, plan), "plan", plan.pk)
        counts = visible_stated_counts(self.request.user).filter(authority=plan.authority).order_by("pk")
        return super().get_context_data(
            plan=plan,
            comparison=comparison(scenarios),
            scenarios=scenarios,
            objectives=listed(plan.objectives),
            sections=[_phases(plan, editing), _commitments(plan, editing), _authorisations(plan, editing)],
            counts=counts,
            committees=queries.visible_committees(self.request.user).filter(authority=plan.authority).order_by("name"),
            conventions=queries.visible_conventions(self.request.user)
            .filter(authority=plan.authority)
            .order_by("title"),
            **kwargs,
        )


def comparison(scenarios: Sequence[Scenario]) -> dict[str, Any]:
    """Scenarios side by side: a column each, the figures of its latest finished run."""
    runs = {run.scenario_id: run for run in queries.latest_runs(scenarios)}
    heads = [
        {
            "name": scenario.name,
            "url": reverse("governance:scenario_detail", args=[scenario.pk]),
            "state": scenario.get_state_display(),
            "tone": SCENARIO_TONES[scenario.state],
        }
        for scenario in scenarios
    ]
    found = [runs.get(scenario.pk) for scenario in scenarios]
    rows = [(label, [shown(run) if run else "—" for run in found]) for label, shown in FIGURES]
    return {"heads": heads, "rows": rows}


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
        editing.row(
            "authorisation",
            row.pk,
            (
                row.label,
                row.get_section_display(),
                f"{row.first_exercise} à {row.last_exercise}",
                display_euros(row.amount),
                row.note or "—",
            ),
        )
        for row in plan.authorisations.order_by("code")
    ]
    heads = columns("Autorisation", "Section", "Exercices", "#Montant", "Observation")
    add = editing.add("authorisation")
    return Rows("autorisations", "Autorisations de programme et crédits", heads, rows, add, "Ajouter une autorisation")


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
