"""What we can check of PDF/A-3a and PDF/UA-1 without veraPDF (not obtainable offline): `problems(pdf)` is empty for a good file.

A green result is not a certificate: libraries.md, sections 5 and 10."""

import io
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pdfua
import pikepdf

HEADING = re.compile(r"/H([1-6])")


def problems(content: bytes) -> list[str]:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        found = [*_document(pdf), *_metadata(pdf), *_structure(pdf), *_fonts(pdf), *_pages(pdf)]
    return [*found, *_pdfua(content), *_qpdf(content)]


def _document(pdf: pikepdf.Pdf) -> Iterator[str]:
    root = pdf.Root
    if str(root.get("/Lang", "")) not in {"fr", "fr-FR"}:
        yield "langue absente"
    if not root.get("/MarkInfo", {}).get("/Marked", False):
        yield "document non marqué"
    if not root.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False):
        yield "le titre n'est pas affiché"
    if not str(pdf.docinfo.get("/Title", "")).strip():
        yield "titre absent"
    if "/OutputIntents" not in root:
        yield "profil de sortie absent"
    if "/PageLabels" not in root:
        yield "numéros de page absents"
    if "/Outlines" not in root or "/First" not in root.Outlines:
        yield "signets absents"
    if "/Encrypt" in pdf.trailer:
        yield "fichier chiffré"


def _metadata(pdf: pikepdf.Pdf) -> Iterator[str]:
    with pdf.open_metadata() as xmp:
        if xmp.get("pdfuaid:part") != "1":
            yield "identification PDF/UA-1 absente"
        if (xmp.get("pdfaid:part"), xmp.get("pdfaid:conformance")) != ("3", "A"):
            yield "identification PDF/A-3a absente"
        if xmp.get("dc:title") != str(pdf.docinfo.get("/Title", "")):
            yield "le titre diffère entre XMP et informations"
    raw = pdf.Root.Metadata.read_bytes()
    if b"pdfaExtension" not in raw or b"pdfuaid" not in raw:
        yield "schéma d'extension XMP absent"


def elements(node: Any) -> Iterator[Any]:
    """Structure elements in reading order."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from elements(child)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node.K)


def _structure(pdf: pikepdf.Pdf) -> Iterator[str]:
    if "/StructTreeRoot" not in pdf.Root:
        yield "structure absente"
        return
    level = 0
    for element in elements(pdf.Root.StructTreeRoot.K):
        name = str(element.S)
        if name == "/Figure" and not str(element.get("/Alt", "")).strip():
            yield "figure sans alternative"
        if name == "/TH" and str(element.get("/A", {}).get("/Scope", "")) not in {"/Column", "/Row"}:
            yield "en-tête de tableau sans portée"
        if name == "/Table" and not any(str(e.S) in {"/TD", "/TH"} for e in elements(element.get("/K"))):
            yield "tableau vide"
        if match := HEADING.fullmatch(name):
            if int(match[1]) > level + 1:
                yield f"titre de niveau {match[1]} après un niveau {level}"
            level = int(match[1])


def _fonts(pdf: pikepdf.Pdf) -> Iterator[str]:
    for font in _font_dictionaries(pdf):
        name = str(font.get("/BaseFont"))
        if "/ToUnicode" not in font:
            yield f"police {name} sans correspondance Unicode"
        for descendant in font.get("/DescendantFonts", []):
            descriptor = descendant.get("/FontDescriptor", {})
            if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor.keys()):
                yield f"police {name} non incorporée"


def _font_dictionaries(pdf: pikepdf.Pdf) -> Iterator[Any]:
    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font" and item.get("/Subtype") == "/Type0":
            yield item


def font_names(content: bytes) -> set[str]:
    """Families embedded, without the subset prefix."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return {str(font.BaseFont).split("+")[-1] for font in _font_dictionaries(pdf)}


def _pages(pdf: pikepdf.Pdf) -> Iterator[str]:
    for rank, page in enumerate(pdf.pages, start=1):
        if page.obj.get("/Tabs") != "/S":
            yield f"page {rank} : ordre de tabulation absent"
        for annotation in page.obj.get("/Annots", []):
            if int(annotation.get("/F", 0)) != 4:
                yield f"page {rank} : annotation non imprimable"
            if annotation.get("/Subtype") == "/Link" and not str(annotation.get("/Contents", "")):
                yield f"page {rank} : lien sans libellé"


def _pdfua(content: bytes) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.pdf"
        path.write_bytes(content)
        report = pdfua.validate(str(path))
    for finding in report.findings:
        yield f"pdfua {finding.rule_id} : {finding.message}"


def _qpdf(content: bytes) -> Iterator[str]:
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(content)
        file.flush()
        done = subprocess.run(["qpdf", "--check", file.name], capture_output=True, check=False)
    if done.returncode:
        yield f"qpdf : {(done.stderr or done.stdout).decode(errors='replace').strip()}"
