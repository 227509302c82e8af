from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "plan_numerique.imports"
    label = "imports"
    verbose_name = "Imports"
