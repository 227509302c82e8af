import hashlib
import io
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pikepdf
import pytest
import weasyprint

from plan_numerique.documents import pdf
from tests.documents.pdf_checks import font_names, problems

ROOT = Path(__file__).resolve().parents[2]
DIGEST = hashlib.sha256(b"contenu").hexdigest()
DAY = date(2026, 11, 22)
PAGE = """<!doctype html><html lang="fr"><head><title>x</title><link rel="stylesheet" href="static:/css/report.css"></head>
<body><h1>Titre</h1><h2>Partie</h2><p>Été à 1\u202f234,50\u202f€ <a href="https://example.org/">lien</a></p>
<table><caption>T</caption><thead><tr><th scope="col">A</th><th scope="col">B</th></tr></thead>
<tbody><tr><th scope="row">x</th><td>1</td></tr></tbody></table>%s</body></html>"""


def render(extra: str = "", **options: object) -> bytes:
    return pdf.render(PAGE % extra, **{"title": "Rapport", "date": DAY, "digest": DIGEST, **options})


def test_render_gives_a_tagged_archivable_accessible_file() -> None:
    assert problems(render()) == []


def test_checks_tell_a_plain_file_from_a_good_one() -> None:
    plain = weasyprint.HTML(string="<p>rien</p>").write_pdf()
    assert {"langue absente", "document non marqué", "titre absent", "structure absente"} <= set(problems(plain))


def test_checks_see_a_table_header_without_scope(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_finish", lambda document, file: None)
    assert "en-tête de tableau sans portée" in problems(render())


def test_checks_see_a_skipped_heading_and_a_picture_without_alternative() -> None:
    found = problems(render('<h4>Trop bas</h4><svg width="9" height="9"><rect width="9" height="9"/></svg>'))
    assert {"titre de niveau 4 après un niveau 2", "figure sans alternative"} <= set(found)


def test_only_inter_and_its_fallbacks_are_embedded() -> None:
    assert all(name.startswith(("Inter", "DejaVu-Sans")) for name in font_names(render()))


def test_metadata_says_the_given_date_and_digest_never_the_clock() -> None:
    at = datetime(2026, 3, 1, 10, 30, tzinfo=timezone(timedelta(hours=1)))
    with pikepdf.open(io.BytesIO(render(date=at))) as file:
        assert str(file.docinfo.CreationDate) == str(file.docinfo.ModDate) == "D:20260301093000Z"
        assert str(file.docinfo.Title) == "Rapport"
        identifier = [bytes(part) for part in file.trailer.ID]
        with file.open_metadata() as xmp:
            assert xmp["xmp:CreateDate"] == xmp["xmp:ModifyDate"] == "2026-03-01T09:30:00Z"
    assert identifier[0] == DIGEST[:32].encode()
    assert render(date=datetime(2026, 3, 1, 9, 30, tzinfo=UTC)) == render(date=at)


PROGRAM = """
import hashlib, sys, django
django.setup()
from django.template.loader import render_to_string
from plan_numerique.documents import pdf
from tests.documents.samples import lump_sum_report
report = lump_sum_report()
html = render_to_string("reports/governance/council_report.html", {"report": report})
content = pdf.render(html, title=report["title"], date=report["date"], digest=report["digests"]["result"])
sys.stdout.write(hashlib.sha256(content).hexdigest())
"""


def test_two_processes_write_the_same_bytes() -> None:
    digests = set()
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        digests.add(done.stdout)
    assert len(digests) == 1
    assert len(digests.pop()) == 64


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "http://127.0.0.1:1/x.png",
        "https://example.org/x.png",
        "ftp://example.org/x.png",
        "static:/../manage.py",
        "static:/css/../../manage.py",
        "static:/%2e%2e/%2e%2e/etc/passwd",
        "static:/css/..%2f..%2fmanage.py",
        "static:///etc/passwd",
        "static:/css\\..\\x.css",
        "static:/css/absent.css",
        "static:/js/app.js",
        "static:css/report.css",
        "data:text/html;base64,PGI+",
        "data:image/png,rien",
    ],
)
def test_fetcher_refuses_all_but_static_files_and_inline_pictures(address: str) -> None:
    with pytest.raises(pdf.PdfError):
        pdf.OnlyStatic().fetch(address)


def test_fetcher_reads_a_style_sheet() -> None:
    response = pdf.OnlyStatic().fetch("static:/css/report.css")
    assert response.content_type == "text/css"
    assert b"@page" in response.read()


@pytest.mark.parametrize(
    "extra",
    [
        '<link rel="attachment" href="file:///etc/passwd">',
        '<img src="file:///etc/passwd" alt="x">',
        '<img src="http://127.0.0.1:1/x.png" alt="x">',
        '<style>p { background: url("static:/../manage.py") }</style>',
        '<img src="data:image/png;base64,iVBO" alt="x">',
        '<img src="data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=">',
        '<svg width="9" height="9"><title>t</title><image href="file:///etc/hosts" width="9" height="9"/></svg>',
    ],
)
def test_html_that_cannot_be_whole_gives_no_pdf(extra: str) -> None:
    with pytest.raises(pdf.PdfError):
        render(extra)


@pytest.mark.parametrize("options", [{"title": " "}, {"digest": "abc"}, {"digest": "G" * 64}])
def test_title_and_digest_are_required(options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"titre|empreinte"):
        render(**options)
