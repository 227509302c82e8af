from typing import Any

from django.urls import reverse
from django.utils.html import format_html

from plan_numerique.web.templatetags.web import integer, yes_no
from plan_numerique.web.views import Action, Child, ChildDeletePage, ChildEditPage, DetailPage, ListPage
from schools import permissions, queries, services
from schools.filtersets import SiteFilter
from schools.forms import RoomForm, SiteForm
from schools.models import Site
from schools.tables import SiteTable
from schools.views.children import SchoolChildDelete, SchoolChildEdit


class SiteList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.sites_listed)
    authority_path = "school__authority"
    filterset_class, table_class = SiteFilter, SiteTable
    title, search_placeholder = "Sites", "Site, adresse, école"
    create = ("schools:site_create", permissions.EDIT_SITE, "Ajouter un site")
    empty_text = "Décrire les bâtiments de chaque école : niveaux, connexion, local sécurisé."


class SiteDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_sites)
    authority_path, template_name = "school__authority", "schools/site_detail.html"
    object: Site

    def summary(self) -> list[tuple[str, Any]]:
        site = self.object
        school = format_html(
            '<a href="{}">{}</a>', reverse("schools:school_detail", args=[site.school_id]), site.school
        )
        return [
            ("École", school),
            ("Adresse", site.address or site.school.address),
            ("Niveaux (étages)", integer(site.floors)),
            ("Connexion", site.get_connection_display() or "Inconnue"),
            ("Débit", f"{integer(site.bandwidth)} Mbit/s" if site.bandwidth is not None else "Inconnu"),
            ("Classes câblées", yes_no(site.cabled)),
            ("Local sécurisé", yes_no(site.secure_storage)),
        ]

    def actions(self) -> list[Action]:
        if not self.may(permissions.EDIT_SITE, self.object):
            return []
        room = f"{reverse('schools:room_create')}?site={self.object.pk}"
        return [
            Action("Modifier", reverse("schools:site_edit", args=[self.object.pk]), "pencil"),
            Action("Supprimer", reverse("schools:site_delete", args=[self.object.pk]), "trash-2", danger=True),
            Action("Ajouter une salle", room, "plus", primary=True),
        ]

    def get_crumbs(self) -> list[tuple[str, str]]:
        school = reverse("schools:school_sites", args=[self.object.school_id])
        return [("Sites", reverse("schools:site_list")), (str(self.object.school), school)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rooms = list(self.object.rooms.order_by("floor", "name"))
        may_edit = self.may(permissions.EDIT_SITE, self.object)
        return super().get_context_data(title=self.object.name, rooms=rooms, may_edit=may_edit, **kwargs)


class SiteEdit(SchoolChildEdit):
    permission, queryset = permissions.EDIT_SITE, staticmethod(queries.visible_sites)
    form_class, service = SiteForm, staticmethod(services.save_site)
    title, home = "Site", "schools:school_sites"


class SiteDelete(SchoolChildDelete):
    permission, queryset = permissions.EDIT_SITE, staticmethod(queries.visible_sites)
    service, home = staticmethod(services.delete_of_school), "schools:school_sites"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rooms = context["object"].rooms.count()
        context["related"] = [{"label": "Salles", "count": rooms}] if rooms else []
        return context


class OfSite(Child):
    permission, queryset = permissions.EDIT_SITE, staticmethod(queries.visible_rooms)
    authority_path = "site__school__authority"
    parent, home = "site", "schools:site_detail"
    crumbs = (("Sites", "/sites/"),)


class RoomEdit(OfSite, ChildEditPage):
    form_class, service = RoomForm, staticmethod(services.save_room)
    title, list_url = "Salle", "schools:site_list"


class RoomDelete(OfSite, ChildDeletePage):
    service = staticmethod(services.delete_room)
