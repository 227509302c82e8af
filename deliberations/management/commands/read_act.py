"""The reading of an act's text, open to other programs: nothing stored, no database."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from deliberations.domain.reading.document import to_output
from deliberations.domain.reading.read import read_text
from deliberations.management.commands.verify_act import BAD_INPUT, STANDARD_INPUT, UNREADABLE


class Command(BaseCommand):
    help = "Lit le texte d'un acte (- : entrée standard) ; les valeurs trouvées et le document à vérifier, en JSON."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="texte en UTF-8, ou - pour l'entrée standard")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            raw = sys.stdin.buffer.read() if options["file"] == STANDARD_INPUT else Path(options["file"]).read_bytes()
            text = raw.decode("utf-8-sig")
        except (OSError, ValueError) as error:
            reasons = {**UNREADABLE, UnicodeDecodeError: "UTF-8 attendu"}
            reason = next((words for kind, words in reasons.items() if isinstance(error, kind)), "lecture impossible")
            sys.stderr.buffer.write(f"$: fichier illisible : {reason}\n".encode())
            sys.exit(BAD_INPUT)
        document = json.dumps(to_output(read_text(text)), ensure_ascii=False, sort_keys=True)
        sys.stdout.flush()
        sys.stdout.buffer.write(f"{document}\n".encode())
        sys.stdout.buffer.flush()
