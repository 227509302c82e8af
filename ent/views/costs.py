from typing import Any, ClassVar

from django.urls import reverse
from django.views.generic import TemplateView

from ent import permissions, queries
from ent.queries import PayerYear
from plan_numerique.accounts.models import Authority
from plan_numerique.documents.charts import EUROS, Figures, Look, Series, stacked_bars
from plan_numerique.shared.periods import school_year_label
from plan_numerique.web.templatetags.web import euros, integer
from plan_numerique.web.views import Page
from schools.models import School
from schools.queries import visible_schools
from schools.views.schools import SchoolPage


class CostPage(Page, TemplateView):
    """What the ENT costs, by school year and payer."""

    permission, queryset = permissions.VIEW, staticmethod(queries.visible_subscriptions)
    template_name, title = "ent/costs.html", "Coût de l'ENT par année et payeur"
    crumbs: ClassVar[tuple[tuple[str, str], ...]] = (("Abonnements", "/abonnements/"),)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = queries.costs_by_year_and_payer(self.rows())
        authority = self.request.scope.authority
        return super().get_context_data(
            payers=rows,
            tiles=_tiles(rows) if rows else [],
            chart=_chart([row for row in rows if row.ttc is not None], authority)
            if any(row.ttc for row in rows)
            else None,
            unknown=sum(row.unknown for row in rows),
            **kwargs,
        )


def _tiles(rows: list[PayerYear]) -> list[dict[str, Any]]:
    latest = [row for row in rows if row.school_year == rows[0].school_year]
    year = rows[0].school_year
    url = f"{reverse('ent:subscription_list')}?school_year={year}"
    tiles = [
        {"label": "Abonnements", "figure": integer(sum(row.subscriptions for row in latest)), "url": url},
        {"label": "Élèves", "figure": integer(sum(row.pupils or 0 for row in latest)), "url": url},
    ]
    tiles += [
        {"label": f"{row.payer_label}, TTC", "figure": euros(row.ttc), "url": f"{url}&payer={row.payer}"}
        for row in latest
    ]
    return [{**tile, "trend": f"année {school_year_label(year)}"} for tile in tiles]


def _chart(rows: list[PayerYear], authority: Authority | None) -> Any:
    years = sorted({row.school_year for row in rows})
    payers = {row.payer: row.payer_label for row in rows}
    amounts = {(row.school_year, row.payer): row.ttc for row in rows}
    figures = Figures(
        key="ent-couts",
        title="Coût TTC calculé, par année scolaire et payeur",
        categories=tuple(school_year_label(year) for year in years),
        series=tuple(
            Series(label, tuple(amounts.get((year, payer)) for year in years)) for payer, label in payers.items()
        ),
        unit=EUROS,
        category_name="Année scolaire",
    )
    return stacked_bars(figures, Look.of(authority.accent, width=920) if authority else Look(width=920))


class SchoolSubscriptions(SchoolPage):
    """The ENT tab of a school's page."""

    permission, queryset = permissions.VIEW, staticmethod(visible_schools)
    template_name = "ent/school_subscriptions.html"
    object: School

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        held = queries.visible_subscriptions(self.request.user).filter(subscribed__school=self.object)
        costs = queries.subscription_costs(held.order_by("-school_year", "label", "pk"))
        rows = [
            (costed, next(each for each in costed.schools if each.row.school_id == self.object.pk))
            for costed in costs.values()
        ]
        return super().get_context_data(rows=rows, may_edit=self.may(permissions.EDIT, self.object), **kwargs)
