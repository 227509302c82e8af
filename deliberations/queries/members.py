"""Who sits in an assembly on a day, who followed whom, and what still names a member who leaves."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from deliberations.enums import ProxyState, Side, SittingState
from deliberations.models import Act, Assembly, Invitation, Mandate, Proxy, Sitting
from plan_numerique.accounts.enums import Role
from plan_numerique.accounts.models import Authority, User

NO_GROUP = "Sans groupe"


def linkable_users(authority: Authority) -> QuerySet[User]:
    """Accounts of the elected of the authority."""
    return User.objects.filter(
        is_active=True, memberships__role=Role.ELECTED, memberships__authority=authority
    ).distinct()


def in_office(assembly: Assembly, day: date) -> list[Mandate]:
    """In the order of the table, alternates last."""
    rows = (
        Mandate.objects.filter(assembly=assembly)
        .filter(Q(starts_on=None) | Q(starts_on__lte=day), Q(ends_on=None) | Q(ends_on__gte=day))
        .select_related("alternate_for", "replaces")
        .order_by("rank", "pk")
    )
    return sorted(rows, key=lambda row: row.alternate_for_id is not None)


@dataclass(frozen=True)
class PoliticalGroup:
    name: str
    side: str
    count: int


@dataclass(frozen=True)
class Composition:
    """Seats on a day: alternates hold none."""

    members: Sequence[Mandate]
    groups: Sequence[PoliticalGroup]
    seats: int
    majority: int
    opposition: int

    @property
    def undeclared(self) -> int:
        return self.seats - self.majority - self.opposition


def composition(assembly: Assembly, day: date) -> Composition:
    members = in_office(assembly, day)
    seated = [member for member in members if member.alternate_for_id is None]
    sides = Counter(member.side for member in seated)
    groups = Counter((member.group or NO_GROUP, member.side) for member in seated)
    return Composition(
        members=members,
        groups=[
            PoliticalGroup(name, Side(side).label if side else "", count)
            for (name, side), count in sorted(groups.items(), key=lambda entry: (-entry[1], entry[0]))
        ],
        seats=len(seated),
        majority=sides[Side.MAJORITY],
        opposition=sides[Side.OPPOSITION],
    )


def replacements(assembly: Assembly) -> list[tuple[Mandate, list[Mandate]]]:
    """Mandates that ended, the last first, each with those that took the seat."""
    ended = list(Mandate.objects.filter(assembly=assembly, ends_on__isnull=False).order_by("-ends_on", "rank", "pk"))
    followers: dict[int | None, list[Mandate]] = {}
    for row in Mandate.objects.filter(assembly=assembly, replaces__isnull=False).order_by("starts_on", "pk"):
        followers.setdefault(row.replaces_id, []).append(row)
    return [(row, followers.get(row.pk, [])) for row in ended]


def still_named(mandate: Mandate, after: date) -> list[str]:
    """Sentences on what, after that day, still counts on the member."""
    coming = Sitting.objects.filter(assembly=mandate.assembly_id, held_on__gt=after, past=False).exclude(
        state=SittingState.CLOSED
    )
    told = []
    proxies = Proxy.objects.filter(Q(giver=mandate) | Q(holder=mandate), sitting__in=coming, state=ProxyState.GIVEN)
    for proxy in proxies.select_related("giver", "holder", "sitting").order_by("sitting__held_on", "pk"):
        told.append(f"Pouvoir pour la séance du {proxy.sitting.held_on:%d/%m/%Y} : {proxy}.")
    for sitting in coming.filter(chair=mandate).order_by("held_on", "pk"):
        told.append(f"Présidence de la séance du {sitting.held_on:%d/%m/%Y}.")
    invited = Invitation.objects.filter(mandate=mandate, convocation__sitting__in=coming)
    days = invited.values_list("convocation__sitting__held_on", flat=True).distinct()
    told += [f"Convocation à la séance du {day:%d/%m/%Y}." for day in sorted(days)]
    named = Act.objects.filter(
        Q(signatory=mandate) | Q(chair=mandate) | Q(reporters__mandate=mandate), sitting__in=coming
    )
    for act in named.distinct().order_by("pk"):
        told.append(f"Délibération à venir : « {act.title} ».")
    alternates = Mandate.objects.filter(alternate_for=mandate, ends_on=None).order_by("pk")
    return told + [f"Suppléance : {alternate} est son suppléant." for alternate in alternates]
