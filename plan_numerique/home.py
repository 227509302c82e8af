"""Pages of nobody in particular: home, health, accessibility."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.generic import TemplateView

from deliberations.permissions import ANSWER
from deliberations.permissions import EDIT as EDIT_COUNCIL
from deliberations.permissions import VIEW as VIEW_COUNCIL
from deliberations.queries import editable_assemblies, visible_acts, waiting_visas
from deliberations.queries.answering import waiting_invitations
from deliberations.queries.convening import delay_for, next_sitting
from deliberations.queries.deadlines import finishing_sittings, waiting_documents
from ent.permissions import VIEW as VIEW_ENT
from equipment.permissions import VIEW as VIEW_EQUIPMENT
from equipment.queries import visible_devices, visible_park_counts
from governance.models import BudgetRun, CouncilReport, Plan, Scenario
from governance.permissions import EDIT_MONEY
from governance.permissions import VIEW as VIEW_PLANS
from governance.queries import latest_runs, visible_actions, visible_council_reports, visible_plans, visible_scenarios
from governance.queries.subsidies import waiting_deadlines
from plan_numerique.accounts.permissions import VIEW_AUTHORITY
from plan_numerique.jobs.enums import JobStatus
from plan_numerique.jobs.permissions import VIEW as VIEW_JOBS
from plan_numerique.jobs.queries import visible_jobs
from plan_numerique.web.templatetags.web import integer
from schools.permissions import APPLY, OPINE
from schools.permissions import VIEW as VIEW_SCHOOLS
from schools.queries import calls_of, opinions_due, visible_classes, visible_headcounts, visible_schools
from schools.queries import own_schools as applying_schools

FEW_SCHOOLS = 12
FEW_DEADLINES = 6


@login_not_required
def health(request: HttpRequest) -> HttpResponse:
    """For the container's check: the process answers and the database too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@login_not_required
@cache_control(public=True, max_age=86_400)
def favicon(request: HttpRequest) -> HttpResponse:
    """What a browser asks for on its own, of an error page or of a PDF opened alone."""
    return HttpResponseRedirect(static("img/mark.svg"))


@login_not_required
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "accessibility.html", {"title": "Accessibilité"})


