from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from ent.models import Offer, Provider, SubscribedSchool, Subscription
from plan_numerique.audit.admin import AuditedAdmin


class KeptParentAdmin(AuditedAdmin):
    """The parent that gives a row its authority is chosen once."""

    parent = "authority"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (self.parent,) if obj else ()


@admin.register(Provider)
class ProviderAdmin(KeptParentAdmin):
    list_display = ("name", "product", "authority")
    list_select_related = ("authority",)
    search_fields = ("name", "product")


@admin.register(Offer)
class OfferAdmin(KeptParentAdmin):
    parent, authority_path = "provider", "provider__authority"
    list_display = ("label", "provider", "per", "unit_price_ht", "starts_on")
    list_select_related = ("provider",)
    search_fields = ("label", "provider__name")


@admin.register(Subscription)
class SubscriptionAdmin(KeptParentAdmin):
    list_display = ("label", "school_year", "payer", "authority")
    list_select_related = ("authority",)
    search_fields = ("label",)
    autocomplete_fields = ("offer", "provider")


@admin.register(SubscribedSchool)
class SubscribedSchoolAdmin(KeptParentAdmin):
    parent, authority_path = "subscription", "subscription__authority"
    list_display = ("subscription", "school", "pupils")
    list_select_related = ("subscription", "school")
    autocomplete_fields = ("subscription", "school")
