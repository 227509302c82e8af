"""Saving the answers of an application or a diagnostic, one by one or many at once, as they are typed, late or not.

To diagnostics: `save_answers(owner=diagnostic, questionnaire=diagnostic.campaign.technical, typed={code: (raw, typed_at)}, by=user)`;
the fields of a page are in `schools.forms.answers` (`sections_of`, `typed_in`) with `templates/schools/_questions.html`, the saving while
typing in `static/js/draft.js`, the JSON door to copy in `schools/views/drafts.py`, what was answered in
`queries.values_of(owner, questionnaire)`. An answer taken back is stored as EMPTY: read through `values_of`, never `answers.all()`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of one thing typed: kept; superseded by something typed later; refused, `message` says why.
    `shown` is the answer as it now stands, in words."""

    code: str
    outcome: str
    message: str = ""
    shown: str = ""


def save_answers(
    *,
    owner: Application | Diagnostic,
    typed: Mapping[str, tuple[Any, datetime | None]],
    by: User | None,
    questionnaire: Questionnaire | None = None,
) -> dict[str, Saved]:
    """`typed`: code of question to (what was typed, when on the clock of the device; None: now). The last typed stays, whatever comes in
    first; a time to come counts as now. One wrong answer refuses itself, not the others; a locked owner refuses all (DomainError)."""
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
        for code, (raw, typed_at) in typed.items():
            answer, results[code] = _decide(owner, rows.get(code), known, code, raw, min(typed_at or now, now))
            if answer is not None:
                writes.append(answer)
        _write(owner, writes, by)
    return results


Answered = ApplicationAnswer | DiagnosticAnswer


def _decide(
    owner: Any, row: Question | None, known: Mapping[int, Answered], code: str, raw: Any, typed_at: datetime
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
    if stored.typed_at > typed_at:
        shown = core.shown(question, stored.value)
        stays = f"une réponse donnée plus tard est gardée, « {shown} »" if shown else "la réponse a été retirée depuis"
        return None, Saved(code, SUPERSEDED, f"« {question.text} » : {stays}.", shown)
    stored.value, stored.typed_at = value, typed_at
    return stored, kept


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
