"""J4, the end of it: Metz with the State at 17.5 % against 25 %, on the page, in the workbook and on paper."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.test_j00_main_job import (
    METZ,
    WIDTHS,
    choose_authority,
    expect_chart_with_its_table,
    expect_figures,
    expect_no_sideways_scroll,
    fetch,
    follow_job,
    open_from_menu,
    part,
    tab_to,
    text_of,
)

OWN_SHARES = ("615 434,84", "512 862,37")
AT_17_5, AT_25 = "Hypothèse État 17,5 %", "Hypothèse État 25 %"


def tick(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("checkbox", name=f"Comparer {name}", exact=True).check()
    page.get_by_role("button", name="Comparer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Comparer des scénarios")


@pytest.mark.parametrize("width", WIDTHS)
def test_metz_side_by_side(page: Page, sign_in: Callable[[str], None], tmp_path: Path, width: str) -> None:
    page.set_viewport_size(WIDTHS[width])
    sign_in("finance")
    choose_authority(page, METZ)
    open_from_menu(page, "Plans")
    page.get_by_role("main").get_by_role("link", name="École numérique").click()
    tick(page, AT_17_5, AT_25)

    expect_figures(part(page, "Les chiffres"), (*OWN_SHARES, "-102 572,47", "-7,5 points", "identique"))
    expect_figures(part(page, "Plans de financement"), ("239 335,78", "341 908,25", *OWN_SHARES))
    expect(part(page, "Ce qui diffère dans les données")).to_contain_text("25 % de la base")
    expect_chart_with_its_table(page)
    expect_no_sideways_scroll(page)
    assert Axe().run(page).response["violations"] == []

    page.get_by_role("link", name=f"Prendre pour référence : {AT_25}").click()
    expect_figures(part(page, "Les chiffres"), ("+102 572,47", "+7,5 points"))
    part(page, "Les chiffres").get_by_role("link", name=re.compile("^1\\s641\\s159,60")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lignes du budget")
    page.go_back()

    page.get_by_role("button", name="Document PDF").click()
    follow_job(page)
    document = tmp_path / "comparaison.pdf"
    document.write_bytes(fetch(page, page.locator(".progress").get_by_role("link", name=re.compile("Comparaison"))))
    said = text_of(document)
    assert [figure for figure in (METZ, AT_17_5, AT_25, *OWN_SHARES) if figure not in said] == []
    page.get_by_role("link", name="Voir le résultat").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Documents : École numérique")
    expect(page.get_by_role("main")).to_contain_text("Comparaison de scénarios")


def test_keyboard_alone_compares_from_the_list(page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("elected")
    page.goto("/scenarios/comparer/")
    for name in (AT_17_5, AT_25):
        tab_to(page, page.get_by_role("checkbox", name=f"Comparer {name}", exact=True))
        page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="Comparer", exact=True))
    page.keyboard.press("Enter")
    expect_figures(part(page, "Les chiffres"), OWN_SHARES)
    with page.expect_download() as download:
        page.get_by_text("Exporter").click()
        page.get_by_role("link", name="Excel (XLSX)").click()
    assert download.value.suggested_filename == "comparaison-de-scenarios.xlsx"
