"""HTML to a signed-quality PDF: PDF/A-3a, identified PDF/UA-1, tagged; the same HTML, date and digest give the same bytes.

The only door to WeasyPrint. Slow and hungry (about six pages a second, 200 to 400 MiB): called from a job, never from a view,
but for the one page of a school (plan_numerique.hub), which takes less than a second and shows what its reader may see."""

import logging
import mimetypes
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element, SubElement, fromstring, register_namespace, tostring

import pydyf
from django.contrib.staticfiles import finders
from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

STATIC = "static:/"
STATIC_SUFFIXES = {".css", ".otf", ".ttf", ".woff2", ".png", ".jpg", ".jpeg", ".svg"}
DATA_IMAGE = re.compile(r"data:image/(png|jpeg|svg\+xml);base64,[A-Za-z0-9+/=%]+")
DIGEST = re.compile(r"[0-9a-f]{64}")
VARIANT = "pdf/a-3a"
GENERATOR = "Plan numérique"

for _noisy in ("weasyprint.progress", "fontTools"):  # a line per page and per font table
    logging.getLogger(_noisy).setLevel(logging.WARNING)

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PDFUAID = "http://www.aiim.org/pdfua/ns/id/"
EXTENSION = "http://www.aiim.org/pdfa/ns/extension/"
SCHEMA = "http://www.aiim.org/pdfa/ns/schema#"
PROPERTY = "http://www.aiim.org/pdfa/ns/property#"
for _prefix, _uri in (
    ("pdfuaid", PDFUAID),
    ("pdfaExtension", EXTENSION),
    ("pdfaSchema", SCHEMA),
    ("pdfaProperty", PROPERTY),
):
    register_namespace(_prefix, _uri)


class PdfError(Exception):
    """The HTML asks for a file it may not have, or something of it could not be drawn: a fault of a template, for staff.

    WeasyPrint would log it and leave the place blank; a document that is signed is whole or is not."""


def read_static(path: str) -> tuple[bytes, str]:
    """Bytes and media type of a static file, by its path under the static root; PdfError for anything else."""
    plain = unquote(path)
    parts = PurePosixPath(plain).parts
    if plain != path or "\\" in plain or "\0" in plain or plain.startswith("/") or {"..", "~"} & set(parts):
        raise PdfError(f"chemin refusé : {path}")
    if PurePosixPath(plain).suffix not in STATIC_SUFFIXES:
        raise PdfError(f"type de fichier refusé : {path}")
    found = finders.find(plain)
    if not found:
        raise PdfError(f"fichier statique introuvable : {path}")
    return Path(found).read_bytes(), mimetypes.guess_type(plain)[0] or "application/octet-stream"


