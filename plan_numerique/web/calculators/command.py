import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from plan_numerique.shared.errors import Problem

BAD_INPUT = 2
STANDARD_INPUT = "-"
UNREADABLE: dict[type[Exception], str] = {
    FileNotFoundError: "il n'existe pas",
    PermissionError: "accès refusé",
    IsADirectoryError: "c'est un dossier",
}


class CalculatorCommand(BaseCommand):
    """One document or several, read without a database. Each answer is a line of JSON on the standard output; where one document is
    given, its faults are lines of the standard error. Exit code 2 where one at least is refused."""

    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "files", nargs="+", metavar="FILE", help="document JSON en UTF-8, ou - pour l'entrée standard"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        files: list[str] = options["files"]
        wrong = False
        for name in files:
            document, problems = self._answer(name)
            wrong = wrong or bool(problems)
            if document is not None:
                write(sys.stdout, line_of(document))
            elif len(files) > 1:
                write(sys.stdout, line_of({"errors": [str(problem) for problem in problems]}))
            else:
                write(sys.stderr, "\n".join(str(problem) for problem in problems))
        if wrong:
            sys.exit(BAD_INPUT)

    def calculate(self, raw: bytes) -> tuple[Any, Sequence[Problem]]:
        """The document made of another, None with its faults."""
        raise NotImplementedError

    def _answer(self, name: str) -> tuple[Any, Sequence[Problem]]:
        try:
            raw = read_input(name)
        except (OSError, ValueError) as error:
            return None, [unreadable(error)]
        return self.calculate(raw)


def read_input(name: str) -> bytes:
    return sys.stdin.buffer.read() if name == STANDARD_INPUT else Path(name).read_bytes()


def unreadable(error: Exception) -> Problem:
    reason = next((words for kind, words in UNREADABLE.items() if isinstance(error, kind)), "lecture impossible")
    return Problem("$", f"fichier illisible : {reason}")


def line_of(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True)


def write(stream: Any, text: str) -> None:
    """UTF-8 whatever the locale."""
    stream.flush()
    stream.buffer.write(f"{text}\n".encode())
    stream.buffer.flush()
