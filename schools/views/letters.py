from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views import View

from plan_numerique.documents import services as documents
from plan_numerique.web.views.base import Page
from schools import permissions, queries


class ApplicationLetter(Page, View):
    """The answer to an application, for whoever sees the application: its school, the lead, the Éducation nationale."""

    permission, queryset = permissions.VIEW_APPLICATIONS, staticmethod(queries.visible_applications)
    authority_path = "school__authority"
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        application = self.row()
        self.require(application)
        letter = application.letter
        if letter is None:
            raise Http404
        disposition = content_disposition_header("telecharger" in request.GET, letter.filename) or "attachment"
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private", "Content-Disposition": disposition}
        return HttpResponse(documents.read(letter), content_type=letter.media_type, headers=headers)
