"""J4 in a browser: a scenario built by the wizard, left and resumed, then placed on the board by keyboard, by mouse and under the cap."""

import re
from collections.abc import Callable
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.installation import Demo
from tests.journeys.test_j00_main_job import choose_authority, expect_no_sideways_scroll, follow_job

RENNES = "Rennes (données ouvertes, simulation)"
NAME = "Essai de l'assistant"
RULES = {"resultTypes": ["violations"]}


def figure(page: Page, label: str) -> Locator:
    return page.locator(".effect-figures div", has=page.get_by_text(label, exact=True)).locator("dd")


def go_on(page: Page, then: str) -> None:
    page.get_by_role("button", name="Enregistrer et continuer").click()
    expect(page.get_by_role("heading", level=2, name=then, exact=True)).to_be_visible()
    assert Axe().run(page, options=RULES).response["violations"] == []
    expect_no_sideways_scroll(page)


def build(page: Page) -> None:
    page.goto("/scenarios/")
    page.get_by_role("link", name="Ajouter un scénario").click()
    expect(page.get_by_label("Plan", exact=True).locator("option:checked")).to_contain_text("Rennes")
    page.get_by_label("Nom", exact=True).fill(NAME)
    page.get_by_label("Premier exercice").fill("2023")
    page.get_by_label("Dernier exercice").fill("2025")
    page.get_by_role("button", name="Commencer").click()
    expect(page.get_by_role("heading", level=2, name="Territoire")).to_be_visible()
    page.get_by_label("Celles qui répondent à des critères").check()
    page.get_by_label("Public", exact=True).check()
    expect(figure(page, "Écoles équipées")).to_contain_text("sur 77")
    go_on(page, "Dotation")
    page.get_by_label(re.compile("Saint-Étienne")).check()


def finish(page: Page) -> None:
    """The steps after the break."""
    page.get_by_label("Écoles les plus nombreuses d'abord").check()
    page.get_by_label(re.compile("Le plafond décide")).check()
    expect(figure(page, "Écoles équipées")).to_contain_text("77")
    uncapped = figure(page, "Coût TTC").inner_text()
    go_on(page, "Plafond")
    page.get_by_label("Le même chaque année").check()
    page.get_by_label("Plafond annuel TTC").fill("100 000")
    expect(page.locator(".effect-warning")).to_contain_text("est la première à ne pas entrer, en 2023")
    expect(figure(page, "Coût TTC")).not_to_have_text(uncapped)
    for step in ("Prix", "Services", "Financeurs", "Récapitulatif"):
        go_on(page, step)
    cost = figure(page, "Coût TTC").inner_text()
    page.get_by_role("button", name="Calculer").click()
    follow_job(page)
    page.get_by_role("link", name="Voir le résultat").click()
    expect(page.get_by_role("main")).to_contain_text(cost)


def column(page: Page, name: str) -> Locator:
    return page.locator(".board-column", has=page.get_by_role("heading", name=name, exact=True))


