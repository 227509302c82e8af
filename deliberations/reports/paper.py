"""What the documents of the register share: owner, figures in words, names, text, vote. An unknown figure is never 0."""

import hashlib
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from django.template.loader import render_to_string

from deliberations.domain import act as core
from deliberations.enums import BallotMode, ClauseKind, Regime
from deliberations.models import Act, Ballot, Sitting
from deliberations.queries.reading import Choice, ShownClause
from deliberations.queries.register import ActSheet, Called, Movement, Said, SittingReader
from deliberations.reports.columns import aligned
from deliberations.reports.signing import UNKNOWN, Presiding, secretaries
from governance.reports.council import authority_of, product
from plan_numerique.documents import pdf
from plan_numerique.documents.templatetags.report import count, long_day
from plan_numerique.shared.wording import counted

NOT_YET = "à venir"
WITH_PROXY = " (+1\u00a0pouvoir)"
LONGEST_BANNER = 70
RANKS = (
    "premier",
    "deuxième",
    "troisième",
    "quatrième",
    "cinquième",
    "sixième",
    "septième",
    "huitième",
    "neuvième",
    "dixième",
)
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
TEMPLATES = {
    "extract": "reports/deliberations/extract.html",
    "certificate": "reports/deliberations/certificate.html",
    "list": "reports/deliberations/list.html",
    "minutes": "reports/deliberations/minutes.html",
    "register": "reports/deliberations/register.html",
}
Pairs = list[tuple[str, str]]


def render_paper(template: str, report: dict[str, Any]) -> bytes:
    """The same report gives the same bytes."""
    html = render_to_string(TEMPLATES[template], {"report": report})
    digest = hashlib.sha256(html.encode()).hexdigest()
    return pdf.render(html, title=report["full_title"], date=report["date"], digest=digest)


def headed(sitting: Sitting, day: date, kind: str, title: str, draft: str = "") -> dict[str, Any]:
    """What every document has (templates/reports/base.html). The head of each page tells the notice and the draft in a line, the
    first page in full."""
    authority = sitting.assembly.authority
    short = textwrap.shorten(authority.notice.partition(". ")[0].rstrip("."), LONGEST_BANNER, placeholder="…")
    return {
        "kind": kind,
        "title": title,
        "full_title": f"{kind} : {title}",
        "subtitle": sitting.assembly.name,
        "banner": " — ".join(filter(None, (short, draft.partition(",")[0]))),
        "draft": draft,
        "notice": authority.notice,
        "date": day,
        "facts": [],
        "authority": authority_of(authority),
        "assembly": sitting.assembly.name,
        "product": product(),
    }


def number(value: int | None) -> str:
    return UNKNOWN if value is None else count(value)


def weekday(day: date) -> str:
    return f"{DAYS[day.weekday()]} {long_day(day)}"


def hour(at: time | datetime) -> str:
    return f"{at:%H}\u00a0h\u00a0{at:%M}"


def when(sitting: Sitting) -> str:
    return f"{weekday(sitting.held_on)}{f' à {hour(sitting.held_at)}' if sitting.held_at else ''}"


def known(pairs: Iterable[tuple[str, Any]]) -> Pairs:
    """Without those that hold nothing."""
    return [(label, str(text)) for label, text in pairs if text]


def presided(presiding: Presiding) -> str:
    chair, quality = presiding
    return ", ".join(filter(None, (chair.display_name if chair else "", quality)))


def chair_of_item(reader: SittingReader, act: Act) -> str:
    """Who presides that act, where it is not who presides the sitting."""
    presiding = reader.chair_of(act)
    return "" if presiding == reader.chair_of() else presided(presiding) or UNKNOWN


def together(names: Sequence[str]) -> str:
    return " et ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def reported(names: Sequence[str]) -> Pairs:
    return [("Rapporteurs" if len(names) > 1 else "Rapporteur", together(names))] if names else []


def no_quorum(sitting: Sitting) -> str:
    """Why the assembly decides whoever comes (CGCT L2541-4 in Alsace and Moselle)."""
    if not sitting.second_convocation or not (sitting.past or sitting.first_sitting_id):
        return ""
    article = "L2541-4" if sitting.assembly.regime == Regime.ALSACE_MOSELLE else "L2121-17"
    return f"non requis (seconde convocation, CGCT, article {article})"


def sitting_facts(sitting: Sitting) -> Pairs:
    """Those who presided and kept the minutes are told or missing (CGCT L2121-15); a past record says what it says."""
    convened = long_day(sitting.convened_on) if sitting.convened_on else ""
    second = "seconde convocation" if sitting.second_convocation else ""
    names, missing = secretaries(sitting), "" if sitting.past else UNKNOWN
    return known(
        (
            ("Séance", when(sitting)),
            ("Lieu", sitting.place),
            ("Convocation", ", ".join(filter(None, (convened, second)))),
            ("Quorum", no_quorum(sitting)),
            ("Urgence", sitting.urgency_reason if sitting.urgent else ""),
            ("Huis clos", "décidé en séance (CGCT, article L2121-18)" if sitting.closed_doors else ""),
            ("Présidence", presided((sitting.chair, sitting.chair_quality)) or missing),
            ("Secrétaires" if len(names) > 1 else "Secrétaire", together(names) or missing),
        )
    )


