"""J11, an act of the past from its text: pasted, read, confirmed, checked and recorded."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.test_j00_main_job import expect_no_sideways_scroll, open_from_menu

TEXT = Path(__file__).parents[1] / "deliberations" / "data" / "saint_etienne_metropole.txt"
RENNES = "Rennes (données ouvertes, simulation)"


def test_an_act_is_read_checked_and_recorded(page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("assembly")
    open_from_menu(page, "Vérifier un acte")
    page.get_by_label("Texte de l'acte").fill(TEXT.read_text(encoding="utf-8"))
    page.get_by_role("button", name="Lire le texte").click()

    expect(page.get_by_label("Membres en exercice", exact=True)).to_have_value("131")
    expect(page.get_by_label("Présents", exact=True)).to_have_value("81")
    names = page.get_by_label("Noms des présents", exact=True).input_value().splitlines()
    assert (len(names), names[0], names[-1]) == (81, "M. Gilles ARTIGUES", "M. Georges ZIEGLER")
    expect(page.locator("mark", has_text="Nombre de voix : 91")).to_be_visible()
    expect_no_sideways_scroll(page)

    page.locator(".form-actions").get_by_role("button", name="Vérifier").click()
    findings = page.locator(".findings > li")
    expect(findings).to_have_count(1)
    expect(findings).to_contain_text("À signaler")
    expect(findings).to_contain_text("20160212")

    page.get_by_text("Nouvelle assemblée", exact=True).click()
    page.get_by_label("Collectivité de la nouvelle assemblée").select_option(label=RENNES)
    page.get_by_label("Nom de la nouvelle assemblée").fill("Conseil communautaire d'essai")
    page.get_by_label("Source").fill("Registre de 2016")
    page.get_by_role("button", name="Consigner comme acte repris").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("ORIENTATIONS GENERALES")
    expect(page.get_by_role("main")).to_contain_text("CC/2016.00254")
    expect_no_sideways_scroll(page)
    page.get_by_role("link", name="Conseil communautaire d'essai, séance du 30/06/2016").first.click()
    expect(page.get_by_role("main")).to_contain_text("Séance reprise")
    expect(page.get_by_text("Mme Marie-Eve GOUTELLE").first).to_be_visible()
