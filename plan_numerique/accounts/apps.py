from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "plan_numerique.accounts"
    verbose_name = "Comptes et collectivités"
