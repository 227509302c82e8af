from typing import Any

import django_filters

from ent.models import Offer, Provider, SubscribedSchool, Subscription
from ent.queries import visible_offers, visible_providers, visible_subscriptions
from plan_numerique.web.filters import EntityFilter
from schools.filtersets import offer_school_years
from schools.queries import visible_schools


class ProviderFilter(EntityFilter):
    search_fields = ("name", "product")
    without = ("authority", "name", "product", "website")

    class Meta:
        model = Provider
        fields: tuple[str, ...] = ()


class OfferFilter(EntityFilter):
    search_fields = ("label", "provider__name", "provider__product", "source")
    scoped = {"provider": visible_providers}
    without = ("label", "unit_price_ht", "vat_rate", "source", "starts_on", "ends_on")

    class Meta:
        model = Offer
        fields = ("provider", "per")


class SubscriptionFilter(EntityFilter):
    search_fields = (
        "label",
        "payer_name",
        "source",
        "offer__provider__name",
        "provider__name",
        "subscribed__school__name",
    )
    scoped = {"offer": visible_offers, "provider": visible_providers, "school": visible_schools}
    without = (
        "authority",
        "label",
        "payer_name",
        "stated_pupils",
        "counted_on",
        "announced_ttc",
        "announced_approximate",
        "source",
        "quote",
    )

    school_year = django_filters.ChoiceFilter(label="Année scolaire")
    school = django_filters.ModelChoiceFilter(label="École", field_name="subscribed__school")
    provider = django_filters.ModelChoiceFilter(label="Fournisseur", method="of_provider")

    class Meta:
        model = Subscription
        fields = ("school_year", "payer", "state", "provider", "offer", "school")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_school_years(self)

    def search(self, queryset: Any, name: str, value: str) -> Any:
        found = super().search(queryset.model.objects.all(), name, value)
        return queryset.filter(pk__in=found.values("pk"))

    def of_provider(self, queryset: Any, name: str, value: Provider) -> Any:
        return queryset.filter(offer__provider=value) | queryset.filter(provider=value)


class SubscribedSchoolFilter(EntityFilter):
    scoped = {"subscription": visible_subscriptions, "school": visible_schools}
    without = ("pupils",)

    class Meta:
        model = SubscribedSchool
        fields = ("subscription", "school")
