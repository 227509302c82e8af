"""Pages of the diagnostics that need to know the rules of the packs, the stock or the age of the equipment."""

from django.utils import timezone

from equipment import queries, services
from schools.domain.diagnostics import Reason
from schools.models import DiagnosticCampaign, School
from schools.views.diagnostic_campaigns import Suggestions
from schools.views.diagnostics import Cancel, Volunteers

AGEING = 6
"""Years from which the park of a school is ageing: half of that of Saint-Étienne Métropole was younger (II)."""


class DiagnosticVolunteers(Volunteers):
    """Too many are refused by the rules."""

    service = staticmethod(services.set_volunteers)


class DiagnosticCancel(Cancel):
    service = staticmethod(services.cancel_diagnostic)


class CampaignSuggestions(Suggestions):
    """The page of the diagnostics, with the schools whose equipment ages."""

    def more_reasons(self, campaign: DiagnosticCampaign) -> list[Reason]:
        schools = School.objects.filter(authority=campaign.authority_id)
        found = queries.ageing_schools(schools=schools, years=AGEING, on=timezone.localdate(), campaign=campaign)
        return [each.reason for each in found]
