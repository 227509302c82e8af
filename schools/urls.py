from typing import Any

from django.urls import URLPattern, path

from plan_numerique.audit.urls import crud
from schools.views import classes, counts, places, records, schools, sites


def child(prefix: str, name: str, edit_page: Any, delete_page: Any) -> list[URLPattern]:
    """Rows shown on their parent's page only."""
    return [
        path(f"{prefix}/nouveau/", edit_page.as_view(), name=f"{name}_create"),
        path(f"{prefix}/<int:pk>/modifier/", edit_page.as_view(), name=f"{name}_edit"),
        path(f"{prefix}/<int:pk>/supprimer/", delete_page.as_view(), name=f"{name}_delete"),
    ]


app_name = "schools"
urlpatterns = [
    path(
        "ecoles/<int:pk>/historique/", schools.SchoolHistory.as_view(detail=schools.SchoolDetail), name="school_history"
    ),
    path("ecoles/<int:pk>/classes/", schools.SchoolClasses.as_view(), name="school_classes"),
    path("ecoles/<int:pk>/sites/", schools.SchoolSites.as_view(), name="school_sites"),
    *crud("ecoles", "school", schools.SchoolList, schools.SchoolDetail, schools.SchoolEdit, schools.SchoolDelete),
    *crud(
        "classes",
        "schoolclass",
        classes.SchoolClassList,
        classes.SchoolClassDetail,
        classes.SchoolClassEdit,
        classes.SchoolClassDelete,
    ),
    *crud("sites", "site", sites.SiteList, sites.SiteDetail, sites.SiteEdit, sites.SiteDelete),
    *crud("communes", "commune", places.CommuneList, places.CommuneDetail, places.CommuneEdit, places.CommuneDelete),
    *crud(
        "comptes-des-sources",
        "statedcount",
        counts.StatedCountList,
        counts.StatedCountDetail,
        counts.StatedCountEdit,
        counts.StatedCountDelete,
    ),
    *child("salles", "room", sites.RoomEdit, sites.RoomDelete),
    *child("anciens-uai", "formeruai", records.FormerUaiEdit, records.FormerUaiDelete),
    *child("ips", "socialindex", records.SocialIndexEdit, records.SocialIndexDelete),
    *child("affectations", "assignment", records.AssignmentEdit, records.AssignmentDelete),
]
