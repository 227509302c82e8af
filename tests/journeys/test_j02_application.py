"""J2, from the call for projects to the opinions: a director applies on a telephone while the network drops, the inspection reads it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, ViewportSize, expect

from tests.journeys.conftest import PATIENCE, watch
from tests.journeys.installation import Demo
from tests.journeys.tabs import type_in_two_tabs_without_network, type_on_two_devices
from tests.journeys.test_j00_main_job import expect_no_sideways_scroll
from tests.journeys.test_pages_accessible import violations

PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=900)
# A network that drops, and the refusal that this journey asks for.
EXPECTED = re.compile("net::ERR|^422: .*/avis/$|status of 422")
CALL = "Appel à candidatures (simulation)"
SUMMARY = "Lire, écrire et enregistrer des albums sonores, cycle 2."
PDF = FilePayload(name="projet.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7\nprojet synthetique")
PAGE = FilePayload(name="projet.pdf", mimeType="application/pdf", buffer=b"<html><script>alert(1)</script></html>")


@pytest.fixture
def opened(browser: Browser, demo: Demo, cookies_of: Callable[[str], Path]) -> Iterator[Callable[..., Page]]:
    contexts: list[tuple[BrowserContext, list[str]]] = []

    def open_page(role: str, viewport: ViewportSize = DESK) -> Page:
        context = browser.new_context(
            base_url=demo.address, storage_state=cookies_of(role), locale="fr-FR", timezone_id="Europe/Paris",
            viewport=viewport, has_touch=viewport == PHONE,
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        contexts.append((context, watch(context, demo.address)))
        return context.new_page()

    yield open_page
    for context, problems in contexts:
        context.close()
        assert [each for each in problems if not EXPECTED.search(each)] == []


def test_a_director_applies_by_telephone_and_the_inspection_gives_its_opinion(opened: Callable[..., Page]) -> None:
    page = opened("school", PHONE)
    begin(page)
    type_without_network(page)
    type_in_two_tabs_without_network(page)
    type_on_two_devices(page, opened("school"))
    join_a_file(page)
    finish(page)
    address = page.url
    give_opinion(opened("ien"))
    page.goto(address)
    main = page.get_by_role("main")
    expect(main).to_contain_text("Avis rendu, Inspection (IEN)")
    expect(main).not_to_contain_text("À reprendre avec l'équipe")


def begin(page: Page) -> None:
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name=re.compile(f"^Candidater : {re.escape(CALL)}")).click()
    assert violations(page) == []
    page.get_by_role("button", name="Candidater").click()
    expect(page.get_by_label("Titre du projet")).to_be_visible()
    assert violations(page) == []
    expect_no_sideways_scroll(page)


def type_without_network(page: Page) -> None:
    status = page.locator("[data-draft-status]")
    page.get_by_label("Titre du projet").fill("Albums sonores (essai)")
    expect(status).to_contain_text(re.compile(r"Enregistré à \d\d h \d\d"))
    page.context.set_offline(True)
    page.get_by_label("Projet pédagogique").fill(SUMMARY)
    page.get_by_role("checkbox", name=re.compile("^Classe 1 ")).check()
    page.get_by_role("checkbox", name=re.compile("^Classe 2 ")).check()
    page.get_by_label("Enseignants volontaires").fill("3")
    expect(status).to_contain_text("Hors ligne : 3 saisies gardées")
    assert violations(page) == []
    page.context.set_offline(False)
    expect(status).to_contain_text(re.compile(r"Enregistré à \d\d h \d\d"))
    page.reload()
    expect(page.get_by_label("Projet pédagogique")).to_have_value(SUMMARY)
    expect(page.get_by_role("checkbox", name=re.compile("^Classe 2 "))).to_be_checked()
    # Typed without a network and the page closed: the device keeps it until it is opened again.
    page.context.set_offline(True)
    page.get_by_label("Enseignants déjà formés").fill("deux")
    expect(status).to_contain_text("Hors ligne : 1 saisie gardée")
    page.context.set_offline(False)
    page.goto("/notre-candidature/")
    page.get_by_role("link", name="Continuer la candidature").click()
    expect(page.get_by_role("main")).to_contain_text("« deux » n'est pas accepté ; écrire un nombre entier de 0 à 100")
    page.reload()
    expect(page.get_by_label("Enseignants déjà formés")).to_have_value("deux")
    expect(status).to_contain_text("Une réponse est à corriger.")
    page.get_by_label("Enseignants déjà formés").fill("2")
    expect(status).to_contain_text(re.compile(r"Enregistré à \d\d h \d\d$"))


def join_a_file(page: Page) -> None:
    page.get_by_label("Fichier à joindre").set_input_files([PAGE])
    page.get_by_role("button", name="Joindre le fichier").click()
    expect(page.get_by_role("main")).to_contain_text("son contenu fait foi")
    page.get_by_label("Fichier à joindre").set_input_files([PDF])
    page.get_by_role("button", name="Joindre le fichier").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="projet.pdf").click()
    assert download.value.suggested_filename == "projet.pdf"


def finish(page: Page) -> None:
    page.get_by_role("link", name="Vérifier et déposer").click()
    main = page.get_by_role("main")
    expect(main).to_contain_text("Il manque 4 réponses pour déposer")
    assert violations(page) == []
    main.get_by_role("link", name="Pour quels usages ?").click()
    expect(main).to_contain_text("Réponse attendue pour déposer.")
    for name in ("L'équipe enseignante s'est-elle", "L'équipe s'engage-t-elle", "Un local sécurisé"):
        page.get_by_role("group", name=re.compile(f"^{name}")).get_by_label("Oui", exact=True).check()
    page.get_by_role("checkbox", name="Projection et travail collectif").check()
    # The link waits until everything typed is saved.
    page.get_by_role("link", name="Vérifier et déposer").click()
    expect(main).to_contain_text("La candidature est complète.")
    page.get_by_role("button", name="Déposer la candidature").click()
    expect(main).to_contain_text("La candidature est déposée.")
    expect(main).to_contain_text(SUMMARY)
    assert violations(page) == []
    expect_no_sideways_scroll(page)


def give_opinion(page: Page) -> None:
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name=re.compile(r"^\d+ avis à donner")).click()
    main = page.get_by_role("main")
    expect(main.get_by_role("row", name=re.compile("Albums sonores"))).to_be_visible()
    assert violations(page) == []
    main.get_by_role("row", name=re.compile("Albums sonores")).get_by_role("link").click()
    expect(main).to_contain_text(SUMMARY)
    assert violations(page) == []
    page.get_by_role("radio", name="Réservé").check()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(main).to_contain_text("Un avis réservé est motivé")
    page.get_by_label("Motivation").fill("À reprendre avec l'équipe.")
    page.get_by_label("Intérêt pédagogique du projet", exact=False).first.fill("7,5")
    page.get_by_role("checkbox", name=re.compile("^Avis confidentiel")).check()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(main).to_contain_text("est enregistré")
    expect(main).to_contain_text("À reprendre avec l'équipe.")
    expect(main).to_contain_text("7,5")
    assert violations(page) == []
