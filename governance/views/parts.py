"""The rows of a plan, a scenario, a convention, a committee, a meeting: each edited from the page of its parent."""

from governance import permissions, queries, services
from governance.forms import (
    ActionForm,
    AgendaItemForm,
    AnnouncedAmountForm,
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
from plan_numerique.web.views import Child, ChildDeletePage, ChildEditPage


class Part(Child):
    permission = permissions.EDIT


class OfPlan(Part):
    parent, home, authority_path = "plan", "governance:plan_detail", "plan__authority"


class PlanPartEdit(OfPlan, ChildEditPage):
    service = staticmethod(services.save_plan_part)


class PlanPartDelete(OfPlan, ChildDeletePage):
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


class OfScenario(Part):
    parent, home, authority_path = "scenario", "governance:scenario_data", "scenario__plan__authority"


class ScenarioPartEdit(OfScenario, ChildEditPage):
    service = staticmethod(services.save_scenario_part)


class ScenarioPartDelete(OfScenario, ChildDeletePage):
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


class ConventionCommitmentEdit(OfConvention, ChildEditPage):
    queryset, form_class = staticmethod(queries.visible_convention_commitments), ConventionCommitmentForm
    service, title = staticmethod(services.save_convention_part), "Engagement"


class ConventionCommitmentDelete(OfConvention, ChildDeletePage):
    queryset = staticmethod(queries.visible_convention_commitments)
    service = staticmethod(services.delete_convention_part)


class OfCommittee(Part):
    parent, home, authority_path = "committee", "governance:committee_detail", "committee__authority"


class SeatEdit(OfCommittee, ChildEditPage):
    queryset, form_class = staticmethod(queries.visible_seats), SeatForm
    service, title = staticmethod(services.save_committee_part), "Siège"


class SeatDelete(OfCommittee, ChildDeletePage):
    queryset, service = staticmethod(queries.visible_seats), staticmethod(services.delete_committee_part)


class OfMeeting(Part):
    parent, home, authority_path = "meeting", "governance:meeting_detail", "meeting__committee__authority"


class AgendaItemEdit(OfMeeting, ChildEditPage):
    queryset, form_class = staticmethod(queries.visible_agenda_items), AgendaItemForm
    service, title = staticmethod(services.save_agenda_item), "Point de l'ordre du jour"


class AgendaItemDelete(OfMeeting, ChildDeletePage):
    queryset, service = staticmethod(queries.visible_agenda_items), staticmethod(services.delete_agenda_item)


class OfItem(Part):
    parent, home = "item", "governance:meeting_detail"
    home_path, authority_path = "item__meeting", "item__meeting__committee__authority"


class DecisionEdit(OfItem, ChildEditPage):
    queryset, form_class = staticmethod(queries.visible_decisions), DecisionForm
    service, title = staticmethod(services.save_decision), "Décision"


class DecisionDelete(OfItem, ChildDeletePage):
    queryset, service = staticmethod(queries.visible_decisions), staticmethod(services.delete_decision)


class ActionEdit(OfItem, ChildEditPage):
    queryset, form_class = staticmethod(queries.visible_actions), ActionForm
    service, title = staticmethod(services.save_action), "Action"


class ActionDelete(OfItem, ChildDeletePage):
    queryset, service = staticmethod(queries.visible_actions), staticmethod(services.delete_action)
