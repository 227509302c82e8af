import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string

from plan_numerique.documents import pdf
from plan_numerique.documents.charts import Figures, Look, Series, stacked_bars
from plan_numerique.documents.templatetags import report as tags
from tests.documents.pdf_checks import font_names, problems
from tests.documents.samples import lump_sum_report, town_report

SIMULATION = "Simulation : prix unitaires pris comme hypothèses"


def html_of(report: dict[str, Any]) -> str:
    return render_to_string("reports/governance/council_report.html", {"report": report})


def pdf_of(report: dict[str, Any]) -> bytes:
    return pdf.render(html_of(report), title=report["title"], date=report["date"], digest=report["digests"]["result"])


@pytest.mark.parametrize(
    "build", [lambda: town_report(schools=30, banner=SIMULATION), lump_sum_report], ids=["town", "lump"]
)
def test_report_is_a_sound_file(build: Any) -> None:
    content = pdf_of(build())
    assert problems(content) == []
    assert all(name.startswith(("Inter", "DejaVu-Sans")) for name in font_names(content))


def test_every_section_of_the_contents_exists() -> None:
    for report in (town_report(schools=10), lump_sum_report()):
        html = html_of(report)
        targets = re.findall(r'href="#([a-z-]+)"', html)
        assert targets
        assert all(f'id="{target}"' in html for target in targets)


def test_every_amount_of_the_context_is_printed() -> None:
    report = town_report(schools=30)
    html = html_of(report)
    amounts = [report["totals"]["ttc"], report["funding"]["own_share_ht"], report["net_cost"], report["fctva"]["total"]]
    amounts += [
        row[key]
        for name in ("by_exercise", "by_heading", "by_section", "by_account")
        for row in report[name]
        for key in ("ht", "vat", "ttc")
    ]
    amounts += [amount for grant in report["grants"] for amount in grant["by_exercise"]]
    amounts += [row["ttc"] for row in report["payment_credits"]]
    amounts += [school["ttc"] for year in report["schools_by_year"] for school in year["schools"]]
    assert [a for a in amounts if tags.amount(a) not in html] == []


def test_report_of_lump_sums_speaks_of_no_school() -> None:
    html = html_of(lump_sum_report())
    assert "école" not in html.replace("École numérique", "").lower()
    assert "2\u202f026" not in html


def test_banner_of_a_simulation_is_on_the_cover_and_in_the_running_head() -> None:
    html = html_of(town_report(schools=5, banner=SIMULATION))
    assert html.count(SIMULATION) == 3
    assert 'class="banner"' not in html_of(town_report(schools=5))


def test_hypotheses_and_severities_are_words() -> None:
    html = html_of(town_report(schools=5))
    assert html.count('class="hypothesis"') == 3
    assert all(f'<span class="severity">{word}.' in html for word in ("Erreur", "Attention", "Information"))


def test_texts_of_users_are_escaped() -> None:
    report = town_report(schools=5)
    report["authority"]["name"] = report["subtitle"] = "<script>alert(1)</script>"
    report["authority"]["accent"] = "red;} body{display:none}"
    html = html_of(report)
    assert "<script>" not in html
    assert "display:none" not in html


def test_colours_follow_the_accent() -> None:
    assert "--accent: #8a1c3b" in tags.report_colours("#8a1c3b")


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (tags.euros(None), "–"),
        (tags.amount(-1250), "-12,50"),
        (tags.percent(164_040), "16,404\u202f%"),
        (tags.count(19583), "19\u202f583"),
        (tags.count(None), "–"),
        (tags.year(2026), "2026"),
    ],
)
def test_figures_are_written_in_french(given: str, written: str) -> None:
    assert given == written


def test_first_of_a_month_is_written_in_french() -> None:
    report = town_report(schools=5)
    assert tags.long_day(report["date"].replace(day=1)) == "1er\u00a0novembre\u00a02026"


def test_wide_tables_are_cut_in_sheets() -> None:
    years = tuple(str(year) for year in range(2020, 2032))
    chart = stacked_bars(Figures("essai", "T", years, (Series("A", (100,) * 12), Series("B", (250,) * 12))), Look())
    sheets = tags.sheets(chart, 5)
    assert [len(sheet["columns"]) for sheet in sheets] == [5, 5, 2]
    assert sheets[0]["rows"][0] == ("A", ["1,00"] * 5, False)
    assert sheets[2]["rows"][2] == ("Total", ["3,50"] * 2, True)


def test_contents_give_the_page_of_each_part(tmp_path: Path) -> None:
    path = tmp_path / "rapport.pdf"
    path.write_bytes(pdf_of(lump_sum_report()))
    command = ["pdftotext", "-layout", "-f", "2", "-l", "2", str(path), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    pages = [int(number) for number in re.findall(r"\s{3,}(\d+)$", text, re.MULTILINE)]
    assert len(pages) == html_of(lump_sum_report()).count('href="#')
    assert pages == sorted(pages)
    assert pages[0] == 3
