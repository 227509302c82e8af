import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from governance.services.reference import load_reference

TABLE = Path(__file__).resolve().parents[1] / "reference.json"


class Command(BaseCommand):
    help = "Charge les comptes et les dispositifs d'aide qui manquent."

    def handle(self, *args: Any, **options: Any) -> None:
        rows = json.loads(TABLE.read_text(encoding="utf-8"))
        added = load_reference(accounts=rows["accounts"], presets=rows["presets"], by=None)
        self.stdout.write(f"{added} comptes et dispositifs ajoutés.")
