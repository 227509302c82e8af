"""A council to practise on, in the Rennes simulation: nobody of it exists, and every name says so. One sitting in preparation, with
acts drawn from the models, so that the whole journey of an act can be tried without touching a real council."""

from datetime import date, time, timedelta

from django.db import transaction

from deliberations import services
from deliberations.enums import Side
from deliberations.models import ActTemplate, Assembly, Mandate, MemberContact, Sitting
from deliberations.services.mandates import save_contact
from governance.models import Scenario
from plan_numerique.accounts.enums import Role
from plan_numerique.accounts.models import Authority
from plan_numerique.demo.loader import people

NAME = "Conseil municipal d'exercice (synthétique)"
NUMBERS = (
    "UN", "DEUX", "TROIS", "QUATRE", "CINQ", "SIX", "SEPT", "HUIT", "NEUF", "DIX", "ONZE", "DOUZE", "TREIZE", "QUATORZE",
    "QUINZE", "SEIZE", "DIX-SEPT", "DIX-HUIT", "DIX-NEUF", "VINGT", "VINGT-ET-UN", "VINGT-DEUX", "VINGT-TROIS",
)  # fmt: skip
MAJORITY = 16
OFFICES = {0: "Maire", 1: "Adjointe à l'éducation", 2: "Adjoint aux finances"}
THURSDAY = 3
WEEKS_AHEAD = 4


@transaction.atomic
def load_exercise(authority: Authority, *, today: date) -> Sitting | None:
    """Nothing where the authority has an assembly already."""
    if Assembly.objects.filter(authority=authority).exists():
        return None
    assembly = services.save_assembly(
        instance=Assembly(authority=authority, name=NAME, note="Membres inventés pour l'exercice : aucun n'existe."),
        by=None,
    )
    members = services.record_members(
        assembly=assembly, members=[_member(rank) for rank in range(len(NUMBERS))], by=None
    )
    mandates = list(members.values())
    _contacts(mandates)
    sitting = services.record_sitting(
        assembly=assembly,
        fields={
            "held_on": _thursday(today),
            "held_at": time(18, 30),
            "place": "Salle du conseil (exercice)",
            "chair": mandates[0],
            "chair_quality": "Maire",
            "source": "Exercice synthétique de la démonstration",
        },
        by=None,
    )
    _acts(sitting, authority)
    return sitting


def _member(rank: int) -> dict[str, object]:
    civility = "Mme" if rank % 2 else "M."
    side, group = (
        (Side.MAJORITY, "Majorité d'exercice") if rank < MAJORITY else (Side.OPPOSITION, "Opposition d'exercice")
    )
    return {
        "display_name": f"{civility} Synthétique {NUMBERS[rank]}",
        "civility": civility,
        "first_name": "Synthétique",
        "last_name": NUMBERS[rank],
        "function": OFFICES.get(rank, ""),
        "group": group,
        "side": side,
        "rank": rank + 1,
    }


def _contacts(mandates: list[Mandate]) -> None:
    """Addresses of a domain kept for examples (RFC 2606); the account of the elected is the mayor's, who gives visas."""
    for rank, mandate in enumerate(mandates, 1):
        contact = MemberContact(mandate=mandate, email=f"membre-{rank:02}@{people.DOMAIN}")
        if rank == 1:
            contact.user = people.account(Role.ELECTED)
        save_contact(instance=contact, by=None)


def _acts(sitting: Sitting, authority: Authority) -> None:
    scenario = Scenario.objects.filter(plan__authority=authority).order_by("name", "pk").first()
    for template in ActTemplate.objects.filter(authority=None).order_by("pk")[:3]:
        services.draft_act(
            sitting=sitting, template=template, scenario=scenario, service="Direction de l'éducation", by=None
        )


def _thursday(today: date) -> date:
    return today + timedelta(days=(THURSDAY - today.weekday()) % 7, weeks=WEEKS_AHEAD)
