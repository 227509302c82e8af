from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

from django.db.models import Count, Q
from django.urls import reverse

from plan_numerique.audit.permissions import VIEW_HISTORY
from plan_numerique.audit.views.pages import HistoryPage
from plan_numerique.documents.charts import COUNT, Figures, Look, Series, grouped_bars
from plan_numerique.shared.periods import school_year_label
from plan_numerique.shared.wording import counted
from plan_numerique.web.templatetags.web import integer
from plan_numerique.web.views import Action, BulkAction, DeletePage, DetailPage, EditPage, ListPage, Tab
from schools import permissions, queries, services
from schools.enums import SchoolStatus
from schools.forms import SchoolForm
from schools.models import School, SocialIndex
from schools.tables import SchoolTable
from schools.views.results import SchoolResult


class SchoolList(SchoolResult, ListPage):
    queryset, shown_as = staticmethod(queries.schools_listed), "schools:school_list"
    template_name, table_class = "schools/school_list.html", SchoolTable
    bulk_actions = (
        BulkAction("qpv", "Classer en QPV", permissions.EDIT, partial(services.set_priority_district, inside=True)),
        BulkAction(
            "hors-qpv", "Retirer du QPV", permissions.EDIT, partial(services.set_priority_district, inside=False)
        ),
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(tiles=self._tiles(), **kwargs)

    def _tiles(self) -> list[dict[str, Any]]:
        """The whole of what is in scope, whatever the filters: each figure opens the list that has it."""
        schools = super().get_queryset().order_by()
        years = queries.school_years(schools)
        counts = queries.visible_stated_counts(self.request.user)
        if self.request.scope.authority:
            counts = counts.filter(authority=self.request.scope.authority)
        found = schools.aggregate(all=Count("pk"), closed=Count("pk", filter=Q(status=SchoolStatus.CLOSED)))
        closed = {"trend": f"dont {counted(found['closed'], 'fermée')}"} if found["closed"] else {}
        tiles = [{"label": "Écoles", "figure": integer(found["all"]), "url": reverse("schools:school_list"), **closed}]
        if years:
            latest, url = years[0], f"{reverse('schools:schoolclass_list')}?school_year={years[0].school_year}"
            of_year = f"rentrée {latest.school_year}"
            tiles.append({"label": "Classes", "figure": integer(latest.classes), "url": url, "trend": of_year})
            tiles.append({"label": "Élèves", "figure": integer(latest.pupils), "url": url, "trend": of_year})
        stated = counts.count()
        if stated:
            url = reverse("schools:statedcount_list")
            tiles.append({"label": "Comptes des sources", "figure": integer(stated), "url": url})
        return tiles


class SchoolHeader:
    """Mixin: the header and the tabs (templates/schools/_tabs.html) that the pages of a school share, here and in the apps to the right."""

    crumbs: ClassVar[tuple[tuple[str, str], ...]] = (("Écoles", "/ecoles/"),)
    object: School

    def state(self) -> dict[str, str]:
        return {
            "label": self.object.get_status_display(),
            "tone": "success" if self.object.status == "open" else "neutral",
        }

    def actions(self) -> list[Action]:
        school = self.object
        if not self.may(permissions.EDIT, school):  # type: ignore[attr-defined]
            return []
        return [
            Action("Modifier", reverse("schools:school_edit", args=[school.pk]), "pencil"),
            Action("Supprimer", reverse("schools:school_delete", args=[school.pk]), "trash-2", danger=True),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        school = self.object
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {
            **context,
            "title": school.name,
            "meta": [
                text
                for text in (
                    f"UAI {school.uai}",
                    school.get_kind_display(),
                    school.get_sector_display(),
                    str(school.commune),
                )
                if text
            ],
            "school": school,
            "school_key": str(school.pk),
            "school_history": self.may(VIEW_HISTORY, school),  # type: ignore[attr-defined]
            "school_tabs": queries.tabs_of(self.request.user, school),  # type: ignore[attr-defined]
        }


class SchoolPage(SchoolHeader, DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_schools)


class SchoolDetail(SchoolPage):
    template_name = "schools/school_detail.html"

    def summary(self) -> list[tuple[str, Any]]:
        school = self.object
        place = " ".join(filter(None, (school.postcode, str(school.commune))))
        rows: list[tuple[str, Any]] = [
            ("UAI", school.uai),
            ("Type", school.get_kind_display()),
            ("Secteur", school.get_sector_display()),
            ("Adresse", ", ".join(filter(None, (school.address, place)))),
            ("Circonscription", school.district),
            ("Éducation prioritaire", school.education_priority or "Hors éducation prioritaire"),
            ("Quartier prioritaire (QPV)", "Oui" if school.priority_district else "Non"),
        ]
        index = school.social_indexes.order_by("-school_year").first()
        if index:
            value = f"{_decimal(index.value)} ({index.source})" if index.source else _decimal(index.value)
            rows.append((f"IPS {school_year_label(index.school_year)}", value))
        if school.latitude is not None:
            rows.append(("Coordonnées", f"{school.latitude:.5f} ; {school.longitude:.5f}"))
        return [*rows, ("Source", school.source)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        school, user = self.object, self.request.user
        years = queries.school_years(School.objects.filter(pk=school.pk))
        latest = queries.year_classes(school, years[0].school_year) if years else None
        indexes = list(school.social_indexes.order_by("-school_year"))
        return super().get_context_data(
            years=years,
            tiles=self._tiles(years, latest, indexes[0] if indexes else None),
            chart=_by_level(school, years[0].school_year, latest) if latest and latest.levels else None,
            indexes=indexes,
            former=list(school.former_uais.order_by("-until", "pk")),
            people=list(queries.visible_assignments(user).filter(school=school).order_by("-is_director", "pk")),
            may_edit=self.may(permissions.EDIT, school),
            may_assign=self.may(permissions.ASSIGN, school),
            may_see_people=self.may(permissions.VIEW_PEOPLE, school),
            **kwargs,
        )

    def _tiles(
        self, years: list[queries.YearTotals], latest: queries.YearClasses | None, index: SocialIndex | None
    ) -> list[dict[str, Any]]:
        school = self.object
        classes, sites = (reverse(f"schools:school_{name}", args=[school.pk]) for name in ("classes", "sites"))
        tiles: list[dict[str, Any]] = []
        if latest:
            year = f"rentrée {years[0].school_year}"
            computed = "effectifs reconduits" if latest.carried else "répartition calculée"
            warn = {"tone": "warning", "trend": computed} if latest.estimated else {"trend": year}
            others = {"trend": f"dont {len(latest.others)} hors ordinaire"} if latest.others else {"trend": year}
            tiles.append({"label": "Classes", "figure": integer(len(latest.classes)), "url": classes, **others})
            tiles.append({"label": "Élèves", "figure": integer(latest.pupils), "url": classes, **warn})
        label = f"IPS {school_year_label(index.school_year)}" if index else "IPS"
        social = (
            {"figure": _decimal(index.value)} if index else {"figure": "—", "trend": "donné aux écoles qui ont un CM2"}
        )
        tiles.append({"label": label, "url": "#ips", **social})
        tiles.append({"label": "Sites", "figure": integer(school.sites.count()), "url": sites})
        return tiles


def _decimal(value: Decimal) -> str:
    return str(value).replace(".", ",")


def _by_level(school: School, school_year: int, found: queries.YearClasses) -> Any:
    figures = Figures(
        key=f"niveaux-{school.pk}",
        title=f"Élèves par niveau, rentrée {school_year}",
        categories=tuple(row.level or "Sans niveau" for row in found.levels),
        series=(Series("Élèves", tuple(row.pupils for row in found.levels)),),
        unit=COUNT,
        category_name="Niveau",
    )
    return grouped_bars(figures, Look.of(school.authority.accent))


class SchoolClasses(SchoolPage):
    """« Classes et effectifs » of one school year (`?annee=`), the latest by default."""

    template_name = "schools/school_classes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        school = self.object
        years = queries.school_years(School.objects.filter(pk=school.pk))
        asked = self.request.GET.get("annee", "")
        chosen = next((row for row in years if str(row.school_year) == asked), years[0] if years else None)
        shown = queries.year_classes(school, chosen.school_year) if chosen else None
        frozen = queries.frozen_year(school.authority, chosen.school_year) if chosen else None
        url = reverse("schools:school_classes", args=[school.pk])
        return super().get_context_data(
            year=chosen.school_year if chosen else None,
            year_tabs=[
                Tab(school_year_label(row.school_year), f"{url}?annee={row.school_year}", active=row == chosen)
                for row in years
            ],
            shown=shown,
            frozen=frozen,
            sees_frozen=bool(frozen and queries.visible_frozen_years(self.request.user).filter(pk=frozen.pk).exists()),
            groups=_groups(shown) if shown else [],
            chart=_by_level(school, chosen.school_year, shown) if chosen and shown and shown.levels else None,
            may_edit=self.may(permissions.EDIT, school),
            **kwargs,
        )


def _groups(found: queries.YearClasses) -> list[dict[str, Any]]:
    groups = [("Classes ordinaires", found.ordinary), ("ULIS, UPE2A et autres dispositifs", found.others)]
    return [
        {
            "label": label,
            "pupils": sum(queries.pupils_of(each) for each in classes),
            "others": classes is found.others,
            "estimated": any(each.estimated for each in classes),
            "rows": [(each, " ".join(queries.levels_of(each)), queries.pupils_of(each)) for each in classes],
        }
        for label, classes in groups
        if classes
    ]


class SchoolSites(SchoolPage):
    template_name = "schools/school_sites.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sites = self.object.sites.prefetch_related("rooms").order_by("name", "pk")
        rows = [(site, sorted(site.rooms.all(), key=lambda room: (room.floor, room.name))) for site in sites]
        may_edit = self.may(permissions.EDIT_SITE, self.object)
        return super().get_context_data(sites=rows, may_edit=may_edit, **kwargs)


class SchoolHistory(SchoolHeader, HistoryPage):
    template_name = "schools/school_history.html"


class SchoolEdit(EditPage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_schools)
    form_class, service = SchoolForm, staticmethod(services.save_school)
    title, crumbs = "École", (("Écoles", "/ecoles/"),)
    detail_url, list_url = "schools:school_detail", "schools:school_list"


class SchoolDelete(DeletePage):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_schools)
    service, list_url = staticmethod(services.delete_school), "schools:school_list"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        school: School = context["object"]
        rests = [("Classes", school.classes.count()), ("Sites", school.sites.count())]
        context["related"] = [{"label": label, "count": count} for label, count in rests if count]
        return context
