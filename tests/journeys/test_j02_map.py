"""The schools as a list, on a map and by step, in the browser: one result, the keyboard, no request to another host."""

import re
from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from tests.journeys.installation import Demo

PHONE = {"width": 390, "height": 844}


def test_the_three_views_keep_the_search(page: Page, demo: Demo, sign_in: Callable[[str], None]) -> None:
    sign_in("education")
    page.goto("/ecoles/?q=maternelle+publique&sort=-name")
    total = page.get_by_role("status").filter(has_text="résultat").first.inner_text()
    for view in ("Carte", "Étapes", "Liste"):
        page.get_by_role("navigation", name="Rubriques").get_by_role("link", name=view).click()
        expect(page.get_by_role("searchbox")).to_have_value("maternelle publique")
        expect(page.get_by_role("status").filter(has_text="résultat").first).to_contain_text(total)
    assert page.url.endswith("/ecoles/?q=maternelle+publique&sort=-name")


def test_markers_by_keyboard(page: Page, demo: Demo, sign_in: Callable[[str], None]) -> None:
    sign_in("education")
    page.goto("/ecoles/carte/")
    expect(page.locator("[data-map-said]")).to_contain_text("dans la vue")
    bunch = page.get_by_role("button", name="agrandir").first
    bunch.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-map-said]")).to_contain_text("placées")
    expect(page.get_by_role("region", name="Carte des écoles")).to_be_focused()
    locate = page.get_by_role("button", name="Situer").first
    place = (locate.get_attribute("aria-label") or "").removeprefix("Situer ")
    name = place.rpartition(", ")[0]
    locate.focus()
    page.keyboard.press("Enter")
    card = page.locator(".leaflet-popup-content").get_by_role("link", name=name)
    expect(card).to_be_focused()
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    expect(page.locator(".pin:focus")).to_have_attribute("aria-label", re.compile(f"^{re.escape(place)}, "))
    page.keyboard.press("Enter")
    expect(card).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def test_the_legend_filters(page: Page, demo: Demo, sign_in: Callable[[str], None]) -> None:
    sign_in("education")
    page.goto("/ecoles/carte/")
    entry = page.locator(".legend a").first
    entry.click()
    expect(page.get_by_role("list", name="Filtres actifs")).to_contain_text("Étape")
    expect(page.locator(".legend [aria-current]")).to_have_count(1)
    page.locator(".legend [aria-current]").click()
    expect(page).to_have_url(f"{demo.address}/ecoles/carte/")


def test_without_script_the_list_is_the_page(browser: Browser, demo: Demo, cookies_of: Callable[[str], object]) -> None:
    context = browser.new_context(
        base_url=demo.address, storage_state=str(cookies_of("education")), java_script_enabled=False, viewport=PHONE
    )
    page = context.new_page()
    page.goto("/ecoles/carte/")
    expect(page.locator("#carte")).to_be_hidden()
    expect(page.locator(".step-group").first).to_be_visible()
    expect(page.get_by_role("button", name="Situer")).to_have_count(0)
    context.close()


def test_the_board_scrolls_on_a_phone(page: Page, demo: Demo, sign_in: Callable[[str], None]) -> None:
    sign_in("education")
    page.set_viewport_size(PHONE)
    page.goto("/ecoles/etapes/")
    board = page.get_by_role("region", name="Écoles par étape")
    last = board.get_by_role("heading", name="Évaluée")
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
