"""A variant of a scenario: what changes is asked, the rest is copied."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.generic import FormView

from governance import permissions, queries, services
from governance.forms.variants import VaryForm
from governance.models import Scenario
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.views.base import Page


class ScenarioVary(Page, FormView):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_scenarios)
    authority_path = "plan__authority"
    template_name = "components/edit.html"
    form_class: ClassVar[type[VaryForm]] = VaryForm

    def get_form_kwargs(self) -> dict[str, Any]:
        self.scenario: Scenario = self.row()
        self.require(self.scenario)
        return {**super().get_form_kwargs(), "scenario": self.scenario, "user": self.request.user}

    def form_valid(self, form: VaryForm) -> HttpResponse:
        try:
            copy = services.vary_scenario(scenario=self.scenario, by=self.request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            return self.form_invalid(form)
        messages.success(self.request, f"« {copy} » est créé : ses données peuvent changer, puis se calculer.")
        return HttpResponseRedirect(reverse("governance:scenario_data", args=[copy.pk]))

    def form_invalid(self, form: VaryForm) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        home = reverse("governance:scenario_detail", args=[self.scenario.pk])
        return {
            **context,
            "title": f"Varier « {self.scenario} »",
            "crumbs": [(str(self.scenario), home)],
            "notice": self.notice_of(self.scenario),
            "cancel_url": home,
            "submit_label": "Créer la variante",
        }
