"""Campaigns of diagnostics: how far they are, which schools to trigger and why, what changed from one to the next."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from plan_numerique.audit.permissions import VIEW_HISTORY
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.periods import school_year_label
from plan_numerique.shared.wording import counted
from plan_numerique.tabular.writing import write_csv, write_xlsx
from plan_numerique.web.forms import asked_key
from plan_numerique.web.templatetags.web import day, integer
from plan_numerique.web.views import Action, AskPage, DeletePage, DetailPage, EditPage, ListPage, Tab
from plan_numerique.web.views.list import EXPORTS
from schools import permissions, queries, services
from schools.domain.diagnostics import Reason
from schools.filtersets import DiagnosticCampaignFilter
from schools.forms import DiagnosticCampaignForm, TriggerForm, family_of
from schools.models import DiagnosticCampaign
from schools.tables import DiagnosticCampaignTable

CRUMBS = (("Diagnostics", "/campagnes-de-diagnostics/"),)


class DiagnosticCampaignList(ListPage):
    permission, queryset = permissions.VIEW_DIAGNOSTICS, staticmethod(queries.listed_diagnostic_campaigns)
    filterset_class, table_class = DiagnosticCampaignFilter, DiagnosticCampaignTable
    title, search_placeholder = "Diagnostics", "Campagne"
    create = ("schools:diagnosticcampaign_create", permissions.LEAD_DIAGNOSTICS, "Préparer une campagne")
    empty_text = "Une campagne réunit les diagnostics d'une année : un questionnaire technique, un pédagogique."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actions = [
            Action("Toutes les écoles", reverse("schools:diagnostic_list"), "clipboard-check"),
            Action("Travaux", reverse("schools:work_list"), "hammer"),
        ]
        return super().get_context_data(actions=actions, **kwargs)


class CampaignPage(DetailPage):
    """The header and the tabs that the pages of a campaign share."""

    permission, queryset = permissions.VIEW_DIAGNOSTICS, staticmethod(queries.visible_diagnostic_campaigns)
    crumbs = CRUMBS
    object: DiagnosticCampaign
    current = ""

    def tabs(self) -> list[Tab]:
        row = self.object
        pages = [("Avancement", reverse("schools:diagnosticcampaign_detail", args=[row.pk]), "detail")]
        if self.may(permissions.LEAD_DIAGNOSTICS, row):
            pages.append(("À déclencher", suggestions_url(row), "suggestions"))
        compared = reverse("schools:diagnosticcampaign_comparison", args=[row.pk])
        pages.append(("Comparer", compared, "comparison"))
        return [Tab(label, url, active=name == self.current) for label, url, name in pages]

    def get_crumbs(self) -> list[tuple[str, str]]:
        own = (str(self.object), reverse("schools:diagnosticcampaign_detail", args=[self.object.pk]))
        return [*self.crumbs, *([own] if self.current != "detail" else [])]


def suggestions_url(campaign: DiagnosticCampaign) -> str:
    """Served by the app that knows the age of the equipment."""
    return reverse("equipment:diagnosticcampaign_suggestions", args=[campaign.pk])


class DiagnosticCampaignDetail(CampaignPage):
    template_name, current = "schools/diagnosticcampaign_detail.html", "detail"

    def summary(self) -> list[tuple[str, Any]]:
        row = self.object
        return [
            ("Année scolaire", school_year_label(row.school_year)),
            ("Début", day(row.starts_on)),
            ("Fin", day(row.ends_on)),
            ("Questionnaire technique", row.technical),
            ("Questionnaire pédagogique", row.pedagogical),
            ("Observation", row.note),
            ("Source", row.source),
        ]

    def actions(self) -> list[Action]:
        row = self.object
        found = []
        if permissions.TRIGGER_DIAGNOSTIC.granted(self.request.user, row.authority):
            url = reverse("schools:diagnostic_trigger", args=[row.pk])
            found.append(Action("Déclencher un diagnostic", url, "plus", primary=True))
        if self.may(permissions.LEAD_DIAGNOSTICS, row):
            edit, delete = (reverse(f"schools:diagnosticcampaign_{name}", args=[row.pk]) for name in ("edit", "delete"))
            found.append(Action("Modifier", edit, "pencil"))
            found.append(Action("Supprimer", delete, "trash-2", danger=True, secondary=True))
        if self.may(VIEW_HISTORY, row):
            url = reverse("schools:diagnosticcampaign_history", args=[row.pk])
            found.append(Action("Historique", url, "history", secondary=True))
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        whole, communes = queries.campaign_progress(row, self.request.user)
        rows = f"{reverse('schools:diagnostic_list')}?campaign={row.pk}"
        tiles = [
            {
                "label": "À déclencher",
                "figure": integer(whole.to_trigger),
                "trend": f"sur {counted(whole.schools, 'école')}",
                **({"url": suggestions_url(row)} if self.may(permissions.LEAD_DIAGNOSTICS, row) else {}),
            },
            {"label": "En cours", "figure": integer(whole.in_progress), "url": f"{rows}&stage=in_progress"},
            {
                "label": "Partie technique terminée",
                "figure": integer(whole.technical_done),
                "url": f"{rows}&stage=technical_done",
            },
            {
                "label": "Partie pédagogique terminée",
                "figure": integer(whole.pedagogical_done),
                "url": f"{rows}&stage=pedagogical_done",
            },
            {"label": "À valider", "figure": integer(whole.to_sign), "url": f"{rows}&stage=to_sign"},
            {"label": "Validés", "figure": integer(whole.signed), "url": f"{rows}&stage=signed"},
        ]
        return super().get_context_data(tiles=tiles, whole=whole, communes=communes, rows_url=rows, **kwargs)


class DiagnosticCampaignEdit(EditPage):
    permission, queryset = permissions.LEAD_DIAGNOSTICS, staticmethod(queries.visible_diagnostic_campaigns)
    form_class, service = DiagnosticCampaignForm, staticmethod(services.save_diagnostic_campaign)
    title, crumbs = "Campagne de diagnostics", CRUMBS
    detail_url, list_url = "schools:diagnosticcampaign_detail", "schools:diagnosticcampaign_list"


class DiagnosticCampaignDelete(DeletePage):
    permission, queryset = permissions.LEAD_DIAGNOSTICS, staticmethod(queries.visible_diagnostic_campaigns)
    service, list_url = staticmethod(services.delete_diagnostic_campaign), "schools:diagnosticcampaign_list"
    crumbs = CRUMBS


class Suggestions(CampaignPage):
    """Which schools the authority would trigger, and why; those ticked are triggered together."""

    permission = permissions.LEAD_DIAGNOSTICS
    template_name, current = "schools/diagnosticcampaign_suggestions.html", "suggestions"

    def more_reasons(self, campaign: DiagnosticCampaign) -> Iterable[Reason]:
        """What another app knows, the age of the equipment: it serves a subclass that says it."""
        raise NotImplementedError

    def found(self) -> list[Any]:
        return queries.suggestions(self.object, self.request.user, self.more_reasons(self.object))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(title=f"À déclencher : {self.object}", found=self.found(), **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        ticked = {asked_key(key) for key in request.POST.getlist("ids")}
        reasons = [each for school, told in self.found() if school.pk in ticked for each in told]
        if reasons:
            made = services.trigger_many(campaign=self.object, reasons=reasons, by=request.user)
            messages.success(request, f"{counted(len(made), 'diagnostic déclenché')}.")
        else:
            messages.error(request, "Cocher les écoles dont le diagnostic est à déclencher.")
        return HttpResponseRedirect(request.get_full_path())


class DiagnosticTrigger(AskPage):
    """The diagnostic of one school, by whichever side the user is of."""

    permission, queryset = permissions.TRIGGER_DIAGNOSTIC, staticmethod(queries.visible_diagnostic_campaigns)
    form_class, title, submit_label = TriggerForm, "Déclencher un diagnostic", "Déclencher"
    crumbs = CRUMBS
    made: Any = None

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "campaign": self.object, "user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        return {name: value for name, value in self.request.GET.items() if name in ("school", "trigger")}

    def perform(self, data: dict[str, Any]) -> Any:
        self.made = services.trigger_diagnostic(
            campaign=self.object,
            school=data["school"],
            family=family_of(data["trigger"]),
            trigger=data["trigger"],
            reason=data["reason"],
            on=data["triggered_on"],
            visit_on=data["visit_on"],
            by=self.request.user,
        )

    @property
    def done(self) -> str:  # type: ignore[override]
        return f"Le diagnostic de « {self.made.school} » est déclenché."

    def get_success_url(self) -> str:
        if self.made:
            return reverse("schools:diagnostic_detail", args=[self.made.pk])
        return reverse("schools:diagnosticcampaign_detail", args=[self.object.pk])

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [*self.crumbs, (str(self.object), reverse("schools:diagnosticcampaign_detail", args=[self.object.pk]))]


CHANGE_COLUMNS = ["École", "UAI", "Commune", "Rubrique", "Question", "Code", "Avant", "Après"]


class CampaignComparison(CampaignPage):
    """Only what changed, for the schools that have a diagnostic in both; `?avec=` names the earlier campaign."""

    template_name, current = "schools/diagnosticcampaign_comparison.html", "comparison"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        kind = request.GET.get("format")
        if kind in EXPORTS and self._other():
            return self._export(kind)
        return super().get(request, *args, **kwargs)

    def _others(self) -> list[DiagnosticCampaign]:
        rows = queries.visible_diagnostic_campaigns(self.request.user).filter(authority=self.object.authority)
        return list(rows.exclude(pk=self.object.pk).order_by("-school_year", "title"))

    def _other(self) -> DiagnosticCampaign | None:
        asked = asked_key(self.request.GET.get("avec"))
        return next((each for each in self._others() if each.pk == asked), None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        other = self._other()
        found = queries.compare_campaigns(other, self.object, self.request.user) if other else None
        return super().get_context_data(
            title=f"Comparer : {self.object}",
            others=self._others(),
            other=other,
            found=found,
            export_urls=[
                {"label": label, "url": f"?avec={other.pk}&format={kind}"} for kind, (label, _) in EXPORTS.items()
            ]
            if other
            else [],
            **kwargs,
        )

    def _export(self, kind: str) -> HttpResponse:
        other = self._other()
        if other is None:
            raise DomainError("Choisir la campagne à comparer.")
        found = queries.compare_campaigns(other, self.object, self.request.user)
        rows = [
            [school.name, school.uai, str(school.commune), each.section, each.text, each.code, each.before, each.after]
            for school, changes in found.changes
            for each in changes
        ]
        title = "Comparaison de diagnostics"
        content = write_csv(CHANGE_COLUMNS, rows) if kind == "csv" else write_xlsx(title, CHANGE_COLUMNS, rows)
        name = f"{slugify(f'comparaison {other} {self.object}')[:80]}.{kind}"
        disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
        return HttpResponse(content, content_type=EXPORTS[kind][1], headers={"Content-Disposition": disposition})
