"""What the lead and the committee do with a ranking: places given against the score, submission, the frozen list and what it answers."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from simple_history.utils import bulk_update_with_history

from governance.enums import DecisionEffect, MeetingState
from governance.models import AgendaItem, Decision, Meeting
from governance.queries import Ranking, departure_version, proposed_decision, ranking_of
from plan_numerique.accounts.enums import Role
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.audit.services import action
from plan_numerique.documents import services as documents
from plan_numerique.shared.errors import DomainError
from schools import permissions
from schools.enums import ApplicationState, CampaignState, Step
from schools.models import Application, Campaign, Departure, RankedPlace
from schools.queries import is_of_school
from schools.services import application_url, reach, refuse_frozen_campaign

LONGEST_REASON = 600


class DepartureChangedError(DomainError):
    """Somebody placed the application since the form was shown."""

    def __init__(self, row: Departure | None) -> None:
        told = "l'école a été remise à son rang"
        if row is not None:
            given = [f"la place {row.position}"] if row.position else []
            given += ["« non retenue »"] if row.refused else []
            told = f"quelqu'un a noté pour elle {' et '.join(given)} : « {row.reason} »"
        super().__init__(
            f"Rien n'est enregistré : entre-temps, {told}. Votre saisie est gardée ci-dessous ; l'enregistrer à nouveau la remplace."
        )


def set_departure(
    *,
    application: Application,
    position: int | None,
    refused: bool = False,
    reason: str,
    by: User | None,
    seen: str | None = None,
) -> Departure:
    """`position` None: the place of its score, and then `refused`. `seen`: the version that was shown (queries.departure_version); another
    one is told, not replaced."""
    campaign, reason = application.campaign, reason.strip()
    with action(
        "governance.ranking_departure", "Écart au classement", by=by, authority=campaign.authority, target=application,
        reason=reason,
    ):  # fmt: skip
        refuse_frozen_campaign(campaign)
        _require_ranked(application)
        _refuse_own(application, by)
        if not reason:
            raise DomainError("Un écart au score est motivé : dire pourquoi.", field="reason")
        if len(reason) > LONGEST_REASON:
            raise DomainError(f"Un motif a {LONGEST_REASON} caractères au plus.", field="reason")
        if position is None and not refused:
            raise DomainError("Donner une place, ou dire que l'école n'est pas retenue.", field="position")
        known = Departure.objects.filter(application=application).first()
        if seen is not None and seen != departure_version(application.pk):
            raise DepartureChangedError(known)
        _require_free(application, position, by)
        row = known or Departure(application=application)
        row.campaign, row.position, row.refused, row.reason = campaign, position, refused, reason
        return audit.save(instance=row, by=by, authority=campaign.authority, reason=reason)


def _require_ranked(application: Application) -> None:
    state = Application.objects.values_list("state", flat=True).get(pk=application.pk)
    if state != ApplicationState.SUBMITTED:
        label = ApplicationState(state).label.lower()
        raise DomainError(f"« {application.school} » n'est pas au classement : sa candidature est « {label} ».")


def _refuse_own(application: Application, by: User | None) -> None:
    if by is not None and is_of_school(by, application.school):
        raise DomainError("Qui exerce dans l'école ne change pas sa place au classement.")


def _require_free(application: Application, position: int | None, by: User | None) -> None:
    taken = Departure.objects.filter(
        campaign=application.campaign_id, position=position, application__state=ApplicationState.SUBMITTED
    ).exclude(application=application)
    other = taken.select_related("application__school").first() if position is not None else None
    if other is not None:
        raise DomainError(
            f"La place {position} est déjà donnée à « {other.application.school} » ({other.reason}) : choisir une autre "
            "place, ou remettre d'abord cette école à son rang.",
            field="position",
        )
    # A school that withdrew holds no place any more.
    gone = Departure.objects.filter(campaign=application.campaign_id, position=position).exclude(
        application=application
    )
    if position is not None:
        for row in gone:
            audit.delete(instance=row, by=by, authority=application.campaign.authority)


def clear_departure(*, application: Application, by: User | None, reason: str = "") -> None:
    """Back to the place of its score."""
    campaign = application.campaign
    with action(
        "governance.ranking_departure_cleared", "Retour au score", by=by, authority=campaign.authority,
        target=application, reason=reason,
    ):  # fmt: skip
        refuse_frozen_campaign(campaign)
        _refuse_own(application, by)
        row = Departure.objects.filter(application=application).first()
        if row is None:
            raise DomainError(f"« {application.school} » est déjà à la place de son score.")
        audit.delete(instance=row, by=by, authority=campaign.authority)


def save_departure(*, instance: Departure, by: User | None, reason: str = "", m2m: object = None) -> Departure:
    """The row of the API, by the same rules."""
    if not instance._state.adding:
        stored = Departure.objects.values_list("application", flat=True).get(pk=instance.pk)
        if stored != instance.application_id:
            raise DomainError("Un écart reste celui de sa candidature.", field="application")
    return set_departure(
        application=instance.application,
        position=instance.position,
        refused=instance.refused,
        reason=instance.reason,
        by=by,
    )


def delete_departure(*, instance: Departure, by: User | None, reason: str = "") -> None:
    clear_departure(application=instance.application, by=by, reason=reason)


def submit_to_committee(*, campaign: Campaign, meeting: Meeting, by: User | None) -> Decision:
    """An item of the agenda with the decision proposed: closing the meeting takes it, unless it is removed."""
    authority = campaign.authority
    with action("governance.ranking_submitted", "Liste soumise au comité", by=by, authority=authority, target=campaign):
        if meeting.committee.authority_id != authority.pk:
            raise DomainError("Cette réunion est celle d'une autre collectivité.", field="meeting")
        # Held before the campaign, as closing the meeting does.
        if Meeting.objects.select_for_update().get(pk=meeting.pk).state == MeetingState.CLOSED:
            raise DomainError(f"La réunion « {meeting} » est close.", field="meeting")
        refuse_frozen_campaign(campaign)
        last = meeting.items.aggregate(last=Max("position"))["last"] or 0
        item = AgendaItem(meeting=meeting, position=last + 1, title=f"Liste des écoles retenues : {campaign}"[:200])
        audit.save(instance=item, by=by, authority=authority)
        text = f"Le comité arrête la liste des écoles retenues de la campagne « {campaign} », telle que classée."
        row = Decision(item=item, text=text, effect=DecisionEffect.FREEZES_RANKING, campaign=campaign)
        require_freezable(row)
        return audit.save(instance=row, by=by, authority=authority)


def require_freezable(decision: Decision) -> None:
    """What a decision that would freeze a list asks when it is written; the rest is asked when the meeting closes."""
    campaign = decision.campaign
    if decision.effect != DecisionEffect.FREEZES_RANKING or campaign is None:
        return
    refuse_frozen_campaign(campaign)
    if campaign.state == CampaignState.DRAFT:
        raise DomainError(f"« {campaign} » n'est pas publiée : elle n'a pas de liste à arrêter.", field="campaign")
    other = proposed_decision(campaign)
    if other is not None and other.pk != decision.pk:
        raise DomainError(
            f"La réunion « {other.item.meeting} » a déjà une décision qui arrête cette liste.", field="campaign"
        )


def freeze_ranking(*, decision: Decision, campaign: Campaign, by: User | None) -> Ranking:
    """Writes the list as it stands; nothing computes it again. In the transaction that closes the meeting."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    campaign.authority = decision.item.meeting.committee.authority
    with action(
        "governance.ranking_frozen", "Liste arrêtée", by=by, authority=campaign.authority, target=campaign,
        reason=decision.text,
    ):  # fmt: skip
        refuse_frozen_campaign(campaign)
        today = timezone.localdate()
        _require_over(campaign, today)
        _require_held(decision.item.meeting, today)
        found = ranking_of(campaign, on=today)
        if not found.rows:
            raise DomainError(f"« {campaign} » n'a aucune candidature déposée : il n'y a pas de liste à arrêter.")
        _write(found, by)
        _tell_schools(found, decision, by)
        campaign.state, campaign.frozen_at, campaign.frozen_by = CampaignState.FROZEN, timezone.now(), by
        audit.save(instance=campaign, by=by, authority=campaign.authority)
    return found


