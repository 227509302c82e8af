from typing import Any, ClassVar

from django.urls import reverse

from plan_numerique.accounts.access import Permission
from plan_numerique.web.views import Action, EditPage


def import_actions(user: Any, permission: Permission, kind: str) -> list[Action]:
    """The way from a list to the import of its file."""
    if not permission.anywhere(user):
        return []
    return [Action("Importer", f"{reverse('importing:import_create')}?kind={kind}", "upload")]


class TitledEdit(EditPage):
    """`new_title` heads the page of a new row; an existing one is named."""

    new_title: ClassVar[str] = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)  # builds the form, which finds the row
        named = f"Modifier « {self.object} »" if self.object and self.object.pk else self.new_title
        return {**context, "title": named, **kwargs}
