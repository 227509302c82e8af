"""J11 in the room, where things go wrong: another clerk meanwhile, an entry refused or that the server cannot take, a browser that
keeps nothing. Each journey holds its own sitting, whose other clerk speaks by the API."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.installation import Demo
from tests.journeys.test_j11_sitting import TITLES, Room, accessible, expect_saved, press, refusal, row

EXPECTED = re.compile(r"^(400|500): .*/saisie/$|status of (400|500)|INTERNET_DISCONNECTED")
HANDS = {"mode": "by_name", "method": "hands", "others": "for"}
LINK = ".link-state"


class Held(Room):
    """A sitting opened, all present; `other` enters by the API what another clerk would."""

    def hold(self, page: Page, day: str) -> None:
        self.convene(page, day)
        self.sitting = self.address.split("/")[2]
        members = self.other(page, "opened")["members"]
        self.members = [each["id"] for each in members]
        self.names = [each["name"] for each in members]
        self.acts = [
            each["id"] for each in self.other(page, "presence", states=dict.fromkeys(self.members, "present"))["items"]
        ]
        page.goto("/seances/")

    def other(self, page: Page, kind: str, **payload: Any) -> Any:
        body = {"key": str(uuid4()), "kind": kind, "payload": payload}
        return self.ask(page, f"seances/{self.sitting}/saisies/", body)["state"]

    def examine(self, page: Page, rank: int = 0, **ballot: Any) -> None:
        self.other(page, "item_opened", act=self.acts[rank])
        if ballot:
            self.other(page, "ballot", act=self.acts[rank], **ballot)

    def state(self, page: Page) -> Any:
        return self.ask(page, f"seances/{self.sitting}/etat/")

    def see(self, page: Page) -> Page:
        page.goto(self.address)
        expect(page.locator(".sitting-strip")).to_be_visible()
        return page


@pytest.fixture
def room(browser: Browser, demo: Demo, cookies_of: Callable[[str], Path]) -> Iterator[Held]:
    made = Held(browser, demo, cookies_of)
    yield made
    for context, problems in made.opened:
        context.close()
        assert [each for each in problems if not EXPECTED.search(each)] == []


def expect_item(page: Page, rank: int) -> None:
    expect(page.get_by_role("heading", level=2, name=TITLES[rank])).to_be_visible()


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def answer(page: Page, name: str, button: str) -> None:
    page.get_by_role("dialog", name=name).get_by_role("button", name=button).click()


def proclaimed(room: Held, page: Page) -> list[bool]:
    return [item["proclaimed"] for item in room.state(page)["items"]]


def test_only_what_the_dialog_showed_is_proclaimed(room: Held) -> None:
    page = room.enter()
    room.hold(page, "2001-03-04")
    room.examine(page, 0, **HANDS)
    room.see(page)
    press(page, "Proclamer le résultat")
    expect(page.get_by_role("dialog")).to_contain_text(TITLES[0])
    room.examine(page, 1, **{**HANDS, "others": "against"})
    expect_item(page, 1)
    answer(page, "Proclamer le résultat ?", "Proclamer")
    expect(page.get_by_role("dialog", name="Résultat non proclamé")).to_contain_text(TITLES[1])
    answer(page, "Résultat non proclamé", "Fermer")
    expect_saved(page)
    assert proclaimed(room, page) == [False] * 4

    press(page, "Proclamer le résultat")
    room.other(page, "vote", act=room.acts[1], member=room.members[4], choice="for", proxy=False)
    expect(page.locator(".vote-figures .for b")).to_have_text("1")
    answer(page, "Proclamer le résultat ?", "Proclamer")
    expect(page.get_by_role("dialog")).to_contain_text("Le vote a changé")
    expect(page.get_by_role("dialog")).to_contain_text("Pour 1, contre 52, abstentions 0")
    answer(page, "Proclamer le résultat ?", "Proclamer")
    expect(page.locator(".verdict")).to_have_text("Rejetée")
    expect_saved(page)
    assert proclaimed(room, page) == [False, True, False, False]

    press(page, "Rouvrir le scrutin…")
    room.examine(page, 2)
    expect_item(page, 2)
    page.get_by_role("dialog").get_by_label("Motif").fill("Erreur")
    answer(page, "Rouvrir le scrutin ?", "Rouvrir")
    answer(page, "Scrutin non rouvert", "Fermer")
    assert proclaimed(room, page) == [False, True, False, False]


def test_a_refusal_is_told_from_every_tab_and_after_the_closing(room: Held) -> None:
    page = room.enter()
    room.hold(page, "2002-03-03")
    room.examine(page, 0, **HANDS)
    room.other(page, "vote", act=room.acts[0], member=room.members[0], choice="abstain", proxy=False)
    room.see(page)
    expect(page.locator(".vote-figures li.abstain")).to_have_text("1Abstention")
    tab(page, "Présence et pouvoirs")
    page.context.set_offline(True)
    page.locator("#chercher").fill(room.names[4])
    row(page, room.names[4]).get_by_role("button", name=f"Départ de {room.names[4]}").click()
    tab(page, "Vote")
    room.other(page, "departure", member=room.members[4])  # the browser is cut, its requests of the API are not
    page.context.set_offline(False)
    told = page.get_by_role("button", name="1 saisie refusée")
    expect(told).to_be_visible()
    expect(page.locator(LINK)).to_have_count(1)
    expect(refusal(page)).to_have_count(0)
    told.click()
    everything = page.get_by_role("list", name="Toutes les saisies refusées")
    expect(everything).to_contain_text(f"Refusé : Départ de {room.names[4]}")
    accessible(page)
    for number, kind in ((0, "result"), (1, "item_adjourned"), (2, "item_withdrawn"), (3, "item_adjourned")):
        room.other(page, kind, act=room.acts[number])
    room.other(page, "closed")
    expect(page.get_by_role("heading", level=2, name="Séance levée")).to_be_visible()
    expect(page.locator(".item-head")).to_contain_text("1 résultat sur 4 affaires")
    expect(page.locator(".agenda-item[aria-current]")).to_have_count(0)
    everything.get_by_role("button", name="Retirer la saisie refusée", exact=False).click()
    expect_saved(page)


def test_a_count_that_is_saved_follows_the_other_clerk(room: Held) -> None:
    page = room.enter()
    room.hold(page, "2003-03-02")
    room.examine(page, mode="totals", method="hands", others="")
    room.see(page)
    favour, against = page.locator("#decompte-for"), page.locator("#decompte-against")
    favour.fill("20")
    favour.press("Enter")
    expect_saved(page)
    room.other(page, "tally", act=room.acts[0], **{"for": 12, "against": 11, "abstain": 0, "not_voting": 0})
    expect(against).to_have_value("11")
    expect(favour).to_have_value("12")
    favour.fill("30")  # typed, not saved: what the other counts meanwhile does not erase it
    room.other(page, "tally", act=room.acts[0], **{"for": 13, "against": 14, "abstain": 0, "not_voting": 0})
    expect(against).to_have_value("14")
    expect(favour).to_have_value("30")


def test_what_was_begun_stays_with_its_item(room: Held) -> None:
    page = room.enter()
    room.hold(page, "2004-03-07")
    room.examine(page, 0, **HANDS)
    room.see(page)
    page.locator("#chercher").fill(room.names[3])
    expect(page.locator("#membres .row")).to_have_count(1)
    room.examine(page, 1, **HANDS)
    expect_item(page, 1)
    expect(page.locator("#chercher")).to_have_value("")
    expect(page.locator(".list-title")).to_have_text("Personne de nommé")

    tab(page, "Débats")
    debate = page.get_by_label("Intervention, question, réponse")
    debate.fill("Dit sur la deuxième.")
    page.context.set_offline(True)
    press(page, "Passer à la suivante")
    expect_item(page, 2)
    tab(page, "Débats")
    expect(debate).to_have_value("")
    debate.focus()
    page.context.set_offline(False)
    expect_saved(page)
    room.examine(page, 1)
    expect_item(page, 1)
    expect(debate).to_be_focused()  # not a button, which the next space would press
    expect(debate).to_have_value("Dit sur la deuxième.")
    press(page, "Ajouter aux débats")
    expect_saved(page)
    assert [(each["act"], each["text"]) for each in room.state(page)["notes"]] == [
        (room.acts[1], "Dit sur la deuxième.")
    ]


def listen(page: Page) -> None:
    page.evaluate(
        "window.said = []; const box = document.getElementById('annonce'); new MutationObserver(() => said.push(box.textContent))"
        ".observe(box, { childList: true, characterData: true, subtree: true })"
    )


@pytest.mark.parametrize(("status", "body"), [(500, "x"), (400, "<h1>Bad Request</h1>")])
def test_an_entry_that_the_server_cannot_take_lets_the_others_pass(room: Held, status: int, body: str) -> None:
    page = room.enter()
    room.hold(page, f"{1500 + status}-03-01")
    room.examine(page, 0, **HANDS)

    def fail(route: Any) -> None:
        if '"note"' in (route.request.post_data or ""):
            route.fulfill(status=status, body=body, content_type="text/html")
        else:
            route.continue_()

    page.route("**/saisie/", fail)
    room.see(page)
    listen(page)
    tab(page, "Débats")
    page.get_by_label("Intervention, question, réponse").fill("Une question.")
    press(page, "Ajouter aux débats")
    tab(page, "Vote")
    page.locator("#chercher").fill(room.names[3])
    row(page, room.names[3]).get_by_role("button", name="Contre").click()
    expect(page.get_by_role("button", name="1 saisie refusée")).to_be_visible()
    expect(page.locator(LINK)).to_have_count(1)
    assert room.state(page)["ballot"]["counts"]["against"] == 1
    assert not [words for words in page.evaluate("said") if "rétablie" in words]
    page.unroute("**/saisie/")
    press(page, "1 saisie refusée")
    told = page.get_by_role("list", name="Toutes les saisies refusées")
    expect(told).to_contain_text(f"Le serveur n'a pas pu l'enregistrer (erreur {status}).")
    told.get_by_role("button", name="Réessayer").click()
    expect_saved(page)
    assert [each["text"] for each in room.state(page)["notes"]] == ["Une question."]


def test_the_return_of_the_connection_is_said_once_and_when_it_is_true(room: Held) -> None:
    page = room.enter()
    room.hold(page, "2006-03-05")
    room.examine(page, 0, **HANDS)
    page.route("**/saisie/", lambda route: route.abort("internetdisconnected"))
    room.see(page)
    listen(page)
    page.locator("#chercher").fill(room.names[3])
    row(page, room.names[3]).get_by_role("button", name="Contre").click()
    expect(page.locator(LINK)).to_have_text("Hors connexion : 1 saisie en attente")
    for _ in range(2):
        with page.expect_response("**/etat/"):
            pass
    assert not [words for words in page.evaluate("said") if "rétablie" in words]
    page.unroute("**/saisie/")
    expect_saved(page)
    assert len([words for words in page.evaluate("said") if "rétablie" in words]) == 1


def test_a_refusal_of_a_proxy_that_is_left_keeps_its_names(room: Held) -> None:
    page = room.enter()
    room.hold(page, "2007-03-04")
    room.examine(page)
    room.see(page)
    tab(page, "Présence et pouvoirs")
    giver = page.get_by_label("Mandant", exact=True)
    giver.fill(room.names[1])
    page.get_by_label("Mandataire", exact=True).fill(room.names[2])
    press(page, "Refuser ce pouvoir…")
    answer(page, "Refuser ce pouvoir ?", "Annuler")
    expect(giver).to_have_value(room.names[1])
    press(page, "Refuser ce pouvoir…")
    page.get_by_role("dialog").get_by_label("Motif").fill("Reçu après l'ouverture")
    answer(page, "Refuser ce pouvoir ?", "Refuser le pouvoir")
    expect(giver).to_have_value("")


NO_STORAGE = (
    "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError'); } })"
)


def test_a_browser_that_keeps_nothing_says_so_and_enters_all_the_same(room: Held) -> None:
    page = room.enter()
    room.hold(page, "2008-03-03")
    room.examine(page)
    page.add_init_script(NO_STORAGE)
    room.see(page)
    expect(page.locator(LINK).last).to_contain_text("Ce navigateur ne garde pas les saisies")
    press(page, "Vote à main levée, tous pour sauf…")
    expect(page.locator(LINK).first).to_have_text("Tout est enregistré")
    assert room.state(page)["ballot"]["mode"] == "by_name"


def test_two_windows_of_the_same_clerk_hold_the_same_refusals(room: Held) -> None:
    page = room.enter()
    room.hold(page, "2009-03-02")
    room.examine(page, 0, **HANDS)
    room.see(page)
    twin = room.see(page.context.new_page())
    tab(page, "Présence et pouvoirs")
    page.context.set_offline(True)
    page.locator("#chercher").fill(room.names[6])
    row(page, room.names[6]).get_by_role("button", name="Départ").click()
    room.other(page, "departure", member=room.members[6])
    page.context.set_offline(False)
    for each in (page, twin):
        expect(each.get_by_role("button", name="1 saisie refusée")).to_be_visible()
    page.get_by_role("button", name="Retirer la saisie refusée", exact=False).click()
    for each in (page, twin):
        expect_saved(each)
    with page.expect_response("**/etat/"):
        pass
    expect_saved(page)


AHEAD = """const Real = Date;
globalThis.Date = class extends Real {
  constructor(...said) { if (said.length) super(...said); else super(Real.now() + 5400000); }
  static now() { return Real.now() + 5400000; }
};"""


def test_the_hour_of_an_entry_is_that_of_the_server(room: Held) -> None:
    """The clock of the clerk is an hour and a half ahead."""
    page = room.enter()
    room.hold(page, "2010-03-07")
    room.examine(page)
    page.add_init_script(AHEAD)
    with page.expect_response("**/etat/"):
        room.see(page)
    tab(page, "Présence et pouvoirs")
    page.locator("#chercher").fill(room.names[2])
    row(page, room.names[2]).get_by_role("button", name="Départ").click()
    expect_saved(page)
    now = datetime.now(ZoneInfo("Europe/Paris"))
    (move,) = room.state(page)["moves"]
    assert move["at"][:5] in {f"{now - timedelta(minutes=ago):%H:%M}" for ago in (0, 1, 2)}


def test_a_text_laid_out_is_neither_left_nor_undone_unawares(room: Held) -> None:
    """A table put in by hand is typed too; without its layout and back, the text is as it was."""
    page = room.enter()
    room.convene(page, "2011-03-07")
    act = room.ask(page, f"seances/{room.address.split('/')[2]}/etat/")["items"][0]["id"]
    page.goto(f"/textes-des-actes/nouveau/?act={act}")
    box, area = page.locator("input[name=rich]"), page.locator("textarea[data-clause-text]")
    box.check()
    page.evaluate(
        "window.typed = 0; document.querySelector('form[data-guard]').addEventListener('input', () => { typed += 1; })"
    )
    press(page, "Insérer un tableau")
    assert page.evaluate("typed") > 0
    laid_out = area.input_value()
    assert "<caption>" in laid_out
    box.uncheck()
    assert "<" not in area.input_value()
    box.check()
    assert area.input_value() == laid_out
    box.uncheck()
    area.fill("Autre texte.")
    box.click()
    answer(page, "Remettre en forme ?", "Annuler")
    expect(box).not_to_be_checked()
    expect(area).to_have_value("Autre texte.")
    box.click()
    answer(page, "Remettre en forme ?", "Remettre en forme")
    expect(page.locator(".editor-text")).to_have_text("Autre texte.")
    assert area.input_value() == "<p>Autre texte.</p>"
