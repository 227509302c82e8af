"""What a school page keeps beside the school: its people, its IPS, its former UAI."""

from typing import Any

from django.forms import BaseForm

from schools import permissions, queries, services
from schools.forms import AssignmentForm, FormerUaiForm, SocialIndexForm
from schools.models import SchoolAssignment
from schools.views.children import SchoolChildDelete, SchoolChildEdit


class FormerUaiEdit(SchoolChildEdit):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_former_uais)
    form_class, service, title = FormerUaiForm, staticmethod(services.save_former_uai), "Ancien UAI"


class FormerUaiDelete(SchoolChildDelete):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_former_uais)
    service = staticmethod(services.delete_of_school)


class SocialIndexEdit(SchoolChildEdit):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_social_indexes)
    form_class, service = SocialIndexForm, staticmethod(services.save_social_index)
    title = "Indice de position sociale"


class SocialIndexDelete(SchoolChildDelete):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_social_indexes)
    service = staticmethod(services.delete_of_school)


class AssignmentEdit(SchoolChildEdit):
    permission, queryset = permissions.ASSIGN, staticmethod(queries.visible_assignments)
    form_class, service = AssignmentForm, staticmethod(services.assign)
    title = "Affectation à une école"

    def save(self, form: BaseForm, **kwargs: Any) -> Any:
        row: SchoolAssignment = kwargs["instance"]
        return services.assign(
            school=row.school,
            user=row.user if row.user_id else None,
            email=form.cleaned_data.get("email", ""),
            full_name=form.cleaned_data.get("full_name", ""),
            is_director=row.is_director,
            by=kwargs["by"],
            reason=kwargs["reason"],
        )


class AssignmentDelete(SchoolChildDelete):
    permission, queryset = permissions.ASSIGN, staticmethod(queries.visible_assignments)
    service = staticmethod(services.unassign)
