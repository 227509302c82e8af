from django.urls import path

from plan_numerique.jobs import views

app_name = "jobs"
urlpatterns = [
    path("taches/", views.JobList.as_view(), name="job_list"),
    path("taches/<int:pk>/", views.JobDetail.as_view(), name="job_detail"),
    path("taches/<int:pk>/avancement/", views.JobProgress.as_view(), name="job_progress"),
    path("taches/<int:pk>/relancer/", views.JobRetry.as_view(), name="job_retry"),
    path("taches/<int:pk>/annuler/", views.JobCancel.as_view(), name="job_cancel"),
]
