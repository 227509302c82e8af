import django_filters

from deliberations import queries
from deliberations.enums import EntryKind
from deliberations.models import SittingEntry
from plan_numerique.accounts.models import User
from plan_numerique.web.filters import EntityFilter, PeriodFilter


def clerks(user: object) -> object:
    """Those who entered what the user sees."""
    return User.objects.filter(pk__in=queries.visible_entries(user).values("by")).order_by("full_name", "email")


class SittingEntryFilter(EntityFilter):
    scoped = {"sitting": queries.editable_sittings, "by": clerks}
    without = ("sequence", "key", "payload")

    kind = django_filters.MultipleChoiceFilter(label="Nature", choices=EntryKind.choices)
    at = PeriodFilter(label="Saisie")

    class Meta:
        model = SittingEntry
        fields = ("sitting", "kind", "by", "at")
