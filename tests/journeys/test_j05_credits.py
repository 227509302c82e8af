"""The money of Saint-Étienne Métropole: an authorisation opened, revised, seen as it was; two officers on it at once."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.test_j00_main_job import expect_no_sideways_scroll, follow_job, open_from_menu, part

AP = "Autorisation de programme, investissement"
OPENED = "Délibération n° CC/2016.00254 du 30 juin 2016"
REVISED = "Délibération synthétique de révision"
SPLIT = ("322 222,22", "966 666,67", "644 444,44")


def open_plan_page(page: Page, tab: str) -> None:
    open_from_menu(page, "Autorisations et crédits")
    page.get_by_role("row", name=AP).get_by_role("link", name="Vers une École Numérique 2016-2019").click()
    page.get_by_role("navigation", name="Rubriques").get_by_role("link", name=tab, exact=True).click()


def decide(page: Page, on: str, act: str, reason: str = "") -> None:
    page.get_by_label("Votée le").fill(on)
    page.get_by_label("Délibération").fill(act)
    page.get_by_label(re.compile("^Motif")).fill(reason)


def left(page: Page) -> Locator:
    return page.locator("[data-left]")


def spaced(text: str) -> re.Pattern[str]:
    """Amounts are written with narrow spaces that never break."""
    return re.compile(re.escape(text).replace("\\ ", r"\s"))


def test_three_school_years_fall_on_four_exercises(page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("finance")
    open_plan_page(page, "Calendriers")
    main = page.get_by_role("main")
    expect(main).to_contain_text("Proposition de l'application, pas de la source")
    table = page.get_by_role("region", name=f"{AP} : répartition proposée")
    for year in ("2016-2017", "2017-2018", "2018-2019"):
        expect(table.get_by_role("rowheader", name=year)).to_be_visible()
    expect(table.get_by_role("columnheader")).to_have_text(["Année scolaire", "2016", "2017", "2018", "2019", "Total"])
    expect(table.get_by_role("row", name="Proposé")).to_contain_text(spaced("2 900 000,00"))
    expect_no_sideways_scroll(page)


def test_authorisation_from_its_opening_to_a_second_officer(
    page: Page, sign_in: Callable[[str], None], browser: Browser, cookies_of: Callable[[str], Path]
) -> None:
    sign_in("finance")
    open_from_menu(page, "Autorisations et crédits")
    page.get_by_role("main").get_by_role("link", name=AP, exact=True).click()
    address = page.url
    main = page.get_by_role("main")
    expect(main).to_contain_text("Annoncée, non votée")
    open_it(page)
    for figure in SPLIT:
        expect(part(page, "Crédits de paiement par exercice")).to_contain_text(spaced(figure))
    revise_while_another_does(page, browser, cookies_of("administrator"), address)
    page.goto(f"{address}?au=2016-12-31")
    expect(main).to_contain_text("État au 31 décembre 2016")
    expect(main).to_contain_text("Ouverte, version 1")
    expect(main).not_to_contain_text(REVISED)
    expect(main).not_to_contain_text(spaced("3 000 000,00"))
    expect_no_sideways_scroll(page)
    table_as_pdf(page)


def open_it(page: Page) -> None:
    page.get_by_role("link", name="Ouvrir l'autorisation").click()
    expect(page.get_by_label("Autorisation de programme")).to_have_value("2900000,00")
    page.get_by_role("button", name="Par année scolaire").click()
    expect(page.locator("form .note")).to_contain_text("une proposition")
    expect(left(page)).to_have_text(spaced("0,00 €"))
    page.get_by_label("2019", exact=True).fill("644 444,45")
    expect(left(page)).to_have_text(spaced("-0,01 €"))
    page.get_by_label("2019", exact=True).fill("644 444,44")
    decide(page, "2016-06-30", OPENED)
    page.get_by_role("button", name="Enregistrer le vote").last.click()
    expect(page.get_by_role("main")).to_contain_text("Ouverte, version 1")


def revise_while_another_does(page: Page, browser: Browser, administrator: Path, address: str) -> None:
    """The administrator opens the form first and sends it last: told, with the typed values kept, then free to vote on the new version."""
    context = browser.new_context(locale="fr-FR", storage_state=administrator)
    other = context.new_page()
    other.goto(f"{address}voter/")
    other.get_by_label("2018", exact=True).fill("1 066 666,67")
    other.get_by_label("Autorisation de programme").fill("3 000 000,00")
    decide(other, "2018-06-28", "Délibération de l'administrateur", "Câblage de seize écoles")

    page.get_by_role("link", name="Réviser").click()
    page.get_by_label("Autorisation de programme").fill("3 000 000,00")
    page.get_by_label("2019", exact=True).fill("744 444,44")
    decide(page, "2018-06-28", REVISED, "Seize écoles de plus")
    page.get_by_role("button", name="Enregistrer le vote").last.click()
    expect(page.get_by_role("main")).to_contain_text("Ouverte, version 2")

    other.get_by_role("button", name="Enregistrer le vote").last.click()
    told = other.get_by_role("alert")
    expect(told).to_contain_text("Entre-temps")
    expect(told).to_contain_text(REVISED)
    expect(other.get_by_label("Délibération")).to_have_value("Délibération de l'administrateur")
    expect(other.get_by_label("2018", exact=True)).to_have_value("1 066 666,67")
    context.close()


def table_as_pdf(page: Page) -> None:
    open_plan_page(page, "Crédits")
    page.get_by_role("button", name="Établir le PDF").click()
    follow_job(page)
    link = page.locator(".progress").get_by_role("link", name=re.compile("Tableau des AP.CP"))
    answer = page.request.get(link.get_attribute("href") or "")
    assert (answer.status, answer.body()[:4]) == (200, b"%PDF")
