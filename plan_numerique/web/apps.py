from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "plan_numerique.web"
    verbose_name = "Interface"
