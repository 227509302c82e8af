"""Extract of the register and certificate of executory force of one act."""

from datetime import date
from typing import Any

from deliberations.enums import ActState
from deliberations.models import Act, Sitting
from deliberations.queries.checking import executory_day, posted_day
from deliberations.queries.deadlines import followed_laws, is_reformed
from deliberations.queries.register import ActSheet, SittingReader, is_deliberated
from deliberations.reports import paper, signing
from plan_numerique.documents.templatetags.report import long_day
from plan_numerique.shared.errors import DomainError

EXTRACT, CERTIFICATE = "Extrait du registre des délibérations", "Certificat de caractère exécutoire"


def require_deliberated(act: Act) -> None:
    if act.state == ActState.NOTED and not is_deliberated(act):
        raise DomainError("Une communication sans vote ne décide rien : elle figure au procès-verbal, non au registre.")
    if not is_deliberated(act):
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
        "facts": [*_facts(act, sheet), *_sitting_facts(sitting, own_chair=bool(part["chair"]))],
        "passage": _passage(act),
        "counts": paper.counts_of(reader, sheet.called),
        "counts_note": sitting.counts_note if sitting.past else "",
        "roll": paper.roll(sheet.called),
        "movements": paper.moved(row for row in reader.movements if row.act in (None, act.pk)),
        "signatures": _signatures(reader, act),
    }


def _sitting_facts(sitting: Sitting, *, own_chair: bool) -> paper.Pairs:
    return [row for row in paper.sitting_facts(sitting) if not (own_chair and row[0] == "Présidence")]


def _facts(act: Act, sheet: ActSheet) -> paper.Pairs:
    numbered = [("Numéro", act.number), *sheet.numbers, *paper.reported(sheet.reporters)]
    return paper.known((*numbered, ("Service", act.service)))


def _signatures(reader: SittingReader, act: Act) -> dict[str, Any]:
    """Since 1 July 2022 the head and the secretary; before, what was published, and the head of today for the copy."""
    if is_reformed(followed_laws(), act.sitting.held_on):
        head = signing.head_place(act.sitting, act, reader.chair_of(act))
        return signing.signed("L2121-23", head, signing.secretary_place(act.sitting))
    published = ", ".join(filter(None, (act.signatory_name, act.signatory_quality)))
    return signing.copied(act.sitting, f"Signature publiée : {published}." if published else "")


def _passage(act: Act) -> str:
    """As the record writes it, else the rank at which the act was taken."""
    if act.sitting.passage_note or not act.passage:
        return act.sitting.passage_note
    return f"Affaire examinée en {paper.ranked(act.passage)} lieu."


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
            ("celle de la publication", act.published_on or posted_day(act)),
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
    reader = SittingReader(act.sitting)
    sheet, head = reader.sheet(act), signing.head_of(act.sitting)
    signer = signing.head_place(act.sitting, act, reader.chair_of(act))
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
        # Of a past act, whoever signed then need not be in office.
        "signatures": {"note": "", "places": [{"title": head, "name": ""} if act.sitting.past else signer]},
    }
