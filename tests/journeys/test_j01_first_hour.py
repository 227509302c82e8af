"""J1: the schools of a town by file, checked, corrected, imported, undone; then « Préparer la rentrée » and its headcounts."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Download, FilePayload, Locator, Page, expect

from plan_numerique.tabular.formats import Format, write
from plan_numerique.tabular.writing import Sheet
from tests.factories.schools import synthetic_uai
from tests.journeys.conftest import PATIENCE, watch
from tests.journeys.installation import Demo
from tests.journeys.test_j00_main_job import expect_no_sideways_scroll, open_from_menu
from tests.journeys.test_pages_accessible import violations

PHONE, DESK = ({"width": width, "height": 900} for width in (390, 1280))
HEADER = ("UAI", "Nom", "Niveau", "Nombre de classes", "Effectif total")
GOOD = [
    [synthetic_uai(number), f"École synthétique {number}", "Élémentaire", str(4 + number % 5), str(90 + number)]
    for number in range(1, 46)
]
LEVEL, TWICE, TEXT = 9, 19, 29
CARRIED = "Effectifs reconduits"
ALREADY = "Tout ce que dit le fichier est déjà enregistré"


def with_three_bad_rows() -> list[list[str]]:
    rows = [list(row) for row in GOOD]
    rows[LEVEL][2] = "Collège"
    rows[TWICE][0] = rows[3][0]
    rows[TEXT][4] = "vingt-quatre"
    return rows


def file_of(rows: Sequence[Sequence[str]], kind: str = "csv", header: Sequence[str] = HEADER) -> FilePayload:
    typed = [[int(cell) if cell.isdecimal() else cell for cell in row] for row in rows]
    content = write(Format(kind), [Sheet("Écoles", header, typed)])
    return FilePayload(name=f"ecoles.{kind}", mimeType="application/octet-stream", buffer=content)


@pytest.fixture(scope="module")
def towns(demo: Demo) -> None:
    demo.site.manage("shell", "--verbosity", "0", "--command", "from tests.journeys import towns; towns.first_hour()")


@pytest.fixture
def opened(
    browser: Browser, demo: Demo, cookies_of: Callable[[str], Path], towns: None
) -> Iterator[Callable[[str], Page]]:
    contexts: list[tuple[BrowserContext, list[str]]] = []

    def open_page(account: str) -> Page:
        context = browser.new_context(
            base_url=demo.address, storage_state=cookies_of(account), locale="fr-FR", viewport=DESK
        )
        context.set_default_timeout(PATIENCE)
        contexts.append((context, watch(context, demo.address)))
        page = context.new_page()
        page.goto("/")
        return page

    yield open_page
    for context, problems in contexts:
        context.close()
        assert problems == []


def main(page: Page) -> Locator:
    return page.get_by_role("main")


def figure(page: Page, label: str) -> Locator:
    return main(page).get_by_label("Bilan du fichier").locator("li", has_text=label).locator(".figure")


def accessible(page: Page) -> None:
    """What the walk through the pages does not reach; on a phone, where a page is crowded, and wide enough on a desk too."""
    page.set_viewport_size(PHONE)
    assert violations(page) == []
    expect_no_sideways_scroll(page)
    page.set_viewport_size(DESK)
    expect_no_sideways_scroll(page)


def choose_file(page: Page, payload: FilePayload, kind: str = "Écoles") -> None:
    """From the menu to the columns of the file."""
    open_from_menu(page, "Imports")
    main(page).get_by_role("link", name="Importer un fichier").first.click()
    main(page).get_by_role("link", name=kind, exact=True).click()
    page.get_by_label("Fichier", exact=True).set_input_files(payload)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("button", name="Vérifier le fichier")).to_be_visible()


def check(page: Page, payload: FilePayload, kind: str = "Écoles") -> None:
    choose_file(page, payload, kind)
    page.get_by_role("button", name="Vérifier le fichier").click()
    expect(figure(page, "À créer")).to_be_visible()


def expect_figures(page: Page, **counts: int) -> None:
    for label, count in counts.items():
        expect(figure(page, label.replace("_", " "))).to_have_text(str(count))


def import_checked(page: Page, button: str) -> str:
    page.get_by_role("button", name=button).click()
    expect(figure(page, "Créées")).to_be_visible()
    return page.url


def open_schools(page: Page, words: str = "") -> Locator:
    open_from_menu(page, "Écoles")
    if words:
        page.get_by_role("searchbox").fill(words)
        page.keyboard.press("Enter")
    return main(page)


def expect_problem(page: Page, line: int, *texts: str) -> None:
    row = (
        main(page).get_by_role("table", name=re.compile("Problèmes trouvés")).get_by_role("row", name=f"Ligne {line} ")
    )
    for text in texts:
        expect(row).to_contain_text(text)


def corrected(download: Download) -> FilePayload:
    """The file given back, with the user's own columns and the three faults mended in it."""
    text = Path(download.path()).read_text(encoding="utf-8-sig")
    header, *rows = list(csv.reader(text.splitlines(), delimiter=";"))
    assert tuple(header[: len(HEADER)]) == HEADER
    assert len(rows) == 3
    places = [LEVEL, TWICE, TEXT]
    assert [row[1] for row in rows] == [GOOD[place][1] for place in places]
    mended = [[*GOOD[place], *row[len(HEADER) :]] for place, row in zip(places, rows, strict=True)]
    return FilePayload(
        name=download.suggested_filename, mimeType="text/csv", buffer=write(Format("csv"), [Sheet("", header, mended)])
    )


