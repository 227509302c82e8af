"""The pictures of the schools, their applications and diagnostics in the guide."""

from pathlib import Path

from playwright.sync_api import Browser, FilePayload, Page

from schools.domain.uai import check_letter
from tests.journeys.installation import Demo
from tests.journeys.pictures import PATIENCE, RENNES, Shot, choose, keep_together, open_more, page_of, signed_in, take

PHONE = {"width": 390, "height": 844}
VALIDATED, ENTERED, READ = "Carle Bahon", "Albert de Mun", "Camille Claudel"
CALL = "Appel à candidatures (simulation)"


def synthetic_schools() -> FilePayload:
    """Twelve rows, of which three are wrong."""
    uais = [f"0359{number:03d}" for number in range(1, 13)]
    rows = [[f"{each}{check_letter(each)}", f"École synthétique {rank}", "Élémentaire", "5", f"{90 + rank}"]
            for rank, each in enumerate(uais, 1)]  # fmt: skip
    rows[3][2], rows[6][0], rows[9][4] = "Collège", rows[1][0], "vingt-quatre"
    header = ["UAI", "Nom de l'école", "Niveau", "Nb de classes", "Effectif total"]
    text = "".join(";".join(row) + "\r\n" for row in [header, *rows])
    return FilePayload(name="ecoles-synthetiques.csv", mimeType="text/csv", buffer=text.encode("cp1252"))


def send_file(page: Page) -> None:
    page.get_by_label("Fichier", exact=True).set_input_files(synthetic_schools())
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("button", name="Vérifier le fichier").wait_for()


def check_file(page: Page) -> None:
    send_file(page)
    page.get_by_role("button", name="Vérifier le fichier").click()
    page.get_by_label("Bilan du fichier").wait_for(timeout=PATIENCE)


def prepare_rentree(page: Page) -> None:
    """With a class that opens in the first school."""
    page.get_by_label("Rentrée préparée").fill("2023")
    page.get_by_role("button", name="Créer").click()
    school = page.locator(".rentree-school").first
    school.locator("summary").click()
    school.get_by_role("link", name="Ouvrir une classe").click()
    page.get_by_label("Classe", exact=False).first.wait_for()
    page.get_by_label("Nom", exact=False).first.fill("Classe 4")
    page.get_by_role("checkbox", name="MS", exact=True).check()
    page.get_by_role("button", name="Ajouter le mouvement").click()
    page.locator(".rentree-moves").first.wait_for()
    page.evaluate("scrollTo(0, 0)")


def explain_score(page: Page) -> None:
    page.locator(".score > button").first.click()
    page.get_by_role("dialog").wait_for()


def draw_map(page: Page) -> None:
    page.locator("[data-map-said]").filter(has_text="dans la vue").wait_for()


def answer(page: Page) -> None:
    page.get_by_role("radio", name="À reprendre").check()
    page.locator("[data-survey-status]").filter(has_text="Tout est enregistré").wait_for()


def see_what_would_change(page: Page) -> None:
    open_more("Reprendre les diagnostics")(page)
    page.get_by_role("button", name="Voir ce qui changerait").click()
    page.get_by_role("heading", name="Montants globaux ajoutés").wait_for()


EDUCATION = (
    Shot("32-import-colonnes", RENNES, "/imports/nouveau/?kind=schools.schools", height=1000, then=send_file),
    Shot("33-import-verifie", RENNES, "/imports/nouveau/?kind=schools.schools", height=1080, then=check_file),
    Shot("34-rentree", RENNES, "/rentrees/nouveau/", height=1160, then=prepare_rentree),
    Shot("35-carte", RENNES, "/ecoles/carte/", height=900, then=draw_map),
    Shot("36-etapes", RENNES, "/ecoles/etapes/", height=760),
    Shot("38-campagne", RENNES, "/campagnes/", (CALL,), height=1180),
    Shot("41-classement", RENNES, "/campagnes/", (CALL, "Classement"), height=1100, then=explain_score),
    Shot("42-diagnostic", RENNES, "/diagnostics/", (READ,), height=1240),
    Shot("43-saisie", RENNES, "/diagnostics/", (ENTERED, "Partie technique"), height=860, then=answer, width=1024),
    Shot("44-packs", RENNES, "/packs-proposes/", (READ,), "Packs", height=960),
    Shot("45-reprise", RENNES, "/scenarios/", ("Par école, plafond annuel",), height=1240, then=see_what_would_change),
)
INSPECTION = (Shot("40-avis", "", "/avis-a-donner/", (READ,), height=980),)


def apply_on_a_phone(page: Page) -> list[bytes]:
    """The home page of a school, the application as it is typed, what is missing before it is sent."""
    page.set_viewport_size(PHONE)
    page.goto("/")
    seen = [page.screenshot()]
    page.get_by_role("main").get_by_role("link", name=f"Candidater : {CALL}").click()
    page.get_by_role("button", name="Candidater").click()
    page.get_by_label("Titre du projet").fill("Albums sonores (exemple)")
    page.get_by_label("Projet pédagogique").fill("Lire, écrire et enregistrer des albums, cycle 2. Texte d'exemple.")
    page.get_by_role("checkbox", name="Classe 1 ").check()
    page.locator("[data-draft-status]").filter(has_text="Enregistré à").wait_for()
    page.get_by_label("Titre du projet").scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    seen.append(page.screenshot())
    page.get_by_role("link", name="Vérifier et déposer").click()
    page.get_by_role("heading", name="Il manque").wait_for()
    seen.append(page.screenshot())
    return seen


def printed(page: Page, folder: Path) -> list[bytes]:
    """The sheet of a school, and the account of its diagnostic."""
    choose(page, RENNES)
    page.goto(f"/ecoles/?q={VALIDATED}")
    page.get_by_role("main").locator("tbody th a", has_text="élémentaire").first.click()
    sheet = folder / "fiche.pdf"
    sheet.write_bytes(page.request.get(f"{page.url}fiche/").body())
    page.goto("/diagnostics/")
    page.get_by_role("main").locator("tbody th a", has_text=VALIDATED).first.click()
    page.get_by_role("button", name="Établir le compte rendu").click()
    link = page.locator(".progress a[href^='/documents/'], .progress a[href*='compte-rendu']").first
    link.wait_for(timeout=PATIENCE)
    report = folder / "compte-rendu.pdf"
    report.write_bytes(page.request.get(link.get_attribute("href") or "").body())
    return [page_of(sheet, "1"), page_of(report, "1")]


def picture_all(browser: Browser, demo: Demo, folder: Path) -> None:
    for role, shots in (("education", EDUCATION), ("ien", INSPECTION)):
        page = signed_in(browser, demo, role)
        for shot in shots:
            take(page, shot)
        if role == "education":
            keep_together("37-fiche", printed(page, folder))
        page.context.close()
    page = signed_in(browser, demo, "school")
    keep_together("39-candidature", apply_on_a_phone(page))
    page.context.close()
