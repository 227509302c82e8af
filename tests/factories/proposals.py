"""Proposals of diagnosed schools, and the rule set of Saint-Étienne Métropole as its data file writes it."""

from typing import Any

import factory
from django.utils import timezone

from equipment.models import Proposal, ProposedPack, Reservation, RuleSet
from plan_numerique.accounts.models import Authority
from plan_numerique.demo.loader import files
from plan_numerique.demo.loader.catalogue import load_catalogue
from schools.models import School
from tests.factories.equipment import DeviceFactory, ItemTypeFactory, PackFactory, PriceFactory, RuleSetFactory
from tests.factories.projects import DiagnosticFactory
from tests.factories.schools import HeadcountFactory, SchoolClassFactory

YEAR = 2026


class ProposalFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Proposal

    diagnostic = factory.SubFactory(DiagnosticFactory)
    rule_set = factory.SubFactory(RuleSetFactory, authority=factory.SelfAttribute("..diagnostic.school.authority"))
    school_year = YEAR
    computed_at = factory.LazyFunction(timezone.now)


class ProposedPackFactory(factory.django.DjangoModelFactory):
    """Added by hand."""

    class Meta:
        model = ProposedPack

    proposal = factory.SubFactory(ProposalFactory)
    pack = factory.SubFactory(PackFactory, authority=factory.SelfAttribute("..proposal.rule_set.authority"))
    kept = 1
    reason = "Motif synthétique"


class ReservationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Reservation

    proposal = factory.SubFactory(ProposalFactory)
    item_type = factory.SubFactory(ItemTypeFactory, authority=factory.SelfAttribute("..proposal.rule_set.authority"))
    device = factory.SubFactory(DeviceFactory, item_type=factory.SelfAttribute("..item_type"), state="requalified")
    reserved_at = factory.LazyFunction(timezone.now)


def metropole_rules(authority: Authority, *, unit_price_ht: int | None = None) -> RuleSet:
    """The articles, packs and rules of the demonstration, loaded by its loader; the source gives no price, `unit_price_ht` gives one
    to every article (synthetic)."""
    rule_set = load_catalogue(authority, files.read("saint_etienne_metropole.json"))
    assert rule_set is not None
    if unit_price_ht is not None:
        for rank, item in enumerate(authority.item_types.order_by("code")):
            PriceFactory(item_type=item, unit_price_ht=unit_price_ht + rank, valid_from=rule_set.price_date)
    return rule_set


def school_with_classes(school: School, *levels: str, year: int = YEAR) -> list[Any]:
    """A class of each level given, with 24 pupils."""
    classes = []
    for rank, level in enumerate(levels, start=1):
        row = SchoolClassFactory(school=school, school_year=year, name=f"Classe {rank} {level}", kind="ordinaire")
        HeadcountFactory(school_class=row, level=level, pupils=24)
        classes.append(row)
    return classes
