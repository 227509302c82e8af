"""What a sitting still owes once it is over: its list, its minutes (CGCT L2121-25, L2121-15), by the law of its day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from deliberations import permissions
from deliberations.domain.deadlines import Deadline, due_after
from deliberations.enums import CouncilDocumentKind, LegalCode, PublicationMode, Regime, SittingState
from deliberations.models import CouncilDocument, LegalSetting, Sitting
from plan_numerique.jobs.enums import ACTIVE
from plan_numerique.jobs.models import Job
from plan_numerique.shared.wording import counted

JOB_KINDS = ("deliberations.document", "deliberations.extracts", "deliberations.register")
FOLLOWED = (LegalCode.LIST_DAYS, LegalCode.MINUTES_DAYS)


@dataclass(frozen=True)
class Due:
    """One document of a sitting: what the law asks, what was done. `law` none: nothing was asked that day, or not there."""

    kind: CouncilDocumentKind
    deadline: Deadline
    law: LegalSetting | None
    latest: CouncilDocument | None
    published_on: date | None

    @property
    def article(self) -> str:
        return self.law.article if self.law is not None else ""


def followed_laws() -> list[LegalSetting]:
    return list(LegalSetting.objects.filter(code__in=FOLLOWED).order_by("valid_from", "pk"))


def law_on(laws: Iterable[LegalSetting], code: str, day: date) -> LegalSetting | None:
    """The one in force that day, the latest begun where several are."""
    found = [
        law
        for law in laws
        if law.code == code
        and (law.valid_from is None or law.valid_from <= day)
        and (law.valid_to is None or law.valid_to >= day)
    ]
    return max(found, key=lambda law: law.valid_from or date.min, default=None)


def is_reformed(laws: Iterable[LegalSetting], day: date) -> bool:
    """Whether the rules of publicity of the ordonnance of 7 October 2021 hold that day: those of the list came with them."""
    return law_on(laws, LegalCode.LIST_DAYS, day) is not None


def dues_of(sitting: Sitting) -> list[Due]:
    """The list and the minutes; four queries. A sitting recorded afterwards owes nothing more."""
    return _dues(sitting, followed_laws(), _published(sitting.documents.filter(act=None)))


def _published(rows: QuerySet[CouncilDocument]) -> list[CouncilDocument]:
    return list(
        rows.filter(kind__in=(CouncilDocumentKind.LIST, CouncilDocumentKind.MINUTES))
        .select_related("document", "publication")
        .defer("document__content")
        .order_by("number", "pk")
    )


def _dues(sitting: Sitting, laws: Sequence[LegalSetting], rows: Sequence[CouncilDocument]) -> list[Due]:
    met = sitting.held_on if sitting.state == SittingState.CLOSED and not sitting.past else None
    listed = law_on(laws, LegalCode.LIST_DAYS, sitting.held_on)
    approved = sitting.minutes_approved_in.held_on if met and sitting.minutes_approved_in else None
    elsewhere = sitting.assembly.regime == Regime.ALSACE_MOSELLE  # L2121-15 does not hold there (CGCT L2541-1)
    kept = None if elsewhere else law_on(laws, LegalCode.MINUTES_DAYS, approved or sitting.held_on)
    return [
        _due(sitting, CouncilDocumentKind.LIST, met, listed, rows),
        _due(sitting, CouncilDocumentKind.MINUTES, approved, kept, rows),
    ]


def _due(
    sitting: Sitting,
    kind: CouncilDocumentKind,
    start: date | None,
    law: LegalSetting | None,
    rows: Sequence[CouncilDocument],
) -> Due:
    """Online where the assembly publishes there; elsewhere the document made is what is posted. The minutes that count are
    those made once approved: what was made before is a draft."""
    made = [row for row in rows if row.kind == kind]
    posted = [
        localdate(row.publication.posted_at)
        for row in made
        if hasattr(row, "publication") and row.publication.withdrawn_at is None
    ]
    published = min(posted, default=None)
    done = published
    if done is None and sitting.assembly.publication != PublicationMode.ELECTRONIC:
        days = [localdate(row.created_at) for row in made]
        done = min((day for day in days if start is None or day >= start), default=None)
    due = due_after(start, law.value if law else None)
    return Due(kind, Deadline(due, done), law, made[-1] if made else None, published)


def unfinished(sittings: QuerySet[Sitting], today: date) -> list[tuple[Sitting, Due]]:
    """What is due and not done, the oldest first; four queries whatever the number of sittings."""
    rows = list(
        sittings.filter(state=SittingState.CLOSED, past=False)
        .select_related("assembly__authority", "minutes_approved_in")
        .filter(_open_kinds())
        .order_by("held_on", "pk")
    )
    laws = followed_laws() if rows else []
    documents = _published(CouncilDocument.objects.filter(sitting__in=rows, act=None)) if rows else []
    found = [
        (sitting, due)
        for sitting in rows
        for due in _dues(sitting, laws, [row for row in documents if row.sitting_id == sitting.pk])
        if due.deadline.due_on is not None and due.deadline.done_on is None
    ]
    return sorted(found, key=lambda pair: (pair[1].deadline.due_on or today, pair[0].pk))


def _open_kinds() -> Q:
    """Sittings whose two documents are not both online already."""

    def online(kind: CouncilDocumentKind) -> QuerySet[CouncilDocument]:
        return CouncilDocument.objects.filter(kind=kind, publication__withdrawn_at=None, publication__isnull=False)

    whole = Q(pk__in=online(CouncilDocumentKind.LIST).values("sitting")) & Q(
        pk__in=online(CouncilDocumentKind.MINUTES).values("sitting")
    )
    return ~whole


def waiting_documents(sittings: QuerySet[Sitting], today: date) -> list[tuple[str, int]]:
    """(what to do, key of the sitting) of each document due, the oldest first."""
    return [(_told(sitting, due, today), sitting.pk) for sitting, due in unfinished(sittings, today)]


def _told(sitting: Sitting, due: Due, today: date) -> str:
    late = due.deadline.late_by(today)
    by = f"en retard de {counted(late, 'jour')}" if late else f"avant le {due.deadline.due_on:%d/%m/%Y}"
    return f"{due.kind.label} du {sitting.held_on:%d/%m/%Y} à publier, {by}"


def finishing_sittings(user: Any) -> QuerySet[Sitting]:
    """Those whose documents the user makes."""
    return Sitting.objects.filter(assembly__authority__in=permissions.EDIT.authorities(user))


def jobs_key(sitting: int) -> str:
    """How the keys of the documents of a sitting begin."""
    return f"conseil-{sitting}-"


def document_jobs(sitting: Sitting) -> list[Job]:
    """Those that wait or run."""
    return list(
        Job.objects.select_related("document")
        .defer("document__content", "traceback")
        .filter(kind__in=JOB_KINDS, dedupe_key__startswith=jobs_key(sitting.pk), status__in=ACTIVE)
        .order_by("pk")
    )
