from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header

from plan_numerique.documents import services
from plan_numerique.documents.models import StoredDocument


def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes as they were stored, checked against their digest; what one's roles do not open is a 404."""
    document = get_object_or_404(StoredDocument.objects.defer("content"), pk=pk)
    if document.authority_id not in request.scope.wide_authority_ids(document.roles):
        raise Http404
    inline = document.media_type == "application/pdf" and "telecharger" not in request.GET
    disposition = content_disposition_header(as_attachment=not inline, filename=document.filename) or "attachment"
    return HttpResponse(
        services.read(document),
        content_type=document.media_type,
        headers={"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff", "Cache-Control": "private"},
    )
