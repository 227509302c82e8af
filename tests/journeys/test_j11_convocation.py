"""J11 and J12, the convocation: checked, sent, answered in two taps by a link without password, or from home."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import Message
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import fill_sign_in, watch
from tests.journeys.installation import Demo
from tests.journeys.test_j00_main_job import (
    WIDTHS,
    choose_authority,
    expect_no_sideways_scroll,
    follow_job,
    open_from_menu,
)

POITIERS = "Ville de Poitiers"
HELD = datetime.now(ZoneInfo("Europe/Paris")).date() + timedelta(days=20)
ITEM = "Plan numérique des écoles : point d'étape"
PLACE = "Salle du conseil, hôtel de ville"


def test_a_sitting_is_convened_and_answered(
    page: Page, sign_in: Callable[[str], None], browser: Browser, demo: Demo
) -> None:
    sign_in("assembly")
    choose_authority(page, POITIERS)
    names = give_addresses(page)
    make_sitting(page)
    tab = page.url
    convene(page)

    sent = {str(message["To"]): message for message in demo.mails()}
    assert set(sent) == {"membre-un@example.org", "membre-deux@example.org"}
    for address, other in (("membre-un@example.org", names[1]), ("membre-deux@example.org", names[0])):
        said = text_of(sent[address])
        assert ITEM in said
        assert other not in said
    answer_by_the_link(browser, demo, link_in(sent["membre-un@example.org"]))

    page.goto(tab)
    expect(page.get_by_role("row", name=re.compile(re.escape(names[0])))).to_contain_text("Sera présent")
    answer_from_home(browser, demo, names[0])
    page.reload()
    expect(page.get_by_role("row", name=re.compile(re.escape(names[1])))).to_contain_text("Donne pouvoir")
    expect_no_sideways_scroll(page)


def give_addresses(page: Page) -> list[str]:
    """To the first two members of the table; the second has the account of the elected member."""
    open_from_menu(page, "Assemblées")
    page.get_by_role("main").locator("tbody th a").first.click()
    page.get_by_role("link", name="Coordonnées").click()
    names = page.get_by_role("main").locator("tbody th a").all_inner_texts()[:2]
    contacts = page.url
    for name, address in zip(names, ("membre-un@example.org", "membre-deux@example.org"), strict=True):
        page.get_by_role("link", name=f"Saisir les coordonnées de {name}").click()
        page.get_by_label("Adresse électronique").fill(address)
        if address.startswith("membre-deux"):
            page.get_by_label("Compte de l'élu").select_option(index=1)
        page.get_by_role("button", name="Créer").click()
        page.goto(contacts)
    expect(page.get_by_role("main")).to_contain_text("membre-deux@example.org")
    return names


def make_sitting(page: Page) -> None:
    open_from_menu(page, "Assemblées")
    page.get_by_role("main").locator("tbody th a").first.click()
    page.get_by_role("link", name="Nouvelle séance").click()
    page.get_by_label("Date de la séance").fill(HELD.isoformat())
    page.get_by_label("Heure", exact=False).first.fill("18:30")
    page.get_by_label("Lieu").fill(PLACE)
    page.get_by_role("button", name="Créer").click()
    page.get_by_role("link", name="Nouvelle délibération").first.click()
    page.get_by_label("Intitulé", exact=False).first.fill(ITEM)
    page.get_by_role("button", name="Rédiger le projet").click()
    page.get_by_role("navigation", name="Fil d'Ariane").get_by_role("link", name=re.compile("séance du")).click()
    page.get_by_role("navigation", name="Rubriques").get_by_role("link", name="Convocation").click()


def convene(page: Page) -> None:
    main = page.get_by_role("main")
    expect(main).to_contain_text("Délai respecté")
    expect(main).to_contain_text("CGCT, article L2121-12")
    expect(main).to_contain_text("pas encore de texte")
    page.get_by_label("Envoyer malgré ce qui manque").check()
    page.get_by_role("button", name="Envoyer la convocation").click()
    follow_job(page)
    page.reload()
    expect(page.get_by_role("heading", name="Réponses reçues")).to_be_visible()
    expect(main).to_contain_text("Remise au serveur")
    expect(main).to_contain_text("Sur papier, à remettre")


def text_of(message: Message) -> str:
    parts = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    return "".join(part.decode() for part in parts if isinstance(part, bytes))


def link_in(message: Message) -> str:
    found = re.search(r"https?://\S+/reponse/\S+", text_of(message))
    assert found
    return found[0].strip("\"'>")


def answer_by_the_link(browser: Browser, demo: Demo, link: str) -> None:
    """At the width of a telephone, without any session: one tap opens, the second answers."""
    context = browser.new_context(viewport=WIDTHS["phone"], locale="fr-FR", timezone_id="Europe/Paris")
    problems = watch(context, demo.address)
    page = context.new_page()
    page.goto(link)
    expect(page.get_by_role("main")).to_contain_text(ITEM)
    expect_no_sideways_scroll(page)
    page.get_by_role("button", name="Je serai présent").click()
    expect(page.get_by_role("status")).to_contain_text("Votre réponse est enregistrée")
    assert [cookie["name"] for cookie in context.cookies()] == ["csrftoken"]
    document = page.get_by_role("link", name=re.compile("Convocation, ordre du jour")).get_attribute("href")
    assert context.request.get(f"{demo.address}{document}").body().startswith(b"%PDF")
    context.close()
    assert problems == []


def answer_from_home(browser: Browser, demo: Demo, holder: str) -> None:
    context = browser.new_context(base_url=demo.address, viewport=WIDTHS["phone"], locale="fr-FR")
    problems = watch(context, demo.address)
    page = context.new_page()
    fill_sign_in(page, demo, "elected")
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("link", name=f"Répondre à la convocation du {HELD:%d/%m/%Y}").click()
    page.get_by_label("Collègue à qui donner pouvoir").select_option(label=holder)
    page.get_by_role("button", name="Donner pouvoir").click()
    expect(page.get_by_role("status").first).to_contain_text(f"Vous donnez pouvoir à {holder}")
    expect_no_sideways_scroll(page)
    page.goto("/")
    expect(page.get_by_role("link", name="Répondre à la convocation")).to_have_count(0)
    context.close()
    assert problems == []
