"""The diagnostic of a school: both halves, its photos and works, what remains before both sides have signed."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.views import View

from plan_numerique.audit.permissions import VIEW_HISTORY
from plan_numerique.audit.views.pages import HistoryPage
from plan_numerique.documents.services import read
from plan_numerique.jobs.following import follow, followed
from plan_numerique.shared.periods import school_year_label
from plan_numerique.web.forms import asked_key
from plan_numerique.web.templatetags.web import day
from plan_numerique.web.views import Action, AskPage, DetailPage, EditPage, ListPage, Page
from schools import permissions, queries, services
from schools.domain import works as costs
from schools.enums import DiagnosticState, Payer
from schools.filtersets import DiagnosticFilter
from schools.forms import DiagnosticForm, ReasonForm, VolunteersForm, sections_of
from schools.models import Diagnostic
from schools.queries import ACADEMY, HALVES, PEDAGOGICAL, SIDES, STAGES, TECHNICAL, TOWN
from schools.tables import DiagnosticTable
from schools.tasks import start_diagnostic_report
from schools.views.asking import OnSchool

CRUMBS = (("Diagnostics", "/campagnes-de-diagnostics/"),)
OF_CAMPAIGN = "campaign__authority"
SLUGS = {"technique": TECHNICAL, "pedagogique": PEDAGOGICAL}
"""Address of each half."""
FILLS = {TECHNICAL: permissions.FILL_TECHNICAL, PEDAGOGICAL: permissions.FILL_PEDAGOGICAL}
SIGNS = {TOWN: permissions.SIGN_FOR_TOWN, ACADEMY: permissions.SIGN_FOR_ACADEMY}
SIDE_SLUGS = {"collectivite": TOWN, "education-nationale": ACADEMY}


def slug_of(code: str) -> str:
    return next(slug for slug, each in (*SLUGS.items(), *SIDE_SLUGS.items()) if each == code)


def volunteers_url(row: Diagnostic) -> str:
    """Served by the app that knows how many may volunteer."""
    return reverse("equipment:diagnostic_volunteers", args=[row.pk])


class DiagnosticList(ListPage):
    permission, queryset = permissions.VIEW_DIAGNOSTICS, staticmethod(queries.listed_diagnostics)
    authority_path = OF_CAMPAIGN
    filterset_class, table_class = DiagnosticFilter, DiagnosticTable
    title, search_placeholder = "Diagnostics des écoles", "École, UAI, commune, précision"
    crumbs = CRUMBS
    empty_text = "Un diagnostic se déclenche dans une campagne, avec son motif."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actions = [Action("Campagnes", reverse("schools:diagnosticcampaign_list"), "calendar-range")]
        return super().get_context_data(actions=actions, **kwargs)


class DiagnosticHeader(OnSchool):
    """Mixin: the header and the tabs (templates/schools/_diagnostic_tabs.html) that the pages of a diagnostic share, here and in the
    apps to the right."""

    crumbs: ClassVar[tuple[tuple[str, str], ...]] = CRUMBS
    object: Diagnostic

    def state(self) -> dict[str, str]:
        label, tone = STAGES[queries.stage_of(self.object)]
        return {"label": label, "tone": tone}

    def get_crumbs(self) -> list[tuple[str, str]]:
        campaign = self.object.campaign
        return [*self.crumbs, (str(campaign), reverse("schools:diagnosticcampaign_detail", args=[campaign.pk]))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {
            **context,
            "title": f"Diagnostic : {row.school.name}",
            "meta": [f"UAI {row.school.uai}", str(row.school.commune), school_year_label(row.campaign.school_year)],
            "diagnostic": row,
            "diagnostic_history": VIEW_HISTORY.granted(self.request.user, row.campaign.authority),
        }


class DiagnosticPage(DiagnosticHeader, DetailPage):
    permission, queryset = permissions.VIEW_DIAGNOSTICS, staticmethod(queries.diagnostic_detail)
    authority_path = OF_CAMPAIGN


class DiagnosticDetail(DiagnosticPage):
    template_name = "schools/diagnostic_detail.html"

    def summary(self) -> list[tuple[str, Any]]:
        row = self.object
        school = format_html(
            '<a href="{}">{}</a>', reverse("schools:school_detail", args=[row.school_id]), row.school.name
        )
        return [
            ("École", school),
            ("Déclenché par", row.get_family_display()),
            ("Motif", row.get_trigger_display()),
            ("Précision", row.reason),
            ("Déclenché le", day(row.triggered_on)),
            ("Visite", day(row.visit_on)),
        ]

    def actions(self) -> list[Action]:
        row, found = self.object, []
        opened = row.state == DiagnosticState.OPEN
        for half, permission in FILLS.items():
            if opened and getattr(row, f"{half}_done_at") is None and self.may(permission, row):
                url = reverse("schools:diagnostic_entry", args=[row.pk, slug_of(half)])
                found.append(Action(f"Remplir la {HALVES[half].lower()}", url, "tablet", primary=True))
        url = reverse("schools:diagnostic_comparison", args=[row.pk])
        found.append(Action("Comparer", url, "git-compare", secondary=True))
        leads = self.may(permissions.TRIGGERED_BY[row.family], row)  # type: ignore[index]
        if leads and row.state == DiagnosticState.CANCELLED:
            found.append(Action("Reprendre", reverse("schools:diagnostic_resume", args=[row.pk]), "rotate-ccw"))
        if leads and opened:
            if not queries.content_lock(row):
                found.append(Action("Modifier", reverse("schools:diagnostic_edit", args=[row.pk]), "pencil"))
            url = reverse("equipment:diagnostic_cancel", args=[row.pk])
            found.append(Action("Abandonner", url, "ban", danger=True, secondary=True))
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, works = self.object, queries.works_of(self.object)
        halves = queries.halves_of(row)
        fills = [half for half, permission in FILLS.items() if self.may(permission, row)]
        lock, report = queries.content_lock(row), queries.report_of(row)
        signatures = [self._signature(side, halves) for side in SIDES]
        return super().get_context_data(
            halves=[self._half(half, half.code in fills) for half in halves],
            lacking=queries.lacking(row, halves),
            signatures=signatures,
            digest=queries.content_digest(row) if any(each["url"] for each in signatures) else "",
            works=works_shown(works),
            totals=totals_shown(works),
            photos=queries.photos_of(row),
            volunteers=list(row.volunteers.prefetch_related("headcounts").order_by("name", "pk")),
            volunteers_url=volunteers_url(row),
            lock=lock,
            may_fill=bool(fills) and not lock,
            may_enter_works=TECHNICAL in fills,
            report=report,
            report_stale=bool(report and (changed := queries.changed_at(row)) and changed > report.created_at),
            jobs=followed(self.request, queries.report_jobs(row)),
            **kwargs,
        )

    def _half(self, half: queries.Half, fills: bool) -> dict[str, Any]:
        row, (given, asked) = self.object, half.progress
        opened = row.state == DiagnosticState.OPEN
        return {
            "code": half.code,
            "label": half.label,
            "sections": sections_of(half.questions, half.values),
            "given": given,
            "asked": asked,
            "missing": half.missing,
            "done_at": half.done_at,
            "by": half.by,
            "entry_url": reverse("schools:diagnostic_entry", args=[row.pk, slug_of(half.code)]),
            "may_fill": fills and opened and half.done_at is None,
            "reopen_url": reverse("schools:diagnostic_reopen", args=[row.pk, slug_of(half.code)])
            if fills and opened and half.done_at
            else "",
        }

    def _signature(self, side: str, halves: Sequence[queries.Half]) -> dict[str, Any]:
        row = self.object
        at = getattr(row, f"{side}_signed_at")
        ready = row.state == DiagnosticState.OPEN and at is None and all(half.done_at for half in halves)
        other = any(getattr(row, f"{each}_signed_by_id") == self.request.user.pk for each in SIDES)
        signs = ready and not other and self.may(SIGNS[side], row)
        return {
            "label": SIDES[side],
            "at": at,
            "by": getattr(row, f"{side}_signed_by"),
            "url": reverse("schools:diagnostic_sign", args=[row.pk, slug_of(side)]) if signs else "",
        }


def works_shown(works: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"row": work, "cost": costs.cost(work.amount_ht, work.vat_rate)} for work in works]


def totals_shown(works: Sequence[Any]) -> dict[str, Any]:
    """By payer and whole; works that are dropped left out."""
    held = [queries.as_work(work) for work in works]
    rows = costs.by_payer(held)
    return {
        "rows": [{"label": each.payer_name or Payer(each.payer).label, "total": each} for each in rows],
        "whole": costs.total(held),
        "works": sum(each.works for each in rows),
        "unpriced": sum(each.unpriced for each in rows),
        "done": sum(each.done for each in rows),
    }


class DiagnosticHistory(DiagnosticHeader, HistoryPage):
    template_name = "schools/diagnostic_history.html"


class DiagnosticEdit(OnSchool, EditPage):
    permission, queryset = permissions.TRIGGER_DIAGNOSTIC, staticmethod(queries.visible_diagnostics)
    authority_path = OF_CAMPAIGN
    form_class, service = DiagnosticForm, staticmethod(services.save_diagnostic)
    title, crumbs = "Déclenchement du diagnostic", CRUMBS
    detail_url, list_url = "schools:diagnostic_detail", "schools:diagnostic_list"

    def require(self, row: Any, permission: Any = None) -> None:
        super().require(row, permission or permissions.TRIGGERED_BY[row.family])

    def save(self, form: BaseForm, **kwargs: Any) -> Any:
        kwargs["instance"].reason = form.cleaned_data["told"]
        return services.save_diagnostic(**kwargs)


class OnePost(OnSchool, Page, View):
    """A button of the diagnostic's page: one service call, back to the page; refusals are told there (web.middleware.domain_errors)."""

    queryset = staticmethod(queries.diagnostic_detail)
    authority_path = OF_CAMPAIGN

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.row()
        self.require(row)
        self.perform(row)
        return HttpResponseRedirect(reverse("schools:diagnostic_detail", args=[row.pk]))

    def perform(self, row: Diagnostic) -> None:
        raise NotImplementedError


