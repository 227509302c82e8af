from typing import Any

from django.urls import URLPattern, path

from deliberations.views import acts, assemblies, sittings
from plan_numerique.audit.urls import crud


def child(prefix: str, name: str, edit_page: Any, delete_page: Any) -> list[URLPattern]:
    """Rows shown on the page of their sitting or act only."""
    return [
        path(f"{prefix}/nouveau/", edit_page.as_view(), name=f"{name}_create"),
        path(f"{prefix}/<int:pk>/modifier/", edit_page.as_view(), name=f"{name}_edit"),
        path(f"{prefix}/<int:pk>/supprimer/", delete_page.as_view(), name=f"{name}_delete"),
    ]


app_name = "deliberations"
urlpatterns = [
    *crud(
        "assemblees",
        "assembly",
        assemblies.AssemblyList,
        assemblies.AssemblyDetail,
        assemblies.AssemblyEdit,
        assemblies.AssemblyDelete,
    ),
    *crud(
        "mandats",
        "mandate",
        assemblies.MandateList,
        assemblies.MandateDetail,
        assemblies.MandateEdit,
        assemblies.MandateDelete,
    ),
    *crud(
        "seances", "sitting", sittings.SittingList, sittings.SittingDetail, sittings.SittingEdit, sittings.SittingDelete
    ),
    path("seances/<int:pk>/emargement/", sittings.AttendanceEdit.as_view(), name="attendance"),
    *crud("deliberations", "act", acts.ActList, acts.ActDetail, acts.ActEdit, acts.ActDelete),
    path("deliberations/<int:pk>/composer/", acts.ActCompose.as_view(), name="act_compose"),
    path("regles-de-droit/", assemblies.LegalSettingList.as_view(), name="legalsetting_list"),
    *child("secretaires-de-seance", "secretary", sittings.SecretaryEdit, sittings.SecretaryDelete),
    *child("mouvements-en-seance", "attendancechange", sittings.AttendanceChangeEdit, sittings.AttendanceChangeDelete),
    *child("ordres-de-passage", "passagerange", sittings.PassageRangeEdit, sittings.PassageRangeDelete),
    *child("votes", "ballot", acts.BallotEdit, acts.BallotDelete),
    *child("rapporteurs", "reporter", acts.ReporterEdit, acts.ReporterDelete),
    *child("textes-des-actes", "clause", acts.ActClauseEdit, acts.ActClauseDelete),
    *child("identifiants-des-actes", "identifier", acts.ActIdentifierEdit, acts.ActIdentifierDelete),
    *child("montants-ecrits", "statedamount", acts.StatedAmountEdit, acts.StatedAmountDelete),
    *child("budgets-ecrits", "statedbudget", acts.StatedBudgetEdit, acts.StatedBudgetDelete),
    *child("lignes-ecrites", "statedbudgetline", acts.StatedBudgetLineEdit, acts.StatedBudgetLineDelete),
    *child("subventions-ecrites", "statedgrant", acts.StatedGrantEdit, acts.StatedGrantDelete),
    *child("couts-ecrits", "statedproduct", acts.StatedProductEdit, acts.StatedProductDelete),
]