def _require_over(campaign: Campaign, today: date) -> None:
    if campaign.state == CampaignState.DRAFT:
        raise DomainError(f"« {campaign} » n'est pas publiée : elle n'a pas de liste à arrêter.")
    if campaign.closes_on >= today:
        raise DomainError(
            f"« {campaign} » reçoit des candidatures jusqu'au {campaign.closes_on:%d/%m/%Y} inclus : sa liste s'arrête après "
            "la clôture. Remettre la décision à une autre réunion, ou avancer la clôture."
        )


def _require_held(meeting: Meeting, today: date) -> None:
    if meeting.held_on > today:
        raise DomainError(
            f"La réunion du {meeting.held_on:%d/%m/%Y} n'a pas encore eu lieu : elle arrêtera la liste ce jour-là, ou après avoir "
            "été avancée."
        )


def _write(found: Ranking, by: User | None) -> None:
    authority = found.campaign.authority
    places = [
        RankedPlace(
            application=row.application,
            position=row.position,
            by_score=row.by_score,
            score=row.score,
            detail=[each.stored() for each in row.details],
            tie=row.tie[:250],
            departure_reason=row.reason,
            outcome=row.outcome,
            answer=row.reason if row.outcome == ApplicationState.REFUSED else "",
        )
        for row in found.rows
    ]
    audit.create_many(instances=places, by=by, authority=authority, label="Liste arrêtée")
    answered = [row.application for row in found.rows]
    for row in found.rows:
        row.application.state = row.outcome
    bulk_update_with_history(answered, Application, ["state"], batch_size=200, default_user=by)