def counts_of(reader: SittingReader, called: Called) -> list[tuple[str, str, str]]:
    """(label, figure, note) of each count; counted by the product, absent and excused are apart."""
    counts, complete = called.counts, reader.sitting.members_complete
    absent = len(called.absent) if reader.is_counted else counts.absent
    excused = len(called.excused) if reader.is_counted else counts.excused
    rows = [
        ("En exercice", number(counts.in_office), ""),
        _count("Présents", counts.present, called.present),
        _count("Représentés", counts.represented, called.proxies),
        _count("Absents", absent, called.absent),
        _count("Excusés", excused, called.excused),
        ("Voix", number(called.voices), ""),
        *_quorum(reader.sitting, called),
    ]
    return [
        row for row in rows if not (complete and row[1] == UNKNOWN and row[0] in ("Absents", "Excusés") and not row[2])
    ]


def _quorum(sitting: Sitting, called: Called) -> list[tuple[str, str, str]]:
    if no_quorum(sitting):
        return []
    reached = {None: "", True: "atteint", False: "non atteint"}[called.quorum.reached]
    return [("Quorum", number(called.quorum.needed), reached)]


def _count(label: str, stated: int | None, names: Sequence[Any]) -> tuple[str, str, str]:
    return (label, number(stated), counted(len(names), "nom") if names and len(names) != stated else "")


def roll(called: Called) -> dict[str, Any]:
    """Names by state; each list may be empty, or hold fewer names than there were members."""
    stated = called.counts
    groups = (
        ("Présents", called.present, stated.present),
        ("Excusés", called.excused, stated.excused),
        ("Absents", called.absent, None),
    )
    return {
        "groups": [
            {"label": label, "names": names, "of": _of(names, number)} for label, names, number in groups if names
        ],
        "proxies": called.proxies,
        "withdrawn": called.withdrawn,
    }


def _of(names: Sequence[str], stated: int | None) -> str:
    written = counted(len(names), "nom écrit")
    return str(len(names)) if stated in (None, len(names)) else f"{written} sur {count(stated)}"


def moved(movements: Iterable[Movement]) -> list[str]:
    return [f"{row.label} : {row.name}{f', à {row.at}' if row.at else ''}" for row in movements]


def ranked(passage: int) -> str:
    return RANKS[passage - 1] if passage <= len(RANKS) else f"{passage}e"


def text(sheet: ActSheet) -> dict[str, Any]:
    """The exposé, the grounds, what is decided. A past act is word for word; a new one has the formula that its text leaves out."""
    blocks = [replace(block, clauses=[_printed(clause) for clause in block.clauses]) for block in sheet.blocks]
    kinds = [block.kind for block in blocks]
    formal = (ClauseKind.PREAMBLE, ClauseKind.VISA, ClauseKind.CONSIDERANT, ClauseKind.ARTICLE)
    rules = kinds.index(ClauseKind.ARTICLE) if ClauseKind.ARTICLE in kinds else len(kinds)
    grounds = next((rank for rank, kind in enumerate(kinds) if kind in formal), len(kinds))
    says = any("délibéré" in clause.text.lower() for block in blocks[grounds:] for clause in block.clauses)
    assembly = sheet.act.sitting.assembly
    name = assembly.get_kind_display().lower()
    return {
        "exposed": blocks[:grounds],
        "grounds": blocks[grounds:rules],
        "formula": "" if says or sheet.act.sitting.past else f"Le {name}, après en avoir délibéré :",
        "ruled": blocks[rules:],
        "verbatim": sheet.act.sitting.past,
    }


def _printed(clause: ShownClause) -> ShownClause:
    return replace(clause, shown=aligned(clause.shown))


def vote(said: Said | None, sheet: ActSheet) -> dict[str, Any]:
    """`figures` [(label, text)], `named` [{label, count, names, others}], `notes`; an empty verdict: nothing was voted."""
    if said is None:
        return {"verdict": "", "stated": "", "figures": [], "named": [], "notes": []}
    ballot, counted_one_by_one = said.ballot, said.ballot.mode in (BallotMode.BY_NAME, BallotMode.TOTALS)
    figures = _figures(said, sheet) if counted_one_by_one or ballot.mode == BallotMode.RESULT_ONLY else []
    return {
        "verdict": said.verdict or "Résultat non précisé",
        "stated": said.stated if sheet.act.sitting.past and said.stated != said.verdict else "",
        "figures": figures,
        "named": [
            _named(choice, said.choices)
            for choice in sorted(said.choices, key=lambda choice: not choice.votes)
            if choice.votes or choice.others
        ],
        "notes": _notes(ballot, sheet),
    }


