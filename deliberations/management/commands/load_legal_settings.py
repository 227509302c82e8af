import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from deliberations.services import load_legal_settings

TABLE = Path(__file__).resolve().parents[1] / "legal_settings.json"


class Command(BaseCommand):
    help = "Charge les délais et seuils du droit des assemblées qui manquent à la table."

    def handle(self, *args: Any, **options: Any) -> None:
        added = load_legal_settings(rows=json.loads(TABLE.read_text(encoding="utf-8")), by=None)
        self.stdout.write(f"{added} règles ajoutées.")
