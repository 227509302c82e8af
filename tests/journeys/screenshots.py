"""Makes the pictures of docs/guide/README.md from the demonstration: `make guide`."""

import io
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.conftest import FLAGS, fill_sign_in
from tests.journeys.installation import Demo, demo_running
from tests.live.conftest import ROOT

IMAGES = ROOT / "docs/guide/images"
WIDTH = 1280
MOST_BYTES = 120_000
METZ, POITIERS, RENNES = "Ville de Metz", "Ville de Poitiers", "Rennes (données ouvertes, simulation)"
STE = "Saint-Étienne Métropole"
CAPPED, PATIENCE = "Par école, plafond annuel", 120_000


@dataclass(frozen=True)
class Shot:
    """A picture: the town chosen in the header, the links followed one after the other (of a list, a page's head, its tabs), what
    is at the top, the height."""

    name: str
    town: str
    start: str
    links: tuple[str, ...] = ()
    top: str = ""
    height: int = 860
    then: Callable[[Page], object] | None = None


def open_menu(label: str) -> Callable[[Page], object]:
    return lambda page: page.locator("summary", has_text=label).first.click()


def open_more(label: str) -> Callable[[Page], object]:
    """A link kept under « Plus »."""

    def follow(page: Page) -> None:
        open_menu("Plus")(page)
        page.get_by_role("link", name=label).click()

    return follow


def open_filters(page: Page) -> None:
    page.get_by_role("button", name="Filtrer").click()


def compute(page: Page) -> None:
    page.get_by_role("button", name="Calculer").click()
    page.locator(".progress").wait_for()


def open_step(label: str) -> Callable[[Page], object]:
    return lambda page: page.get_by_role("navigation", name="Étapes").get_by_role("link", name=label).click()


def optimise(page: Page) -> None:
    """A search, to its end, and the page of its proposal."""
    page.get_by_role("link", name="Optimiser").first.click()
    page.get_by_label("Durée au plus").fill("10")
    page.get_by_role("button", name="Chercher un meilleur ordre").click()
    result = page.locator(".progress").get_by_role("link", name="Voir le résultat")
    result.wait_for(timeout=PATIENCE)
    result.click()
    page.get_by_role("heading", name="Par exercice").wait_for()


def compare(page: Page) -> None:
    for box in page.get_by_role("checkbox", name="Cocher Hypothèse").all():
        box.check()
    page.get_by_role("button", name="Comparer").click()
    page.get_by_role("heading", name="Les chiffres").wait_for()


def adopt(page: Page) -> None:
    """The scenario becomes the programme; its first phase is under way and some of its schools are equipped."""
    main = page.get_by_role("main")
    page.get_by_role("link", name="Arrêter ce programme").click()
    page.get_by_role("button", name="Arrêter le programme").click()
    page.wait_for_url("**/programme/")
    programme = page.url
    main.locator("tbody th a", has_text="2023").first.click()
    page.get_by_role("link", name="Commencer la phase").click()
    page.get_by_label("Commencée le").fill("2023-09-04")
    page.get_by_role("button", name="Commencer la phase").click()
    page.get_by_role("link", name="Noter des écoles équipées").click()
    for box in main.get_by_role("checkbox").all()[:4]:
        box.check()
    page.get_by_label("Équipée").first.fill("2023-10-02")
    main.locator("form[method=post] button[type=submit]").last.click()
    page.get_by_role("heading", name="Écoles prévues, pas encore équipées").wait_for()
    page.goto(programme)


