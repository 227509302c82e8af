"""What anyone may read without an account: the acts put online. No cookie, nothing private, pages that a cache may keep."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import content_disposition_header, http_date
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from deliberations import queries
from deliberations.domain.opendata import to_csv
from deliberations.models import Act, Annex, Publication
from deliberations.queries import publication as online
from deliberations.queries.filing import act_publications, profile_of
from deliberations.queries.opendata import adopted, open_acts
from deliberations.queries.register import verdict_of
from plan_numerique.accounts.models import Authority
from plan_numerique.documents import services as documents
from plan_numerique.documents.models import StoredDocument

PER_PAGE, NEWEST, FRESH = 50, 50, 300
NOT_XML = re.compile("[\x00-\x1f\ufffe\uffff]")
View = Callable[..., HttpResponse]


class NoSession(dict[str, Any]):
    """Stands for the session of whoever reads a page that is the same for all: caches need not look at cookies."""

    accessed = modified = False

    def is_empty(self) -> bool:
        """Of a visitor who is signed in elsewhere on the site, it is left as it is."""
        return False


def same_for_all(view: View) -> View:
    """Open to all, read only, kept five minutes by caches."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.session = NoSession()  # type: ignore[assignment]
        return view(request, *args, **kwargs)

    kept = cache_control(public=True, max_age=FRESH)(shown)
    return login_not_required(require_safe(kept))  # type: ignore[return-value]


def public(view: View) -> View:
    """A page: told unchanged by its ETag."""
    return same_for_all(conditional_page(view))


def address_of(request: HttpRequest, name: str, *args: Any) -> str:
    path = reverse(f"deliberations:{name}", args=args)
    return f"{settings.SITE_URL.rstrip('/')}{path}" if settings.SITE_URL else request.build_absolute_uri(path)


def csv_name(authority: Authority) -> str:
    return f"deliberations-{authority.slug}.csv"


class SearchForm(forms.Form):
    q = forms.CharField(required=False, max_length=200)
    annee = forms.IntegerField(required=False, min_value=1800, max_value=2200)


def _page(template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Without the request: no session is read, so no cookie is looked at."""
    return HttpResponse(render_to_string(template, context), status=status)


def _authority(slug: str) -> Authority:
    return get_object_or_404(Authority, slug=slug)


def _frame(request: HttpRequest, authority: Authority | None, title: str, name: str, *args: Any) -> dict[str, Any]:
    """What every public page needs."""
    return {"authority": authority, "title": title, "canonical": address_of(request, name, *args)}


@public
def authorities(request: HttpRequest) -> HttpResponse:
    frame = _frame(request, None, "Actes des collectivités", "public_authorities")
    return _page("deliberations/public/authorities.html", {**frame, "authorities": online.public_authorities()})


@public
def style(request: HttpRequest, slug: str) -> HttpResponse:
    """The colour of the authority, for the pages' style sheet: they hold no style of their own."""
    return HttpResponse(f":root{{--accent:{_authority(slug).accent}}}", content_type="text/css")


@public
def acts(request: HttpRequest, slug: str) -> HttpResponse:
    authority = _authority(slug)
    form = SearchForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    words, year = asked.get("q", ""), asked.get("annee")
    found = online.found_acts(online.public_acts(authority), words=words, year=year)
    profile = profile_of(authority)
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "words": words,
        "year": year,
        "years": online.public_years(authority),
        "wrong": not form.is_valid(),
        "opendata": bool(profile and profile.siret),
    }
    return _page(
        "deliberations/public/acts.html",
        {**_frame(request, authority, "Actes et délibérations", "public_acts", slug), **context},
    )


@public
def sittings(request: HttpRequest, slug: str) -> HttpResponse:
    authority = _authority(slug)
    frame = _frame(request, authority, "Listes et procès-verbaux des séances", "public_sittings", slug)
    return _page(
        "deliberations/public/sittings.html", {**frame, "publications": online.sitting_publications(authority)}
    )


