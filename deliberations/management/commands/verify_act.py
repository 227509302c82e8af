"""The check of an act, open to other programs (interchange.md): nothing stored, no database."""

from collections.abc import Sequence
from typing import Any

from deliberations.domain.verify import check, read_document, to_document
from plan_numerique.shared.errors import Problem
from plan_numerique.web.calculators.command import CalculatorCommand


class Command(CalculatorCommand):
    help = "Vérifie un ou plusieurs actes en JSON (- : entrée standard) ; docs de l'API pour le format."

    def calculate(self, raw: bytes) -> tuple[Any, Sequence[Problem]]:
        act, problems = read_document(raw)
        return (None, problems) if act is None else (to_document(check(act)), ())
