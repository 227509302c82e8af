"""The convocation on paper, and the same convocations each under a cover letter, for the members convened on paper."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.template.loader import render_to_string

from deliberations.domain.convocation import Delay
from deliberations.enums import AssemblyKind, Regime
from deliberations.models import Annex, Convocation, Mandate, Reporter, Sitting
from deliberations.queries.checking import legal_rules
from deliberations.queries.convening import AgendaItem, adds_items
from deliberations.reports import paper, signing
from plan_numerique.documents import pdf
from plan_numerique.documents.templatetags.report import long_day

KIND = "Convocation"
CONVOCATION = "reports/deliberations/convocation.html"
LETTERS = "reports/deliberations/convocation_letters.html"
CIVILITIES = {("m", "mr", "monsieur"): "Monsieur", ("mme", "mlle", "madame", "mademoiselle"): "Madame"}
OF_COUNCIL = {
    AssemblyKind.MUNICIPAL: "du conseil municipal",
    AssemblyKind.COMMUNITY: "du conseil communautaire",
}


def convocation_report(
    sitting: Sitting,
    items: Sequence[AgendaItem],
    *,
    number: int,
    added: bool,
    message: str,
    delay: Delay,
    day: date,
) -> dict[str, Any]:
    """The context of the template. `added`: the items complete an agenda sent before; a later convocation that adds nothing
    repeats the whole of it."""
    rows = _items(items)
    return {
        **paper.headed(sitting, day, kind_of(number, added=added), paper.when(sitting)),
        "title": f"Séance {OF_COUNCIL[AssemblyKind(sitting.assembly.kind)]} du {paper.weekday(sitting.held_on)}",
        "opening": opening_line(sitting),
        "message": message,
        "added": added,
        "items": rows,
        "noted": [row for row in rows if row["note"] or row["annexes"]],
        "legal": legal_lines(sitting, delay),
        "signatures": {"note": "", "places": [signing.head_place(sitting)]},
        "sitting_facts": paper.known(
            (("Date", paper.weekday(sitting.held_on)), ("Heure", hour(sitting)), ("Lieu", sitting.place))
        ),
    }


def kind_of(number: int, *, added: bool) -> str:
    return KIND if number == 1 else "Convocation complémentaire" if added else "Convocation rectificative"


def kind_of_sent(convocation: Convocation) -> str:
    return kind_of(convocation.number, added=convocation.number > 1 and adds_items(convocation))


def hour(sitting: Sitting) -> str:
    return f"{sitting.held_at:%H h %M}" if sitting.held_at else ""


def opening_line(sitting: Sitting) -> str:
    council = OF_COUNCIL[AssemblyKind(sitting.assembly.kind)]
    return (
        f"J’ai l’honneur de vous convoquer à la séance {council} qui se tiendra le {paper.weekday(sitting.held_on)} "
        f"à {hour(sitting)}, {sitting.place}."
    )


def salutation(member: Mandate) -> str:
    civility = (member.civility or member.display_name.partition(" ")[0]).rstrip(".").casefold()
    for written, said in CIVILITIES.items():
        if civility in written:
            return f"{said},"
    return "Madame, Monsieur,"


def _items(items: Sequence[AgendaItem]) -> list[dict[str, Any]]:
    """Two queries whatever their number."""
    reporters, annexes = Reporter.objects.order_by("position"), Annex.objects.order_by("position")
    acts = [item.act for item in items]
    prefetch_related_objects(acts, Prefetch("reporters", reporters), Prefetch("annexes", annexes))
    return [_item(item) for item in items]


def _item(item: AgendaItem) -> dict[str, Any]:
    act = item.act
    return {
        "number": item.number,
        "title": act.title,
        "kind": "" if act.kind == "deliberation" else act.get_kind_display(),
        "reported": paper.reported([row.published_name for row in act.reporters.all()]),
        "note": act.summary_note.strip(),
        "annexes": [annex.title for annex in act.annexes.all()],
    }


def legal_lines(sitting: Sitting, delay: Delay) -> list[str]:
    """What the convocation says of the law, by the regime of the assembly (domain-rules 4.1)."""
    local = sitting.assembly.regime == Regime.ALSACE_MOSELLE
    lines = [] if local else ["Convocation adressée en application de l’article L2121-10 du CGCT."]
    if sitting.urgent:
        lines.append(f"Convocation en urgence ({delay.article}). Motif : {sitting.urgency_reason.strip()}")
        if delay.clear and not sitting.second_convocation:
            lines.append("Le conseil se prononce sur l’urgence dès l’ouverture de la séance.")
    if sitting.second_convocation and sitting.first_sitting is not None:
        lines.append(_second_line(sitting, local=local))
    most = legal_rules(sitting.held_on).proxies_per_holder
    held = "qu’un pouvoir, qui est toujours révocable" if most == 1 else f"que {most} pouvoirs, toujours révocables"
    lines.append(
        "Un membre empêché peut donner pouvoir écrit à un collègue de son choix. "
        f"Un membre présent ne porte {held} (CGCT, article L2121-20)."
    )
    return lines


def _second_line(sitting: Sitting, *, local: bool) -> str:
    first = sitting.first_sitting
    day = long_day(first.held_on) if first else ""
    article = "L2541-4" if local else "L2121-17"
    return (
        f"Le quorum n’ayant pas été atteint le {day}, le conseil est convoqué à nouveau sur les mêmes affaires et en délibérera "
        f"quel que soit le nombre des membres présents (CGCT, article {article})."
    )


def letters_report(report: dict[str, Any], members: Sequence[Mandate]) -> dict[str, Any]:
    """A letter and its convocation for each member."""
    called = [{"name": member.display_name, "salutation": salutation(member)} for member in members]
    return {**report, "members": called}


def render_convocation(report: dict[str, Any]) -> bytes:
    return _rendered(CONVOCATION, report)


def render_letters(report: dict[str, Any]) -> bytes:
    return _rendered(LETTERS, report)


def _rendered(template: str, report: dict[str, Any]) -> bytes:
    """The same report gives the same bytes."""
    html = render_to_string(template, {"report": report})
    digest = hashlib.sha256(html.encode()).hexdigest()
    return pdf.render(html, title=report["full_title"], date=report["date"], digest=digest)
