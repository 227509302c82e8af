from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views import View

from governance import permissions, queries, services, tasks
from governance.enums import ScenarioState
from governance.filtersets import ScenarioFilter, ScenarioSchoolFilter
from governance.forms import ScenarioForm
from governance.models import BudgetRun, Scenario
from governance.tables import SCENARIO_TONES, PerimeterTable, ScenarioTable
from governance.views.actions import history_action, listed
from governance.views.comparison import compare_url
from governance.views.inputs import input_sections
from governance.views.results import result_context
from governance.views.sections import Editing
from governance.views.wizard import wizard_label
from plan_numerique.accounts.access import Permission
from plan_numerique.jobs.following import follow, followed
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.periods import school_year_label
from plan_numerique.shared.wording import counted
from plan_numerique.web.templatetags.web import rate
from plan_numerique.web.views import Action, BulkAction, DeletePage, DetailPage, EditPage, ListPage, Tab
from plan_numerique.web.views.base import Page

OPEN_STATES = (ScenarioState.DRAFT, ScenarioState.COMPUTED)


class ScenarioList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_scenarios)
    authority_path = "plan__authority"
    filterset_class, table_class = ScenarioFilter, ScenarioTable
    title, search_placeholder = "Scénarios", "Nom, plan, hypothèses"
    create = ("governance:wizard_start", permissions.EDIT, "Ajouter un scénario")
    empty_text = "Un scénario dit qui est équipé, quand, à quel coût et par qui c'est payé."
    bulk_actions = (BulkAction("compare", "Comparer", permissions.VIEW, lambda objects, by: ""),)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """« Comparer » changes nothing: it leads to the page of those ticked."""
        if request.POST.get("action") != "compare":
            return super().post(request, *args, **kwargs)
        return HttpResponseRedirect(compare_url(row.pk for row in self._selected()))


class ScenarioPage(DetailPage):
    """What the three pages of a scenario share: its state, its tabs, what may be done."""

    permission, queryset = permissions.VIEW, staticmethod(queries.visible_scenarios)
    authority_path = "plan__authority"
    tab: ClassVar[str] = ""

    def get_crumbs(self) -> list[tuple[str, str]]:
        plan = self.object.plan
        return [
            ("Plans", reverse("governance:plan_list")),
            (plan.name, reverse("governance:plan_detail", args=[plan.pk])),
        ]

    def state(self) -> dict[str, str]:
        return {"label": self.object.get_state_display(), "tone": SCENARIO_TONES[self.object.state]}

    def tabs(self) -> list[Tab]:
        pages = (
            ("Résultats", "scenario_detail"),
            ("Données", "scenario_data"),
            ("Tableau", "scenario_board"),
            ("Calculs et rapports", "scenario_runs"),
        )
        return [
            Tab(label, reverse(f"governance:{name}", args=[self.object.pk]), active=name == self.tab)
            for label, name in pages
        ]

    def actions(self) -> list[Action]:
        scenario: Scenario = self.object
        found = []
        if self.may(permissions.COMPUTE, scenario) and scenario.state in OPEN_STATES:
            found.append(self._post("Calculer", "compute", "calculator", primary=True))
            optimise = reverse("governance:scenario_optimisations", args=[scenario.pk])
            found.append(Action("Optimiser", optimise, "target", secondary=True))
        if self.may(permissions.REPORT, scenario) and scenario.run_id:  # type: ignore[attr-defined]
            found.append(self._post("Rapport pour le conseil", "report", "file-text"))
        if self.may(permissions.EDIT, scenario):
            vary, edit, wizard = (
                reverse(f"governance:{name}", args=[scenario.pk])
                for name in ("scenario_vary", "scenario_edit", "wizard")
            )
            if scenario.state in OPEN_STATES:
                found.append(Action(wizard_label(scenario), wizard, "list-checks"))
                found.append(Action("Modifier", edit, "pencil", secondary=True))
            found.append(self._post("Dupliquer", "duplicate", "copy"))
            found.append(Action("Varier", vary, "git-branch", secondary=True))
        if self.may(permissions.STEER, scenario) and scenario.state in OPEN_STATES:
            take = reverse("governance:scenario_diagnostics", args=[scenario.pk])
            found.append(Action("Reprendre les diagnostics", take, "clipboard-check", secondary=True))
        if self.may(permissions.ADOPT, scenario):
            if scenario.state == ScenarioState.COMPUTED:
                adopt = reverse("governance:scenario_adopt", args=[scenario.pk])
                found.insert(1, Action("Arrêter ce programme", adopt, "stamp"))
            if scenario.state in OPEN_STATES:
                found.append(self._post("Archiver", "archive", "archive", secondary=True))
        return [*found, *history_action(self)]

    def _post(self, label: str, verb: str, icon: str, *, primary: bool = False, secondary: bool = False) -> Action:
        url = reverse(f"governance:scenario_{verb}", args=[self.object.pk])
        return Action(label, url, icon, "post", primary, secondary=secondary)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        scenario: Scenario = self.object
        return super().get_context_data(
            simulation=scenario.simulation_notice,
            jobs=followed(self.request, queries.active_jobs(scenario)),
            **kwargs,
        )


class ScenarioDetail(ScenarioPage):
    """The figures of the latest finished run, and whether the data have changed since."""

    template_name, tab = "governance/scenario_detail.html", "scenario_detail"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        scenario: Scenario = self.object
        run = queries.latest_run(scenario)
        return super().get_context_data(
            failed=queries.last_failure(scenario),
            stale=_stale(scenario, run) if run else "",
            report=queries.latest_report(scenario),
            hypotheses=listed(scenario.hypothesis),
            **(result_context(run) if run else {"run": None}),
            **kwargs,
        )


