from ent.api import views

routes = [
    ("fournisseurs", views.ProviderViewSet),
    ("offres", views.OfferViewSet),
    ("abonnements", views.SubscriptionViewSet),
    ("ecoles-abonnees", views.SubscribedSchoolViewSet),
]
