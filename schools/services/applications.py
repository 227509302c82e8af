"""The application of a school: typed as a draft, submitted by who directs the school, withdrawn and sent again until the closing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.documents import services as documents
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted
from schools import queries
from schools.domain import answers as core
from schools.enums import ApplicationState, SchoolStatus, Step
from schools.models import Application, Campaign, School
from schools.services.answers import (
    KEPT,
    REFUSED,
    SUPERSEDED,
    Saved,
    Typed,
    overwritten,
    save_answers,
    told_moment,
    was_seen,
)
from schools.services.steps import reach, unreach

MOST_TOLD = 5


class IncompleteError(DomainError):
    """`missing`: (prefix, question) of the required ones without an answer."""

    def __init__(self, missing: tuple[tuple[str, core.Question], ...]) -> None:
        self.missing = missing
        names = " ; ".join(f"« {each.text} »" for _, each in missing[:MOST_TOLD])
        more = f" et {len(missing) - MOST_TOLD} autres" if len(missing) > MOST_TOLD else ""
        super().__init__(f"Pour déposer, il manque {counted(len(missing), 'réponse')} : {names}{more}.")


def application_url(application: Application) -> str:
    return reverse("schools:application_detail", args=[application.pk])


def start_application(*, campaign: Campaign, school: School, by: User | None) -> Application:
    """The draft of the school, made once: begun on two devices, it is the same."""
    known, authority = Application.objects.filter(campaign=campaign, school=school), school.authority
    with transaction.atomic():
        begun = known.first()
        if begun is not None:
            return begun
        held = Campaign.objects.select_for_update(of=("self",)).select_related("authority").get(pk=campaign.pk)
        begun = known.first()
        if begun is not None:
            return begun
        if held.authority_id != school.authority_id:
            raise DomainError("Cette campagne est celle d'une autre collectivité.", field="campaign")
        if school.status != SchoolStatus.OPEN:
            raise DomainError(f"« {school} » est fermée : elle ne candidate pas.", field="school")
        row = Application(campaign=held, school=school)
        _refuse_locked(row)
        verb, label = "schools.application_started", "Candidature commencée"
        with audit.action(verb, label, by=by, authority=authority, target=row):
            return audit.save(instance=row, by=by, authority=authority)


def _refuse_locked(application: Application) -> None:
    locked = queries.lock_of(application, timezone.localdate())
    if locked:
        raise DomainError(locked)


def _hold(application: Application) -> Application:
    """Inside a transaction: the campaign is held first (as a freeze does), then the row."""
    campaign = Campaign.objects.select_for_update(of=("self",)).select_related("questionnaire", "authority")
    held = campaign.get(pk=application.campaign_id)
    row = Application.objects.select_for_update(of=("self",)).select_related("school__authority").get(pk=application.pk)
    row.campaign = held
    return row


def hold_draft(application: Application) -> Application:
    """The row, held until the end of the transaction; refused when it is no draft, or its campaign is not open."""
    row = _hold(application)
    _refuse_locked(row)
    return row


def save_draft(*, application: Application, own: Typed, asked: Typed, by: User | None) -> tuple[dict[str, Saved], ...]:
    """What became of the fields of the application, and of the answers to its questionnaire."""
    with transaction.atomic():
        return (
            save_fields(application=application, typed=own, by=by),
            save_answers(owner=application, typed=asked, by=by),
        )


def save_fields(*, application: Application, typed: Typed, by: User | None) -> dict[str, Saved]:
    """The fields of the application itself (project, summary, volunteers, classes), as `save_answers` does those of its questionnaire.
    What somebody else wrote later stays."""
    now = timezone.now()
    with transaction.atomic():
        row = hold_draft(application)
        questions = {each.code: each for each in queries.own_questions(row)}
        stored, results = queries.own_values(row), {}
        changes: dict[str, Any] = {}
        for code, (raw, typed_at, *seen) in typed.items():
            question, at = questions.get(code), told_moment(typed_at, now)
            results[code] = _decide(row, question, code, raw, at, stored, changes, by, *seen)
        if changes:
            _write(row, changes, by)
    return results


def _decide(
    row: Application,
    question: core.Question | None,
    code: str,
    raw: Any,
    typed_at: datetime,
    stored: Mapping[str, Any],
    changes: dict[str, Any],
    by: User | None,
    seen: list[Any] | None = None,
) -> Saved:
    if question is None:
        return Saved(code, REFUSED, f"« {code[:60]} » n'est pas un champ de la candidature.")
    try:
        value = _read(question, raw)
    except core.AnswerError as error:
        return Saved(code, REFUSED, error.message)
    stands = stored[code]
    if value == stands:
        return Saved(code, KEPT, shown=core.shown(question, value))
    if seen is not None and not was_seen(stands, seen, lambda each: _read(question, each)):
        return overwritten(question, stands)
    if seen is None and _changed_since(row, code, typed_at, by):
        shown = core.shown(question, stands)
        told = f"« {question.text} » : changé depuis par une autre personne, « {shown} »."
        return Saved(code, SUPERSEDED, told, shown, stands)
    changes[code] = value
    return Saved(code, KEPT, shown=core.shown(question, value))


def _read(question: core.Question, raw: Any) -> core.Value:
    value = core.read_value(question, raw)
    if question.code == "classes":
        return sorted(value, key=int) if isinstance(value, list) else []
    return value


def _changed_since(row: Application, code: str, typed_at: datetime, by: User | None) -> bool:
    """Whether somebody else gave the field its value after that time."""
    later = row.history.filter(history_date__gt=typed_at).exclude(history_user=by)
    return any(_value_in(each, code) != _value_in(each.prev_record, code) for each in later.order_by("history_id"))


def _value_in(record: Any, code: str) -> Any:
    if record is None:
        return None
    if code == "classes":
        return sorted(record.classes.values_list("schoolclass_id", flat=True))
    return getattr(record, code)


def _write(row: Application, changes: dict[str, Any], by: User | None) -> None:
    for name in ("project", "summary"):
        setattr(row, name, changes.get(name, getattr(row, name)))
    if "volunteers" in changes:
        row.volunteers = None if changes["volunteers"] == core.EMPTY else changes["volunteers"]
    authority = row.school.authority
    with audit.action("schools.application_typed", "Saisie d'une candidature", by=by, authority=authority, target=row):
        m2m = {"classes": [int(key) for key in changes["classes"]]} if "classes" in changes else {}
        audit.save(instance=row, by=by, authority=authority, m2m=m2m)


def save_application(
    *, instance: Application, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Application:
    """The row of the API: made as a draft, its own fields changed while it is one."""
    if instance._state.adding:
        row = start_application(campaign=instance.campaign, school=instance.school, by=by)
    else:
        row = Application.objects.get(pk=instance.pk)
        if (row.campaign_id, row.school_id) != (instance.campaign_id, instance.school_id):
            raise DomainError("Une candidature reste celle de son école et de sa campagne.", field="school")
    typed: dict[str, tuple[Any, None]] = {
        name: (getattr(instance, name), None) for name in ("project", "summary", "volunteers")
    }
    given = dict(m2m or {})
    if "classes" in given:
        typed["classes"] = ([str(each.pk) for each in given["classes"]], None)
    with transaction.atomic():
        for code, saved in save_fields(application=row, typed=typed, by=by).items():
            if saved.outcome != KEPT:
                raise DomainError(saved.message, field=code)
    return Application.objects.select_related("campaign__authority", "school__authority").get(pk=row.pk)


def submit_application(*, application: Application, by: User | None) -> Application:
    """Whole, in the name of the school, while the campaign is open."""
    authority = application.school.authority
    with audit.action(
        "schools.application_submitted", "Candidature déposée", by=by, authority=authority, target=application
    ):
        row = hold_draft(application)
        if by is not None and not queries.may_submit(by, row.school):
            raise DomainError("La candidature est déposée par la direction de l'école, ou par le service éducation.")
        missing = queries.content_of(row).missing
        if missing:
            raise IncompleteError(missing)
        row.state, row.submitted_at, row.submitted_by = ApplicationState.SUBMITTED, timezone.now(), by
        audit.save(instance=row, by=by, authority=authority)
        today, url = timezone.localdate(row.submitted_at), application_url(row)
        reach(school=row.school, step=Step.CANDIDATE, on=today, cause=str(row.campaign), url=url, by=by)
        return row


def withdraw_application(*, application: Application, by: User | None, reason: str) -> Application:
    """With its reason: by the school until the closing (it may take it up again), then by the service that leads the campaign."""
    authority, reason = application.school.authority, reason.strip()
    with audit.action(
        "schools.application_withdrawn", "Candidature retirée", by=by, authority=authority, target=application, reason=reason
    ):  # fmt: skip
        row = _hold(application)
        if row.state != ApplicationState.SUBMITTED:
            raise DomainError(f"Seule une candidature déposée se retire ; celle-ci est « {row.get_state_display()} ».")
        _refuse_withdrawal(row, by)
        if not reason:
            raise DomainError("Un retrait est motivé : dire pourquoi.", field="reason")
        row.state = ApplicationState.WITHDRAWN
        audit.save(instance=row, by=by, authority=authority)
        unreach(school=row.school, step=Step.CANDIDATE, by=by, url=application_url(row))
        _reach_by_another(row, by)
        return row


def _refuse_withdrawal(row: Application, by: User | None) -> None:
    if by is not None and not queries.may_submit(by, row.school):
        raise DomainError("La candidature est retirée par la direction de l'école, ou par le service éducation.")
    is_open = queries.campaign_phase(row.campaign, timezone.localdate()) == queries.OPEN
    if not is_open and (by is None or not queries.may_withdraw(by, row)):
        raise DomainError(
            f"La campagne est close depuis le {row.campaign.closes_on:%d/%m/%Y} : le retrait se demande au service "
            "éducation, avant que la liste soit arrêtée."
        )


def _reach_by_another(withdrawn: Application, by: User | None) -> None:
    others = Application.objects.filter(school=withdrawn.school).exclude(pk=withdrawn.pk)
    other = others.exclude(state__in=queries.UNSENT).select_related("campaign").order_by("submitted_at").first()
    if other is not None and other.submitted_at:
        day, url = timezone.localdate(other.submitted_at), application_url(other)
        reach(school=withdrawn.school, step=Step.CANDIDATE, on=day, cause=str(other.campaign), url=url, by=by)


def reopen_application(*, application: Application, by: User | None) -> Application:
    """A withdrawn one becomes a draft again, to be changed and sent until the closing."""
    authority = application.school.authority
    with audit.action(
        "schools.application_reopened", "Candidature reprise", by=by, authority=authority, target=application
    ):
        row = _hold(application)
        if row.state != ApplicationState.WITHDRAWN:
            raise DomainError(f"Seule une candidature retirée se reprend ; celle-ci est « {row.get_state_display()} ».")
        row.state = ApplicationState.DRAFT
        _refuse_locked(row)
        return audit.save(instance=row, by=by, authority=authority)


def delete_application(*, instance: Application, by: User | None, reason: str = "") -> None:
    """A draft that was never sent, with its files."""
    authority = instance.school.authority
    with audit.action(
        "schools.application_deleted", "Brouillon supprimé", by=by, authority=authority, target=instance, reason=reason
    ):
        row = hold_draft(instance)
        if row.submitted_at is not None:
            raise DomainError("Une candidature qui a été déposée ne se supprime pas : elle se retire.")
        joined = [each.document for each in row.attachments.select_related("document").defer("document__content")]
        audit.delete(instance=row, by=by, authority=authority)
        for document in joined:
            documents.discard(document=document, by=by)
