from deliberations.models.act import Act, ActClause, ActIdentifier, Reporter
from deliberations.models.assembly import Assembly, Mandate, MemberContact
from deliberations.models.ballot import Ballot, Vote
from deliberations.models.convocation import Convocation, Invitation
from deliberations.models.drafting import ActFigure, ActTemplate, ActVersion, Annex, CommissionOpinion, VisaStep
from deliberations.models.entry import SittingEntry
from deliberations.models.filing import (
    AttachmentType,
    Classification,
    CouncilDocument,
    Matter,
    Publication,
    Transmission,
    TransmissionProfile,
)
from deliberations.models.legal import LegalSetting
from deliberations.models.sitting import AttendanceChange, PassageRange, Presence, Proxy, Secretary, Sitting
from deliberations.models.stated import StatedAmount, StatedBudget, StatedBudgetLine, StatedGrant, StatedProduct

__all__ = [
    "Act",
    "ActClause",
    "ActFigure",
    "ActIdentifier",
    "ActTemplate",
    "ActVersion",
    "Annex",
    "Assembly",
    "AttachmentType",
    "AttendanceChange",
    "Ballot",
    "Classification",
    "CommissionOpinion",
    "Convocation",
    "CouncilDocument",
    "Invitation",
    "LegalSetting",
    "Mandate",
    "Matter",
    "MemberContact",
    "PassageRange",
    "Presence",
    "Proxy",
    "Publication",
    "Reporter",
    "Secretary",
    "Sitting",
    "SittingEntry",
    "StatedAmount",
    "StatedBudget",
    "StatedBudgetLine",
    "StatedGrant",
    "StatedProduct",
    "Transmission",
    "TransmissionProfile",
    "VisaStep",
    "Vote",
]
