"""Opinions and marks, stage by stage, on applications that were sent; nothing changes once the list is frozen."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError
from schools import queries
from schools.domain import marks as core
from schools.enums import ApplicationState, Stage, Verdict
from schools.models import Application, Criterion, Mark, Opinion
from schools.services.campaigns_guard import refuse_frozen_campaign

LONGEST_TEXT = 5_000
GIVERS = {
    Stage.IEN: "L'avis et les notes de l'IEN sont donnés par l'inspection de la circonscription de l'école.",
    Stage.TICE: "L'avis et les notes TICE sont donnés par la DSDEN du département de l'école.",
    Stage.COMMITTEE: "L'avis et les notes du comité sont donnés par qui conduit la campagne.",
}


class OpinionChangedError(DomainError):
    """Somebody of the same stage gave or changed the opinion, or a mark, since the form was shown."""

    def __init__(self, row: Opinion) -> None:
        told = "l'avis a été retiré ou une note a changé"
        if row.pk:
            who, text = (f"{row.by} a rendu" if row.by else "il a été rendu"), f" : « {row.text} »" if row.text else ""
            told = f"{who} un avis {row.get_verdict_display().lower()}{text}"
        super().__init__(
            f"Rien n'est enregistré : entre-temps, {told}. Votre saisie est gardée ci-dessous ; l'enregistrer à nouveau remplace "
            "ce qui a été rendu."
        )


def _hold(application: Application, stage: str, by: User | None) -> Application:
    """Inside a transaction: refuses a frozen list, an application not sent, a stage that is somebody else's."""
    refuse_frozen_campaign(application.campaign)
    row = Application.objects.select_for_update(of=("self",)).select_related("campaign", "school__authority")
    held = row.get(pk=application.pk)
    if held.state != ApplicationState.SUBMITTED:
        raise DomainError(
            f"Un avis se donne sur une candidature déposée ; celle-ci est « {held.get_state_display()} »."
        )
    if by is not None and queries.is_of_school(by, held.school):
        raise DomainError("Qui exerce dans l'école ne donne ni avis ni note sur sa candidature.", field="stage")
    if stage not in Stage.values:
        raise DomainError(f"« {stage} » n'est pas une étape : {', '.join(Stage.labels)}.", field="stage")
    if by is not None and stage not in queries.stages_of(by, held):
        raise DomainError(GIVERS[Stage(stage)], field="stage")
    return held


def give_opinion(
    *,
    application: Application,
    stage: str,
    verdict: str,
    by: User | None,
    text: str = "",
    confidential: bool = False,
    marks: Mapping[int, tuple[str, str]] | None = None,
    seen: str | None = None,
) -> Opinion:
    """The opinion of a stage with its marks, in one action. `marks`: key of criterion to (mark as typed, reason); an empty one is taken
    back. What a mark is refused for is under `mark-<key>`. `seen`: the version that was shown (queries.opinion_version); another one is
    told, not replaced."""
    authority, text = application.school.authority, text.strip()
    with audit.action("schools.opinion_given", "Avis", by=by, authority=authority, target=application):
        held = _hold(application, stage, by)
        if verdict not in Verdict.values:
            raise DomainError(f"Choisir un avis : {', '.join(Verdict.labels).lower()}.", field="verdict")
        if len(text) > LONGEST_TEXT:
            told = f"La motivation a {len(text)} caractères : {LONGEST_TEXT} au plus."
            raise DomainError(told, field="text")
        if verdict != Verdict.FAVOURABLE and not text:
            label = Verdict(verdict).label.lower()
            raise DomainError(f"Un avis {label} est motivé : dire pourquoi.", field="text")
        row = Opinion.objects.filter(application=held, stage=stage).first() or Opinion(application=held, stage=stage)
        if seen is not None and seen != queries.opinion_version(held, stage):
            raise OpinionChangedError(row)
        row.verdict, row.text, row.confidential = verdict, text, confidential
        row.by, row.given_at = by, timezone.now()
        audit.save(instance=row, by=by, authority=authority)
        _give_marks(held, stage, marks or {}, by)
        return row


