"""Refusals: one exception for a rule that says no, one row for a fault in a document."""

from dataclasses import dataclass


class DomainError(Exception):
    """An action the rules refuse; the message is a French sentence shown to the user as it is, beside `field` where one is named."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault of an input document, at the path of the faulty value (`rules[2].filters.levels[0]`, `$` for the whole)."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"
