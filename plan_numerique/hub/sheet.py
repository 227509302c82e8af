"""« Fiche école »: one tagged A4 page with what its reader sees on the page of the school."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.template.loader import render_to_string
from django.utils.text import slugify

from plan_numerique.documents import pdf
from plan_numerique.documents.charts import COUNT, Chart, Figures, Look, Series, grouped_bars
from plan_numerique.documents.colours import INK
from plan_numerique.hub.position import Spot, position_chart
from plan_numerique.hub.reading import Hub, Place, ProposalRead, SchoolNeedRead, hub_of
from plan_numerique.hub.strip import CURRENT, DONE, strip_of
from plan_numerique.shared.money import display_euros
from plan_numerique.shared.periods import school_year_label
from plan_numerique.shared.wording import counted
from schools import permissions
from schools.enums import SchoolStatus
from schools.models import School, SocialIndex
from schools.queries import STAGES, YearClasses, school_years, stage_of, visible_schools, year_classes

TEMPLATE = "reports/hub/sheet.html"
KIND = "Fiche école"
FEW = 3
LONGEST = 76
ROOMY = 20
"""Lines, as _lines counts them, that a page holds in its larger type."""
CHART_WIDTH, MAP_WIDTH, MAP_HEIGHT = 430, 300, 190


def sheet_filename(school: School) -> str:
    return f"fiche-{school.uai}-{slugify(school.name)[:60]}.pdf"


def sheet_report(user: Any, school: School, day: date) -> dict[str, Any]:
    """The context of the template. The same reads as the page (hub_of), with the rights of the reader."""
    years = school_years(School.objects.filter(pk=school.pk))
    latest = years[0].school_year if years else None
    hub = hub_of(user, school, latest)
    classes = year_classes(school, latest) if latest is not None else None
    authority = school.authority
    report: dict[str, Any] = {
        "kind": KIND,
        "title": school.name,
        "full_title": f"{KIND} : {school.name}",
        "uai": school.uai,
        "banner": authority.notice,
        "authority": {"name": authority.name, "accent": authority.accent},
        "date": day,
        "identity": _identity(school),
        "strip": [
            (step.label, f"{step.on:%d/%m/%Y}" if step.on else "", step.state) for step in strip_of(user, school, hub)
        ],
        "done_states": (DONE, CURRENT),
        "year": school_year_label(latest) if latest is not None else "",
        "classes": _classes(classes),
        "need": _need(hub.need),
        "parts": _parts(hub),
        "sees_equipment": hub.rights.equipment,
    }
    report["digest"] = hashlib.sha256(json.dumps(report, default=str, sort_keys=True).encode()).hexdigest()
    report["tight"] = _lines(report) > ROOMY
    look = authority.accent
    report["levels_chart"] = _levels(classes, latest, look) if classes and latest is not None else None
    report["position"] = _position(user, school)
    return report


def render_sheet(report: dict[str, Any]) -> bytes:
    html = render_to_string(TEMPLATE, {"report": report})
    return pdf.render(html, title=report["full_title"], date=report["date"], digest=report["digest"])


def _identity(school: School) -> list[tuple[str, str]]:
    place = " ".join(filter(None, (school.postcode, str(school.commune))))
    index = SocialIndex.objects.filter(school=school).order_by("-school_year").first()
    rows = [
        ("UAI", school.uai),
        ("Type", ", ".join(filter(None, (school.get_kind_display(), school.get_sector_display().lower())))),
        ("Adresse", ", ".join(filter(None, (school.address, place)))),
        ("Circonscription", str(school.district or "Non connue")),
        ("Éducation prioritaire", school.education_priority or "Hors éducation prioritaire"),
        ("Quartier prioritaire", "Oui" if school.priority_district else "Non"),
    ]
    if index is not None:
        rows.append((f"IPS {school_year_label(index.school_year)}", str(index.value).replace(".", ",")))
    if school.status != SchoolStatus.OPEN:
        rows.append(("État", school.get_status_display()))
    return [(name, short(text, 64)) for name, text in rows]


def short(text: str, longest: int = LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _classes(found: YearClasses | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "count": len(found.classes),
        "pupils": found.pupils,
        "others": len(found.others),
        "estimated": found.estimated,
        "levels": [(row.level or "Sans niveau", row.classes, row.pupils) for row in found.levels],
    }


def _levels(found: YearClasses, year: int, accent: str) -> Chart | None:
    if not found.levels:
        return None
    figures = Figures(
        key="niveaux",
        title=f"Élèves par niveau, rentrée {year}",
        categories=tuple(row.level or "Sans niveau" for row in found.levels),
        series=(Series("Élèves", tuple(row.pupils for row in found.levels)),),
        unit=COUNT,
        category_name="Niveau",
    )
    return grouped_bars(figures, Look.of(accent, ink=INK, width=CHART_WIDTH))


def _position(user: Any, school: School) -> dict[str, Any]:
    """The open schools of the commune that the reader sees; in words where there is nothing to draw, and nothing said of what is not seen."""
    if school.latitude is None or school.longitude is None:
        return {"chart": None, "text": "Les coordonnées de l'école ne sont pas connues."}
    whole = permissions.VIEW.authorities(user).filter(pk=school.authority_id).exists()
    rows = visible_schools(user).filter(commune=school.commune_id, status=SchoolStatus.OPEN).exclude(pk=school.pk)
    others = list(rows.order_by("name", "pk"))
    spots = [_spot(row) for row in others if row.latitude is not None]
    kind = "école connue" if whole else "école suivie"
    lost = len(others) - len(spots)
    missing = f"Sans coordonnées, non placées : {lost}." if lost else ""
    if not spots:
        alone = "C'est la seule école connue de la commune." if whole and not others else missing
        here = f"Latitude {school.latitude:.5f}, longitude {school.longitude:.5f}.".replace(".", ",", 2)
        return {"chart": None, "text": f"{here} {alone}".strip()}
    look = Look.of(school.authority.accent, ink=INK, width=MAP_WIDTH)
    chart = position_chart(_spot(school), spots, commune=school.commune.name, look=look, height=MAP_HEIGHT)
    drawn = f"En gris, {counted(len(spots), f'autre {kind}')} de la commune."
    return {"chart": chart, "text": " ".join(filter(None, (drawn, missing)))}


def _spot(row: School) -> Spot:
    assert row.latitude is not None
    assert row.longitude is not None
    return Spot(short(row.name, 48), float(row.latitude), float(row.longitude))


def _need(need: SchoolNeedRead | None) -> dict[str, Any] | None:
    if need is None:
        return None
    found = need.needs
    return {
        "rules": short(str(need.rule_set), 100),
        "year": school_year_label(need.school_year),
        "items": [(short(each.item.label, 70), each.must, each.has, each.lacks, each.cost_ht) for each in need.items],
        "more": need.more,
        "totals": (found.must, found.has, found.lacks, found.cost_ht) if found else None,
        "unpriced": found.unpriced if found else 0,
        "hypothesis": bool(found and found.hypothesis),
    }


def _parts(hub: Hub) -> list[tuple[str, list[str]]]:
    """(heading, sentences) of what the reader sees."""
    rights, parts = hub.rights, []
    if rights.programme:
        parts.append(("Programme", [_place(each) for each in hub.places] or ["Aucun programme n'est encore arrêté."]))
    if rights.ent:
        parts.append(("ENT", _ent(hub) or ["Pas d'abonnement."]))
    if rights.applications:
        rows = [f"{short(str(row.campaign), 44)} : {row.get_state_display().lower()}" for row in hub.applications]
        parts.append(("Candidatures", rows or ["Aucune candidature."]))
    if rights.diagnostics:
        rows = [f"{short(str(row.campaign), 32)} : {STAGES[stage_of(row)][0].lower()}" for row in hub.diagnostics]
        parts.append(("Diagnostics", rows or ["Aucun diagnostic."]))
        parts.append(("Travaux à faire", _works(hub) or ["Aucun chantier en attente."]))
    if hub.proposal is not None:
        parts.append(("Packs proposés", _packs(hub.proposal)))
    return [(heading, _few(rows)) for heading, rows in parts]


def _lines(report: dict[str, Any]) -> int:
    """What varies in height, in lines: the notice, the name, the articles, and a third of the parts, which are in three columns."""
    items = report["need"]["items"] if report["need"] else []
    parts = sum(2 + sum(1 + len(row) // 36 for row in rows) for _, rows in report["parts"])
    return len(report["banner"]) // 110 + len(report["title"]) // 50 + len(items) + parts // 3


def _few(rows: Sequence[str]) -> list[str]:
    """What fits, and how many more there are."""
    more = len(rows) - FEW
    return [*(short(text) for text in rows[:FEW]), *([f"et {more} de plus"] if more > 0 else [])]


def _place(place: Place) -> str:
    plan = short(str(place.version.plan), 36)
    if place.equipped is not None:
        return f"{plan} : équipée le {place.equipped.equipped_on:%d/%m/%Y}"
    if place.exercise is not None:
        return f"{plan} : entrée prévue en {place.exercise}"
    return f"{plan} : {'elle n’y entre pas' if place.row else 'hors du périmètre'}"


def _ent(hub: Hub) -> list[str]:
    rows = []
    for costed, _ in hub.ent:
        row = costed.subscription
        label = f"{short(row.label, 24)}, {school_year_label(row.school_year)}"
        rows.append(f"{label}, payé par : {short(row.payer_name or row.get_payer_display(), 22)}")
    return rows


def _works(hub: Hub) -> list[str]:
    rows = []
    for row in hub.works:
        unpriced = f", {row.total.unpriced} sans prix" if row.total.unpriced else ""
        label = f"{short(row.label, 24)} : {counted(row.total.works, 'chantier')}"
        rows.append(f"{label}, {display_euros(row.total.amount.ttc)} TTC{unpriced}")
    return rows


def _packs(found: ProposalRead) -> list[str]:
    rows = [f"{short(str(row.pack), 40)} : {counted(row.kept, 'retenu')}" for row in found.packs if row.kept]
    held = found.reserved
    return [*(rows or ["Aucun pack retenu."]), *([f"{counted(held, 'appareil réservé')} en stock"] if held else [])]