def _give_marks(application: Application, stage: str, typed: Mapping[int, tuple[str, str]], by: User | None) -> None:
    criteria = {each.pk: each for each in application.campaign.criteria.filter(kind=stage)}
    given = {each.criterion_id: each for each in application.marks.filter(criterion__in=criteria)}
    for key, (raw, reason) in typed.items():
        criterion = criteria.get(key)
        if criterion is None:
            raise DomainError("Ce critère n'est pas de cette étape, ou n'est pas de cette campagne.")
        try:
            value = core.read_mark(criterion.label, raw, criterion.floor_value, criterion.full_value)
        except core.MarkError as error:
            raise DomainError(error.message, field=f"mark-{key}") from None
        _set_mark(application, criterion, given.get(key), value, reason.strip(), by)


def _set_mark(
    application: Application, criterion: Criterion, row: Mark | None, value: Any, reason: str, by: User | None
) -> None:
    authority = application.school.authority
    if value is None:
        if row is not None:
            audit.delete(instance=row, by=by, authority=authority)
        return
    if row is not None and (row.value, row.reason) == (value, reason):
        return
    row = row or Mark(application=application, criterion=criterion)
    row.value, row.reason, row.by = value, reason, by
    audit.save(instance=row, by=by, authority=authority)


def save_opinion(
    *, instance: Opinion, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Opinion:
    """The row of the API, by the same rules."""
    if not instance._state.adding:
        stored = Opinion.objects.get(pk=instance.pk)
        if (stored.application_id, stored.stage) != (instance.application_id, instance.stage):
            raise DomainError("Un avis reste celui de sa candidature et de son étape.", field="stage")
    elif Opinion.objects.filter(application=instance.application_id, stage=instance.stage).exists():
        raise DomainError("Cette étape a déjà donné son avis : le modifier.", field="stage")
    return give_opinion(
        application=instance.application,
        stage=instance.stage,
        verdict=instance.verdict,
        text=instance.text,
        confidential=instance.confidential,
        by=by,
    )


def delete_opinion(*, instance: Opinion, by: User | None, reason: str = "") -> None:
    authority = instance.application.school.authority
    with audit.action(
        "schools.opinion_deleted", "Avis retiré", by=by, authority=authority, target=instance.application, reason=reason
    ):
        _hold(instance.application, instance.stage, by)
        audit.delete(instance=instance, by=by, authority=authority)


def save_mark(*, instance: Mark, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None) -> Mark:
    """The row of the API, by the same rules."""
    criterion, authority = instance.criterion, instance.application.school.authority
    with audit.action("schools.mark_given", "Note", by=by, authority=authority, target=instance.application):
        if not instance._state.adding:
            stored = Mark.objects.get(pk=instance.pk)
            if (stored.application_id, stored.criterion_id) != (instance.application_id, instance.criterion_id):
                raise DomainError("Une note reste celle de sa candidature et de son critère.", field="criterion")
        if criterion.campaign_id != instance.application.campaign_id:
            raise DomainError("Ce critère est celui d'une autre campagne.", field="criterion")
        if criterion.kind not in Stage.values:
            raise DomainError(f"« {criterion} » se calcule : il ne se note pas.", field="criterion")
        _hold(instance.application, criterion.kind, by)
        try:
            core.read_mark(criterion.label, str(instance.value), criterion.floor_value, criterion.full_value)
        except core.MarkError as error:
            raise DomainError(error.message, field="value") from None
        instance.by = by
        return audit.save(instance=instance, by=by, authority=authority)


def delete_mark(*, instance: Mark, by: User | None, reason: str = "") -> None:
    authority = instance.application.school.authority
    with audit.action(
        "schools.mark_deleted", "Note retirée", by=by, authority=authority, target=instance.application, reason=reason
    ):
        _hold(instance.application, instance.criterion.kind, by)
        audit.delete(instance=instance, by=by, authority=authority)
