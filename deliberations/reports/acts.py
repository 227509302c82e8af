"""Extract of the register and certificate of executory force of one act."""

from datetime import date
from typing import Any

from deliberations.enums import ActState
from deliberations.models import Act
from deliberations.queries.checking import executory_day
from deliberations.queries.deadlines import followed_laws, is_reformed
from deliberations.queries.register import DELIBERATED, SittingReader
from deliberations.reports import paper
from plan_numerique.documents.templatetags.report import long_day
from plan_numerique.shared.errors import DomainError

EXTRACT, CERTIFICATE = "Extrait du registre des délibérations", "Certificat de caractère exécutoire"


def require_deliberated(act: Act) -> None:
    if act.state not in DELIBERATED:
        raise DomainError(
            f"L'acte est à l'état « {act.get_state_display()} » : seul un acte délibéré a un extrait au registre."
        )


def extract(act: Act, day: date, reader: SittingReader | None = None) -> dict[str, Any]:
    """The context of the template; `day` is printed, nothing else depends on the clock."""
    require_deliberated(act)
    reader = reader or SittingReader(act.sitting)
    sitting = reader.sitting
    part = paper.act_part(reader, act)
    sheet = part["sheet"]
    report = paper.headed(sitting, day, EXTRACT, act.title)
    return {
        **report,
        **part,
        "number": act.number,
        "facts": [*_facts(act, sheet.numbers), *paper.sitting_facts(sitting)],
        "passage": _passage(act),
        "counts": paper.counts_of(sheet.called, by_item=reader.is_counted, complete=sitting.members_complete),
        "counts_note": sitting.counts_note if sitting.past else "",
        "roll": paper.roll(sheet.called),
        "movements": paper.moved(row for row in reader.movements if row.act in (None, act.pk)),
        "own_chair": paper.presided(sitting, act) if act.chair else "",
        "signatures": paper.signatures(sitting, reformed=is_reformed(followed_laws(), sitting.held_on), act=act),
    }


def _facts(act: Act, numbers: Any) -> paper.Pairs:
    rapporteurs = list(act.reporters.order_by("position").values_list("published_name", flat=True))
    return paper.known(
        (
            ("Numéro", act.number),
            *numbers,
            ("Rapporteurs" if len(rapporteurs) > 1 else "Rapporteur", " et ".join(rapporteurs)),
            ("Service", act.service),
        )
    )


def _passage(act: Act) -> str:
    """As the record writes it, else the rank at which the act was taken."""
    if act.sitting.passage_note or not act.passage:
        return act.sitting.passage_note
    return f"Affaire examinée en {'premier' if act.passage == 1 else f'{act.passage}e'} lieu."


def certified(act: Act, day: date) -> date:
    """The day since which the act has force; refused while a fact is missing (CGCT L2131-1), or before that day."""
    require_deliberated(act)
    law = "(CGCT, article L2131-1)"
    if act.state == ActState.REJECTED:
        raise DomainError("Un projet rejeté n'a pas d'effet : il n'y a rien à certifier.")
    missing = [
        words
        for words, known in (
            ("celle de la réception par le représentant de l'État", act.received_on),
            ("celle de la publication", act.published_on or act.posted_on),
        )
        if known is None
    ]
    if missing:
        dates = "une date" if len(missing) == 1 else "deux dates"
        raise DomainError(f"Le certificat ne peut pas être établi : il manque {dates}, {' et '.join(missing)} {law}.")
    executory = executory_day(act)
    if executory is None or executory > day:
        told = long_day(executory) if executory else ""
        raise DomainError(f"L'acte sera exécutoire le {told} : le certificat s'établit à partir de ce jour {law}.")
    return executory


def certificate(act: Act, day: date) -> dict[str, Any]:
    executory = certified(act, day)
    sheet = SittingReader(act.sitting).sheet(act)
    head = paper.head_of(act.sitting)
    return {
        **paper.headed(act.sitting, day, CERTIFICATE, act.title),
        "number": act.number,
        "head": head,
        "held_on": act.sitting.held_on,
        "executory_on": executory,
        "rows": [
            ("Délibération", " — ".join(filter(None, (f"n° {act.number}" if act.number else "", act.title)))),
            ("Séance", paper.when(act.sitting)),
            *((("Identifiant de télétransmission", sheet.actes),) if sheet.actes else ()),
            ("Reçue par le représentant de l’État le", long_day(act.received_on)),
            *((("Affichée le", long_day(act.posted_on)),) if act.posted_on else ()),
            *((("Publiée le", long_day(act.published_on)),) if act.published_on else ()),
        ],
        "signatures": {"note": "", "places": [{"title": head, "name": ""}]},
    }