def test_45_rows_with_3_bad_ones_from_check_to_undo(opened: Callable[[str], Page]) -> None:
    page = opened("education-premiere-heure")
    expect_three_problems_and_nothing_written(page)
    import_good_ones_then_the_three(page)
    same_file_again_changes_nothing(page)
    undo_gives_back_what_was_there(page)
    rentree(page)


def expect_three_problems_and_nothing_written(page: Page) -> None:
    check(page, file_of(with_three_bad_rows()))
    expect_figures(page, À_créer=42, À_modifier=0, En_erreur=3)
    expect(main(page)).to_contain_text("Rien n'est encore enregistré")
    expect(main(page).get_by_role("table", name=re.compile("Problèmes trouvés")).locator("tbody tr")).to_have_count(3)
    expect_problem(page, 11, "Niveau", "Collège", "Maternelle ; Élémentaire ; Primaire ; Établissement spécialisé")
    expect_problem(page, 21, "UAI", GOOD[3][0], "la ligne 5 porte déjà")
    expect_problem(page, 31, "Effectif total", "vingt-quatre", "un nombre d'élèves de 0 à 5 000")
    accessible(page)
    checked = page.url
    expect(open_schools(page)).not_to_contain_text("École synthétique")
    page.goto(checked)


def import_good_ones_then_the_three(page: Page) -> None:
    import_checked(page, "Importer les 42 bonnes lignes")
    expect_figures(page, Créées=42, En_erreur=3)
    accessible(page)
    with page.expect_download() as download:
        main(page).get_by_role("link", name="Télécharger les 3 lignes à corriger").click()
    check(page, corrected(download.value))
    expect_figures(page, À_créer=3, En_erreur=0)
    import_checked(page, "Importer les 3 lignes")
    expect_figures(page, Créées=3, Modifiées=0)
    expect(open_schools(page).locator(".list-line [role=status]")).to_contain_text("45")


def same_file_again_changes_nothing(page: Page) -> None:
    check(page, file_of(GOOD))
    expect_figures(page, À_créer=0, À_modifier=0, Inchangées=45, En_erreur=0)
    expect(main(page)).to_contain_text(ALREADY)
    expect(page.get_by_role("button", name=re.compile("^Importer"))).to_have_count(0)


def undo_gives_back_what_was_there(page: Page) -> None:
    changed = [list(row) for row in GOOD[:2]]
    changed[0][1], changed[1][4] = "École synthétique renommée", "60"
    check(page, file_of(changed))
    expect_figures(page, À_créer=0, À_modifier=2)
    imported = import_checked(page, "Importer les 2 lignes")
    expect(open_schools(page, "renommée")).to_contain_text(GOOD[0][0])
    page.goto(imported)
    main(page).get_by_role("link", name="Annuler l'import").click()
    expect(main(page)).to_contain_text("2 lignes modifiées reviendront comme avant")
    accessible(page)
    page.get_by_label(re.compile("^Motif")).fill("Mauvais fichier")
    page.get_by_role("button", name="Annuler l'import").click()
    expect(main(page)).to_contain_text("Tout est revenu comme avant cet import")
    expect(open_schools(page, "renommée")).to_contain_text("Aucun")
    open_classes(page, GOOD[1])
    expect(main(page).get_by_role("list", name="Effectifs")).to_contain_text(GOOD[1][4])


