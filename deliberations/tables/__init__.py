from deliberations.tables.council import (
    STATE_TONES,
    ActTable,
    AssemblyTable,
    LegalSettingTable,
    MandateTable,
    SittingTable,
)
from deliberations.tables.documents import CouncilDocumentTable

__all__ = [
    "STATE_TONES",
    "ActTable",
    "AssemblyTable",
    "CouncilDocumentTable",
    "LegalSettingTable",
    "MandateTable",
    "SittingTable",
]