@public
def act(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    authority = _authority(slug)
    row = online.public_acts(authority).filter(pk=pk).first()
    if row is None:
        return _gone(
            request,
            authority,
            Publication.objects.filter(document__act__in=Act.objects.filter(pk=pk)),
            "public_act",
            slug,
            pk,
        )
    held = [item for item in act_publications(row) if item.withdrawn_at is None]
    current = held[0]
    same = not online.changed_since(row, current.document.created_at)
    ballot = getattr(row, "ballot", None)
    executory = queries.executory_day(row)
    context = {
        "act": row,
        "publication": current,
        "former": held[1:],
        "annexes": row.annexes.filter(public=True, document__published_at__isnull=False)
        .select_related("document")
        .defer("document__content")
        .order_by("position"),
        "same": same,
        "blocks": queries.text_of(row) if same else [],
        "ballot": ballot,
        "choices": queries.choices_of(ballot) if ballot and same else [],
        "verdict": verdict_of(ballot, queries.check_act(row)) if same else "",
        "dates": _dates(row, current, executory),
    }
    return _page(
        "deliberations/public/act.html",
        {**_frame(request, authority, row.public_title, "public_act", slug, pk), **context},
    )


def _dates(row: Act, current: Publication, executory: Any) -> list[tuple[str, Any]]:
    dates = [
        ("Séance", row.sitting.held_on),
        ("Transmise au représentant de l'État", row.transmitted_on),
        ("Reçue en préfecture", row.received_on),
        ("Affichée", row.posted_on),
        ("Mise en ligne", current.posted_at),
        ("Exécutoire", executory),
    ]
    return [(label, date) for label, date in dates if date is not None]


def _gone(request: HttpRequest, authority: Authority, rows: Any, name: str, *args: Any) -> HttpResponse:
    """410 for what was online and was taken down, 404 for what never was."""
    if not rows.filter(**{online.OF_DOCUMENT: authority}, withdrawn_at__isnull=False).exists():
        raise Http404
    return _page(
        "deliberations/public/gone.html", _frame(request, authority, "Document retiré", name, *args), status=410
    )


@same_for_all
def file(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The frozen bytes of a publication, checked against their digest."""
    authority = _authority(slug)
    rows = Publication.objects.filter(**{online.OF_DOCUMENT: authority}, pk=pk)
    row = online.live_publications().filter(pk__in=rows).select_related("document__document").first()
    if row is None:
        return _gone(request, authority, rows, "public_acts", slug)
    return _sent(request, row.document.document, row.posted_at)


@same_for_all
def annex(request: HttpRequest, slug: str, pk: int, annex_pk: int) -> HttpResponse:
    authority = _authority(slug)
    rows = Annex.objects.select_related("document").defer("document__content")
    acts_named = Act.objects.filter(pk=pk)
    row = get_object_or_404(rows, pk=annex_pk, act__in=acts_named, public=True, document__published_at__isnull=False)
    if not online.public_acts(authority).filter(pk=row.act_id).exists():
        return _gone(request, authority, Publication.objects.filter(document__act=row.act_id), "public_acts", slug)
    return _sent(request, row.document, row.document.published_at)


def _sent(request: HttpRequest, document: StoredDocument, moment: datetime | None) -> HttpResponse:
    stamp = int(moment.timestamp()) if moment else None
    unchanged = get_conditional_response(request, f'"{document.sha256}"', stamp)
    if isinstance(unchanged, HttpResponseNotModified):
        return unchanged
    inline = document.media_type == "application/pdf"
    disposition = content_disposition_header(as_attachment=not inline, filename=document.filename) or "attachment"
    response = HttpResponse(documents.read(document), content_type=document.media_type)
    response["ETag"], response["Content-Disposition"] = f'"{document.sha256}"', disposition
    response["X-Content-Type-Options"] = "nosniff"
    if stamp:
        response["Last-Modified"] = http_date(stamp)
    return response


@public
def opendata(request: HttpRequest, slug: str) -> HttpResponse:
    """SCDL « Délibérations » 2.1.5 of the acts online; a row that the schema would refuse stays out."""
    authority = _authority(slug)
    rows = adopted(online.public_acts(authority))
    found = open_acts(authority, rows, lambda row: address_of(request, "public_act", slug, row.pk))
    disposition = content_disposition_header(as_attachment=True, filename=csv_name(authority)) or "attachment"
    return HttpResponse(
        to_csv(item.row for item in found if item.goes_out),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": disposition},
    )


@public
def feed(request: HttpRequest, slug: str) -> HttpResponse:
    authority = _authority(slug)
    atom = Atom1Feed(
        title=_plain(f"Actes et délibérations : {authority}"),
        link=address_of(request, "public_acts", slug),
        feed_url=address_of(request, "public_feed", slug),
        description="",
        language="fr",
    )
    rows = online.public_acts(authority).order_by("-posted_at", "-pk")[:NEWEST]
    for row in rows:
        atom.add_item(
            title=_plain(f"n° {row.public_number} — {row.public_title}" if row.public_number else row.public_title),
            link=address_of(request, "public_act", slug, row.pk),
            description=_plain(f"{row.sitting.assembly}, séance du {row.sitting.held_on:%d/%m/%Y}"),
            pubdate=row.posted_at,
            updateddate=row.posted_at,
        )
    return HttpResponse(atom.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def _plain(text: str) -> str:
    """Without the characters that XML refuses."""
    return NOT_XML.sub(" ", text)
