"""Answers to the convocations of a sitting: of each member the last one, whichever link or page it came by."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from deliberations import permissions
from deliberations.domain.answers import Expected, Promised, expected_of, holders_for
from deliberations.enums import Answer, LegalCode, ProxyState, SittingState
from deliberations.models import Annex, Convocation, Invitation, Mandate, Sitting
from deliberations.queries.convening import convening_rules
from deliberations.queries.rolls import active_mandates, sits_on
from deliberations.queries.visible import editable_authorities
from plan_numerique.documents.models import StoredDocument

REMINDED = "deliberations.reminder_sent"
LONGEST_TOKEN = 100
CLOSED = (SittingState.OPEN, SittingState.CLOSED)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def invitation_of(token: str) -> Invitation | None:
    """By its digest, through a unique index: a link bears 256 random bits, so there is nothing to guess and no need to count the
    attempts, and what is compared is a digest, so the time taken tells nothing of the link."""
    if len(token) > LONGEST_TOKEN:
        return None
    return of_sitting(Invitation.objects.filter(token_digest=digest_of(token))).first()


def of_sitting(rows: QuerySet[Invitation]) -> QuerySet[Invitation]:
    return rows.select_related("mandate", "holder", "convocation__sitting__assembly__authority")


def is_open(invitation: Invitation, now: datetime) -> bool:
    """Until the hour of the sitting, or its opening if it comes before; for who is still in office that day."""
    sitting = invitation.convocation.sitting
    waits = now < invitation.expires_at and sitting.opened_at is None and sitting.state not in CLOSED
    return waits and sits_on(invitation.mandate, sitting.held_on)


def own_invitations(user: Any) -> QuerySet[Invitation]:
    """Those of the mandates held by this account, where its role may answer; the last one of each sitting."""
    rows = of_sitting(Invitation.objects.filter(mandate__contact__user=user.pk)).filter(
        convocation__sitting__assembly__authority__in=permissions.ANSWER.authorities(user)
    )
    later = Convocation.objects.filter(invitations__mandate__contact__user=user.pk)
    latest: dict[int, int] = dict(later.order_by("number").values_list("sitting_id", "pk"))
    return rows.filter(convocation__in=latest.values())


def waiting_invitations(user: Any, today: date) -> QuerySet[Invitation]:
    """Own ones to answer still."""
    answered = Invitation.objects.filter(mandate__contact__user=user.pk).exclude(answer="")
    return (
        own_invitations(user)
        .filter(answer="", convocation__sitting__held_on__gte=today, expires_at__gt=timezone.now())
        .exclude(convocation__sitting__state__in=CLOSED)
        .exclude(mandate__ends_on__lt=F("convocation__sitting__held_on"))
        .exclude(convocation__sitting__in=answered.values("convocation__sitting"))
        .order_by("convocation__sitting__held_on", "pk")
    )


def answerable_invitations(user: Any) -> QuerySet[Invitation]:
    """For the clerk who enters what a member said by telephone or on paper."""
    return of_sitting(
        Invitation.objects.filter(convocation__sitting__assembly__authority__in=editable_authorities(user))
    )


@dataclass(frozen=True)
class MemberAnswer:
    """`last` is the latest convocation of the member, `given` the one last answered; `void`: the proxy fell with its holder."""

    mandate: Mandate
    last: Invitation | None
    given: Invitation | None
    void: bool = False

    @property
    def answer(self) -> str:
        return self.given.answer if self.given else ""

    @property
    def waits(self) -> bool:
        return self.last is not None and (not self.answer or self.void)


@dataclass(frozen=True)
class Answers:
    rows: Sequence[MemberAnswer]
    expected: Expected
    proxies: dict[int, int]

    def of(self, mandate_id: int) -> MemberAnswer | None:
        return next((row for row in self.rows if row.mandate.pk == mandate_id), None)


def proxies_of(sitting: Sitting) -> dict[int, int]:
    """Giver to holder, of the proxies that stand."""
    return dict(sitting.proxies.filter(state=ProxyState.GIVEN).values_list("giver_id", "holder_id"))


def answers_to(sitting: Sitting) -> Answers:
    """Three queries, whatever the number of members."""
    members = active_mandates(sitting)
    here = {member.pk for member in members}
    proxies = {giver: holder for giver, holder in proxies_of(sitting).items() if {giver, holder} <= here}
    last: dict[int, Invitation] = {}
    given: dict[int, Invitation] = {}
    for row in of_sitting(Invitation.objects.filter(convocation__sitting=sitting)).order_by("convocation__number"):
        last[row.mandate_id] = row
        held = given.get(row.mandate_id)
        if row.answer and (held is None or _when(row) > _when(held)):
            given[row.mandate_id] = row
    rows = [
        MemberAnswer(
            member,
            last.get(member.pk),
            given.get(member.pk),
            void=member.pk in given and given[member.pk].answer == Answer.PROXY and member.pk not in proxies,
        )
        for member in members
    ]
    promised = Promised(
        members=tuple(member.pk for member in members if member.alternate_for_id is None),
        answers={row.mandate.pk: row.answer for row in rows},
        proxies=proxies,
        alternates={m.pk: m.alternate_for_id for m in members if m.alternate_for_id is not None},
    )
    return Answers(rows, expected_of(promised), proxies)


def _when(row: Invitation) -> datetime:
    return row.answered_at or datetime.min.replace(tzinfo=timezone.get_current_timezone())


def possible_holders(sitting: Sitting, giver: Mandate, answers: Answers | None = None) -> list[Mandate]:
    """Colleagues who may still hold the giver's proxy (CGCT L2121-20); alternates neither give nor hold."""
    if giver.alternate_for_id is not None:
        return []
    told = answers or answers_to(sitting)
    rule = convening_rules(sitting.held_on).get(LegalCode.PROXIES_PER_HOLDER)
    titulars = {row.mandate.pk: row.mandate for row in told.rows if row.mandate.alternate_for_id is None}
    away = {row.mandate.pk for row in told.rows if row.answer in (Answer.ABSENT, Answer.PROXY)}
    per_holder = rule.value if rule is not None else 0
    return [titulars[key] for key in holders_for(giver.pk, titulars, told.proxies, away, per_holder)]


