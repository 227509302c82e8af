from django.urls import path

from ent.views import catalogue, costs, subscriptions
from plan_numerique.audit.urls import crud

app_name = "ent"
urlpatterns = [
    path("ecoles/<int:pk>/ent/", costs.SchoolSubscriptions.as_view(), name="school_subscriptions"),
    path("abonnements/couts/", costs.CostPage.as_view(), name="costs"),
    *crud(
        "abonnements",
        "subscription",
        subscriptions.SubscriptionList,
        subscriptions.SubscriptionDetail,
        subscriptions.SubscriptionEdit,
        subscriptions.SubscriptionDelete,
    ),
    path("ecoles-abonnees/nouveau/", subscriptions.SubscribedSchoolEdit.as_view(), name="subscribedschool_create"),
    path(
        "ecoles-abonnees/<int:pk>/modifier/", subscriptions.SubscribedSchoolEdit.as_view(), name="subscribedschool_edit"
    ),
    path(
        "ecoles-abonnees/<int:pk>/supprimer/",
        subscriptions.SubscribedSchoolDelete.as_view(),
        name="subscribedschool_delete",
    ),
    *crud("offres", "offer", catalogue.OfferList, catalogue.OfferDetail, catalogue.OfferEdit, catalogue.OfferDelete),
    *crud(
        "fournisseurs",
        "provider",
        catalogue.ProviderList,
        catalogue.ProviderDetail,
        catalogue.ProviderEdit,
        catalogue.ProviderDelete,
    ),
]
