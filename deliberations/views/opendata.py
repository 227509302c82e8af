"""The SCDL file of an authority before it goes out: which acts, which not, and why."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from deliberations import permissions
from deliberations.domain.opendata import to_csv
from deliberations.filtersets.opendata import OpenAuthorityFilter
from deliberations.queries.opendata import NO_SIRET, OpenAct, adopted_acts, open_acts
from deliberations.tables.filing import OpenAuthorityTable
from deliberations.views.public import address_of, csv_name
from plan_numerique.accounts.models import Authority
from plan_numerique.web.views import DetailPage, ListPage

PER_PAGE = 50


def open_authorities(user: Any) -> QuerySet[Authority]:
    return permissions.VIEW_DRAFTS.authorities(user)


class OpenDataList(ListPage):
    permission, queryset = permissions.VIEW_DRAFTS, staticmethod(open_authorities)
    authority_path = "pk"
    filterset_class, table_class = OpenAuthorityFilter, OpenAuthorityTable
    title, search_placeholder = "Données ouvertes", "Collectivité"
    intro = "Les délibérations au format SCDL 2.1.5, avec ce que le schéma en dirait avant de les publier."

    def rows(self) -> QuerySet[Authority]:
        rows = open_authorities(self.request.user)
        chosen = self.request.scope.authority  # type: ignore[attr-defined]
        return rows.filter(pk=chosen.pk) if chosen else rows


class OpenDataDetail(DetailPage):
    permission, queryset = permissions.VIEW_DRAFTS, staticmethod(open_authorities)
    authority_path = ""
    template_name = "deliberations/opendata.html"
    crumbs = (("Données ouvertes", "/donnees-ouvertes/"),)

    def found(self) -> list[OpenAct]:
        authority: Authority = self.object
        return open_acts(
            authority,
            adopted_acts(authority),
            lambda act: address_of(self.request, "public_act", authority.slug, act.pk),
        )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """`?format=csv`: every act that passes the checks, online or not, to look at the file before publishing."""
        if request.GET.get("format") != "csv":
            return super().get(request, *args, **kwargs)
        self.object = self.get_object()
        content = to_csv(item.row for item in self.found() if not item.faults)
        disposition = content_disposition_header(as_attachment=True, filename=csv_name(self.object)) or "attachment"
        return HttpResponse(
            content, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition}
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.found()
        out = sum(item.goes_out for item in found)
        page = Paginator(found, PER_PAGE).get_page(self.request.GET.get("page"))
        no_siret = bool(found) and not found[0].row["COLL_SIRET"]
        return super().get_context_data(
            title=f"Données ouvertes : {self.object}",
            page=page,
            no_siret=NO_SIRET if no_siret else "",
            tiles=_tiles(found, out),
            **kwargs,
        )


def _tiles(found: list[OpenAct], out: int) -> list[dict[str, Any]]:
    rows = (
        ("Dans le fichier public", out, "en ligne et sans faute"),
        ("À corriger", sum(bool(item.faults) for item in found), "refusées par le schéma"),
        ("Pas en ligne", sum(not item.published for item in found), "absentes du fichier"),
    )
    return [{"label": label, "figure": str(count), "trend": trend, "tone": ""} for label, count, trend in rows]
