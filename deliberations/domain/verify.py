"""The check of an act: the same functions for the command, the API and the pages (interchange 2)."""

from dataclasses import replace

from deliberations.domain.act import Act
from deliberations.domain.checks.attendance import check_attendance
from deliberations.domain.checks.filing import check_filing
from deliberations.domain.checks.money import check_money
from deliberations.domain.checks.voting import check_voting
from deliberations.domain.document.output import to_document
from deliberations.domain.document.reading import read_input
from deliberations.domain.legal import FORMAT_RULES, LegalRules
from deliberations.domain.result import ERROR, WARNING, CheckResult, Finding
from deliberations.domain.tally import executory_on, quorum_of, tally_of, voices_of
from governance.domain.document.parsing import parse
from plan_numerique.shared.errors import Problem

__all__ = ["check", "read_document", "read_input", "to_document"]


def read_document(raw: bytes) -> tuple[Act | None, list[Problem]]:
    """The act of a JSON document in UTF-8, or None and all its problems. Never raises on what the bytes hold."""
    data, problems = parse(raw)
    if problems and data is None:
        return None, problems
    act, others = read_input(data)
    return (None if problems else act), [*problems, *others]


def check(act: Act, rules: LegalRules = FORMAT_RULES) -> CheckResult:
    quorum, tally = quorum_of(act.members), tally_of(act)
    findings = [
        *check_attendance(act, quorum, rules),
        *check_voting(act, tally),
        *check_filing(act),
        *check_money(act),
    ]
    return CheckResult(
        quorum=quorum,
        voices=voices_of(act),
        tally=tally,
        executory_on=executory_on(act.dates.received_on, act.dates.posted_on, act.dates.published_on),
        findings=tuple(_softened(finding) if act.past else finding for finding in findings),
    )


def _softened(finding: Finding) -> Finding:
    """History is recorded as it was: an error of a past act is a warning."""
    return replace(finding, severity=WARNING) if finding.severity == ERROR else finding
