"""Diagnostics: a campaign, a trigger with its reason, two halves finished by their sides, two signatures; then nothing changes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone

from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.audit.services import save_in_authority
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.periods import school_year_label
from schools import queries
from schools.domain.diagnostics import Reason
from schools.enums import (
    TRIGGERS_OF,
    DiagnosticState,
    QuestionnaireState,
    SchoolStatus,
    Step,
    TriggerFamily,
)
from schools.models import Diagnostic, DiagnosticCampaign, School, SchoolClass
from schools.queries.diagnostics import HALVES, SIDES
from schools.services.steps import reach

FIXED = ("technical_id", "pedagogical_id", "school_year")


def save_diagnostic_campaign(
    *, instance: DiagnosticCampaign, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> DiagnosticCampaign:
    """Its questionnaires are in use, and stay those once a diagnostic is triggered."""
    stored = DiagnosticCampaign.objects.filter(pk=instance.pk).first()
    if stored is not None and stored.diagnostics.exists():
        for name in FIXED:
            if getattr(stored, name) != getattr(instance, name):
                label = getattr(stored._meta.get_field(name.removesuffix("_id")), "verbose_name", name)
                raise DomainError(
                    f"Des diagnostics sont déclenchés dans cette campagne : « {label} » ne change plus.",
                    field=name.removesuffix("_id"),
                )
    for name in ("technical", "pedagogical"):
        chosen = getattr(instance, name) if getattr(instance, f"{name}_id") else None
        kept = stored is not None and getattr(stored, f"{name}_id") == getattr(instance, f"{name}_id")
        if chosen and not kept and chosen.state != QuestionnaireState.IN_USE:
            state = chosen.get_state_display().lower()
            raise DomainError(f"« {chosen} » est {state} : choisir une version en service.", field=name)
    return save_in_authority(instance, instance.authority, "authority", by=by, reason=reason)


def delete_diagnostic_campaign(*, instance: DiagnosticCampaign, by: User | None, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.authority, reason=reason)


def trigger_diagnostic(
    *,
    campaign: DiagnosticCampaign,
    school: School,
    family: str,
    trigger: str,
    reason: str,
    by: User | None,
    on: date | None = None,
    visit_on: date | None = None,
) -> Diagnostic:
    row = Diagnostic(
        campaign=campaign,
        school=school,
        family=family,
        trigger=trigger,
        reason=reason.strip(),
        triggered_on=on or timezone.localdate(),
        visit_on=visit_on,
    )
    return save_diagnostic(instance=row, by=by)


def trigger_many(*, campaign: DiagnosticCampaign, reasons: Sequence[Reason], by: User | None) -> list[Diagnostic]:
    """By the authority, one a school, with all its reasons; the first names the trigger. All or none."""
    schools = School.objects.select_related("authority").in_bulk({each.school for each in reasons})
    by_school: dict[int, list[Reason]] = {}
    for each in reasons:
        by_school.setdefault(each.school, []).append(each)
    label = "Diagnostics déclenchés"
    with audit.action("schools.diagnostics_triggered", label, by=by, authority=campaign.authority, target=campaign):
        return [
            trigger_diagnostic(
                campaign=campaign,
                school=schools[pk],
                family=TriggerFamily.AUTHORITY,
                trigger=told[0].trigger,
                reason=" ".join(each.text for each in told),
                by=by,
            )
            for pk, told in by_school.items()
        ]


def save_diagnostic(
    *, instance: Diagnostic, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Diagnostic:
    """A new one is triggered; the school and the campaign of one that is there stay."""
    adding = instance._state.adding
    authority = instance.campaign.authority
    label = "Diagnostic déclenché" if adding else "Diagnostic modifié"
    code = "schools.diagnostic_triggered" if adding else "schools.diagnostic_updated"
    with audit.action(code, label, by=by, authority=authority, target=instance, reason=reason) as event:
        _refuse_bad_trigger(instance)
        if adding:
            _refuse_bad_school(instance)
        else:
            _refuse_moved(instance)
        row = save_in_authority(instance, authority, "campaign__authority", by=by, reason=reason)
        if adding and not event.target_id:
            event.target_id, event.target_label = str(row.pk), str(row)[:250]
            event.save(update_fields=["target_id", "target_label"])
    return row


def _refuse_bad_trigger(row: Diagnostic) -> None:
    if row.family not in TriggerFamily.values:
        known = ", ".join(TriggerFamily.labels)
        raise DomainError(f"« {row.family} » ne déclenche pas de diagnostic : {known}.", field="family")
    known_triggers = TRIGGERS_OF[TriggerFamily(row.family)]
    if row.trigger not in known_triggers:
        labels = " ; ".join(each.label for each in known_triggers)
        family = TriggerFamily(row.family).label
        raise DomainError(f"Ce motif n'est pas de ceux de « {family} » : {labels}.", field="trigger")
    if not row.reason.strip():
        raise DomainError("Un diagnostic se déclenche avec une précision : ce qui l'a fait demander.", field="reason")
    if row.triggered_on and row.triggered_on > timezone.localdate():
        raise DomainError(f"Le {row.triggered_on:%d/%m/%Y} est à venir.", field="triggered_on")
    if row.visit_on and row.triggered_on and row.visit_on < row.triggered_on:
        raise DomainError("La visite ne précède pas le déclenchement.", field="visit_on")


def _refuse_bad_school(row: Diagnostic) -> None:
    if row.school.authority_id != row.campaign.authority_id:
        raise DomainError("Cette école n'est pas de la collectivité de la campagne.", field="school")
    if row.school.status != SchoolStatus.OPEN:
        raise DomainError(f"« {row.school} » est fermée.", field="school")
    if Diagnostic.objects.filter(campaign=row.campaign, school=row.school).exists():
        raise DomainError(
            f"« {row.school} » a déjà un diagnostic dans cette campagne ; s'il est abandonné, il se reprend.",
            field="school",
        )


def _refuse_moved(row: Diagnostic) -> None:
    held = _held(row)
    refuse_locked(held)
    if (held.campaign_id, held.school_id) != (row.campaign_id, row.school_id):
        raise DomainError("Un diagnostic garde son école et sa campagne.", field="school")


def _held(row: Diagnostic) -> Diagnostic:
    """The row as it is stored, held until the end of the transaction."""
    return Diagnostic.objects.select_for_update(of=("self",)).select_related("campaign", "school").get(pk=row.pk)


def refuse_locked(row: Diagnostic) -> None:
    locked = queries.content_lock(row)
    if locked:
        raise DomainError(locked)


def _refuse_closed(row: Diagnostic) -> None:
    if row.state != DiagnosticState.OPEN:
        raise DomainError(queries.content_lock(row))


def hold_open(row: Diagnostic) -> Diagnostic:
    """Inside the transaction of a write of works or photos: refused once a side has signed."""
    held = _held(row)
    refuse_locked(held)
    return held


def set_volunteers(*, diagnostic: Diagnostic, classes: Iterable[SchoolClass], by: User | None) -> Diagnostic:
    """How many may volunteer is said by the rules of the packs (equipment)."""
    chosen = sorted({each.pk: each for each in classes}.values(), key=lambda each: each.pk)
    authority = diagnostic.campaign.authority
    with audit.action(
        "schools.diagnostic_volunteers", "Classes volontaires", by=by, authority=authority, target=diagnostic
    ):
        row = hold_open(diagnostic)
        for each in chosen:
            if each.school_id != row.school_id or each.school_year != row.campaign.school_year:
                year = school_year_label(row.campaign.school_year)
                raise DomainError(f"« {each} » n'est pas une classe de l'école en {year}.", field="volunteers")
        return audit.save(instance=row, by=by, authority=authority, m2m={"volunteers": chosen})


def finish_half(*, diagnostic: Diagnostic, half: str, by: User | None) -> Diagnostic:
    """Refused while a required question has no answer."""
    label = HALVES[half]
    authority = diagnostic.campaign.authority
    with audit.action(
        f"schools.diagnostic_{half}_done", f"{label} terminée", by=by, authority=authority, target=diagnostic
    ):
        row = _held(diagnostic)
        _refuse_closed(row)
        if getattr(row, f"{half}_done_at") is not None:
            raise DomainError(f"La {label.lower()} est déjà terminée.")
        missing = queries.half_of(row, half).missing
        if missing:
            told = ", ".join(f"« {each.text} »" for each in missing)
            many = "réponses obligatoires manquent" if len(missing) > 1 else "réponse obligatoire manque"
            raise DomainError(f"La {label.lower()} ne peut pas être terminée : {len(missing)} {many}, {told}.")
        setattr(row, f"{half}_done_at", timezone.now())
        setattr(row, f"{half}_by", by)
        return audit.save(instance=row, by=by, authority=authority)


def reopen_half(*, diagnostic: Diagnostic, half: str, reason: str, by: User | None) -> Diagnostic:
    """A signature already given is taken back: it was of what is about to change."""
    label = HALVES[half]
    authority = diagnostic.campaign.authority
    _require_reason(reason, "Une partie terminée se rouvre avec un motif.")
    code = f"schools.diagnostic_{half}_reopened"
    with audit.action(code, f"{label} rouverte", by=by, authority=authority, target=diagnostic, reason=reason):
        row = _held(diagnostic)
        _refuse_closed(row)
        if getattr(row, f"{half}_done_at") is None:
            raise DomainError(f"La {label.lower()} n'est pas terminée.")
        for name in (half, *SIDES):
            end = "done_at" if name == half else "signed_at"
            setattr(row, f"{name}_{end}", None)
            setattr(row, f"{name}_by" if name == half else f"{name}_signed_by", None)
        return audit.save(instance=row, by=by, authority=authority)


def sign_diagnostic(*, diagnostic: Diagnostic, side: str, by: User | None, read: str = "") -> Diagnostic:
    """The second signature closes the diagnostic: the school is diagnosed, and nothing of it changes any more. `read`: the digest of what
    was shown (queries.content_digest), refused where it has changed; that of what is signed is kept in the journal."""
    authority, now = diagnostic.campaign.authority, timezone.now()
    code, label = f"schools.diagnostic_{side}_signed", f"Diagnostic validé : {SIDES[side].lower()}"
    with audit.action(code, label, by=by, authority=authority, target=diagnostic) as event:
        row = _held(diagnostic)
        _refuse_closed(row)
        signed = getattr(row, f"{side}_signed_at")
        if signed is not None:
            day = f"{timezone.localtime(signed):%d/%m/%Y à %H:%M}"
            raise DomainError(f"{SIDES[side]} a déjà validé ce diagnostic, le {day}.")
        for half, name in HALVES.items():
            if getattr(row, f"{half}_done_at") is None:
                raise DomainError(
                    f"Les deux parties sont terminées avant d'être validées : la {name.lower()} ne l'est pas."
                )
        _refuse_same_person(row, by)
        digest = queries.content_digest(row)
        if read and read != digest:
            raise DomainError("Le diagnostic a changé depuis l'affichage de la page : le relire avant de le valider.")
        event.reason = f"Empreinte de ce qui est validé : {digest}"
        event.save(update_fields=["reason"])
        setattr(row, f"{side}_signed_at", now)
        setattr(row, f"{side}_signed_by", by)
        if all(getattr(row, f"{each}_signed_at") for each in SIDES):
            row.state = DiagnosticState.SIGNED
            reach(
                school=row.school,
                step=Step.DIAGNOSED,
                on=timezone.localdate(now),
                cause=f"Diagnostic : {row.campaign}",
                url=reverse("schools:diagnostic_detail", args=[row.pk]),
                by=by,
            )
        return audit.save(instance=row, by=by, authority=authority)


def _refuse_same_person(row: Diagnostic, by: User | None) -> None:
    if by is not None and any(getattr(row, f"{side}_signed_by_id") == by.pk for side in SIDES):
        raise DomainError(f"{by} a déjà validé pour l'autre côté : chaque côté valide par une personne à lui.")


def cancel_diagnostic(*, diagnostic: Diagnostic, reason: str, by: User | None) -> Diagnostic:
    """What was entered stays readable."""
    authority = diagnostic.campaign.authority
    _require_reason(reason, "Un diagnostic s'abandonne avec un motif.")
    with audit.action(
        "schools.diagnostic_cancelled",
        "Diagnostic abandonné",
        by=by,
        authority=authority,
        target=diagnostic,
        reason=reason,
    ):
        row = _held(diagnostic)
        _refuse_closed(row)
        row.state = DiagnosticState.CANCELLED
        return audit.save(instance=row, by=by, authority=authority)


def resume_diagnostic(*, diagnostic: Diagnostic, reason: str, by: User | None) -> Diagnostic:
    """An abandoned one is open again, as it was left."""
    authority = diagnostic.campaign.authority
    _require_reason(reason, "Un diagnostic abandonné se reprend avec un motif.")
    code, label = "schools.diagnostic_resumed", "Diagnostic repris"
    with audit.action(code, label, by=by, authority=authority, target=diagnostic, reason=reason):
        row = _held(diagnostic)
        if row.state != DiagnosticState.CANCELLED:
            raise DomainError("Seul un diagnostic abandonné se reprend.")
        if row.school.status != SchoolStatus.OPEN:
            raise DomainError(f"« {row.school} » est fermée : son diagnostic ne se reprend pas.")
        row.state = DiagnosticState.OPEN
        return audit.save(instance=row, by=by, authority=authority)


def _require_reason(reason: str, sentence: str) -> None:
    if not reason.strip():
        raise DomainError(sentence, field="reason")
