"""Each of the nine roles signs in, sees its own menu and nothing of a town where it has no role."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.installation import Demo

TOWN = [
    "Écoles",
    "Projets des écoles",
    "Équipement",
    "ENT",
    "Pilotage",
    "Finances",
    "Conseil",
    "Registre",
    "Administration",
]
MENUS = {
    "administrator": TOWN,
    "education": TOWN,
    "technician": TOWN,
    "finance": TOWN,
    "assembly": TOWN,
    "academy": TOWN,
    "elected": TOWN,
    "school": ["Écoles", "Projets des écoles", "Équipement", "ENT", "Administration"],
    "partner": ["Administration"],
}
SECTION_OF = {
    "schools": "Écoles",
    "equipment": "Équipement",
    "ent": "ENT",
    "governance": "Pilotage",
    "deliberations": "Conseil",
}
BY_API = (
    "schools:school_detail",
    "equipment:device_detail",
    "ent:subscription_detail",
    "governance:scenario_detail",
    "deliberations:act_detail",
)
ENTRIES = {
    "administrator": ["Imports", "Tâches", "Utilisateurs", "Rôles et droits", "Collectivités", "Journal"],
    "elected": ["Tâches", "Rôles et droits", "Collectivités"],
    "school": ["Tâches"],
    "partner": ["Tâches"],
}


@pytest.mark.parametrize("role", MENUS)
def test_role_lands_on_its_own_menu(page: Page, sign_in: Callable[[str], None], role: str) -> None:
    sign_in(role)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")
    menu = page.locator("nav.sidebar")
    assert menu.locator("summary").all_inner_texts() == MENUS[role]
    if role in ENTRIES:
        entries = menu.locator("details", has_text="Administration").get_by_role("link", include_hidden=True)
        assert entries.all_text_contents() == ENTRIES[role]
    main = page.get_by_role("main")
    expect(main).not_to_be_empty()
    if role == "school":
        for entry in ("fiche", "notre équipement", "notre candidature", "notre ENT"):
            expect(main.get_by_role("link", name=entry).first).to_be_visible()


@pytest.mark.parametrize("role", MENUS)
def test_rows_of_another_town_are_not_there(
    browser: Browser, demo: Demo, cookies_of: Callable[[str], str], foreign: dict[str, str], role: str
) -> None:
    """By its page and by the API, where its section is open to the role; the section itself is refused otherwise."""
    context = browser.new_context(base_url=demo.address, storage_state=cookies_of(role))
    found = {}
    for name, path in foreign.items():
        expected = 404 if SECTION_OF[name.partition(":")[0]] in MENUS[role] else 403
        for address in (path, f"/api/v1{path}") if name in BY_API else (path,):
            if (status := context.request.get(address).status) != expected:
                found[address] = status
    context.close()
    assert found == {}


def test_academy_crosses_towns_of_its_departement_only(page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("academy")
    page.locator("summary", has_text="Collectivité").click()
    names = page.get_by_label("Collectivité affichée").locator("option").all_inner_texts()
    assert names == ["Toutes mes collectivités", "Commune de Châtellerault", "Ville de Poitiers"]


def test_address_without_a_session_asks_to_sign_in_then_goes_there(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.address}/plans/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Se connecter")
    page.get_by_label("Courriel").fill(demo.email("elected"))
    page.get_by_label("Mot de passe", exact=True).fill(demo.password)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Plans")
