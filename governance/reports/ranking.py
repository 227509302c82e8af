"""The ranking on paper and as a sheet: the same lines as the page, each with its criteria."""

import hashlib
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string

from governance.queries import Explained, RankedRow, Ranking
from governance.reports.council import authority_of
from plan_numerique.documents import pdf
from plan_numerique.shared.periods import school_year_label
from plan_numerique.tabular.writing import write_csv, write_xlsx
from schools.domain.ranking import SCALE, display_points
from schools.enums import CriterionKind, TieRule

TEMPLATE = "reports/governance/ranking.html"
TITLE = "Classement des candidatures"
UNITS = {
    CriterionKind.PARK_AGE: "ans",
    CriterionKind.EQUIPPED: "pour 100 élèves",
    CriterionKind.BANDWIDTH: "Mbit/s",
}
NAMED = {
    CriterionKind.PRIORITY_DISTRICT: {0: "non", 1: "oui"},
    CriterionKind.EDUCATION_PRIORITY: {0: "non", 1: "REP", 2: "REP+"},
}


def number_text(value: Decimal) -> str:
    """« 6,25 », « 12 », « 104,2 »."""
    text = f"{value.normalize():f}"
    return text.replace(".", ",")


def value_text(each: Explained, value: Decimal | None) -> str:
    """A value of the criterion with its unit; « inconnu » without one."""
    if value is None:
        return "inconnu"
    kind = CriterionKind(each.kind)
    named = NAMED.get(kind, {}).get(int(value)) if value == int(value) else None
    return named or " ".join(filter(None, (number_text(value), UNITS.get(kind, ""))))


def scale_text(each: Explained) -> str:
    """« 0 point à 0 ans, 20 points à 8 ans »."""
    low, full = value_text(each, each.floor), value_text(each, each.full)
    return f"0 point à {low}, {each.weight} à {full}"


def used_text(each: Explained) -> str:
    """The value, and what stands for it where it is unknown."""
    if not each.unknown:
        return value_text(each, each.value)
    return f"inconnu, compté {value_text(each, each.default)}" if each.default is not None else "inconnu, 0 point"


def opinions_text(row: RankedRow) -> str:
    return " ; ".join(f"{each.get_stage_display()} : {each.get_verdict_display().lower()}" for each in row.opinions)


def ranking_export(found: Ranking, rows: Sequence[RankedRow], *, title: str, kind: str, opinions: bool) -> bytes:
    """Each criterion twice: its value, and its points. Opinions for whoever sees them."""
    criteria = found.criteria
    head = ["Place", "Place au score", "École", "UAI", "Commune", "Score", "Suite", "Départage", "Motif de l'écart"]
    head += [f"{each.label} ({word})" for each in criteria for word in ("valeur", f"points sur {each.weight}")]
    head += ["Avis"] if opinions else []
    lines = [_cells(row, opinions) for row in rows]
    return write_csv(head, lines) if kind == "csv" else write_xlsx(title[:31], head, lines)


def _cells(row: RankedRow, opinions: bool) -> list[Any]:
    cells: list[Any] = [
        row.position,
        row.by_score,
        row.name,
        row.uai,
        row.commune,
        row.score / SCALE,
        row.outcome_label,
        row.tie,
        row.reason,
    ]
    for each in row.details:
        cells += [None if each.value is None else float(each.value), each.points / SCALE]
    return [*cells, *([opinions_text(row)] if opinions else [])]


def ranking_report(found: Ranking) -> dict[str, Any]:
    """The context of the template. The list for the committee before the freeze, the list of its decision after."""
    campaign = found.campaign
    meeting = found.decision.item.meeting if found.decision else None
    report = {
        "kind": "Liste arrêtée" if found.frozen else TITLE,
        "title": str(campaign),
        "year": school_year_label(campaign.school_year),
        "banner": campaign.authority.notice,
        "authority": authority_of(campaign.authority),
        "date": found.on,
        "frozen": found.frozen,
        "decision": f"Décision du comité « {meeting.committee} » du {meeting.held_on:%d/%m/%Y}" if meeting else "",
        "places": campaign.places,
        "tie_rule": TieRule(campaign.tie_rule).label,
        "criteria": [
            {"letter": letter, "label": each.label, "weight": each.weight, "scale": scale_text(each)}
            for letter, each in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", found.criteria, strict=False)
        ],
        "full": display_points(found.full_score),
        "rows": [_line(row) for row in found.rows],
    }
    report["digest"] = hashlib.sha256(json.dumps(report, default=str, sort_keys=True).encode()).hexdigest()
    return report


def _line(row: RankedRow) -> dict[str, Any]:
    return {
        "position": row.position,
        "by_score": row.by_score,
        "moved": row.position != row.by_score,
        "school": row.name,
        "place": row.commune,
        "uai": row.uai,
        "score": display_points(row.score),
        "points": [display_points(each.points) + ("*" if each.unknown else "") for each in row.details[:26]],
        "outcome": row.outcome_label,
        "notes": [text for text in (row.tie, f"Écart : {row.reason}" if row.reason else "") if text],
    }


def render_ranking(report: dict[str, Any]) -> bytes:
    html = render_to_string(TEMPLATE, {"report": report})
    return pdf.render(html, title=f"{report['kind']} : {report['title']}", date=report["date"], digest=report["digest"])
