"""Who sees the rows of the programme and the proposals of the optimiser."""

from typing import Any

from django.db.models import QuerySet

from governance import permissions
from governance.models import (
    EquippedSchool,
    Optimisation,
    OptimisationPlace,
    ProgrammePhase,
    ProgrammeVersion,
)
from plan_numerique.accounts.models import Authority


def _seen(user: Any) -> QuerySet[Authority]:
    return permissions.VIEW.authorities(user)


def steered_phases(user: Any) -> QuerySet[ProgrammePhase]:
    return ProgrammePhase.objects.select_related("plan__authority").filter(
        plan__authority__in=permissions.STEER.authorities(user)
    )


def visible_programme_versions(user: Any) -> QuerySet[ProgrammeVersion]:
    return (
        ProgrammeVersion.objects.select_related("plan__authority", "scenario", "run", "adopted_by")
        .defer("run__input")
        .filter(plan__authority__in=_seen(user))
    )


def visible_programme_phases(user: Any) -> QuerySet[ProgrammePhase]:
    return ProgrammePhase.objects.select_related("plan__authority").filter(plan__authority__in=_seen(user))


def visible_equipped_schools(user: Any) -> QuerySet[EquippedSchool]:
    return EquippedSchool.objects.select_related("plan__authority", "phase", "school__commune").filter(
        plan__authority__in=_seen(user)
    )


def visible_optimisations(user: Any) -> QuerySet[Optimisation]:
    return (
        Optimisation.objects.select_related("scenario__plan__authority", "asked_by", "variant")
        .defer("input")
        .filter(scenario__plan__authority__in=_seen(user))
    )


def visible_optimisation_places(user: Any) -> QuerySet[OptimisationPlace]:
    return OptimisationPlace.objects.select_related(
        "optimisation__scenario__plan__authority", "school__commune"
    ).filter(optimisation__scenario__plan__authority__in=_seen(user))