def _named(table: dict[str, str], slug: str) -> str:
    if slug not in table:
        raise Http404
    return table[slug]


class Finish(OnePost):
    permission = permissions.VIEW_DIAGNOSTICS

    def require(self, row: Any, permission: Any = None) -> None:
        super().require(row, FILLS[_named(SLUGS, self.kwargs["half"])])

    def perform(self, row: Diagnostic) -> None:
        half = _named(SLUGS, self.kwargs["half"])
        services.finish_half(diagnostic=row, half=half, by=self.request.user)
        messages.success(self.request, f"La {HALVES[half].lower()} est terminée.")


class Sign(OnePost):
    permission = permissions.VIEW_DIAGNOSTICS

    def require(self, row: Any, permission: Any = None) -> None:
        super().require(row, SIGNS[_named(SIDE_SLUGS, self.kwargs["side"])])

    def perform(self, row: Diagnostic) -> None:
        side = _named(SIDE_SLUGS, self.kwargs["side"])
        read = self.request.POST.get("lu", "")
        signed = services.sign_diagnostic(diagnostic=row, side=side, by=self.request.user, read=read)
        done = signed.state == DiagnosticState.SIGNED
        told = "Le diagnostic est validé des deux côtés." if done else f"{SIDES[side]} a validé le diagnostic."
        messages.success(self.request, told)


