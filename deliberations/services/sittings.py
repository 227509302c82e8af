"""Sittings with their attendance and proxies."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from deliberations.enums import ProxyState, SittingState
from deliberations.models import (
    Assembly,
    AttendanceChange,
    Mandate,
    PassageRange,
    Presence,
    Proxy,
    Secretary,
    Sitting,
)
from deliberations.queries import check_sitting
from deliberations.services.minutes import check_minutes
from deliberations.services.refusals import PROXY_RULES, refuse
from deliberations.services.rows import OF_PRESENCE, OF_SITTING, delete_row, save_row
from deliberations.services.session import attendance_corrected, require_same_sitting, require_votes_kept
from deliberations.services.sitting_guards import check_sitting_change, follow_date, keep_session
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError


def record_members(*, assembly: Assembly, members: Iterable[Mapping[str, Any]], by: User | None) -> dict[str, Mandate]:
    """Mandates of the assembly by published name; those it has already are left as they are."""
    known = {mandate.display_name: mandate for mandate in assembly.mandates.order_by("pk")}
    with audit.action(
        "deliberations.members_recorded", "Membres repris", by=by, authority=assembly.authority, target=assembly
    ):
        for fields in members:
            if fields["display_name"] not in known:
                mandate = Mandate(assembly=assembly, **fields)
                known[mandate.display_name] = audit.save(instance=mandate, by=by, authority=assembly.authority)
    return known


def record_sitting(
    *,
    assembly: Assembly,
    fields: Mapping[str, Any],
    presences: Sequence[tuple[Mandate, str] | tuple[Mandate, str, str]] = (),
    proxies: Sequence[tuple[Mandate, Mandate]] = (),
    secretaries: Sequence[tuple[str, Mandate | None]] = (),
    passages: Sequence[tuple[str, int, int]] = (),
    changes: Sequence[Mapping[str, Any]] = (),
    by: User | None,
) -> Sitting:
    """A sitting whole, in one action. `fields` are those of Sitting; `presences` (member, state, words of the record);
    `proxies` (giver, holder); `secretaries` (published name, member); `passages` (kind, first, last); `changes` fields of
    AttendanceChange but the sitting."""
    sitting = Sitting(
        assembly=assembly, **{"state": SittingState.CLOSED if fields.get("past") else SittingState.DRAFT, **fields}
    )
    with audit.action(
        "deliberations.sitting_recorded", "Séance consignée", by=by, authority=assembly.authority, target=sitting
    ):
        save_row(OF_SITTING, instance=sitting, by=by)
        rows: list[Any] = [
            Presence(sitting=sitting, mandate=mandate, state=state, position=rank, stated_as=words[0] if words else "")
            for rank, (mandate, state, *words) in enumerate(presences, 1)
        ]
        rows += [Proxy(sitting=sitting, giver=giver, holder=holder) for giver, holder in proxies]
        rows += [
            Secretary(sitting=sitting, position=rank, published_name=name, mandate=mandate)
            for rank, (name, mandate) in enumerate(secretaries, 1)
        ]
        rows += [
            PassageRange(sitting=sitting, position=rank, kind=kind, first=first, last=last)
            for rank, (kind, first, last) in enumerate(passages, 1)
        ]
        rows += [AttendanceChange(sitting=sitting, **change) for change in changes]
        for row in rows:
            save_row(OF_PRESENCE, instance=row, by=by)
        refuse(check_sitting(sitting), PROXY_RULES)
    return sitting


def save_sitting(
    *, instance: Sitting, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Sitting:
    with audit.action(
        "deliberations.sitting_saved",
        "Modification" if instance.pk else "Création",
        by=by,
        authority=instance.assembly.authority,
        target=instance,
        reason=reason,
    ):
        held = Sitting.objects.select_for_update(of=("self",)).filter(pk=instance.pk).first() if instance.pk else None
        if held is not None:
            _require_same_assembly(instance, held)
            keep_session(instance, held)
        check_minutes(instance, held)
        save_row(OF_SITTING, instance=instance, by=by, reason=reason)
        check_sitting_change(instance, held)
        require_votes_kept(instance)
        refuse(check_sitting(instance), PROXY_RULES)
        if held is not None:
            follow_date(instance, held)
    return instance


def _require_same_assembly(instance: Sitting, held: Sitting) -> None:
    if held.assembly_id != instance.assembly_id:
        raise DomainError("Une séance ne change pas d'assemblée.", field="assembly")


def delete_sitting(*, instance: Sitting, by: User | None, reason: str = "") -> None:
    """Only before it is convened, or recorded as past and still without acts."""
    if instance.state != SittingState.DRAFT and not instance.past:
        raise DomainError("Une séance convoquée ou tenue se conserve : seule une séance en préparation se supprime.")
    delete_row(OF_SITTING, instance=instance, by=by, reason=reason)


def save_attendance(
    *,
    sitting: Sitting,
    states: Mapping[Mandate, str],
    proxies: Mapping[Mandate, Mandate],
    complete: bool,
    by: User | None,
    reason: str = "",
) -> Sitting:
    """Replaces the attendance of the members named in `states` ("" takes one off) and all the proxies (giver: holder)."""
    with (
        audit.action(
            "deliberations.attendance_saved",
            "Émargement et pouvoirs",
            by=by,
            authority=sitting.assembly.authority,
            target=sitting,
            reason=reason,
        ),
        attendance_corrected(sitting),
    ):
        _save_presences(sitting, states, by)
        _save_proxies(sitting, proxies, by)
        sitting.members_complete = complete
        if not Sitting.objects.filter(pk=sitting.pk, members_complete=complete).exists():
            save_row(OF_SITTING, instance=sitting, by=by)
        refuse(check_sitting(sitting), PROXY_RULES)
    return sitting


def _save_presences(sitting: Sitting, states: Mapping[Mandate, str], by: User | None) -> None:
    held = {presence.mandate_id: presence for presence in sitting.presences.select_related("mandate")}
    for rank, (mandate, state) in enumerate(states.items(), 1):
        row = held.get(mandate.pk)
        if not state:
            if row is not None:
                delete_row(OF_PRESENCE, instance=row, by=by)
        elif row is None:
            row = Presence(sitting=sitting, mandate=mandate, state=state, position=rank)
            save_row(OF_PRESENCE, instance=row, by=by)
        elif row.state != state:
            row.state = state
            save_row(OF_PRESENCE, instance=row, by=by)


def _save_proxies(sitting: Sitting, proxies: Mapping[Mandate, Mandate], by: User | None) -> None:
    wanted = {giver.pk: holder for giver, holder in proxies.items()}
    given = sitting.proxies.filter(state=ProxyState.GIVEN)
    for row in list(given.select_related("giver", "holder")):
        if row.giver_id not in wanted:
            delete_row(OF_PRESENCE, instance=row, by=by)
        elif row.holder_id != wanted[row.giver_id].pk:
            row.holder = wanted[row.giver_id]
            save_row(OF_PRESENCE, instance=row, by=by)
    held = set(given.values_list("giver_id", flat=True))
    for giver, holder in proxies.items():
        if giver.pk not in held:
            save_row(OF_PRESENCE, instance=Proxy(sitting=sitting, giver=giver, holder=holder), by=by)


def save_of_attendance(
    *, instance: Presence | Proxy, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Presence | Proxy:
    """One presence or one proxy by itself."""
    require_same_sitting(instance)
    with (
        audit.action(
            "deliberations.attendance_saved",
            "Émargement et pouvoirs",
            by=by,
            authority=instance.sitting.assembly.authority,
            target=instance.sitting,
            reason=reason,
        ),
        attendance_corrected(instance.sitting),
    ):
        save_row(OF_PRESENCE, instance=instance, by=by, reason=reason)
        refuse(check_sitting(instance.sitting), PROXY_RULES)
    return instance