def test_wizard_left_and_resumed_then_the_board(page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("education")
    choose_authority(page, RENNES)
    build(page)
    page.get_by_role("button", name="Enregistrer et quitter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    page.get_by_role("link", name="Reprendre l'assistant").click()
    expect(page.get_by_role("heading", level=2, name="Stratégie")).to_be_visible()
    finish(page)

    page.get_by_role("link", name="Tableau", exact=True).click()
    assert Axe().run(page, options=RULES).response["violations"] == []
    expect(page.get_by_role("main")).to_contain_text("la première à ne pas tenir est")
    page.get_by_role("button", name="Remplir sous le plafond").click()
    page.get_by_role("dialog").get_by_role("button", name="Remplir sous le plafond").click()
    expect(page.get_by_role("main").get_by_role("status").first).to_contain_text(
        "écoles placées dans l'ordre des rangs"
    )
    expect(page.locator(".column-head .badge[data-tone=danger]")).to_have_count(0)
    move_by_keyboard(page)
    move_by_mouse(page)
    expect_no_sideways_scroll(page)


def test_two_authors_of_one_step(browser: Browser, demo: Demo, cookies_of: Callable[[str], Path]) -> None:
    """Contexts of their own, since the page looked at is a refusal (422)."""
    contexts = [
        browser.new_context(base_url=demo.address, storage_state=cookies_of(role), locale="fr-FR")
        for role in ("education", "administrator")
    ]
    mine, theirs = (context.new_page() for context in contexts)
    mine.goto("/scenarios/")
    mine.get_by_role("main").get_by_role("link", name=re.compile("^Par école, plafond annuel")).first.click()
    mine.locator("summary", has_text="Plus").click()
    mine.get_by_role("button", name="Dupliquer").click()  # other journeys use this scenario as it is
    expect(mine.get_by_role("main")).to_contain_text("La copie est un brouillon")
    scenario = re.match(r".*/scenarios/\d+/", mine.url)[0]  # type: ignore[index]
    for page, rate in ((mine, "3"), (theirs, "2,5")):
        page.goto(f"{scenario}assistant/prix/")
        page.get_by_label("Révision annuelle des prix").fill(rate)
    theirs.get_by_label("Échéancier de paiement").fill("60 ; 40")
    theirs.get_by_role("button", name="Enregistrer et quitter").click()
    expect(theirs.get_by_role("heading", level=2, name="Prix")).to_have_count(0)
    mine.get_by_role("button", name="Enregistrer et continuer").click()
    rows = mine.get_by_role("alert").locator("tbody tr")
    expect(rows).to_contain_text(["2,5", "60\u202f% ; 40"])
    expect(rows.first).to_contain_text("3\u202f%")
    expect(rows.last).to_contain_text("la valeur enregistrée est reprise")
    expect(mine.get_by_role("alert")).to_be_focused()
    for width in (1280, 390):
        mine.set_viewport_size({"width": width, "height": 900})
        assert Axe().run(mine, options=RULES).response["violations"] == []
        expect_no_sideways_scroll(mine)
    mine.get_by_role("button", name="Enregistrer ma version").click()
    expect(mine.get_by_role("heading", level=2, name="Services", exact=True)).to_be_visible()
    theirs.goto(mine.url.replace("services", "prix"))
    expect(theirs.get_by_label("Révision annuelle des prix")).to_have_value("3")
    expect(theirs.get_by_label("Échéancier de paiement")).to_have_value("60 ; 40")
    for context in contexts:
        context.close()


def move_by_keyboard(page: Page) -> None:
    """Out of the plan, back in, then refused where there is no room."""
    card = column(page, "2023").locator(".card").first
    name = card.get_by_role("link").inner_text()
    moved = page.locator(f"#{card.get_attribute('id')}")
    before = column(page, "2023").locator(".column-cost").inner_text()
    moved.get_by_role("link").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#dit")).to_contain_text(f"« {name} » est retirée du plan.")
    expect(column(page, "Non placées").locator(".card", has_text=name)).to_have_count(1)
    expect(moved.get_by_role("link")).to_be_focused()
    expect(column(page, "2023").locator(".column-cost")).not_to_have_text(before)
    page.keyboard.press("ArrowRight")
    expect(page.locator("#dit")).to_contain_text(f"« {name} » est placée en 2023.")
    expect(column(page, "2023").locator(".column-cost")).to_have_text(before)
    page.keyboard.press("ArrowRight")
    expect(page.locator("#dit")).to_contain_text("Ne tient pas sous le plafond.")
    expect(column(page, "2023").locator(".card", has_text=name)).to_have_count(1)
    page.reload()
    expect(column(page, "2023").locator(".card", has_text=name)).to_have_count(1)


def move_by_mouse(page: Page) -> None:
    card = column(page, "2024").locator(".card").first
    moved = f"#{card.get_attribute('id')}"
    name = card.get_by_role("link").inner_text()
    card.drag_to(column(page, "Non placées").locator(".column-head"))
    expect(page.locator("#dit")).to_contain_text(f"« {name} » est retirée du plan.")
    expect(column(page, "Non placées").locator(moved)).to_have_count(1)
    page.reload()
    expect(column(page, "Non placées").locator(moved)).to_have_count(1)
    page.locator(moved).get_by_role("link").click()
    page.get_by_label("Vers").select_option(label="2024")
    page.get_by_role("button", name="Déplacer").click()
    expect(column(page, "2024").locator(moved)).to_have_count(1)


def test_board_works_without_script(page: Page, sign_in: Callable[[str], None]) -> None:
    """The same form, sent by the browser; nothing is placed at the end that was not before."""
    sign_in("education")
    choose_authority(page, RENNES)
    page.goto("/scenarios/")
    page.get_by_role("main").get_by_role("link", name=re.compile("^Par école, plafond annuel")).first.click()
    page.get_by_role("link", name="Tableau", exact=True).click()
    address = page.url
    first = column(page, "2023").locator(".card").first.get_attribute("id") or ""
    sent = page.locator("[data-board-move] input[name=csrfmiddlewaretoken]").input_value()
    answer = page.request.post(
        f"{address}placer/",
        form={"school": first[1:], "exercise": "2023", "csrfmiddlewaretoken": sent},
        headers={"Referer": address},
    )
    assert answer.status == 200
    assert "est placée en 2023" in answer.text()
