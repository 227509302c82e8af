"""Makes the pictures of docs/guide/README.md from the demonstration: `make guide`."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys import screenshots_schools
from tests.journeys.conftest import FLAGS
from tests.journeys.installation import Demo, demo_running
from tests.journeys.pictures import (
    IMAGES,
    METZ,
    PATIENCE,
    POITIERS,
    RENNES,
    STE,
    Shot,
    choose,
    keep_pages,
    open_menu,
    open_more,
    signed_in,
    take,
)

CAPPED = "Par école, plafond annuel"


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
)
SITTING = Shot("30-seance", RENNES, "/seances/", ("/", "Conduite"), height=900, then=vote_in_session)
HELD_TODAY = """
from deliberations.models import Sitting
from django.utils import timezone
print(Sitting.objects.filter(assembly__name__contains="exercice").update(held_on=timezone.localdate()))
"""


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


def picture_all(browser: Browser, demo: Demo, folder: Path) -> None:
    screenshots_schools.picture_all(browser, demo, folder)  # before a programme is adopted, which moves the schools
    for role, shots, picture in (("education", SHOTS, "01-connexion"), ("assembly", COUNCIL_SHOTS, "")):
        page = signed_in(browser, demo, role, picture=picture)
        for shot in shots:
            take(page, shot)
        if role == "assembly":
            demo.site.manage("shell", "--verbosity", "0", "--command", HELD_TODAY)  # a sitting opens on its day only
            take(page, SITTING)
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
