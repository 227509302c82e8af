"""The texts that an act had, two of them compared, and the return to one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.generic import TemplateView

from deliberations import permissions, queries, services
from deliberations.enums import ActState
from deliberations.forms import CompareForm
from deliberations.models import Act, ActVersion
from deliberations.queries.figures import figures_for
from deliberations.queries.versions import compare_texts, snapshot, text_of_version
from deliberations.views.base import ActPage
from deliberations.views.steps import ActStep
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.views import Page


class ActVersions(ActPage):
    permission, queryset = permissions.VIEW_DRAFTS, staticmethod(queries.visible_acts)
    template_name = "deliberations/act_versions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        act = self.object
        versions = queries.visible_versions(self.request.user).filter(act=act).order_by("-number")
        asked = CompareForm(self.request.GET if "before" in self.request.GET else None, versions=versions)
        if asked.is_bound and asked.is_valid():
            before, after = asked.cleaned_data["before"], asked.cleaned_data["after"]
        else:
            before, after = versions.first(), None
        compared = _compared(act, before, after) if before else []
        return super().get_context_data(
            versions=versions,
            form=asked if asked.is_bound else CompareForm(initial={"before": before}, versions=versions),
            may_restore=self.may(permissions.EDIT, act) and (act.state == ActState.DRAFT or act.sitting.past),
            before=before,
            after=after,
            compared=compared,
            changed=any(row.changed for row in compared),
            **kwargs,
        )


def _compared(act: Act, before: ActVersion, after: ActVersion | None) -> list[Any]:
    texts = text_of_version(before), text_of_version(after) if after else snapshot(act)
    figures = figures_for(act, [clause["text"] for text in texts for clause in text["clauses"]])
    return compare_texts(*texts, figures)


class VersionKeep(ActStep):
    permission, queryset = permissions.EDIT, staticmethod(queries.visible_acts)

    def perform(self, row: Act) -> str:
        known = row.versions.count()
        version = services.keep_version(act=row, reason=self.request.POST.get("reason", ""), by=self.request.user)
        if row.versions.count() == known:
            return f"Le texte n'a pas changé depuis la version {version.number}."
        return f"La version {version.number} est gardée."

    def back_url(self, row: Act) -> str:
        return reverse("deliberations:act_versions", args=[row.pk])


class VersionRestore(Page, TemplateView):
    """Asks, then gives the act the text of the version."""

    permission, queryset = permissions.EDIT, staticmethod(queries.visible_versions)
    authority_path = "act__sitting__assembly__authority"
    template_name = "components/confirm.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self.row()
        self.require(version)
        return super().get_context_data(
            object=version,
            title=f"Revenir à la version {version.number}",
            text=f"Le texte de « {version.act.title} » redevient celui de la version {version.number}. "
            "Le texte actuel est d'abord gardé comme version.",
            submit_label="Revenir à cette version",
            ask_reason=False,
            notice=self.notice_of(version),
            cancel_url=reverse("deliberations:act_versions", args=[version.act_id]),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        version = self.row()
        self.require(version)
        try:
            services.restore_version(version=version, by=request.user)
        except DomainError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(reverse("deliberations:act_versions", args=[version.act_id]))
        messages.success(request, f"Le texte est de nouveau celui de la version {version.number}.")
        return HttpResponseRedirect(reverse("deliberations:act_compose", args=[version.act_id]))
