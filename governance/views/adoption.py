"""Adopting a scenario as the programme of its plan, or preparing the amendment that will replace it."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views import View

from governance import permissions, queries, services
from governance.enums import ScenarioState
from governance.forms import AdoptionForm
from governance.models import Scenario
from governance.views.changes import changes_context
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.views import AskPage, Page


class ScenarioAdopt(AskPage):
    """What adopting a scenario does, then the adoption itself."""

    permission, queryset = permissions.ADOPT, staticmethod(queries.visible_scenarios)
    authority_path = "plan__authority"
    template_name = "governance/adoption.html"
    form_class = AdoptionForm
    done: ClassVar[str] = "Le programme est arrêté : ce scénario est adopté."

    def open(self) -> None:
        super().open()
        self.version = queries.current_version(self.object.plan)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "amends": self.version is not None}

    def perform(self, data: dict[str, Any]) -> Any:
        return services.adopt_scenario(scenario=self.object, by=self.request.user, reason=data["reason"])

    def get_success_url(self) -> str:
        scenario: Scenario = self.object
        if scenario.state == ScenarioState.ADOPTED:
            return reverse("governance:plan_programme", args=[scenario.plan_id])
        return reverse("governance:scenario_detail", args=[scenario.pk])

    def get_crumbs(self) -> list[tuple[str, str]]:
        scenario: Scenario = self.object
        return [
            (scenario.plan.name, reverse("governance:plan_detail", args=[scenario.plan_id])),
            (scenario.name, reverse("governance:scenario_detail", args=[scenario.pk])),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self.version
        name = f"l'avenant n° {version.number}" if version else "le programme"
        return super().get_context_data(
            title=f"Arrêter {name} : {self.object}",
            submit_label=f"Arrêter {name}",
            former=version,
            simulation=self.object.simulation_notice,
            **self.effect(),
            **kwargs,
        )

    def effect(self) -> dict[str, Any]:
        """What will follow, or why it may not."""
        plan = self.object.plan
        try:
            run = services.adoptable_run(self.object)
        except DomainError as error:
            return {"refusals": [error.message]}
        found = queries.changes_by_adopting(plan, run)
        return {
            "run": run,
            "refusals": services.adoption_refusals(plan, found),
            "new_phases": ", ".join(str(year) for year in services.phases_to_add(plan, run)),
            "lost_phases": ", ".join(str(phase.exercise) for phase in services.phases_to_remove(plan, run)),
            **changes_context(found),
        }


class PlanAmend(Page, View):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_plans)
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        plan = self.row()
        self.require(plan)
        try:
            draft = services.prepare_amendment(plan=plan, by=request.user)
        except DomainError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(reverse("governance:plan_programme", args=[plan.pk]))
        messages.success(request, "L'avenant est un brouillon : changer ses données, le calculer, puis l'arrêter.")
        return HttpResponseRedirect(reverse("governance:scenario_data", args=[draft.pk]))
