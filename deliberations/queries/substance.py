"""What a document prints of its subject, as a digest: once it is another one, the document no longer says what is recorded. What
rightly comes later is left out: the dates of filing, the identifiers, the matter."""

import hashlib
import json
from dataclasses import fields, is_dataclass
from typing import Any

from deliberations.enums import CouncilDocumentKind as Kind
from deliberations.models import Act, CouncilDocument, Mandate, Sitting
from deliberations.queries.register import Said, SittingReader

DATED = (Kind.EXTRACT, Kind.LIST, Kind.MINUTES)


def substance_of(kind: str, sitting: Sitting, act: Act | None = None, reader: SittingReader | None = None) -> str:
    """Blank for what is never put online nor sent. Without a reader, all is read now."""
    if kind not in DATED:
        return ""
    reader = reader or SittingReader(_fresh(sitting))
    if kind == Kind.EXTRACT and act is not None:
        found = next(row for row in reader.acts if row.pk == act.pk)
        said: Any = {"sitting": _sitting(reader.sitting), **_act(reader, found)}
    else:
        said = _listed(reader) if kind == Kind.LIST else _minuted(reader)
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return str(value)


def is_stale(document: CouncilDocument) -> bool:
    now = substance_of(document.kind, document.sitting, document.act)
    return document.substance != now


def _fresh(sitting: Sitting) -> Sitting:
    return Sitting.objects.select_related("assembly__authority", "chair", "minutes_approved_in").get(pk=sitting.pk)


def _sitting(sitting: Sitting) -> dict[str, Any]:
    names = (
        "held_on", "held_at", "place", "convened_on", "urgent", "urgency_reason", "chair_quality", "closed_doors",
        "second_convocation", "counts_note", "passage_note", "members_complete", "past",
    )  # fmt: skip
    return {
        **{name: getattr(sitting, name) for name in names},
        "chair": _member(sitting.chair),
        "secretaries": list(sitting.secretaries.order_by("position").values_list("published_name", flat=True)),
    }


def _member(row: Mandate | None) -> list[str]:
    """The function tells by what title the member signs."""
    return [] if row is None else [row.display_name, row.function]


def _act(reader: SittingReader, act: Act) -> dict[str, Any]:
    sheet, (chair, quality) = reader.sheet(act), reader.chair_of(act)
    return {
        **_named(act),
        "service": act.service,
        "passage": act.passage,
        "chair": [_member(chair), quality],
        "signatory": [_member(act.signatory), act.signatory_name, act.signatory_quality],
        "reporters": sheet.reporters,
        "commissions": sheet.commissions,
        "annexes": sheet.annexes,
        "text": [[row.kind, row.level, row.verb, row.shown] for block in sheet.blocks for row in block.clauses],
        "vote": _vote(sheet.vote),
        "tally": sheet.result.tally,
        "called": sheet.called,
        "movements": [row for row in reader.movements if row.act in (None, act.pk)],
    }


def _named(act: Act) -> dict[str, Any]:
    names = ("pk", "number", "title", "kind", "state", "added_in_sitting")
    return {name: getattr(act, name) for name in names}


def _vote(said: Said | None) -> dict[str, Any] | None:
    """Names only where they may be told, as the document does."""
    if said is None:
        return None
    names = ("mode", "secret", "public", "requested_by", "blank_count", "stated_result_text")
    return {
        **{name: getattr(said.ballot, name) for name in names},
        "verdict": said.verdict,
        "choices": [
            [row.code, row.count, row.others, [[vote.mandate.display_name, vote.with_proxy] for vote in row.votes]]
            for row in said.choices
        ],
    }


def _listed(reader: SittingReader) -> dict[str, Any]:
    """Of each act its number, its title and what became of it."""
    sheets = [reader.sheet(act) for act in reader.whole_acts]
    return {
        "sitting": _sitting(reader.sitting),
        "opening": reader.opening,
        "acts": [[_named(sheet.act), sheet.act.examined_at, sheet.vote and sheet.vote.verdict] for sheet in sheets],
        "reasons": _reasons(reader),
    }


def _reasons(reader: SittingReader) -> dict[str, str]:
    return {str(key): reason for key, reason in reader.reasons.items()}


def _minuted(reader: SittingReader) -> dict[str, Any]:
    sitting = reader.sitting
    approved = sitting.minutes_approved_in
    return {
        "sitting": _sitting(sitting),
        "opening": reader.opening,
        "hours": [sitting.opened_at, sitting.closed_at],
        "acts": [_act(reader, act) for act in reader.whole_acts],
        "movements": reader.movements,
        "debates": [sitting.minutes, {str(key): notes for key, notes in reader.notes.items()}],
        "reasons": _reasons(reader),
        "approved": [approved and approved.held_on, *_earlier(sitting)],
    }


def _earlier(sitting: Sitting) -> list[Any]:
    """Sittings whose minutes this one approved."""
    return list(sitting.approved_minutes.order_by("held_on", "pk").values_list("held_on", flat=True))
