import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from deliberations.services import load_act_templates

TABLE = Path(__file__).resolve().parents[1] / "act_templates.json"


class Command(BaseCommand):
    help = "Charge les modèles d'actes de l'application qui manquent."

    def handle(self, *args: Any, **options: Any) -> None:
        added = load_act_templates(rows=json.loads(TABLE.read_text(encoding="utf-8")), by=None)
        self.stdout.write(f"{added} modèles ajoutés.")
