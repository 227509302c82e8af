"""The accounting file, step by step: sent, its columns told, checked, imported, undone."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views import View
from django.views.generic import FormView

from governance import permissions, queries, services, tasks
from governance.enums import ImportState
from governance.filtersets import ExpenseImportFilter
from governance.forms import ExpenseColumnsForm, ExpenseFileForm
from governance.imports import propose_columns
from governance.models import ExpenseImport
from governance.tables import IMPORT_TONES, ExpenseImportTable
from plan_numerique.documents import services as documents
from plan_numerique.jobs.enums import JobStatus
from plan_numerique.jobs.tables import TONES as JOB_TONES
from plan_numerique.shared.errors import DomainError
from plan_numerique.tabular.reading import read_table, read_text
from plan_numerique.web.forms import asked_key
from plan_numerique.web.templatetags.web import integer
from plan_numerique.web.views import Action, DetailPage, ListPage
from plan_numerique.web.views.base import Page

CRUMBS = (("Dépenses", "/depenses/"), ("Imports", "/depenses/imports/"))
SHOWN_LINES = 5
SHOWN_PROBLEMS = 100
SENT = {"label": "Colonnes à indiquer", "tone": "warning"}


class ExpenseImportList(ListPage):
    permission, queryset = permissions.VIEW_MONEY, staticmethod(queries.visible_expense_imports)
    authority_path = "plan__authority"
    filterset_class, table_class = ExpenseImportFilter, ExpenseImportTable
    title, search_placeholder = "Imports de dépenses", "Fichier, plan"
    crumbs = CRUMBS[:1]
    create = ("governance:expenseimport_create", permissions.EDIT_MONEY, "Importer un fichier")
    empty_text = (
        "Le fichier d'exécution du logiciel de finances est d'abord vérifié : rien n'est écrit avant votre accord."
    )


class ExpenseImportDetail(DetailPage):
    permission, queryset = permissions.VIEW_MONEY, staticmethod(queries.visible_expense_imports)
    authority_path = "plan__authority"
    template_name = "governance/expenseimport_detail.html"
    crumbs = CRUMBS

    def state(self) -> dict[str, str]:
        batch: ExpenseImport = self.object
        if not batch.columns:
            return SENT
        return {"label": batch.get_state_display(), "tone": IMPORT_TONES[batch.state]}

    def summary(self) -> list[tuple[str, Any]]:
        batch: ExpenseImport = self.object
        return [
            ("Plan", batch.plan),
            ("Fichier", batch.document.filename),
            ("Par", batch.by or ""),
            ("Reçu le", batch.at),
        ]

    @property
    def checked(self) -> bool:
        """The last job ended well: what is shown is what it found."""
        job = self.object.job
        return bool(self.object.columns) and (job is None or job.status == JobStatus.SUCCEEDED)

    def actions(self) -> list[Action]:
        batch: ExpenseImport = self.object
        if not self.may(permissions.EDIT_MONEY, batch) or (batch.job and batch.job.is_active):
            return []
        if batch.state == ImportState.APPLIED:
            undo = reverse("governance:expenseimport_undo", args=[batch.pk])
            return [Action("Annuler l'import", undo, "undo-2", "post", danger=True)]
        if batch.state != ImportState.CHECKED:
            return []
        change = Action("Colonnes", reverse("governance:expenseimport_columns", args=[batch.pk]), "columns-3")
        return [*self._apply_action(batch), change]

    def _apply_action(self, batch: ExpenseImport) -> list[Action]:
        good = batch.created + batch.updated + batch.unchanged
        if not self.checked or not batch.created + batch.updated:
            return []
        bad = batch.rows > good
        lines = f"les {integer(good)} bonnes lignes" if good > 1 else "la bonne ligne"
        label = f"Importer {lines}" if bad else "Importer"
        return [
            Action(label, reverse("governance:expenseimport_apply", args=[batch.pk]), "check", "post", primary=True)
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        batch: ExpenseImport = self.object
        good = batch.created + batch.updated + batch.unchanged
        done = batch.state == ImportState.APPLIED
        url = f"{reverse('governance:expense_list')}?batch={batch.pk}"
        job = batch.job
        errors = job.document if job and job.status == JobStatus.SUCCEEDED else None
        return super().get_context_data(
            batch=batch,
            job=job,
            tone=JOB_TONES[job.status] if job else "",
            checked=self.checked,
            tiles=_tiles(batch, batch.rows - good, url if done else ""),
            problems=batch.problems[:SHOWN_PROBLEMS],
            more=max(len(batch.problems) - SHOWN_PROBLEMS, 0),
            errors=errors,
            bad=batch.rows - good,
            **kwargs,
        )


def _tiles(batch: ExpenseImport, bad: int, url: str) -> list[dict[str, Any]]:
    done = batch.state != ImportState.CHECKED
    return [
        {"label": "Lignes lues", "figure": integer(batch.rows)},
        {"label": "Créées" if done else "À créer", "figure": integer(batch.created), "url": url},
        {"label": "Modifiées" if done else "À modifier", "figure": integer(batch.updated), "url": url},
        {"label": "Inchangées", "figure": integer(batch.unchanged)},
        {
            "label": "En erreur",
            "figure": integer(bad),
            "url": "#problemes" if bad else "",
            "tone": "danger" if bad else "",
        },
    ]


class ExpenseImportCreate(Page, FormView):
    permission = permissions.EDIT_MONEY
    template_name = "components/edit.html"
    form_class = ExpenseFileForm
    title = "Importer l'exécution comptable"
    crumbs = CRUMBS

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        plan = asked_key(self.request.GET.get("plan"))
        return {"plan": plan} if plan is not None else {}

    def form_valid(self, form: Any) -> HttpResponse:
        file = form.cleaned_data["file"]
        content = file.read()
        try:
            read_table(content, file.name)
            batch = services.open_import(
                plan=form.cleaned_data["plan"], filename=file.name, content=content, by=self.request.user
            )
        except DomainError as error:
            form.add_error("file", error.message)
            return self.form_invalid(form)
        return HttpResponseRedirect(reverse("governance:expenseimport_columns", args=[batch.pk]))

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        steps = "Trois étapes : le fichier, ses colonnes, la vérification. Rien n'est écrit avant votre accord."
        return super().get_context_data(
            submit_label="Continuer", intro=steps, cancel_url=reverse("governance:expense_list"), **kwargs
        )


class ExpenseImportColumns(Page, FormView):
    """What the last file with this header was told, else what the names of the columns suggest."""

    permission, queryset = permissions.EDIT_MONEY, staticmethod(queries.visible_expense_imports)
    authority_path = "plan__authority"
    template_name = "governance/expenseimport_columns.html"
    form_class = ExpenseColumnsForm
    title = "Colonnes du fichier"

    def get_form_kwargs(self) -> dict[str, Any]:
        self.object = self.row()
        self.require(self.object)
        document = self.object.document
        self.table = read_table(documents.read(document), document.filename)
        self.remembered = services.remembered_columns(self.object.plan, self.table.header)
        known = self.object.columns or self.remembered or propose_columns(self.table.header)
        return {**super().get_form_kwargs(), "header": self.table.header, "known": known}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            tasks.start_expense_check(
                batch=self.object, header=self.table.header, columns=form.columns(), by=self.request.user
            )
        except DomainError as error:
            form.add_error(None, error.message)
            return self.form_invalid(form)
        return HttpResponseRedirect(self._page())

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def _page(self) -> str:
        return reverse("governance:expenseimport_detail", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        batch: ExpenseImport = self.object
        lines = [(line, [_shown(cell) for cell in cells]) for line, cells in self.table.rows[:SHOWN_LINES]]
        return {
            **context,
            "crumbs": [*CRUMBS, (batch.document.filename, self._page())],
            "submit_label": "Vérifier le fichier",
            "cancel_url": self._page(),
            "header": self.table.header,
            "lines": lines,
            "warnings": self.table.warnings,
            "remembered": bool(self.remembered),
            "notice": self.notice_of(batch),
        }


def _shown(cell: Any) -> str:
    try:
        return read_text(cell)[:60]
    except ValueError:
        return "(illisible)"


class ImportCommand(Page, View):
    permission, queryset = permissions.EDIT_MONEY, staticmethod(queries.visible_expense_imports)
    authority_path = "plan__authority"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        batch = self.row()
        self.require(batch)
        try:
            self.run(batch, request.user)
        except DomainError as error:
            messages.error(request, error.message)
        return HttpResponseRedirect(reverse("governance:expenseimport_detail", args=[batch.pk]))

    def run(self, batch: ExpenseImport, by: Any) -> None:
        raise NotImplementedError


class ExpenseImportApply(ImportCommand):
    """The good rows where some are in error: the page has told how many are left out."""

    def run(self, batch: ExpenseImport, by: Any) -> None:
        tasks.start_expense_import(batch=batch, only_good=bool(batch.problems), by=by)


class ExpenseImportUndo(ImportCommand):
    def run(self, batch: ExpenseImport, by: Any) -> None:
        services.undo_import(batch=batch, by=by)
        messages.success(self.request, "L'import est annulé : les dépenses sont revenues à leur état d'avant.")
