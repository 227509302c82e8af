"""Acts read from a text, beside what is recorded: where they would go, who is already a member."""

from collections.abc import Iterable
from datetime import date, time
from typing import Any

from django.db.models import QuerySet

from deliberations import permissions
from deliberations.domain import act as core
from deliberations.domain.names import name_key
from deliberations.models import Assembly, Mandate, Sitting
from plan_numerique.accounts.enums import AuthorityKind
from plan_numerique.accounts.models import Authority


def assemblies_to_check(user: Any) -> QuerySet[Assembly]:
    """Those whose acts this user may check against their authority."""
    return (
        Assembly.objects.select_related("authority")
        .filter(authority__in=permissions.VIEW_DRAFTS.authorities(user))
        .order_by("name", "pk")
    )


def authority_input(authority: Authority) -> core.Authority:
    epci = authority.kind == AuthorityKind.EPCI
    population = authority.quorum_population if epci else authority.population
    return core.Authority(authority.kind, authority.siren or None, population, authority.department)


def past_sittings_on(assembly: Assembly, day: date, hour: time | None) -> list[Sitting]:
    """Those of the day at that hour, an hour that is not known being any."""
    held = Sitting.objects.filter(assembly=assembly, held_on=day).select_related("assembly__authority").order_by("pk")
    return [row for row in held if hour is None or row.held_at is None or row.held_at == hour]


def members_by_name(assembly: Assembly, day: date) -> dict[str, Mandate]:
    """By what two writings of a name share; of several, the one in office that day."""
    found: dict[str, Mandate] = {}
    rows: Iterable[Mandate] = Mandate.objects.filter(assembly=assembly).order_by("pk") if assembly.pk else ()
    for mandate in rows:
        key = name_key(mandate.display_name)
        if key not in found or _in_office(mandate, day) > _in_office(found[key], day):
            found[key] = mandate
    return found


def _in_office(mandate: Mandate, day: date) -> bool:
    return (mandate.starts_on is None or mandate.starts_on <= day) and (
        mandate.ends_on is None or mandate.ends_on >= day
    )
