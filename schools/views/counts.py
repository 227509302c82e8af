from typing import Any

from django.urls import reverse

from plan_numerique.web.templatetags.web import french_dates, yes_no
from plan_numerique.web.views import Action, DeletePage, DetailPage, EditPage, ListPage
from schools import permissions, queries, services
from schools.filtersets import StatedCountFilter
from schools.forms import StatedCountForm
from schools.models import StatedCount
from schools.tables import StatedCountTable


class StatedCountList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_stated_counts)
    filterset_class, table_class = StatedCountFilter, StatedCountTable
    title, search_placeholder = "Comptes des sources", "Intitulé, source, citation"
    intro = "Ce que les documents ne donnent qu'en nombre : gardé tel quel, avec sa source, sans créer de fiche."
    create = ("schools:statedcount_create", permissions.EDIT, "Relever un compte")


class StatedCountDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_stated_counts)
    template_name, crumbs = "schools/statedcount_detail.html", (("Comptes des sources", "/comptes-des-sources/"),)
    object: StatedCount

    def state(self) -> dict[str, str] | None:
        if self.object.computed:
            return {"label": "Calculé par nous", "tone": "warning"}
        return {"label": "Approché", "tone": "info"} if self.object.approximate else None

    def summary(self) -> list[tuple[str, Any]]:
        row = self.object
        return [
            ("Unité", row.unit),
            ("Période ou date", french_dates(row.period)),
            ("Approché", yes_no(row.approximate)),
            ("Calculé par nous", yes_no(row.computed)),
            ("Code", row.code),
        ]

    def actions(self) -> list[Action]:
        if not self.may(permissions.EDIT, self.object):
            return []
        return [
            Action("Modifier", reverse("schools:statedcount_edit", args=[self.object.pk]), "pencil"),
            Action("Supprimer", reverse("schools:statedcount_delete", args=[self.object.pk]), "trash-2", danger=True),
        ]


class StatedCountEdit(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_stated_counts)
    form_class, service = StatedCountForm, staticmethod(services.save_stated_count)
    title, crumbs = "Compte d'une source", (("Comptes des sources", "/comptes-des-sources/"),)
    detail_url, list_url = "schools:statedcount_detail", "schools:statedcount_list"


class StatedCountDelete(DeletePage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_stated_counts)
    service, list_url = staticmethod(services.delete_stated_count), "schools:statedcount_list"
