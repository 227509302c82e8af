from django.urls import path

from plan_numerique.hub.views import SchoolHub, SchoolSheet

app_name = "hub"
urlpatterns = [
    path("ecoles/<int:pk>/", SchoolHub.as_view(), name="school_hub"),
    path("ecoles/<int:pk>/fiche/", SchoolSheet.as_view(), name="school_sheet"),
]
