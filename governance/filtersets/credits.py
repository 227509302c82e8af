import django_filters

from governance.enums import VersionKind
from governance.models import Authorisation, AuthorisationVersion
from governance.queries import visible_authorisations, visible_plans
from plan_numerique.web.filters import EntityFilter, PeriodFilter


class AuthorisationFilter(EntityFilter):
    search_fields = ("label", "code", "plan__name")
    scoped = {"plan": visible_plans}
    without = ("code", "label", "amount", "committed", "last_exercise", "note", "source", "quote")
    voted = django_filters.BooleanFilter(label="Votée", method="by_vote")

    class Meta:
        model = Authorisation
        fields = ("plan", "section", "first_exercise", "voted")

    def by_vote(self, queryset, name, value):  # type: ignore[no-untyped-def]
        with_vote = AuthorisationVersion.objects.values("authorisation")
        return queryset.filter(pk__in=with_vote) if value else queryset.exclude(pk__in=with_vote)


class AuthorisationVersionFilter(EntityFilter):
    search_fields = ("act", "reason", "authorisation__label", "authorisation__plan__name")
    scoped = {"authorisation": visible_authorisations}
    without = ("act", "amount", "credits_total", "reason", "source")
    kind = django_filters.MultipleChoiceFilter(label="Nature", choices=VersionKind.choices)
    voted_on = PeriodFilter(label="Votée")

    class Meta:
        model = AuthorisationVersion
        fields = ("authorisation", "number", "kind", "voted_on")
