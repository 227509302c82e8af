from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.generic import TemplateView
from django_tables2 import RequestConfig

from equipment import permissions, queries
from equipment.exports import need_export
from equipment.forms import NeedForm
from equipment.models import ItemType, RuleSet
from equipment.queries import NeedReport, SchoolNeeds
from equipment.tables import NeedTable
from plan_numerique.audit.permissions import VIEW_HISTORY
from plan_numerique.shared.periods import school_year_label
from plan_numerique.shared.wording import counted
from plan_numerique.web.tables import show_page
from plan_numerique.web.templatetags.web import euros, integer
from plan_numerique.web.views import Page
from plan_numerique.web.views.list import EXPORTS
from schools.models import School
from schools.queries import tabs_of, visible_schools


class NeedBase(Page, TemplateView):
    """Chooses the rule set and the school year (the latest by default), computes the need and exports it."""

    permission, queryset = permissions.VIEW, staticmethod(visible_schools)
    title = "Besoin et existant"
    report: NeedReport | None = None
    rule_set: RuleSet | None = None
    school_year: int | None = None

    def schools(self) -> QuerySet[School]:
        return self.rows()

    def rule_sets(self) -> QuerySet[RuleSet]:
        rows, authority = queries.visible_rule_sets(self.request.user), self.request.scope.authority
        return (rows.filter(authority=authority) if authority else rows).order_by("-pk")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.form = self.chosen()
        if self.rule_set is not None and self.school_year is not None:
            self.report = queries.need_report(
                schools=self.schools(), rule_set=self.rule_set, school_year=self.school_year
            )
            self.form.fields["item"].choices = [
                ("", "Tous"),
                *((item.code, item.label) for item in self.report.items.values()),
            ]
        kind = request.GET.get("format")
        if kind in EXPORTS and self.report is not None:
            return self.export(kind)
        return super().get(request, *args, **kwargs)

    def chosen(self) -> NeedForm:
        """The form filled with what the address says; a value that is not offered falls back to the default."""
        rule_sets, asked = list(self.rule_sets()), self.request.GET
        self.rule_set = next(
            (row for row in rule_sets if str(row.pk) == asked.get("rule_set")), (rule_sets or [None])[0]
        )
        schools = (
            self.schools().filter(authority=self.rule_set.authority_id) if self.rule_set else School.objects.none()
        )
        years = queries.years_with_classes(schools)
        self.school_year = next((year for year in years if str(year) == asked.get("school_year")), (years or [None])[0])
        form = NeedForm(
            initial={
                "rule_set": self.rule_set.pk if self.rule_set else None,
                "school_year": self.school_year,
                **{name: asked.get(name, "") for name in ("item", "only", "q")},
            }
        )
        form.fields["rule_set"].choices = [(row.pk, str(row)) for row in rule_sets]
        form.fields["school_year"].choices = [(year, school_year_label(year)) for year in years]
        return form

    def selected(self) -> list[SchoolNeeds]:
        return self.report.schools if self.report else []

    def export(self, kind: str) -> HttpResponse:
        _, media_type = EXPORTS[kind]
        content = need_export(self.selected(), title=self.title, kind=kind)
        name = f"{slugify(self.title)}.{kind}"
        disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
        return HttpResponse(content, content_type=media_type, headers={"Content-Disposition": disposition})

    def address(self, **changes: Any) -> str:
        params = self.request.GET.copy()
        for key, value in changes.items():
            params[key] = value
        return f"?{params.urlencode()}"

    def chips(self) -> list[dict[str, str]]:
        """The narrowing in force, each with the address that lifts it."""
        shown = {name: dict(self.form.fields[name].choices) for name in ("item", "only")}
        asked = {name: str(self.form.initial[name]) for name in ("q", "item", "only")}
        values = {name: shown[name].get(value, "") if name in shown else value for name, value in asked.items()}
        return [
            {"label": str(self.form.fields[name].label), "value": value, "remove_url": self.address(**{name: ""})}
            for name, value in values.items()
            if asked[name] and value
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            form=self.form,
            chips=self.chips(),
            report=self.report,
            rule_set=self.rule_set,
            notice=self.rule_set.authority.notice if self.rule_set else "",
            year=self.school_year,
            export_urls=[{"label": label, "url": self.address(format=kind)} for kind, (label, _) in EXPORTS.items()],
            **kwargs,
        )


