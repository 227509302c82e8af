from typing import Any

from django.core.management.base import BaseCommand

from plan_numerique.jobs import services


class Command(BaseCommand):
    help = "Remet en file les tâches interrompues ou perdues (fait aussi toutes les 30 secondes par la planification)."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Tâches remises en file : {services.reap()}")
