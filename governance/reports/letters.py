"""The answer to each school: a page with its reasons, the same for one and for all of them in a row."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.template.loader import render_to_string

from governance.queries import Explained, RankedRow, Ranking
from governance.reports.council import authority_of
from governance.reports.ranking import value_text
from plan_numerique.accounts.enums import AuthorityKind
from plan_numerique.documents import pdf
from plan_numerique.shared.periods import school_year_label
from schools.domain.ranking import display_points
from schools.enums import ApplicationState

TEMPLATE = "reports/governance/letters.html"
MOST_REASONS = 4
LONGEST_OPINION, SHORTER_OPINION = 320, 140
LONG_LETTER = 20
"""So that a letter holds on its page: opinions are cut short, and a letter of more than so many lines (by rule of thumb) is set smaller."""

SAID = {
    ApplicationState.RETAINED: "est retenue",
    ApplicationState.WAITING: "est inscrite en liste d'attente",
    ApplicationState.REFUSED: "n'a pas été retenue",
}
NEXT = {
    ApplicationState.RETAINED: (
        "Le service éducation prendra contact avec vous pour fixer la date du diagnostic numérique de l'école, technique et "
        "pédagogique. C'est lui qui dira les équipements proposés et les travaux nécessaires."
    ),
    ApplicationState.WAITING: (
        "Si une école retenue se désiste ou si des moyens se libèrent, les écoles en attente sont appelées dans l'ordre de "
        "la liste. Vous n'avez aucune démarche à faire d'ici là."
    ),
    ApplicationState.REFUSED: (
        "L'école pourra présenter sa candidature à une prochaine campagne. Le service éducation se tient à votre disposition "
        "pour revoir avec vous le projet et ce qui peut être renforcé."
    ),
}


def letters_report(found: Ranking, rows: Sequence[RankedRow], day: date) -> dict[str, Any]:
    """Of a frozen list with its decision."""
    campaign, decision = found.campaign, found.decision
    meeting = decision.item.meeting if decision else None
    report = {
        "kind": "Réponse à une candidature",
        "title": str(campaign),
        "year": school_year_label(campaign.school_year),
        "banner": campaign.authority.notice,
        "authority": authority_of(campaign.authority),
        "date": day,
        "committee": str(meeting.committee) if meeting else "",
        "held_on": meeting.held_on if meeting else found.on,
        "item": decision.item.position if decision else None,
        "signatory": "Le Président" if campaign.authority.kind == AuthorityKind.EPCI else "Le Maire",
        "letters": [_letter(row, found) for row in rows],
    }
    report["digest"] = hashlib.sha256(json.dumps(report, default=str, sort_keys=True).encode()).hexdigest()
    return report


def _letter(row: RankedRow, found: Ranking) -> dict[str, Any]:
    """Without confidential opinions, nor the marks of their stages."""
    school, outcome = row.application.school, ApplicationState(row.outcome)
    kept = {each.stage for each in row.opinions if each.confidential}
    told = [each for each in row.details if each.kind not in kept]
    letter = {
        "school": school.name,
        "address": [text for text in (school.address, f"{school.postcode} {school.commune.name}".strip()) if text],
        "uai": school.uai,
        "project": row.application.project,
        "outcome": outcome.value,
        "said": SAID[outcome],
        "position": row.position,
        "total": found.total,
        "score": display_points(row.score),
        "full": display_points(found.full_score),
        "moved": row.fixed,
        "strong": _told(told, "strong"),
        "weak": _told(told, "weak"),
        "opinions": [_opinion(each, LONGEST_OPINION) for each in row.opinions if not each.confidential],
        "answer": row.place.answer if row.place else "",
        "next": NEXT[outcome],
    }
    letter["tight"] = _lines(letter, found) > LONG_LETTER
    if letter["tight"]:
        for opinion in letter["opinions"]:
            opinion["text"] = shortened(opinion["text"], SHORTER_OPINION)
        letter |= {name: letter[name][:3] for name in ("strong", "weak")}
    return letter


def _lines(letter: dict[str, Any], found: Ranking) -> int:
    def of(text: str, width: int) -> int:
        return -(-len(text) // width)

    marks = (sum(of(text, 36) for text in letter[name]) for name in ("strong", "weak"))
    opinions = sum(of(f"{each['stage']} {each['verdict']} {each['text']}", 82) for each in letter["opinions"])
    answer = sum(max(of(line, 88), 1) for line in letter["answer"].splitlines())
    return (
        of(found.campaign.authority.notice, 95)
        + of(letter["school"], 34)
        + len(letter["address"])
        + of(str(found.campaign), 40)
        + of(letter["project"], 60)
        + (2 if letter["moved"] else 1)
        + max(marks)
        + (opinions + 2 if opinions else 0)
        + (answer + 2 if answer else 0)
        + of(letter["next"], 88)
    )


def _told(details: Sequence[Explained], strength: str) -> list[str]:
    """The heaviest criteria first."""
    chosen = [each for each in details if each.strength == strength]
    chosen.sort(key=lambda each: -each.weight)
    return [f"{each.label} : {value_text(each, each.value)}" for each in chosen[:MOST_REASONS]]


def _opinion(opinion: Any, most: int) -> dict[str, str]:
    return {
        "stage": opinion.get_stage_display(),
        "verdict": opinion.get_verdict_display().lower(),
        "text": shortened(opinion.text, most),
    }


def shortened(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[:most].rsplit(' ', 1)[0].rstrip(',;: ')}…"


def render_letters(report: dict[str, Any]) -> bytes:
    html = render_to_string(TEMPLATE, {"report": report})
    names = [letter["school"] for letter in report["letters"]]
    title = f"{report['kind']} : {names[0]}" if len(names) == 1 else f"Réponses aux candidatures : {report['title']}"
    return pdf.render(html, title=title, date=report["date"], digest=report["digest"])
