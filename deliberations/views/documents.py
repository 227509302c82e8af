"""The documents of the register: what is due, what exists, what makes them."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views import View
from django.views.generic import FormView

from deliberations import permissions, queries, tasks
from deliberations.domain.deadlines import Deadline
from deliberations.enums import AssemblyKind, CouncilDocumentKind, Regime, SittingState
from deliberations.filtersets import CouncilDocumentFilter
from deliberations.forms import RegisterForm
from deliberations.models import Act, CouncilDocument, Sitting
from deliberations.queries.deadlines import Due, document_jobs, dues_of
from deliberations.queries.publication import PUBLISHED
from deliberations.queries.register import deliberated, is_deliberated
from deliberations.tables import CouncilDocumentTable
from deliberations.views.base import MET, SittingPage
from plan_numerique.jobs.following import follow, followed
from plan_numerique.jobs.models import Job
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted
from plan_numerique.web.forms import asked_key
from plan_numerique.web.views import Action, ListPage
from plan_numerique.web.views.base import Page

EXTRACT, CERTIFICATE = CouncilDocumentKind.EXTRACT, CouncilDocumentKind.CERTIFICATE
OF_SITTING = (CouncilDocumentKind.LIST, CouncilDocumentKind.MINUTES)
Row = dict[str, Any]


class CouncilDocumentList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_council_documents)
    authority_path = "sitting__assembly__authority"
    filterset_class, table_class = CouncilDocumentFilter, CouncilDocumentTable
    title, search_placeholder = "Documents du conseil", "Titre, numéro de délibération"
    create = ("deliberations:register", permissions.EDIT, "Registre d'une période")
    intro = "Extraits, listes, procès-verbaux, registres et certificats, tels qu'établis : chaque version garde sa date et son empreinte."
    empty_text = "Les documents d'une séance s'établissent depuis son onglet « Documents »."


class SittingDocuments(SittingPage):
    """What the sitting owes and what it has, with the buttons that make each."""

    permission, queryset = permissions.VIEW_CONVENED, staticmethod(queries.visible_sittings)
    template_name = "deliberations/sitting_documents.html"

    def actions(self) -> list[Action]:
        key = self.object.pk
        if not self.may(permissions.EDIT, self.object):
            return []
        found = []
        if self.object.past or self.object.state in MET:
            minutes = reverse("deliberations:minutes_edit", args=[key])
            found.append(Action("Rédiger le procès-verbal", minutes, "file-pen-line"))
        if deliberated(self.object.acts.all()).exists():
            extracts = reverse("deliberations:sitting_extracts", args=[key])
            found.append(Action("Établir les extraits manquants", extracts, "files", method="post"))
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sitting, today = self.object, timezone.localdate()
        documents = list(
            queries.visible_council_documents(self.request.user)
            .filter(sitting=sitting)
            .order_by("kind", "act__passage", "act__number", "act", "-number", "pk")
        )
        acts = deliberated(sitting.acts.all()).order_by("passage", "number", "pk")
        may_edit = self.may(permissions.EDIT, sitting)
        return super().get_context_data(
            dues=[due_row(sitting, due, today) for due in dues_of(sitting)],
            acts=[_act_row(act, documents) for act in acts],
            documents=documents,
            publishable=_publishable(sitting, documents) if may_edit else [],
            jobs=followed(self.request, document_jobs(sitting)) if may_edit else [],
            may_edit=may_edit,
            may_make=may_edit and (sitting.past or sitting.state == SittingState.CLOSED),
            neighbours=sitting.assembly.kind == AssemblyKind.COMMUNITY and not sitting.past,
            **kwargs,
        )


def due_row(sitting: Sitting, due: Due, today: date) -> Row:
    label, tone = due_badge(due.deadline, today)
    if (
        due.kind == CouncilDocumentKind.MINUTES
        and due.law is not None
        and not sitting.past
        and due.deadline.due_on is None
    ):
        label, tone = "à arrêter", "info"
    return {
        "due": due,
        "kind": due.kind.value,
        "name": due.kind.label,
        "sentence": _sentence(sitting, due),
        "label": label,
        "tone": tone,
    }


def due_badge(deadline: Deadline, today: date) -> tuple[str, str]:
    late = deadline.late_by(today)
    if deadline.due_on is None:
        return "sans échéance", "neutral"
    if deadline.done_on is not None:
        return (f"fait, {counted(late, 'jour')} après", "warning") if late else ("fait", "success")
    if late:
        return f"en retard de {counted(late, 'jour')}", "danger"
    return f"avant le {deadline.due_on:%d/%m/%Y}", "warning" if deadline.is_soon(today) else "info"


def _sentence(sitting: Sitting, due: Due) -> str:
    """What is asked, with its article; where nothing is, why."""
    if sitting.past:
        return "Séance reprise : aucun délai n'est suivi."
    if due.kind == CouncilDocumentKind.MINUTES and sitting.assembly.regime == Regime.ALSACE_MOSELLE:
        return "L'article L2121-15 du CGCT ne s'applique pas en Alsace-Moselle (CGCT, article L2541-1) : aucun délai n'est suivi."
    if due.law is None:
        return "Aucun délai n'est enregistré dans les règles de droit pour cette date."
    article = due.article.replace("CGCT ", "CGCT, article ", 1)
    if sitting.state != SittingState.CLOSED:
        return f"À établir une fois la séance levée ({article})."
    return _owed(sitting, due, article)


def _owed(sitting: Sitting, due: Due, article: str) -> str:
    until = f"au plus tard le {due.deadline.due_on:%d/%m/%Y} ({article})" if due.deadline.due_on else ""
    if due.kind == CouncilDocumentKind.LIST:
        return f"À afficher et mettre en ligne {until}."
    if sitting.minutes_approved_in is None:
        return f"À arrêter au commencement de la séance suivante, puis à publier dans la semaine ({article})."
    return f"Arrêté à la séance du {sitting.minutes_approved_in.held_on:%d/%m/%Y} : à publier {until}."


def _publishable(sitting: Sitting, documents: Iterable[CouncilDocument]) -> list[int]:
    """Keys of the last versions that may be put online and are not."""
    found: dict[tuple[str, int | None], CouncilDocument] = {}
    for row in documents:
        if row.kind in PUBLISHED and (row.kind != CouncilDocumentKind.MINUTES or sitting.minutes_approved_in_id):
            held = found.get((row.kind, row.act_id))
            found[row.kind, row.act_id] = row if held is None or held.number < row.number else held
    return [row.pk for row in found.values() if not hasattr(row, "publication")]


def _act_row(act: Act, documents: Iterable[CouncilDocument]) -> Row:
    own = [row for row in documents if row.act_id == act.pk]
    return {
        "act": act,
        "extract": next((row for row in own if row.kind == EXTRACT), None),
        "certificate": next((row for row in own if row.kind == CERTIFICATE), None),
        "may_certify": queries.executory_day(act) is not None,
    }


def documents_of_act(request: HttpRequest, act: Act) -> Row:
    """What the page of an act shows of its documents (deliberations/_documents.html); the jobs, to whoever makes them."""
    rows = queries.visible_council_documents(request.user).filter(act=act).order_by("kind", "-number", "pk")
    if not permissions.EDIT.granted(request.user, act.sitting.assembly.authority):
        return {"documents": list(rows), "jobs": []}
    jobs = [job for job in document_jobs(act.sitting) if job.arguments.get("act_id") == act.pk]
    return {"documents": list(rows), "jobs": followed(request, jobs)}


def document_actions(act: Act) -> list[Action]:
    """Buttons of whoever makes the documents of an act."""
    if not is_deliberated(act):
        return []
    url = reverse("deliberations:act_document_make", args=[act.pk])
    found = [Action("Extrait", f"{url}?kind={EXTRACT}", "file-text", method="post")]
    if queries.executory_day(act) is not None:
        found.append(Action("Certificat", f"{url}?kind={CERTIFICATE}", "badge-check", method="post", secondary=True))
    return found


class MakeDocument(Page, View):
    """Asks for a document, then goes back to the page that asked."""

    permission = permissions.EDIT
    http_method_names = ["post"]

    def start(self, row: Any) -> Job:
        raise NotImplementedError

    def back(self, row: Any) -> str:
        raise NotImplementedError

    def asked(self) -> str:
        return self.request.POST.get("kind") or self.request.GET.get("kind", "")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.row()
        self.require(row)
        try:
            follow(request, self.start(row))
        except DomainError as error:
            messages.error(request, error.message)
        return HttpResponseRedirect(self.back(row))


class SittingDocumentMake(MakeDocument):
    queryset, authority_path = staticmethod(queries.visible_sittings), "assembly__authority"

    def start(self, row: Sitting) -> Job:
        return tasks.start_sitting_document(sitting=row, kind=self.asked(), by=self.request.user)

    def back(self, row: Sitting) -> str:
        return reverse("deliberations:sitting_documents", args=[row.pk])


class SittingExtracts(SittingDocumentMake):
    def start(self, row: Sitting) -> Job:
        return tasks.start_extracts(sitting=row, by=self.request.user)


class ActDocumentMake(MakeDocument):
    queryset, authority_path = staticmethod(queries.visible_acts), "sitting__assembly__authority"

    def start(self, row: Act) -> Job:
        return tasks.start_act_document(act=row, kind=self.asked(), by=self.request.user)

    def back(self, row: Act) -> str:
        if self.request.POST.get("from") == "sitting":
            return f"{reverse('deliberations:sitting_documents', args=[row.sitting_id])}#actes"
        return f"{reverse('deliberations:act_detail', args=[row.pk])}#documents"


class RegisterMake(Page, FormView):
    """A register of a period, kept with its last sitting."""

    permission = permissions.EDIT
    form_class, template_name = RegisterForm, "deliberations/register.html"
    title = "Registre d'une période"
    crumbs = (("Documents du conseil", "/documents-du-conseil/"),)

    def get_initial(self) -> Row:
        assemblies = queries.editable_assemblies(self.request.user)
        authority = self.request.scope.authority
        here = list(assemblies.filter(authority=authority)[:2] if authority else assemblies[:2])
        asked = asked_key(self.request.GET.get("assembly"))
        return {"assembly": asked or (here[0].pk if len(here) == 1 else None)}

    def get_context_data(self, **kwargs: Any) -> Row:
        back = reverse("deliberations:councildocument_list")
        return super().get_context_data(submit_label="Établir le registre", cancel_url=back, **kwargs)

    def get_form_kwargs(self) -> Row:
        return {**super().get_form_kwargs(), "user": self.request.user, "today": timezone.localdate()}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            job, sitting = tasks.start_register(**form.cleaned_data, by=self.request.user)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            return self.form_invalid(form)
        follow(self.request, job)
        return HttpResponseRedirect(reverse("deliberations:sitting_documents", args=[sitting.pk]))

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response
