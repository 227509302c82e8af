from typing import Any

from django.urls import URLPattern, path

from equipment.views import ageing, catalogue, diagnosed, need, park, proposals, rules
from plan_numerique.audit.urls import crud


def child(prefix: str, name: str, edit_page: Any, delete_page: Any) -> list[URLPattern]:
    """The URLs of a row reached from its parent's page: no list, no page of its own."""
    return [
        path(f"{prefix}/nouveau/", edit_page.as_view(), name=f"{name}_create"),
        path(f"{prefix}/<int:pk>/modifier/", edit_page.as_view(), name=f"{name}_edit"),
        path(f"{prefix}/<int:pk>/supprimer/", delete_page.as_view(), name=f"{name}_delete"),
    ]


app_name = "equipment"
urlpatterns = [
    *crud(
        "articles",
        "itemtype",
        catalogue.ItemTypeList,
        catalogue.ItemTypeDetail,
        catalogue.ItemTypeEdit,
        catalogue.ItemTypeDelete,
    ),
    *child("prix", "price", catalogue.PriceEdit, catalogue.PriceDelete),
    *crud("packs", "pack", catalogue.PackList, catalogue.PackDetail, catalogue.PackEdit, catalogue.PackDelete),
    *child("lignes-de-pack", "packline", catalogue.PackLineEdit, catalogue.PackLineDelete),
    *crud(
        "regles-de-dotation",
        "ruleset",
        rules.RuleSetList,
        rules.RuleSetDetail,
        rules.RuleSetEdit,
        rules.RuleSetDelete,
    ),
    path("regles-de-dotation/<int:pk>/version/", rules.RuleSetNewVersion.as_view(), name="ruleset_new_version"),
    *child("regles", "allocationrule", rules.AllocationRuleEdit, rules.AllocationRuleDelete),
    *crud("parc", "device", park.DeviceList, park.DeviceDetail, park.DeviceEdit),
    path("parc/<int:pk>/deplacer/", park.DeviceMove.as_view(), name="device_move"),
    *crud(
        "comptes-du-parc",
        "parkcount",
        park.ParkCountList,
        park.ParkCountDetail,
        park.ParkCountEdit,
        park.ParkCountDelete,
    ),
    *crud("packs-proposes", "proposal", proposals.ProposalList, proposals.ProposalDetail),
    *crud("reservations", "reservation", proposals.ReservationList, proposals.ReservationDetail),
    path("diagnostics/<int:pk>/packs/", proposals.DiagnosticPacks.as_view(), name="diagnostic_packs"),
    path(
        "diagnostics/<int:pk>/classes-volontaires/",
        diagnosed.DiagnosticVolunteers.as_view(),
        name="diagnostic_volunteers",
    ),
    path("diagnostics/<int:pk>/abandonner/", diagnosed.DiagnosticCancel.as_view(), name="diagnostic_cancel"),
    path(
        "campagnes-de-diagnostics/<int:pk>/ecoles-a-diagnostiquer/",
        diagnosed.CampaignSuggestions.as_view(),
        name="diagnosticcampaign_suggestions",
    ),
    path("stock/", proposals.StockList.as_view(), name="stock_list"),
    path("materiel-vieillissant/", ageing.AgeingSchools.as_view(), name="ageing"),
    path("besoin/", need.NeedList.as_view(), name="need"),
    path("besoin/<int:pk>/", need.SchoolNeed.as_view(), name="school_need"),
]
