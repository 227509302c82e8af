"""An adopted act makes its scenario the programme of the plan."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.generic import TemplateView

from deliberations import queries, services
from deliberations.enums import ActState
from deliberations.models import Act
from governance.enums import ScenarioState
from governance.permissions import ADOPT
from governance.queries import visible_scenarios
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.views import Action, Page

OPEN_STATES = (ScenarioState.DRAFT, ScenarioState.COMPUTED)


def adoption_action(act: Act, user: Any) -> list[Action]:
    """« Adopter le scénario », of an adopted act whose scenario is not the programme yet."""
    scenario = act.scenario
    waits = scenario is not None and act.state == ActState.ADOPTED and scenario.state in OPEN_STATES
    if not waits or not ADOPT.granted(user, act.sitting.assembly.authority):
        return []
    return [Action("Adopter le scénario", reverse("deliberations:act_adopt", args=[act.pk]), "stamp")]


class ActAdoption(Page, TemplateView):
    """Asks, then adopts; the right is that of adopting a scenario."""

    permission, queryset = ADOPT, staticmethod(queries.visible_acts)
    authority_path = "sitting__assembly__authority"
    template_name = "components/confirm.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        act = self.row()
        self.require(act)
        name = act.scenario.name if act.scenario else "—"
        return super().get_context_data(
            object=act,
            title="Adopter le scénario",
            text=f"« {name} » devient le programme du plan, avec pour motif : {services.adoption_reason(act)}",
            submit_label="Adopter le scénario",
            ask_reason=False,
            notice=self.notice_of(act),
            cancel_url=reverse("deliberations:act_detail", args=[act.pk]),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        act = self.row()
        self.require(act)
        back = reverse("deliberations:act_detail", args=[act.pk])
        try:
            scenario = services.adopt_scenario_of(act=act, by=request.user)
        except DomainError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(back)
        messages.success(request, f"« {scenario} » est adopté : c'est le programme du plan.")
        if visible_scenarios(request.user).filter(pk=scenario.pk).exists():
            back = reverse("governance:plan_programme", args=[scenario.plan_id])
        return HttpResponseRedirect(back)
