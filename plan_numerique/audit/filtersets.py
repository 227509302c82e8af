from plan_numerique.accounts.access import visible_authorities
from plan_numerique.audit.models import AuditEvent
from plan_numerique.web.filters import EntityFilter, PeriodFilter


class EventFilter(EntityFilter):
    search_fields = ("target_label", "label", "reason", "by__email", "by__full_name")
    scoped = {"authority": visible_authorities}
    without = ("by", "verb", "label", "target_id", "target_label", "reason")

    at = PeriodFilter(label="Date")

    class Meta:
        model = AuditEvent
        fields = ("authority", "target_type")
