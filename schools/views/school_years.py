"""School years: those that are frozen, and two of them beside each other."""

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from plan_numerique.documents.charts import COUNT, Chart, Figures, Look, Series, horizontal_bars
from plan_numerique.shared.periods import school_year_label, school_year_of
from plan_numerique.web.templatetags.web import integer, moment
from plan_numerique.web.views import Action, AskPage, DetailPage, EditPage, ListPage
from schools import permissions, queries, services
from schools.filtersets import ComparedFilter, FrozenYearFilter
from schools.forms import FrozenYearForm, ReopenYearForm
from schools.models import FrozenYear, School
from schools.tables import ComparedTable, FrozenYearTable, MergedTable

CRUMBS = (("Rentrées", "/rentrees/"),)
MOST_BARS = 12


class FrozenYearList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_frozen_years)
    filterset_class, table_class = FrozenYearFilter, FrozenYearTable
    title, search_placeholder = "Années scolaires figées", ""
    crumbs = CRUMBS
    create = ("schools:frozenyear_create", permissions.ROLL_OVER, "Figer une année")
    empty_text = (
        "Une année figée garde ses classes et ses effectifs : ni la saisie, ni un import, ni l'API ne les changent."
    )


class FrozenYearDetail(DetailPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_frozen_years)
    template_name = "schools/frozenyear_detail.html"
    crumbs = (*CRUMBS, ("Années figées", "/annees-figees/"))
    object: FrozenYear

    def state(self) -> dict[str, str]:
        return {"label": "Figée", "tone": "info"}

    def summary(self) -> list[tuple[str, Any]]:
        row = self.object
        return [("Collectivité", row.authority), ("Figée le", moment(row.frozen_at)), ("Par", row.by or "")]

    def actions(self) -> list[Action]:
        row = self.object
        classes = f"{reverse('schools:schoolclass_list')}?school_year={row.school_year}"
        found = [Action("Voir les classes", classes, "users")]
        if self.may(permissions.ROLL_OVER, row):
            found.append(
                Action("Rouvrir", reverse("schools:frozenyear_delete", args=[row.pk]), "lock-open", danger=True)
            )
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        schools = queries.visible_schools(self.request.user).filter(authority=row.authority)
        found = [each for each in queries.school_years(schools) if each.school_year == row.school_year]
        url = f"{reverse('schools:schoolclass_list')}?school_year={row.school_year}"
        tiles = [
            {"label": label, "figure": integer(figure), "url": url}
            for each in found
            for label, figure in (("Classes", each.classes), ("Élèves", each.pupils))
        ]
        return super().get_context_data(title=f"Année {school_year_label(row.school_year)}", tiles=tiles, **kwargs)


class FrozenYearCreate(EditPage):
    permission, queryset = permissions.ROLL_OVER, staticmethod(queries.visible_frozen_years)
    form_class = FrozenYearForm
    title, crumbs = "Figer une année scolaire", FrozenYearDetail.crumbs
    detail_url, list_url = "schools:frozenyear_detail", "schools:frozenyear_list"

    @staticmethod
    def service(*, instance: FrozenYear, by: Any, reason: str = "", m2m: Any = None) -> FrozenYear:
        return services.freeze_year(authority=instance.authority, school_year=instance.school_year, by=by)

    def new(self) -> FrozenYear:
        return FrozenYear(frozen_at=timezone.now(), by=self.request.user)


class FrozenYearReopen(AskPage):
    permission, queryset = permissions.ROLL_OVER, staticmethod(queries.visible_frozen_years)
    form_class, submit_label = ReopenYearForm, "Rouvrir l'année"
    done = "L'année est rouverte : ses classes et ses effectifs peuvent de nouveau changer."
    crumbs = FrozenYearDetail.crumbs

    def perform(self, data: dict[str, Any]) -> None:
        services.unfreeze_year(instance=self.object, reason=data["reason"], by=self.request.user)

    def get_success_url(self) -> str:
        return reverse("schools:frozenyear_list")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(title=f"Rouvrir l'année {school_year_label(self.object.school_year)}", **kwargs)


