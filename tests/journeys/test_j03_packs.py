"""J3, from the diagnostic to the packs: proposed by the rules of Saint-Étienne Métropole, adjusted, set aside in the stock, signed by both
sides, and taken by a scenario."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.journeys.conftest import PATIENCE, watch
from tests.journeys.installation import Demo
from tests.journeys.test_j00_main_job import expect_no_sideways_scroll, open_from_menu
from tests.journeys.test_pages_accessible import violations

# The refusals that this journey asks for: a fourth volunteer, an adjustment without a reason.
EXPECTED = re.compile(r"^422: .*/diagnostics/\d+/(classes-volontaires|packs)/$|status of 422")
QUOTE = "« 1 pack « mutualisé » pour a maxima 3 classes volontaires »"
CLASSES = ("Classe 1 CP", "Classe 3 CE1", "Classe 8 CM2")


@pytest.fixture(scope="module")
def town(demo: Demo) -> dict[str, str]:
    """The pages of both diagnostics and of the scenario."""
    code = "from tests.journeys import towns; print(*towns.packs())"
    said = demo.site.manage("shell", "--verbosity", "0", "--command", code)
    school, maternelle, scenario = said.split()[-3:]
    return {
        "school": f"/diagnostics/{school}/",
        "maternelle": f"/diagnostics/{maternelle}/",
        "scenario": f"/scenarios/{scenario}/",
    }


@pytest.fixture
def opened(browser: Browser, demo: Demo, cookies_of: Callable[[str], Path]) -> Iterator[Callable[[str], Page]]:
    contexts: list[tuple[BrowserContext, list[str]]] = []

    def open_page(role: str) -> Page:
        context = browser.new_context(
            base_url=demo.address, storage_state=cookies_of(f"{role}-packs"), locale="fr-FR",
            timezone_id="Europe/Paris", viewport={"width": 1280, "height": 900},
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        contexts.append((context, watch(context, demo.address)))
        return context.new_page()

    yield open_page
    for context, problems in contexts:
        context.close()
        assert [each for each in problems if not EXPECTED.search(each)] == []


def main(page: Page) -> Locator:
    return page.get_by_role("main")


def accessible(page: Page) -> None:
    """On a phone, where a page is crowded; wide enough on a desk too."""
    page.set_viewport_size({"width": 390, "height": 900})
    assert violations(page) == []
    expect_no_sideways_scroll(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    expect_no_sideways_scroll(page)


def cells(page: Page, table: str, name: str) -> Locator:
    row = main(page).get_by_role("table", name=re.compile(f"^{table}")).get_by_role("row", name=re.compile(f"^{name}"))
    return row.locator("td")


def choose_volunteers(page: Page, *classes: str) -> None:
    for name in classes:
        page.get_by_role("checkbox", name=re.compile(f"^{name}")).check()
    page.get_by_role("button", name="Enregistrer").click()


def confirm(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name=name).click()


def test_from_volunteers_to_the_scenario(opened: Callable[[str], Page], town: dict[str, str]) -> None:
    page = opened("education")
    page.goto(town["school"])
    a_fourth_volunteer_is_refused(page)
    packs_are_proposed(page)
    an_adjustment_says_its_reason(page)
    the_stock_is_reserved(page)
    both_sides_sign(page, opened("academy"), town["school"])
    the_scenario_takes_it(page, town["scenario"])


def a_fourth_volunteer_is_refused(page: Page) -> None:
    main(page).get_by_role("link", name="Choisir les classes volontaires").click()
    choose_volunteers(page, *CLASSES, "Classe 5 CE2")
    for text in ("4 classes volontaires pour 3 au plus", QUOTE, "pack-mutualise", "Classe 8 CM2"):
        expect(main(page)).to_contain_text(text)
    accessible(page)
    page.get_by_role("checkbox", name=re.compile("^Classe 5 CE2")).uncheck()
    page.get_by_role("button", name="Enregistrer").click()
    expect(main(page)).to_contain_text("Les classes volontaires sont notées")


def packs_are_proposed(page: Page) -> None:
    page.get_by_role("link", name="Packs", exact=True).click()
    page.get_by_role("button", name="Proposer les packs selon les règles").click()
    for name, count in (("Pack « classe »", "8"), ("Pack « mutualisé »", "1")):
        expect(cells(page, "Packs proposés", name).nth(2)).to_have_text(count)
        expect(cells(page, "Packs proposés", name).nth(3)).to_have_text(count)
    expect(cells(page, "Packs proposés", "Pack « mutualisé »").nth(1)).to_contain_text(QUOTE)
    for name, count in (("Tablette 10 pouces", "6"), ("Poste informatique standardisé", "8")):
        expect(cells(page, "Articles", name).nth(0)).to_have_text(count)
    accessible(page)


def an_adjustment_says_its_reason(page: Page) -> None:
    row = main(page).get_by_role("table", name="Packs proposés").get_by_role("row", name=re.compile("^Pack « classe »"))
    row.locator("summary").click()
    row.get_by_label("Nombre retenu").fill("7")
    row.get_by_role("button", name="Enregistrer").click()
    expect(row).to_contain_text("motivé")
    expect(row.get_by_label("Nombre retenu")).to_have_value("7")
    accessible(page)
    row.get_by_label(re.compile("^Motif")).fill("Une salle sans mur libre")
    row.get_by_role("button", name="Enregistrer").click()
    expect(main(page)).to_contain_text("7 retenus")
    expect(cells(page, "Packs proposés", "Pack « classe »").nth(2)).to_have_text("8")
    expect(cells(page, "Packs proposés", "Pack « classe »").nth(3)).to_contain_text("Une salle sans mur libre")
    expect(cells(page, "Articles", "Poste informatique standardisé").nth(0)).to_have_text("7")


def the_stock_is_reserved(page: Page) -> None:
    """One by its name, the others at once; the device says for whom it is kept."""
    offer = main(page).locator("details", has_text="7 à acheter, 2 en stock")
    offer.locator("summary").click()
    offer.get_by_role("button", name="Réserver PC-REQUALIFIE-1").click()
    expect(main(page)).to_contain_text("« PC-REQUALIFIE-1 » est réservé")
    page.get_by_role("button", name="Réserver ce que le stock a de ces articles").click()
    expect(main(page)).to_contain_text("1 appareil réservé")
    computer = cells(page, "Articles", "Poste informatique standardisé")
    for place, count in enumerate(("7", "0", "7", "2", "5")):
        expect(computer.nth(place)).to_have_text(count)
    expect(main(page)).to_contain_text("Rien de libre en stock")
    accessible(page)
    packs = page.url
    open_from_menu(page, "Packs proposés")
    main(page).get_by_role("link", name="Réservations").click()
    row = main(page).locator("tbody tr", has_text="PC-REQUALIFIE-1")
    row.locator("a[href^='/reservations/']").click()
    expect(main(page)).to_contain_text("École synthétique 1")
    accessible(page)
    main(page).get_by_role("link", name="L'appareil").click()
    expect(main(page)).to_contain_text("Réservé pour")
    page.goto(packs)


def both_sides_sign(town: Page, academy: Page, diagnostic: str) -> None:
    academy.goto(f"{diagnostic}packs/")
    expect(academy.get_by_role("button", name="Recalculer")).to_have_count(0)
    academy.goto(diagnostic)
    confirm(academy, "Valider")
    expect(main(academy)).to_contain_text("L'Éducation nationale a validé le diagnostic.")
    town.reload()
    expect(main(town)).to_contain_text("L'Éducation nationale a validé le diagnostic")
    town.goto(diagnostic)
    confirm(town, "Valider")
    expect(main(town)).to_contain_text("Le diagnostic est validé des deux côtés.")
    town.get_by_role("link", name="Packs", exact=True).click()
    expect(main(town)).to_contain_text("il ne change plus")
    expect(main(town).get_by_text("Ajuster")).to_have_count(0)
    accessible(town)


def the_scenario_takes_it(page: Page, scenario: str) -> None:
    """What would change is seen before it is written."""
    page.goto(f"{scenario}donnees/")
    main(page).locator("summary", has_text="d'actions").click()
    main(page).get_by_role("link", name="Reprendre les diagnostics").click()
    page.get_by_label(re.compile("^Exercice d'entrée")).select_option(label="2027")
    page.get_by_role("button", name="Voir ce qui changerait").click()
    row = (
        main(page)
        .get_by_role("table", name=re.compile("^Écoles reprises"))
        .get_by_role("row", name=re.compile("^École"))
    )
    for text in ("École synthétique 1", "ajoutée", "2027", "+ Classe 1 CP, Classe 3 CE1, Classe 8 CM2"):
        expect(row.last).to_contain_text(text)
    accessible(page)
    page.get_by_role("button", name="Reprendre 1 école dans le scénario").click()
    expect(main(page)).to_contain_text("1 école reprise")
    expect(cells(page, "Périmètre", "École synthétique 1").last).to_be_visible()
    expect(main(page).get_by_role("row", name=re.compile("^2027"))).to_contain_text("École synthétique 1")
    expect(main(page)).to_contain_text("packs à acheter")


def test_a_maternelle_chooses_between_the_projector_and_the_tablets(
    opened: Callable[[str], Page], town: dict[str, str]
) -> None:
    page = opened("education")
    page.goto(f"{town['maternelle']}classes-volontaires/")
    choose_volunteers(page, "Classe 1 PS", "Classe 2 MS", "Classe 3 GS")
    page.get_by_role("link", name="Packs", exact=True).click()
    page.get_by_role("button", name="Proposer les packs selon les règles").click()
    expect(main(page)).to_contain_text("Une règle laisse un choix à l'école")
    projector, tablets = "Équipement en « vidéo-projecteur »", "Pack « mutualisé » de tablettes 7 pouces"
    for name, count in ((projector, "1"), (tablets, "0")):
        expect(cells(page, "Packs proposés", name).nth(3)).to_contain_text(count)
    accessible(page)
    page.get_by_role("button", name=re.compile(f"^Choix de l'école : {tablets}")).click()
    for name, count in ((projector, "0"), (tablets, "1")):
        expect(cells(page, "Packs proposés", name).nth(3)).to_contain_text(count)
    expect(main(page)).not_to_contain_text("Une règle laisse un choix à l'école")
