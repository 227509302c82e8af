"""Saving the answers of an application or a diagnostic, one by one or many at once, as they are typed, late or not.

To diagnostics: `save_answers(owner=diagnostic, questionnaire=diagnostic.campaign.technical, typed={code: (raw, typed_at)}, by=user)`;
the fields of a page are in `schools.forms.answers` (`sections_of`, `typed_in`) with `templates/schools/_questions.html`, the saving while
typing in `static/js/draft.js`, the JSON door to copy in `schools/views/drafts.py`, what was answered in
`queries.values_of(owner, questionnaire)`. An answer taken back is stored as EMPTY: read through `values_of`, never `answers.all()`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError
from schools import queries
from schools.domain import answers as core
from schools.models import Application, ApplicationAnswer, Diagnostic, DiagnosticAnswer, Question, Questionnaire

KEPT, SUPERSEDED, REFUSED = "kept", "superseded", "refused"


EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def told_moment(at: datetime | None, now: datetime) -> datetime:
    """A moment as a device tells it; now where it tells none, or none that can be."""
    return at if at is not None and EARLIEST < at < now else now


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of one thing typed: kept; superseded by something typed elsewhere; refused, `message` says why.
    `shown` is the answer as it now stands, in words; `value` what stands where something typed is superseded."""

    code: str
    outcome: str
    message: str = ""
    shown: str = ""
    value: Any = None


Typed = Mapping[str, tuple[Any, datetime | None] | tuple[Any, datetime | None, list[Any]]]
"""By code: what was typed, when on the clock of the device (None: now), and what was seen in its place (not told: the times decide)."""


def was_seen(stands: Any, seen: Iterable[Any], read: Callable[[Any], Any]) -> bool:
    """Whether who typed had before them what stands; where nothing stands, nothing is overwritten."""
    if not core.is_given(stands):
        return True
    for raw in seen:
        try:
            if read(raw) == stands:
                return True
        except core.AnswerError:
            continue
    return False


def overwritten(question: core.Question, stands: Any) -> Saved:
    """What somebody wrote meanwhile stays; what was typed over something else is told, and not written."""
    shown = core.shown(question, stands)
    told = f"« {question.text} » : répondu entre-temps, dans un autre onglet ou par une autre personne, « {shown} »."
    return Saved(question.code, SUPERSEDED, told, shown, stands)


def save_answers(
    *,
    owner: Application | Diagnostic,
    typed: Typed,
    by: User | None,
    questionnaire: Questionnaire | None = None,
) -> dict[str, Saved]:
    """Of what does not say what it was typed over, the last typed stays, whatever comes in first; a time to come counts as now. One wrong
    answer refuses itself, not the others; a locked owner refuses all (DomainError)."""
    now = timezone.now()
    asked = (questionnaire,) if questionnaire else queries.questionnaires_of(owner)
    with transaction.atomic():
        held = type(owner)._base_manager.select_for_update().get(pk=owner.pk)
        locked = queries.lock_of(held, timezone.localdate(now), asked)
        if locked:
            raise DomainError(locked)
        rows: dict[str, Question] = {}
        for row in Question.objects.filter(questionnaire__in=asked).order_by("-questionnaire", "position"):
            rows[row.code] = row
        known = {each.question_id: each for each in owner.answers.select_for_update()}
        writes, results = [], {}
        for code, (raw, typed_at, *seen) in typed.items():
            at = told_moment(typed_at, now)
            answer, results[code] = _decide(owner, rows.get(code), known, code, raw, at, *seen)
            if answer is not None:
                writes.append(answer)
        _write(owner, writes, by)
    return results


Answered = ApplicationAnswer | DiagnosticAnswer


def _decide(
    owner: Any,
    row: Question | None,
    known: Mapping[int, Answered],
    code: str,
    raw: Any,
    typed_at: datetime,
    seen: list[Any] | None = None,
) -> tuple[Answered | None, Saved]:
    """The row to write, if any, and what to say."""
    if row is None:
        return None, Saved(code, REFUSED, f"« {code[:60]} » n'est pas une question de ce questionnaire.")
    question = queries.as_question(row)
    try:
        value = core.read_value(question, raw)
    except core.AnswerError as error:
        return None, Saved(code, REFUSED, error.message)
    stored, kept = known.get(row.pk), Saved(code, KEPT, shown=core.shown(question, value))
    if stored is None:
        return (_new(owner, row, value, typed_at) if core.is_given(value) else None), kept
    if type(stored.value) is type(value) and stored.value == value:
        return None, kept
    superseded = _superseded(question, stored, typed_at, seen)
    if superseded is not None:
        return None, superseded
    stored.value, stored.typed_at = value, typed_at if seen is None else max(typed_at, stored.typed_at)
    return stored, kept


def _superseded(question: core.Question, stored: Answered, typed_at: datetime, seen: list[Any] | None) -> Saved | None:
    if seen is not None:
        known = was_seen(stored.value, seen, lambda each: core.read_value(question, each))
        return None if known else overwritten(question, stored.value)
    if stored.typed_at <= typed_at:
        return None
    shown = core.shown(question, stored.value)
    stays = f"une réponse donnée plus tard est gardée, « {shown} »" if shown else "la réponse a été retirée depuis"
    return Saved(question.code, SUPERSEDED, f"« {question.text} » : {stays}.", shown, stored.value)


def _new(owner: Any, row: Question, value: core.Value, typed_at: datetime) -> Answered:
    if isinstance(owner, Application):
        return ApplicationAnswer(application=owner, question=row, value=value, typed_at=typed_at)
    return DiagnosticAnswer(diagnostic=owner, question=row, value=value, typed_at=typed_at)


def _write(owner: Any, answers: list[Answered], by: User | None) -> None:
    if not answers:
        return
    authority = owner.school.authority
    with audit.action("schools.answers_saved", "Réponses", by=by, authority=authority, target=owner):
        for answer in answers:
            audit.save(instance=answer, by=by, authority=authority)