class Report(OnePost):
    """Read once made; made by a job."""

    permission = permissions.VIEW_DIAGNOSTICS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.row()
        self.require(row)
        document = queries.report_of(row)
        if document is None:
            raise Http404
        disposition = content_disposition_header(as_attachment=False, filename=document.filename) or "inline"
        return HttpResponse(
            read(document),
            content_type=document.media_type,
            headers={
                "Content-Disposition": disposition,
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private",
            },
        )

    def perform(self, row: Diagnostic) -> None:
        follow(self.request, start_diagnostic_report(diagnostic=row, by=self.request.user))


class AskOfDiagnostic(OnSchool, AskPage):
    permission, queryset = permissions.VIEW_DIAGNOSTICS, staticmethod(queries.diagnostic_detail)
    authority_path = OF_CAMPAIGN
    object: Diagnostic

    def get_success_url(self) -> str:
        return reverse("schools:diagnostic_detail", args=[self.object.pk])

    def get_crumbs(self) -> list[tuple[str, str]]:
        row = self.object
        campaign = reverse("schools:diagnosticcampaign_detail", args=[row.campaign_id])
        return [*CRUMBS, (str(row.campaign), campaign), (row.school.name, self.get_success_url())]


class Reopen(AskOfDiagnostic):
    form_class, submit_label, done = ReasonForm, "Rouvrir", "La partie est rouverte."

    @property
    def half(self) -> str:
        return _named(SLUGS, self.kwargs["half"])

    def require(self, row: Any, permission: Any = None) -> None:
        super().require(row, FILLS[self.half])

    def perform(self, data: dict[str, Any]) -> Any:
        services.reopen_half(diagnostic=self.object, half=self.half, reason=data["reason"], by=self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        signed = any(getattr(self.object, f"{side}_signed_at") for side in SIDES)
        intro = "La validation déjà donnée est retirée : elle portait sur ce qui va changer." if signed else ""
        return super().get_context_data(title=f"Rouvrir la {HALVES[self.half].lower()}", intro=intro, **kwargs)


class Cancel(AskOfDiagnostic):
    """Served by the app that gives back what was set aside for the school: it names its `service`."""

    service: ClassVar[Any]
    form_class, submit_label, done = ReasonForm, "Abandonner", "Le diagnostic est abandonné."
    title = "Abandonner le diagnostic"

    def require(self, row: Any, permission: Any = None) -> None:
        super().require(row, permissions.TRIGGERED_BY[row.family])

    def perform(self, data: dict[str, Any]) -> Any:
        type(self).service(diagnostic=self.object, reason=data["reason"], by=self.request.user)


class Resume(AskOfDiagnostic):
    form_class, submit_label, done = ReasonForm, "Reprendre", "Le diagnostic est repris là où il a été laissé."
    title = "Reprendre le diagnostic"

    def require(self, row: Any, permission: Any = None) -> None:
        super().require(row, permissions.TRIGGERED_BY[row.family])

    def perform(self, data: dict[str, Any]) -> Any:
        services.resume_diagnostic(diagnostic=self.object, reason=data["reason"], by=self.request.user)


class Volunteers(AskOfDiagnostic):
    """Served by the app that knows how many classes the rules allow: it names its `service`."""

    service: ClassVar[Any]
    form_class, title, done = VolunteersForm, "Classes volontaires", "Les classes volontaires sont notées."

    def require(self, row: Any, permission: Any = None) -> None:
        if not any(self.may(each, row) for each in FILLS.values()):
            raise PermissionDenied

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "diagnostic": self.object}

    def perform(self, data: dict[str, Any]) -> Any:
        type(self).service(diagnostic=self.object, classes=list(data["volunteers"]), by=self.request.user)


class Comparison(DiagnosticPage):
    """With another diagnostic of the same school (`?avec=`), the one before by default: only what changed."""

    template_name = "schools/diagnostic_comparison.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        others = list(queries.comparable_diagnostics(self.object, self.request.user))
        asked = asked_key(self.request.GET.get("avec"))
        other = next((each for each in others if each.pk == asked), others[0] if others and asked is None else None)
        found = (
            queries.compared(get_object_or_404(queries.diagnostic_detail(self.request.user), pk=other.pk), self.object)
            if other
            else []
        )
        return super().get_context_data(others=others, other=other, found=found, **kwargs)
