"""Documents annexed to an act."""

from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views import View

from deliberations import permissions, queries, services
from deliberations.filtersets.drafting import AnnexFilter
from deliberations.forms import AnnexForm
from deliberations.services.annexes import LARGEST, TOO_LARGE
from deliberations.tables.drafting import AnnexTable
from deliberations.views.children import OfActDelete, OfActEdit
from plan_numerique.documents.services import read
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.views import ListPage, Page


class AnnexList(ListPage):
    permission, queryset = permissions.VIEW, staticmethod(queries.visible_annexes)
    authority_path = "act__sitting__assembly__authority"
    filterset_class, table_class = AnnexFilter, AnnexTable
    title, search_placeholder = "Annexes", "Intitulé de l'annexe ou de l'acte"
    empty_text = "Une annexe s'ajoute depuis la rédaction de son acte."


class AnnexEdit(OfActEdit):
    queryset, title = staticmethod(queries.visible_annexes), "Annexe"
    form_class, service = AnnexForm, staticmethod(services.save_annex)

    def form_valid(self, form: BaseForm) -> HttpResponse:
        """The act of a new annex is known by the form only: the service makes the row."""
        if form.instance._state.adding:  # type: ignore[attr-defined]
            form.instance.act = form.cleaned_data["act"]  # type: ignore[attr-defined]
        return super().form_valid(form)

    def save(self, form: BaseForm, **kwargs: Any) -> Any:
        if not kwargs["instance"]._state.adding:
            return super().save(form, **kwargs)
        data = form.cleaned_data
        file = data["file"]
        if file.size > LARGEST:
            raise DomainError(TOO_LARGE, field="file")
        return services.add_annex(
            act=data["act"],
            title=data["title"],
            filename=file.name,
            content=file.read(),
            public=data["public"],
            by=kwargs["by"],
        )


class AnnexDelete(OfActDelete):
    queryset, service = staticmethod(queries.visible_annexes), staticmethod(services.delete_annex)


class AnnexFile(Page, View):
    """The file as it was stored, for whoever sees the annex."""

    permission = permissions.VIEW

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        document = get_object_or_404(
            queries.readable_annexes(request.user).defer("document__content"), pk=kwargs["pk"]
        ).document
        inline = document.media_type == "application/pdf" and "telecharger" not in request.GET
        disposition = content_disposition_header(as_attachment=not inline, filename=document.filename) or "attachment"
        return HttpResponse(
            read(document),
            content_type=document.media_type,
            headers={
                "Content-Disposition": disposition,
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private",
            },
        )
