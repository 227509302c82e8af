import django_filters

from governance.queries import visible_rankings
from plan_numerique.web.filters import EntityFilter
from schools.models import RANKED, Departure, RankedPlace
from schools.queries import visible_applications, visible_schools


class DepartureFilter(EntityFilter):
    search_fields = ("reason", "application__school__name", "application__school__uai")
    scoped = {"campaign": visible_rankings, "application": visible_applications}
    without = ("reason",)

    class Meta:
        model = Departure
        fields = ("campaign", "application", "position", "refused")


class RankedPlaceFilter(EntityFilter):
    search_fields = ("application__school__name", "application__school__uai")
    scoped = {"application": visible_applications, "campaign": visible_rankings, "school": visible_schools}
    without = ("by_score", "score", "detail", "tie", "departure_reason", "answer")
    campaign = django_filters.ModelChoiceFilter(field_name="application__campaign", label="Campagne")
    school = django_filters.ModelChoiceFilter(field_name="application__school", label="École")
    outcome = django_filters.MultipleChoiceFilter(label="Suite", choices=[(each.value, each.label) for each in RANKED])

    class Meta:
        model = RankedPlace
        fields = ("application", "position", "outcome")