def _tell_schools(found: Ranking, decision: Decision, by: User | None) -> None:
    meeting = decision.item.meeting
    cause = f"Décision du comité « {meeting.committee} » du {meeting.held_on:%d/%m/%Y} : {found.campaign}"
    for row in found.rows:
        if row.outcome == ApplicationState.RETAINED:
            url = application_url(row.application)
            reach(school=row.application.school, step=Step.RETAINED, on=meeting.held_on, cause=cause, url=url, by=by)


class AnswerChangedError(DomainError):
    """Somebody wrote the answer since the form was shown."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        told = f"« {answer} »" if answer else "elle a été effacée"
        super().__init__(
            f"Rien n'est enregistré : entre-temps, quelqu'un a changé la motivation : {told}. Votre saisie est gardée ci-dessous ; "
            "l'enregistrer à nouveau la remplace."
        )


@transaction.atomic
def answer_place(*, place: RankedPlace, text: str, by: User | None, seen: str | None = None) -> RankedPlace:
    """The words of the lead in the letter: the one thing of a frozen list that is still written. `seen`: those that were shown."""
    text = text.strip()
    if len(text) > LONGEST_REASON:
        raise DomainError(f"Une réponse a {LONGEST_REASON} caractères au plus.", field="answer")
    row = RankedPlace.objects.select_for_update().get(pk=place.pk)
    if seen is not None and row.answer.split() != seen.split():
        raise AnswerChangedError(row.answer)
    row.answer = text
    return audit.save(instance=row, by=by, authority=place.application.campaign.authority)


def keep_letters(
    *, campaign: Campaign, letters: Sequence[tuple[Application, bytes]], day: date, by: User | None
) -> None:
    """In the caller's transaction (`job.storing()`): read by the school, the lead and the Éducation nationale."""
    authority = campaign.authority
    with action("governance.letters_made", "Courriers établis", by=by, authority=authority, target=campaign):
        for application, content in letters:
            former = application.letter
            school = application.school
            application.letter = documents.store(
                roles=permissions.LEAD_CAMPAIGNS.roles | {Role.ACADEMY},
                authority=authority,
                title=f"Réponse à la candidature de {school} : {campaign}"[:200],
                kind="courrier-de-reponse",
                filename=f"reponse-{school.uai}-{day:%Y-%m-%d}.pdf",
                media_type="application/pdf",
                content=content,
                by=by,
            )
            audit.save(instance=application, by=by, authority=authority)
            if former is not None and former.published_at is None:
                documents.discard(document=former, by=by)
