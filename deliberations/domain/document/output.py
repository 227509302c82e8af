"""The output document of the check (interchange 2): every key, in the order stated."""

from deliberations.domain.result import CheckResult, Finding


def to_document(result: CheckResult) -> dict[str, object]:
    quorum, tally = result.quorum, result.tally
    return {
        "quorum": {"needed": quorum.needed, "present": quorum.present, "reached": quorum.reached},
        "voices": result.voices,
        "tally": {
            "for": tally.in_favour,
            "against": tally.against,
            "abstain": tally.abstain,
            "cast": tally.cast,
            "majority_needed": tally.majority_needed,
            "result": tally.result,
            "label": tally.label,
        },
        "executory_on": None if result.executory_on is None else result.executory_on.isoformat(),
        "findings": [_finding(finding) for finding in result.findings],
    }


def _finding(finding: Finding) -> dict[str, str | None]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "article": finding.article,
        "expected": finding.expected,
        "stated": finding.stated,
        "difference": finding.difference,
    }
