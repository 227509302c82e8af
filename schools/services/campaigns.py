"""Calls for projects: prepared with their criteria, published, and frozen by a committee (governance)."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.audit.services import save_in_authority
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted
from schools.domain import marks
from schools.enums import CampaignState, QuestionnaireState
from schools.models import Campaign, Criterion, Questionnaire
from schools.services.campaigns_guard import refuse_frozen_campaign

FIXED = {"questionnaire": "le questionnaire", "school_year": "la rentrée visée"}
"""What schools read before applying, and answer."""


def save_campaign(
    *, instance: Campaign, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Campaign:
    """Its dates may still change while it is published; what the schools answer may not once one of them does."""
    authority, adding = instance.authority, instance._state.adding
    label = "Création" if adding else "Modification"
    with audit.action("schools.campaign_saved", label, by=by, authority=authority, target=instance, reason=reason):
        if not adding:
            refuse_frozen_campaign(instance)
            _refuse_what_is_answered(instance)
        if instance.opinions_due_on and instance.closes_on and instance.opinions_due_on < instance.closes_on:
            raise DomainError("Les avis ne sont pas attendus avant la clôture.", field="opinions_due_on")
        return save_in_authority(instance, authority, "authority", by=by, reason=reason)


def _refuse_what_is_answered(instance: Campaign) -> None:
    stored = Campaign.objects.get(pk=instance.pk)
    answered = stored.applications.exists()
    for name, label in FIXED.items():
        if answered and getattr(stored, name) != getattr(instance, name):
            raise DomainError(f"Des écoles ont commencé à répondre : {label} ne change plus.", field=name)
    if answered and instance.opens_on != stored.opens_on and instance.opens_on > timezone.localdate():
        raise DomainError("Des écoles ont commencé à répondre : l'ouverture n'est plus à venir.", field="opens_on")
    if (
        stored.state == CampaignState.PUBLISHED
        and stored.questionnaire_id != instance.questionnaire_id
        and instance.questionnaire.state != QuestionnaireState.IN_USE
    ):
        raise DomainError(f"« {instance.questionnaire} » n'est pas en service.", field="questionnaire")


def delete_campaign(*, instance: Campaign, by: User | None, reason: str = "") -> None:
    authority = instance.authority
    with audit.action("schools.campaign_deleted", "Suppression", by=by, authority=authority, target=instance):
        refuse_frozen_campaign(instance)
        audit.delete(instance=instance, by=by, authority=authority, reason=reason)


def publish_campaign(*, campaign: Campaign, by: User | None, reason: str = "") -> Campaign:
    """From then on the schools see it, and apply between its dates."""
    authority = campaign.authority
    with audit.action(
        "schools.campaign_published", "Publication", by=by, authority=authority, target=campaign, reason=reason
    ):
        row = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if row.state != CampaignState.DRAFT:
            raise DomainError(f"« {row} » est déjà {row.get_state_display().lower()}.")
        _refuse_not_in_use(row.questionnaire)
        if not sum(row.criteria.values_list("weight", flat=True)):
            raise DomainError("Une campagne se publie avec ses critères : la somme de leurs points est nulle.")
        if row.closes_on < timezone.localdate():
            raise DomainError(
                f"La clôture du {row.closes_on:%d/%m/%Y} est passée : la repousser, aucune école ne pourrait répondre.",
                field="closes_on",
            )
        row.state = CampaignState.PUBLISHED
        return audit.save(instance=row, by=by, authority=authority)


def _refuse_not_in_use(questionnaire: Questionnaire) -> None:
    if questionnaire.state == QuestionnaireState.RETIRED:
        later = Questionnaire.objects.filter(authority=questionnaire.authority_id, code=questionnaire.code)
        used = later.filter(state=QuestionnaireState.IN_USE).first()
        choose = f" : choisir « {used} »" if used else ""
        raise DomainError(f"Le questionnaire « {questionnaire} » a été remplacé{choose}.", field="questionnaire")
    if questionnaire.state != QuestionnaireState.IN_USE:
        raise DomainError(f"Le questionnaire « {questionnaire} » n'est pas en service : l'y mettre d'abord.")


def unpublish_campaign(*, campaign: Campaign, by: User | None, reason: str = "") -> Campaign:
    """Back to preparation, as long as no school has begun."""
    authority = campaign.authority
    with audit.action(
        "schools.campaign_unpublished", "Retrait de la publication", by=by, authority=authority, target=campaign, reason=reason
    ):  # fmt: skip
        row = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if row.state != CampaignState.PUBLISHED:
            raise DomainError(f"« {row} » n'est pas publiée.")
        begun = row.applications.count()
        if begun:
            raise DomainError(
                f"{counted(begun, 'école')} {'a' if begun == 1 else 'ont'} commencé à répondre : la campagne reste "
                "publiée. Avancer sa clôture pour l'arrêter."
            )
        row.state = CampaignState.DRAFT
        return audit.save(instance=row, by=by, authority=authority)


def save_criterion(
    *, instance: Criterion, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Criterion:
    campaign = instance.campaign
    authority = campaign.authority
    with audit.action("schools.criterion_saved", "Critère", by=by, authority=authority, target=campaign, reason=reason):
        refuse_frozen_campaign(campaign)
        if not instance._state.adding:
            _refuse_marks_outside(instance)
        return save_in_authority(instance, authority, "campaign__authority", by=by, reason=reason)


def _refuse_marks_outside(instance: Criterion) -> None:
    stored = Criterion.objects.get(pk=instance.pk)
    if stored.campaign_id != instance.campaign_id:
        raise DomainError("Un critère reste dans sa campagne.", field="campaign")
    given = list(stored.marks.values_list("value", flat=True))
    if not given:
        return
    if stored.kind != instance.kind:
        raise DomainError("Ce critère a déjà des notes : qui le note ne change plus.", field="kind")
    low, high = marks.bounds(instance.floor_value, instance.full_value)
    outside = [value for value in given if not low <= value <= high]
    if outside:
        raise DomainError(
            f"La note {marks.shown(outside[0])}, déjà donnée, sort des bornes de {marks.shown(low)} à {marks.shown(high)}.",
            field="full_value",
        )


def delete_criterion(*, instance: Criterion, by: User | None, reason: str = "") -> None:
    campaign = instance.campaign
    authority = campaign.authority
    with audit.action(
        "schools.criterion_deleted", "Suppression", by=by, authority=authority, target=campaign, reason=reason
    ):
        refuse_frozen_campaign(campaign)
        given = instance.marks.count()
        if given:
            raise DomainError(f"{counted(given, 'note donnée')} sous ce critère : il ne se supprime plus.")
        published = Campaign.objects.filter(pk=campaign.pk, state=CampaignState.PUBLISHED).exists()
        if published and not campaign.criteria.exclude(pk=instance.pk).exists():
            raise DomainError("Une campagne publiée garde au moins un critère.")
        audit.delete(instance=instance, by=by, authority=authority)
