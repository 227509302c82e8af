"""J2, from the ranking to the letters: it explains itself, moves with the equipment until the committee freezes it, and never after."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.journeys.conftest import PATIENCE, watch
from tests.journeys.installation import Demo
from tests.journeys.test_j00_main_job import expect_no_sideways_scroll, fetch, follow_job, open_from_menu, text_of
from tests.journeys.test_pages_accessible import violations

PARIS = ZoneInfo("Europe/Paris")

CALL = "Appel synthétique"
ONE, TWO, THREE, FOUR = (f"École synthétique {rank}" for rank in range(1, 5))


@pytest.fixture
def device(demo: Demo) -> str:
    """The page of the device of the first school."""
    code = "from tests.journeys import towns; print(*towns.ranking())"
    said = demo.site.manage("shell", "--verbosity", "0", "--command", code)
    return f"/parc/{said.split()[-1]}/"


@pytest.fixture
def opened(browser: Browser, demo: Demo, cookies_of: Callable[[str], Path]) -> Iterator[Callable[[str], Page]]:
    contexts: list[tuple[BrowserContext, list[str]]] = []

    def open_page(role: str) -> Page:
        context = browser.new_context(
            base_url=demo.address, storage_state=cookies_of(f"{role}-classement"), locale="fr-FR",
            timezone_id="Europe/Paris", viewport={"width": 1280, "height": 900},
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        contexts.append((context, watch(context, demo.address)))
        page = context.new_page()
        page.goto("/")
        return page

    yield open_page
    for context, problems in contexts:
        context.close()
        assert problems == []


def main(page: Page) -> Locator:
    return page.get_by_role("main")


def lines(page: Page) -> Locator:
    return main(page).get_by_role("table", name="Écoles par place").locator("> tbody > tr")


def line(page: Page, school: str) -> Locator:
    return lines(page).filter(has=page.locator(".ranking-school", has_text=school))


def expect_ranking(page: Page, *rows: tuple[str, str, str]) -> None:
    """(school, score, outcome) by place."""
    expect(lines(page)).to_have_count(len(rows))
    for place, (school, score, outcome) in enumerate(rows):
        row = lines(page).nth(place)
        expect(row).to_contain_text(school)
        expect(row.locator(".score > button")).to_contain_text(f"{score} sur 60,00")
        expect(row).to_contain_text(outcome)


def open_ranking(page: Page) -> str:
    open_from_menu(page, "Campagnes de candidatures", "Campagnes de candidatures")
    main(page).get_by_role("link", name=CALL).click()
    main(page).get_by_role("link", name=re.compile("[Cc]lassement")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Classement : {CALL}")
    return page.url


def explain(page: Page, school: str, *rows: tuple[str, ...]) -> None:
    """The panel of a score: each criterion with its value, what gives points, and the points."""
    line(page, school).locator(".score > button").click()
    panel = page.get_by_role("dialog", name=re.compile("points sur"))
    for words in rows:
        row = panel.get_by_role("row", name=re.compile(f"^{re.escape(words[0])}"))
        for text in words[1:]:
            expect(row).to_contain_text(text)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def change_year(page: Page, device: str, day: date) -> None:
    """On the page of the device, as whoever corrects the inventory does."""
    page.goto(device)
    main(page).get_by_role("link", name="Modifier").first.click()
    page.get_by_label(re.compile("^Acquis le")).fill(day.isoformat())
    page.get_by_role("button", name="Enregistrer").click()
    expect(main(page)).to_contain_text(f"{day:%d/%m/%Y}")


def accessible(page: Page) -> None:
    assert violations(page) == []
    expect_no_sideways_scroll(page)


def test_ranking_moves_until_the_committee_freezes_it_then_letters(
    opened: Callable[[str], Page], device: str, tmp_path: Path
) -> None:
    page, today = opened("education"), datetime.now(PARIS).date()
    ranking = open_ranking(page)
    tied = ((THREE, "10,00", "attente"), (FOUR, "10,00", "attente"))
    expect_ranking(page, (TWO, "52,00", "Retenue"), (ONE, "18,00", "attente"), *tied)
    expect(line(page, FOUR)).to_contain_text("Même score que la place")
    explain(
        page,
        ONE,
        ("Projet", "0 point à 0, 20 à 10", "90 %", "18,00"),
        ("Équipement ancien", "0,00"),
        ("Total", "18,00"),
    )
    shown = lines(page).all_inner_texts()
    page.reload()
    assert lines(page).all_inner_texts() == shown

    technician = opened("technician")
    change_year(technician, device, today - timedelta(days=3660))
    page.reload()
    expect_ranking(page, (ONE, "58,00", "Retenue"), (TWO, "52,00", "attente"), *tied)
    explain(page, ONE, ("Équipement ancien", "10,0", "40,00"))
    freeze(page)
    page.goto(ranking)
    expect(main(page)).to_contain_text("Liste arrêtée le")
    accessible(page)

    change_year(technician, device, today)
    page.reload()
    expect_ranking(page, (ONE, "58,00", "Retenue"), (TWO, "52,00", "attente"), *tied)
    explain(page, ONE, ("Équipement ancien", "10,0", "40,00"))
    make_letters(page)
    director_reads_the_answer(opened("school"), tmp_path)
    inspection_sees_its_district_only(opened("ien"), ranking)


def freeze(page: Page) -> None:
    """The list goes to the agenda of today's meeting; closing the meeting freezes it."""
    page.get_by_label("Réunion").select_option(index=0)
    accessible(page)
    page.get_by_role("button", name="Inscrire à l'ordre du jour").click()
    expect(main(page)).to_contain_text("Soumise au comité")
    main(page).locator(".note").get_by_role("link").first.click()
    expect(main(page)).to_contain_text(CALL)
    accessible(page)
    page.get_by_role("button", name="Ouvrir la réunion").click()
    page.get_by_role("button", name="Clore la réunion").click()
    expect(page.get_by_role("button", name="Clore la réunion")).to_have_count(0)


def make_letters(page: Page) -> None:
    page.get_by_role("button", name="Établir les courriers").click()
    follow_job(page)
    page.reload()
    expect(line(page, ONE).get_by_role("link", name=f"Lire le courrier de {ONE}")).to_be_visible()
    line(page, TWO).get_by_role("link", name=f"Motiver la réponse à {TWO}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Réponse à « {TWO} »")
    accessible(page)


def director_reads_the_answer(page: Page, folder: Path) -> None:
    page.goto("/notre-candidature/")
    accessible(page)
    letter = folder / "courrier.pdf"
    letter.write_bytes(fetch(page, main(page).get_by_role("link", name="Courrier de réponse")))
    text = text_of(letter)
    assert ONE in text
    assert "retenue" in text
    main(page).get_by_role("link", name="Suivre la candidature").click()
    expect(main(page)).to_contain_text("Retenue")
    accessible(page)


def inspection_sees_its_district_only(page: Page, ranking: str) -> None:
    page.goto(ranking)
    expect(lines(page)).to_have_count(1)
    expect(line(page, ONE)).to_be_visible()
    expect(main(page)).to_contain_text("L'école que vous suivez, à sa place parmi les 4 candidatures")
    expect(main(page)).not_to_contain_text(TWO)
    open_from_menu(page, "Candidatures")
    expect(main(page).locator("tbody tr")).to_have_count(1)
    expect(main(page).locator("tbody tr")).to_contain_text(ONE)
