"""The check of an act, open to other programs (interchange.md): nothing stored, no database."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from deliberations.domain.verify import check, read_document, to_document
from plan_numerique.shared.errors import Problem

BAD_INPUT = 2
STANDARD_INPUT = "-"
UNREADABLE: dict[type[Exception], str] = {
    FileNotFoundError: "il n'existe pas",
    PermissionError: "accès refusé",
    IsADirectoryError: "c'est un dossier",
}


class Command(BaseCommand):
    help = "Vérifie un ou plusieurs actes en JSON (- : entrée standard) ; docs de l'API pour le format."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "files", nargs="+", metavar="FILE", help="document JSON en UTF-8, ou - pour l'entrée standard"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        files: list[str] = options["files"]
        wrong = False
        for name in files:
            document, problems = _verify(name)
            wrong = wrong or bool(problems)
            if document is not None:
                _write(sys.stdout, document)
            elif len(files) > 1:
                _write(sys.stdout, _line({"errors": [str(problem) for problem in problems]}))
            else:
                _write(sys.stderr, "\n".join(str(problem) for problem in problems))
        if wrong:
            sys.exit(BAD_INPUT)


def _verify(name: str) -> tuple[str | None, list[Problem]]:
    try:
        raw = sys.stdin.buffer.read() if name == STANDARD_INPUT else Path(name).read_bytes()
    except (OSError, ValueError) as error:
        reason = next((words for kind, words in UNREADABLE.items() if isinstance(error, kind)), "lecture impossible")
        return None, [Problem("$", f"fichier illisible : {reason}")]
    act, problems = read_document(raw)
    if act is None:
        return None, problems
    return _line(to_document(check(act))), []


def _line(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True)


def _write(stream: Any, text: str) -> None:
    """UTF-8 whatever the locale."""
    stream.flush()
    stream.buffer.write(f"{text}\n".encode())
    stream.buffer.flush()