def open_classes(page: Page, school: Sequence[str]) -> None:
    open_schools(page, school[0]).get_by_role("link", name=school[1], exact=True).first.click()
    page.get_by_role("navigation", name="Rubriques de l'école").get_by_role("link", name="Classes et effectifs").click()


def rentree(page: Page) -> None:
    """The year after the one the file told: its classes are copied; a file of headcounts changes them, never those of the year before."""
    open_classes(page, GOOD[4])
    year = page.get_by_role("navigation", name="Année scolaire").get_by_role("link")
    school, this_year = page.url, year.inner_text()
    before = figures_shown(page)
    next_year = "-".join(str(int(each) + 1) for each in this_year.split("-"))

    open_from_menu(page, "Rentrées")
    main(page).get_by_role("link", name="Préparer la rentrée").first.click()
    page.get_by_role("button", name="Créer").click()
    expect(main(page)).to_contain_text(f"Rien ne change en {this_year}")
    page.get_by_role("button", name="Faire la rentrée").click()
    page.get_by_role("dialog").get_by_role("button", name="Faire la rentrée").click()
    expect(main(page)).to_contain_text("La rentrée est faite")
    accessible(page)
    page.goto(school)
    year.filter(has_text=next_year).click()
    copied = [text.replace(this_year, next_year).replace("Répartition calculée", CARRIED) for text in before]
    assert figures_shown(page) == copied

    header = ("UAI", "Rentrée", "Nombre de classes", "CP", "CE1", "CE2", "CM1", "CM2", "Effectif total")
    levels = ["20", "21", "22", "23", "24"]
    payload = file_of([[GOOD[4][0], next_year[:4], "4", *levels, "110"]], header=header)
    check(page, payload, "Effectifs et nombre de classes par rentrée")
    expect_figures(page, En_erreur=0, À_modifier=1)
    import_checked(page, "Importer la ligne")
    page.goto(school)
    year.filter(has_text=next_year).click()
    expect(main(page).get_by_role("list", name="Effectifs")).to_contain_text("110")
    year.filter(has_text=this_year).click()
    assert figures_shown(page) == before


def figures_shown(page: Page) -> list[str]:
    """Of the year chosen, on the page « Classes et effectifs » of a school."""
    expect(main(page).locator(".tiles")).to_be_visible()
    return main(page).locator(".tiles, .table-wrap").all_inner_texts()


def press_tab_to(page: Page, wanted: Locator) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"no way to {wanted} by the keyboard")


def test_a_file_is_sent_by_keyboard(opened: Callable[[str], Page], tmp_path: Path) -> None:
    """From what to import to the figures of the check, no mouse."""
    page = opened("education-formats")
    page.on("filechooser", lambda chooser: chooser.set_files([file_of(GOOD)]))
    page.goto("/imports/nouveau/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(main(page)).to_be_focused()
    press_tab_to(page, main(page).get_by_role("link", name="Écoles", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Importer : Écoles")
    file = page.get_by_label("Fichier", exact=True)
    press_tab_to(page, file)
    page.keyboard.press("Enter")
    expect(file).to_have_value(re.compile(r"ecoles\.csv$"))
    press_tab_to(page, page.get_by_role("button", name="Continuer"))
    page.keyboard.press("Enter")
    check_button = page.get_by_role("button", name="Vérifier le fichier")
    expect(check_button).to_be_visible()
    press_tab_to(page, check_button)
    page.keyboard.press("Enter")
    expect_figures(page, À_créer=45, En_erreur=0)


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_the_same_content_gives_the_same_counts(opened: Callable[[str], Page], kind: str) -> None:
    page = opened("education-formats")
    check(page, file_of(with_three_bad_rows(), kind))
    expect_figures(page, À_créer=42, À_modifier=0, Inchangées=0, En_erreur=3)
    expect_problem(page, 11, "Niveau", "Collège")
    expect_problem(page, 21, "UAI", "la ligne 5 porte déjà")
    expect_problem(page, 31, "Effectif total", "vingt-quatre")
