from typing import Any

from django.forms import BaseForm
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html

from ent import permissions, queries, services
from ent.filtersets import SubscriptionFilter
from ent.forms import SubscribedSchoolForm, SubscriptionForm
from ent.models import SubscribedSchool, Subscription
from ent.tables import SubscriptionTable
from plan_numerique.shared.periods import school_year_label
from plan_numerique.web.tables import EntityTable
from plan_numerique.web.templatetags.web import day, euros, integer, rate
from plan_numerique.web.views import (
    Action,
    Child,
    ChildDeletePage,
    ChildEditPage,
    DeletePage,
    DetailPage,
    EditPage,
    ListPage,
)

CRUMBS = (("Abonnements", "/abonnements/"),)


class SubscriptionList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.subscriptions_listed)
    filterset_class, table_class = SubscriptionFilter, SubscriptionTable
    title, search_placeholder = "Abonnements à l'ENT", "Intitulé, fournisseur, école"
    create = ("ent:subscription_create", permissions.EDIT, "Ajouter un abonnement")
    empty_text = "Un abonnement réunit des écoles, une année scolaire, une offre et celui qui paie."

    def get_table(self) -> EntityTable:
        table: Any = super().get_table()
        table.costs = SimpleLazyObject(lambda: queries.subscription_costs(self.object_list))
        return table

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actions = [Action("Coût par année et payeur", reverse("ent:costs"), "chart-column")]
        return super().get_context_data(actions=actions, **kwargs)


class SubscriptionDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_subscriptions)
    template_name, crumbs = "ent/subscription_detail.html", CRUMBS
    object: Subscription

    def state(self) -> dict[str, str]:
        tone = {"site": "neutral", "pilote": "info", "generalise": "success"}[self.object.state]
        return {"label": self.object.get_state_display(), "tone": tone}

    def summary(self) -> list[tuple[str, Any]]:
        row, offer = self.object, self.object.offer
        rows: list[tuple[str, Any]] = [
            ("Année scolaire", school_year_label(row.school_year)),
            ("Payeur", f"{row.get_payer_display()} ({row.payer_name})" if row.payer_name else row.get_payer_display()),
        ]
        if offer:
            link = format_html('<a href="{}">{}</a>', reverse("ent:offer_detail", args=[offer.pk]), offer.label)
            price = f"{euros(offer.unit_price_ht)} HT, TVA {rate(offer.vat_rate)}"
            rows += [("Fournisseur", offer.provider), ("Offre", link), (offer.get_per_display(), price)]
        else:
            rows += [("Fournisseur", row.provider or "Non précisé"), ("Prix", "Inconnu")]
        if row.stated_pupils is not None:
            rows.append(("Effectif annoncé pour l'ensemble", f"{integer(row.stated_pupils)} élèves"))
        if row.counted_on:
            rows.append(("Effectif compté le", day(row.counted_on)))
        return rows

    def actions(self) -> list[Action]:
        if not self.may(permissions.EDIT, self.object):
            return []
        return [
            Action("Modifier", reverse("ent:subscription_edit", args=[self.object.pk]), "pencil"),
            Action("Supprimer", reverse("ent:subscription_delete", args=[self.object.pk]), "trash-2", danger=True),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        costed = queries.subscription_costs([self.object])[self.object.pk]
        seen = set(self._visible().values_list("pk", flat=True))
        return super().get_context_data(
            title=self.object.label,
            costed=costed,
            schools=[each for each in costed.schools if each.row.pk in seen],
            hidden=sum(each.row.pk not in seen for each in costed.schools),
            whole=next((line for line in costed.cost.lines if line.school is None), None) if costed.cost else None,
            may_edit=self.may(permissions.EDIT, self.object),
            **kwargs,
        )

    def _visible(self) -> Any:
        return queries.visible_subscribed_schools(self.request.user).filter(subscription=self.object)


class SubscriptionEdit(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_subscriptions)
    form_class, service = SubscriptionForm, staticmethod(services.save_subscription)
    title, crumbs = "Abonnement à l'ENT", CRUMBS
    detail_url, list_url = "ent:subscription_detail", "ent:subscription_list"

    def version_parts(self, pk: Any) -> tuple[Any, ...]:
        return (SubscribedSchool.history.filter(subscription_id=pk),)

    def save(self, form: BaseForm, **kwargs: Any) -> Any:
        return services.save_subscription(schools=form.cleaned_data["schools"], **kwargs)


class SubscriptionDelete(DeletePage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_subscriptions)
    service, list_url = staticmethod(services.delete_subscription), "ent:subscription_list"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        held = context["object"].subscribed.count()
        context["related"] = [{"label": "Écoles abonnées", "count": held}] if held else []
        return context


class OfSubscription(Child):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_subscribed_schools)
    authority_path = "subscription__authority"
    parent, home, crumbs = "subscription", "ent:subscription_detail", CRUMBS


class SubscribedSchoolEdit(OfSubscription, ChildEditPage):
    form_class, service = SubscribedSchoolForm, staticmethod(services.save_subscribed_school)
    title = "École abonnée"


class SubscribedSchoolDelete(OfSubscription, ChildDeletePage):
    service = staticmethod(services.delete_subscribed_school)
