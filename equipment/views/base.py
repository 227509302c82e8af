from typing import Any, ClassVar

from plan_numerique.web.views import EditPage


class TitledEdit(EditPage):
    """`new_title` heads the page of a new row; an existing one is named."""

    new_title: ClassVar[str] = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        editing = self.object is not None and self.object.pk
        return super().get_context_data(
            **{"title": f"Modifier « {self.object} »" if editing else self.new_title, **kwargs}
        )
