"""A town for each of the journeys J1 to J3, made inside the site by `manage.py shell`: its accounts have no role elsewhere, and no other
account has one there, so that no other journey sees its rows. Their e-mails end with the name of the town."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.utils import timezone
from PIL import Image

from plan_numerique.accounts.models import Authority, District, User
from plan_numerique.demo.loader import people
from schools import services
from schools.enums import QuestionKind
from schools.models import Questionnaire, School
from tests.factories.accounts import AuthorityFactory, DistrictFactory, MembershipFactory
from tests.factories.equipment import DeviceFactory
from tests.factories.governance import MeetingFactory, ScenarioFactory, SeatFactory
from tests.factories.projects import (
    ApplicationFactory,
    CampaignFactory,
    DiagnosticCampaignFactory,
    DiagnosticFactory,
    QuestionFactory,
    QuestionnaireFactory,
)
from tests.factories.proposals import YEAR, metropole_rules, school_with_classes
from tests.factories.ranking import applied, closed_campaign
from tests.factories.schools import CommuneFactory, SchoolFactory, synthetic_uai


def town(slug: str, department: str, *roles: str) -> Authority:
    authority: Authority = AuthorityFactory(
        slug=slug, name=f"Ville synthétique {slug}", insee=f"{department[-2:]}999", department=department
    )
    for role in roles:
        MembershipFactory(user=account(role, slug), role=role, authority=authority)
    return authority


def account(role: str, slug: str) -> User:
    user = User(email=f"{role}-{slug}@{people.DOMAIN}", full_name=f"Compte de démonstration — {role}")
    user.set_password(people.password())
    user.save()
    return user


def schools(authority: Authority, count: int, **values: object) -> list[School]:
    commune = CommuneFactory(authority=authority, insee=authority.insee, name=authority.name)
    return [
        SchoolFactory(commune=commune, uai=synthetic_uai(rank), name=f"École synthétique {rank}", **values)
        for rank in range(1, count + 1)
    ]


def first_hour() -> None:
    """Two towns without a school: one whose files are imported, one whose files are only checked."""
    town("premiere-heure", "096", "education")
    town("formats", "095", "education")


def ranking() -> tuple[int, int]:
    """A call for projects that is over, for one place: the school of lowest age of equipment is second, the last two are tied; the
    committee meets today. The keys of the campaign and of the device of « École synthétique 1 », of today."""
    authority = town("classement", "094", "education", "technician")
    today = timezone.localdate()
    old = today - timedelta(days=3660)
    rows = schools(authority, 4)
    rows[0].district = district(authority)
    rows[0].save()
    campaign = closed_campaign(
        authority,
        title="Appel synthétique",
        places=1,
        opens_on=today - timedelta(days=60),
        closes_on=today - timedelta(days=5),
    )
    for school, mark, acquired_on in zip(rows, (9, 6, 5, 5), (today, old, None, None), strict=True):
        applied(campaign, mark=Decimal(mark), acquired_on=acquired_on, school=school)
    services.assign(school=rows[0], user=account("school", "classement"), is_director=True, by=None)
    seat = SeatFactory(committee__authority=authority, committee__name="Comité de pilotage synthétique")
    MeetingFactory(committee=seat.committee, held_on=today)
    return campaign.pk, rows[0].devices.get().pk


def district(authority: Authority) -> District:
    """With the inspection that follows it."""
    row: District = DistrictFactory(department=authority.department, name="Circonscription synthétique")
    MembershipFactory(user=account("ien", authority.slug), role="academy", authority=None, district=row)
    return row


def packs() -> tuple[int, int, int]:
    """The rules of Saint-Étienne Métropole with synthetic prices, a school of eight classes and a maternelle whose diagnostics are filled,
    two requalified computers in stock, an empty scenario. The keys of both diagnostics and of the scenario."""
    authority = town("packs", "093", "education", "technician")
    MembershipFactory(user=account("academy", "packs"), role="academy", authority=None, department=authority.department)
    rules = metropole_rules(authority, unit_price_ht=10_000)
    school, maternelle = schools(authority, 2)
    maternelle.kind = "maternelle"
    maternelle.save()
    school_with_classes(school, "CP", "CP", "CE1", "CE1", "CE2", "CE2", "CM1", "CM2")
    school_with_classes(maternelle, "PS", "MS", "GS")
    computer = authority.item_types.get(code="poste-requalifie")
    for rank in (1, 2):
        DeviceFactory(item_type=computer, inventory_number=f"PC-REQUALIFIE-{rank}", state="requalified")
    campaign = DiagnosticCampaignFactory(authority=authority, title="Diagnostics synthétiques", school_year=YEAR)
    done = {"technical_done_at": timezone.now(), "pedagogical_done_at": timezone.now()}
    diagnostics = [DiagnosticFactory(school=row, campaign=campaign, **done) for row in (school, maternelle)]
    scenario = ScenarioFactory(
        plan__authority=authority,
        plan__name="Plan synthétique",
        name="Scénario à nourrir",
        rule_set=rules,
        school_year=YEAR,
        first_exercise=YEAR,
        last_exercise=YEAR + 2,
    )
    return diagnostics[0].pk, diagnostics[1].pk, scenario.pk


def under_way() -> dict[str, int]:
    """What a page shows in one state only: a questionnaire being composed, an application being typed with a file joined to it, a
    diagnostic under entry with a photo; each with a question of every kind."""
    authority = town("saisie", "092", "education")
    MembershipFactory(
        user=account("academy", "saisie"), role="academy", authority=None, department=authority.department
    )
    (school,) = schools(authority, 1)
    school_with_classes(school, "CP", "CE1")
    composed = questioned(authority=authority, state="draft")
    today = timezone.localdate()
    application = ApplicationFactory(
        school=school,
        state="draft",
        submitted_at=None,
        campaign=CampaignFactory(
            authority=authority,
            questionnaire=questioned(authority=authority),
            school_year=YEAR,
            opens_on=today,
            closes_on=today + timedelta(days=9),
        ),
    )
    services.attach_file(application=application, filename="projet.pdf", content=b"%PDF-1.7\nsynthetique", by=None)
    diagnostic = DiagnosticFactory(
        school=school,
        campaign=DiagnosticCampaignFactory(
            authority=authority,
            school_year=YEAR,
            technical=questioned(authority=authority, kind="technical"),
            pedagogical=questioned(authority=authority, kind="pedagogical"),
        ),
    )
    picture = BytesIO()
    Image.new("RGB", (80, 60), "#d8d2c4").save(picture, "PNG")
    services.add_photo(diagnostic=diagnostic, content=picture.getvalue(), caption="Image synthétique", by=None)
    return {"questionnaire": composed.pk, "application": application.pk, "diagnostic": diagnostic.pk}


def questioned(**values: Any) -> Questionnaire:
    row: Questionnaire = QuestionnaireFactory(**values)
    options = [{"code": "oui", "label": "Oui, déjà"}, {"code": "non", "label": "Pas encore"}]
    for rank, kind in enumerate(QuestionKind, 1):
        QuestionFactory(
            questionnaire=row,
            position=rank,
            kind=kind,
            section="Une rubrique" if rank < 4 else "Une autre",
            help="Ce que la question attend." if rank % 2 else "",
            required=bool(rank % 2),
            options=options if kind in (QuestionKind.CHOICE, QuestionKind.CHOICES) else [],
        )
    return row
