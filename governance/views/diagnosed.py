"""The signed diagnostics of a campaign into a scenario: what it would change, seen before it is written."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from governance import permissions, queries, services
from governance.enums import ScenarioState
from governance.queries.diagnosed import Feed, feed_of
from governance.views.scenarios import ScenarioPage
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted
from plan_numerique.web.forms import asked_key
from schools.models import DiagnosticCampaign
from schools.queries import visible_diagnostic_campaigns

OPEN_STATES = (ScenarioState.DRAFT, ScenarioState.COMPUTED)


class ScenarioDiagnostics(ScenarioPage):
    """`campaign` and `exercise` choose what is previewed; the same are posted to write it."""

    permission = permissions.STEER
    template_name = "governance/scenario_diagnostics.html"
    refusal = ""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        campaign, exercise = self.campaign(request.POST), self.exercise(request.POST)
        if campaign is None or exercise is None:
            self.refusal = "Choisir une campagne de diagnostics et un exercice du scénario."
            return self.render_to_response(self.get_context_data(), status=422)
        try:
            feed = services.take_diagnostics(
                scenario=self.object, campaign=campaign, exercise=exercise, by=request.user
            )
        except DomainError as error:
            self.refusal = error.message
            return self.render_to_response(self.get_context_data(), status=422)
        messages.success(request, f"{counted(len(feed.taken), 'école reprise')} de « {campaign} ».")
        return HttpResponseRedirect(reverse("governance:scenario_data", args=[self.object.pk]))

    def campaigns(self) -> list[DiagnosticCampaign]:
        rows = visible_diagnostic_campaigns(self.request.user).filter(authority=self.object.plan.authority_id)
        return list(rows.order_by("-school_year", "-pk"))

    def campaign(self, asked: Any) -> DiagnosticCampaign | None:
        campaigns, key = self.campaigns(), asked_key(asked.get("campaign"))
        if "campaign" not in asked:
            return campaigns[0] if campaigns else None
        return next((each for each in campaigns if each.pk == key), None)

    def exercise(self, asked: Any) -> int | None:
        if "exercise" not in asked:
            return int(self.object.first_exercise)
        key = asked_key(asked["exercise"])
        return key if key in self.object.exercises else None

    def feed(self, campaign: DiagnosticCampaign | None, exercise: int | None) -> Feed | None:
        if campaign is None or exercise is None:
            return None
        try:
            return feed_of(queries.scenario_data(self.object), campaign, exercise)
        except DomainError as error:
            self.refusal = self.refusal or error.message
            return None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.POST or self.request.GET
        campaign, exercise = self.campaign(asked), self.exercise(asked)
        open_ = self.object.state in OPEN_STATES
        feed = self.feed(campaign, exercise) if open_ else None
        return super().get_context_data(
            campaigns=self.campaigns(),
            campaign=campaign,
            exercise=exercise,
            is_open=open_,
            feed=feed,
            refusal=self.refusal,
            campaigns_url=reverse("schools:diagnosticcampaign_list"),
            **kwargs,
        )
