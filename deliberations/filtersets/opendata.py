from plan_numerique.accounts.models import Authority
from plan_numerique.web.filters import EntityFilter


class OpenAuthorityFilter(EntityFilter):
    search_fields = ("name",)
    without = (
        "slug", "name", "siren", "insee", "department", "population", "quorum_population", "accent", "logo", "notice",
    )  # fmt: skip

    class Meta:
        model = Authority
        fields = ("kind",)
