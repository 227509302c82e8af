from django.urls import path

from plan_numerique.importing import views

app_name = "importing"
urlpatterns = [
    path("", views.ImportList.as_view(), name="import_list"),
    path("nouveau/", views.ImportCreate.as_view(), name="import_create"),
    path("modeles/<str:kind>/<str:format>/", views.ImportModel.as_view(), name="import_model"),
    path("<int:pk>/", views.ImportDetail.as_view(), name="import_detail"),
    path("<int:pk>/colonnes/", views.ImportColumns.as_view(), name="import_columns"),
    path("<int:pk>/nature/", views.ImportKind.as_view(), name="import_kind"),
    path("<int:pk>/appliquer/", views.ImportApply.as_view(), name="import_apply"),
    path("<int:pk>/annuler/", views.ImportUndo.as_view(), name="import_undo"),
    path("<int:pk>/retirer/", views.ImportDiscard.as_view(), name="import_discard"),
]
