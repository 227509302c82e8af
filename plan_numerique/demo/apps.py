from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "plan_numerique.demo"
    verbose_name = "Démonstration"
