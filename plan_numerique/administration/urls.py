from django.urls import path

from plan_numerique.administration import views
from plan_numerique.audit.urls import crud

app_name = "administration"
urlpatterns = [
    *[
        pattern
        for pattern in crud(
            "collectivites", "authority", views.AuthorityList, views.AuthorityDetail, views.AuthorityEdit
        )
        if pattern.name != "authority_create"
    ],
    *crud("utilisateurs", "member", views.MemberList, views.MemberDetail, views.MemberEdit, views.MemberDelete),
    path("droits/", views.RightsPage.as_view(), name="rights"),
]
