import django_filters

from plan_numerique.accounts.access import visible_authorities
from plan_numerique.jobs.enums import JobStatus
from plan_numerique.jobs.models import Job
from plan_numerique.web.filters import EntityFilter, PeriodFilter


class JobFilter(EntityFilter):
    search_fields = ("label", "message", "created_by__email", "created_by__full_name")
    scoped = {"authority": visible_authorities}
    without = (
        "label", "created_by", "arguments", "dedupe_key", "attempts", "interruptions", "cancel_requested", "progress_done",
        "progress_total", "progress_text", "published_at", "started_at", "heartbeat_at", "finished_at", "message", "traceback",
        "result_url", "document",
    )  # fmt: skip

    status = django_filters.MultipleChoiceFilter(label="État", choices=JobStatus.choices)
    kind = django_filters.CharFilter(label="Nature", lookup_expr="startswith")
    mine = django_filters.BooleanFilter(label="Les miennes", method="only_mine")
    created_at = PeriodFilter(label="Demandée")

    class Meta:
        model = Job
        fields = ("authority",)

    def only_mine(self, queryset, name, value):  # type: ignore[no-untyped-def]
        return queryset.filter(created_by_id=self.request.user.pk) if value else queryset
