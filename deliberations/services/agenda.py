"""The agenda of a sitting before it leaves, and the second sitting where the first had no quorum."""

from datetime import date, time

from django.db import transaction

from deliberations.enums import ActState, SittingState
from deliberations.models import Act, Sitting
from deliberations.queries.conduct import floor_of
from deliberations.queries.convening import called_acts, delay_for, may_be_convened, sent_acts
from deliberations.services.rows import OF_ACT, OF_SITTING, save_row
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError

GONE = (
    "L'ordre du jour est parti avec la convocation : « {} » y garde sa place. L'ordre de passage se change en séance."
)


def move_item(*, act: Act, up: bool, by: User | None) -> None:
    """One place up or down among the items that are not sent yet; at the end of them, nothing happens."""
    sitting = act.sitting
    if not may_be_convened(sitting):
        raise DomainError("La séance a commencé : l'ordre de passage se change en séance.")
    with (
        audit.action(
            "deliberations.agenda_ordered",
            "Ordre du jour",
            by=by,
            authority=sitting.assembly.authority,
            target=sitting,
        ),
        transaction.atomic(),
    ):
        Sitting.objects.select_for_update().get(pk=sitting.pk)
        rows, sent = list(called_acts(sitting)), sent_acts(sitting)
        if act.pk in sent:
            raise DomainError(GONE.format(act.title))
        place = next((rank for rank, row in enumerate(rows) if row.pk == act.pk), None)
        if place is None:
            raise DomainError(f"« {act.title} » n'est plus à l'ordre du jour.")
        other = place + (-1 if up else 1)
        if 0 <= other < len(rows) and rows[other].pk not in sent:
            rows[place], rows[other] = rows[other], rows[place]
        place_acts(rows, by=by)


def place_acts(rows: list[Act], *, by: User | None) -> None:
    """Passages 1 to n, in this order, below those of the acts no longer called; only what changes is written."""
    sitting = rows[0].sitting if rows else None
    if sitting is None:
        return
    others = Act.objects.filter(sitting=sitting, passage__isnull=False).exclude(pk__in=[row.pk for row in rows])
    taken = set(others.values_list("passage", flat=True))
    free = (number for number in range(1, len(rows) + len(taken) + 1) if number not in taken)
    wanted = {row.pk: next(free) for row in rows}
    moved = [row for row in rows if row.passage != wanted[row.pk]]
    Act.objects.filter(pk__in=[row.pk for row in moved]).update(passage=None)  # no two ever share a passage
    for row in moved:
        row.passage = wanted[row.pk]
        save_row(OF_ACT, instance=row, by=by)


def convene_again(
    *, first: Sitting, held_on: date, held_at: time | None, place: str, today: date, by: User | None
) -> Sitting:
    """A second sitting for want of quorum, with the items that the first did not examine (CGCT L2121-17)."""
    with audit.action(
        "deliberations.convened_again",
        "Seconde convocation faute de quorum",
        by=by,
        authority=first.assembly.authority,
        target=first,
    ):
        first = Sitting.objects.select_for_update(of=("self",)).select_related("assembly__authority").get(pk=first.pk)
        _require_over(first, held_on, today)
        left = _left(first)
        _require_no_quorum(first, left[0])
        sitting = _second_of(first, held_on, held_at, place)
        _require_interval(sitting, max(today, first.held_on))
        save_row(OF_SITTING, instance=sitting, by=by)
        for act in left:
            act.sitting = sitting
            save_row(OF_ACT, instance=act, by=by)
    return sitting


def _require_over(first: Sitting, held_on: date, today: date) -> None:
    if first.past or not first.convocations.exists():
        raise DomainError(
            "Seule une séance convoquée dans l'application se convoque à nouveau (CGCT, article L2121-17)."
        )
    if first.state == SittingState.OPEN:
        raise DomainError("La première réunion est ouverte : la lever d'abord (CGCT, article L2121-17).")
    if first.state != SittingState.CLOSED and first.held_on > today:
        raise DomainError("La première réunion n'a pas encore eu lieu (CGCT, article L2121-17).")
    if held_on < first.held_on:
        raise DomainError(
            f"La seconde réunion suit la première, du {first.held_on:%d/%m/%Y} (CGCT, article L2121-17).",
            field="held_on",
        )


def _require_interval(sitting: Sitting, sent_on: date) -> None:
    """Sent at the earliest, the second convocation leaves its delay."""
    delay = delay_for(sitting, sent_on)
    if delay.required is not None and not delay.in_time:
        raise DomainError(delay.sentence, field="held_on")


def _left(first: Sitting) -> list[Act]:
    """What its convocations named and nobody has examined."""
    left = list(
        Act.objects.filter(pk__in=sent_acts(first), sitting=first, state=ActState.DRAFT, examined_at=None)
        .filter(added_in_sitting=False, ballot=None, attendance_changes=None)
        .order_by("passage", "pk")
    )
    if not left:
        raise DomainError("Aucune affaire de la première réunion ne reste à examiner (CGCT, article L2121-17).")
    return left


def _require_no_quorum(first: Sitting, item: Act) -> None:
    """A sitting that nobody opened did not meet for want of members."""
    if first.opened_at is None:
        return
    held = floor_of(first).attendance(item)
    if held.reached:
        raise DomainError(
            f"Le quorum était atteint quand la première réunion a laissé « {item.title} » : {held.counted} membres présents, "
            f"{held.needed} nécessaires. L'affaire passe à une nouvelle séance, convoquée dans les délais ordinaires (CGCT, "
            "article L2121-17)."
        )


def _second_of(first: Sitting, held_on: date, held_at: time | None, place: str) -> Sitting:
    return Sitting(
        assembly=first.assembly,
        held_on=held_on,
        held_at=held_at,
        place=place,
        chair=first.chair,
        chair_quality=first.chair_quality,
        second_convocation=True,
        first_sitting=first,
    )
