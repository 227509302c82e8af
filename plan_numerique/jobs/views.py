from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views import View

from plan_numerique.accounts.models import User
from plan_numerique.jobs import permissions, queries, services
from plan_numerique.jobs.enums import RESTARTABLE
from plan_numerique.jobs.filtersets import JobFilter
from plan_numerique.jobs.models import Job
from plan_numerique.jobs.tables import APPLICATION, TONES, JobTable, duration_label
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.views import Action, DetailPage, ListPage
from plan_numerique.web.views.base import Page

HTMX_STOP_POLLING = 286
ENDED = "job-ended"


class JobList(ListPage):
    permission = permissions.VIEW
    queryset = staticmethod(queries.visible_jobs)  # type: ignore[assignment]
    filterset_class = JobFilter
    table_class = JobTable
    title = "Tâches"
    search_placeholder = "Tâche, résultat, demandeur"


class JobDetail(DetailPage):
    """What the job is and how far it is; `JobProgress` renders again the part that moves."""

    permission = permissions.VIEW
    queryset = staticmethod(queries.visible_jobs)  # type: ignore[assignment,misc]
    template_name = "jobs/job_detail.html"
    crumbs = (("Tâches", "/taches/"),)

    def summary(self) -> list[tuple[str, Any]]:
        job: Job = self.object
        pairs = [("Collectivité", job.authority), ("Demandée par", job.created_by or APPLICATION)]
        return [*pairs, ("Demandée", job.created_at), ("Prises en charge", job.attempts)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        job: Job = self.object
        manages = permissions.MANAGE.granted(self.request.user, job.authority)
        return super().get_context_data(
            job=job,
            tone=TONES[job.status],
            elapsed=duration_label(job.finished_at - job.started_at) if job.finished_at and job.started_at else "",
            job_actions=self.job_actions(),
            trace=job.traceback if manages else "",
            **kwargs,
        )

    def job_actions(self) -> list[Action]:
        job: Job = self.object
        if not queries.may_manage(self.request.user, job):
            return []
        if job.is_active and not job.cancel_requested:
            return [Action("Annuler la tâche", reverse("jobs:job_cancel", args=[job.pk]), "circle-x", "post")]
        if job.status in RESTARTABLE:
            return [
                Action("Relancer la tâche", reverse("jobs:job_retry", args=[job.pk]), "rotate-cw", "post", primary=True)
            ]
        return []


class JobProgress(JobDetail):
    """Polled every second by the page; the last answer tells htmx to stop, and the rest of the page, by an event, that it may follow."""

    template_name = "jobs/_progress_state.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        job: Job = self.object
        quarter = (job.percent or 0) // 25 * 25
        said = f"{job.get_status_display()}, {quarter} %" if quarter and job.is_active else job.get_status_display()
        return super().get_context_data(said=f"{job.label} : {said}", **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().get(request, *args, **kwargs)
        if not self.object.is_active:
            response.status_code = HTMX_STOP_POLLING
            response["HX-Trigger"] = ENDED
        response["Cache-Control"] = "no-store"
        return response


class JobCommand(Page, View):
    permission = permissions.VIEW
    queryset = staticmethod(queries.visible_jobs)  # type: ignore[assignment]
    http_method_names = ["post"]
    done = ""

    def command(self, job: Job, by: User) -> Job:
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        job = self.row()
        if not queries.may_manage(request.user, job):
            raise PermissionDenied
        try:
            self.command(job, by=cast(User, request.user))
            messages.success(request, self.done)
        except DomainError as error:
            messages.error(request, error.message)
        return HttpResponseRedirect(reverse("jobs:job_detail", args=[job.pk]))


class JobRetry(JobCommand):
    done = "La tâche est relancée."

    def command(self, job: Job, by: User) -> Job:
        return services.retry(job=job, by=by)


class JobCancel(JobCommand):
    done = "L'annulation est demandée."

    def command(self, job: Job, by: User) -> Job:
        return services.cancel(job=job, by=by)
