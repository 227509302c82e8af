from typing import Any

from django.urls import reverse
from django.utils import timezone

from equipment import permissions, queries, services
from equipment.filtersets import ItemTypeFilter, PackFilter
from equipment.forms import ItemTypeForm, PackForm, PackLineForm, PriceForm
from equipment.models import Price
from equipment.tables import ItemTypeTable, PackTable
from equipment.views.base import TitledEdit, import_actions
from plan_numerique.web.templatetags.web import rate
from plan_numerique.web.views import Action, Child, ChildDeletePage, ChildEditPage, DeletePage, DetailPage, ListPage


class ItemTypeList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.priced_item_types)
    filterset_class, table_class = ItemTypeFilter, ItemTypeTable
    title, search_placeholder = "Articles et prix", "Intitulé, code, rubrique"
    create = ("equipment:itemtype_create", permissions.EDIT_CATALOGUE, "Ajouter un article")
    empty_text = "Un article est ce qui s'achète : son prix, sa rubrique et son compte servent à chiffrer les packs et les scénarios."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actions = import_actions(self.request.user, permissions.EDIT_CATALOGUE, "equipment.itemtypes")
        return super().get_context_data(actions=actions, **kwargs)


class ItemTypeDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_item_types)
    template_name = "equipment/itemtype_detail.html"
    crumbs = (("Articles et prix", "/articles/"),)

    def summary(self) -> list[tuple[str, Any]]:
        item = self.object
        return [
            ("Code", item.code),
            ("Catégorie", item.get_category_display()),
            ("Rubrique", item.heading),
            ("Section", item.get_section_display()),
            ("Compte M57", item.account),
            ("TVA", rate(item.vat_rate)),
            ("Durée de vie", f"{item.life_years} an{'s' if item.life_years > 1 else ''}" if item.life_years else ""),
            ("FCTVA", "Ouvre droit" if item.fctva else "N'ouvre pas droit"),
            ("Source", item.source),
        ]

    def actions(self) -> list[Action]:
        if not self.may(permissions.EDIT_CATALOGUE, self.object):
            return []
        pk = self.object.pk
        return [
            Action("Ajouter un prix", f"{reverse('equipment:price_create')}?item_type={pk}", "plus", primary=True),
            Action("Modifier", reverse("equipment:itemtype_edit", args=[pk]), "pencil"),
            Action("Supprimer", reverse("equipment:itemtype_delete", args=[pk]), "trash-2", danger=True),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        item = self.object
        current = queries.price_on(item, timezone.localdate())
        return super().get_context_data(
            prices=item.prices.order_by("-valid_from"),
            current_price=current,
            pack_lines=item.pack_lines.select_related("pack").order_by("pack__label"),
            may_edit=self.may(permissions.EDIT_CATALOGUE, item),
            park=self._park(),
            **kwargs,
        )

    def _park(self) -> dict[str, Any]:
        devices = queries.visible_devices(self.request.user).filter(item_type=self.object)
        return {"count": devices.count(), "url": f"{reverse('equipment:device_list')}?item_type={self.object.pk}"}


class ItemTypeEdit(TitledEdit):
    permission, queryset = permissions.EDIT_CATALOGUE, staticmethod(queries.visible_item_types)
    form_class, service = ItemTypeForm, staticmethod(services.save_item_type)
    new_title = "Nouvel article"
    crumbs = (("Articles et prix", "/articles/"),)
    detail_url, list_url = "equipment:itemtype_detail", "equipment:itemtype_list"


class ItemTypeDelete(DeletePage):
    permission, queryset = permissions.EDIT_CATALOGUE, staticmethod(queries.visible_item_types)
    service, list_url = staticmethod(services.delete_item_type), "equipment:itemtype_list"


class OfItemType(Child):
    permission, queryset = permissions.EDIT_CATALOGUE, staticmethod(queries.visible_prices)
    authority_path = "item_type__authority"
    parent, home = "item_type", "equipment:itemtype_detail"
    crumbs = (("Articles et prix", "/articles/"),)


class PriceEdit(OfItemType, TitledEdit, ChildEditPage):
    form_class, service = PriceForm, staticmethod(services.save_price)
    new_title, list_url = "Nouveau prix", "equipment:itemtype_list"

    def new(self) -> Price:
        return Price(valid_from=timezone.localdate())


class PriceDelete(OfItemType, ChildDeletePage):
    service = staticmethod(services.delete_price)


class PackList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.priced_packs)
    filterset_class, table_class = PackFilter, PackTable
    title, search_placeholder = "Packs", "Intitulé, code, description"
    create = ("equipment:pack_create", permissions.EDIT_CATALOGUE, "Ajouter un pack")
    empty_text = "Un pack réunit les articles donnés ensemble : pack « classe », pack mutualisé, chariot mobile."


class PackDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_packs)
    template_name = "equipment/pack_detail.html"
    crumbs = (("Packs", "/packs/"),)

    def actions(self) -> list[Action]:
        if not self.may(permissions.EDIT_CATALOGUE, self.object):
            return []
        pk = self.object.pk
        return [
            Action("Ajouter un article", f"{reverse('equipment:packline_create')}?pack={pk}", "plus", primary=True),
            Action("Modifier", reverse("equipment:pack_edit", args=[pk]), "pencil"),
            Action("Supprimer", reverse("equipment:pack_delete", args=[pk]), "trash-2", danger=True),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        return super().get_context_data(
            meta=[text for text in (f"Code : {self.object.code}", self.object.source) if text],
            priced=queries.priced_pack(self.object, today),
            today=today,
            rules=self.object.rules.select_related("rule_set").order_by("-rule_set__version", "position", "pk"),
            may_edit=self.may(permissions.EDIT_CATALOGUE, self.object),
            **kwargs,
        )


class PackEdit(TitledEdit):
    permission, queryset = permissions.EDIT_CATALOGUE, staticmethod(queries.visible_packs)
    form_class, service = PackForm, staticmethod(services.save_pack)
    new_title = "Nouveau pack"
    crumbs = (("Packs", "/packs/"),)
    detail_url, list_url = "equipment:pack_detail", "equipment:pack_list"


class PackDelete(DeletePage):
    permission, queryset = permissions.EDIT_CATALOGUE, staticmethod(queries.visible_packs)
    service, list_url = staticmethod(services.delete_pack), "equipment:pack_list"


class OfPack(Child):
    permission, queryset = permissions.EDIT_CATALOGUE, staticmethod(queries.visible_pack_lines)
    authority_path = "pack__authority"
    parent, home = "pack", "equipment:pack_detail"
    crumbs = (("Packs", "/packs/"),)


class PackLineEdit(OfPack, TitledEdit, ChildEditPage):
    form_class, service = PackLineForm, staticmethod(services.save_pack_line)
    new_title, list_url = "Ajouter un article au pack", "equipment:pack_list"


class PackLineDelete(OfPack, ChildDeletePage):
    service = staticmethod(services.delete_pack_line)
