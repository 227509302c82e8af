from deliberations.models.act import Act, ActClause, ActIdentifier, Reporter
from deliberations.models.assembly import Assembly, Mandate
from deliberations.models.ballot import Ballot, Vote
from deliberations.models.legal import LegalSetting
from deliberations.models.sitting import AttendanceChange, PassageRange, Presence, Proxy, Secretary, Sitting
from deliberations.models.stated import StatedAmount, StatedBudget, StatedBudgetLine, StatedGrant, StatedProduct

__all__ = [
    "Act",
    "ActClause",
    "ActIdentifier",
    "Assembly",
    "AttendanceChange",
    "Ballot",
    "LegalSetting",
    "Mandate",
    "PassageRange",
    "Presence",
    "Proxy",
    "Reporter",
    "Secretary",
    "Sitting",
    "StatedAmount",
    "StatedBudget",
    "StatedBudgetLine",
    "StatedGrant",
    "StatedProduct",
    "Vote",
]