class OnlyStatic(URLFetcher):  # type: ignore[misc]
    """WeasyPrint's own fetcher reads any file of the server and any address; this one reads `static:/…` and inline pictures."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False, fail_on_errors=True)
        self.refused: list[str] = []

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        try:
            return self._allowed(url, headers)
        except PdfError as error:
            self.refused.append(str(error))
            raise

    def _allowed(self, url: str, headers: dict[str, str] | None) -> URLFetcherResponse:
        if url.startswith(STATIC):
            content, media_type = read_static(url.removeprefix(STATIC))
            return URLFetcherResponse(url, content, {"Content-Type": media_type})
        if not DATA_IMAGE.fullmatch(url):
            raise PdfError(f"adresse refusée : {url[:80]}")
        response: URLFetcherResponse = super().fetch(url, headers)
        return response


def render(html: str, *, title: str, date: date, digest: str, lang: str = "fr") -> bytes:
    """`html` is whole (`<html lang>`, links to `static:/…`); `digest` is the SHA-256, in hexadecimal, of what the document says.

    `date` (or an aware datetime) is written as the moment of creation: the clock is never read."""
    if not DIGEST.fullmatch(digest):
        raise ValueError("empreinte SHA-256 attendue, en hexadécimal")
    if not title.strip():
        raise ValueError("un PDF a un titre")
    with _nothing_missing(fetcher := OnlyStatic()):
        document = HTML(string=html, base_url=STATIC, url_fetcher=fetcher).render(pdf_variant=VARIANT)
        _describe(document.metadata, title=title.strip(), moment=_moment(date), lang=lang)
        options = {"pdf_variant": VARIANT, "pdf_tags": True, "pdf_identifier": digest[:32]}
        pdf: bytes = document.write_pdf(finisher=_finish, **options)
    return pdf


@contextmanager
def _nothing_missing(fetcher: OnlyStatic) -> Iterator[None]:
    logged = _Errors()
    logger = logging.getLogger("weasyprint")
    logger.addHandler(logged)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # WeasyPrint leaves its colour profile open
            yield
    except FatalURLFetchingError as error:
        raise PdfError(str(error.__cause__ or error)) from error
    finally:
        logger.removeHandler(logged)
    if fetcher.refused or logged.messages:
        raise PdfError("; ".join([*fetcher.refused, *logged.messages]))


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def _describe(metadata: Any, *, title: str, moment: str, lang: str) -> None:
    metadata.title, metadata.lang, metadata.generator = title, lang, GENERATOR
    metadata.created = metadata.modified = moment
    rdf = metadata.generate_rdf_metadata
    metadata.generate_rdf_metadata = lambda *args: _with_pdfua(rdf(*args))


def _moment(day: date) -> str:
    if isinstance(day, datetime):
        return day.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{day.isoformat()}T00:00:00Z"


def _with_pdfua(rdf: bytes) -> bytes:
    """Adds PDF/UA-1 to the XMP, with the extension schema PDF/A asks for any property it does not know (ISO 19005-3, 6.6.2.3)."""
    root = fromstring(rdf)
    identification = SubElement(root, f"{{{RDF}}}Description", {f"{{{RDF}}}about": ""})
    SubElement(identification, f"{{{PDFUAID}}}part").text = "1"
    described = SubElement(root, f"{{{RDF}}}Description", {f"{{{RDF}}}about": ""})
    schema = _one_of(SubElement(described, f"{{{EXTENSION}}}schemas"), "Bag")
    for name, value in (("schema", "PDF/UA identification"), ("namespaceURI", PDFUAID), ("prefix", "pdfuaid")):
        SubElement(schema, f"{{{SCHEMA}}}{name}").text = value
    part = _one_of(SubElement(schema, f"{{{SCHEMA}}}property"), "Seq")
    for name, value in (
        ("name", "part"),
        ("valueType", "Integer"),
        ("category", "internal"),
        ("description", "Part of ISO 14289"),
    ):
        SubElement(part, f"{{{PROPERTY}}}{name}").text = value
    xmp: bytes = tostring(root, encoding="utf-8")
    return xmp


def _one_of(parent: Element, kind: str) -> Element:
    return SubElement(SubElement(parent, f"{{{RDF}}}{kind}"), f"{{{RDF}}}li", {f"{{{RDF}}}parseType": "Resource"})


def _finish(document: Any, pdf: pydyf.PDF) -> None:
    """What WeasyPrint leaves out and checkers ask for: scope of headers, printed annotations that say where they lead, page labels."""
    by_reference = {obj.reference: obj for obj in pdf.objects if isinstance(obj, pydyf.Dictionary)}
    for obj in by_reference.values():
        if obj.get("S") == "/TH":
            obj.setdefault("A", pydyf.Dictionary({"O": "/Table"}))["Scope"] = _scope(obj, by_reference)
        if obj.get("Type") == "/Annot":
            obj["F"] = 4
    pdf.catalog["PageLabels"] = pydyf.Dictionary({"Nums": pydyf.Array([0, pydyf.Dictionary({"S": "/D"})])})


def _scope(header: pydyf.Dictionary, by_reference: dict[bytes, pydyf.Dictionary]) -> str:
    row = by_reference[header["P"]]
    group = by_reference.get(row["P"], {})
    return "/Column" if group.get("S") == "/THead" else "/Row"
