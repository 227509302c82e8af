"""The schools that the filters select, as a list, on a map or by step: three views of one result, which keep each other's address."""

from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from plan_numerique.web.views import Action, FilteredPage, Tab
from schools import permissions, queries
from schools.filtersets import SchoolFilter
from schools.models import School
from schools.views.importing import import_actions

VIEWS = (("Liste", "schools:school_list"), ("Carte", "schools:school_map"), ("Étapes", "schools:school_board"))
OF_ONE_VIEW = ("page", "format")
MOST_LISTED, MOST_CARDS = 50, 30


class SchoolResult:
    """Mixin: what the three views share."""

    permission, filterset_class = permissions.VIEW, SchoolFilter
    title, search_placeholder = "Écoles", "Nom, UAI, commune"
    create = ("schools:school_create", permissions.EDIT, "Ajouter une école")
    empty_text = "Ajouter une première école, ou importer la liste des écoles de la collectivité."
    shown_as: ClassVar[str]
    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        views = [Tab(label, self.address(name), active=name == self.shown_as) for label, name in VIEWS]
        context: dict[str, Any] = super().get_context_data(views=views, actions=self.actions(), **kwargs)  # type: ignore[misc]
        return context

    def actions(self) -> list[Action]:
        return [
            Action("Communes", reverse("schools:commune_list"), "map-pin"),
            Action("Comparer deux années", reverse("schools:year_comparison"), "git-compare-arrows", secondary=True),
            *import_actions(self.request.user, "schools.schools"),
        ]

    def address(self, name: str, *, step: str | None = None) -> str:
        """Another view of the same result, narrowed to a step where one is given ("" for every step)."""
        params = self.request.GET.copy()
        for key in OF_ONE_VIEW if step is None else (*OF_ONE_VIEW, "step"):
            params.pop(key, None)
        if step:
            params["step"] = step
        return f"{reverse(name)}?{params.urlencode()}" if params else reverse(name)


class SchoolMap(SchoolResult, FilteredPage):
    """Markers, and beside them the same schools as a text: without script or tiles the text is the page."""

    queryset = staticmethod(queries.visible_schools)
    template_name, shown_as = "schools/school_map.html", "schools:school_map"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        placed, unplaced = (self.object_list.filter(latitude__isnull=void) for void in (False, True))
        groups = queries.schools_by_step(placed, MOST_LISTED)
        located, without = sum(group.count for group in groups), unplaced.count()
        return super().get_context_data(
            total=located + without,
            located=located,
            legend=self._legend(groups),
            groups=[(group, self.address("schools:school_list", step=group.step)) for group in groups if group.count],
            unplaced_count=without,
            unplaced=list(unplaced.order_by("name", "pk")[:MOST_LISTED]) if without else [],
            place_actions=import_actions(self.request.user, "schools.geolocation"),
            points_url=self.address("schools:school_points"),
            tiles_url=settings.MAP_TILES_URL,
            tiles_attribution=settings.MAP_TILES_ATTRIBUTION,
            **kwargs,
        )

    def _legend(self, groups: tuple[queries.StepGroup, ...]) -> list[dict[str, Any]]:
        """Each step with what the other filters leave of it; the link of a step chosen shows every step again."""
        chosen = self.request.GET.getlist("step")
        counts = queries.step_counts(self._at_any_step()) if chosen else {group.step: group.count for group in groups}
        return [
            {
                "step": group.step,
                "label": group.label,
                "count": counts.get(group.step, 0),
                "active": group.step in chosen,
                "url": self.address(self.shown_as, step="" if group.step in chosen else group.step),
            }
            for group in groups
        ]

    def _at_any_step(self) -> QuerySet[School]:
        data = self.request.GET.copy()
        data.pop("step")
        filterset = self.filterset_class(data, queryset=self.get_queryset(), request=self.request)
        rows = filterset.qs if filterset.is_valid() else filterset.queryset.none()
        return rows.exclude(latitude=None)


class SchoolPoints(SchoolResult, FilteredPage):
    """What the map draws (queries.map_points), read by its script."""

    queryset = staticmethod(queries.visible_schools)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        filterset = self.get_filterset(self.get_filterset_class())
        if filterset.is_bound and not filterset.is_valid():
            return JsonResponse({"errors": filterset.errors}, status=422)
        return JsonResponse(queries.map_points(filterset.qs), json_dumps_params={"separators": (",", ":")})


class SchoolBoard(SchoolResult, FilteredPage):
    """A column a step, from those that have not entered the plan to those evaluated; read only."""

    queryset = staticmethod(queries.visible_schools)
    template_name, shown_as = "schools/school_board.html", "schools:school_board"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        groups = queries.schools_by_step(self.object_list, MOST_CARDS)
        columns = [(group, self.address("schools:school_list", step=group.step)) for group in groups]
        return super().get_context_data(columns=columns, total=sum(group.count for group in groups), **kwargs)
