"""« Compte rendu de diagnostic »: answers, photos, works by payer and both signatures, as a tagged PDF."""

import base64
import hashlib
import json
from datetime import date
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from plan_numerique.accounts.access import Permission, roles_in
from plan_numerique.accounts.enums import Role
from plan_numerique.accounts.models import User
from plan_numerique.documents import pdf
from plan_numerique.shared.periods import school_year_label
from schools import permissions, queries
from schools.domain import answers as core
from schools.domain import works as costs
from schools.enums import Payer
from schools.models import Diagnostic
from schools.services import thumbnail

TEMPLATE = "reports/schools/diagnostic.html"
KIND = "Compte rendu de diagnostic"
SIGNS = {queries.TOWN: permissions.SIGN_FOR_TOWN, queries.ACADEMY: permissions.SIGN_FOR_ACADEMY}


def diagnostic_report(row: Diagnostic, day: date) -> dict[str, Any]:
    """The context of the template; amounts in cents. `row` comes from `queries.diagnostic_detail` or alike."""
    authority = row.campaign.authority
    works = queries.works_of(row)
    halves = queries.halves_of(row)
    report: dict[str, Any] = {
        "kind": KIND,
        "title": row.school.name,
        "full_title": f"{KIND} : {row.school.name}",
        "banner": authority.notice,
        "authority": {"name": authority.name, "accent": authority.accent},
        "date": day,
        "draft": ""
        if row.state == "signed"
        else f"{queries.STAGES[queries.stage_of(row)][0]} : ce document est provisoire.",
        "facts": _facts(row),
        "halves": [_half(half) for half in halves],
        "works": [_work(work) for work in works],
        "totals": _totals([queries.as_work(work) for work in works]),
        "photos": [_photo(photo) for photo in queries.photos_of(row)],
        "signatures": [_signature(row, side) for side in queries.SIDES],
        "signed": queries.content_digest(row) if row.town_signed_at or row.academy_signed_at else "",
    }
    report["digest"] = hashlib.sha256(json.dumps(report, default=str, sort_keys=True).encode()).hexdigest()
    return report


def render_diagnostic_report(report: dict[str, Any]) -> bytes:
    html = render_to_string(TEMPLATE, {"report": report})
    return pdf.render(html, title=report["full_title"], date=report["date"], digest=report["digest"])


def _facts(row: Diagnostic) -> list[tuple[str, str]]:
    classes = ", ".join(each.name for each in row.volunteers.order_by("name", "pk"))
    visit = f"{row.visit_on:%d/%m/%Y}" if row.visit_on else "—"
    return [
        ("École", f"{row.school.name}, {row.school.commune} (UAI {row.school.uai})"),
        ("Campagne", f"{row.campaign}, {school_year_label(row.campaign.school_year)}"),
        ("Déclenché", f"par {row.get_family_display()}, le {row.triggered_on:%d/%m/%Y}"),
        ("Motif", f"{row.get_trigger_display()}. {row.reason}"),
        ("Visite", visit),
        ("Classes volontaires", classes or "Aucune"),
    ]


def _half(half: queries.Half) -> dict[str, Any]:
    sections: dict[str, list[tuple[str, str]]] = {}
    for question in half.questions:
        told = core.shown(question, half.values.get(question.code))
        sections.setdefault(question.section or half.label, []).append((question.text, told))
    done = f"Terminée le {timezone.localtime(half.done_at):%d/%m/%Y}" if half.done_at else "Non terminée"
    return {"label": half.label, "done": done, "sections": list(sections.items())}


def _work(work: Any) -> dict[str, Any]:
    found = costs.cost(work.amount_ht, work.vat_rate)
    return {
        "label": work.label,
        "nature": work.get_nature_display(),
        "payer": work.payer_name or work.get_payer_display(),
        "ht": found.ht if found else None,
        "ttc": found.ttc if found else None,
        "estimate": work.estimate,
        "state": work.get_state_display(),
        "due": f"{work.due_on:%d/%m/%Y}" if work.due_on else "–",
    }


def _totals(works: list[costs.Work]) -> dict[str, Any]:
    rows = [
        {"label": each.payer_name or Payer(each.payer).label, "works": each.works, "ht": each.amount.ht, "vat": each.amount.vat,
         "ttc": each.amount.ttc}
        for each in costs.by_payer(works)
    ]  # fmt: skip
    whole = costs.total(works)
    unpriced = sum(each.ht is None and not each.dropped for each in works)
    count = sum(not each.dropped for each in works)
    return {"rows": rows, "works": count, "ht": whole.ht, "vat": whole.vat, "ttc": whole.ttc, "unpriced": unpriced}


def _photo(photo: Any) -> dict[str, str]:
    data = base64.b64encode(thumbnail(photo)).decode("ascii")
    day = f"{timezone.localtime(photo.taken_at):%d/%m/%Y}"
    return {"data": f"data:image/jpeg;base64,{data}", "caption": photo.caption or "Photo sans légende", "day": day}


def _signature(row: Diagnostic, side: str) -> dict[str, str]:
    at, by = getattr(row, f"{side}_signed_at"), getattr(row, f"{side}_signed_by")
    return {
        "label": queries.SIDES[side],
        "at": f"Validé le {timezone.localtime(at):%d/%m/%Y à %H:%M}" if at else "Non validé",
        "by": _function(by, row, SIGNS[side]) if at and by else "",
    }


def _function(by: User, row: Diagnostic, permission: Permission) -> str:
    """The name, and the function in which it could be signed there."""
    held = roles_in(by, row.campaign.authority) & set(permission.roles)
    labels = ", ".join(Role(role).label for role in sorted(held))
    return f"{by} ({labels})" if labels else str(by)
