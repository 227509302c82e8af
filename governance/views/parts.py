"""Editing the rows of a parent: reached from its page with the parent in the query string, and back to it."""

from typing import Any, ClassVar

from django import forms
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from governance import permissions, queries, services
from governance.forms import (
    ActionForm,
    AgendaItemForm,
    AnnouncedAmountForm,
    AuthorisationForm,
    ConventionCommitmentForm,
    DecisionForm,
    FundingLineForm,
    LumpSumForm,
    PhaseForm,
    PlanCommitmentForm,
    RecurringCostForm,
    ScenarioCapForm,
    ScenarioPhaseForm,
    ScenarioSchoolForm,
    SeatForm,
    StatedPerimeterForm,
)
from plan_numerique.web.views import DeletePage, EditPage
from plan_numerique.web.views.base import follow


class Part:
    """`parent` names the foreign key; `home` the page it is seen on, `home_path` leads there from the row."""

    permission = permissions.EDIT
    parent: ClassVar[str]
    home: ClassVar[str]
    home_path: ClassVar[str] = ""
    request: HttpRequest

    def home_url(self, row: Any) -> str:
        return reverse(self.home, args=[follow(row, self.home_path or self.parent).pk])


class PartEdit(Part, EditPage):
    def get_initial(self) -> dict[str, Any]:
        initial = super().get_initial()
        parent = initial.get(self.parent, "")
        if (
            "position" in self.form_class.base_fields
            and "pk" not in self.kwargs
            and parent.isascii()
            and parent.isdigit()
        ):
            rows = type(self).queryset(self.request.user).filter(**{self.parent: int(parent)})
            initial["position"] = (rows.aggregate(last=Max("position"))["last"] or 0) + 1
        return initial

    def get_form(self, form_class: Any = None) -> Any:
        """The parent is known from where one comes: it is shown in the title, not asked."""
        form = super().get_form(form_class)
        given = str(form.initial.get(self.parent) or "")
        known = form.fields[self.parent].queryset
        parent = known.filter(pk=given).first() if given.isascii() and given.isdigit() else None
        if parent is not None:
            form.fields[self.parent].widget = forms.HiddenInput()
        self.parent_row = parent
        return form

    def get_success_url(self) -> str:
        return self.home_url(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        row = self.form_class._meta.model(**{self.parent: self.parent_row}) if self.parent_row else None
        if self.object is None and row is not None:
            context["cancel_url"] = self.home_url(row)
        if row is not None:
            context["crumbs"] = [(str(follow(row, self.home_path or self.parent)), self.home_url(row))]
        return context


class PartDelete(Part, DeletePage):
    list_url = "governance:plan_list"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        row = context["object"]
        return {
            **context,
            "cancel_url": self.home_url(row),
            "crumbs": [(str(follow(row, self.home_path or self.parent)), self.home_url(row))],
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        home = self.home_url(self.row())
        super().post(request, *args, **kwargs)
        return HttpResponseRedirect(home)


class OfPlan(Part):
    parent, home, authority_path = "plan", "governance:plan_detail", "plan__authority"


class PlanPartEdit(OfPlan, PartEdit):
    service = staticmethod(services.save_plan_part)


class PlanPartDelete(OfPlan, PartDelete):
    service = staticmethod(services.delete_plan_part)


class PhaseEdit(PlanPartEdit):
    queryset, form_class, title = staticmethod(queries.visible_phases), PhaseForm, "Phase du plan"


class PhaseDelete(PlanPartDelete):
    queryset = staticmethod(queries.visible_phases)


class PlanCommitmentEdit(PlanPartEdit):
    queryset, form_class = staticmethod(queries.visible_plan_commitments), PlanCommitmentForm
    title = "Principe du plan"


class PlanCommitmentDelete(PlanPartDelete):
    queryset = staticmethod(queries.visible_plan_commitments)


class AuthorisationEdit(PlanPartEdit):
    queryset, form_class = staticmethod(queries.visible_authorisations), AuthorisationForm
    title = "Autorisation de programme"


class AuthorisationDelete(PlanPartDelete):
    queryset = staticmethod(queries.visible_authorisations)


class OfScenario(Part):
    parent, home, authority_path = "scenario", "governance:scenario_data", "scenario__plan__authority"


class ScenarioPartEdit(OfScenario, PartEdit):
    service = staticmethod(services.save_scenario_part)


class ScenarioPartDelete(OfScenario, PartDelete):
    service = staticmethod(services.delete_scenario_part)


class ScenarioCapEdit(ScenarioPartEdit):
    queryset, form_class = staticmethod(queries.visible_scenario_caps), ScenarioCapForm
    title = "Plafond d'un exercice"


class ScenarioCapDelete(ScenarioPartDelete):
    queryset = staticmethod(queries.visible_scenario_caps)


class ScenarioSchoolEdit(ScenarioPartEdit):
    queryset, form_class = staticmethod(queries.visible_scenario_schools), ScenarioSchoolForm
    title = "École du périmètre"


class ScenarioSchoolDelete(ScenarioPartDelete):
    queryset = staticmethod(queries.visible_scenario_schools)


class StatedPerimeterEdit(ScenarioPartEdit):
    queryset, form_class = staticmethod(queries.visible_stated_perimeters), StatedPerimeterForm
    title = "Périmètre annoncé en total"


class StatedPerimeterDelete(ScenarioPartDelete):
    queryset = staticmethod(queries.visible_stated_perimeters)


class ScenarioPhaseEdit(ScenarioPartEdit):
    queryset, form_class = staticmethod(queries.visible_scenario_phases), ScenarioPhaseForm
    title = "Phase du scénario"


class ScenarioPhaseDelete(ScenarioPartDelete):
    queryset = staticmethod(queries.visible_scenario_phases)


class LumpSumEdit(ScenarioPartEdit):
    queryset, form_class, title = staticmethod(queries.visible_lump_sums), LumpSumForm, "Montant global"


class LumpSumDelete(ScenarioPartDelete):
    queryset = staticmethod(queries.visible_lump_sums)


class RecurringCostEdit(ScenarioPartEdit):
    queryset, form_class = staticmethod(queries.visible_recurring_costs), RecurringCostForm
    title = "Coût récurrent"


class RecurringCostDelete(ScenarioPartDelete):
    queryset = staticmethod(queries.visible_recurring_costs)


class FundingLineEdit(ScenarioPartEdit):
    queryset, form_class = staticmethod(queries.visible_funding_lines), FundingLineForm
    title = "Financement attendu"


class FundingLineDelete(ScenarioPartDelete):
    queryset = staticmethod(queries.visible_funding_lines)


class AnnouncedAmountEdit(ScenarioPartEdit):
    queryset, form_class = staticmethod(queries.visible_announced_amounts), AnnouncedAmountForm
    title = "Montant annoncé"


class AnnouncedAmountDelete(ScenarioPartDelete):
    queryset = staticmethod(queries.visible_announced_amounts)


class OfConvention(Part):
    parent, home, authority_path = "convention", "governance:convention_detail", "convention__authority"


class ConventionCommitmentEdit(OfConvention, PartEdit):
    queryset, form_class = staticmethod(queries.visible_convention_commitments), ConventionCommitmentForm
    service, title = staticmethod(services.save_convention_part), "Engagement"


class ConventionCommitmentDelete(OfConvention, PartDelete):
    queryset = staticmethod(queries.visible_convention_commitments)
    service = staticmethod(services.delete_convention_part)


class OfCommittee(Part):
    parent, home, authority_path = "committee", "governance:committee_detail", "committee__authority"


class SeatEdit(OfCommittee, PartEdit):
    queryset, form_class = staticmethod(queries.visible_seats), SeatForm
    service, title = staticmethod(services.save_committee_part), "Siège"


class SeatDelete(OfCommittee, PartDelete):
    queryset, service = staticmethod(queries.visible_seats), staticmethod(services.delete_committee_part)


class OfMeeting(Part):
    parent, home, authority_path = "meeting", "governance:meeting_detail", "meeting__committee__authority"


class AgendaItemEdit(OfMeeting, PartEdit):
    queryset, form_class = staticmethod(queries.visible_agenda_items), AgendaItemForm
    service, title = staticmethod(services.save_agenda_item), "Point de l'ordre du jour"


class AgendaItemDelete(OfMeeting, PartDelete):
    queryset, service = staticmethod(queries.visible_agenda_items), staticmethod(services.delete_agenda_item)


class OfItem(Part):
    parent, home = "item", "governance:meeting_detail"
    home_path, authority_path = "item__meeting", "item__meeting__committee__authority"


class DecisionEdit(OfItem, PartEdit):
    queryset, form_class = staticmethod(queries.visible_decisions), DecisionForm
    service, title = staticmethod(services.save_decision), "Décision"


class DecisionDelete(OfItem, PartDelete):
    queryset, service = staticmethod(queries.visible_decisions), staticmethod(services.delete_decision)


class ActionEdit(OfItem, PartEdit):
    queryset, form_class = staticmethod(queries.visible_actions), ActionForm
    service, title = staticmethod(services.save_action), "Action"


class ActionDelete(OfItem, PartDelete):
    queryset, service = staticmethod(queries.visible_actions), staticmethod(services.delete_action)
