from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from plan_numerique.jobs.worker import run_embedded_worker


class Command(BaseCommand):
    help = "Exécute les tâches de fond sur cette machine, planification comprise ; lancée par « serve »."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--follow-parent", action="store_true", help="S'arrêter quand l'entrée standard se ferme.")

    def handle(self, *args: Any, **options: Any) -> None:
        run_embedded_worker(follow_parent=options["follow_parent"])
