from schools.tables.calls import (
    APPLICATION_TONES,
    QUESTIONNAIRE_TONES,
    VERDICT_TONES,
    ApplicationTable,
    CampaignTable,
    DueTable,
    QuestionnaireTable,
    SilentTable,
)
from schools.tables.diagnostics import (
    DiagnosticCampaignTable,
    DiagnosticTable,
    WorkTable,
)
from schools.tables.roll_over import (
    ROLL_OVER_TONES,
    ComparedTable,
    FrozenYearTable,
    MergedTable,
    RollOverTable,
)
from schools.tables.territory import (
    COMPUTED,
    CommuneTable,
    SchoolClassTable,
    SchoolTable,
    SiteTable,
    StatedCountTable,
)

__all__ = [
    "APPLICATION_TONES",
    "COMPUTED",
    "QUESTIONNAIRE_TONES",
    "ROLL_OVER_TONES",
    "VERDICT_TONES",
    "ApplicationTable",
    "CampaignTable",
    "CommuneTable",
    "ComparedTable",
    "DiagnosticCampaignTable",
    "DiagnosticTable",
    "DueTable",
    "FrozenYearTable",
    "MergedTable",
    "QuestionnaireTable",
    "RollOverTable",
    "SchoolClassTable",
    "SchoolTable",
    "SilentTable",
    "SiteTable",
    "StatedCountTable",
    "WorkTable",
]