def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component of the interface, with synthetic content."""
    return render(request, "components/styleguide.html", {"title": "Composants"})


@dataclass(frozen=True)
class ScenarioCard:
    scenario: Scenario
    run: BudgetRun | None
    report: CouncilReport | None


@dataclass(frozen=True)
class PlanCard:
    plan: Plan
    scenarios: list[ScenarioCard]


class Home(TemplateView):
    """What the user sees first: the plans with their figures, what waits, and the counts that open their lists."""

    template_name = "home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        own = VIEW_SCHOOLS.anywhere(user) and not VIEW_PLANS.anywhere(user)
        authority = self.request.scope.authority
        return super().get_context_data(
            title=f"Bonjour{f' — {authority}' if authority else ''}",
            tiles=self._tiles(),
            plans=self._plans() if VIEW_PLANS.anywhere(user) else [],
            to_do=self._to_do(),
            deadlines=self._deadlines(),
            own_schools=list(visible_schools(user).order_by("name", "pk")[:FEW_SCHOOLS]) if own else [],
            may_see_ent=VIEW_ENT.anywhere(user),
            may_apply=APPLY.anywhere(user),
            may_see_authorities=VIEW_AUTHORITY.anywhere(user),
            **kwargs,
        )

    def _here(self, rows: QuerySet[Any], path: str = "authority") -> QuerySet[Any]:
        authority = self.request.scope.authority
        return rows.filter(**{path: authority}) if authority else rows

    def _tiles(self) -> list[dict[str, Any]]:
        user, tiles = self.request.user, []
        if VIEW_SCHOOLS.anywhere(user):
            schools = self._here(visible_schools(user)).count()
            classes = self._here(visible_classes(user), "school__authority")
            pupils = self._here(visible_headcounts(user), "school_class__school__authority")
            tiles += [
                _tile("Écoles", schools, "schools:school_list", "dans les données ouvertes"),
                _tile("Classes", classes.count(), "schools:schoolclass_list"),
                _tile("Élèves", pupils.aggregate(n=Sum("pupils"))["n"] or 0, "schools:schoolclass_list"),
            ]
        if VIEW_EQUIPMENT.anywhere(user):
            devices = self._here(visible_devices(user)).count()
            stated = self._here(visible_park_counts(user)).aggregate(n=Sum("quantity"))["n"] or 0
            if stated and not devices:
                tiles.append(_tile("Parc annoncé", stated, "equipment:parkcount_list", "compte d'une source"))
            else:
                tiles.append(_tile("Appareils", devices, "equipment:device_list"))
        if VIEW_COUNCIL.anywhere(user):
            acts = self._here(visible_acts(user), "sitting__assembly__authority").count()
            tiles.append(_tile("Délibérations", acts, "deliberations:act_list"))
        return [tile for tile in tiles if tile["count"]]

    def _plans(self) -> list[PlanCard]:
        user = self.request.user
        plans = list(self._here(visible_plans(user)).order_by("authority__name", "name", "pk"))
        scenarios = list(visible_scenarios(user).filter(plan__in=plans).order_by("name", "pk"))
        runs = {run.scenario_id: run for run in latest_runs(scenarios)}
        reports = {
            report.run.scenario_id: report
            for report in visible_council_reports(user).filter(run__scenario__in=scenarios).order_by("pk")
        }
        return [
            PlanCard(
                plan,
                [ScenarioCard(s, runs.get(s.pk), reports.get(s.pk)) for s in scenarios if s.plan_id == plan.pk],
            )
            for plan in plans
        ]

    def _deadlines(self) -> list[dict[str, Any]]:
        """Of grants, for whoever keeps the money: late first, then those of the next thirty days."""
        user, today = self.request.user, timezone.localdate()
        if not EDIT_MONEY.anywhere(user):
            return []
        rows = self._here(waiting_deadlines(user, today), "subsidy__plan__authority")[:FEW_DEADLINES]
        return [{"row": row, "late": row.due_on < today} for row in rows]

    def _calls_to_do(self) -> list[dict[str, str]]:
        """An open call for projects, for a school; opinions to give, for the Éducation nationale and the lead."""
        user, today, rows = self.request.user, timezone.localdate(), []
        if APPLY.anywhere(user):
            for call in calls_of(self._here(applying_schools(user)), today):
                begun = call.application
                if call.phase == "open" and (begun is None or begun.state == "draft"):
                    act = "Candidater" if begun is None else "Terminer la candidature"
                    label = f"{act} : {call.campaign}, jusqu'au {call.campaign.closes_on:%d/%m/%Y} ({call.school})"
                    rows.append({"label": label, "url": reverse("schools:own_applications")})
        if OPINE.anywhere(user):
            due = self._here(opinions_due(user), "school__authority").order_by("due_on")
            if count := due.count():
                label = f"{count} avis à donner sur des candidatures, avant le {due[0].due_on:%d/%m/%Y}"  # type: ignore[attr-defined]
                rows.append({"label": label, "url": reverse("schools:opinion_due")})
        return rows

    def _council_to_do(self) -> list[dict[str, str]]:
        """A convocation to answer, for an elected member; the next sitting to convene, for who convenes."""
        user, today = self.request.user, timezone.localdate()
        rows = []
        if ANSWER.anywhere(user):
            for invitation in self._here(waiting_invitations(user, today), "convocation__sitting__assembly__authority"):
                day = invitation.convocation.sitting.held_on
                rows.append(
                    {
                        "label": f"Répondre à la convocation du {day:%d/%m/%Y}",
                        "url": reverse("deliberations:my_answer", args=[invitation.pk]),
                    }
                )
        if EDIT_COUNCIL.anywhere(user) and (sitting := next_sitting(self._here(editable_assemblies(user)), today)):
            latest = delay_for(sitting, today).latest
            until = f", à convoquer le {latest:%d/%m/%Y} au plus tard" if latest else ""
            rows.append(
                {
                    "label": f"Prochaine séance : {sitting}{until}",
                    "url": reverse("deliberations:sitting_convocation", args=[sitting.pk]),
                }
            )
        return rows

    def _to_do(self) -> list[dict[str, str]]:
        user, rows = self.request.user, [*self._calls_to_do(), *self._council_to_do()]
        if VIEW_PLANS.anywhere(user):
            late = self._here(visible_actions(user), "item__meeting__committee__authority").filter(
                done_on=None, due_on__lt=timezone.localdate()
            )
            if count := late.count():
                rows.append(
                    {
                        "label": f"{count} action{'s' * (count > 1)} de comité en retard",
                        "url": reverse("governance:action_list"),
                    }
                )
        if EDIT_COUNCIL.anywhere(user):
            sittings = self._here(finishing_sittings(user), "assembly__authority")
            rows += [
                {"label": label, "url": f"{reverse('deliberations:sitting_documents', args=[key])}#echeances"}
                for label, key in waiting_documents(sittings, timezone.localdate())[:FEW_DEADLINES]
            ]
        if count := self._here(waiting_visas(user), "act__sitting__assembly__authority").count():
            rows.append(
                {
                    "label": f"{count} projet{'s' * (count > 1)} d'acte à viser",
                    "url": reverse("deliberations:visa_list"),
                }
            )
        if VIEW_JOBS.anywhere(user):
            stopped = self._here(visible_jobs(user)).filter(status__in=[JobStatus.FAILED, JobStatus.ERRORED])
            for row in stopped.values("status").annotate(n=Count("pk")).order_by("status"):
                label = f"{row['n']} tâche{'s' * (row['n'] > 1)} : {JobStatus(row['status']).label.lower()}"
                rows.append({"label": label, "url": f"{reverse('jobs:job_list')}?status={row['status']}"})
        return rows


def _tile(label: str, count: int, url: str, trend: str = "") -> dict[str, Any]:
    return {"label": label, "figure": integer(count), "count": count, "url": reverse(url), "trend": trend, "tone": ""}
