"""A file chosen, sent, and its columns told."""

from collections.abc import Sequence
from itertools import islice
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views import View
from django.views.generic import FormView

from plan_numerique.accounts.models import User
from plan_numerique.importing import queries, samples, tasks
from plan_numerique.importing.forms import COLUMN, ColumnsForm, FileForm
from plan_numerique.importing.importers import IMPORT, grouped, importer_of, offered
from plan_numerique.importing.views.sessions import CRUMBS, SessionCommand, page_of, steps
from plan_numerique.imports import mapping, services
from plan_numerique.imports.importer import Importer
from plan_numerique.imports.models import ImportSession
from plan_numerique.shared.errors import DomainError
from plan_numerique.tabular.formats import MEDIA_TYPES
from plan_numerique.tabular.reading import read_text
from plan_numerique.web.views.base import Page

SHOWN_LINES = 5
SHOWN_VALUES = 3


def asked_importer(request: HttpRequest, kind: str) -> Importer:
    importer = importer_of(kind)
    if importer is None or not importer.permission.anywhere(request.user):
        raise Http404
    return importer


class ImportCreate(Page, FormView):
    """What to import, in cards; with `?kind=`, its file."""

    permission = IMPORT
    crumbs = CRUMBS
    form_class = FileForm

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        kind = request.GET.get("kind", "")
        self.importer = asked_importer(request, kind) if kind else None

    def get_template_names(self) -> list[str]:
        return ["importing/import_file.html" if self.importer else "importing/import_choose.html"]

    def get_form(self, form_class: Any = None) -> Any:
        return super().get_form(form_class) if self.importer else None

    def get_form_kwargs(self) -> dict[str, Any]:
        chosen = self.request.scope.authority
        return {**super().get_form_kwargs(), "user": self.request.user, "importer": self.importer, "chosen": chosen}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.importer is None:
            return HttpResponseRedirect(reverse("importing:import_create"))
        return cast(HttpResponse, super().post(request, *args, **kwargs))

    def form_valid(self, form: Any) -> HttpResponse:
        file, importer = form.cleaned_data["file"], cast(Importer, self.importer)
        asked = self.request.GET
        try:
            session = services.open_session(
                authority=form.cleaned_data["authority"],
                importer=importer,
                filename=file.name,
                content=file.read(),
                options={each.name: asked[each.name] for each in importer.options if each.name in asked},
                by=cast(User, self.request.user),
            )
        except DomainError as error:
            form.add_error("file" if error.field == "file" else None, error.message)
            return self.form_invalid(form)
        return HttpResponseRedirect(reverse("importing:import_columns", args=[session.pk]))

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if self.importer is None:
            groups = [
                (label, [card(each) for each in some]) for label, some in grouped(list(offered(self.request.user)))
            ]
            return super().get_context_data(
                title="Importer un fichier", groups=groups, intro="Choisir ce que contient le fichier.", **kwargs
            )
        return super().get_context_data(
            title=f"Importer : {self.importer.label}",
            importer=self.importer,
            models=model_links(self.importer),
            steps=steps(0),
            cancel_url=reverse("importing:import_create"),
            submit_label="Continuer",
            **kwargs,
        )

    def get_crumbs(self) -> list[tuple[str, str]]:
        more = [("Importer un fichier", reverse("importing:import_create"))] if self.importer else []
        return [*CRUMBS, *more]


def card(importer: Importer) -> dict[str, Any]:
    return {
        "importer": importer,
        "url": f"{reverse('importing:import_create')}?kind={importer.kind}",
        "models": model_links(importer),
        "required": ", ".join(column.label for column in importer.columns if column.required),
    }


def model_links(importer: Importer) -> list[dict[str, str]]:
    return [
        {"label": kind.upper(), "name": label, "url": reverse("importing:import_model", args=[importer.kind, kind])}
        for kind, label in samples.FORMATS.items()
    ]


