"""The sitting itself and its items: opening, closing, order of passage, withdrawals from the agenda, items added."""

from collections.abc import Callable, Sequence

from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.utils import bulk_update_with_history

from deliberations.domain.passage import moved, opened, restored
from deliberations.enums import ActKind, ActState, Answer, PresenceState, Regime, SittingState
from deliberations.models import Act, AttendanceChange, Proxy, Publication, Sitting
from deliberations.queries import legal_rules
from deliberations.queries.answering import Answers, answers_to
from deliberations.queries.conduct import (
    SET_ASIDE,
    ballot_of,
    is_examined,
    is_proclaimed,
    is_waiting,
)
from deliberations.queries.convening import not_told
from deliberations.services.entries_presence import call
from deliberations.services.entries_taking import Taking, anchors_moved, require_pending
from deliberations.services.entries_votes import erase_votes
from deliberations.services.rows import OF_ACT, OF_CLAUSE, OF_SITTING, delete_row, save_row
from deliberations.services.settled import settle_text
from plan_numerique.shared.errors import DomainError

ROWS_AT_ONCE = 200


def take_opened(taking: Taking) -> None:
    sitting = taking.sitting
    if sitting.state == SittingState.CLOSED:
        _reopen(taking)
        return
    if sitting.state == SittingState.OPEN:
        raise DomainError("La séance est déjà ouverte.")
    if not taking.floor.roll.members:
        raise DomainError("L'assemblée n'a aucun membre en exercice ce jour-là : compléter le tableau du conseil.")
    _require_due(sitting)
    if remark := _remark(sitting):
        taking.said["remark"] = remark
    sitting.state, sitting.opened_at = SittingState.OPEN, taking.at
    save_row(OF_SITTING, instance=sitting, by=taking.by)
    _write_order(taking, [act.pk for act in taking.floor.acts])
    _expect(taking)


def _require_due(sitting: Sitting) -> None:
    today = timezone.localdate()
    if sitting.held_on > today:
        raise DomainError(f"La séance est celle du {sitting.held_on:%d/%m/%Y} : elle ne s'ouvre pas avant ce jour.")
    if told := not_told(sitting):
        raise DomainError(told)


def _remark(sitting: Sitting) -> str:
    """What the entry keeps of an opening that the product cannot vouch for: a small town may have convened, and met, on paper."""
    today, told = timezone.localdate(), []
    if sitting.convened_on is None and not sitting.convocations.exists():
        article = "" if sitting.assembly.regime == Regime.ALSACE_MOSELLE else " (CGCT, article L2121-10)"
        told.append(f"Aucune convocation n'est consignée pour cette séance{article}.")
    if sitting.held_on != today:
        told.append(f"Séance du {sitting.held_on:%d/%m/%Y} saisie le {today:%d/%m/%Y}.")
    return " ".join(told)


def _reopen(taking: Taking) -> None:
    """Closed by mistake."""
    reason = taking.text("reason")
    if not reason:
        raise DomainError("La séance est levée : dire pour quel motif elle est rouverte.", field="reason")
    filed = Q(transmitted_on=None, received_on=None, posted_on=None, published_on=None)
    online = Publication.objects.filter(document__sitting=taking.sitting, withdrawn_at=None)
    if online.exists() or Act.objects.filter(sitting=taking.sitting).exclude(filed).exists():
        raise DomainError("Un acte de la séance est déjà transmis ou publié : elle ne se rouvre plus.")
    taking.sitting.state, taking.sitting.closed_at = SittingState.OPEN, None
    save_row(OF_SITTING, instance=taking.sitting, by=taking.by, reason=reason)


def _expect(taking: Taking) -> None:
    """The first call is what the members answered, for those whose presence is not yet written; whoever did not answer is absent
    until called. A proxy is one that is given, never one announced that fell or was revoked."""
    answers = answers_to(taking.sitting)
    if not any(row.answer for row in answers.rows):
        return
    proxies = _useful(taking, answers)
    called = set(taking.sitting.presences.values_list("mandate_id", flat=True))
    expected = {
        row.mandate.pk: _expected(row.answer, row.mandate.pk in proxies)
        for row in answers.rows
        if row.mandate.pk not in called
    }
    call(taking, expected)


def _expected(answer: str, represented: bool) -> str:
    if represented:
        return PresenceState.REPRESENTED
    if not answer:
        return PresenceState.ABSENT
    return PresenceState.PRESENT if answer == Answer.PRESENT else PresenceState.EXCUSED


def _useful(taking: Taking, answers: Answers) -> dict[int, int]:
    """Proxies given that the law allows if everyone comes as answered: giver to holder."""
    most = legal_rules(taking.sitting.held_on).proxies_per_holder
    coming = {row.mandate.pk for row in answers.rows if row.answer == Answer.PRESENT}
    kept: dict[int, int] = {}
    for giver, holder in taking.floor.given.items():
        if holder in coming and giver not in coming and list(kept.values()).count(holder) < most:
            kept[giver] = holder
    return kept


