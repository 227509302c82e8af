"""Who sits: the call, arrivals, departures, returns, withdrawals, proxies."""

from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from deliberations.domain.moves import refuse_arrival, refuse_departure, refuse_proxy, refuse_withdrawal
from deliberations.enums import AttendanceEvent, PresenceState, ProxyState
from deliberations.models import Act, AttendanceChange, Presence, Proxy
from deliberations.queries import legal_rules
from deliberations.queries.conduct import is_examined
from deliberations.services.entries_taking import Taking
from deliberations.services.rows import OF_PRESENCE, delete_row, save_row
from plan_numerique.shared.errors import DomainError

CAME = "Le mandant est venu siéger."
ROWS_AT_ONCE = 200


def take_presence(taking: Taking) -> None:
    if any(is_examined(act) for act in taking.floor.acts):
        raise DomainError(
            "L'appel est fait une fois, avant la première affaire : dire une arrivée, un départ ou un retour.",
            field="states",
        )
    states = taking.payload.get("states")
    if not isinstance(states, dict) or not states:
        raise DomainError("« states » : un objet {membre: présence} est attendu.", field="states")
    wanted = {taking.member_of("states", member).pk: _state(state) for member, state in states.items()}
    call(taking, wanted)


def _state(value: object) -> str:
    if not isinstance(value, str) or value not in PresenceState.values:
        told = ", ".join(PresenceState.values)
        raise DomainError(f"Présence « {str(value)[:60]} » inconnue ; valeurs : {told}.", field="states")
    return value


def call(taking: Taking, wanted: dict[int, str]) -> None:
    """Writes how each member stands when called; a proxy given by one who is there ends."""
    held = {row.mandate_id: row for row in taking.sitting.presences.all()}
    ranks = {member: rank for rank, member in enumerate(taking.floor.members, 1)}
    new, changed = [], []
    for member, state in wanted.items():
        row = held.get(member)
        if row is None:
            mandate = taking.floor.members[member]
            new.append(Presence(sitting=taking.sitting, mandate=mandate, state=state, position=ranks[member]))
        elif row.state != state:
            row.state = state
            changed.append(row)
    bulk_create_with_history(new, Presence, batch_size=ROWS_AT_ONCE, default_user=taking.by)
    bulk_update_with_history(changed, Presence, ["state"], batch_size=ROWS_AT_ONCE, default_user=taking.by)
    for proxy in taking.floor.proxies:
        if proxy.state == ProxyState.GIVEN and wanted.get(proxy.giver_id) == PresenceState.PRESENT:
            _end(taking, proxy, CAME, None)


def take_arrival(taking: Taking) -> None:
    """« Retour » for whoever sat earlier in the sitting, « arrivée » for the others, whichever was entered."""
    member, since = taking.member(), taking.from_item()
    refuse(refuse_arrival(taking.attendance(since), member.pk, taking.floor.names), "member")
    row = _moved(taking, _arrival_of(taking, member.pk), since)
    for proxy in taking.floor.proxies:
        if proxy.state == ProxyState.GIVEN and proxy.giver_id == member.pk:
            _end(taking, proxy, CAME, since)
    taking.check_proclaimed(since)
    taking.said["change"] = row.pk


def _arrival_of(taking: Taking, member: int) -> AttendanceEvent:
    left = any(
        change.mandate_id == member and change.event == AttendanceEvent.DEPARTURE for change in taking.floor.changes
    )
    return AttendanceEvent.RETURN if left else AttendanceEvent.ARRIVAL


def take_departure(taking: Taking) -> None:
    member, since = taking.member(), taking.from_item()
    refuse(refuse_departure(taking.attendance(since), member.pk, taking.floor.names), "member")
    row = _moved(taking, AttendanceEvent.DEPARTURE, since)
    taking.check_proclaimed(since)
    taking.said["change"] = row.pk


def _moved(taking: Taking, event: AttendanceEvent, act: Act | None) -> AttendanceChange:
    row = AttendanceChange(sitting=taking.sitting, mandate=taking.member(), event=event, act=act, at=taking.hour())
    saved: AttendanceChange = save_row(OF_PRESENCE, instance=row, by=taking.by)
    return saved


