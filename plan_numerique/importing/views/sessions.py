"""The files sent: their list, what each would do or did, and the buttons that follow."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import resolve, reverse
from django.utils.html import format_html
from django.views import View
from django.views.generic import FormView

from plan_numerique.accounts.models import User
from plan_numerique.importing import queries, tasks
from plan_numerique.importing.filtersets import ImportSessionFilter
from plan_numerique.importing.forms import UndoForm
from plan_numerique.importing.importers import IMPORT, importer_of
from plan_numerique.importing.tables import TONES, ImportSessionTable, kind_label
from plan_numerique.imports import services
from plan_numerique.imports.enums import ImportState
from plan_numerique.imports.filters import PARAMETER
from plan_numerique.imports.models import ImportSession
from plan_numerique.jobs.enums import JobStatus
from plan_numerique.jobs.tables import TONES as JOB_TONES
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted
from plan_numerique.web.templatetags.web import integer, moment
from plan_numerique.web.views import Action, DetailPage, ListPage
from plan_numerique.web.views.base import Page

CRUMBS = (("Imports", "/imports/"),)
SHOWN_PROBLEMS = 100
OPEN = (ImportState.SENT, ImportState.CHECKED)


STEPS = ("Le fichier", "Les colonnes", "La vérification", "L'import")
RANKS: dict[str, int] = {ImportState.SENT: 1, ImportState.CHECKED: 3, ImportState.APPLIED: 4, ImportState.UNDONE: 4}


def steps(current: int) -> list[dict[str, str]]:
    return [
        {"label": label, "state": "done" if rank < current else "current" if rank == current else "todo", "detail": ""}
        for rank, label in enumerate(STEPS)
    ]


class ImportList(ListPage):
    permission, queryset = IMPORT, staticmethod(queries.visible_sessions)
    filterset_class, table_class = ImportSessionFilter, ImportSessionTable
    title, search_placeholder = "Imports", "Fichier, personne"
    create = ("importing:import_create", IMPORT, "Importer un fichier")
    intro = "Chaque fichier est d'abord vérifié ; rien n'est écrit avant votre accord, et un import s'annule."
    empty_text = "Aucun fichier envoyé. Un modèle à remplir est proposé pour chaque genre de fichier."


def page_of(session: ImportSession) -> str:
    return reverse("importing:import_detail", args=[session.pk])


class ImportDetail(DetailPage):
    permission, queryset = IMPORT, staticmethod(queries.visible_sessions)
    template_name = "importing/import_detail.html"
    crumbs = CRUMBS

    def state(self) -> dict[str, str]:
        session: ImportSession = self.object
        if self.busy:
            return {"label": "En cours", "tone": "info"}
        return {"label": session.get_state_display(), "tone": TONES[session.state]}

    @property
    def busy(self) -> bool:
        job = self.object.job
        return job is not None and job.is_active

    def told(self) -> list[Any]:
        """What the file is, under the title."""
        session: ImportSession = self.object
        sent = format_html("envoyé le {}{}", moment(session.at), f" par {session.by}" if session.by else "")
        sheet = [f"feuille « {session.sheet} »"] if session.sheet else []
        options = [f"{label} : {value}" for label, value in options_told(session)]
        return [kind_label(session.kind), session.authority, *sheet, *options, sent]

    def actions(self) -> list[Action]:
        session: ImportSession = self.object
        if self.busy or importer_of(session.kind) is None:
            return []
        if session.state == ImportState.APPLIED:
            undo = Action(
                "Annuler l'import", reverse("importing:import_undo", args=[session.pk]), "undo-2", danger=True
            )
            rows = rows_url(session) if session.created + session.updated else ""
            return [Action("Voir les lignes importées", rows, "list", primary=True), undo] if rows else [undo]
        if session.state not in OPEN:
            return []
        columns = reverse("importing:import_columns", args=[session.pk])
        drop = reverse("importing:import_discard", args=[session.pk])
        return [
            *self._apply_action(session),
            Action("Changer les colonnes" if session.state == ImportState.CHECKED else "Indiquer les colonnes", columns, "columns-3",
                   primary=session.state == ImportState.SENT),
            Action("Retirer ce fichier", drop, "trash-2", "post", danger=True, secondary=True,
                   confirm=f"Retirer « {session} » ? Rien n'en a été importé."),
        ]  # fmt: skip

    def _apply_action(self, session: ImportSession) -> list[Action]:
        count = session.created + session.updated
        if session.state != ImportState.CHECKED or not count:
            return []
        good = "bonnes lignes" if session.bad else "lignes"
        what = f"les {integer(count)} {good}" if count > 1 else f"la {'bonne ligne' if session.bad else 'ligne'}"
        url = reverse("importing:import_apply", args=[session.pk])
        return [Action(f"Importer {what}", url, "check", "post", primary=True)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        session: ImportSession = self.object
        job = session.job
        create = f"{reverse('importing:import_create')}?kind={session.kind}"
        return super().get_context_data(
            session=session,
            meta=self.told(),
            steps=steps(RANKS[session.state]),
            title=session.document.filename,
            job=job if job and job.status != JobStatus.SUCCEEDED else None,
            tone=JOB_TONES[job.status] if job else "",
            tiles=tiles(session),
            problems=session.problems[:SHOWN_PROBLEMS],
            more=max(session.problem_count - SHOWN_PROBLEMS, 0),
            something=session.created + session.updated,
            create_url=create,
            busy=self.busy,
            **kwargs,
        )


def options_told(session: ImportSession) -> list[tuple[str, str]]:
    importer = importer_of(session.kind)
    if importer is None or session.by is None:
        return []
    found = []
    for option in importer.options:
        labels = dict(option.choices(session.by, session.authority))
        if value := session.options.get(option.name):
            found.append((option.label, labels.get(value, value)))
    return found


def rows_url(session: ImportSession) -> str:
    """The list of the rows concerned, where the list of the importer knows how to show them."""
    importer = importer_of(session.kind)
    if importer is None or not importer.list_url:
        return ""
    url = reverse(importer.list_url)
    view = getattr(resolve(url).func, "view_class", None)
    filters = getattr(getattr(view, "filterset_class", None), "base_filters", {})
    return f"{url}?{PARAMETER}={session.pk}" if PARAMETER in filters else ""


def tiles(session: ImportSession) -> list[dict[str, Any]]:
    done = session.state in (ImportState.APPLIED, ImportState.UNDONE)
    url = rows_url(session) if session.state == ImportState.APPLIED else ""
    found: list[dict[str, Any]] = [
        {
            "label": "Créées" if done else "À créer",
            "figure": integer(session.created),
            "url": url if session.created else "",
        },
        {
            "label": "Modifiées" if done else "À modifier",
            "figure": integer(session.updated),
            "url": url if session.updated else "",
        },
        {"label": "Inchangées", "figure": integer(session.unchanged)},
        {"label": "Hors périmètre", "figure": integer(session.left_out)},
    ]
    return [*found, {"label": "En erreur", "figure": integer(session.bad), "url": "#problemes" if session.bad else ""}]


class SessionCommand(Page, View):
    permission, queryset = IMPORT, staticmethod(queries.visible_sessions)
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        session = self.row()
        try:
            url = self.run(session, cast(User, request.user))
        except DomainError as error:
            messages.error(request, error.message)
            url = page_of(session)
        return HttpResponseRedirect(url)

    def run(self, session: ImportSession, by: User) -> str:
        raise NotImplementedError


class ImportApply(SessionCommand):
    """The good lines where some are in error: the page has told how many are left out."""

    def run(self, session: ImportSession, by: User) -> str:
        tasks.start_apply(session=session, only_good=bool(session.bad), by=by)
        return page_of(session)


class ImportDiscard(SessionCommand):
    def run(self, session: ImportSession, by: User) -> str:
        name = str(session)
        services.discard_session(session=session, by=by)
        messages.success(self.request, f"« {name} » est retiré.")
        return reverse("importing:import_list")


class ImportUndo(Page, FormView):
    permission, queryset = IMPORT, staticmethod(queries.visible_sessions)
    template_name = "importing/import_undo.html"
    form_class = UndoForm
    title = "Annuler l'import"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        session: ImportSession = self.row()
        what = []
        if session.created:
            what.append(
                f"{counted(session.created, 'ligne créée')} {'seront supprimées' if session.created > 1 else 'sera supprimée'}"
            )
        if session.updated:
            back = "reviendront" if session.updated > 1 else "reviendra"
            what.append(f"{counted(session.updated, 'ligne modifiée')} {back} comme avant")
        return super().get_context_data(
            crumbs=[*CRUMBS, (session.document.filename, page_of(session))],
            what=" ; ".join(what) or "rien n'avait été écrit",
            back_url=page_of(session),
            notice=self.notice_of(session),
            **kwargs,
        )

    def form_valid(self, form: Any) -> HttpResponse:
        session = self.row()
        try:
            tasks.start_undo(session=session, reason=form.cleaned_data["reason"], by=cast(User, self.request.user))
        except DomainError as error:
            messages.error(self.request, error.message)
        return HttpResponseRedirect(page_of(session))

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response
