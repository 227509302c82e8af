"""« À renouveler »: by year, from the life spans of what is in place and of what the programme buys."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.generic import TemplateView
from django_tables2 import RequestConfig

from equipment.domain.lifecycle import IN_PLACE
from equipment.queries import visible_devices
from governance import permissions, queries, reports
from governance.domain.renewals import NO_LIFE, NO_PRICE, NO_YEAR, ORIGIN_IN_PLACE
from governance.forms import RenewalForm
from governance.models import Plan
from governance.queries import LATE, Choice, RenewalReport, RenewalRow
from governance.tables import ORIGINS, RenewalTable
from governance.views.results import lines_url
from plan_numerique.documents.charts import Look
from plan_numerique.shared.wording import counted
from plan_numerique.web.tables import show_page
from plan_numerique.web.templatetags.web import euros, integer
from plan_numerique.web.views import Page
from plan_numerique.web.views.list import EXPORTS

HORIZONS = (5, 10, 15, 20)
DEFAULT_HORIZON = 10
APART_REASONS = {
    NO_LIFE: "L'article n'a pas de durée de vie.",
    NO_YEAR: "La date d'achat est inconnue.",
    NO_PRICE: "L'article n'a pas de prix.",
}
APART_FILTERS: dict[str, dict[str, str]] = {
    NO_LIFE: {},
    NO_YEAR: {"age": "unknown"},
    NO_PRICE: {"acquired_on_after": "1900-01-01"},
}
NARROWING = ("school", "item", "origin", "year")


class Renewals(Page, TemplateView):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_plans)
    template_name = "governance/renewals.html"
    title = "À renouveler"
    report: RenewalReport | None = None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.today = timezone.localdate()
        self.form = self.chosen()
        if self.plan is not None:
            initial = self.form.initial
            self.report = queries.renewal_report(
                self.plan,
                visible_devices(request.user),
                Choice(**{name: str(initial[name]) for name in NARROWING}),
                today=self.today,
                years=range(self.today.year, int(initial["until"]) + 1),
            )
            self.form.fields["item"].choices = [("", "Tous"), *self.report.items]
        kind = request.GET.get("format")
        if kind in EXPORTS and self.report is not None:
            return self.export(kind, self.report)
        return super().get(request, *args, **kwargs)

    def chosen(self) -> RenewalForm:
        """The form filled with what the address says; a value that is not offered falls back to the default."""
        asked = self.request.GET
        plans = queries.plans_to_renew(self.rows())
        found = [plan for plan in plans if str(plan.pk) == asked.get("plan")]
        if asked.get("plan") and not found:
            found = [plan for plan in queries.visible_plans(self.request.user) if str(plan.pk) == asked.get("plan")]
        self.plan: Plan | None = (found or plans or [None])[0]
        horizons = [(str(self.today.year + years), f"{self.today.year + years}") for years in HORIZONS]
        until = asked.get("until") if asked.get("until") in dict(horizons) else str(self.today.year + DEFAULT_HORIZON)
        years = range(self.today.year, int(until) + 1)
        offered = {"": "Toutes", LATE: "En retard", **{str(year): str(year) for year in years}}
        origin = asked.get("origin", "") if asked.get("origin", "") in ORIGINS else ""
        form = RenewalForm(
            initial={
                "plan": self.plan.pk if self.plan else None,
                "until": until,
                "school": asked.get("school", "")[:100],
                "item": asked.get("item", "")[:120],
                "origin": origin,
                "year": asked.get("year", "") if asked.get("year", "") in offered else "",
            }
        )
        form.fields["plan"].choices = [
            (plan.pk, f"{plan} ({plan.authority})") for plan in dict.fromkeys([*plans, *found])
        ]
        form.fields["until"].choices = horizons
        form.fields["year"].choices = list(offered.items())
        form.fields["origin"].choices = [("", "Toutes"), *ORIGINS.items()]
        return form

    def export(self, kind: str, report: RenewalReport) -> HttpResponse:
        content = reports.renewals_export(report, title=self.title, kind=kind)
        name = f"{slugify(self.title)}.{kind}"
        disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
        return HttpResponse(content, content_type=EXPORTS[kind][1], headers={"Content-Disposition": disposition})

    def address(self, **changes: Any) -> str:
        params: QueryDict = self.request.GET.copy()
        for key, value in changes.items():
            params[key] = value
        return f"?{params.urlencode()}"

    def chips(self) -> list[dict[str, str]]:
        found = []
        for name in NARROWING:
            field, value = self.form.fields[name], str(self.form.initial[name])
            shown = dict(getattr(field, "choices", ())).get(value, value)
            if value:
                found.append({"label": str(field.label), "value": shown, "remove_url": self.address(**{name: ""})})
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            form=self.form,
            plan=self.plan,
            notice=self.plan.authority.notice if self.plan else "",
            report=self.report,
            chips=self.chips(),
            export_urls=[{"label": label, "url": self.address(format=kind)} for kind, (label, _) in EXPORTS.items()],
            **(self.shown(self.report) if self.report else {}),
            **kwargs,
        )

    def shown(self, report: RenewalReport) -> dict[str, Any]:
        table = RenewalTable(report.rows, request=self.request, opens=self.opens)
        RequestConfig(self.request, paginate=False).configure(table)
        show_page(table, self.request, 20)
        found = report.forecast
        version = report.version
        return {
            "table": table,
            "total": len(report.rows),
            "tiles": self.tiles(report),
            "chart": reports.renewals_chart(report, Look.of(report.plan.authority.accent)),
            "by_year": [
                (str(year), self._detail(str(year)) if amount.ht else "", *_triple(amount))
                for year, amount in found.by_year().items()
            ],
            "overdue": (self._detail(LATE), *_triple(found.overdue)) if found.overdue.ht else (),
            "sum": _triple(found.total),
            "apart": [self._apart(row) for row in queries.undated(report)],
            "version": version,
            "simulation": version.scenario.simulation_notice if version else "",
            "done": ", ".join(str(year) for year in report.done),
            "renewed": report.renewed,
        }

    def tiles(self, report: RenewalReport) -> list[dict[str, Any]]:
        lines, first = report.forecast.lines, report.forecast.years[0]
        late = [line for line in lines if line.overdue]
        now = [line for line in lines if line.year == first and not line.overdue]
        return [
            {
                "label": "En retard, TTC",
                "figure": euros(sum(line.amount.ttc for line in late)),
                "trend": f"{counted(sum(line.quantity for line in late), 'appareil')}, fin de vie avant {first}",
                "tone": "warning" if late else "success",
                "url": self._detail(LATE) if late else "",
            },
            {
                "label": f"En {first}, TTC",
                "figure": euros(sum(line.amount.ttc for line in now)),
                "trend": counted(sum(line.quantity for line in now), "appareil"),
                "url": self._detail(str(first)) if now else "",
            },
            {
                "label": f"De {first} à {report.forecast.years[-1]}, TTC",
                "figure": euros(report.forecast.total.ttc),
                "trend": "retard compris",
                "url": "#par-annee",
            },
        ]

    def _detail(self, year: str) -> str:
        return f"{self.address(year=year)}#detail"

    def opens(self, row: RenewalRow) -> str:
        """The list behind a quantity: the devices, or the lines of the run."""
        assert self.report is not None
        if row.origin == ORIGIN_IN_PLACE:
            return self._devices(row.item, due=", ".join(map(str, row.due)))
        assert self.report.version is not None
        filters = {"kind": "item", "code": row.item, "renewal": "false"}
        if len(row.exercises) == 1:
            filters["exercise"] = str(row.exercises[0])
        school = {"q": self.form.initial["school"]} if self.form.initial["school"] else {}
        return lines_url(self.report.version.run, **filters, **school)

    def _devices(self, item: str, **filters: str) -> str:
        assert self.report is not None
        query = [("item_type", self.report.item_ids.get(item, 0)), *(("state", state) for state in IN_PLACE)]
        query += [(name, value) for name, value in filters.items() if value]
        if self.form.initial["school"]:
            query.append(("school", self.form.initial["school"]))
        return f"{reverse('equipment:device_list')}?{urlencode(query)}"

    def _apart(self, row: tuple[str, str, str, str, int]) -> dict[str, Any]:
        assert self.report is not None
        item, label, origin, reason, quantity = row
        if origin == ORIGIN_IN_PLACE:
            url = self._devices(item, **APART_FILTERS[reason])
        else:
            assert self.report.version is not None
            url = lines_url(self.report.version.run, kind="item", code=item, renewal="false")
        return {
            "label": label,
            "origin": ORIGINS[origin],
            "reason": APART_REASONS[reason],
            "quantity": integer(quantity),
            "url": url,
        }


def _triple(amount: Any) -> tuple[str, str, str]:
    return euros(amount.ht), euros(amount.vat), euros(amount.ttc)
