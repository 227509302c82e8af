"""A call for projects to practise on, in the Rennes simulation: its schools are those of the register, what they write is made up and
says so. The demonstration's school has not applied yet: the journey is there to be played, and stays open from the day it is loaded."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from plan_numerique.accounts.enums import Role
from plan_numerique.accounts.models import Authority, Membership
from plan_numerique.administration.services import person
from plan_numerique.audit import services as audit
from plan_numerique.demo.loader import people
from schools import queries, services
from schools.enums import CriterionKind, QuestionKind, QuestionnaireKind, Stage, Verdict
from schools.models import Application, Campaign, Criterion, Question, Questionnaire, School

TITLE = "Appel à candidatures (simulation)"
SOURCE = (
    "Simulation. Questions tirées des critères des plans de Poitiers (équipes volontaires sur un projet, local sécurisé) et de "
    "Saint-Étienne Métropole (formation d'équipe, aménagement et mise en sécurité)"
)
MADE_UP = "Texte fabriqué pour la démonstration : cette école n'a rien écrit de tel."
SCHOOL_OF_THE_ACCOUNT = "0350592D"
IEN, TICE = "ien", "tice"
GIVERS = {IEN: "Inspection de circonscription", TICE: "Équipe TICE, DSDEN"}
"""Accounts that give opinions, beside those of the roles."""
DAYS_OPEN, DAYS_LEFT, DAYS_OF_OPINIONS = 20, 25, 40

YES_NO, LONG, INTEGER, CHOICE, CHOICES = (
    QuestionKind.YES_NO,
    QuestionKind.LONG,
    QuestionKind.INTEGER,
    QuestionKind.CHOICE,
    QuestionKind.CHOICES,
)
SCHOOL_PROJECT, TRAINING, PREMISES = "Le projet d'école", "La formation", "Les locaux"
QUESTIONS: tuple[dict[str, Any], ...] = (
    {
        "code": "equipe",
        "section": SCHOOL_PROJECT,
        "text": "L'équipe enseignante s'est-elle portée volontaire en conseil des maîtres ?",
        "kind": YES_NO,
        "required": True,
    },
    {
        "code": "usages",
        "section": SCHOOL_PROJECT,
        "text": "Pour quels usages ?",
        "kind": CHOICES,
        "required": True,
        "options": [
            {"code": "collectif", "label": "Projection et travail collectif"},
            {"code": "groupe", "label": "Travail en groupe sur des tablettes ou des ordinateurs"},
            {"code": "production", "label": "Production d'écrits, de sons, d'images"},
            {"code": "ent", "label": "Lien avec les familles par l'ENT"},
        ],
    },
    {
        "code": "liaison",
        "section": SCHOOL_PROJECT,
        "text": "Comment le projet s'articule-t-il avec le projet d'école ?",
        "kind": LONG,
    },
    {
        "code": "formation",
        "section": TRAINING,
        "text": "L'équipe s'engage-t-elle à suivre la formation de prise en main ?",
        "kind": YES_NO,
        "required": True,
    },
    {
        "code": "referent",
        "section": TRAINING,
        "text": "Enseignants déjà formés aux usages du numérique",
        "kind": INTEGER,
        "unit": "enseignants",
        "lowest": 0,
        "highest": 100,
    },
    {
        "code": "local",
        "section": PREMISES,
        "text": "Un local sécurisé, avec une alimentation, peut-il recevoir une classe mobile ?",
        "kind": CHOICE,
        "required": True,
        "options": [
            {"code": "oui", "label": "Oui"},
            {"code": "travaux", "label": "Oui, après des travaux"},
            {"code": "non", "label": "Non"},
        ],
    },
    {
        "code": "travaux",
        "section": PREMISES,
        "text": "Aménagements ou travaux à prévoir",
        "kind": LONG,
        "help": "Fixations, câblage, aménagement de l'espace, mise en sécurité des locaux.",
    },
)
CRITERIA: tuple[tuple[CriterionKind, str, int, str, str, str | None], ...] = (
    (CriterionKind.IEN, "Intérêt pédagogique du projet", 25, "0", "10", None),
    (CriterionKind.TICE, "Préparation de l'équipe, besoin de formation", 20, "0", "10", None),
    (CriterionKind.COMMITTEE, "Cohérence avec le plan", 10, "0", "10", None),
    (CriterionKind.PARK_AGE, "Âge du matériel en place", 15, "0", "8", None),
    (CriterionKind.EQUIPPED, "Peu d'appareils en place", 10, "20", "0", "0"),
    (CriterionKind.EDUCATION_PRIORITY, "Éducation prioritaire", 10, "0", "2", "0"),
    (CriterionKind.SOCIAL_INDEX, "Indice de position sociale", 10, "130", "75", None),
)
PROJECTS = (
    ("Lire et dire en images (simulation)", "submitted"),
    ("Un journal d'école numérique (simulation)", "submitted"),
    ("Chercher, manipuler, expliquer en mathématiques (simulation)", "submitted"),
    ("Langues et sons (simulation)", "submitted"),
    ("Découvrir la programmation en cycle 3 (simulation)", "draft"),
    ("Arts et patrimoine du quartier (simulation)", "withdrawn"),
)
OPINIONS = (
    (0, Stage.TICE, Verdict.FAVOURABLE, "", False, "7"),
    (1, Stage.TICE, Verdict.RESERVED, f"Besoin d'un accompagnement au démarrage. {MADE_UP}", True, "5"),
)


@transaction.atomic
def load_call(authority: Authority, *, today: date) -> Campaign | None:
    """Nothing where the authority has a campaign already."""
    if Campaign.objects.filter(authority=authority).exists():
        return None
    schools = list(School.objects.filter(authority=authority, sector="public").order_by("uai"))
    own = next(school for school in schools if school.uai == SCHOOL_OF_THE_ACCOUNT)
    campaign = _campaign(authority, _questionnaire(authority), today)
    with_classes = [school for school in schools if school != own and school.classes.exists()]
    applications = [
        _application(campaign, school, project, state, rank)
        for rank, (school, (project, state)) in enumerate(zip(with_classes[::10], PROJECTS, strict=False))
    ]
    _opinions(campaign, applications)
    _accounts(authority, own)
    return campaign


def _questionnaire(authority: Authority) -> Questionnaire:
    row = Questionnaire(
        authority=authority,
        kind=QuestionnaireKind.APPLICATION,
        code="candidature-simulation",
        title="Candidature d'une école (simulation)",
        intro="Dix minutes suffisent ; tout s'enregistre au fil de la saisie.",
        source=SOURCE[:250],
    )
    services.save_questionnaire(instance=row, by=None)
    for position, question in enumerate(QUESTIONS, start=1):
        services.save_question(instance=Question(questionnaire=row, position=position, **question), by=None)
    return services.put_in_use(questionnaire=row, by=None)


def _campaign(authority: Authority, questionnaire: Questionnaire, today: date) -> Campaign:
    campaign = Campaign(
        authority=authority,
        title=TITLE,
        school_year=today.year + 1,
        questionnaire=questionnaire,
        presentation="Simulation : appel fabriqué pour la démonstration, que la Ville de Rennes n'a pas lancé. Les écoles "
        "volontaires disent leur projet ; dix sont retenues, après avis de l'Éducation nationale.",
        opens_on=today - timedelta(days=DAYS_OPEN),
        closes_on=today + timedelta(days=DAYS_LEFT),
        opinions_due_on=today + timedelta(days=DAYS_OF_OPINIONS),
        places=10,
        source="Simulation",
    )
    services.save_campaign(instance=campaign, by=None)
    for position, (kind, label, weight, floor, full, default) in enumerate(CRITERIA, start=1):
        criterion = Criterion(
            campaign=campaign,
            position=position,
            kind=kind,
            label=label,
            weight=weight,
            floor_value=Decimal(floor),
            full_value=Decimal(full),
            default_value=None if default is None else Decimal(default),
        )
        services.save_criterion(instance=criterion, by=None)
    return services.publish_campaign(campaign=campaign, by=None)


def _application(campaign: Campaign, school: School, project: str, state: str, rank: int) -> Application:
    row = services.start_application(campaign=campaign, school=school, by=None)
    offered = next(each for each in queries.own_questions(row) if each.code == "classes").options
    fields = {
        "project": project,
        "summary": MADE_UP if state != "draft" else "",
        "volunteers": min(len(offered), 3 + rank),
        "classes": [each.code for each in offered[: 2 + rank]],
    }
    services.save_fields(application=row, typed={name: (value, None) for name, value in fields.items()}, by=None)
    answers = {
        "equipe": True,
        "usages": ["collectif", "production"] if rank % 2 else ["groupe", "ent"],
        "liaison": MADE_UP,
        "formation": rank != 3,
        "referent": rank,
        "local": ("oui", "travaux", "non")[rank % 3],
    }
    kept = answers if state != "draft" else {"equipe": True}
    services.save_answers(owner=row, typed={code: (value, None) for code, value in kept.items()}, by=None)
    if state == "draft":
        return row
    row = services.submit_application(application=row, by=None)
    if state == "withdrawn":
        return services.withdraw_application(
            application=row, by=None, reason="Simulation : l'équipe change à la rentrée."
        )
    return row


def _opinions(campaign: Campaign, applications: Sequence[Application]) -> None:
    for rank, stage, verdict, text, confidential, mark in OPINIONS:
        criterion = campaign.criteria.get(kind=stage)
        services.give_opinion(
            application=applications[rank],
            stage=stage,
            verdict=verdict,
            text=text,
            confidential=confidential,
            marks={criterion.pk: (mark, "Simulation")},
            by=None,
        )


def _accounts(authority: Authority, school: School) -> None:
    """The school's account directs the school; an inspection of its district and a TICE team of the département give their opinions."""
    account = people.account(Role.SCHOOL)
    services.assign(school=school, user=account, is_director=True, by=None)
    scopes: dict[str, dict[str, Any]] = {IEN: {"district": school.district}, TICE: {"department": authority.department}}
    for name, label in GIVERS.items():
        user = person(
            email=f"{name}@{people.DOMAIN}", full_name=f"Compte de démonstration — {label}", by=None, authority=None
        )
        user.set_password(people.password())
        with audit.action("demo.password_set", "Mot de passe de démonstration", by=None, authority=None, target=user):
            user.save(update_fields=["password"])
        audit.save(instance=Membership(user=user, role=Role.ACADEMY, **scopes[name]), by=None, authority=None)
