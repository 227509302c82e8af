from plan_numerique.importing.views.sending import ImportColumns, ImportCreate, ImportKind, ImportModel
from plan_numerique.importing.views.sessions import ImportApply, ImportDetail, ImportDiscard, ImportList, ImportUndo

__all__ = [
    "ImportApply",
    "ImportColumns",
    "ImportCreate",
    "ImportDetail",
    "ImportDiscard",
    "ImportKind",
    "ImportList",
    "ImportModel",
    "ImportUndo",
]