def _figures(said: Said, sheet: ActSheet) -> Pairs:
    """As the record has them; blank and void papers are apart from the abstentions."""
    rows = [(choice.label, number(choice.count)) for choice in said.choices]
    if said.ballot.blank_count is not None:
        rows.append(("Blancs et nuls", number(said.ballot.blank_count)))
    tally = sheet.result.tally
    if tally.cast:
        rows.append(("Suffrages exprimés", number(tally.cast)))
        rows.append(("Majorité", number(tally.majority_needed)))
    return rows


def _named(choice: Choice, choices: Sequence[Choice]) -> dict[str, Any]:
    others, voices = "", sum(1 + vote.with_proxy for vote in choice.votes)
    if choice.others and (choice.count is None or voices < choice.count):
        alone = not any(other.votes for other in choices)
        others = f"{'l’ensemble des' if alone else 'les autres'} membres présents ou représentés"
    names = [f"{vote.mandate.display_name}{WITH_PROXY if vote.with_proxy else ''}" for vote in choice.votes]
    return {"label": choice.label, "count": number(choice.count), "names": names, "others": others}


def _notes(ballot: Ballot, sheet: ActSheet) -> list[str]:
    asked = f", demandé par {counted(ballot.requested_by, 'membre')}" if ballot.requested_by else ""
    ways = {
        "secret": f"Scrutin secret{asked} (CGCT, article L2121-21).",
        "public": f"Scrutin public{asked} (CGCT, article L2121-21).",
    }
    found = [ways["secret" if ballot.secret else "public"]] if ballot.secret or ballot.public else []
    if ballot.mode == BallotMode.NOTED:
        found.append("Il est pris acte, sans vote.")
    if sheet.result.tally.casting_vote:
        found.append("La voix du président est prépondérante (CGCT, article L2121-20).")
    if sheet.called.withdrawn:
        gone = sheet.called.withdrawn
        who = "Se retirent et ne prennent pas part" if len(gone) > 1 else "Se retire et ne prend pas part"
        found.append(f"{who} à la délibération : {', '.join(gone)} (CGCT, article L2131-11).")
    return found


def filing(sheet: ActSheet) -> Pairs:
    """Dates that do not exist yet are told, and so are those that the record does not write."""
    act = sheet.act
    missing = UNKNOWN if act.sitting.past else NOT_YET

    def told(day: date | None) -> str:
        return long_day(day) if day else missing

    matter = " ".join(filter(None, (act.matter_code, act.matter_label)))
    rows = [
        ("Nature", act.get_nature_display().partition(" — ")[2]),
        ("Matière", matter or UNKNOWN),
        ("Identifiant de télétransmission", sheet.actes or missing),
        ("Transmise au représentant de l’État le", told(act.transmitted_on)),
        ("Reçue par le représentant de l’État le", told(act.received_on)),
    ]
    if act.posted_on:
        rows.append(("Affichée le", told(act.posted_on)))
    if act.published_on or not act.posted_on:
        rows.append(("Publiée le", told(act.published_on)))
    rows.append(("Exécutoire le", told(sheet.executory_on)))
    return rows


def heading(act: Act) -> str:
    return f"N° {act.number} — {act.title}" if act.number else act.title


def act_part(reader: SittingReader, act: Act) -> dict[str, Any]:
    """One act inside a document of several."""
    sheet = reader.sheet(act)
    printed = text(sheet)
    return {
        "act": act,
        "sheet": sheet,
        "heading": heading(act),
        "reported": reported(sheet.reporters),
        "chair": chair_of_item(reader, act),
        "commissions": sheet.commissions,
        "annexes": sheet.annexes,
        "text": printed,
        "told": [blocks for name in ("exposed", "grounds", "ruled") if (blocks := printed[name])],
        "vote": vote(sheet.vote, sheet),
        "filing": filing(sheet),
        "line": attendance_line(reader.sitting, sheet.called),
        "withdrawn": sheet.called.withdrawn,
    }


def attendance_line(sitting: Sitting, called: Called) -> str:
    """« 46 présents, 5 représentés, 51 voix ; quorum de 27 atteint »; only what is known."""
    counts: core.Members = called.counts
    parts = [
        counted(value, noun)
        for value, noun in (
            (counts.present, "présent"),
            (counts.represented, "représenté"),
        )
        if value is not None
    ]
    if called.voices is not None:
        parts.append(f"{count(called.voices)} voix")
    line = ", ".join(parts)
    if no_quorum(sitting):
        line = f"{line} ; quorum non requis"
    elif called.quorum.needed is not None and called.quorum.reached is not None:
        line = f"{line} ; quorum de {called.quorum.needed} {'atteint' if called.quorum.reached else 'non atteint'}"
    return line.removeprefix(" ; ")
