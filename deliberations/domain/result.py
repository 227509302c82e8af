"""What the checks answer."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from plan_numerique.shared.money import format_cents

Severity = Literal["error", "warning", "info"]
ERROR: Severity = "error"
WARNING: Severity = "warning"
INFO: Severity = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """`difference` is stated minus expected, null unless both are amounts, counts or numbers of days."""

    code: str
    severity: Severity
    message: str
    article: str | None = None
    expected: str | None = None
    stated: str | None = None
    difference: str | None = None


@dataclass(frozen=True, slots=True)
class Quorum:
    needed: int | None
    present: int | None
    reached: bool | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Figures as stated. `result` is adopted, rejected or None; `casting_vote` tells that the chair's vote decided."""

    in_favour: int | None
    against: int | None
    abstain: int | None
    cast: int | None
    majority_needed: int | None
    result: str | None
    label: str | None
    casting_vote: bool = False


@dataclass(frozen=True, slots=True)
class CheckResult:
    quorum: Quorum
    voices: int | None
    tally: Tally
    executory_on: date | None
    findings: tuple[Finding, ...]


def of_counts(code: str, message: str, expected: int, stated: int, article: str | None = None) -> Finding:
    return Finding(code, ERROR, message, article, str(expected), str(stated), str(stated - expected))


def of_amounts(
    code: str, message: str, expected: int, stated: int, article: str | None = None, *, severity: Severity = ERROR
) -> Finding:
    figures = format_cents(expected), format_cents(stated), format_cents(stated - expected)
    return Finding(code, severity, message, article, *figures)


def of_texts(code: str, message: str, expected: str | None, stated: str, article: str | None = None) -> Finding:
    return Finding(code, ERROR, message, article, expected, stated)
