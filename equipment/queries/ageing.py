"""Schools whose equipment ages: a reason to trigger their diagnostic (Saint-Étienne Métropole, III-1)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from equipment.queries.criteria import live_values
from schools.domain.diagnostics import Reason
from schools.enums import CriterionKind, SchoolStatus, Trigger
from schools.models import DiagnosticCampaign, School


@dataclass(frozen=True)
class Ageing:
    """`age`: mean age in years of the `dated` devices among the `devices` in place."""

    school: School
    age: Decimal
    devices: int
    dated: int
    diagnosed: bool

    @property
    def reason(self) -> Reason:
        years = f"{self.age.quantize(Decimal('0.1'))}".replace(".", ",")
        text = f"Âge moyen du parc : {years} ans, sur {self.dated} appareils datés ({self.devices} en place)."
        return Reason(self.school.pk, Trigger.AGEING_PARK, text)


def ageing_schools(
    *, schools: QuerySet[School], years: int, on: date, campaign: DiagnosticCampaign | None = None
) -> list[Ageing]:
    """Open schools whose park is so many years old at least, the oldest first; `diagnosed`: they have a diagnostic in the campaign.
    Four queries at most."""
    known = set(campaign.diagnostics.values_list("school", flat=True)) if campaign else set()
    rows = {row.pk: row for row in schools.filter(status=SchoolStatus.OPEN)}
    found = []
    for pk, values in live_values(rows, on).items():
        age = values.values[CriterionKind.PARK_AGE]
        if age is not None and age >= years:
            found.append(Ageing(rows[pk], age, values.devices, values.dated, pk in known))
    return sorted(found, key=lambda each: (-each.age, each.school.name, each.school.pk))
