"""J3, the diagnostic on a tablet: filled while the network drops, nothing lost; the other side fills its part; both sign."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, ViewportSize, expect

from tests.journeys.conftest import PATIENCE, fill_sign_in, watch
from tests.journeys.installation import Demo
from tests.journeys.test_j00_main_job import expect_no_sideways_scroll
from tests.journeys.test_pages_accessible import violations
from tests.live.conftest import eventually

TABLET, PHONE = ViewportSize(width=1024, height=768), ViewportSize(width=390, height=844)
# A network that drops, and the refusal that this journey asks for.
EXPECTED = re.compile("net::ERR|^422: .*/saisie/pedagogique/$|status of 422")

# Sent by the page that is opened again, or already by the one that is left, as the network comes back.
SENT = re.compile("^Tout est enregistré|réponses? sur 3 enregistrées?$")
KEPT = """async () => {
  const names = (await caches.keys()).filter((name) => name.startsWith("saisie-"));
  const kept = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).length));
  return kept.reduce((sum, count) => sum + count, 0);
}"""
ASKED = """() => new Set(performance.getEntriesByType("resource").map((each) => each.name).filter((name) => name.includes("/static/"))).size"""


@pytest.fixture
def diagnostic(demo: Demo) -> str:
    code = "from tests.journeys import surveyed; print(surveyed.add())"
    said = demo.site.manage("shell", "--verbosity", "0", "--command", code)
    return f"/diagnostics/{said.split()[-1]}/"


@pytest.fixture
def opened(browser: Browser, demo: Demo, cookies_of: Callable[[str], Path]) -> Iterator[Callable[[str], Page]]:
    """A tablet for each role; what fails for want of a network is expected, nothing else is."""
    contexts: list[tuple[BrowserContext, list[str]]] = []

    def open_page(role: str) -> Page:
        context = browser.new_context(
            base_url=demo.address, storage_state=cookies_of(role), locale="fr-FR", viewport=TABLET, has_touch=True
        )
        context.set_default_timeout(PATIENCE)
        contexts.append((context, watch(context, demo.address)))
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        return page

    yield open_page
    for context, problems in contexts:
        context.close()
        assert [each for each in problems if not EXPECTED.search(each)] == []


def picture() -> FilePayload:
    out = BytesIO()
    Image.effect_noise((900, 600), 60).save(out, "JPEG")
    return FilePayload(name="IMG_0042.jpg", mimeType="image/jpeg", buffer=out.getvalue())


def ready(page: Page) -> None:
    expect(page.locator("form[data-survey][data-ready]")).to_be_visible()


def confirm(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name=name).click()


def fill_offline(page: Page, diagnostic: str) -> None:
    page.goto(diagnostic)
    page.get_by_role("link", name="Remplir la partie technique").first.click()
    ready(page)
    assert violations(page) == []
    said = page.locator("[data-survey-status]")
    page.get_by_label("Classes câblées").fill("4")
    expect(said).to_contain_text("Tout est enregistré")
    page.context.set_offline(True)
    page.get_by_label(re.compile("^Interventions majeures")).fill("Câblage repris en 2019")
    page.get_by_role("radio", name="Non").check()
    page.get_by_label("Légende").fill("Baie du couloir")
    page.get_by_label("Photo", exact=True).set_input_files([picture()])
    expect(said).to_have_text("2 réponses et 1 photo en attente d'envoi")
    expect(page.locator("[data-photos] li")).to_contain_text("En attente d'envoi")
    assert violations(page) == []


def expect_nothing_lost(page: Page) -> None:
    """At the first opening what waited is sent; at the second, the server has it all."""
    page.context.set_offline(False)
    page.reload()
    ready(page)
    expect(page.locator("[data-survey-status]")).to_have_text(SENT)
    expect(page.locator("[data-photos] img")).to_have_attribute("alt", "Baie du couloir")
    page.reload()
    ready(page)
    expect(page.get_by_label(re.compile("^Interventions majeures"))).to_have_value("Câblage repris en 2019")
    expect(page.get_by_role("radio", name="Non")).to_be_checked()
    expect(page.get_by_label("Classes câblées")).to_have_value("4")
    expect(page.locator("[data-photos] li")).to_have_count(1)


def fill_pedagogical(page: Page, diagnostic: str) -> None:
    main, finish = page.get_by_role("main"), page.get_by_role("button", name="Terminer la partie pédagogique")
    page.goto(f"{diagnostic}saisie/technique/")
    expect(main).to_contain_text("Câblage repris en 2019")
    page.goto(f"{diagnostic}saisie/pedagogique/")
    ready(page)
    finish.click()
    expect(main).to_contain_text("1 réponse obligatoire manque")
    ready(page)
    page.get_by_role("radio", name="Oui").check()
    expect(page.locator("[data-survey-status]")).to_contain_text("Tout est enregistré")
    finish.click()
    expect(main).to_contain_text("La partie pédagogique est terminée.")


def test_a_diagnostic_filled_while_the_network_drops_then_signed(
    opened: Callable[[str], Page], diagnostic: str
) -> None:
    page = opened("technician")
    fill_offline(page, diagnostic)
    expect_nothing_lost(page)
    page.set_viewport_size(PHONE)
    assert violations(page) == []
    expect_no_sideways_scroll(page)
    page.set_viewport_size(TABLET)
    page.get_by_role("button", name="Terminer la partie technique").click()
    expect(page.get_by_role("main")).to_contain_text("La partie technique est terminée.")

    academy = opened("academy")
    fill_pedagogical(academy, diagnostic)
    confirm(academy, "Valider")
    expect(academy.get_by_role("main")).to_contain_text("Validation de la collectivité.")

    town = opened("education")
    town.goto(diagnostic)
    confirm(town, "Valider")
    expect(town.get_by_role("main")).to_contain_text("Le diagnostic est validé des deux côtés.")
    assert violations(town) == []
    expect_no_sideways_scroll(town)
    town.goto(f"{diagnostic}saisie/technique/")
    expect(town.get_by_role("main")).to_contain_text("ses réponses ne changent plus")
    expect(town.locator("form[data-survey]")).to_have_count(0)


def test_a_page_of_entry_opens_without_network_and_leaves_with_the_session(
    browser: Browser, demo: Demo, diagnostic: str
) -> None:
    context = browser.new_context(base_url=demo.address, locale="fr-FR", viewport=TABLET)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    fill_sign_in(page, demo, "technician")
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(f"{demo.address}/")
    page.goto(f"{diagnostic}saisie/technique/")
    ready(page)
    eventually(lambda: page.evaluate(KEPT) > page.evaluate(ASKED), "the page and its files are kept")
    context.set_offline(True)
    page.get_by_label("Classes câblées").fill("7")
    expect(page.locator("[data-survey-status]")).to_have_text("1 réponse en attente d'envoi")
    page.reload()
    ready(page)
    expect(page.get_by_label("Classes câblées")).to_have_value("7")
    context.set_offline(False)
    page.reload()
    ready(page)
    expect(page.locator("[data-survey-status]")).to_have_text(SENT)
    expect(page.get_by_label("Classes câblées")).to_have_value("7")
    page.goto("/compte/logout/")
    page.get_by_role("main").get_by_role("button").click()
    page.wait_for_url(re.compile("/compte/login/"))
    eventually(lambda: page.evaluate(KEPT) == 0, "nothing is kept once signed out")
    context.close()
