"""List of what was examined, minutes of a sitting, register of a period."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from deliberations.domain.deadlines import due_after
from deliberations.domain.minutes import split_minutes
from deliberations.enums import ActKind, ActState, AssemblyKind, LegalCode, Regime, SittingState
from deliberations.models import Act, Assembly, Sitting
from deliberations.queries.deadlines import followed_laws, is_reformed, law_on
from deliberations.queries.register import (
    SittingReader,
    deliberated,
    is_deliberated,
    register_sittings,
    verdict_of,
)
from deliberations.reports import paper, signing
from plan_numerique.documents.templatetags.report import long_day
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted

LIST, MINUTES, REGISTER = "Liste des délibérations examinées", "Procès-verbal", "Registre des délibérations"
DRAFT_MINUTES = "Projet de procès-verbal, à arrêter au commencement de la séance suivante"
NOT_EXAMINED = "Affaire non examinée"
ASIDE = {
    ActState.WITHDRAWN: "Affaire retirée de l'ordre du jour",
    ActState.ADJOURNED: "Affaire ajournée",
}
MOST_ACTS = 400


def require_over(sitting: Sitting, what: str) -> None:
    if sitting.state != SittingState.CLOSED and not sitting.past:
        raise DomainError(f"La séance n'est pas levée : {what} s'établit ensuite.")


def _named(sitting: Sitting) -> str:
    return f"{sitting.assembly.name}, {paper.when(sitting)}"


def examined(sitting: Sitting, day: date) -> dict[str, Any]:
    require_over(sitting, "la liste des délibérations examinées")
    reader = SittingReader(sitting)
    acts = [act for act in reader.whole_acts if is_deliberated(act) or act.kind != ActKind.INFORMATION]
    law = law_on(followed_laws(), LegalCode.LIST_DAYS, sitting.held_on)
    due = due_after(sitting.held_on, law.value if law else None)
    return {
        **paper.headed(sitting, day, LIST, _named(sitting)),
        "facts": paper.sitting_facts(sitting),
        "line": paper.attendance_line(sitting, reader.opening),
        "rows": [(act.number or "—", act.title, _outcome(reader, act)) for act in acts if _was_examined(act)],
        "aside": [(act.number or "—", act.title, _left(act)) for act in acts if _was_set_aside(act)],
        "due": f"À afficher et mettre en ligne au plus tard le {long_day(due)} ({_article(law.article)})."
        if due and law
        else "",
        "neighbours": sitting.assembly.kind == AssemblyKind.COMMUNITY and law is not None,
    }


def _article(article: str) -> str:
    return article.replace("CGCT ", "CGCT, article ", 1)


def _was_examined(act: Act) -> bool:
    return is_deliberated(act) or act.examined_at is not None


def _was_set_aside(act: Act) -> bool:
    return not _was_examined(act) and (act.state != ActState.DRAFT or _was_left(act))


def _was_left(act: Act) -> bool:
    """On the agenda, and never reached; of a past sitting, nobody knows."""
    return act.state == ActState.DRAFT and act.examined_at is None and not act.sitting.past


def _left(act: Act) -> str:
    return NOT_EXAMINED if _was_left(act) else act.get_state_display()


def _outcome(reader: SittingReader, act: Act) -> str:
    """The result as it was read out; without a vote, the state of the act."""
    ballot = getattr(act, "ballot", None)
    return (verdict_of(ballot, reader.result(act)) if ballot else "") or act.get_state_display()


def minutes(sitting: Sitting, day: date) -> dict[str, Any]:
    """What L2121-15 asks of the minutes; debates as composed, else as noted while the assembly sat."""
    require_over(sitting, "le procès-verbal")
    reader = SittingReader(sitting)
    general, said = split_minutes(sitting.minutes)
    approved = sitting.minutes_approved_in
    opening = reader.opening
    acts = reader.whole_acts
    return {
        **paper.headed(sitting, day, MINUTES, _named(sitting), "" if approved or sitting.past else DRAFT_MINUTES),
        "facts": paper.sitting_facts(sitting),
        "counts": paper.counts_of(reader, opening),
        "roll": paper.roll(opening),
        "opened": _hour(sitting.opened_at),
        "closed": _hour(sitting.closed_at),
        "unplaced": paper.moved(row for row in reader.movements if row.act is None),
        "earlier": [row.held_on for row in sitting.approved_minutes.order_by("held_on", "pk")],
        "passage_note": sitting.passage_note,
        "agenda": [(act.number or "—", act.title, act.added_in_sitting) for act in acts],
        "debates": general or "\n\n".join(reader.notes.get(None, [])),
        "items": [_item(reader, act, said) for act in acts],
        "approved_on": approved.held_on if approved else None,
        "signatures": _minutes_signatures(reader),
    }


def _hour(moment: Any) -> str:
    return paper.hour(timezone.localtime(moment)) if moment else ""


def _told(reader: SittingReader, act: Act) -> dict[str, Any]:
    """Who sat is told again only where it is known item by item."""
    part = paper.act_part(reader, act)
    return {**part, "line": part["line"] if reader.is_counted else ""}


def _untold(act: Act) -> dict[str, Any]:
    return {"heading": paper.heading(act), "chair": "", "reported": [], "told": [], "line": ""}


def _item(reader: SittingReader, act: Act, said: dict[int, str]) -> dict[str, Any]:
    """What was not deliberated has no text here, but a communication has."""
    done = is_deliberated(act)
    return {
        **(_told(reader, act) if done or act.state == ActState.NOTED else _untold(act)),
        "outcome": "" if done else _not_deliberated(reader, act),
        "deliberated": done,
        "movements": paper.moved(row for row in reader.movements if row.act == act.pk),
        "debates": said.get(act.pk) or "\n\n".join(reader.notes.get(act.pk, [])),
    }


def _not_deliberated(reader: SittingReader, act: Act) -> str:
    if act.state == ActState.NOTED:
        return act.get_kind_display()
    if act.state == ActState.DRAFT:
        return _left(act)
    return " : ".join(filter(None, (ASIDE[ActState(act.state)], reader.reasons.get(act.pk, ""))))


def _minutes_signatures(reader: SittingReader) -> dict[str, Any]:
    sitting = reader.sitting
    law = law_on(followed_laws(), LegalCode.MINUTES_DAYS, sitting.held_on)
    here = law is not None and sitting.assembly.regime != Regime.ALSACE_MOSELLE
    return signing.signed("L2121-15" if here else "", signing.head_place(sitting), signing.secretary_place(sitting))


def require_acts(sittings: Sequence[Sitting], first: date, last: date) -> int:
    """How many acts the register of the period has; refused where there is none, or too many for one volume."""
    if not sittings:
        raise DomainError(f"Aucune délibération entre le {long_day(first)} et le {long_day(last)}.", field="first")
    acts = deliberated(Act.objects.filter(sitting__in=sittings)).count()
    if acts > MOST_ACTS:
        raise DomainError(
            f"La période compte {counted(acts, 'délibération')}, un registre {MOST_ACTS} au plus : choisir une période plus courte.",
            field="last",
        )
    return acts


def register(assembly: Assembly, first: date, last: date, day: date) -> dict[str, Any]:
    """Every act deliberated in the period, by date (CGCT L2121-23); each sitting is signed by its own."""
    sittings = register_sittings(assembly, first, last)
    acts = require_acts(sittings, first, last)
    laws = followed_laws()
    period = f"du {long_day(first)} au {long_day(last)}"
    return {
        **paper.headed(sittings[-1], day, REGISTER, f"{assembly.name}, {period}"),
        "subtitle": "",
        "facts": [("Séances", str(len(sittings))), ("Délibérations", str(acts))],
        "sittings": [_section(SittingReader(sitting), laws) for sitting in sittings],
    }


def _section(reader: SittingReader, laws: Sequence[Any]) -> dict[str, Any]:
    sitting, opening = reader.sitting, reader.opening
    return {
        "key": sitting.pk,
        "heading": f"Séance du {paper.when(sitting)}",
        "facts": paper.sitting_facts(sitting),
        "counts": paper.counts_of(reader, opening),
        "roll": paper.roll(opening),
        "items": [
            {
                **_told(reader, act),
                "movements": paper.moved(row for row in reader.movements if row.act == act.pk),
            }
            for act in reader.whole_acts
            if is_deliberated(act)
        ],
        "signatures": signing.signed("L2121-23", signing.head_place(sitting), signing.secretary_place(sitting))
        if is_reformed(laws, sitting.held_on)
        else signing.copied(sitting, copy="Pour copie conforme au registre"),
    }
