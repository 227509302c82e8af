"""Schools whose equipment ages, and their diagnostics triggered in one go."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView

from equipment import permissions, queries
from equipment.forms import AgeingForm
from equipment.views.diagnosed import AGEING
from equipment.views.proposals import views_of
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted
from plan_numerique.web.forms import asked_key
from plan_numerique.web.views import Page
from schools import permissions as school_permissions
from schools.models import DiagnosticCampaign
from schools.queries import visible_diagnostic_campaigns, visible_schools
from schools.services import trigger_many


class AgeingSchools(Page, TemplateView):
    """`age`: from how many years on; `campaign`: where the diagnostics would be triggered (the latest by default)."""

    permission, queryset = permissions.VIEW, staticmethod(visible_schools)
    template_name, title = "equipment/ageing.html", "Matériel vieillissant"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        context = self.get_context_data(**kwargs)
        return self.render_to_response(context, status=422 if self.form.errors else 200)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        campaign = self.campaign(request.POST)
        if campaign is None:
            messages.error(request, "Choisir la campagne où déclencher les diagnostics.")
            return HttpResponseRedirect(request.get_full_path())
        self.require(campaign, school_permissions.LEAD_DIAGNOSTICS)
        keys = {asked_key(key) for key in request.POST.getlist("ids")}
        chosen = [row.reason for row in self.found(campaign) if row.school.pk in keys and not row.diagnosed]
        if not chosen:
            messages.error(request, "Aucune école n'est cochée.")
            return HttpResponseRedirect(request.get_full_path())
        try:
            made = trigger_many(campaign=campaign, reasons=chosen, by=request.user)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, f"{counted(len(made), 'diagnostic déclenché')} dans « {campaign} ».")
        return HttpResponseRedirect(request.get_full_path())

    @property
    def form(self) -> AgeingForm:
        if not hasattr(self, "_form"):
            asked = self.request.GET.get("age")
            self._form = AgeingForm({"age": AGEING if asked is None else asked}, auto_id="age-%s")
        return self._form

    @property
    def years(self) -> int | None:
        return self.form.cleaned_data["age"] if self.form.is_valid() else None

    def campaigns(self) -> list[DiagnosticCampaign]:
        led = school_permissions.LEAD_DIAGNOSTICS.authorities(self.request.user)
        rows = visible_diagnostic_campaigns(self.request.user).filter(authority__in=led)
        if self.request.scope.authority:
            rows = rows.filter(authority=self.request.scope.authority)
        return list(rows.order_by("-school_year", "-pk"))

    def campaign(self, asked: Any) -> DiagnosticCampaign | None:
        campaigns, key = self.campaigns(), asked_key(asked.get("campaign"))
        chosen = next((each for each in campaigns if each.pk == key), None)
        return chosen or (campaigns[0] if campaigns and "campaign" not in asked else None)

    def found(self, campaign: DiagnosticCampaign | None) -> list[queries.Ageing]:
        years = self.years
        if years is None:
            return []
        schools = self.rows()
        if campaign is not None:
            schools = schools.filter(authority=campaign.authority_id)
        return queries.ageing_schools(schools=schools, years=years, on=timezone.localdate(), campaign=campaign)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        campaign = self.campaign(self.request.GET)
        rows = self.found(campaign)
        return super().get_context_data(
            form=self.form,
            years=self.years,
            schools=rows,
            campaigns=self.campaigns(),
            campaign=campaign,
            may_trigger=campaign is not None and any(not row.diagnosed for row in rows),
            views=views_of(self.request.user, "equipment:ageing"),
            devices_url=reverse("equipment:device_list"),
            **kwargs,
        )
