"""The budget calculator: the same functions for the command, the API and the pages."""

from governance.domain.budget import compute
from governance.domain.document.output import to_document
from governance.domain.document.parsing import parse
from governance.domain.document.reading import read_input
from governance.domain.plan import BudgetInput
from plan_numerique.shared.errors import Problem

__all__ = ["compute", "read_document", "read_input", "to_document"]


def read_document(raw: bytes) -> tuple[BudgetInput | None, list[Problem]]:
    """The budget of a JSON document in UTF-8, or None and all its problems. Never raises on what the bytes hold."""
    data, problems = parse(raw)
    if problems and data is None:
        return None, problems
    budget, others = read_input(data)
    return (None if problems else budget), [*problems, *others]
