from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "plan_numerique.documents"
    verbose_name = "Documents"
