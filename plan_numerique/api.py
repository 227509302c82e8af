"""The root of the API: each app's routes, the two calculators, the schema and its page."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter

import deliberations.api
import ent.api
import equipment.api
import governance.api
import plan_numerique.importing.api
import plan_numerique.jobs.api
import schools.api

router = DefaultRouter()
router.include_format_suffixes = False
for app in (
    schools.api,
    equipment.api,
    ent.api,
    governance.api,
    deliberations.api,
    plan_numerique.jobs.api,
    plan_numerique.importing.api,
):
    for prefix, viewset in app.routes:
        router.register(prefix, viewset, basename=f"api-{prefix}")

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    *governance.api.extra_urls,
    *deliberations.api.extra_urls,
    path("", include(router.urls)),
]
