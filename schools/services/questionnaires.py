"""Composing questionnaires. Once in use, a version and its questions never change: a new version does."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Max

from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.audit.services import save_in_authority
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.versions import DeletedRowError
from schools.enums import QuestionnaireState
from schools.models import Question, Questionnaire


def _hold_draft(questionnaire: Questionnaire) -> Questionnaire:
    """Inside a transaction: no one puts it in use meanwhile."""
    row = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    if row.state != QuestionnaireState.DRAFT:
        raise DomainError(
            f"« {row} » est {row.get_state_display().lower()} : ses questions ne changent plus, des réponses y tiennent. "
            "Faire une nouvelle version."
        )
    return row


def save_questionnaire(
    *, instance: Questionnaire, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Questionnaire:
    authority, adding = instance.authority, instance._state.adding
    label = "Création" if adding else "Modification"
    with audit.action("schools.questionnaire_saved", label, by=by, authority=authority, target=instance, reason=reason):
        if adding:
            if Questionnaire.objects.filter(authority=authority, code=instance.code).exists():
                raise DomainError(
                    f"Le code « {instance.code} » est celui d'un autre questionnaire : en choisir un autre, ou faire une "
                    "nouvelle version de celui-là.",
                    field="code",
                )
            instance.version = 1
        else:
            stored = _hold_draft(instance)
            if (stored.code, stored.kind, stored.version) != (instance.code, instance.kind, instance.version):
                raise DomainError("Le code, l'usage et la version d'un questionnaire ne changent pas.", field="code")
        return save_in_authority(instance, authority, "authority", by=by, reason=reason)


def delete_questionnaire(*, instance: Questionnaire, by: User | None, reason: str = "") -> None:
    authority = instance.authority
    with audit.action("schools.questionnaire_deleted", "Suppression", by=by, authority=authority, target=instance):
        _hold_draft(instance)
        audit.delete(instance=instance, by=by, authority=authority, reason=reason)


def put_in_use(*, questionnaire: Questionnaire, by: User | None, reason: str = "") -> Questionnaire:
    """The version in use until now is replaced; campaigns that chose it keep it."""
    authority = questionnaire.authority
    with audit.action(
        "schools.questionnaire_in_use",
        "Mise en service",
        by=by,
        authority=authority,
        target=questionnaire,
        reason=reason,
    ):
        row = _hold_draft(questionnaire)
        if not row.questions.exists():
            raise DomainError("Un questionnaire sans question ne se met pas en service : en ajouter une.")
        former = Questionnaire.objects.filter(authority=authority, code=row.code, state=QuestionnaireState.IN_USE)
        for each in former:
            each.state = QuestionnaireState.RETIRED
            audit.save(instance=each, by=by, authority=authority)
        row.state = QuestionnaireState.IN_USE
        return audit.save(instance=row, by=by, authority=authority)


COPIED = ("position", "code", "section", "text", "help", "kind", "options", "required", "unit", "lowest", "highest")


def new_version(*, questionnaire: Questionnaire, by: User | None, reason: str = "") -> Questionnaire:
    """A draft with the same questions under the same codes."""
    authority, code = questionnaire.authority, questionnaire.code
    with audit.action(
        "schools.questionnaire_version",
        "Nouvelle version",
        by=by,
        authority=authority,
        target=questionnaire,
        reason=reason,
    ):
        versions = Questionnaire.objects.filter(authority=authority, code=code)
        list(versions.select_for_update())
        draft = versions.filter(state=QuestionnaireState.DRAFT).first()
        if draft is not None:
            raise DomainError(f"« {draft} » est déjà en préparation : la compléter, ou la supprimer d'abord.")
        last = versions.aggregate(last=Max("version"))["last"] or 0
        kept = {name: getattr(questionnaire, name) for name in ("kind", "title", "intro", "source")}
        row = Questionnaire(authority=authority, code=code, version=last + 1, **kept)
        audit.save(instance=row, by=by, authority=authority)
        for each in questionnaire.questions.order_by("position", "pk"):
            copy = Question(questionnaire=row, **{name: getattr(each, name) for name in COPIED})
            audit.save(instance=copy, by=by, authority=authority)
        return row


def save_question(
    *, instance: Question, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Question:
    questionnaire = instance.questionnaire
    authority, label = questionnaire.authority, "Question"
    with audit.action("schools.question_saved", label, by=by, authority=authority, target=questionnaire, reason=reason):
        _hold_draft(questionnaire)
        if not instance._state.adding:
            stored = Question.objects.get(pk=instance.pk)
            if stored.questionnaire_id != questionnaire.pk:
                raise DomainError("Une question reste dans son questionnaire.", field="questionnaire")
        path = "questionnaire__authority"
        return save_in_authority(instance, authority, path, by=by, reason=reason)


def delete_question(*, instance: Question, by: User | None, reason: str = "") -> None:
    questionnaire = instance.questionnaire
    authority = questionnaire.authority
    with audit.action("schools.question_deleted", "Suppression", by=by, authority=authority, target=instance):
        _hold_draft(questionnaire)
        audit.delete(instance=instance, by=by, authority=authority, reason=reason)


def move_question(*, question: Question, up: bool, by: User | None) -> Question:
    """One place up or down, among all the questions; at the end of the list nothing moves."""
    questionnaire = question.questionnaire
    authority = questionnaire.authority
    with audit.action(
        "schools.question_moved", "Ordre des questions", by=by, authority=authority, target=questionnaire
    ):
        _hold_draft(questionnaire)
        rows = list(questionnaire.questions.order_by("position", "pk"))
        rank = next((place for place, row in enumerate(rows) if row.pk == question.pk), None)
        if rank is None:
            raise DeletedRowError(question)
        other = rank - 1 if up else rank + 1
        if 0 <= other < len(rows):
            rows[rank], rows[other] = rows[other], rows[rank]
        for place, row in enumerate(rows, start=1):
            if row.position != place:
                row.position = place
                audit.save(instance=row, by=by, authority=authority)
        return question
