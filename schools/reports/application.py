"""« Candidature » : what a school sent, question by question, as a tagged PDF. No opinion, no mark."""

import hashlib
import json
from datetime import date
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from plan_numerique.documents import pdf
from plan_numerique.shared.periods import school_year_label
from schools import queries
from schools.domain import answers as core
from schools.models import Application

TEMPLATE = "reports/schools/application.html"
KIND = "Candidature"


def application_report(row: Application, day: date) -> dict[str, Any]:
    """The context of the template. `row` with its school, commune, campaign and questionnaire."""
    authority, content = row.school.authority, queries.content_of(row)
    answers = [*_answers(content.own, content.own_values), *_answers(content.asked, content.values)]
    report: dict[str, Any] = {
        "kind": KIND,
        "title": row.school.name,
        "full_title": f"{KIND} : {row.school.name}",
        "banner": authority.notice,
        "authority": {"name": authority.name, "accent": authority.accent},
        "date": day,
        "facts": _facts(row),
        "sections": _sections(answers),
        "files": [
            (each.caption or each.document.filename, each.document.filename)
            for each in row.attachments.select_related("document").defer("document__content").order_by("pk")
        ],
    }
    report["digest"] = hashlib.sha256(json.dumps(report, default=str, sort_keys=True).encode()).hexdigest()
    return report


def render_application_report(report: dict[str, Any]) -> bytes:
    html = render_to_string(TEMPLATE, {"report": report})
    return pdf.render(html, title=report["full_title"], date=report["date"], digest=report["digest"])


def _facts(row: Application) -> list[tuple[str, str]]:
    sent = f"le {timezone.localtime(row.submitted_at):%d/%m/%Y à %H h %M}" if row.submitted_at else "—"
    return [
        ("École", f"{row.school.name}, {row.school.commune} (UAI {row.school.uai})"),
        ("Campagne", f"{row.campaign}, {school_year_label(row.campaign.school_year)}"),
        ("Déposée", f"{sent}, par {row.submitted_by}" if row.submitted_by else sent),
        ("État", row.get_state_display()),
    ]


def _answers(questions: tuple[core.Question, ...], values: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(each.section or "Questions", each.text, core.shown(each, values.get(each.code))) for each in questions]


def _sections(answers: list[tuple[str, str, str]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """In their order, consecutive ones of a section together."""
    sections: list[tuple[str, list[tuple[str, str]]]] = []
    for name, question, answer in answers:
        if not sections or sections[-1][0] != name:
            sections.append((name, []))
        sections[-1][1].append((question, answer))
    return sections
