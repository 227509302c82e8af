from django.apps import AppConfig


class ImportingConfig(AppConfig):
    name = "plan_numerique.importing"
    verbose_name = "Imports de fichiers"