class NeedList(NeedBase):
    template_name = "equipment/need.html"
    per_page = 25

    def selected(self) -> list[SchoolNeeds]:
        asked = self.form.initial
        words = [word.casefold() for word in str(asked["q"]).split()[:8]]
        return queries.selected_needs(self.report, item=asked["item"], only_lacks=asked["only"] == "lacks", words=words)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = self.selected() if self.report else []
        table = NeedTable(rows, request=self.request, school_url=self.school_url)
        RequestConfig(self.request, paginate=False).configure(table)
        show_page(table, self.request, self.per_page)
        totals = queries.totals_of(rows)
        return super().get_context_data(
            table=table,
            total=len(rows),
            total_rows=[(need, "") for need in totals],
            plan_rows=[(need, "") for need in self.report.plan] if self.report else [],
            tiles=self.tiles(rows),
            create_url=reverse("equipment:ruleset_create")
            if permissions.EDIT_CATALOGUE.anywhere(self.request.user)
            else "",
            **kwargs,
        )

    def school_url(self, record: SchoolNeeds) -> str:
        assert self.rule_set is not None
        url = reverse("equipment:school_need", args=[record.school.pk])
        return f"{url}?rule_set={self.rule_set.pk}&school_year={self.school_year}"

    def tiles(self, rows: list[SchoolNeeds]) -> list[dict[str, Any]]:
        without = sum(row.unpriced for row in rows)
        supposed = any(row.hypothesis for row in rows)
        notes = [
            *(["sur des prix en hypothèse"] if supposed else []),
            *([f"{integer(without)} sans prix"] if without else []),
        ]
        short = sum(bool(row.lacks) for row in rows)
        return [
            {
                "label": "Doivent avoir",
                "figure": integer(sum(row.must for row in rows)),
                "trend": f"{integer(len(rows))} écoles",
            },
            {
                "label": "Ont",
                "figure": integer(sum(row.has for row in rows)),
                "trend": "en service, requalifié, prêté ou en panne",
            },
            {
                "label": "Manque",
                "figure": integer(sum(row.lacks for row in rows)),
                "trend": f"dans {counted(short, 'école')}",
                "url": self.address(only="lacks"),
                "tone": "warning" if short else "success",
            },
            {
                "label": "Coût HT de ce qui manque",
                "figure": euros(sum(row.cost_ht for row in rows)),
                "trend": ", ".join(notes),
                "tone": "warning" if notes else "",
            },
        ]


class SchoolNeed(NeedBase):
    template_name = "equipment/school_need.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.school = self.row()
        return super().get(request, *args, **kwargs)

    def schools(self) -> QuerySet[School]:
        return visible_schools(self.request.user).filter(pk=self.school.pk)

    def rule_sets(self) -> QuerySet[RuleSet]:
        rows = queries.visible_rule_sets(self.request.user)
        return rows.filter(authority=self.school.authority_id).order_by("-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.selected()
        need = found[0] if found else None
        numbers = dict(ItemType.objects.filter(authority=self.school.authority_id).values_list("code", "pk"))
        devices = f"{reverse('equipment:device_list')}?school={self.school.uai}"
        return super().get_context_data(
            title=f"Besoin et existant : {self.school}",
            school=self.school,
            school_key=str(self.school.pk),
            school_history=self.may(VIEW_HISTORY, self.school),
            school_tabs=tabs_of(self.request.user, self.school),
            need=need,
            rows=[(item, f"{devices}&item_type={numbers.get(item.item.code, '')}") for item in need.needs]
            if need
            else [],
            rules=queries.worded_rules(self.rule_set) if self.rule_set else [],
            devices_url=devices,
            **kwargs,
        )

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [("Besoin et existant", reverse("equipment:need"))]
