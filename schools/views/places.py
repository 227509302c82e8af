from typing import Any

from django.urls import reverse

from plan_numerique.web.templatetags.web import integer
from plan_numerique.web.views import Action, DeletePage, DetailPage, EditPage, ListPage
from schools import permissions, queries, services
from schools.filtersets import CommuneFilter
from schools.forms import CommuneForm
from schools.models import Commune
from schools.tables import CommuneTable
from schools.views.importing import import_actions


class CommuneList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.communes_listed)
    filterset_class, table_class = CommuneFilter, CommuneTable
    title, search_placeholder = "Communes", "Nom, code INSEE"
    create = ("schools:commune_create", permissions.EDIT, "Ajouter une commune")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(actions=import_actions(self.request.user, "schools.communes"), **kwargs)


class CommuneDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_communes)
    template_name, crumbs = "schools/commune_detail.html", (("Communes", "/communes/"),)
    object: Commune

    def summary(self) -> list[tuple[str, Any]]:
        commune = self.object
        return [
            ("Code INSEE", commune.insee),
            ("Population", integer(commune.population)),
            ("Collectivité", commune.authority),
        ]

    def actions(self) -> list[Action]:
        if not self.may(permissions.EDIT, self.object):
            return []
        return [
            Action("Modifier", reverse("schools:commune_edit", args=[self.object.pk]), "pencil"),
            Action("Supprimer", reverse("schools:commune_delete", args=[self.object.pk]), "trash-2", danger=True),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        schools = queries.schools_listed(self.request.user).filter(commune=self.object).order_by("name", "pk")
        return super().get_context_data(schools=list(schools), **kwargs)


class CommuneEdit(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_communes)
    form_class, service = CommuneForm, staticmethod(services.save_commune)
    title, crumbs = "Commune", (("Communes", "/communes/"),)
    detail_url, list_url = "schools:commune_detail", "schools:commune_list"


class CommuneDelete(DeletePage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_communes)
    service, list_url = staticmethod(services.delete_commune), "schools:commune_list"
