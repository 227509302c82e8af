"""The questionnaires that the deliberation of Saint-Étienne Métropole describes, with a campaign in preparation; and for the simulation
only, a campaign of made-up diagnostics in several states, each of which says so."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

from django.db import transaction
from PIL import Image, ImageDraw

from plan_numerique.accounts.models import Authority
from plan_numerique.audit import services as audit
from plan_numerique.demo.loader import files
from plan_numerique.demo.loader.proposals import propose
from schools import services
from schools.enums import Payer, QuestionnaireState, Trigger, TriggerFamily, WorkNature
from schools.models import Diagnostic, DiagnosticCampaign, Question, Questionnaire, School, SchoolClass, Work
from schools.queries import ACADEMY, HALVES, PEDAGOGICAL, TECHNICAL, TOWN

SOURCE = "saint-etienne-metropole"
SIMULATION = "rennes"
SIMULATED = "Simulation : fabriqué pour la démonstration"
ANSWERS = {
    TECHNICAL: {
        "classes-cablees": 4,
        "etat-cablage": "a-reprendre",
        "connexion": "fibre",
        "debit": 100,
        "wifi": "non",
        "postes": 18,
        "postes-a-requalifier": 6,
        "videoprojecteurs": 2,
        "interventions": "Réponse simulée.",
        "travaux-prevus": "oui",
        "travaux-detail": "Réponse simulée.",
        "local-securise": "non",
        "fixation": "une-partie",
    },
    PEDAGOGICAL: {
        "usages-collectifs": ["projection", "recherche"],
        "frequence": "hebdomadaire",
        "usages-individuels": ["entrainement"],
        "formation-suivie": "non",
        "formation-besoin": "Réponse simulée.",
        "projet-ecole": "oui",
        "ent": "souhaite",
    },
}


@transaction.atomic
def load_diagnostics(authority: Authority, *, today: date) -> bool:
    """False where there are some already, or nothing to load."""
    if authority.slug not in {SOURCE, SIMULATION} or DiagnosticCampaign.objects.filter(authority=authority).exists():
        return False
    with audit.action("demo.diagnosed", "Diagnostics de la démonstration", by=None, authority=authority):
        sheets = {half: _questionnaire(authority, half) for half in HALVES}
        if authority.slug == SOURCE:
            _campaign(
                authority,
                sheets,
                2016,
                "Diagnostics numériques des écoles",
                files.read("surveys/diagnostics.json")["source"],
            )
        else:
            _simulated(authority, sheets, today)
    return True


def _questionnaire(authority: Authority, half: str) -> Questionnaire:
    data = files.read("surveys/diagnostics.json")
    told = data[half]
    row = audit.save(
        instance=Questionnaire(
            authority=authority,
            kind=half,
            code=told["code"],
            title=told["title"],
            intro=told["intro"],
            source=data["source"] if authority.slug == SOURCE else f"{SIMULATED}, d'après Saint-Étienne Métropole",
        ),
        by=None,
        authority=authority,
    )
    for rank, question in enumerate(told["questions"], 1):
        _question(row, rank, question)
    row.state = QuestionnaireState.IN_USE
    return audit.save(instance=row, by=None, authority=authority)


def _question(sheet: Questionnaire, rank: int, told: dict[str, Any]) -> None:
    plain = {name: value for name, value in told.items() if name != "options"}
    options = [{"code": code, "label": label} for code, label in told.get("options", ())]
    question = Question(questionnaire=sheet, position=rank, options=options, **plain)
    audit.save(instance=question, by=None, authority=sheet.authority)


def _campaign(
    authority: Authority, sheets: dict[str, Questionnaire], year: int, title: str, source: str
) -> DiagnosticCampaign:
    return services.save_diagnostic_campaign(
        instance=DiagnosticCampaign(
            authority=authority, title=title, school_year=year, source=source[:250], note="", **sheets
        ),
        by=None,
    )


def _simulated(authority: Authority, sheets: dict[str, Questionnaire], today: date) -> None:
    """One only triggered, one whose technical part is finished, one that both sides have signed."""
    latest = SchoolClass.objects.filter(school__authority=authority).order_by("-school_year").first()
    if latest is None:
        return
    campaign = _campaign(authority, sheets, latest.school_year, "Diagnostics (simulation)", SIMULATED)
    of_year = SchoolClass.objects.filter(school_year=latest.school_year).values("school")
    schools = School.objects.filter(authority=authority, kind="elementaire", pk__in=of_year).order_by("name", "pk")[:3]
    triggers = (
        (TriggerFamily.OWNER, Trigger.BUILDING),
        (TriggerFamily.EDUCATION, Trigger.TEAM_TRAINING),
        (TriggerFamily.AUTHORITY, Trigger.AGEING_PARK),
    )
    for rank, (school, (family, trigger)) in enumerate(zip(schools, triggers, strict=False)):
        row = services.trigger_diagnostic(
            campaign=campaign,
            school=school,
            family=family,
            trigger=trigger,
            reason=f"{SIMULATED}.",
            on=today - timedelta(days=30 - rank),
            by=None,
        )
        if rank:
            _half(row, TECHNICAL)
            _works(row, today)
        if rank == 2:
            _signed(row)


def _half(row: Diagnostic, half: str) -> None:
    typed = {code: (value, None) for code, value in ANSWERS[half].items()}
    services.save_answers(owner=row, typed=typed, by=None, questionnaire=getattr(row.campaign, half))
    services.finish_half(diagnostic=row, half=half, by=None)


def _works(row: Diagnostic, today: date) -> None:
    for nature, label, payer, amount in (
        (WorkNature.CABLING, "Reprise du câblage de deux classes (simulation)", Payer.COMMUNE, 240_000),
        (WorkNature.SECURITY, "Porte du local de rangement (simulation)", Payer.COMMUNE, None),
        (WorkNature.CONNECTION, "Raccordement de la baie (simulation)", Payer.AUTHORITY, 85_000),
    ):
        services.save_work(
            instance=Work(
                diagnostic=row, nature=nature, label=label, payer=payer, amount_ht=amount, due_on=today + timedelta(90)
            ),
            by=None,
        )
    services.add_photo(diagnostic=row, content=_picture(), caption="Image de la simulation", by=None)


def _picture() -> bytes:
    """No photograph of a real place."""
    sheet = Image.new("RGB", (800, 600), "#d8d2c4")
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((220, 120, 580, 520), fill="#8b8172", outline="#221e18", width=6)
    draw.text((340, 60), "SIMULATION", fill="#221e18", font_size=24)
    out = BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


def _signed(row: Diagnostic) -> None:
    classes = SchoolClass.objects.filter(school=row.school, school_year=row.campaign.school_year).order_by("name", "pk")
    services.set_volunteers(diagnostic=row, classes=classes[:3], by=None)
    propose(row)
    _half(row, PEDAGOGICAL)
    for side in (TOWN, ACADEMY):
        services.sign_diagnostic(diagnostic=row, side=side, by=None)