SHOTS = (
    Shot("02-accueil", "", "/", height=900),
    Shot("03-ecoles", RENNES, "/ecoles/?sector=public&kind=elementaire", height=800),
    Shot("04-filtres", RENNES, "/ecoles/", height=760, then=open_filters),
    Shot("05-ecole", RENNES, "/ecoles/?q=Oscar+Leroux", ("élémentaire publique Oscar Leroux",), height=900),
    Shot("06-regles", STE, "/regles-de-dotation/", ("Vers une École",), height=900),
    Shot("07-besoin", RENNES, "/besoin/", height=900),
    Shot("08-ent", POITIERS, "/abonnements/", ("Quatre écoles",), height=860),
    Shot("09-plan", METZ, "/plans/", ("École numérique",), height=900),
    Shot("10-scenario", METZ, "/scenarios/", ("Hypothèse État 17,5 %",), height=1100),
    Shot("12-financement", METZ, "/plans/", ("École numérique", "Financement"), height=1000),
    Shot("13-annonces", METZ, "/scenarios/", ("Hypothèse État 17,5 %",), "Montants annoncés et calculés", height=620),
    Shot("15-comite", POITIERS, "/comites/", ("Comité de pilotage",), height=860),
    Shot("16-deliberation", POITIERS, "/deliberations/", ("plan numérique",), height=1000),
    Shot("17-export", RENNES, "/classes/", height=560, then=open_menu("Exporter")),
    Shot("18-historique", METZ, "/scenarios/", ("Hypothèse État 17,5 %",), height=620, then=open_more("Historique")),
    Shot("19-assistant", RENNES, "/scenarios/", (CAPPED, "Assistant"), height=1040, then=open_step("Stratégie")),
    Shot("20-tableau", RENNES, "/scenarios/", (CAPPED, "Tableau"), height=1180),
    Shot("21-optimisation", RENNES, "/scenarios/", (CAPPED, "Tableau"), height=1280, then=optimise),
    Shot("22-comparaison", METZ, "/scenarios/", height=1260, then=compare),
    Shot("24-autorisation", RENNES, "/autorisations/", ("Équipement des écoles",), height=1000),
    Shot("25-calendriers", STE, "/plans/", ("Vers une École", "Calendriers"), height=760),
    Shot("27-subvention", RENNES, "/subventions/", ("Demande simulée",), height=1060),
    Shot("23-programme", RENNES, "/scenarios/", (CAPPED,), "Prévu et réalisé", height=640, then=adopt),
    Shot("26-execution", RENNES, "/plans/", ("Simulation", "Exécution"), height=1240),
    Shot("11-calcul", METZ, "/scenarios/", ("Hypothèse État 25 %",), height=560, then=compute),
)

COUNCIL = "Conseil municipal d'exercice"
ACT = "Approbation du plan"


def vote_in_session(page: Page) -> None:
    """The sitting of the exercise, opened: all but three present, one of them represented, a vote of « all for but »."""
    main = page.get_by_role("main")
    main.get_by_role("button", name="Ouvrir la séance", exact=True).click()
    main.get_by_role("button", name="Tous présents", exact=True).click()
    rows = page.locator("#membres .row")
    for place in (20, 21, 22):
        rows.nth(place).get_by_role("button", name="Absent").click()
    for label, number in (("Mandant", "VINGT-TROIS"), ("Mandataire", "QUATRE")):
        member = rows.filter(has_text=f" {number}").locator(".who > b").first.inner_text()
        main.get_by_label(label, exact=True).fill(member)
    main.get_by_role("button", name="Enregistrer le pouvoir").click()
    page.locator(".sitting-strip li > b", has_text="21").first.wait_for()
    main.get_by_role("button", name="Examiner la première affaire").click()
    main.get_by_role("button", name="Vote à main levée, tous pour sauf…").click()
    search = page.locator("#chercher")
    for number, choice in (("DIX-HUIT", "Contre"), ("DIX-NEUF", "Abstention")):
        search.fill(number)
        rows.filter(has_text=number).first.get_by_role("button", name=choice).click()
    search.fill("")
    page.locator(".link-state", has_text="Tout est enregistré").wait_for()


COUNCIL_SHOTS = (
    Shot("28-redaction", RENNES, "/deliberations/", (ACT, "Rédaction"), height=1100),
    Shot("29-convocation", RENNES, "/seances/", ("/", "Convocation"), height=1000),
    Shot("30-seance", RENNES, "/seances/", ("/", "Conduite"), height=900, then=vote_in_session),
)


