from django.apps import AppConfig


class TabularConfig(AppConfig):
    name = "plan_numerique.tabular"
    verbose_name = "Tableaux"