def called_documents(sitting: Sitting) -> tuple[list[Convocation], list[Annex]]:
    """What goes with the agenda: the convocations, and the annexes of the acts they name."""
    convocations = list(
        Convocation.objects.filter(sitting=sitting)
        .select_related("document")
        .defer("document__content")
        .order_by("number")
    )
    acts = [item["act"] for convocation in convocations for item in convocation.agenda]
    annexes = (
        Annex.objects.filter(act__in=acts, act__sitting=sitting)
        .select_related("document", "act")
        .defer("document__content")
        .order_by("act__passage", "act_id", "position")
    )
    return convocations, list(annexes)


def called_document(sitting: Sitting, key: int) -> StoredDocument | None:
    convocations, annexes = called_documents(sitting)
    held = [row.document for row in convocations if row.document] + [annex.document for annex in annexes]
    return next((document for document in held if document.pk == key), None)


def told_today(mandates: Sequence[int], now: datetime) -> set[int]:
    """Members who had a convocation or a reminder this day, in Paris: nobody is written to twice (product: one mail a day)."""
    start = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Invitation.objects.filter(mandate__in=mandates)
    sent = rows.filter(sent_at__gte=start).values_list("mandate_id", flat=True)
    records = Invitation.history.filter(
        Q(audit_event__verb=REMINDED), mandate__in=mandates, history_date__gte=start
    ).values_list("mandate_id", flat=True)
    return {*sent, *records}


def to_remind(sitting: Sitting, now: datetime) -> list[Invitation]:
    """Those without an answer that holds, who have a mail address and were not written to today."""
    waiting = [row.last for row in answers_to(sitting).rows if row.waits and row.last is not None]
    reached = [row for row in waiting if row.email and row.sent_at is not None and is_open(row, now)]
    told = told_today([row.mandate_id for row in reached], now)
    return [row for row in reached if row.mandate_id not in told]
