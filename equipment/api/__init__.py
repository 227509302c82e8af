from equipment.api import proposals, views

routes = [
    ("articles", views.ItemTypeViewSet),
    ("prix", views.PriceViewSet),
    ("packs", views.PackViewSet),
    ("lignes-de-pack", views.PackLineViewSet),
    ("regles-de-dotation", views.RuleSetViewSet),
    ("regles", views.AllocationRuleViewSet),
    ("parc", views.DeviceViewSet),
    ("mouvements", views.MovementViewSet),
    ("comptes-du-parc", views.ParkCountViewSet),
    ("diagnostics", proposals.DiagnosticViewSet),
    ("packs-de-diagnostic", proposals.ProposalViewSet),
    ("packs-proposes", proposals.ProposedPackViewSet),
    ("reservations", proposals.ReservationViewSet),
]
