from governance.forms.committees import (
    ActionForm,
    AgendaItemForm,
    CommitteeForm,
    DecisionForm,
    MeetingForm,
    SeatForm,
)
from governance.forms.costs import (
    AnnouncedAmountForm,
    FunderForm,
    FundingLineForm,
    LumpSumForm,
    RecurringCostForm,
)
from governance.forms.partnerships import ConventionCommitmentForm, ConventionForm, PartnerForm
from governance.forms.plans import AuthorisationForm, PhaseForm, PlanCommitmentForm, PlanForm
from governance.forms.scenarios import (
    ScenarioCapForm,
    ScenarioForm,
    ScenarioPhaseForm,
    ScenarioSchoolForm,
    StatedPerimeterForm,
)

__all__ = [
    "ActionForm",
    "AgendaItemForm",
    "AnnouncedAmountForm",
    "AuthorisationForm",
    "CommitteeForm",
    "ConventionCommitmentForm",
    "ConventionForm",
    "DecisionForm",
    "FunderForm",
    "FundingLineForm",
    "LumpSumForm",
    "MeetingForm",
    "PartnerForm",
    "PhaseForm",
    "PlanCommitmentForm",
    "PlanForm",
    "RecurringCostForm",
    "ScenarioCapForm",
    "ScenarioForm",
    "ScenarioPhaseForm",
    "ScenarioSchoolForm",
    "SeatForm",
    "StatedPerimeterForm",
]
