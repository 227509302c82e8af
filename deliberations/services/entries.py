"""The one way to write what happens in session. Entries of several clerks are taken one after the other, each once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import timezone

from deliberations.domain.entry import read_payload
from deliberations.enums import EntryKind, SittingState
from deliberations.models import Sitting, SittingEntry
from deliberations.queries.conduct import floor_of, sequence_of
from deliberations.queries.convening import PARIS
from deliberations.services import entries_items as items
from deliberations.services import entries_presence as presence
from deliberations.services import entries_result as result
from deliberations.services import entries_votes as votes
from deliberations.services.entries_taking import LONG, Taking, shown
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError


@dataclass(frozen=True)
class Entered:
    entry: SittingEntry
    repeated: bool = False


@dataclass(frozen=True)
class Way:
    """How a kind is taken, and the keys that its payload may have."""

    take: Callable[[Taking], None]
    keys: tuple[str, ...] = ()


def enter(
    *,
    sitting: Sitting,
    key: UUID,
    kind: EntryKind | str,
    payload: Mapping[str, Any],
    by: User | None,
    at: datetime | None = None,
) -> Entered:
    """The same `key` again changes nothing and gives the first entry. `at`: when it was typed, now at the latest."""
    chosen = _kind(kind)
    read_payload(payload)
    authority = sitting.assembly.authority
    label = f"Séance : {chosen.label.lower()}"
    with audit.action("deliberations.entered", label, by=by, authority=authority, target=sitting):
        held = Sitting.objects.select_for_update(of=("self",)).select_related("assembly__authority").get(pk=sitting.pk)
        first = SittingEntry.objects.filter(sitting=held, key=key).select_related("by").first()
        if first is not None:
            return Entered(first, repeated=True)
        held.sequence = sequence_of(
            held
        )  # of the entries themselves: the sitting's own is a copy, which an edit may set back
        entry = _take(held, chosen, payload, by, _moment(held, at))
        entry.key = key
        entry.save(force_insert=True)
        Sitting.objects.filter(pk=held.pk).update(sequence=entry.sequence)
    sitting.sequence = entry.sequence
    return Entered(entry)


def _moment(sitting: Sitting, at: datetime | None) -> datetime:
    """When it was typed; now where it could not be then: in the future, or before the entry that it follows."""
    now = timezone.now()
    if at is None or at > now:
        return now
    last = sitting.entries.order_by("-sequence").values_list("at", flat=True).first()
    earliest = last or datetime.combine(sitting.held_on, time.min, PARIS)
    return at if at >= earliest else now


def _kind(kind: str) -> EntryKind:
    try:
        return EntryKind(kind)
    except ValueError:
        told = ", ".join(EntryKind.values)
        raise DomainError(f"Nature de saisie « {shown(kind)} » inconnue ; valeurs : {told}.", field="kind") from None


def _take(sitting: Sitting, kind: EntryKind, payload: Mapping[str, Any], by: User | None, at: datetime) -> SittingEntry:
    way = WAYS[kind]
    for name in payload:
        if name not in way.keys:
            told = ", ".join(way.keys) or "aucune"
            raise DomainError(f"Clé inconnue « {shown(name)} » pour « {kind.label} » ; clés : {told}.", field="payload")
    _require_open(sitting, kind)
    taking = Taking(floor_of(sitting), payload, at, by)
    try:
        way.take(taking)
    except ValidationError as error:
        raise _told(error) from None
    return SittingEntry(
        sitting=sitting, sequence=sitting.sequence + 1, kind=kind, payload={**payload, **taking.said}, at=at, by=by
    )


def _require_open(sitting: Sitting, kind: EntryKind) -> None:
    if sitting.past:
        raise DomainError("Une séance reprise du registre ne se conduit pas : elle se consigne comme elle fut.")
    if sitting.state == SittingState.OPEN:
        return
    if sitting.state == SittingState.CLOSED:
        if sitting.minutes_approved_in_id is not None:
            raise DomainError(
                "Le procès-verbal de la séance est arrêté : rien ne s'y saisit plus. Une rectification est portée au procès-verbal "
                "d'une autre séance."
            )
        if kind not in (EntryKind.NOTE, EntryKind.OPENED):
            raise DomainError("La séance est levée : seule une note au procès-verbal se saisit encore.")
        return
    if kind != EntryKind.OPENED:
        raise DomainError("La séance n'est pas ouverte : l'ouvrir d'abord.")


def _told(error: ValidationError) -> DomainError:
    field = next(iter(error.error_dict), "") if hasattr(error, "error_dict") else ""
    return DomainError(" ".join(error.messages), field="" if field == "__all__" else field)


def take_note(taking: Taking) -> None:
    act = taking.act_named()
    taking.said |= {"text": taking.text("text", most=LONG, required=True), "act": act.pk if act else None}


WAYS: dict[EntryKind, Way] = {
    EntryKind.OPENED: Way(items.take_opened, ("reason",)),
    EntryKind.CLOSED: Way(items.take_closed),
    EntryKind.PRESENCE: Way(presence.take_presence, ("states",)),
    EntryKind.ARRIVAL: Way(presence.take_arrival, ("member", "at", "act")),
    EntryKind.DEPARTURE: Way(presence.take_departure, ("member", "at", "act")),
    EntryKind.RETURN: Way(presence.take_arrival, ("member", "at", "act")),
    EntryKind.MOVE_UNDONE: Way(presence.take_move_undone, ("change",)),
    EntryKind.WITHDRAWAL: Way(presence.take_withdrawal, ("member", "at", "act")),
    EntryKind.WITHDRAWAL_UNDONE: Way(presence.take_withdrawal_undone, ("member", "act")),
    EntryKind.PROXY: Way(presence.take_proxy, ("giver", "holder", "act")),
    EntryKind.PROXY_REVOKED: Way(presence.take_proxy_revoked, ("giver", "reason", "act")),
    EntryKind.PROXY_REFUSED: Way(presence.take_proxy_refused, ("giver", "holder", "reason", "act")),
    EntryKind.ITEM_OPENED: Way(items.take_item_opened, ("act",)),
    EntryKind.ITEM_MOVED: Way(items.take_item_moved, ("act", "before")),
    EntryKind.ITEM_WITHDRAWN: Way(items.take_item_withdrawn, ("act", "reason")),
    EntryKind.ITEM_ADJOURNED: Way(items.take_item_adjourned, ("act", "reason")),
    EntryKind.ITEM_RESTORED: Way(items.take_item_restored, ("act",)),
    EntryKind.ITEM_ADDED: Way(items.take_item_added, ("title", "kind")),
    EntryKind.BALLOT: Way(votes.take_ballot, ("act", "mode", "method", "requested_by", "others")),
    EntryKind.VOTE: Way(votes.take_vote, ("act", "member", "choice", "proxy")),
    EntryKind.VOTES: Way(votes.take_votes, ("act", "members", "group", "all", "choice")),
    EntryKind.TALLY: Way(votes.take_tally, ("act", "for", "against", "abstain", "not_voting", "blank")),
    EntryKind.RESULT: Way(result.take_result, ("act", "stated_result", "chair_vote", "expected")),
    EntryKind.RESULT_REOPENED: Way(result.take_result_reopened, ("act", "reason")),
    EntryKind.NOTE: Way(take_note, ("act", "text")),
}
