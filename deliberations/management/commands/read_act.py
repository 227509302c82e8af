"""The reading of an act's text, open to other programs: nothing stored, no database."""

from collections.abc import Sequence
from typing import Any

from deliberations.domain.reading.document import to_output
from deliberations.domain.reading.read import read_text
from plan_numerique.shared.errors import Problem
from plan_numerique.web.calculators.command import CalculatorCommand


class Command(CalculatorCommand):
    help = "Lit le texte d'un ou plusieurs actes (- : entrée standard) ; les valeurs trouvées et le document à vérifier, en JSON."

    def calculate(self, raw: bytes) -> tuple[Any, Sequence[Problem]]:
        try:
            return to_output(read_text(raw.decode("utf-8-sig"))), ()
        except UnicodeDecodeError:
            return None, [Problem("$", "fichier illisible : UTF-8 attendu")]
