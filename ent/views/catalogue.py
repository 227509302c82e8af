from typing import Any

from django.urls import reverse
from django.utils.html import format_html

from ent import permissions, queries, services
from ent.filtersets import OfferFilter, ProviderFilter
from ent.forms import OfferForm, ProviderForm
from ent.models import Offer, Provider
from ent.tables import OfferTable, ProviderTable
from plan_numerique.web.templatetags.web import day, euros, rate
from plan_numerique.web.views import Action, DeletePage, DetailPage, EditPage, ListPage


class ProviderList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.providers_listed)
    filterset_class, table_class = ProviderFilter, ProviderTable
    title, search_placeholder = "Fournisseurs d'ENT", "Nom, produit"
    create = ("ent:provider_create", permissions.EDIT, "Ajouter un fournisseur")


class ProviderDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_providers)
    template_name, crumbs = "ent/provider_detail.html", (("Fournisseurs d'ENT", "/fournisseurs/"),)
    object: Provider

    def summary(self) -> list[tuple[str, Any]]:
        row = self.object
        site = format_html('<a href="{0}" rel="external noopener">{0}</a>', row.website) if row.website else ""
        return [("Produit", row.product), ("Site internet", site), ("Collectivité", row.authority)]

    def actions(self) -> list[Action]:
        if not self.may(permissions.EDIT, self.object):
            return []
        offer = f"{reverse('ent:offer_create')}?provider={self.object.pk}"
        return [
            Action("Modifier", reverse("ent:provider_edit", args=[self.object.pk]), "pencil"),
            Action("Supprimer", reverse("ent:provider_delete", args=[self.object.pk]), "trash-2", danger=True),
            Action("Ajouter une offre", offer, "plus", primary=True),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        offers = queries.visible_offers(self.request.user).filter(provider=self.object)
        return super().get_context_data(offers=list(offers.order_by("-starts_on", "pk")), **kwargs)


class ProviderEdit(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_providers)
    form_class, service = ProviderForm, staticmethod(services.save_provider)
    title, crumbs = "Fournisseur d'ENT", (("Fournisseurs d'ENT", "/fournisseurs/"),)
    detail_url, list_url = "ent:provider_detail", "ent:provider_list"


class ProviderDelete(DeletePage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_providers)
    service, list_url = staticmethod(services.delete_provider), "ent:provider_list"


class OfferList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_offers)
    authority_path = "provider__authority"
    filterset_class, table_class = OfferFilter, OfferTable
    title, search_placeholder = "Offres d'ENT", "Offre, fournisseur, source"
    create = ("ent:offer_create", permissions.EDIT, "Ajouter une offre")


class OfferDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_offers)
    authority_path, template_name = "provider__authority", "ent/offer_detail.html"
    crumbs = (("Offres d'ENT", "/offres/"),)
    object: Offer

    def summary(self) -> list[tuple[str, Any]]:
        row = self.object
        provider = format_html(
            '<a href="{}">{}</a>', reverse("ent:provider_detail", args=[row.provider_id]), row.provider
        )
        return [
            ("Fournisseur", provider),
            ("Tarif", row.get_per_display()),
            ("Prix unitaire HT par an", euros(row.unit_price_ht)),
            ("TVA", rate(row.vat_rate)),
            ("À partir du", day(row.starts_on)),
            ("Jusqu'au", day(row.ends_on)),
            ("Source", row.source),
        ]

    def actions(self) -> list[Action]:
        if not self.may(permissions.EDIT, self.object):
            return []
        return [
            Action("Modifier", reverse("ent:offer_edit", args=[self.object.pk]), "pencil"),
            Action("Supprimer", reverse("ent:offer_delete", args=[self.object.pk]), "trash-2", danger=True),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = queries.subscriptions_listed(self.request.user).filter(offer=self.object)
        costs = queries.subscription_costs(rows.order_by("-school_year", "label", "pk"))
        return super().get_context_data(title=self.object.label, costs=list(costs.values()), **kwargs)


class OfferEdit(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_offers)
    authority_path = "provider__authority"
    form_class, service = OfferForm, staticmethod(services.save_offer)
    title, crumbs = "Offre d'ENT", (("Offres d'ENT", "/offres/"),)
    detail_url, list_url = "ent:offer_detail", "ent:offer_list"


class OfferDelete(DeletePage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_offers)
    authority_path = "provider__authority"
    service, list_url = staticmethod(services.delete_offer), "ent:offer_list"