def take_move_undone(taking: Taking) -> None:
    key = taking.key("change", taking.payload.get("change"))
    change = next((row for row in taking.floor.changes if row.pk == key), None)
    if change is None:
        raise DomainError(f"Le mouvement n° {key} n'est pas de la séance, ou il est déjà annulé.", field="change")
    _undo(taking, change)


def _undo(taking: Taking, change: AttendanceChange) -> None:
    since = taking.floor.by_key.get(change.act_id) if change.act_id else None
    if change.event in (AttendanceEvent.ARRIVAL, AttendanceEvent.RETURN):
        _give_back(taking, change)
    taking.said |= {"member": change.mandate_id, "event": change.event, "act": change.act_id}
    delete_row(OF_PRESENCE, instance=change, by=taking.by)
    taking.check_proclaimed(since)


def _give_back(taking: Taking, change: AttendanceChange) -> None:
    """The proxy that the arrival ended, unless another was given since."""
    if change.mandate_id in taking.floor.given:
        return
    for proxy in taking.floor.proxies:
        ended = proxy.state == ProxyState.REVOKED and proxy.reason == CAME and proxy.until_act_id == change.act_id
        if ended and proxy.giver_id == change.mandate_id:
            proxy.state, proxy.reason, proxy.until_act = ProxyState.GIVEN, "", None
            save_row(OF_PRESENCE, instance=proxy, by=taking.by)
            return


def take_withdrawal(taking: Taking) -> None:
    member, act = taking.member(), taking.item()
    refuse(refuse_withdrawal(taking.attendance(act), member.pk, taking.floor.names), "member")
    _moved(taking, AttendanceEvent.WITHDRAWAL, act)
    taking.check_proclaimed(act)


def take_withdrawal_undone(taking: Taking) -> None:
    member, act = taking.member(), taking.item()
    for change in taking.floor.changes:
        if (change.event, change.mandate_id, change.act_id) == (AttendanceEvent.WITHDRAWAL, member.pk, act.pk):
            return _undo(taking, change)
    raise DomainError(f"Aucun retrait de {member} n'est noté pour l'affaire « {act} ».", field="member")


def take_proxy(taking: Taking) -> None:
    giver, holder, since = taking.member("giver"), taking.member("holder"), taking.from_item()
    most = legal_rules(taking.sitting.held_on).proxies_per_holder
    told = refuse_proxy(
        taking.attendance(since), giver.pk, holder.pk, taking.floor.names, given=taking.floor.given, most=most
    )
    refuse(told, "holder")
    row = Proxy(sitting=taking.sitting, giver=giver, holder=holder, from_act=since, received_on=taking.sitting.held_on)
    save_row(OF_PRESENCE, instance=row, by=taking.by)
    taking.check_proclaimed(since)


def take_proxy_revoked(taking: Taking) -> None:
    giver, since = taking.member("giver"), taking.from_item()
    reason = taking.text("reason")
    for proxy in taking.floor.proxies:
        if proxy.giver_id == giver.pk and proxy.state == ProxyState.GIVEN:
            _end(taking, proxy, reason, since)
            return taking.check_proclaimed(since)
    raise DomainError(f"{giver} n'a pas donné pouvoir pour cette séance (CGCT, article L2121-20).", field="giver")


def _end(taking: Taking, proxy: Proxy, reason: str, since: Act | None) -> None:
    proxy.state, proxy.reason, proxy.until_act = ProxyState.REVOKED, reason, since
    save_row(OF_PRESENCE, instance=proxy, by=taking.by)


def take_proxy_refused(taking: Taking) -> None:
    """A proxy brought to the sitting and refused: kept with the reason, it never counts."""
    giver, holder, since = taking.member("giver"), taking.member("holder"), taking.from_item()
    reason = taking.text("reason", required=True)
    if giver.pk == holder.pk:
        refuse(f"{giver} ne se donne pas pouvoir à lui-même (CGCT, article L2121-20).", "holder")
    row = Proxy(
        sitting=taking.sitting, giver=giver, holder=holder, state=ProxyState.REFUSED, reason=reason, from_act=since
    )
    save_row(OF_PRESENCE, instance=row, by=taking.by)


def refuse(sentence: str, field: str) -> None:
    if sentence:
        raise DomainError(sentence, field=field)
