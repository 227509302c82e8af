"""The schools that a campaign of diagnostics brings to a scenario: their order, and the works that the authority has to pay for them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schools.domain import works as costs
from schools.enums import ApplicationState, DiagnosticState, Payer, WorkState
from schools.models import Diagnostic, DiagnosticCampaign, RankedPlace, Work
from schools.queries import as_work

LISTED = (ApplicationState.RETAINED, ApplicationState.WAITING)


@dataclass(frozen=True)
class Works:
    """To be done at the expense of the authority: outside the budget of the scenario. `unpriced` of them have no cost yet."""

    count: int = 0
    unpriced: int = 0
    ht: int = 0
    ttc: int = 0

    def __add__(self, other: "Works") -> "Works":
        return Works(self.count + other.count, self.unpriced + other.unpriced, self.ht + other.ht, self.ttc + other.ttc)


def signed_of(campaign: DiagnosticCampaign) -> list[Diagnostic]:
    rows = Diagnostic.objects.filter(campaign=campaign, state=DiagnosticState.SIGNED)
    return list(rows.select_related("school__authority", "school__commune").order_by("school__uai"))


def ordered_rows(rows: Sequence[Diagnostic]) -> list[tuple[Diagnostic, str]]:
    """Those retained or waiting first, by their place in the latest ranked list, then the others by the day both sides had signed, then by UAI."""
    schools = [row.school_id for row in rows]
    places = RankedPlace.objects.filter(application__school__in=schools, outcome__in=LISTED).select_related(
        "application__campaign"
    )
    place_of = {
        place.application.school_id: place for place in places.order_by("application__campaign__frozen_at", "pk")
    }

    def key(row: Diagnostic) -> tuple[Any, ...]:
        place = place_of.get(row.school_id)
        if place is not None:
            return (0, place.position, row.school.uai)
        return (1, max(each for each in (row.town_signed_at, row.academy_signed_at) if each), row.school.uai)

    def why(row: Diagnostic) -> str:
        place = place_of.get(row.school_id)
        if place is None:
            return "par date de validation"
        return f"{place.position}{'e' if place.position > 1 else 're'} de « {place.application.campaign} »"

    return [(row, why(row)) for row in sorted(rows, key=key)]


def works_to_pay(rows: Sequence[Diagnostic]) -> dict[int, Works]:
    """By the key of the diagnostic. One query."""
    works = Work.objects.filter(diagnostic__in=rows, payer=Payer.AUTHORITY, state=WorkState.TO_DO)
    found: dict[int, list[costs.Work]] = defaultdict(list)
    for work in works.order_by("pk"):
        found[work.diagnostic_id].append(as_work(work))
    return {key: _added(held) for key, held in found.items()}


def _added(works: Sequence[costs.Work]) -> Works:
    total = costs.total(works)
    return Works(len(works), sum(work.ht is None for work in works), total.ht, total.ttc)
