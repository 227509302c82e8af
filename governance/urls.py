from typing import Any

from django.urls import URLPattern, path

from governance.views import committees, partnerships, parts, plans, results, scenarios
from plan_numerique.audit.urls import crud
from plan_numerique.audit.views.pages import HistoryPage

app_name = "governance"


def part(prefix: str, name: str, edit_page: Any, delete_page: Any) -> list[URLPattern]:
    """The row of a parent: no list nor page of its own."""
    return [
        path(f"{prefix}/nouveau/", edit_page.as_view(), name=f"{name}_create"),
        path(f"{prefix}/<int:pk>/modifier/", edit_page.as_view(), name=f"{name}_edit"),
        path(f"{prefix}/<int:pk>/supprimer/", delete_page.as_view(), name=f"{name}_delete"),
        path(f"{prefix}/<int:pk>/historique/", HistoryPage.as_view(detail=edit_page), name=f"{name}_history"),
    ]


def command(prefix: str, name: str, view: Any) -> URLPattern:
    return path(f"{prefix}/", view.as_view(), name=name)


urlpatterns = [
    *crud("plans", "plan", plans.PlanList, plans.PlanDetail, plans.PlanEdit, plans.PlanDelete),
    *part("phases", "phase", parts.PhaseEdit, parts.PhaseDelete),
    *part("principes", "plancommitment", parts.PlanCommitmentEdit, parts.PlanCommitmentDelete),
    *part("autorisations", "authorisation", parts.AuthorisationEdit, parts.AuthorisationDelete),
    *crud(
        "scenarios",
        "scenario",
        scenarios.ScenarioList,
        scenarios.ScenarioDetail,
        scenarios.ScenarioEdit,
        scenarios.ScenarioDelete,
    ),
    path("scenarios/<int:pk>/donnees/", scenarios.ScenarioData.as_view(), name="scenario_data"),
    path("scenarios/<int:pk>/calculs/", scenarios.ScenarioRuns.as_view(), name="scenario_runs"),
    command("scenarios/<int:pk>/calculer", "scenario_compute", scenarios.ScenarioCompute),
    command("scenarios/<int:pk>/rapport", "scenario_report", scenarios.ScenarioReport),
    command("scenarios/<int:pk>/arreter", "scenario_adopt", scenarios.ScenarioAdopt),
    command("scenarios/<int:pk>/archiver", "scenario_archive", scenarios.ScenarioArchive),
    command("scenarios/<int:pk>/dupliquer", "scenario_duplicate", scenarios.ScenarioDuplicate),
    command("scenarios/<int:pk>/completer", "scenario_fill", scenarios.ScenarioFill),
    path("perimetres/", scenarios.PerimeterList.as_view(), name="scenarioschool_list"),
    *part("perimetres", "scenarioschool", parts.ScenarioSchoolEdit, parts.ScenarioSchoolDelete),
    *part("perimetres-annonces", "statedperimeter", parts.StatedPerimeterEdit, parts.StatedPerimeterDelete),
    *part("phases-de-scenario", "scenariophase", parts.ScenarioPhaseEdit, parts.ScenarioPhaseDelete),
    *part("plafonds", "scenariocap", parts.ScenarioCapEdit, parts.ScenarioCapDelete),
    *part("montants-globaux", "lumpsum", parts.LumpSumEdit, parts.LumpSumDelete),
    *part("couts-recurrents", "recurringcost", parts.RecurringCostEdit, parts.RecurringCostDelete),
    *part("financements", "fundingline", parts.FundingLineEdit, parts.FundingLineDelete),
    *part("montants-annonces", "announcedamount", parts.AnnouncedAmountEdit, parts.AnnouncedAmountDelete),
    path("calculs/", results.RunList.as_view(), name="run_list"),
    path("calculs/<int:pk>/", results.RunDetail.as_view(), name="run_detail"),
    path("calculs/<int:pk>/lignes/", results.RunLines.as_view(), name="run_lines"),
    path("calculs/<int:pk>/ecoles/", results.RunSchools.as_view(), name="run_schools"),
    *crud("financeurs", "funder", plans.FunderList, plans.FunderDetail, plans.FunderEdit, plans.FunderDelete),
    *crud(
        "partenaires",
        "partner",
        partnerships.PartnerList,
        partnerships.PartnerDetail,
        partnerships.PartnerEdit,
        partnerships.PartnerDelete,
    ),
    *crud(
        "conventions",
        "convention",
        partnerships.ConventionList,
        partnerships.ConventionDetail,
        partnerships.ConventionEdit,
        partnerships.ConventionDelete,
    ),
    *part("engagements", "conventioncommitment", parts.ConventionCommitmentEdit, parts.ConventionCommitmentDelete),
    *crud(
        "comites",
        "committee",
        committees.CommitteeList,
        committees.CommitteeDetail,
        committees.CommitteeEdit,
        committees.CommitteeDelete,
    ),
    *part("sieges", "seat", parts.SeatEdit, parts.SeatDelete),
    *crud(
        "reunions",
        "meeting",
        committees.MeetingList,
        committees.MeetingDetail,
        committees.MeetingEdit,
        committees.MeetingDelete,
    ),
    command("reunions/<int:pk>/ouvrir", "meeting_open", committees.MeetingOpen),
    command("reunions/<int:pk>/clore", "meeting_close", committees.MeetingClose),
    *part("points", "agendaitem", parts.AgendaItemEdit, parts.AgendaItemDelete),
    *part("decisions", "decision", parts.DecisionEdit, parts.DecisionDelete),
    *crud("actions", "action", committees.ActionList, committees.ActionDetail, parts.ActionEdit, parts.ActionDelete),
    command("actions/<int:pk>/faite", "action_done", committees.ActionDone),
]