def choose(page: Page, town: str) -> None:
    page.goto("/")
    page.locator("summary", has_text="Collectivité").click()
    page.get_by_label("Collectivité affichée").select_option(label=town or "Toutes mes collectivités")
    page.get_by_role("button", name="Afficher").click()


def take(page: Page, shot: Shot) -> None:
    choose(page, shot.town)
    page.goto(shot.start)
    for text in shot.links:
        page.get_by_role("main").locator("tbody th a, .page-head a, .tabs a").filter(has_text=text).first.click()
    page.set_viewport_size({"width": WIDTH, "height": shot.height})
    if shot.then:
        shot.then(page)
    if shot.top:
        page.get_by_role("heading", name=shot.top).evaluate("element => scrollTo(0, element.offsetTop - 24)")
    page.wait_for_timeout(300)
    keep(shot.name, page.screenshot())


def keep(name: str, png: bytes) -> None:
    """As few colours as the weight asks for; text stays sharp."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in (128, 96, 64, 48, 32, 24):
        packed = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
        if packed.tell() <= MOST_BYTES:
            break
    (IMAGES / f"{name}.png").write_bytes(packed.getvalue())
    print(f"{name}.png : {packed.tell() / 1000:.0f} ko, {colours} couleurs")  # noqa: T201


def keep_pages(name: str, report: Path, numbers: tuple[str, str]) -> None:
    """Two pages of a PDF, side by side."""
    pages = []
    for number in numbers:
        command = ["pdftoppm", "-png", "-r", "75", "-f", number, "-l", number, str(report)]
        found = subprocess.run(command, check=True, capture_output=True).stdout
        pages.append(Image.open(io.BytesIO(found)).convert("RGB"))
    sheet = Image.new("RGB", (WIDTH, pages[0].height + 48), "#f5f1e9")
    for place, page in enumerate(pages):
        sheet.paste(page, (WIDTH // 2 - page.width - 12 if place == 0 else WIDTH // 2 + 12, 24))
    packed = io.BytesIO()
    sheet.save(packed, "PNG")
    keep(name, packed.getvalue())


def extract_of_poitiers(page: Page, folder: Path) -> Path:
    """Made by its job, then kept as the register has it."""
    choose(page, POITIERS)
    page.goto("/deliberations/")
    page.get_by_role("main").locator("tbody th a").first.click()
    page.get_by_role("button", name="Extrait").first.click()
    link = page.locator(".progress a[href^='/documents/']").first
    link.wait_for(timeout=PATIENCE)
    path = folder / "extrait.pdf"
    path.write_bytes(page.request.get(link.get_attribute("href") or "").body())
    return path


def signed_in(browser: Browser, demo: Demo, role: str, *, picture: str = "") -> Page:
    context = browser.new_context(
        base_url=demo.address, locale="fr-FR", timezone_id="Europe/Paris", viewport={"width": WIDTH, "height": 760}
    )
    page = context.new_page()
    page.goto("/compte/login/")
    if picture:
        keep(picture, page.screenshot())
    fill_sign_in(page, demo, role)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(f"{demo.address}/")
    return page


def picture_all(browser: Browser, demo: Demo, folder: Path) -> None:
    for role, shots, picture in (("education", SHOTS, "01-connexion"), ("assembly", COUNCIL_SHOTS, "")):
        page = signed_in(browser, demo, role, picture=picture)
        for shot in shots:
            take(page, shot)
        if role == "assembly":
            keep_pages("31-extrait", extract_of_poitiers(page, folder), ("1", "2"))
        page.context.close()
    keep_pages("14-rapport", next((demo.site.folder / "rapports").glob("*etat-175*.pdf")), ("1", "3"))


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        demo_running(Path(folder) / "demo") as demo,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS.split())
        picture_all(browser, demo, Path(folder))
        browser.close()


if __name__ == "__main__":
    main()
