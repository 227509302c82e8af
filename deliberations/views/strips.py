"""The strip of counts of a sitting or an act: what is written, beside what the lists hold."""

from typing import Any

from deliberations.domain.act import Members
from deliberations.domain.result import CheckResult, Quorum
from plan_numerique.shared.wording import counted
from plan_numerique.web.templatetags.web import integer

UNKNOWN = "—"
SEVERITIES = {"error": ("danger", "Erreur"), "warning": ("warning", "À signaler"), "info": ("info", "Pour information")}


def strip(members: Members, result: CheckResult, *, past: bool) -> list[dict[str, Any]]:
    """Empty for a sitting to come, of which nothing is known; a past one says what it does not write."""
    names, proxies = members.present_names, members.proxies
    tiles = [
        _tile("En exercice", members.in_office, None),
        _tile("Présents", members.present, None if names is None else len(names)),
        _tile("Représentés", members.represented, None if proxies is None else len(proxies)),
        _tile("Voix", result.voices, None),
        _quorum(result.quorum),
    ]
    return tiles if past or any(tile["figure"] != UNKNOWN for tile in tiles) else []


def _tile(label: str, stated: int | None, listed: int | None) -> dict[str, Any]:
    figure = UNKNOWN if stated is None else integer(stated)
    if listed is None:
        return {"label": label, "figure": figure, "trend": "" if stated is not None else "non écrit"}
    if stated is None or stated == listed:
        return {
            "label": label,
            "figure": figure,
            "trend": counted(listed, "nommé"),
            "tone": "success" if stated is not None else "",
        }
    return {"label": label, "figure": figure, "trend": f"{counted(listed, 'nommé')} dans la liste", "tone": "warning"}


def _quorum(quorum: Quorum) -> dict[str, Any]:
    if quorum.needed is None or quorum.reached is None:
        return {"label": "Quorum", "figure": UNKNOWN if quorum.needed is None else quorum.needed, "trend": "à vérifier"}
    words, tone = ("atteint", "success") if quorum.reached else ("non atteint", "danger")
    return {"label": "Quorum", "figure": integer(quorum.needed), "trend": words, "tone": tone}


def shown_findings(result: CheckResult) -> list[dict[str, Any]]:
    """The gravest first; figures apart from the sentence only for counts, since amounts are in it."""
    order = list(SEVERITIES)
    findings = sorted(result.findings, key=lambda finding: order.index(finding.severity))
    return [
        {
            "finding": finding,
            "tone": SEVERITIES[finding.severity][0],
            "label": SEVERITIES[finding.severity][1],
            "counted": finding.difference is not None and "." not in finding.difference,
        }
        for finding in findings
    ]
