from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "plan_numerique.audit"
    verbose_name = "Journal"
