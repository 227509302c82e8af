"""J4 in a browser: a better order of entry under the cap, what it gains, and the variant made of it; the human order stays."""

import re
from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.test_j00_main_job import choose_authority, expect_no_sideways_scroll, follow_job, part

RENNES = "Rennes (données ouvertes, simulation)"
CAPPED = "Par école, plafond annuel (simulation)"
TIGHT = "Plafond serré (simulation)"
RULES = {"resultTypes": ["violations"]}


def expect_sound(page: Page) -> None:
    assert Axe().run(page, options=RULES).response["violations"] == []
    expect_no_sideways_scroll(page)


def from_menu(page: Page, label: str) -> None:
    page.locator("summary", has_text="Plus").click()
    page.get_by_role("link", name=label, exact=True).click()


def expect_followed(page: Page) -> None:
    """The table says the end of the search, aloud too, and the form is back, without the page being loaded again."""
    expect(part(page, "Propositions").locator("tbody tr").first).to_contain_text("Terminé")
    expect(part(page, "Propositions")).not_to_contain_text("En cours")
    expect(page.locator("#propositions-dites")).to_contain_text("Propositions à jour. N° 1 : Terminé")
    expect(page.get_by_role("button", name="Chercher un meilleur ordre")).to_be_visible()
    assert page.evaluate("window.stayed")


def choose_points(page: Page) -> None:
    """Others, the defaults again, others at last."""
    page.get_by_label("École en REP+").fill("60")
    page.get_by_role("button", name="Points par défaut").click()
    expect(page.get_by_role("status").filter(has_text="Les points par défaut sont remis")).to_be_focused()
    expect_sound(page)
    expect(page.get_by_label("École en REP+")).to_have_value("10")
    page.get_by_label("École en REP+").fill("30")


def search(page: Page, objective: str) -> None:
    page.get_by_label(objective).check()
    page.get_by_label("Durée au plus").fill("30")
    page.get_by_role("button", name="Chercher un meilleur ordre").click()
    page.locator(".progress").wait_for()
    page.evaluate("window.stayed = true")
    follow_job(page)
    expect_followed(page)
    page.get_by_role("link", name="Voir le résultat").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Optimisation n° 1")


def open_capped(page: Page) -> None:
    page.goto("/scenarios/")
    page.get_by_role("main").get_by_role("link", name=CAPPED, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(CAPPED)


def cents(text: str) -> int:
    return int(re.sub(r"[^0-9-]", "", text))


def expect_under_the_caps(page: Page) -> None:
    rows = part(page, "Par exercice").locator("table").last.locator("tbody tr")
    expect(rows).to_have_count(4)
    for row in rows.all():
        _, cap, ranked, _, proposed, left = row.locator("th, td").all_inner_texts()
        assert max(cents(ranked), cents(proposed)) <= cents(cap)
        assert cents(left) == cents(cap) - cents(proposed)


def export_the_moved(page: Page) -> None:
    """The list of the schools that move, on a phone."""
    page.set_viewport_size({"width": 390, "height": 844})
    expect_no_sideways_scroll(page)
    part(page, "Écoles dont la place change").get_by_role("link", name=re.compile("à trier et exporter")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Écoles de la proposition")
    expect(page.get_by_role("list", name="Filtres actifs")).to_contain_text("Change de place")
    expect_no_sideways_scroll(page)
    answer = page.request.get(f"{page.url}&format=xlsx")
    assert (answer.status, answer.body()[:2]) == (200, b"PK")


def test_rennes_is_equipped_earlier_in_another_order(page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("education")
    choose_authority(page, RENNES)
    open_capped(page)
    from_menu(page, "Optimiser")
    expect(page.get_by_role("main")).to_contain_text("aucun texte ne les fixe")
    expect_sound(page)
    search(page, "Le plus d'élèves")
    main = page.get_by_role("main")
    expect(main).to_contain_text("Autant d'élèves que dans l'ordre de priorité")
    expect(main).to_contain_text("mais plus tôt")
    expect_under_the_caps(page)
    expect_sound(page)
    export_the_moved(page)


def test_equity_under_a_tight_cap_becomes_a_variant(page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("education")
    choose_authority(page, RENNES)
    open_capped(page)
    from_menu(page, "Varier")
    page.get_by_label("Nom", exact=True).fill(TIGHT)
    page.get_by_label(re.compile("Plafond annuel TTC")).fill("70 000")
    page.get_by_role("button", name="Créer la variante").click()
    page.get_by_role("link", name="Tableau", exact=True).click()
    board = page.url
    page.get_by_role("link", name="Optimiser", exact=True).last.click()
    choose_points(page)
    search(page, "L'équité : QPV et REP, IPS faible, jamais équipées")
    main = page.get_by_role("main")
    expect(main).to_contain_text("+\u202f30 en REP+")
    expect(part(page, "Points de cette recherche")).to_contain_text(
        "30 points de plus par élève si l'école est en REP+."
    )
    expect(main).to_contain_text(re.compile(r"points d'équité contre .* dans l'ordre de priorité, soit \+"))
    expect_under_the_caps(page)
    proposed = part(page, "Par exercice").locator("tfoot td").nth(3).inner_text()
    expect_sound(page)
    page.get_by_role("button", name="Créer la variante").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("L'ordre de priorité, les plafonds et le scénario d'origine restent comme ils sont")
    dialog.get_by_role("button", name="Créer la variante").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{TIGHT} (optimisée : équité)")
    expect(main).to_contain_text("l'ordre de priorité n'a pas changé")
    expect(page.locator(".column-head .badge[data-tone=danger]")).to_have_count(0)

    page.get_by_role("button", name="Calculer").click()
    follow_job(page)
    page.get_by_role("link", name="Voir le résultat").click()
    expect(page.get_by_role("main")).to_contain_text(proposed)
    page.goto(board)
    expect(page.get_by_role("heading", level=1)).to_have_text(TIGHT)
    expect(
        page.locator(".board-column", has=page.get_by_role("heading", name="2023")).locator(".card").first
    ).to_contain_text("rang 1")
