"""Questions and answers as the pure core reads them (schools.domain.answers), for an application or a diagnostic."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from schools.domain import answers as core
from schools.enums import ApplicationState, CampaignState, DiagnosticState
from schools.models import Application, Campaign, Diagnostic, Question, Questionnaire

Owner = Application | Diagnostic


def as_question(row: Question) -> core.Question:
    return core.Question(
        code=row.code,
        text=row.text,
        kind=row.kind,
        options=tuple(core.Option(each["code"], each["label"]) for each in row.options),
        required=row.required,
        unit=row.unit,
        lowest=row.lowest,
        highest=row.highest,
        section=row.section,
        help=row.help,
    )


def questions_of(questionnaire: Questionnaire) -> tuple[core.Question, ...]:
    """In their order. One query."""
    rows = Question.objects.filter(questionnaire=questionnaire).order_by("position", "pk")
    return tuple(as_question(row) for row in rows)


def questionnaires_of(owner: Owner) -> tuple[Questionnaire, ...]:
    """That of an application; the technical then the pedagogical one of a diagnostic."""
    if isinstance(owner, Application):
        return (owner.campaign.questionnaire,)
    return (owner.campaign.technical, owner.campaign.pedagogical)


def values_of(owner: Owner, questionnaire: Questionnaire | None = None) -> dict[str, Any]:
    """Answers by code of question, those taken back left out. One query."""
    rows = owner.answers.filter(question__questionnaire=questionnaire) if questionnaire else owner.answers.all()
    found = rows.order_by("pk").values_list("question__code", "value")
    return {code: value for code, value in found if core.is_given(value)}


PREPARED, COMING, OPEN, CLOSED, FROZEN = "prepared", "coming", "open", "closed", "frozen"
PHASES = {
    PREPARED: ("En préparation", "neutral"),
    COMING: ("À venir", "info"),
    OPEN: ("Ouverte", "success"),
    CLOSED: ("Close", "warning"),
    FROZEN: ("Liste arrêtée", "neutral"),
}
"""Of a campaign: code to (label, tone)."""


def campaign_phase(campaign: Campaign, today: date) -> str:
    """From its state and dates; both dates are included in the opening."""
    if campaign.state == CampaignState.DRAFT:
        return PREPARED
    if campaign.state == CampaignState.FROZEN:
        return FROZEN
    if today < campaign.opens_on:
        return COMING
    return OPEN if today <= campaign.closes_on else CLOSED


def lock_of(owner: Owner, today: date, questionnaires: Iterable[Questionnaire] = ()) -> str:
    """Why no answer of the owner changes now, or an empty text. A half of a diagnostic that is done is locked for its questionnaire."""
    return (
        _application_lock(owner, today) if isinstance(owner, Application) else _diagnostic_lock(owner, questionnaires)
    )


def _application_lock(application: Application, today: date) -> str:
    if application.state != ApplicationState.DRAFT:
        return f"La candidature est {application.get_state_display().lower()} : elle ne change plus."
    phase = campaign_phase(application.campaign, today)
    if phase != OPEN:
        return (
            f"La campagne « {application.campaign} » n'est pas ouverte ({PHASES[phase][0].lower()}) : rien ne change."
        )
    return ""


def _diagnostic_lock(diagnostic: Diagnostic, questionnaires: Iterable[Questionnaire]) -> str:
    if diagnostic.state != DiagnosticState.OPEN:
        return f"Le diagnostic est {diagnostic.get_state_display().lower()} : ses réponses ne changent plus."
    asked = {each.pk for each in questionnaires}
    if diagnostic.technical_done_at and diagnostic.campaign.technical_id in asked:
        return "La partie technique est terminée : la rouvrir pour changer une réponse."
    if diagnostic.pedagogical_done_at and diagnostic.campaign.pedagogical_id in asked:
        return "La partie pédagogique est terminée : la rouvrir pour changer une réponse."
    return ""
