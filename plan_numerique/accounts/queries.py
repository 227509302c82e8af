from typing import Any

from django.db.models import QuerySet

from plan_numerique.accounts.enums import TOWN_ROLES
from plan_numerique.accounts.models import Authority, District, Membership
from plan_numerique.accounts.permissions import MANAGE_MEMBERS, VIEW_AUTHORITY


def known_authorities(user: Any) -> QuerySet[Authority]:
    return VIEW_AUTHORITY.authorities(user)


def visible_members(user: Any) -> QuerySet[Membership]:
    """Town roles of the authorities the user administers; académie roles are kept by the installation."""
    return Membership.objects.select_related("user", "authority").filter(
        authority__in=MANAGE_MEMBERS.authorities(user), role__in=sorted(TOWN_ROLES)
    )


def visible_districts(user: Any) -> QuerySet[District]:
    departments = VIEW_AUTHORITY.authorities(user).values("department")
    return District.objects.filter(department__in=departments).order_by("name")
