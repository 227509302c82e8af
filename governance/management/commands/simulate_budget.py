"""The budget calculator, open to other programs (interchange.md): nothing stored, no database."""

from collections.abc import Sequence
from typing import Any

from governance.domain.simulate import compute, read_document, to_document
from plan_numerique.shared.errors import Problem
from plan_numerique.web.calculators.command import CalculatorCommand


class Command(CalculatorCommand):
    help = "Calcule le budget d'un ou plusieurs documents JSON (- : entrée standard) ; docs de l'API pour le format."

    def calculate(self, raw: bytes) -> tuple[Any, Sequence[Problem]]:
        budget, problems = read_document(raw)
        return (None, problems) if budget is None else (to_document(compute(budget)), ())