def _stale(scenario: Scenario, run: BudgetRun) -> str:
    """Why the figures may no longer be those of the data, empty where they are."""
    if scenario.state not in OPEN_STATES:
        return ""
    try:
        digest = queries.digest_of(queries.canonical(queries.scenario_document(scenario)))
    except DomainError as error:
        return error.message
    return "" if digest == run.input_digest else "Les données ont changé depuis ce calcul."


class ScenarioData(ScenarioPage):
    template_name, tab = "governance/scenario_data.html", "scenario_data"

    def settings(self) -> list[tuple[str, Any]]:
        scenario: Scenario = self.object
        schedule = " puis ".join(f"{part} %" for part in scenario.payment_schedule) or "tout l'année même"
        fctva = (
            f"{rate(scenario.fctva_rate)}, {scenario.fctva_lag_years} ans après"
            if scenario.fctva_rate is not None
            else "non compté"
        )
        return [
            ("Plan", scenario.plan),
            ("Nature", scenario.get_nature_display()),
            ("Exercices", f"{scenario.first_exercise} à {scenario.last_exercise}"),
            ("Classes de", school_year_label(scenario.school_year) if scenario.school_year else "—"),
            ("Règles de dotation", scenario.rule_set or "aucune"),
            ("Révision des prix", rate(scenario.price_revision_rate)),
            ("Renouvellements", "comptés" if scenario.renewals else "non comptés"),
            ("Paiement", schedule),
            ("FCTVA", fctva),
            ("Source", scenario.source),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        scenario: Scenario = self.object
        allowed = self.may(permissions.EDIT, scenario) and scenario.state in OPEN_STATES
        editing = Editing(allowed, "scenario", scenario.pk)
        return super().get_context_data(
            settings=self.settings(),
            sections=input_sections(scenario, editing),
            fill_url=reverse("governance:scenario_fill", args=[scenario.pk]) if allowed else "",
            hypotheses=listed(scenario.hypothesis),
            **kwargs,
        )


class ScenarioRuns(ScenarioPage):
    template_name, tab = "governance/scenario_runs.html", "scenario_runs"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        scenario: Scenario = self.object
        runs = queries.visible_budget_runs(self.request.user).filter(scenario=scenario).order_by("-number")
        reports = queries.visible_council_reports(self.request.user).filter(run__scenario=scenario).order_by("-pk")
        return super().get_context_data(runs=list(runs[:50]), reports=list(reports[:50]), **kwargs)


class ScenarioEdit(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_scenarios)
    authority_path = "plan__authority"
    form_class, service = ScenarioForm, staticmethod(services.save_scenario)
    title = "Scénario"
    crumbs = (("Scénarios", "/scenarios/"),)
    detail_url, list_url = "governance:scenario_data", "governance:scenario_list"


class ScenarioDelete(DeletePage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_scenarios)
    authority_path = "plan__authority"
    service, list_url = staticmethod(services.delete_scenario), "governance:scenario_list"


class PerimeterList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_scenario_schools)
    authority_path = "scenario__plan__authority"
    filterset_class, table_class = ScenarioSchoolFilter, PerimeterTable
    title, search_placeholder = "Écoles des périmètres", "Nom, UAI"


class ScenarioCommand(Page, View):
    """One thing done to a scenario, then back to one of its pages."""

    queryset = staticmethod(queries.visible_scenarios)
    authority_path = "plan__authority"
    http_method_names = ["post"]
    back: ClassVar[str] = "scenario_detail"
    done: ClassVar[str] = ""

    def command(self, scenario: Scenario) -> Any:
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        scenario = self.row()
        self.require(scenario)
        target = scenario
        try:
            target = self.command(scenario) or scenario
        except DomainError as error:
            messages.error(request, error.message)
        else:
            if self.done:
                messages.success(request, self.done)
        return HttpResponseRedirect(reverse(f"governance:{self.back}", args=[target.pk]))


class ScenarioCompute(ScenarioCommand):
    permission: ClassVar[Permission] = permissions.COMPUTE

    def command(self, scenario: Scenario) -> None:
        services.require_open(scenario)
        follow(self.request, tasks.start_budget_run(scenario=scenario, by=self.request.user))


class ScenarioReport(ScenarioCommand):
    permission, back = permissions.REPORT, "scenario_runs"

    def command(self, scenario: Scenario) -> None:
        follow(self.request, tasks.start_council_report(scenario=scenario, by=self.request.user))


class ScenarioArchive(ScenarioCommand):
    permission, done = permissions.ADOPT, "Le scénario est archivé : il reste lisible."

    def command(self, scenario: Scenario) -> Scenario:
        return services.archive_scenario(scenario=scenario, by=self.request.user)


class ScenarioDuplicate(ScenarioCommand):
    permission, done, back = (
        permissions.EDIT,
        "La copie est un brouillon : ses données peuvent changer.",
        "scenario_data",
    )

    def command(self, scenario: Scenario) -> Scenario:
        return services.duplicate_scenario(scenario=scenario, by=self.request.user)


class ScenarioFill(ScenarioCommand):
    permission, back = permissions.EDIT, "scenario_data"

    def command(self, scenario: Scenario) -> None:
        added = services.fill_perimeter(scenario=scenario, by=self.request.user)
        messages.success(
            self.request,
            f"{counted(added, 'école ajoutée')} au périmètre."
            if added
            else "Le périmètre avait déjà toutes les écoles ouvertes.",
        )