class YearComparison(ListPage):
    """Classes and pupils of each school in two school years (`?avant=`, `?apres=`): the two latest known, unless told."""

    permission = permissions.VIEW
    template_name = "schools/year_comparison.html"
    filterset_class, table_class = ComparedFilter, ComparedTable
    title, search_placeholder = "Deux années scolaires", "École, UAI, commune"
    crumbs = (("Classes et effectifs", "/classes/"),)
    empty_text = "Aucune école n'a de classes dans ces deux années."

    def get_queryset(self) -> QuerySet[School]:
        rows = queries.schools_compared(self.request.user, *self.years())
        chosen = self.request.scope.authority
        return rows.filter(authority=chosen) if chosen else rows

    def get_table(self) -> Any:
        """With the column of mergers where there is one."""
        merged = self.object_list.filter(Q(joined__isnull=False) | Q(welcomes=True)).exists()
        self.table_class = MergedTable if merged else ComparedTable
        return super().get_table()

    def known(self) -> list[int]:
        if not hasattr(self, "_known"):
            rows = queries.visible_schools(self.request.user)
            if self.request.scope.authority:
                rows = rows.filter(authority=self.request.scope.authority)
            self._known = [each.school_year for each in queries.school_years(rows)]
        return self._known

    def years(self) -> tuple[int, int]:
        known = self.known() or [school_year_of(timezone.localdate())]
        after = self._asked("apres", known[0])
        earlier = [year for year in known if year < after]
        return self._asked("avant", earlier[0] if earlier else after - 1), after

    def _asked(self, name: str, default: int) -> int:
        text = self.request.GET.get(name, "")
        known = text.isascii() and text.isdigit() and len(text) == 4
        return int(text) if known and 1900 <= int(text) <= 2200 else default

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        before, after = self.years()
        totals = queries.compared_totals(self.object_list)
        known = totals.schools_before or totals.schools_after
        choices = sorted({*self.known(), before, after}, reverse=True)
        return super().get_context_data(
            before=before,
            after=after,
            before_label=school_year_label(before),
            after_label=school_year_label(after),
            years=[(year, school_year_label(year)) for year in choices],
            kept=[
                (key, value)
                for key, values in self.request.GET.lists()
                for value in values
                if key not in {"avant", "apres", "page"}
            ],
            tiles=_compared_tiles(totals, before, after) if known else [],
            chart=self._chart(before, after),
            **kwargs,
        )

    def _chart(self, before: int, after: int) -> Chart | None:
        """The schools counted in both years whose pupils change the most, those that took another in apart."""
        both = [row for row in self.object_list if row.pupils_more and row.pupils_before and row.pupils_after]
        rows = [row for row in both if not row.welcomes]
        apart = " (hors fusions)" if len(rows) < len(both) else ""
        rows.sort(key=lambda row: (-abs(row.pupils_more), row.uai))
        rows = rows[:MOST_BARS]
        if not rows:
            return None
        figures = Figures(
            key="ecarts",
            title=f"Les plus grands écarts d'effectif, de {school_year_label(before)} à {school_year_label(after)}{apart}",
            categories=tuple(row.name for row in rows),
            series=(Series("Élèves en plus ou en moins", tuple(row.pupils_more for row in rows)),),
            unit=COUNT,
            category_name="École",
        )
        return horizontal_bars(figures, Look.of(rows[0].authority.accent))


def _compared_tiles(totals: Any, before: int, after: int) -> list[dict[str, Any]]:
    classes = f"{reverse('schools:schoolclass_list')}?school_year={after}"

    empty = before if not totals.schools_before else after if not totals.schools_after else None

    def tile(label: str, old: int, new: int, url: str) -> dict[str, Any]:
        if empty is not None:
            trend = f"rien n'est connu en {school_year_label(empty)}"
            return {
                "label": label,
                "figure": integer(max(old, new)),
                "url": url if empty != after else "",
                "trend": trend,
            }
        more = new - old
        sign = "=" if not more else f"{'+' if more > 0 else '−'}{integer(abs(more))}"
        return {
            "label": label,
            "figure": integer(new),
            "url": url,
            "trend": f"{integer(old)} en {school_year_label(before)} ({sign})",
        }

    return [
        tile("Écoles", totals.schools_before, totals.schools_after, ""),
        tile("Classes", totals.classes_before, totals.classes_after, classes),
        tile("Élèves", totals.pupils_before, totals.pupils_after, classes),
    ]
