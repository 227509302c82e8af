"""Works that a diagnostic finds necessary. What they are is fixed once a side has signed; how far they are goes on after."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils import timezone

from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.audit.services import save_in_authority
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted
from schools import queries
from schools.enums import Payer, Sector, WorkState
from schools.models import Diagnostic, Work
from schools.services.diagnostics import hold_open

PROGRESS = {"state", "done_on", "note"}
OF_WORK = "diagnostic__campaign__authority"


def save_work(*, instance: Work, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None) -> Work:
    with transaction.atomic():
        _refuse_locked(instance)
        _refuse_wrong(instance)
        return save_in_authority(instance, instance.diagnostic.campaign.authority, OF_WORK, by=by, reason=reason)


def _refuse_locked(row: Work) -> None:
    if row._state.adding:
        hold_open(row.diagnostic)
        return
    stored = Work.objects.select_related("diagnostic__campaign").get(pk=row.pk)
    if stored.diagnostic_id != row.diagnostic_id:
        raise DomainError("Des travaux restent ceux de leur diagnostic.", field="diagnostic")
    locked = queries.content_lock(Diagnostic.objects.select_for_update(of=("self",)).get(pk=row.diagnostic_id))
    for field in Work._meta.concrete_fields if locked else ():
        if field.name not in PROGRESS and getattr(stored, field.attname) != getattr(row, field.attname):
            raise DomainError(f"{locked} Seul leur avancement se note encore.", field=field.name)


def _refuse_wrong(row: Work) -> None:
    school = row.diagnostic.school
    if row.site and row.site.school_id != row.diagnostic.school_id:
        raise DomainError(f"« {row.site} » n'est pas un site de « {school} ».", field="site")
    if row.payer == Payer.OGEC and school.sector == Sector.PUBLIC:
        raise DomainError(f"Un OGEC n'a la charge que d'écoles privées : « {school} » est publique.", field="payer")
    if row.payer == Payer.OTHER and not row.payer_name.strip():
        raise DomainError("Un autre partenaire est nommé.", field="payer_name")
    if row.payer != Payer.OTHER:
        row.payer_name = ""
    if row.state == WorkState.DONE and row.done_on is None:
        raise DomainError("Des travaux faits ont une date.", field="done_on")
    if row.state != WorkState.DONE and row.done_on is not None:
        raise DomainError("Seuls des travaux faits ont une date : noter leur état.", field="done_on")
    if row.done_on and row.done_on > timezone.localdate():
        raise DomainError(f"Le {row.done_on:%d/%m/%Y} est à venir : des travaux faits le sont déjà.", field="done_on")


def delete_work(*, instance: Work, by: User | None, reason: str = "") -> None:
    with transaction.atomic():
        hold_open(instance.diagnostic)
        audit.delete(instance=instance, by=by, authority=instance.diagnostic.campaign.authority, reason=reason)


def finish_works(*, objects: Sequence[Work], by: User | None, on: date | None = None) -> str:
    """Today unless told; those done already keep their day, those dropped stay so. All or none; returns the sentence to show."""
    changed = [work for work in objects if work.state == WorkState.TO_DO]
    ordered = sorted(changed, key=lambda work: work.diagnostic.school.authority_id)
    with transaction.atomic():
        for authority, works in groupby(ordered, key=lambda work: work.diagnostic.school.authority):
            with audit.action("schools.works_done", "Travaux faits", by=by, authority=authority):
                for work in works:
                    work.state, work.done_on = WorkState.DONE, on or timezone.localdate()
                    save_work(instance=work, by=by)
    return f"{counted(len(changed), 'chantier')} noté{'s' if len(changed) > 1 else ''} fait{'s' if len(changed) > 1 else ''}."
