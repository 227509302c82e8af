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
from governance.forms.credits import AuthorisationForm, CarryOverForm, VersionForm, VoteForm
from governance.forms.expenses import ExpenseForm, FctvaRegimeForm
from governance.forms.partnerships import ConventionCommitmentForm, ConventionForm, PartnerForm
from governance.forms.plans import PhaseForm, PlanCommitmentForm, PlanForm
from governance.forms.programme import (
    AdoptionForm,
    EquippedSchoolForm,
    PhaseDayForm,
    ProgrammePhaseForm,
    RecordEquippedForm,
    RenewalForm,
    VerdictForm,
)
from governance.forms.ranking import AnswerForm, DepartureForm, RankingFilterForm, SeenForm, SubmissionForm
from governance.forms.scenarios import (
    ScenarioCapForm,
    ScenarioForm,
    ScenarioPhaseForm,
    ScenarioSchoolForm,
    StatedPerimeterForm,
)

__all__ = [
    "ActionForm",
    "AdoptionForm",
    "AgendaItemForm",
    "AnnouncedAmountForm",
    "AnswerForm",
    "AuthorisationForm",
    "CarryOverForm",
    "CommitteeForm",
    "ConventionCommitmentForm",
    "ConventionForm",
    "DecisionForm",
    "DepartureForm",
    "EquippedSchoolForm",
    "ExpenseForm",
    "FctvaRegimeForm",
    "FunderForm",
    "FundingLineForm",
    "LumpSumForm",
    "MeetingForm",
    "PartnerForm",
    "PhaseDayForm",
    "PhaseForm",
    "PlanCommitmentForm",
    "PlanForm",
    "ProgrammePhaseForm",
    "RankingFilterForm",
    "RecordEquippedForm",
    "RecurringCostForm",
    "RenewalForm",
    "ScenarioCapForm",
    "ScenarioForm",
    "ScenarioPhaseForm",
    "ScenarioSchoolForm",
    "SeatForm",
    "SeenForm",
    "StatedPerimeterForm",
    "SubmissionForm",
    "VerdictForm",
    "VersionForm",
    "VoteForm",
]
