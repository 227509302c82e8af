"""From a scenario to its programme: adopted, conducted phase by phase, amended with a reason; the others stay readable (AC4)."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.test_j00_main_job import (
    choose_authority,
    expect_chart_with_its_table,
    expect_no_sideways_scroll,
    follow_job,
    open_from_menu,
    open_scenario,
    part,
    tab_to,
)

RENNES = "Rennes (données ouvertes, simulation)"
BY_SCHOOL = "Par école, plafond annuel (simulation)"
BY_LEVEL = "Par niveaux, sur quatre exercices (simulation)"
TOTAL = re.compile("505.444,80")
REASON = "Deux écoles de plus avant la rentrée."


def act(page: Page, verb: str, button: str) -> None:
    """An action whose page asks for a day, kept as proposed."""
    page.get_by_role("link", name=verb, exact=True).click()
    page.get_by_role("button", name=button).click()


def open_phase(page: Page, exercise: str) -> None:
    part(page, "Prévu et réalisé, par exercice").get_by_role("link", name=exercise, exact=True).first.click()


def test_rennes_adopts_conducts_and_amends_its_programme(page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("education")
    choose_authority(page, RENNES)
    open_from_menu(page, "Programmes")
    expect(page.get_by_role("main")).to_contain_text("Aucun plan n'a encore de programme")
    open_from_menu(page, "Scénarios")
    open_scenario(page, BY_SCHOOL)
    former = page.url

    adopt = page.get_by_role("link", name="Arrêter ce programme")
    tab_to(page, adopt)
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Phases créées : 2023, 2024, 2025, 2026")
    tab_to(page, page.get_by_role("button", name="Arrêter le programme"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Programme :")
    programme = page.url
    expect(part(page, "Version en vigueur")).to_contain_text("Programme initial")
    expect(part(page, "Prévu et réalisé, par exercice").locator("tfoot").last).to_contain_text(TOTAL)
    expect_chart_with_its_table(page)
    expect_no_sideways_scroll(page)

    expect_phase_conducted(page)
    page.goto(programme)
    expect(page.get_by_role("main").locator(".tiles")).to_contain_text("1 sur 4")
    expect_amended(page, former)


def expect_phase_conducted(page: Page) -> None:
    open_phase(page, "2023")
    act(page, "Commencer la phase", "Commencer la phase")
    expect(page.locator(".page-head")).to_contain_text("En cours")
    page.get_by_role("link", name="Noter des écoles équipées").click()
    boxes = page.get_by_role("group", name="Écoles équipées").get_by_role("checkbox")
    expect(boxes.nth(2)).to_be_visible()
    count = boxes.count()
    for rank in range(count):
        boxes.nth(rank).check()
    page.get_by_role("button", name="Noter ces écoles équipées").click()
    equipped = part(page, "Écoles équipées")
    expect(equipped.locator("tbody tr")).to_have_count(count)
    equipped.get_by_role("link", name=re.compile("^Supprimer")).first.click()
    page.get_by_role("button", name="Supprimer").click()
    expect(equipped.locator("tbody tr")).to_have_count(count - 1)
    expect(part(page, "Écoles prévues, pas encore équipées").locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Achever la phase").click()
    expect(page.get_by_role("main")).to_contain_text("1 école prévue dans cette phase")
    page.get_by_role("button", name="Achever la phase").click()
    expect(page.locator(".page-head")).to_contain_text("Achevée")
    expect(page.get_by_role("link", name="Noter des écoles équipées")).to_have_count(0)


def expect_amended(page: Page, former: str) -> None:
    programme = page.url
    page.get_by_role("button", name="Préparer un avenant").click()
    name = f"Avenant n° 1 : {BY_SCHOOL}"
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.get_by_role("button", name="Calculer").click()
    follow_job(page)
    page.get_by_role("link", name="Voir le résultat").click()
    page.get_by_role("link", name="Arrêter ce programme").click()
    expect(page.get_by_role("main")).to_contain_text("Ni les écoles ni les montants ne changent.")
    page.get_by_label("Motif de l'avenant").fill(REASON)
    page.get_by_role("button", name="Arrêter l'avenant n° 1").click()
    page.wait_for_url(programme)
    versions = part(page, "Versions")
    expect(versions).to_contain_text(REASON)
    expect(versions.get_by_role("listitem").filter(has_text="Programme initial")).to_have_count(1)
    expect_no_sideways_scroll(page)

    page.goto(former)
    expect(page.locator(".page-head")).to_contain_text("Archivé")
    expect(page.get_by_role("main")).to_contain_text(TOTAL)
    open_from_menu(page, "Scénarios")
    open_scenario(page, BY_LEVEL)
    expect(page.locator(".page-head")).to_contain_text("Calculé")
    refuse_rewriting(page)


def refuse_rewriting(page: Page) -> None:
    """The other scenario would change the exercise that is done: it is told so, and nothing can be sent."""
    page.get_by_role("link", name="Arrêter ce programme").click()
    expect(page.get_by_role("alert").first).to_contain_text("Ce qui est achevé ne se réécrit pas")
    expect(page.get_by_role("button", name=re.compile("^Arrêter l'avenant"))).to_have_count(0)


def test_what_is_to_renew_is_read_by_an_elected_member(page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("elected")
    choose_authority(page, RENNES)
    open_from_menu(page, "À renouveler")
    expect(page.get_by_role("main")).to_contain_text("prix du jour")
    expect_no_sideways_scroll(page)
