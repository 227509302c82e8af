"""Rows the demonstration has none of, made inside the site by `manage.py shell`: a town of one row of each kind."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from plan_numerique.accounts.models import Authority, User
from plan_numerique.imports import services as imports
from schools import services as school_services
from schools.imports import SchoolImporter
from schools.models import FrozenYear, RollOverLine
from tests.factories import deliberations, ent, equipment, governance, schools
from tests.factories.accounts import AuthorityFactory, MembershipFactory
from tests.factories.proposals import ReservationFactory


def add() -> dict[str, str]:
    """One town for the administrator alone, another for nobody: the paths of its rows."""
    known = AuthorityFactory(slug="essai", name="Commune d'essai", department="098")
    MembershipFactory(user=User.objects.get(email="administrator@demo.example"), role="administrator", authority=known)
    walked(known, rows_of(known))
    return paths(rows_of(AuthorityFactory(slug="ailleurs", name="Commune d'ailleurs", department="097")))


def rows_of(authority: Authority) -> dict[str, Any]:
    commune = schools.CommuneFactory(authority=authority)
    school = schools.SchoolFactory(commune=commune)
    school_class = schools.SchoolClassFactory(school=school)
    schools.HeadcountFactory(school_class=school_class)
    site = schools.SiteFactory(school=school)
    schools.RoomFactory(site=site)
    item_type = equipment.ItemTypeFactory(authority=authority)
    device = equipment.DeviceFactory(item_type=item_type, school=school)
    equipment.MovementFactory(device=device)
    subscription = ent.SubscriptionFactory(authority=authority)
    plan = governance.PlanFactory(authority=authority)
    scenario = governance.ScenarioFactory(plan=plan)
    committee = governance.CommitteeFactory(authority=authority)
    governance.SeatFactory(committee=committee)
    meeting = governance.MeetingFactory(committee=committee)
    item = governance.AgendaItemFactory(meeting=meeting)
    governance.DecisionFactory(item=item)
    assembly = deliberations.AssemblyFactory(authority=authority)
    mandate = deliberations.MandateFactory(assembly=assembly)
    sitting = deliberations.SittingFactory(assembly=assembly)
    return {
        "schools:commune_detail": commune,
        "schools:school_detail": school,
        "schools:schoolclass_detail": school_class,
        "schools:site_detail": site,
        "equipment:itemtype_detail": item_type,
        "equipment:pack_detail": equipment.PackLineFactory(pack__authority=authority).pack,
        "equipment:ruleset_detail": equipment.AllocationRuleFactory(rule_set__authority=authority).rule_set,
        "equipment:device_detail": device,
        "equipment:school_need": school,
        "ent:offer_detail": subscription.offer,
        "ent:subscription_detail": subscription,
        "governance:plan_detail": plan,
        "governance:scenario_detail": scenario,
        "governance:funder_detail": governance.FundingLineFactory(scenario=scenario).funder,
        "governance:committee_detail": committee,
        "governance:meeting_detail": meeting,
        "governance:action_detail": governance.ActionFactory(item=item),
        "deliberations:assembly_detail": assembly,
        "deliberations:mandate_detail": mandate,
        "deliberations:sitting_detail": sitting,
        "deliberations:act_detail": deliberations.ActFactory(sitting=sitting),
    }


def walked(authority: Authority, rows: dict[str, Any]) -> None:
    """Rows that few roles may open, for the walk of the administrator through every kind of page: a rentrée prepared, a year frozen, a
    device set aside, a file checked."""
    school, school_class = rows["schools:school_detail"], rows["schools:schoolclass_detail"]
    rentree = school_services.prepare_roll_over(authority=authority, to_year=school_class.school_year + 1, by=None)
    closing = RollOverLine(roll_over=rentree, move="close_class", school=school, school_class=school_class)
    school_services.save_line(instance=closing, by=None)
    FrozenYear.objects.create(authority=authority, school_year=school_class.school_year - 1, frozen_at=timezone.now())
    ReservationFactory(proposal__diagnostic__school=school, proposal__diagnostic__campaign__authority=authority)
    importer = SchoolImporter()
    content = f"UAI;Nom;Niveau\r\n{school.uai};École d'essai;Collège\r\n".encode()
    session = imports.open_session(
        authority=authority, importer=importer, filename="ecoles.csv", content=content, options={}, by=None
    )
    imports.check_session(session=session, importer=importer, by=None)


def paths(rows: dict[str, Any]) -> dict[str, str]:
    return {name: reverse(name, args=[row.pk]) for name, row in rows.items()}
