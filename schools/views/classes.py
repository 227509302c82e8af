from functools import partial
from typing import Any

from django.forms import BaseForm
from django.urls import reverse
from django.utils.html import format_html

from plan_numerique.shared.periods import school_year_label
from plan_numerique.web.templatetags.web import yes_no
from plan_numerique.web.views import Action, BulkAction, DetailPage, ListPage
from schools import permissions, queries, services
from schools.filtersets import SchoolClassFilter
from schools.forms import SchoolClassForm
from schools.models import Headcount
from schools.tables import SchoolClassTable
from schools.views.children import SchoolChildDelete, SchoolChildEdit
from schools.views.importing import import_actions

COMPUTED, CARRIED_OVER = "Répartition calculée", "Effectifs reconduits, à confirmer"


class SchoolClassList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.classes_listed)
    authority_path = "school__authority"
    filterset_class, table_class = SchoolClassFilter, SchoolClassTable
    title, search_placeholder = "Classes et effectifs", "Classe, école, UAI"
    create = ("schools:schoolclass_create", permissions.EDIT, "Ajouter une classe")
    empty_text = (
        "Aucune classe n'est connue. Quand une source ne donne qu'un nombre, il est dans « Comptes des sources »."
    )
    bulk_actions = (
        BulkAction(
            "volontaires", "Noter volontaires", permissions.EDIT, partial(services.set_volunteer, volunteer=True)
        ),
        BulkAction(
            "non-volontaires",
            "Noter non volontaires",
            permissions.EDIT,
            partial(services.set_volunteer, volunteer=False),
        ),
        BulkAction("confirmer", "Confirmer les effectifs", permissions.EDIT, services.confirm_headcounts),
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actions = [
            Action("Comparer deux années", reverse("schools:year_comparison"), "git-compare-arrows"),
            *import_actions(self.request.user, "schools.classes"),
        ]
        return super().get_context_data(actions=actions, **kwargs)


class SchoolClassDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.classes_listed)
    authority_path, template_name = "school__authority", "schools/schoolclass_detail.html"
    object: Any

    def state(self) -> dict[str, str] | None:
        if self.object.frozen:
            return {"label": "Année figée", "tone": "info"}
        if not self.object.estimated:
            return None
        return {"label": CARRIED_OVER if self.object.carried else COMPUTED, "tone": "warning"}

    def summary(self) -> list[tuple[str, Any]]:
        row = self.object
        school = format_html('<a href="{}">{}</a>', reverse("schools:school_detail", args=[row.school_id]), row.school)
        return [
            ("École", school),
            ("Année scolaire", school_year_label(row.school_year)),
            ("Dispositif", row.get_kind_display()),
            ("Volontaire", yes_no(row.volunteer)),
        ]

    def actions(self) -> list[Action]:
        if not self.may(permissions.EDIT, self.object) or self.object.frozen:
            return []
        return [
            Action("Modifier", reverse("schools:schoolclass_edit", args=[self.object.pk]), "pencil"),
            Action("Supprimer", reverse("schools:schoolclass_delete", args=[self.object.pk]), "trash-2", danger=True),
        ]

    def get_crumbs(self) -> list[tuple[str, str]]:
        school = reverse("schools:school_classes", args=[self.object.school_id])
        return [("Classes et effectifs", reverse("schools:schoolclass_list")), (str(self.object.school), school)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        levels = queries.levels_of(self.object)
        pupils = {row.level: row.pupils for row in self.object.headcounts.all()}
        rows = [(level, pupils[level]) for level in levels]
        if "" in pupils:
            rows.append(("Sans niveau", pupils[""]))
        return super().get_context_data(title=self.object.name, headcounts=rows, total=sum(pupils.values()), **kwargs)


class SchoolClassEdit(SchoolChildEdit):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_classes)
    form_class, service = SchoolClassForm, staticmethod(services.save_class)
    template_name = "schools/schoolclass_edit.html"
    title, home = "Classe", "schools:school_classes"

    def version_parts(self, pk: Any) -> tuple[Any, ...]:
        return (Headcount.history.filter(school_class_id=pk),)

    def save(self, form: BaseForm, **kwargs: Any) -> Any:
        return services.save_class(headcounts=form.headcounts(), **kwargs)  # type: ignore[attr-defined]

    def get_success_url(self) -> str:
        return f"{super().get_success_url()}?annee={self.object.school_year}"


class SchoolClassDelete(SchoolChildDelete):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_classes)
    service, home = staticmethod(services.delete_of_school), "schools:school_classes"
