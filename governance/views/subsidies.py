"""Grants: their list, the page of one with the life it leads, the steps and papers that prove it."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.views import View

from governance import permissions, queries
from governance.domain import subsidies as rules
from governance.domain.subsidies import Life
from governance.enums import SubsidyState
from governance.filtersets.subsidies import SubsidyFilter
from governance.forms.subsidies import SubsidyDeadlineForm, SubsidyForm, SubsidyStepForm
from governance.models import FundingLine, Subsidy, SubsidyDeadline, SubsidyStep
from governance.queries.subsidies import as_step, expected_grant, listed_subsidies
from governance.services import subsidies as services
from governance.tables.subsidies import SUBSIDY_TONES, SubsidyTable
from governance.views.actions import history_action
from governance.views.advice import advice
from governance.views.parts import Part
from plan_numerique.documents.services import read
from plan_numerique.shared.money import display_euros
from plan_numerique.web import versions
from plan_numerique.web.forms import asked_key
from plan_numerique.web.templatetags.web import day, rate
from plan_numerique.web.views import (
    Action,
    ChildDeletePage,
    ChildEditPage,
    DeletePage,
    DetailPage,
    EditPage,
    ListPage,
)
from plan_numerique.web.views.base import Page

STRIP = (
    SubsidyState.ENVISAGED,
    SubsidyState.FILED,
    SubsidyState.COMPLETE,
    SubsidyState.NOTIFIED,
    SubsidyState.ADVANCE,
    SubsidyState.SETTLED,
)


class SubsidyList(ListPage):
    permission, queryset = permissions.VIEW_MONEY, staticmethod(listed_subsidies)
    authority_path = "plan__authority"
    filterset_class, table_class = SubsidyFilter, SubsidyTable
    title, search_placeholder = "Subventions", "Objet, référence, financeur"
    create = ("governance:subsidy_create", permissions.EDIT_MONEY, "Ajouter une subvention")
    empty_text = "Une subvention se suit de l'idée au solde : dates, montants, justificatifs, échéances."


class SubsidyDetail(DetailPage):
    permission, queryset = permissions.VIEW_MONEY, staticmethod(queries.visible_subsidies)
    authority_path = "plan__authority"
    template_name = "governance/subsidy_detail.html"
    object: Subsidy

    def get_crumbs(self) -> list[tuple[str, str]]:
        plan = self.object.plan
        return [
            ("Subventions", reverse("governance:subsidy_list")),
            (plan.name, reverse("governance:plan_funding", args=[plan.pk])),
        ]

    def state(self) -> dict[str, str]:
        return {"label": self.object.get_state_display(), "tone": SUBSIDY_TONES[self.object.state]}

    def summary(self) -> list[tuple[str, Any]]:
        row = self.object
        return [
            ("Plan", row.plan),
            ("Financeur", _link("governance:funder_detail", row.funder_id, row.funder)),
            ("Dossier", row.reference),
            ("Début des travaux ou des achats", day(row.works_start)),
            ("Source", row.source),
        ]

    def actions(self) -> list[Action]:
        row = self.object
        if not self.may(permissions.EDIT_MONEY, row):
            return history_action(self)
        add = f"{reverse('governance:subsidystep_create')}?subsidy={row.pk}"
        return [
            Action("Enregistrer une étape", add, "plus", primary=True),
            Action("Modifier", reverse("governance:subsidy_edit", args=[row.pk]), "pencil"),
            *history_action(self),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, today = self.object, timezone.localdate()
        known = versions.versions_at(SubsidyDeadline, subsidy_id=row.pk)
        line = FundingLine.objects.select_related("scenario__plan").filter(pk=row.funding_line_id).first()
        steps = list(row.steps.select_related("document").defer("document__content").order_by("pk"))
        life = rules.live([as_step(step) for step in steps])
        expected = expected_grant(line)
        deadlines = list(row.deadlines.order_by("done_on", "due_on", "pk"))
        return super().get_context_data(
            steps=strip(life),
            advice=advice(row, life, line, expected, today),
            amounts=_amounts(row, line, expected),
            announced=expected.run.announced.filter(key=f"grants.{expected.code}").first() if expected else None,
            line=line,
            recorded=_recorded(steps),
            deadlines=[_deadline(each, today) | {"version": known.get(each.pk, "")} for each in deadlines],
            may_edit=self.may(permissions.EDIT_MONEY, row),
            **kwargs,
        )


def _link(name: str, pk: int, text: Any) -> Any:
    return format_html('<a href="{}">{}</a>', reverse(name, args=[pk]), text)


def strip(life: Life) -> list[dict[str, str]]:
    """The states as the strip shows them; a refusal ends it."""
    shown = [state for state in STRIP if state in life.dates or life.state != SubsidyState.REFUSED]
    if life.state == SubsidyState.REFUSED:
        shown.append(SubsidyState.REFUSED)
    here = shown.index(SubsidyState(life.state))
    dates = dict(life.dates)
    if dates.get(SubsidyState.ENVISAGED) != min(dates.values(), default=None):
        dates.pop(SubsidyState.ENVISAGED, None)  # entered after the fact: the day of entry says nothing
    return [
        {
            "label": state.label,
            "state": "current" if rank == here else "done" if rank < here else "todo",
            "detail": f"{dates[state]:%d/%m/%Y}" if state in dates else "",
        }
        for rank, state in enumerate(shown)
    ]


def _amounts(row: Subsidy, line: FundingLine | None, expected: Any) -> list[dict[str, Any]]:
    """Expected, requested, granted, received and what is still to come."""
    left = None if row.granted is None else row.granted - row.received
    how = ""
    if row.rate is not None:
        how = f"{rate(row.rate)} de {display_euros(row.eligible_base)}" if row.eligible_base else rate(row.rate)
    scenario = f"{line.scenario}, {str(expected.run).lower()}" if line and expected else ""
    url = f"{reverse('governance:run_detail', args=[expected.run_id])}#financement" if expected else ""
    return [
        {"label": "Attendue au plan", "amount": expected.amount if expected else None, "note": scenario, "url": url},
        {"label": "Demandée", "amount": row.requested, "note": how, "url": ""},
        {"label": "Notifiée", "amount": row.granted, "note": "", "url": ""},
        {"label": "Reçue", "amount": row.received, "note": "", "url": ""},
        {"label": "Reste à recevoir", "amount": left, "note": "", "url": ""},
    ]


def _recorded(steps: list[SubsidyStep]) -> list[dict[str, Any]]:
    """Every step, the latest first; one that a later one corrects says so."""
    seen: set[tuple[str, str]] = set()
    found = []
    for step in reversed(steps):
        key = (step.state, step.reference if step.state in rules.PAYMENTS else "")
        proof = reverse("governance:subsidystep_proof", args=[step.pk]) if step.document_id else ""
        found.append({"step": step, "corrected": key in seen, "proof_url": proof})
        seen.add(key)
    return found


def _deadline(row: SubsidyDeadline, today: date) -> dict[str, Any]:
    return {"row": row, **deadline_badge(row.due_on, row.done_on, today)}


def deadline_badge(due_on: date, done_on: date | None, today: date) -> dict[str, str]:
    if done_on is not None:
        return {"label": f"fait le {done_on:%d/%m/%Y}", "tone": "success"}
    if rules.late(due_on, done_on, today):
        return {"label": "en retard", "tone": "danger"}
    if rules.soon(due_on, done_on, today):
        days = (due_on - today).days
        return {"label": "aujourd'hui" if not days else f"dans {days} jour{'s' * (days > 1)}", "tone": "warning"}
    return {"label": "à venir", "tone": "neutral"}


class SubsidyEdit(EditPage):
    """Created blank, for a plan (?plan=) or from a grant expected (?funding_line=) with the amount its scenario computed."""

    permission, queryset = permissions.EDIT_MONEY, staticmethod(queries.visible_subsidies)
    authority_path = "plan__authority"
    form_class, service, title = SubsidyForm, staticmethod(services.save_subsidy), "Subvention"
    crumbs = (("Subventions", "/subventions/"),)
    detail_url, list_url = "governance:subsidy_detail", "governance:subsidy_list"

    def get_initial(self) -> dict[str, Any]:
        initial = super().get_initial()
        given = asked_key(self.request.GET.get("funding_line"))
        if "pk" in self.kwargs or given is None:
            return initial
        lines = queries.visible_funding_lines(self.request.user).filter(pk=given)
        line = lines.first()
        return {**prefill(line), **initial} if line else initial


def prefill(line: FundingLine) -> dict[str, Any]:
    """A grant as the plan expects it."""
    grant = expected_grant(line)
    return {
        "plan": line.scenario.plan_id,
        "funder": line.funder_id,
        "funding_line": line.pk,
        "label": f"{line.scenario.plan} : {line.funder}"[:200],
        "base": line.base,
        "eligible_base": grant.base if grant else None,
        "rate": line.rate,
        "requested": grant.amount if grant else None,
        "source": line.source,
    }


class SubsidyDelete(DeletePage):
    permission, queryset = permissions.EDIT_MONEY, staticmethod(queries.visible_subsidies)
    authority_path = "plan__authority"
    service, list_url = staticmethod(services.delete_subsidy), "governance:subsidy_list"


class OfSubsidy(Part):
    permission = permissions.EDIT_MONEY
    parent, home, authority_path = "subsidy", "governance:subsidy_detail", "subsidy__plan__authority"


class SubsidyStepCreate(OfSubsidy, ChildEditPage):
    """Steps are only added: there is no page to change one."""

    queryset, form_class = staticmethod(queries.visible_subsidy_steps), SubsidyStepForm
    title = "Étape de la subvention"

    def get_initial(self) -> dict[str, Any]:
        return {"on": timezone.localdate(), **super().get_initial()}

    def save(self, form: forms.BaseForm, **kwargs: Any) -> SubsidyStep:
        values = form.cleaned_data
        return services.record_step(
            subsidy=values["subsidy"],
            state=values["state"],
            on=values["on"],
            amount=values["amount"],
            reference=values["reference"],
            note=values["note"],
            correction=values["correction"],
            proof=form.proof_given(),  # type: ignore[attr-defined]
            by=kwargs["by"],
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "submit_label": "Enregistrer l'étape"}


class SubsidyProof(Page, View):
    """The paper of a step, always downloaded: it is never shown by the site."""

    permission, queryset = permissions.VIEW_MONEY, staticmethod(queries.visible_subsidy_steps)
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        step: SubsidyStep = get_object_or_404(
            type(self).queryset(request.user), pk=kwargs["pk"], document__isnull=False
        )
        document = step.document
        assert document is not None
        name = content_disposition_header(as_attachment=True, filename=document.filename) or "attachment"
        headers = {
            "Content-Disposition": name,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        }
        return HttpResponse(read(document), content_type=document.media_type, headers=headers)


class SubsidyDeadlineEdit(OfSubsidy, ChildEditPage):
    queryset, form_class = staticmethod(queries.visible_subsidy_deadlines), SubsidyDeadlineForm
    service, title = staticmethod(services.save_deadline), "Échéance de la subvention"


class SubsidyDeadlineDelete(OfSubsidy, ChildDeletePage):
    queryset, service = staticmethod(queries.visible_subsidy_deadlines), staticmethod(services.delete_deadline)


class SubsidyDeadlineDone(OfSubsidy, Page, View):
    queryset = staticmethod(queries.visible_subsidy_deadlines)
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        deadline = self.row()
        self.require(deadline)
        try:
            with transaction.atomic():
                versions.lock_version(deadline, request.POST.get(versions.FIELD))
                services.finish_deadline(deadline=deadline, by=request.user)
        except versions.StaleRowError as stale:
            messages.error(request, f"{stale.conflict.sentence} Rien n'est enregistré : relire l'échéance.")
        return HttpResponseRedirect(self.home_url(deadline))
