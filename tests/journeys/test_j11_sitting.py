"""J11 in the room: a sitting of Poitiers' council from the call to its closing, by keyboard, without connection, by two clerks.

Each journey makes its own sitting, years away from those of the others, and holds it with the members of the demonstration."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.journeys.conftest import PATIENCE, watch
from tests.journeys.installation import Demo

RULES = {"resultTypes": ["violations"]}
TITLES = (
    "Approbation du procès-verbal",
    "Plan numérique des écoles : programme et plan de financement",
    "Convention pour l'espace numérique de travail",
    "Rapport annuel du service",
)
# What these journeys do on purpose, and a browser reports.
EXPECTED = re.compile(r"^400: .*/saisie/$|status of 400|INTERNET_DISCONNECTED")


class Room:
    """A sitting, and browsers at its page."""

    def __init__(self, browser: Browser, demo: Demo, cookies_of: Callable[[str], Path]) -> None:
        self.browser, self.demo, self.cookies_of = browser, demo, cookies_of
        self.opened: list[tuple[BrowserContext, list[str]]] = []
        self.address = ""

    def enter(self, role: str = "assembly", *, page_of: str = "conduite") -> Page:
        """A browser of its own, whose refusals (400) and cut connections are no fault."""
        context = self.browser.new_context(
            base_url=self.demo.address,
            storage_state=self.cookies_of(role),
            locale="fr-FR",
            timezone_id="Europe/Paris",
            viewport={"width": 1280, "height": 900},
        )
        context.set_default_timeout(PATIENCE)
        self.opened.append((context, watch(context, self.demo.address)))
        page = context.new_page()
        if self.address:
            page.goto(self.address.replace("conduite", page_of))
            expect(page.locator(".sitting-strip, .room-strip")).to_be_visible()
        return page

    def convene(self, page: Page, day: str) -> None:
        """A sitting of Poitiers with four items, by the API."""
        assembly = self.ask(page, "assemblees/?q=Poitiers")["results"][0]["id"]
        body = {"assembly": assembly, "held_on": day, "held_at": "18:00", "state": "convened"}
        sitting = self.ask(page, "seances/", body)["id"]
        for number, title in enumerate(TITLES, 1):
            self.ask(
                page, "deliberations/", {"sitting": sitting, "number": str(number), "title": title, "passage": number}
            )
        self.address = f"/seances/{sitting}/conduite/"
        page.goto(self.address)

    @staticmethod
    def ask(page: Page, path: str, body: Any = None) -> Any:
        url = f"/api/v1/{path}"
        if body is None:
            answer = page.request.get(url)
        else:
            token = next(each["value"] for each in page.context.cookies() if each["name"] == "csrftoken")
            answer = page.request.post(url, data=body, headers={"x-csrftoken": token, "referer": str(page.url)})
        assert answer.ok, answer.text()
        return answer.json()


@pytest.fixture
def room(browser: Browser, demo: Demo, cookies_of: Callable[[str], Path]) -> Iterator[Room]:
    made = Room(browser, demo, cookies_of)
    yield made
    for context, problems in made.opened:
        context.close()
        assert [each for each in problems if not EXPECTED.search(each)] == []


def press(page: Page, name: str, *, exact: bool = True) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=exact).first.click()


def figures(page: Page) -> list[int]:
    """In office, present, represented, voices, quorum."""
    return [int(text) for text in page.locator(".sitting-strip li > b").all_inner_texts()]


def expect_strip(page: Page, *counts: int) -> None:
    for place, figure in enumerate(counts):
        expect(page.locator(".sitting-strip li > b").nth(place)).to_have_text(str(figure))


def expect_saved(page: Page) -> None:
    expect(page.locator(".link-state")).to_have_text("Tout est enregistré")


def row(page: Page, name: str) -> Locator:
    return page.locator("#membres .row", has=page.locator(".who > b", has_text=re.compile(f"^{re.escape(name)}$")))


def refusal(page: Page) -> Locator:
    return page.get_by_role("list", name="Saisies refusées").get_by_role("listitem")


def expect_refused(page: Page, article: str, *words: str) -> None:
    expect(refusal(page)).to_have_count(1)
    for text in (*words, f"article {article}"):
        expect(refusal(page)).to_contain_text(text)
    press(page, "Retirer la saisie refusée", exact=False)
    expect(refusal(page)).to_have_count(0)


def open_and_call(page: Page, *, away: int = 7) -> list[str]:
    """Opened, all present but the last `away`; the names in the order of the table."""
    press(page, "Ouvrir la séance")
    expect(page.get_by_role("heading", name="Appel nominal")).to_be_visible()
    press(page, "Tous présents")
    expect_strip(page, 53, 53, 0, 53, 27)
    names = page.locator("#membres .row .who > b").all_inner_texts()
    for rank, name in enumerate(names[len(names) - away :], 1):
        row(page, name).get_by_role("button", name="Absent").click()
        expect_strip(page, 53, 53 - rank, 0, 53 - rank, 27)
    return names


def give_proxy(page: Page, giver: str, holder: str) -> None:
    page.get_by_label("Mandant", exact=True).fill(giver)
    page.get_by_label("Mandataire", exact=True).fill(holder)
    press(page, "Enregistrer le pouvoir")
    expect(page.get_by_label("Mandant", exact=True)).to_have_value("")


def accessible(page: Page) -> None:
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page, options=RULES).response["violations"] if width != 320 else []
        assert [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]] == []
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    page.set_viewport_size({"width": 1280, "height": 900})


def proclaim(page: Page, **fields: str) -> None:
    press(page, "Proclamer le résultat")
    dialog = page.get_by_role("dialog", name="Proclamer le résultat ?")
    for label, value in fields.items():
        dialog.get_by_label(re.compile(label)).select_option(label=value)
    dialog.get_by_role("button", name="Proclamer").click()


def start_vote(page: Page) -> None:
    press(page, "Vote à main levée, tous pour sauf…")
    expect(page.get_by_role("group", name="Vote de ceux qui ne sont pas nommés")).to_be_visible()


def test_whole_sitting_from_the_call_to_the_closing(room: Room) -> None:
    page = room.enter()
    room.convene(page, "2021-03-03")
    accessible(page)
    names = open_and_call(page)
    for giver, holder in zip(names[46:51], names[:5], strict=True):
        give_proxy(page, giver, holder)
    expect_strip(page, 53, 46, 5, 51, 27)
    refused_proxies(page, names)
    accessible(page)

    press(page, "Examiner la première affaire")
    expect(page.get_by_role("heading", level=2, name=TITLES[0])).to_be_visible()
    start_vote(page)
    proclaim(page)
    expect(page.locator(".verdict")).to_have_text("Adoptée à l'unanimité")
    second_item(page, names)
    third_item_moved_and_withdrawn(page)
    votes_beyond_the_voices(page)
    no_quorum(page, names)
    closing(page)
    accessible(page)


def refused_proxies(page: Page, names: list[str]) -> None:
    give_proxy(page, names[51], names[0])
    expect_refused(page, "L2121-20", f"Pouvoir de {names[51]} à {names[0]}", names[46])
    give_proxy(page, names[51], names[52])
    expect_refused(page, "L2121-20", names[52])
    give_proxy(page, names[51], names[51])
    expect_refused(page, "L2121-20", "lui-même")
    expect_strip(page, 53, 46, 5, 51, 27)


def second_item(page: Page, names: list[str]) -> None:
    """40 for and 11 abstentions, one of them for the member represented; who withdraws leaves the quorum."""
    press(page, "Affaire suivante : n° 2")
    expect(page.get_by_role("heading", level=2, name=TITLES[1])).to_be_visible()
    page.get_by_role("tab", name="Présence et pouvoirs").click()
    page.locator("#chercher").fill(names[20])
    row(page, names[20]).get_by_role("button", name="Se retire").click()
    expect(page.locator(".panel")).to_contain_text("45 comptés")
    row(page, names[20]).get_by_role("button", name="Ne se retire plus").click()
    expect(page.locator(".panel")).to_contain_text("46 comptés")
    page.get_by_role("tab", name="Débats").click()
    page.get_by_label("Intervention, question, réponse").fill("Une question sur le calendrier.")
    press(page, "Ajouter aux débats")
    expect(page.locator(".debates")).to_contain_text("Une question sur le calendrier.")
    page.get_by_role("tab", name="Vote", exact=True).click()
    start_vote(page)
    abstain(page, names)
    expect(page.locator(".vote-figures .for b")).to_have_text("40")
    expect(page.locator(".vote-figures .abstain b")).to_have_text("11")
    accessible(page)
    proclaim(page)
    expect(page.locator(".verdict")).to_have_text("Adoptée à l'unanimité des suffrages exprimés")
    expect_saved(page)


def abstain(page: Page, names: list[str]) -> None:
    """Nine of those present, and the first holder with the voice of the one he represents."""
    search = page.locator("#chercher")
    search.fill(names[0])
    row(page, names[0]).get_by_role("button", name="+1 pouvoir", exact=False).click()
    row(page, names[0]).get_by_role("button", name="Abstention").click()
    for name in names[10:19]:
        search.fill(name)
        row(page, name).get_by_role("button", name="Abstention").click()
    search.fill("")
    expect(page.locator("#membres .row")).to_have_count(11)


def third_item_moved_and_withdrawn(page: Page) -> None:
    """The fourth passes before the third, which is withdrawn, then restored."""
    agenda = page.get_by_role("navigation", name="Ordre du jour")
    agenda.get_by_role("button", name=re.compile(TITLES[3])).first.click()
    press(page, "↑ Monter", exact=False)
    expect(agenda.get_by_role("listitem").nth(2)).to_contain_text(TITLES[3])
    agenda.get_by_role("button", name=re.compile(TITLES[2])).first.click()
    press(page, "Retirer…", exact=False)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Motif").fill("À la demande du rapporteur")
    dialog.get_by_role("button", name="Retirer").click()
    expect(agenda.get_by_role("listitem").nth(3)).to_contain_text("Retirée")
    press(page, "Rétablir", exact=False)
    expect(agenda.get_by_role("listitem").nth(3)).not_to_contain_text("Retirée")
    expect_saved(page)


def votes_beyond_the_voices(page: Page) -> None:
    """52 votes for 51 voices by secret ballot: refused; then 51, told by totals only."""
    press(page, "Affaire suivante", exact=False)
    expect(page.get_by_role("heading", level=2, name=TITLES[3])).to_be_visible()
    page.get_by_text("Autre scrutin", exact=False).click()
    page.get_by_label("Secret").check()
    press(page, "Ouvrir le vote")
    page.locator("#decompte-for").fill("50")
    page.locator("#decompte-against").fill("2")
    press(page, "Enregistrer le décompte")
    expect(page.locator(".foot")).to_contain_text("1 vote de trop pour 51 voix")
    proclaim(page)
    expect_refused(page, "L2121-20", "52 votes pour 51 voix")
    page.locator("#decompte-for").fill("49")
    press(page, "Enregistrer le décompte")
    expect(page.locator(".foot")).to_contain_text("adoptée à la majorité")
    proclaim(page)
    expect(page.locator(".verdict")).to_have_text("Adoptée à la majorité")


def no_quorum(page: Page, names: list[str]) -> None:
    """Twenty leave: the item may be discussed, its vote is refused until one comes back."""
    press(page, "Affaire suivante", exact=False)
    expect(page.get_by_role("heading", level=2, name=TITLES[2])).to_be_visible()
    page.get_by_role("tab", name="Présence et pouvoirs").click()
    for rank, name in enumerate(names[25:45], 1):
        page.locator("#chercher").fill(name)
        row(page, name).get_by_role("button", name="Départ").click()
        expect_strip(page, 53, 46 - rank)
    expect(page.locator(".sitting-strip")).to_contain_text("non atteint")
    page.get_by_role("tab", name="Vote", exact=True).click()
    press(page, "Vote à main levée, tous pour sauf…")
    expect_refused(page, "L2121-17", "26 membres présents, 27 nécessaires")
    page.get_by_role("tab", name="Présence et pouvoirs").click()
    row(page, names[30]).get_by_role("button", name="Retour").click()
    expect(page.locator(".sitting-strip .badge")).to_have_text("atteint")
    expect_saved(page)
    page.get_by_role("tab", name="Vote", exact=True).click()
    start_vote(page)
    proclaim(page)
    expect(page.locator(".verdict")).to_have_text("Adoptée à l'unanimité")


def closing(page: Page) -> None:
    press(page, "Lever la séance")
    page.get_by_role("dialog").get_by_role("button", name="Lever la séance").click()
    expect(page.get_by_role("heading", level=2, name="Séance levée")).to_be_visible()
    results = page.get_by_role("region", name="Résultats").locator("tbody tr")
    expect(results).to_have_count(4)
    expect(results.nth(1)).to_contain_text("Adoptée à l'unanimité des suffrages exprimés")
    page.reload()
    expect(page.get_by_role("heading", level=2, name="Séance levée")).to_be_visible()


def test_one_vote_with_the_keyboard_alone(room: Room) -> None:
    page = room.enter()
    room.convene(page, "2022-03-01")
    names = open_and_call(page, away=1)
    give_proxy(page, names[52], names[3])
    expect_strip(page, 53, 52, 1, 53, 27)
    page.get_by_role("button", name="Examiner la première affaire").press("Enter")
    expect(page.get_by_role("heading", level=2, name=TITLES[0])).to_be_visible()
    page.get_by_role("button", name="Vote à main levée, tous pour sauf…").press("Enter")
    search = page.locator("#chercher")
    expect(search).to_be_visible()

    page.keyboard.press("/")
    expect(search).to_be_focused()
    page.keyboard.type(names[3])
    page.keyboard.press("Enter")
    page.keyboard.press("+")
    page.keyboard.press("c")
    expect(page.locator(".vote-figures .against b")).to_have_text("2")
    expect(page.locator("#annonce")).to_contain_text("(+1 pouvoir) : contre. Pour 51, contre 2, abstentions 0.")
    page.keyboard.press("/")
    expect(search).to_have_value("")
    page.keyboard.type(names[7])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("a")
    expect(page.locator(".vote-figures .abstain b")).to_have_text("1")
    page.keyboard.press("Delete")
    expect(page.locator(".vote-figures .abstain b")).to_have_text("0")
    page.keyboard.press("n")
    expect(page.locator(".vote-figures .not_voting b")).to_have_text("1")
    shortcuts_switched_off(page)
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog", name="Proclamer le résultat ?")
    expect(dialog).to_contain_text("Pour 50, contre 2, abstentions 0, ne participent pas 1 : 53 voix.")
    page.keyboard.press("Enter")
    expect(page.locator(".verdict")).to_have_text("Adoptée à la majorité")
    page.keyboard.press("s")
    expect(page.locator("#suivante")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2, name=TITLES[1])).to_be_focused()


def shortcuts_switched_off(page: Page) -> None:
    """In the help, and back on; while they are off a letter does nothing."""
    page.keyboard.press("?")
    switch = page.get_by_role("dialog", name="Raccourcis du clavier").get_by_label("Raccourcis d'une seule touche")
    switch.uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    press(page, "Raccourcis")
    switch.check()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_connection_lost_then_the_page_reloaded(room: Room) -> None:
    page = room.enter()
    room.convene(page, "2023-03-07")
    names = open_and_call(page, away=1)
    press(page, "Examiner la première affaire")
    start_vote(page)
    expect_saved(page)

    page.context.set_offline(True)
    for name in names[:3]:
        page.locator("#chercher").fill(name)
        row(page, name).get_by_role("button", name="Contre").click()
    expect(page.locator(".link-state")).to_have_text("Hors connexion : 3 saisies en attente")
    counted = page.locator(".vote-figures").inner_text()
    assert counted.split()[:6] == ["49", "Pour", "3", "Contre", "0", "Abstention"]
    page.get_by_role("tab", name="Débats").click()
    page.get_by_label("Intervention, question, réponse").fill("Dit pendant la coupure.")
    press(page, "Ajouter aux débats")
    expect(page.locator(".link-state")).to_have_text("Hors connexion : 4 saisies en attente")
    page.get_by_label("Intervention, question, réponse").fill("Pas encore ajouté.")
    held_back(page, room, names, counted)


def held_back(page: Page, room: Room, names: list[str], counted: str) -> None:
    """The page is reloaded with its entries unsent: the server is reached for the page, not for what is entered."""
    page.route("**/saisie/", lambda route: route.abort("internetdisconnected"))
    page.context.set_offline(False)
    page.reload()
    expect(page.locator(".link-state")).to_contain_text("4 saisies en attente")
    page.get_by_role("tab", name="Débats").click()
    expect(page.get_by_label("Intervention, question, réponse")).to_have_value("Pas encore ajouté.")
    expect(page.locator(".debates")).to_contain_text("Dit pendant la coupure.")
    page.unroute("**/saisie/")
    expect_saved(page)
    page.get_by_role("tab", name="Vote", exact=True).click()
    expect(page.locator(".vote-figures .against b")).to_have_text("3")
    assert page.locator(".vote-figures").inner_text() == counted  # what was shown without the server is what it says
    other = room.enter("administrator")
    expect(other.locator(".vote-figures .against b")).to_have_text("3")
    for name in names[:3]:
        expect(row(other, name).get_by_role("button", name="Contre")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.includes(':saisie:'))") == []


def test_two_clerks_and_the_screen_of_the_room(room: Room) -> None:
    mine = room.enter()
    room.convene(mine, "2024-03-06")
    theirs, screen = room.enter("administrator"), room.enter("elected", page_of="ecran")
    expect(screen.get_by_role("heading", level=1)).to_have_text("La séance va s'ouvrir.")
    names = open_and_call(mine, away=2)
    expect_strip(theirs, 53, 51, 0, 51, 27)
    press(mine, "Examiner la première affaire")
    expect(theirs.get_by_role("heading", level=2, name=TITLES[0])).to_be_visible()
    expect(screen.get_by_role("heading", level=1)).to_have_text(TITLES[0])
    start_vote(theirs)
    mine.locator("#chercher").fill(names[0])
    row(mine, names[0]).get_by_role("button", name="Contre").click()
    theirs.locator("#chercher").fill(names[1])
    row(theirs, names[1]).get_by_role("button", name="Abstention").click()
    for page in (mine, theirs):
        expect(page.locator(".vote-figures .for b")).to_have_text("49")
        expect(page.locator(".vote-figures .against b")).to_have_text("1")
        expect(page.locator(".vote-figures .abstain b")).to_have_text("1")
    expect(screen.locator("main")).to_contain_text("Scrutin ordinaire en cours")
    expect(theirs.locator("#chercher")).to_have_value(names[1])  # what is typed stays when the state comes
    proclaim(mine)
    for page in (theirs, screen):
        expect(page.locator(".verdict")).to_have_text("Adoptée à la majorité")
    expect(screen.locator(".vote-figures .for b")).to_have_text("49")
    accessible(screen)
    screen.set_viewport_size({"width": 1920, "height": 1080})
    assert screen.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0


def test_entry_is_taken_once_however_often_it_is_sent(room: Room) -> None:
    """An answer lost on its way: the entry is sent again, and counts once."""
    page = room.enter()
    room.convene(page, "2025-03-05")
    lost: list[str] = []

    def lose(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().text())
        route.abort("internetdisconnected")

    page.route("**/saisie/", lose)
    press(page, "Ouvrir la séance")
    expect(page.get_by_role("heading", name="Appel nominal")).to_be_visible()
    expect_saved(page)
    sitting = room.address.split("/")[2]
    assert room.ask(page, f"seances/{sitting}/etat/")["sequence"] == 1
    assert '"repeated": false' in lost[0]


PARTS = """async () => {
  const { newKey, browserStore } = await import("/static/js/sitting/queue.js");
  const { matching } = await import("/static/js/sitting/members.js");
  Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
  const full = { getItem() { return null; }, setItem() { throw new Error("quota"); }, removeItem() {} };
  const store = browserStore("essai:", full);
  store.put({ rank: "2", key: "b" });
  store.put({ rank: "1", key: "a" });
  const kept = store.all().map((entry) => entry.key);
  store.drop({ rank: "1", key: "a" });
  const members = [{ name: "Mme Éléonore D'ARC-PETIT", group: "Union" }, { name: "M. Paul MARTIN", group: "" }];
  const found = (query) => matching(members, query).map((member) => members.indexOf(member));
  return {
    keys: [newKey(), newKey()], kept, left: store.all().length, lasting: store.lasting,
    found: ["eleo", "arc", "petit mme", "M. Paul MARTIN", "union", "paul union", "  ", "z"].map(found),
  };
}"""


def test_parts_that_need_no_page(room: Room) -> None:
    """Where the browser has no randomUUID, or no room left; members found by what is typed."""
    page = room.enter()
    page.goto("/seances/")
    said = page.evaluate(PARTS)
    assert len(set(said["keys"])) == 2
    for key in said["keys"]:
        assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", key)
    assert (said["kept"], said["left"], said["lasting"]) == (["a", "b"], 1, False)
    assert said["found"] == [[0], [0], [0], [1], [0], [], [], []]
