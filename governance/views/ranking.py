"""The ranking of a campaign: each line explained, what the lead does against the score, the committee, the letters."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views import View
from django_tables2 import RequestConfig

from equipment.domain.lifecycle import IN_PLACE
from governance import permissions, queries, reports, services, tasks
from governance.forms import RankingFilterForm, SubmissionForm
from governance.queries import Explained, RankedRow, Ranking
from governance.tables import RankingTable, ranking_columns
from plan_numerique.jobs.following import follow, followed
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted
from plan_numerique.web.tables import show_page
from plan_numerique.web.views import DetailPage
from plan_numerique.web.views.base import Page
from plan_numerique.web.views.list import EXPORTS
from schools import permissions as schools_permissions
from schools.domain.ranking import SCALE, display_points
from schools.enums import ApplicationState, CriterionKind, TieRule
from schools.models import Campaign

PER_PAGE = 50
LEAD = schools_permissions.LEAD_CAMPAIGNS
OF_DEVICES = (CriterionKind.PARK_AGE, CriterionKind.EQUIPPED)


class RankingPage(DetailPage):
    permission, queryset = permissions.VIEW_RANKING, staticmethod(queries.visible_rankings)
    template_name = "governance/ranking.html"
    found: Ranking

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        self.found = queries.ranking_of(self.object, user=request.user)
        self.form = RankingFilterForm(request.GET)
        asked = self.form.cleaned_data if self.form.is_valid() else {}
        self.chosen = queries.selected_rows(
            self.found.rows,
            words=asked.get("q", "").split()[:8],
            outcome=asked.get("outcome", ""),
            noted=asked.get("noted", ""),
        )
        kind = request.GET.get("format")
        if kind in EXPORTS:
            return self.export(kind)
        return self.render_to_response(self.get_context_data(object=self.object))

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [
            ("Campagnes de candidatures", reverse("schools:campaign_list")),
            (str(self.object), campaign_url(self.object)),
        ]

    def state(self) -> dict[str, str]:
        if self.found.frozen:
            return {"label": f"Liste arrêtée le {self.found.on:%d/%m/%Y}", "tone": "success"}
        return {"label": f"Provisoire, au {self.found.on:%d/%m/%Y}", "tone": "warning"}

    @property
    def leads(self) -> bool:
        return self.may(LEAD, self.object)

    @property
    def follows(self) -> bool:
        return any(row.followed for row in self.found.rows)

    def export(self, kind: str) -> HttpResponse:
        title = f"Classement {self.object}"
        content = reports.ranking_export(self.found, self.chosen, title="Classement", kind=kind, opinions=self.follows)
        disposition = content_disposition_header(True, f"{slugify(title)[:100]}.{kind}") or "attachment"
        return HttpResponse(content, content_type=EXPORTS[kind][1], headers={"Content-Disposition": disposition})

    def address(self, **changes: str) -> str:
        params = self.request.GET.copy()
        params.pop("page", None)
        for key, value in changes.items():
            params[key] = value
        return f"?{params.urlencode()}"

    def chips(self) -> list[dict[str, str]]:
        found = []
        for name, field in self.form.fields.items():
            value = self.form.cleaned_data.get(name, "") if self.form.is_valid() else ""
            if value:
                shown = str(dict(getattr(field, "choices", ())).get(value, value))
                found.append({"label": str(field.label), "value": shown, "remove_url": self.address(**{name: ""})})
        return found

    def table(self) -> tuple[RankingTable, list[dict[str, Any]]]:
        criteria = ranking_columns(self.found.criteria)
        every = {**RankingTable.base_columns, **dict(criteria)}
        hidden = {*RankingTable.hidden, *(name for name, _ in criteria)}
        offered = [name for name in every if name != "actions" and (self.follows or name != "opinions")]
        wanted = {name for name in ",".join(self.request.GET.getlist("columns")).split(",") if name in offered}
        shown = wanted or {name for name in offered if name not in hidden}
        table = RankingTable(
            self.chosen,
            request=self.request,
            context_of=self.context_of,
            extra_columns=criteria,
            exclude=[name for name in every if name not in shown and (name != "actions" or not self.leads)],
            sequence=["position", "school", "score", *(name for name, _ in criteria), "..."],
        )
        RequestConfig(self.request, paginate=False).configure(table)
        show_page(table, self.request, PER_PAGE)
        columns = [
            {"name": name, "label": str(every[name].verbose_name or name), "shown": name in shown} for name in offered
        ]
        return table, columns

    def context_of(self, row: RankedRow) -> dict[str, Any]:
        campaign = self.object
        full = max(self.found.full_score, 1)
        return {
            "row": row,
            "score": display_points(row.score),
            "full": display_points(self.found.full_score),
            "segments": segments(row, full),
            "details": [self._explained(row, each) for each in row.details],
            "application_url": application_url(row.pk) if row.followed else "",
            "move_url": reverse("governance:ranking_move", args=[campaign.pk, row.pk]),
            "answer_url": reverse("governance:ranking_answer", args=[campaign.pk, row.pk]),
            "letter_url": reverse("schools:application_letter", args=[row.pk])
            if row.application.letter_id and row.followed
            else "",
            "letter_outdated": row.application.letter_id and row.letter_outdated,
            "frozen": self.found.frozen,
            "total": self.found.total,
            "up": self._free_towards(row, -1),
            "down": self._free_towards(row, 1),
        }

    def _free_towards(self, row: RankedRow, step: int) -> int | None:
        """The next place in a direction that is given to nobody else."""
        given = {each.position for each in self.found.rows if each.fixed and each.pk != row.pk}
        place = row.position + step
        while 1 <= place <= self.found.total and place in given:
            place += step
        return place if 1 <= place <= self.found.total else None

    def _explained(self, row: RankedRow, each: Explained) -> dict[str, Any]:
        return {
            "each": each,
            "value": reports.used_text(each),
            "scale": reports.scale_text(each),
            "points": display_points(each.points),
            "percent": each.points * 100 // (each.weight * SCALE),
            "url": self._behind(row, each.kind),
        }

    def _behind(self, row: RankedRow, kind: str) -> str:
        """The list, or the page, that the value comes from."""
        school = row.application.school
        if kind in queries.TYPED:
            return application_url(row.pk) if row.followed else ""
        if kind in OF_DEVICES:
            query = urlencode([("school", school.uai), *(("state", state) for state in IN_PLACE)])
            return f"{reverse('equipment:device_list')}?{query}"
        name = "school_sites" if kind == CriterionKind.BANDWIDTH else "school_detail"
        return reverse(f"schools:{name}", args=[school.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        table, columns = self.table()
        campaign, found = self.object, self.found
        proposed = None if found.frozen else queries.proposed_decision(campaign)
        meetings = queries.next_meetings(campaign, timezone.localdate()) if self._may_submit(proposed) else []
        return super().get_context_data(
            title=f"Classement : {campaign}",
            campaign=campaign,
            found=found,
            table=table,
            columns=columns,
            total=len(self.chosen),
            form=self.form,
            chips=self.chips(),
            tiles=tiles(found, self.address),
            tie_rule=TieRule(campaign.tie_rule).label,
            export_urls=[{"label": label, "url": self.address(format=kind)} for kind, (label, _) in EXPORTS.items()],
            decision=found.decision,
            proposed=proposed,
            submission=SubmissionForm(meetings=meetings) if meetings else None,
            leads=self.leads,
            outdated=sum(row.letter_outdated for row in self.found.rows) if self.leads and found.frozen else 0,
            may_submit=self._may_submit(proposed),
            jobs=followed(self.request, queries.ranking_jobs(campaign)) if self.leads else [],
            documents=queries.ranking_documents(campaign) if self.leads else [],
            campaign_url=campaign_url(campaign),
            **kwargs,
        )

    def _may_submit(self, proposed: Any) -> bool:
        return self.leads and proposed is None and not self.found.frozen and self.may(permissions.EDIT, self.object)


def campaign_url(campaign: Campaign) -> str:
    return reverse("schools:campaign_detail", args=[campaign.pk])


def application_url(pk: int) -> str:
    return reverse("schools:application_detail", args=[pk])


def segments(row: RankedRow, full: int) -> list[dict[str, Any]]:
    """The bar of a score, out of 1 000: where each criterion begins and how wide it is."""
    found, start = [], 0
    for rank, each in enumerate(row.details):
        width = each.points * 1000 // full
        if width:
            found.append({"x": start, "width": width, "rank": rank % 6 + 1})
        start += width
    return found


def tiles(found: Ranking, address: Any) -> list[dict[str, Any]]:
    rows = found.rows
    retained = sum(row.outcome == ApplicationState.RETAINED for row in rows)
    departs, tied = sum(row.departs for row in rows), sum(bool(row.tie) for row in rows)
    unknown = sum(any(each.unknown for each in row.details) for row in rows)
    seats = found.campaign.places
    part = f"sur {counted(found.total, 'candidature')}" if len(rows) < found.total else "déposées et classées"
    return [
        {"label": "Candidatures", "figure": str(len(rows)), "trend": part, "url": "?"},
        {
            "label": "Retenues",
            "figure": str(retained),
            "trend": f"pour {counted(seats, 'place')}" if seats else "nombre de places non fixé",
            "url": address(outcome=ApplicationState.RETAINED),
        },
        {
            "label": "Écarts au score",
            "figure": str(departs),
            "trend": "chacun est motivé" if departs else "l'ordre est celui des scores",
            "url": address(noted="departs") if departs else "",
        },
        {"label": "À égalité", "figure": str(tied), "trend": "départagées par la règle" if tied else "aucune", "url": address(noted="tied") if tied else ""},
        {
            "label": "Valeur inconnue",
            "figure": str(unknown),
            "trend": "au moins un critère sans valeur" if unknown else "tout est connu",
            "tone": "warning" if unknown and not found.frozen else "",
            "url": address(noted="unknown") if unknown else "",
        },
    ]  # fmt: skip


class RankingCommand(Page, View):
    """One press of the lead, and back to the ranking."""

    permission, queryset = LEAD, staticmethod(queries.visible_rankings)
    http_method_names = ["post"]

    def command(self, campaign: Campaign) -> None:
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        campaign = self.row()
        self.require(campaign)
        try:
            self.command(campaign)
        except DomainError as error:
            messages.error(request, error.message)
        return HttpResponseRedirect(reverse("governance:ranking", args=[campaign.pk]))


class RankingDocument(RankingCommand):
    def command(self, campaign: Campaign) -> None:
        follow(self.request, tasks.start_ranking_list(campaign=campaign, by=self.request.user))


class RankingLetters(RankingCommand):
    def command(self, campaign: Campaign) -> None:
        follow(self.request, tasks.start_ranking_letters(campaign=campaign, by=self.request.user))


class RankingSubmit(RankingCommand):
    """An item and a proposed decision on the agenda of a meeting to come."""

    def command(self, campaign: Campaign) -> None:
        self.require(campaign, permissions.EDIT)
        meetings = queries.next_meetings(campaign, timezone.localdate())
        form = SubmissionForm(self.request.POST, meetings=meetings)
        if not form.is_valid():
            raise DomainError(" ".join(str(error) for error in form.errors["meeting"]))
        meeting = next(row for row in meetings if row.pk == form.cleaned_data["meeting"])
        services.submit_to_committee(campaign=campaign, meeting=meeting, by=self.request.user)
        messages.success(
            self.request,
            f"La liste est à l'ordre du jour de « {meeting} », avec un projet de décision. Clore la réunion arrêtera la liste : "
            "retirer la décision si le comité ne la prend pas.",
        )


def led_row(page: Page) -> tuple[Campaign, Ranking, RankedRow]:
    """The campaign and the line that an address names; 404 for what is not seen."""
    campaign = get_object_or_404(queries.visible_rankings(page.request.user), pk=page.kwargs["pk"])
    found = queries.ranking_of(campaign, user=page.request.user)
    row = found.row(page.kwargs["application"])
    if row is None:
        raise Http404
    return campaign, found, row
