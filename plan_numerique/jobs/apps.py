from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "plan_numerique.jobs"
    verbose_name = "Tâches"
