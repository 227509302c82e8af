from schools.api import views

routes = [
    ("communes", views.CommuneViewSet),
    ("ecoles", views.SchoolViewSet),
    ("anciens-uai", views.FormerUaiViewSet),
    ("ips", views.SocialIndexViewSet),
    ("affectations", views.SchoolAssignmentViewSet),
    ("sites", views.SiteViewSet),
    ("salles", views.RoomViewSet),
    ("classes", views.SchoolClassViewSet),
    ("effectifs", views.HeadcountViewSet),
    ("comptes-des-sources", views.StatedCountViewSet),
]
