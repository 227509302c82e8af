"""The fields of a questionnaire on a page, what a form or the saving while typing sends back. Shared by applications and diagnostics."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from plan_numerique.shared.errors import DomainError
from schools.domain import answers as core

PREFIX = "q-"
MOST_TYPED, MOST_SEEN = 200, 8
SHOWN_AT = "shown_at"
"""Hidden input of a form sent without script: what it holds was typed after this time, not after what others saved since."""

Typed = dict[str, tuple[Any, datetime] | tuple[Any, datetime, list[Any]]]


@dataclass(frozen=True, slots=True)
class QuestionField:
    """`raw` is what to show in the control: the value, or what was typed and refused."""

    question: core.Question
    raw: Any = ""
    error: str = ""
    wanted: bool = False
    prefix: str = PREFIX

    @property
    def name(self) -> str:
        return f"{self.prefix}{self.question.code}"

    @property
    def grouped(self) -> bool:
        return self.question.kind in {"yes_no", "choice", "choices"}

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """(code, label, ticked)"""
        if self.question.kind == "yes_no":
            held = {True: "oui", False: "non"}.get(self.raw, self.raw) if isinstance(self.raw, bool) else self.raw
            return [(code, code.capitalize(), held == code) for code in ("oui", "non")]
        held = self.raw if isinstance(self.raw, list) else [self.raw]
        return [(each.code, each.label, each.code in held) for each in self.question.options]

    @property
    def shown(self) -> str:
        return core.shown(self.question, self.raw)


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    fields: list[QuestionField] = field(default_factory=list)

    @property
    def progress(self) -> tuple[int, int]:
        values = {each.question.code: each.raw for each in self.fields}
        return core.progress((each.question for each in self.fields), values)


def sections_of(
    questions: Iterable[core.Question],
    values: Mapping[str, Any],
    errors: Mapping[str, str] | None = None,
    wanted: Iterable[str] = (),
    title: str = "Questions",
    prefix: str = PREFIX,
) -> list[Section]:
    """Consecutive questions of one section together; `wanted`: codes of the required ones to point at; `title` where there is none."""
    wanted, errors = set(wanted), errors or {}
    return [
        Section(
            name or title,
            [
                QuestionField(each, values.get(each.code, ""), errors.get(each.code, ""), each.code in wanted, prefix)
                for each in rows
            ],
        )
        for name, rows in groupby(questions, key=lambda each: each.section)
    ]


def typed_in(data: QueryDict, questions: Iterable[core.Question], prefix: str = PREFIX) -> Typed:
    """What a form without script holds for these questions, typed when the form was shown. A question absent from it is left alone,
    but for boxes, whose absence means none is ticked."""
    shown_at, held = _moment(data.get(SHOWN_AT)), {}
    for each in questions:
        name = f"{prefix}{each.code}"
        if each.kind == "choices" and f"{name}-shown" in data:
            held[each.code] = (data.getlist(name), shown_at)
        elif name in data:
            held[each.code] = (data.get(name), shown_at)
    return held


def typed_while_offline(body: bytes) -> Typed:
    """The JSON of `static/js/draft.js`, by name of control: {"clock": now on the device, "typed": {name: {"value", "typed_at", "over"}}};
    `over` (optional): what the page had in its place. A clock that is wrong is corrected by what it says now."""
    refused = "La saisie reçue n'est pas lisible : recharger la page, ce qui a été tapé y revient."
    try:
        read = json.loads(body)
        rows = read["typed"]
        sent = [
            (str(n), row["value"], parse_datetime(str(row["typed_at"])), row.get("over")) for n, row in rows.items()
        ]
        clock = parse_datetime(str(read.get("clock", "")))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise DomainError(refused) from None
    if len(sent) > MOST_TYPED:
        raise DomainError(f"{len(sent)} réponses à la fois : {MOST_TYPED} au plus.")
    now = timezone.now()
    late = now - _aware(clock) if clock else timedelta()
    typed: Typed = {}
    for name, value, at, over in sent:
        moment = _shifted(_aware(at) if at else now, late, now)
        typed[name] = (value, moment, over[:MOST_SEEN]) if isinstance(over, list) else (value, moment)
    return typed


def of_questions(typed: Typed, prefix: str = PREFIX) -> Typed:
    """By code of question."""
    return {name.removeprefix(prefix): each for name, each in typed.items() if name.startswith(prefix)}


def _shifted(at: datetime, late: timedelta, now: datetime) -> datetime:
    try:
        return min(at + late, now)
    except OverflowError:
        return now


def _aware(at: datetime) -> datetime:
    return timezone.make_aware(at) if timezone.is_naive(at) else at


def as_control(value: Any) -> Any:
    """A stored value as a form control holds it."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return value if isinstance(value, list) else "" if value is None else str(value)


def _moment(text: Any) -> datetime:
    now = timezone.now()
    try:
        at = parse_datetime(str(text or ""))
    except ValueError:
        return now
    return min(_aware(at), now) if at else now


def shown_moment(text: Any, clock: Any = "") -> datetime:
    """A moment told by a device, corrected by what its clock says now; now where it is none, or to come."""
    now, at = timezone.now(), _moment(text)
    told = _moment(clock) if clock else now
    return _shifted(at, now - told, now)