def take_closed(taking: Taking) -> None:
    open_items = [act for act in taking.floor.acts if is_examined(act) and act.state == ActState.DRAFT]
    told = [act for act in open_items if act.kind == ActKind.INFORMATION and ballot_of(act) is None]
    left = [act for act in open_items if act not in told and not is_proclaimed(act)]
    if left:
        raise DomainError(
            f"L'affaire « {left[0]} » est examinée et son résultat n'est pas proclamé : le proclamer, la retirer ou l'ajourner "
            "avant de lever la séance."
        )
    for act in told:
        act.state = ActState.NOTED
        save_act(taking, act)
        settle_text(act=act, by=taking.by)
    sitting = taking.sitting
    sitting.state, sitting.closed_at = SittingState.CLOSED, taking.at
    save_row(OF_SITTING, instance=sitting, by=taking.by)


def take_item_opened(taking: Taking) -> None:
    act = _named(taking)
    if act.state in SET_ASIDE:
        require_pending(act)
    if not is_proclaimed(act):
        _reorder(taking, act, lambda: opened(taking.floor.order, act.pk), examined=True)


def take_item_moved(taking: Taking) -> None:
    act, before = _named(taking), taking.act_named("before")
    for each in (act, *([before] if before else [])):
        if not is_waiting(each):
            raise DomainError(
                f"L'affaire « {each} » n'est plus à venir : seules celles qui restent à examiner changent d'ordre.",
                field="act" if each is act else "before",
            )
    if before is not None and before.pk == act.pk:
        raise DomainError("Une affaire ne passe pas avant elle-même.", field="before")
    _reorder(taking, act, lambda: moved(taking.floor.order, act.pk, before.pk if before else None))


def take_item_withdrawn(taking: Taking) -> None:
    _set_aside(taking, ActState.WITHDRAWN)


def take_item_adjourned(taking: Taking) -> None:
    _set_aside(taking, ActState.ADJOURNED)


def _set_aside(taking: Taking, state: ActState) -> None:
    act, reason = _named(taking), taking.text("reason")
    require_pending(act)
    ballot = ballot_of(act)
    if ballot is not None:
        erase_votes(ballot, by=taking.by)
        delete_row(OF_CLAUSE, instance=ballot, by=taking.by)
    _reorder(taking, act, lambda: tuple(each.pk for each in taking.floor.acts), state=state, reason=reason)


def take_item_restored(taking: Taking) -> None:
    act = _named(taking)
    if act.state not in SET_ASIDE:
        raise DomainError(f"L'affaire « {act} » n'est ni retirée ni ajournée.", field="act")
    before = taking.floor.order
    act.examined_at = None
    _reorder(taking, act, lambda: restored(before, act.pk), state=ActState.DRAFT, before=before)


def take_item_added(taking: Taking) -> None:
    kind = taking.choice("kind", ActKind, default=ActKind.DELIBERATION)
    last = max((act.passage or 0 for act in taking.floor.acts), default=0)
    act = Act(
        sitting=taking.sitting,
        title=taking.text("title", required=True),
        kind=kind,
        passage=last + 1,
        added_in_sitting=True,
    )
    save_row(OF_ACT, instance=act, by=taking.by)
    taking.said["act"] = act.pk


def _named(taking: Taking) -> Act:
    act = taking.act_named()
    if act is None:
        raise DomainError("Dire quelle affaire : « act » est attendu.", field="act")
    taking.said["act"] = act.pk
    return act


def _reorder(
    taking: Taking,
    act: Act,
    order: Callable[[], Sequence[int]],
    *,
    examined: bool = False,
    state: ActState | None = None,
    reason: str = "",
    before: list | None = None,
) -> None:
    """Writes the order, what became of the item, and what its moves and proxies hold from now."""
    floor = taking.floor
    old, wanted = before or floor.order, order()
    if examined:
        act.examined_at = taking.at
    if state is not None:
        act.state = state
    moved_away = examined or list(wanted) != [each.pk for each in floor.acts]
    floor.acts = [floor.by_key[key] for key in wanted]
    _write_order(taking, wanted)
    save_act(taking, act, reason=reason)
    changes, proxies = anchors_moved(floor, old, floor.order, but=act.pk if moved_away else 0)
    _rewrite(taking, changes, AttendanceChange, ["act"])
    _rewrite(taking, proxies, Proxy, ["from_act", "until_act"])
    taking.said["act"] = act.pk


def save_act(taking: Taking, act: Act, *, reason: str = "") -> None:
    """What the sitting says of the item, on the row as it is now: its text may be under way on another page."""
    row = Act.objects.select_for_update().get(pk=act.pk)
    row.sitting = taking.sitting
    row.examined_at, row.state, row.passage = act.examined_at, act.state, act.passage
    save_row(OF_ACT, instance=row, by=taking.by, reason=reason)


def _rewrite(taking: Taking, rows: Sequence[models.Model], model: type[models.Model], fields: list[str]) -> None:
    if rows:
        bulk_update_with_history(rows, model, fields, batch_size=ROWS_AT_ONCE, default_user=taking.by)


def _write_order(taking: Taking, keys: Sequence[int]) -> None:
    """Two queries: places are unique, so those that change are first left. The entry is the trace of those that shift."""
    shifted = []
    for rank, key in enumerate(keys, 1):
        act = taking.floor.by_key[key]
        if act.passage != rank:
            act.passage = rank
            shifted.append(act)
    if shifted:
        Act.objects.filter(pk__in=[act.pk for act in shifted]).update(passage=None)
        Act.objects.bulk_update(shifted, ["passage"])
