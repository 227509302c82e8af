from typing import Any

from django.urls import URLPattern, path

from plan_numerique.audit.views.pages import EventDetail, EventList, HistoryPage


def crud(
    prefix: str, name: str, list_page: Any, detail_page: Any, edit_page: Any = None, delete_page: Any = None
) -> list[URLPattern]:
    """The URLs of a model: `name_list`, `name_detail`, `name_history`, and where given `name_create`, `name_edit`, `name_delete`."""
    patterns = [path(f"{prefix}/", list_page.as_view(), name=f"{name}_list")]
    if edit_page:
        patterns.append(path(f"{prefix}/nouveau/", edit_page.as_view(), name=f"{name}_create"))
        patterns.append(path(f"{prefix}/<int:pk>/modifier/", edit_page.as_view(), name=f"{name}_edit"))
    if delete_page:
        patterns.append(path(f"{prefix}/<int:pk>/supprimer/", delete_page.as_view(), name=f"{name}_delete"))
    patterns.append(path(f"{prefix}/<int:pk>/", detail_page.as_view(), name=f"{name}_detail"))
    history = HistoryPage.as_view(detail=detail_page)
    return [*patterns, path(f"{prefix}/<int:pk>/historique/", history, name=f"{name}_history")]


app_name = "audit"
urlpatterns = [
    path("journal/", EventList.as_view(), name="event_list"),
    path("journal/<int:pk>/", EventDetail.as_view(), name="event_detail"),
]
