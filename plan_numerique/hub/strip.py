"""The strip of states of a school, from candidate to evaluated: what reached each, and what its reader may do for the next."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from plan_numerique.hub.reading import Hub
from schools.domain import diagnostics as rules
from schools.enums import ApplicationState, CampaignState, DiagnosticState, SchoolStatus, Step
from schools.models import Campaign, School, SchoolStep
from schools.queries import opinions_due, own_schools, stage_of, visible_campaigns

DONE, CURRENT, NEXT, PASSED, TO_COME = "done", "current", "next", "passed", "todo"
"""`passed`: a later step is reached, this one was not recorded."""


@dataclass(frozen=True)
class Act:
    label: str
    url: str


@dataclass(frozen=True)
class StripStep:
    """`url`: the page of what reached it, empty where the reader may not open it; `act`: what to do for the next step."""

    code: str
    label: str
    state: str
    on: date | None = None
    cause: str = ""
    url: str = ""
    act: Act | None = None


def strip_of(user: Any, school: School, hub: Hub) -> list[StripStep]:
    reached = {row.step: row for row in hub.steps}
    order = list(Step)
    furthest = max((order.index(Step(code)) for code in reached), default=-1)
    strip = []
    for rank, step in enumerate(order):
        row = reached.get(step)
        if row is not None:
            state = CURRENT if rank == furthest else DONE
            strip.append(StripStep(step, step.label, state, row.reached_on, row.cause, _opened(row, hub)))
        elif rank < furthest:
            strip.append(StripStep(step, step.label, PASSED))
        elif rank == furthest + 1:
            act = _act(step, user, school, hub) if school.status == SchoolStatus.OPEN else None
            strip.append(StripStep(step, step.label, NEXT, act=act))
        else:
            strip.append(StripStep(step, step.label, TO_COME))
    return strip


def _opened(row: SchoolStep, hub: Hub) -> str:
    """The address of what reached the step, for whom it opens."""
    try:
        found = resolve(row.url.partition("?")[0].partition("#")[0])
    except Resolver404:
        return ""
    key = found.kwargs.get("pk")
    if found.view_name == "schools:application_detail":
        opens = any(each.pk == key for each in hub.applications)
    elif found.view_name == "schools:diagnostic_detail":
        opens = any(each.pk == key for each in hub.diagnostics)
    else:
        opens = {"governance": hub.rights.programme, "equipment": hub.rights.equipment}.get(found.namespace, False)
    return row.url if opens else ""


def _act(step: Step, user: Any, school: School, hub: Hub) -> Act | None:
    if step == Step.CANDIDATE:
        return _apply(user, school, hub)
    if step == Step.RETAINED:
        return _answer(user, school, hub)
    if step == Step.DIAGNOSED:
        return _diagnose(hub)
    if step == Step.PLANNED and hub.rights.steer:
        return Act("La prendre dans un scénario", reverse("governance:scenario_list"))
    if step == Step.EQUIPPED and hub.rights.steer:
        places = [place for place in hub.places if place.exercise is not None]
        if places:
            return Act("Constater l'équipement", reverse("governance:plan_programme", args=[places[0].version.plan_id]))
    return None


def _apply(user: Any, school: School, hub: Hub) -> Act | None:
    campaign = _open_campaign(user, school)
    if campaign is None:
        return Act("Ouvrir un appel à projets", reverse("schools:campaign_list")) if hub.rights.lead_campaigns else None
    if not hub.rights.apply:
        return None
    begun = next((row for row in hub.applications if row.campaign_id == campaign.pk), None)
    if begun is not None and begun.state == ApplicationState.DRAFT:
        label = f"Terminer la candidature avant le {campaign.closes_on:%d/%m/%Y}"
        return Act(label, reverse("schools:application_draft", args=[begun.pk]))
    if begun is not None and begun.state == ApplicationState.WITHDRAWN:
        label = f"Reprendre la candidature avant le {campaign.closes_on:%d/%m/%Y}"
        return Act(label, reverse("schools:application_detail", args=[begun.pk]))
    label = f"Candidater avant le {campaign.closes_on:%d/%m/%Y}"
    if own_schools(user).filter(pk=school.pk).exists():
        return Act(label, reverse("schools:own_applications"))
    return Act(label, f"{reverse('schools:application_create')}?campaign={campaign.pk}&school={school.pk}")


def _open_campaign(user: Any, school: School) -> Campaign | None:
    today = timezone.localdate()
    rows = visible_campaigns(user).filter(
        authority=school.authority_id, state=CampaignState.PUBLISHED, opens_on__lte=today, closes_on__gte=today
    )
    return rows.order_by("closes_on", "pk").first()


def _answer(user: Any, school: School, hub: Hub) -> Act | None:
    """Opinions first, then the ranking, for the last application that waits for its answer."""
    sent = [row for row in hub.applications if row.state == ApplicationState.SUBMITTED]
    if not sent:
        return None
    if hub.rights.opine:
        due = opinions_due(user).filter(school=school).order_by("due_on", "pk").first()
        if due is not None:
            return Act("Donner un avis", reverse("schools:opinion_give", args=[due.pk]))
    if hub.rights.lead_campaigns:
        return Act("Classer les candidatures", reverse("governance:ranking", args=[sent[0].campaign_id]))
    return None


def _diagnose(hub: Hub) -> Act | None:
    begun = [row for row in hub.diagnostics if row.state == DiagnosticState.OPEN]
    if begun and hub.rights.survey:
        stage = stage_of(begun[0])
        verb = "Valider" if stage in {rules.TO_SIGN, rules.TOWN_SIGNED, rules.ACADEMY_SIGNED} else "Poursuivre"
        return Act(f"{verb} le diagnostic", reverse("schools:diagnostic_detail", args=[begun[0].pk]))
    if not begun and hub.rights.trigger:
        return Act("Déclencher un diagnostic", reverse("schools:diagnosticcampaign_list"))
    return None
