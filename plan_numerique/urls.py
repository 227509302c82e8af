from django.contrib import admin
from django.urls import include, path

from plan_numerique import home
from plan_numerique.administration.views import authority_logo, switch_authority
from plan_numerique.documents.views import download

urlpatterns = [
    path("", home.Home.as_view(), name="home"),
    path("sante/", home.health, name="health"),
    path("favicon.ico", home.favicon, name="favicon"),
    path("conception/", home.styleguide, name="styleguide"),
    path("accessibilite/", home.accessibility, name="accessibility"),
    path("collectivite/", switch_authority, name="switch_authority"),
    path("collectivite/<int:pk>/logo/", authority_logo, name="authority_logo"),
    path("documents/<int:pk>/", download, name="document"),
    path("compte/", include("allauth.urls")),
    path("", include("plan_numerique.hub.urls")),
    path("", include("schools.urls")),
    path("", include("equipment.urls")),
    path("", include("ent.urls")),
    path("", include("governance.urls")),
    path("", include("deliberations.urls")),
    path("imports/", include("plan_numerique.importing.urls")),
    path("", include("plan_numerique.jobs.urls")),
    path("", include("plan_numerique.audit.urls")),
    path("administration/", include("plan_numerique.administration.urls")),
    path("api/v1/", include("plan_numerique.api")),
    path("technique/", admin.site.urls),
]