class ImportModel(Page, View):
    """The model of a file, to fill in."""

    permission = IMPORT

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        importer, form = asked_importer(request, self.kwargs["kind"]), self.kwargs["format"]
        if form not in samples.FORMATS:
            raise Http404
        name = f"modele-{slugify(importer.label)}.{form}"
        disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
        content = samples.model_file(importer, form)
        return HttpResponse(content, content_type=MEDIA_TYPES[form], headers={"Content-Disposition": disposition})


class ImportColumns(Page, FormView):
    """What the last file with this header was told, else what the names of the columns suggest."""

    permission, queryset = IMPORT, staticmethod(queries.visible_sessions)
    template_name = "importing/import_columns.html"
    form_class = ColumnsForm
    title = "Colonnes du fichier"
    session: ImportSession
    importer: Importer

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.problem = ""
        try:
            return super().dispatch(request, *args, **kwargs)
        except DomainError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(page_of(self.session))

    def get_form_kwargs(self) -> dict[str, Any]:
        self.session = self.row()
        self.importer = tasks.importer_for(self.session)
        asked = self.request.POST.get("sheet", self.request.GET.get("feuille", self.session.sheet))
        with services.opened(self.session, asked[:120]) as table:
            self.table = table
            self.lines = [(line, [_shown(cell) for cell in cells]) for line, cells in islice(table.rows(), SHOWN_LINES)]
        header = mapping.own_columns(table.header)
        kept = self.session.columns if set(self.session.columns.values()) <= set(header) else {}
        self.remembered = mapping.remembered(self.session.authority, self.importer, table.header)
        self.columns = kept or self.remembered or mapping.propose(self.importer, table.header)
        return {
            **super().get_form_kwargs(),
            "importer": self.importer,
            "authority": self.session.authority,
            "user": self.request.user,
            "header": header,
            "columns": self.columns,
            "options": self.session.options,
        }

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            tasks.start_check(
                session=self.session,
                by=cast(User, self.request.user),
                columns=form.columns(),
                options=form.options(),
                sheet=self.request.POST.get("sheet", self.session.sheet),
            )
        except DomainError as error:
            form.add_error(None, error.message)
            return self.form_invalid(form)
        return HttpResponseRedirect(page_of(self.session))

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        header = mapping.own_columns(self.table.header)
        other = mapping.recognised(list(offered(self.request.user)), self.table.header)
        form: ColumnsForm = context["form"]
        rows = [self._row(form, column) for column in self.importer.columns]
        return {
            **context,
            "title": f"Colonnes de « {self.session} »",
            "crumbs": [*CRUMBS, (str(self.session), page_of(self.session))],
            "session": self.session,
            "importer": self.importer,
            "steps": steps(1),
            "rows": rows,
            "options": [field for field in form if not field.name.startswith(COLUMN)],
            "unused": [name for name in header if name not in set(self.columns.values())],
            "lacking": [column.label for column in mapping.missing(self.importer, self.columns)],
            "other": other if other and other.kind != self.importer.kind else None,
            "header": self.table.header,
            "lines": self.lines,
            "count": self.table.count,
            "warnings": self.table.warnings,
            "remembered": bool(self.remembered),
            "sheets": self.table.sheets if len(self.table.sheets) > 1 else (),
            "sheet": self.table.sheet,
            "notice": self.notice_of(self.session),
        }

    def _row(self, form: ColumnsForm, column: Any) -> dict[str, Any]:
        field = form[f"{COLUMN}{column.name}"]
        return {"field": field, "column": column, "values": self._values(self.columns.get(column.name))}

    def _values(self, name: str | None) -> Sequence[str]:
        if name not in self.table.header:
            return ()
        place = self.table.header.index(name)
        return [cells[place] for _, cells in self.lines if cells[place]][:SHOWN_VALUES]


class ImportKind(SessionCommand):
    """The file is of another kind than the one it was sent as."""

    def run(self, session: ImportSession, by: User) -> str:
        importer = asked_importer(self.request, self.request.POST.get("kind", ""))
        if not importer.permission.granted(by, session.authority):
            raise Http404
        again = services.send_as(session=session, importer=importer, by=by)
        return reverse("importing:import_columns", args=[again.pk])


def _shown(cell: Any) -> str:
    try:
        return read_text(cell)[:60]
    except ValueError:
        return "(illisible)"
