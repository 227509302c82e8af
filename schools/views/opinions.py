"""Giving an opinion and marks for a stage, one application after the other."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView

from plan_numerique.shared.errors import DomainError
from plan_numerique.web.views import Page, Tab
from schools import permissions, queries, services
from schools.enums import ApplicationState, CampaignState, Stage
from schools.forms import OpinionForm, sections_of
from schools.models import Application, Opinion
from schools.services import OpinionChangedError
from schools.views.applications import OF_SCHOOL

CRUMBS = (("Candidatures", "/candidatures/"), ("Avis à donner", "/avis-a-donner/"))


class OpinionGive(Page, FormView):
    """`?etape=` names the stage where one gives several."""

    permission, queryset = permissions.OPINE, staticmethod(queries.visible_applications)
    authority_path, crumbs, form_class = OF_SCHOOL, CRUMBS, OpinionForm
    template_name = "schools/opinion_give.html"
    object: Application
    stages: list[Stage]
    stage: Stage

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and self.permission.anywhere(request.user):
            self.object = self.row()
            self.stages = queries.stages_of(request.user, self.object)
            if not self.stages:
                raise PermissionDenied
            asked = request.GET.get("etape", "")
            due = next((stage for stage in self.stages if self._is_due(stage)), self.stages[0])
            self.stage = Stage(asked) if asked in self.stages else due
        return super().dispatch(request, *args, **kwargs)

    def _is_due(self, stage: Stage) -> bool:
        opinion = self._given(stage)
        return opinion is None or bool(self.object.submitted_at and opinion.given_at < self.object.submitted_at)

    def _given(self, stage: Stage) -> Opinion | None:
        return Opinion.objects.filter(application=self.object, stage=stage).first()

    def locked(self) -> str:
        if self.object.campaign.state == CampaignState.FROZEN:
            frozen_at = self.object.campaign.frozen_at
            when = f" depuis le {timezone.localdate(frozen_at):%d/%m/%Y}" if frozen_at else ""
            return f"La liste est arrêtée{when} : les avis et les notes ne changent plus."
        if self.object.state != ApplicationState.SUBMITTED:
            return f"Cette candidature est « {self.object.get_state_display()} » : un avis se donne une fois déposée."
        return ""

    def get_form_kwargs(self) -> dict[str, Any]:
        criteria = list(self.object.campaign.criteria.filter(kind=self.stage).order_by("position", "pk"))
        version = queries.opinion_version(self.object, self.stage)
        more = {
            "application": self.object,
            "criteria": criteria,
            "version": version,
            "opinion": self._given(self.stage),
        }
        return {**super().get_form_kwargs(), **more}

    def form_valid(self, form: Any) -> HttpResponse:
        data, following = form.cleaned_data, self._around()[1]
        try:
            services.give_opinion(
                application=self.object,
                stage=self.stage,
                verdict=data["verdict"],
                text=data["text"],
                confidential=data["confidential"],
                marks=form.typed_marks(),
                seen=data["seen"],
                by=self.request.user,
            )
        except OpinionChangedError as error:
            form.show_latest(queries.opinion_version(self.object, self.stage))
            form.add_error(None, error.message)
            return self.form_invalid(form)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            return self.form_invalid(form)
        messages.success(self.request, f"L'avis sur la candidature de « {self.object.school} » est enregistré.")
        if "next" in self.request.POST and following is not None:
            return HttpResponseRedirect(reverse("schools:opinion_give", args=[following]))
        name, args = ("opinion_due", []) if "next" in self.request.POST else ("application_detail", [self.object.pk])
        return HttpResponseRedirect(reverse(f"schools:{name}", args=args))

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def _around(self) -> tuple[int | None, int | None, int]:
        """The applications before and after in the pile, and how many are in it. One query."""
        pile = list(
            queries.opinions_due(self.request.user)
            .order_by("due_on", "school__name", "pk")
            .values_list("pk", flat=True)
        )
        others = len(pile)
        if self.object.pk not in pile:
            return None, pile[0] if pile else None, others
        rank = pile.index(self.object.pk)
        return (pile[rank - 1] if rank else None), (pile[rank + 1] if rank + 1 < len(pile) else None), others

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        before, after, pile = self._around()
        content = queries.content_of(row)
        url = reverse("schools:opinion_give", args=[row.pk])
        tabs = [Tab(stage.label, f"{url}?etape={stage}", active=stage == self.stage) for stage in self.stages]
        return super().get_context_data(
            title=f"Avis : {row.school}",
            meta=[str(row.campaign), str(row.school.commune), f"UAI {row.school.uai}"],
            notice=self.notice_of(row),
            application=row,
            stage=self.stage.label,
            tabs=tabs if len(tabs) > 1 else [],
            locked=self.locked(),
            before=before,
            after=after,
            pile=pile,
            sections=[
                *sections_of(content.own, content.own_values, prefix=queries.OWN),
                *sections_of(content.asked, content.values),
            ],
            attachments=list(row.attachments.select_related("document").defer("document__content").order_by("pk")),
            **kwargs,
        )
