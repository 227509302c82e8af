"""The main job, on the demonstration: from the sign-in to the PDF that the council reads."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.journeys.conftest import fill_sign_in
from tests.journeys.installation import Demo

METZ = "Ville de Metz"
STATE_AT_17_5 = "Hypothèse État 17,5 %"
ALL_AT_17_5 = ("1 367 633,00", "1 641 159,60", "273 526,60", "239 335,78", "615 434,84")
ALL_AT_25 = ("1 367 633,00", "1 641 159,60", "273 526,60", "341 908,25", "239 335,78", "512 862,37")
WIDTHS = {"desk": ViewportSize(width=1280, height=900), "phone": ViewportSize(width=390, height=844)}


def choose_authority(page: Page, name: str) -> None:
    page.locator("summary", has_text="Collectivité").click()
    page.get_by_label("Collectivité affichée").select_option(label=name)
    page.get_by_role("button", name="Afficher").click()
    expect(page.locator(".brand b")).to_have_text(name)


def open_from_menu(page: Page, label: str, heading: str = "") -> None:
    if page.viewport_size == WIDTHS["phone"]:
        page.get_by_role("button", name="Menu", exact=True).click()
    link = page.get_by_role("link", name=label, exact=True, include_hidden=True)
    section = page.locator("nav.sidebar details", has=link)
    if section.get_attribute("open") is None:
        section.locator("summary").click()
    section.locator(link).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(heading or label)


def open_scenario(page: Page, name: str) -> None:
    main = page.get_by_role("main")
    by_name, by_verb = (main.get_by_role("link", name=text, exact=True) for text in (name, f"Ouvrir {name}"))
    by_name.or_(by_verb).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def part(page: Page, heading: str) -> Locator:
    return page.locator("section", has=page.get_by_role("heading", name=heading, exact=True))


def expect_figures(place: Locator, figures: tuple[str, ...]) -> None:
    for figure in figures:
        expect(place).to_contain_text(figure)


def follow_job(page: Page) -> None:
    """What « Calculer » and « Rapport » show: a frame that moves by itself, then a way to the result."""
    frame = page.locator(".progress")
    expect(frame.get_by_role("progressbar").or_(frame.locator("a.btn").first).first).to_be_visible()
    expect(frame).to_contain_text("Terminée", timeout=120_000)


def fetch(page: Page, link: Locator) -> bytes:
    """The file behind a link, asked with the cookies of the page: a browser would open it in its own viewer."""
    answer = page.request.get(link.get_attribute("href") or "")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    return answer.body()


def text_of(pdf: Path) -> str:
    result = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True)
    return re.sub(r"\s+", " ", result.stdout)


def expect_no_sideways_scroll(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


@pytest.mark.parametrize("width", WIDTHS)
def test_metz_from_sign_in_to_the_pdf(page: Page, sign_in: Callable[[str], None], tmp_path: Path, width: str) -> None:
    page.set_viewport_size(WIDTHS[width])
    sign_in("finance")
    choose_authority(page, METZ)
    open_from_menu(page, "Plans")
    page.get_by_role("main").get_by_role("link", name="École numérique").click()
    open_scenario(page, STATE_AT_17_5)
    original = page.url
    expect_figures(page.get_by_role("main"), ALL_AT_17_5)

    page.get_by_role("button", name="Dupliquer").click()
    expect(page.get_by_role("main")).to_contain_text("La copie est un brouillon")
    part(page, "Financements attendus").get_by_role("link", name=re.compile("^Modifier État")).click()
    page.get_by_label(re.compile(r"^Taux \(facultatif\)$")).fill("25")
    page.get_by_role("button", name="Enregistrer").click()
    expect(part(page, "Financements attendus")).to_contain_text("25 %")
    page.get_by_role("link", name="Résultats").click()
    expect(page.get_by_role("main")).to_contain_text("Pas encore de chiffres")

    page.get_by_role("button", name="Calculer").click()
    follow_job(page)
    page.get_by_role("link", name="Voir le résultat").click()
    main = page.get_by_role("main")
    expect_figures(main, ALL_AT_25)
    expect(main).not_to_contain_text("615 434,84")
    expect_figures(part(page, "Montants annoncés et calculés"), ("1 641 160,00", "1 641 159,60", "0,40"))
    expect_chart_with_its_table(page)
    expect_no_sideways_scroll(page)

    page.get_by_role("button", name="Rapport pour le conseil").click()
    follow_job(page)
    report = tmp_path / "rapport.pdf"
    report.write_bytes(fetch(page, page.locator(".progress").get_by_role("link", name=re.compile("Rapport"))))
    expect_council_report(report)

    page.goto(original)
    expect_figures(page.get_by_role("main"), ALL_AT_17_5)
    expect(page.get_by_role("main")).not_to_contain_text("512 862,37")


def expect_chart_with_its_table(page: Page) -> None:
    charts = page.locator("figure:has(svg)")
    expect(charts.first).to_be_visible()
    for chart in charts.all():
        expect(chart.locator("svg title").first).not_to_be_empty()
        expect(chart.locator("table")).to_have_count(1)


def expect_council_report(report: Path) -> None:
    assert report.read_bytes().startswith(b"%PDF-")
    facts = subprocess.run(["pdfinfo", str(report)], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Tagged:\s+yes", facts)
    pages = int(re.search(r"Pages:\s+(\d+)", facts).group(1))  # type: ignore[union-attr]
    assert pages >= 4
    said = text_of(report)
    assert METZ in said
    assert [figure for figure in ALL_AT_25 if figure not in said] == []


def test_poitiers_shows_what_was_announced_beside_what_is_computed(page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("finance")
    choose_authority(page, "Ville de Poitiers")
    open_from_menu(page, "Scénarios")
    open_scenario(page, "Projet pilote ENT 2018 / 2019")
    expect_figures(page.get_by_role("main"), ("1 500,00", "1 800,00"))
    expect_figures(part(page, "Montants annoncés et calculés"), ("2 000,00", "1 800,00", "200,00"))


def test_rennes_says_everywhere_that_it_is_a_simulation(page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("finance")
    choose_authority(page, "Rennes (données ouvertes, simulation)")
    notice = page.get_by_role("main").get_by_role("note")
    for label in ("Écoles", "Besoin et existant", "Packs", "Articles et prix", "Règles de dotation", "Plans"):
        open_from_menu(page, label)
        expect(notice.first).to_contain_text(re.compile("simulation", re.IGNORECASE))
        assert notice.filter(has_text="Simulation sur données ouvertes").count() == 1
    page.get_by_role("main").get_by_role("link", name=re.compile("^Simulation")).click()
    for name in ("Par école, plafond annuel (simulation)", "Par niveaux, sur quatre exercices (simulation)"):
        back = page.url
        open_scenario(page, name)
        expect(notice.first).to_contain_text(re.compile("simulation", re.IGNORECASE))
        expect_no_sideways_scroll(page)
        page.goto(back)
    page.goto("/ecoles/?sector=public")
    expect(page.get_by_role("main").locator("[role=status] b").first).to_have_text("77")


def tab_to(page: Page, wanted: Locator, most: int = 120) -> None:
    """Press Tab until the focus is there, as someone without a mouse does."""
    for _ in range(most):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} not reached in {most} tabs")


def test_keyboard_alone_goes_from_sign_in_to_the_calculation(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.address}/compte/login/")
    tab_to(page, page.get_by_label("Courriel"))
    page.keyboard.type(demo.email("education"))
    tab_to(page, page.get_by_label("Mot de passe", exact=True))
    page.keyboard.type(demo.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bonjour")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"
    tab_to(page, page.get_by_role("main").get_by_role("link", name="Hypothèse État 25 %", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hypothèse État 25 %")
    tab_to(page, page.get_by_role("button", name="Calculer"))
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    follow_job(page)
    tab_to(page, page.get_by_role("link", name="Voir le résultat"))
    page.keyboard.press("Enter")
    expect_figures(page.get_by_role("main"), ALL_AT_25)


def test_wrong_password_is_refused_in_french_without_saying_why(page: Page, demo: Demo) -> None:
    fill_sign_in(page, demo, "finance")
    page.get_by_label("Mot de passe", exact=True).fill("pas le bon")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("main").get_by_role("alert")).to_contain_text(
        "L’adresse e-mail ou le mot de passe", use_inner_text=True
    )


def test_the_tab_of_the_page_is_in_view_on_a_phone(page: Page, sign_in: Callable[[str], None]) -> None:
    page.set_viewport_size(WIDTHS["phone"])
    sign_in("finance")
    choose_authority(page, METZ)
    open_from_menu(page, "Plans")
    page.get_by_role("main").get_by_role("link", name="École numérique").click()
    tabs = page.get_by_role("navigation", name="Rubriques")
    tabs.get_by_role("link", name="Documents").click()
    expect(tabs.locator("[aria-current]")).to_have_text("Documents")
    expect(tabs.locator("[aria-current]")).to_be_in_viewport(ratio=0.9)
