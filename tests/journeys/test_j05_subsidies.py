"""J5, the grants of a plan: hypotheses side by side, the life of a grant with its paper, the annex of the act."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.test_j00_main_job import (
    METZ,
    STATE_AT_17_5,
    choose_authority,
    expect_figures,
    expect_no_sideways_scroll,
    fetch,
    follow_job,
    open_from_menu,
    part,
    text_of,
)

STEPS = (
    ("Déposée", "273 526,60", "Dossier 57-2016-12", "2016-02-01"),
    ("Dossier complet", "", "", "2016-03-01"),
    ("Notifiée", "273 526,64", "Arrêté 2016-118", "2016-06-15"),
    ("Acompte reçu", "82 057,99", "Titre 2016-412", "2016-09-01"),
    ("Soldée", "191 468,65", "Titre 2018-77", "2018-12-10"),
)


def open_financing(page: Page) -> None:
    open_from_menu(page, "Plans")
    page.get_by_role("main").get_by_role("link", name="École numérique").click()
    page.get_by_role("main").get_by_role("link", name="Financement", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Financement : École numérique")


def test_metz_from_the_hypotheses_to_the_balance_of_a_grant(
    page: Page, sign_in: Callable[[str], None], tmp_path: Path
) -> None:
    sign_in("finance")
    choose_authority(page, METZ)
    open_financing(page)
    financing = page.url
    expect_figures(part(page, "Hypothèses, côte à côte"), ("615 434,84", "512 862,37", "341 908,25", "273 526,64"))
    expect_no_sideways_scroll(page)

    page.get_by_role("link", name="Ajouter une subvention").click()
    page.get_by_label("Financeur").select_option(label="Union européenne (P.O. FEDER)")
    page.get_by_label("Objet").fill("FEDER, tranche d'essai")
    page.get_by_label(re.compile("^Dépense éligible")).fill("1 367 633")
    page.get_by_label(re.compile(r"^Taux")).fill("20")
    page.get_by_role("button", name="Créer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("FEDER, tranche d'essai")

    proof = tmp_path / "arrêté.pdf"
    proof.write_bytes(b"%PDF-1.7\n% arrete\n")
    for label, amount, reference, day in STEPS[:2]:
        record(page, label, amount, reference, day, proof)
    expect(page.get_by_role("main")).to_contain_text("Dossier complet")
    refuse_an_advance(page)
    for label, amount, reference, day in STEPS[2:]:
        record(page, label, amount, reference, day, proof)
    expect(page.locator(".steps [aria-current=step]")).to_contain_text("Soldée")
    expect_figures(part(page, "Montants"), ("273 526,64", "0,00"))
    expect(page.get_by_role("main")).to_contain_text("+0,04")
    with page.expect_download() as download:
        page.get_by_role("link", name="arrêté.pdf").first.click()
    assert Path(download.value.path()).read_bytes() == proof.read_bytes()
    expect_no_sideways_scroll(page)

    page.goto(financing)
    expect(part(page, "Subventions demandées")).to_contain_text("Soldée")
    make_annex(page, tmp_path)


def record(page: Page, label: str, amount: str, reference: str, day: str, proof: Path) -> None:
    page.get_by_role("link", name="Enregistrer une étape").click()
    page.get_by_label("Étape", exact=True).select_option(label=label)
    page.get_by_label("Date", exact=True).fill(day)
    page.get_by_label(re.compile("^Montant")).fill(amount)
    page.get_by_label(re.compile("^Référence")).fill(reference)
    page.get_by_label(re.compile("^Justificatif")).set_input_files(proof)
    page.get_by_role("button", name="Enregistrer l'étape").click()
    expect(part(page, "Étapes enregistrées")).to_contain_text(label)


def refuse_an_advance(page: Page) -> None:
    """Nothing is paid before the notification: the state is not even offered."""
    page.get_by_role("link", name="Enregistrer une étape").click()
    offered = page.get_by_label("Étape", exact=True).locator("option")
    expect(offered.filter(has_text="Notifiée")).to_have_count(1)
    expect(offered.filter(has_text="Acompte reçu")).to_have_count(0)
    page.get_by_role("link", name="Annuler").click()


def make_annex(page: Page, tmp_path: Path) -> None:
    number = page.get_by_role("textbox", name=f"Numéro de la délibération, {STATE_AT_17_5}", exact=True)
    row = part(page, "Plan de financement à annexer").get_by_role("row").filter(has=number)
    number.fill("15-11-26-18")
    row.get_by_role("button", name=re.compile("PDF")).click()
    follow_job(page)
    annex = tmp_path / "annexe.pdf"
    annex.write_bytes(
        fetch(page, page.locator(".progress").get_by_role("link", name=re.compile("Plan de financement")))
    )
    said = text_of(annex)
    for figure in (
        "15-11-26-18",
        "1 641 159,60",
        "1 367 633,00",
        "273 526,60",
        "239 335,78",
        "615 434,84",
        "273 526,64",
    ):
        assert figure in said.replace("\u202f", " ").replace("\xa0", " "), figure
