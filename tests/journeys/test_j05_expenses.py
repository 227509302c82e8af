"""J5, the expenses: the accounting file checked, its good rows imported, nothing the second time, undone; the execution adds up."""

import re
from collections.abc import Callable

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.journeys.test_j00_main_job import choose_authority, expect_no_sideways_scroll, open_from_menu

METZ = "Ville de Metz"
HEADER = "N° mandat;Étape;Exercice;Date;Tiers;Objet;Nature;Montant HT;TVA;Montant TTC"
ROWS = [
    f"J5-{number};Mandat;2016;{number:02}/06/2016;Fournisseur synthétique;Lot {number};21838;1 000,00;200,00;1 200,00"
    for number in range(1, 8)
]
BAD = [
    "J5-8;Troc;2016;08/06/2016;Fournisseur synthétique;Étape inconnue;21838;1 000,00;200,00;1 200,00",
    "J5-9;Mandat;2016;09/06/2016;Fournisseur synthétique;Montant en lettres;21838;mille;200,00;1 200,00",
    "J5-1;Mandat;2016;10/06/2016;Fournisseur synthétique;Pièce en double;21838;1 000,00;200,00;1 200,00",
]


def send(page: Page, lines: list[str]) -> None:
    """From the list of expenses to the end of the check."""
    page.get_by_role("main").get_by_role("link", name="Importer", exact=True).click()
    content = "\r\n".join([HEADER, *lines]).encode("cp1252")
    page.get_by_label("Fichier", exact=True).set_input_files(
        FilePayload(name="mandats-2016.csv", mimeType="text/csv", buffer=content)
    )
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Colonnes de « mandats-2016.csv »")
    page.get_by_label("Plan", exact=True).select_option(label="École numérique")
    columns = page.get_by_role("table", name="Pour chaque donnée, la colonne du fichier qui la contient")
    expect(columns.get_by_label("N° de pièce")).to_have_value("N° mandat")
    expect(columns.get_by_label(re.compile("^Compte"))).to_have_value("Nature")
    page.get_by_role("button", name="Vérifier le fichier").click()
    finish(page, "À créer")


def finish(page: Page, label: str) -> None:
    """The page shows the figures once the job has ended."""
    expect(figure(page, label)).to_be_visible()


def figure(page: Page, label: str) -> Locator:
    return page.get_by_label("Bilan du fichier").locator("li", has_text=label).locator(".figure")


def open_expenses(page: Page) -> None:
    open_from_menu(page, "Dépenses")


def test_a_file_with_three_bad_rows_from_check_to_undo(page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("finance")
    choose_authority(page, METZ)
    open_expenses(page)
    send(page, ROWS + BAD)
    main = page.get_by_role("main")
    expect(main).to_contain_text("Rien n'est encore enregistré")
    expect(figure(page, "En erreur")).to_have_text("3")
    expect(figure(page, "À créer")).to_have_text("7")
    problems = main.get_by_role("table", name=re.compile("Problèmes trouvés"))
    for text in ("Troc", "Engagement ; Facture ; Paiement", "mille", "déjà à la ligne 2"):
        expect(problems).to_contain_text(text)
    with page.expect_download() as download:
        main.get_by_role("link", name=re.compile("à corriger")).click()
    assert download.value.suggested_filename == "mandats-2016-a-corriger.csv"
    expect_no_sideways_scroll(page)

    page.get_by_role("button", name="Importer les 7 bonnes lignes").click()
    finish(page, "Créées")
    expect(main).to_contain_text("Importé")
    imported = page.url
    expect(figure(page, "Créées")).to_have_text("7")
    main.get_by_role("link", name="Voir les lignes importées").click()
    expect(main.get_by_role("region", name="Sommes par étape")).to_contain_text("8\u202f400,00")

    send(page, ROWS)
    expect(main).to_contain_text("Rien à importer")
    expect(figure(page, "À créer")).to_have_text("0")
    expect(figure(page, "À modifier")).to_have_text("0")
    expect(figure(page, "Inchangées")).to_have_text("7")

    page.goto(imported)
    main.get_by_role("link", name="Annuler l'import").click()
    page.get_by_role("button", name="Annuler l'import").click()
    expect(main).to_contain_text("Tout est revenu comme avant cet import")
    open_expenses(page)
    page.get_by_role("searchbox").fill("J5-1")
    page.keyboard.press("Enter")
    expect(main).to_contain_text("Aucun résultat")


def test_the_execution_adds_up(page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("finance")
    choose_authority(page, METZ)
    open_expenses(page)
    send(page, [row.replace("J5-", "J5X-") for row in ROWS])
    page.get_by_role("button", name="Importer les 7 lignes").click()
    finish(page, "Créées")

    open_from_menu(page, "Plans")
    main = page.get_by_role("main")
    main.get_by_role("link", name="École numérique").click()
    page.get_by_role("link", name="Exécution", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Exécution : École numérique")
    expect(main).to_contain_text("1\u202f641\u202f159,60")
    paid = main.get_by_label("Exécution du plan").locator("li", has=page.get_by_role("link", name="Payé", exact=True))
    shown = paid.locator(".figure").inner_text().strip()
    expect_chart_and_no_scroll(page)
    paid.get_by_role("link", name="Payé", exact=True).click()
    expect(
        main.get_by_role("region", name="Sommes par étape").locator("[data-stage=payment] [data-total]")
    ).to_have_text(shown)


def expect_chart_and_no_scroll(page: Page) -> None:
    chart = page.locator("figure:has(svg)").first
    expect(chart).to_be_visible()
    expect(chart.locator("table")).to_have_count(1)
    expect_no_sideways_scroll(page)


def test_poitiers_costs_come_from_its_sums(page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("elected")
    choose_authority(page, "Ville de Poitiers")
    open_from_menu(page, "Plans")
    main = page.get_by_role("main")
    main.locator("tbody th a").first.click()
    page.get_by_role("link", name="Exécution", exact=True).click()
    for amount in ("10\u202f416,15", "72\u202f913,04", "1\u202f677\u202f000,00"):
        expect(main.get_by_role("table", name=re.compile("Coûts unitaires"))).to_contain_text(amount)
