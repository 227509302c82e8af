"""One authority at a time, in one transaction: a second run loads only what is missing."""

from django.db import transaction

from plan_numerique.accounts.enums import Role
from plan_numerique.accounts.models import Authority
from plan_numerique.audit.services import action
from plan_numerique.demo.loader import files, people, territory
from plan_numerique.demo.loader.catalogue import load_catalogue
from plan_numerique.demo.loader.councils import load_council
from plan_numerique.demo.loader.plans import load_governance
from plan_numerique.demo.loader.subscriptions import load_ent
from schools.services import assign


@transaction.atomic
def load(name: str) -> Authority | None:
    """Load one data file, or nothing where its authority is there already."""
    data = files.read(f"{name}.json")
    if Authority.objects.filter(slug=data["authority"]["slug"]).exists():
        return None
    with action("demo.loaded", "Démonstration chargée", by=None, authority=None, reason=data["authority"]["name"]):
        authority = territory.load_authority(data)
        communes = territory.load_communes(authority, data)
        schools = territory.load_schools(authority, data, communes)
        territory.load_classes(authority, data, schools)
        territory.load_counts(authority, data)
        rule_set = load_catalogue(authority, data)
        load_ent(authority, data, schools)
        scenarios = load_governance(authority, data, schools, rule_set)
        load_council(authority, data, scenarios)
        people.give_roles(authority)
        if people.SCHOOL_OF_THE_ACCOUNT in schools:
            people.give_academy_role(authority.department)
            account = people.account(Role.SCHOOL)
            assign(
                school=schools[people.SCHOOL_OF_THE_ACCOUNT],
                email=account.email,
                full_name="",
                is_director=True,
                by=None,
            )
    return authority
