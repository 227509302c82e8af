from governance.models.accounting import Account, FctvaRegime, Heading
from governance.models.committee import Action, AgendaItem, Committee, Decision, Meeting, Seat
from governance.models.costs import AnnouncedAmount, Funder, FundingLine, LumpSum, RecurringCost
from governance.models.credits import Authorisation, AuthorisationCredit, AuthorisationVersion, AuthorisationYear
from governance.models.expenses import Expense
from governance.models.optimisation import Optimisation, OptimisationPlace
from governance.models.partnership import Convention, ConventionCommitment, Partner
from governance.models.plan import Phase, Plan, PlanCommitment
from governance.models.programme import EquippedSchool, ProgrammePhase, ProgrammeVersion
from governance.models.runs import (
    BudgetAnnounced,
    BudgetCredit,
    BudgetExercise,
    BudgetFinding,
    BudgetGrant,
    BudgetGrantYear,
    BudgetLine,
    BudgetRefund,
    BudgetRun,
    BudgetSchool,
    CouncilReport,
)
from governance.models.scenario import (
    Scenario,
    ScenarioCap,
    ScenarioPhase,
    ScenarioSchool,
    StatedPerimeter,
)
from governance.models.subsidies import (
    FundingPosting,
    FundingPreset,
    PlanDocument,
    Subsidy,
    SubsidyDeadline,
    SubsidyStep,
)

__all__ = [
    "Account",
    "Action",
    "AgendaItem",
    "AnnouncedAmount",
    "Authorisation",
    "AuthorisationCredit",
    "AuthorisationVersion",
    "AuthorisationYear",
    "BudgetAnnounced",
    "BudgetCredit",
    "BudgetExercise",
    "BudgetFinding",
    "BudgetGrant",
    "BudgetGrantYear",
    "BudgetLine",
    "BudgetRefund",
    "BudgetRun",
    "BudgetSchool",
    "Committee",
    "Convention",
    "ConventionCommitment",
    "CouncilReport",
    "Decision",
    "EquippedSchool",
    "Expense",
    "FctvaRegime",
    "Funder",
    "FundingLine",
    "FundingPosting",
    "FundingPreset",
    "Heading",
    "LumpSum",
    "Meeting",
    "Optimisation",
    "OptimisationPlace",
    "Partner",
    "Phase",
    "Plan",
    "PlanCommitment",
    "PlanDocument",
    "ProgrammePhase",
    "ProgrammeVersion",
    "RecurringCost",
    "Scenario",
    "ScenarioCap",
    "ScenarioPhase",
    "ScenarioSchool",
    "Seat",
    "StatedPerimeter",
    "Subsidy",
    "SubsidyDeadline",
    "SubsidyStep",
]
