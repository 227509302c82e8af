"""What is refused for a new sitting or act, with its article; for a past one the same facts are findings only."""

from collections.abc import Collection

from deliberations.domain.result import ERROR, CheckResult
from plan_numerique.shared.errors import DomainError

PROXY_RULES = frozenset({"PROXY_TO_SELF", "PROXY_HOLDER_TWICE", "PROXY_HOLDER_ABSENT", "PROXY_GIVER_PRESENT"})
VOTE_RULES = frozenset(
    {
        "QUORUM_NOT_REACHED",
        "VOTES_VS_VOICES",
        "VOTE_NAMES",
        "VOTER_UNKNOWN",
        "SECRET_WITH_NAMES",
        "RESULT_MISMATCH",
        "NO_VOTE_CAST",
    }
)
FILING_RULES = frozenset({"DATE_ORDER", "MATTER_CODE"})
IDENTIFIER_RULES = frozenset({"ACTES_FORMAT", "ACTES_SIREN", "ACTES_DATE", "ACTES_DEPARTMENT", "ACTES_NATURE"})


def refuse(result: CheckResult, codes: Collection[str], *, field: str = "") -> None:
    """Findings of a past act are warnings, so they refuse nothing."""
    sentences = [finding.message for finding in result.findings if finding.severity == ERROR and finding.code in codes]
    if sentences:
        raise DomainError(" ".join(sentences), field=field)
