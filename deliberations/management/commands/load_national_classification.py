import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from deliberations.services.classifications import load_national

TABLE = Path(__file__).resolve().parents[1] / "national_classification.json"


class Command(BaseCommand):
    help = "Charge la nomenclature nationale des matières (niveaux 1 et 2) si elle manque."

    def handle(self, *args: Any, **options: Any) -> None:
        added = load_national(rows=json.loads(TABLE.read_text(encoding="utf-8")), by=None)
        self.stdout.write("Nomenclature nationale chargée." if added else "Nomenclature nationale déjà là.")
