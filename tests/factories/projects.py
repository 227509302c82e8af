"""Questionnaires, calls for projects and diagnostics."""

from datetime import date, datetime
from decimal import Decimal

import factory
from django.utils import timezone

from schools.enums import (
    ApplicationState,
    CampaignState,
    CriterionKind,
    QuestionKind,
    QuestionnaireKind,
    QuestionnaireState,
)
from schools.models import (
    Application,
    Campaign,
    Criterion,
    Departure,
    Diagnostic,
    DiagnosticCampaign,
    Mark,
    Opinion,
    Question,
    Questionnaire,
    RankedPlace,
    Work,
)
from tests.factories.accounts import AuthorityFactory
from tests.factories.schools import SchoolFactory


class QuestionnaireFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Questionnaire

    authority = factory.SubFactory(AuthorityFactory)
    kind = QuestionnaireKind.APPLICATION
    code = factory.Sequence(lambda n: f"questionnaire-{n}")
    title = factory.Sequence(lambda n: f"Questionnaire synthétique {n}")
    state = QuestionnaireState.IN_USE


class QuestionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Question

    questionnaire = factory.SubFactory(QuestionnaireFactory)
    position = factory.Sequence(lambda n: n % 999 + 1)
    code = factory.Sequence(lambda n: f"question-{n}")
    text = factory.Sequence(lambda n: f"Question synthétique {n} ?")
    kind = QuestionKind.TEXT


class CampaignFactory(factory.django.DjangoModelFactory):
    """Published, and open all along 2026 unless told otherwise."""

    class Meta:
        model = Campaign

    authority = factory.SubFactory(AuthorityFactory)
    title = factory.Sequence(lambda n: f"Appel à projets synthétique {n}")
    school_year = 2026
    questionnaire = factory.SubFactory(QuestionnaireFactory, authority=factory.SelfAttribute("..authority"))
    opens_on, closes_on = date(2026, 1, 1), date(2026, 12, 31)
    state = CampaignState.PUBLISHED


class CriterionFactory(factory.django.DjangoModelFactory):
    """A mark of the committee from 0 to 10, over 20 points."""

    class Meta:
        model = Criterion

    campaign = factory.SubFactory(CampaignFactory)
    position = factory.Sequence(lambda n: n % 99 + 1)
    kind = CriterionKind.COMMITTEE
    label = factory.Sequence(lambda n: f"Critère synthétique {n}")
    weight = 20
    floor_value, full_value = Decimal(0), Decimal(10)


class ApplicationFactory(factory.django.DjangoModelFactory):
    """Submitted, by a school of the campaign's authority."""

    class Meta:
        model = Application

    campaign = factory.SubFactory(CampaignFactory)
    school = factory.SubFactory(SchoolFactory, commune__authority=factory.SelfAttribute("...campaign.authority"))
    state = ApplicationState.SUBMITTED
    project = "Projet synthétique"
    submitted_at = factory.LazyFunction(lambda: datetime(2026, 3, 2, 9, 0, tzinfo=timezone.get_current_timezone()))


class OpinionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Opinion

    application = factory.SubFactory(ApplicationFactory)
    stage = "ien"
    verdict = "favourable"
    text = "Avis synthétique."
    given_at = factory.LazyFunction(timezone.now)


class MarkFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Mark

    application = factory.SubFactory(ApplicationFactory)
    criterion = factory.SubFactory(CriterionFactory, campaign=factory.SelfAttribute("..application.campaign"))
    value = Decimal(5)


class DepartureFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Departure

    application = factory.SubFactory(ApplicationFactory)
    campaign = factory.SelfAttribute("application.campaign")
    position = 1
    reason = "Motif synthétique"


class RankedPlaceFactory(factory.django.DjangoModelFactory):
    """A line of a frozen list; its campaign is not frozen by it: `CampaignFactory(state="frozen", frozen_at=…)`."""

    class Meta:
        model = RankedPlace

    application = factory.SubFactory(ApplicationFactory, state=ApplicationState.RETAINED)
    position = by_score = 1
    score = 100_000
    outcome = ApplicationState.RETAINED


class DiagnosticCampaignFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = DiagnosticCampaign

    authority = factory.SubFactory(AuthorityFactory)
    title = factory.Sequence(lambda n: f"Diagnostics synthétiques {n}")
    school_year = 2026
    technical = factory.SubFactory(
        QuestionnaireFactory, authority=factory.SelfAttribute("..authority"), kind=QuestionnaireKind.TECHNICAL
    )
    pedagogical = factory.SubFactory(
        QuestionnaireFactory, authority=factory.SelfAttribute("..authority"), kind=QuestionnaireKind.PEDAGOGICAL
    )


class DiagnosticFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Diagnostic

    campaign = factory.SubFactory(DiagnosticCampaignFactory)
    school = factory.SubFactory(SchoolFactory, commune__authority=factory.SelfAttribute("...campaign.authority"))
    family, trigger = "authority", "ageing_park"
    reason = "Motif synthétique"
    triggered_on = date(2026, 9, 1)


class WorkFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Work

    diagnostic = factory.SubFactory(DiagnosticFactory)
    nature, label, payer = "cabling", "Travaux synthétiques", "authority"
