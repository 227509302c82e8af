"""J11 from the draft to open data: an act with live figures, its visas, its vote, its extract, its package, its publication, read by
anybody. On the council of the exercise, whose members are nobody."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.conftest import watch
from tests.journeys.installation import Demo
from tests.journeys.test_j00_main_job import choose_authority, expect_no_sideways_scroll, follow_job, open_from_menu
from tests.journeys.test_j11_sitting import Room

RENNES = "Rennes (données ouvertes, simulation)"
TODAY = datetime.now(ZoneInfo("Europe/Paris")).date()
TITLE = "Plan numérique des écoles : programme du parcours"
STAGES = {
    "education": "Service",
    "assembly": "Affaires juridiques",
    "finance": "Finances",
    "administrator": "Direction générale",
    "elected": "Maire ou président",
}
MATTERS = "code;libelle\n8;Domaines de compétences par thèmes\n8.1;Enseignement\n7;Finances locales\n7.5;Subventions\n"


def test_an_act_from_its_draft_to_open_data(
    page: Page,
    sign_in: Callable[[str], None],
    browser: Browser,
    demo: Demo,
    cookies_of: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    sign_in("assembly")
    choose_authority(page, RENNES)
    sitting = make_sitting(page)
    act = draft(page)
    submit_to_visas(page)
    for role, stage in STAGES.items():
        sign(browser, demo, cookies_of(role), stage)
    page.goto(f"{act}visas/")
    expect(page.get_by_role("main")).to_contain_text("Tous les visas sont donnés.")

    hold(page, sitting, act)
    page.goto(act)
    expect(page.get_by_role("main")).to_contain_text("Adoptée à l'unanimité des suffrages exprimés")
    make_extract(page, act)
    transmit(page, act, tmp_path)
    publish(page, act)
    read_by_anybody(browser, demo, act)


def make_sitting(page: Page) -> int:
    """Held today: what follows a vote is dated after it, and never in the future."""
    assembly = Room.ask(page, "assemblees/?q=exercice")["results"][0]["id"]
    chair = Room.ask(page, "mandats/?q=Synthétique UN")["results"][0]["id"]
    body = {
        "assembly": assembly,
        "held_on": TODAY.isoformat(),
        "held_at": "00:05",
        "chair": chair,
        "chair_quality": "Maire",
    }
    made: int = Room.ask(page, "seances/", body)["id"]
    return made


def draft(page: Page) -> str:
    """From a model: the figures of the plan are read in its text."""
    open_from_menu(page, "Délibérations")
    page.get_by_role("link", name="Nouvelle délibération").first.click()
    page.get_by_label("Séance").select_option(label=sitting_label(page))
    page.get_by_label("Modèle").select_option(index=1)
    page.get_by_label("Intitulé", exact=False).fill(TITLE)
    scenario = page.get_by_label("Scénario").locator("option", has_text="Par niveaux").first.get_attribute("value")
    page.get_by_label("Scénario").select_option(scenario)
    submit(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text(TITLE)
    main = page.get_by_role("main")
    expect(main).to_contain_text("505 444,80 € TTC")
    expect(main.get_by_role("table", name="Dépenses par exercice budgétaire")).to_contain_text("421 204,00 €")
    accessible(page)
    return re.sub(r"composer/.*", "", page.url)


def sitting_label(page: Page) -> str:
    options = page.get_by_label("Séance").locator("option", has_text=f"{TODAY:%d/%m/%Y}")
    return options.first.inner_text()


def submit_to_visas(page: Page) -> None:
    page.get_by_role("navigation", name="Rubriques").get_by_role("link", name="Visas").click()
    page.get_by_role("button", name="Soumettre aux visas").click()
    expect(page.get_by_role("main").get_by_role("listitem").filter(has_text="Service").first).to_contain_text(
        "à son tour"
    )
    accessible(page)


def sign(browser: Browser, demo: Demo, cookies: Path, stage: str) -> None:
    """From « À viser », by whoever has the role."""
    context, problems = visit(browser, demo, cookies)
    page = context.new_page()
    page.goto("/a-viser/")
    page.get_by_role("main").locator("tbody").get_by_role("link", name=TITLE).first.click()
    expect(page.get_by_role("heading", name=f"Votre visa : {stage}")).to_be_visible()
    page.get_by_role("button", name="Viser", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("donné")
    context.close()
    assert problems == []


def visit(browser: Browser, demo: Demo, cookies: Path | None = None) -> tuple[BrowserContext, list[str]]:
    context = browser.new_context(
        base_url=demo.address,
        storage_state=cookies,
        locale="fr-FR",
        timezone_id="Europe/Paris",
        viewport={"width": 1280, "height": 900},
    )
    return context, watch(context, demo.address)


def hold(page: Page, sitting: int, act: str) -> None:
    """Called, opened, voted as clerks do: 20 for, 3 abstentions."""
    key = int(act.rstrip("/").rpartition("/")[2])

    def enter(kind: str, **payload: Any) -> Any:
        return Room.ask(page, f"seances/{sitting}/saisies/", {"key": str(uuid4()), "kind": kind, "payload": payload})

    members = [member["id"] for member in enter("opened")["state"]["members"]]
    enter("presence", states={str(member): "present" for member in members})
    enter("item_opened", act=key)
    enter("ballot", act=key, mode="by_name", method="hands", others="for")
    enter("votes", act=key, members=members[-3:], choice="abstain")
    state = enter("result", act=key)["state"]
    assert state["ballot"]["counts"] == {"for": 20, "against": 0, "abstain": 3, "not_voting": 0, "blank": 0}
    enter("closed")


def make_extract(page: Page, act: str) -> None:
    page.goto(f"{act}depot/")
    page.get_by_role("main").get_by_role("button", name="Établir l'extrait").click()
    follow_job(page)


def transmit(page: Page, act: str, folder: Path) -> None:
    """The profile and the classification that the envelope asks; the package kept; the acknowledgement typed."""
    table = folder / "matieres.csv"
    table.write_text(MATTERS, encoding="utf-8")
    page.goto("/classifications/charger/")
    page.get_by_label("Collectivité", exact=True).last.select_option(label=RENNES)
    page.get_by_label("Fichier").set_input_files(table)
    page.get_by_label("Date de la classification").fill("2026-01-01")
    submit(page)
    page.goto(f"{act}depot/")
    page.get_by_role("link", name="Compléter le profil").click()
    fields = {
        "Trigramme": "TST",
        "Arrondissement": "1",
        "Nature de l'émetteur": "31",
        "Adresses de retour": "actes@example.org",
    }
    for label, value in fields.items():
        page.get_by_label(label, exact=False).first.fill(value)
    page.get_by_label("SIRET").fill("21350238800019")
    submit(page)
    page.goto(f"{act}depot/")
    main = page.get_by_role("main")
    main.get_by_role("link", name="Préparer le paquet").click()
    submit(page)
    page.goto(f"{act}depot/")
    with page.expect_download() as download:
        main.get_by_role("link", name="Paquet de la transmission").click()
    assert re.fullmatch(r"TST-EACT--213502388--\d{8}-1\.tar\.gz", download.value.suggested_filename)
    accessible(page)
    identifier = main.get_by_role("table", name="Paquets et réponses").locator("tbody th").inner_text()
    main.get_by_role("link", name="Consigner la remise").click()
    submit(page)
    page.goto(f"{act}depot/")
    main.get_by_role("link", name="Consigner l'accusé").click()
    page.get_by_label("Identifiant de l'acte").fill(identifier)
    page.get_by_label("Reçue en préfecture le").fill(TODAY.isoformat())
    submit(page)
    page.goto(f"{act}depot/")
    expect(main.get_by_role("table", name="Paquets et réponses")).to_contain_text("Accusé reçu")


def publish(page: Page, act: str) -> None:
    page.goto(f"{act}depot/")
    page.get_by_role("link", name="Mettre en ligne").first.click()
    page.get_by_label("Auteur : prénom et nom").fill("Synthétique UN")
    page.get_by_label("Qualité de l'auteur").fill("Maire")
    submit(page)
    page.goto(f"{act}depot/")
    expect(page.get_by_role("main")).to_contain_text("En ligne")
    page.goto(act)
    expect(page.get_by_role("main")).to_contain_text(f"Le {TODAY:%d/%m/%Y}")  # executory: received and published today


def read_by_anybody(browser: Browser, demo: Demo, act: str) -> None:
    """Without an account and without a cookie: the page of the act, its frozen document, the open data, the feed."""
    context, problems = visit(browser, demo)
    page = context.new_page()
    page.goto("/actes/rennes/")
    page.get_by_role("link", name=TITLE).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(TITLE)
    expect(page.get_by_role("main")).to_contain_text("505 444,80 €")
    expect(page.get_by_role("main")).to_contain_text("Synthétique UN, Maire")
    accessible(page)
    document = context.request.get(page.get_by_role("link", name="(PDF").get_attribute("href") or "")
    assert document.body().startswith(b"%PDF-")
    rows = context.request.get("/actes/rennes/deliberations.csv").text().splitlines()
    assert rows[0].startswith("COLL_NOM,COLL_SIRET,DELIB_ID")
    assert re.search(
        r"21350238800019,.*,8\.1,domaines de compétences par thèmes/enseignement,.*,23,23,20,0,3,", rows[1]
    )
    assert TITLE in context.request.get("/actes/rennes/flux.atom").text()
    assert context.cookies() == []
    assert context.request.get(act, max_redirects=0).status == 302
    context.close()
    assert problems == []


def submit(page: Page) -> None:
    """The form of the page, taken: its answer leads to another page."""
    before = page.url
    page.get_by_role("main").locator("form button[type=submit]").last.click()
    expect(page).not_to_have_url(before)


def accessible(page: Page) -> None:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]] == []
    page.set_viewport_size({"width": 390, "height": 900})
    expect_no_sideways_scroll(page)
    page.set_viewport_size({"width": 1280, "height": 900})
