"""J3, what may go wrong on a tablet: full storage, a lost reply, a server in trouble, a session that ends, a half finished meanwhile."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.journeys.conftest import PATIENCE, fill_sign_in
from tests.journeys.installation import Demo
from tests.journeys.test_j03_diagnostic import TABLET, picture, ready

ANSWERS, PHOTOS = "**/reponses/technique/", "**/diagnostics/*/photos/"
FULL = "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); };"


@pytest.fixture
def key(demo: Demo) -> str:
    said = demo.site.manage(
        "shell", "--verbosity", "0", "--command", "from tests.journeys import surveyed; print(surveyed.add())"
    )
    return str(said.split()[-1])


@pytest.fixture
def tablet(browser: Browser, demo: Demo, cookies_of: Callable[[str], Path]) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=demo.address, storage_state=cookies_of("technician"), locale="fr-FR", viewport=TABLET
    )
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


def entry(context: BrowserContext, key: str) -> Page:
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"/diagnostics/{key}/saisie/technique/")
    ready(page)
    return page


def said(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.locator("[data-survey-status]")).to_have_text(text)


def in_service(demo: Demo, key: str, code: str) -> str:
    lines = (
        "from schools import services, queries",
        "from schools.models import Diagnostic",
        f"row = Diagnostic.objects.get(pk={key})",
        code,
    )
    return str(demo.site.manage("shell", "--verbosity", "0", "--command", "; ".join(lines)))


def test_a_full_storage_loses_nothing(tablet: BrowserContext, key: str) -> None:
    tablet.add_init_script(FULL)
    page = entry(tablet, key)
    page.get_by_label("Classes câblées").fill("4")
    said(page, re.compile("^Tout est enregistré"))
    tablet.set_offline(True)
    page.get_by_label("Classes câblées").fill("5")
    page.get_by_label("Photo", exact=True).set_input_files([picture()])
    said(page, re.compile("^1 réponse et 1 photo en attente d'envoi : .*ne pas fermer cette page$"))
    tablet.set_offline(False)
    said(page, re.compile("^Tout est enregistré"))
    expect(page.locator("[data-photos] img")).to_have_count(1)
    page.reload()
    expect(page.get_by_label("Classes câblées")).to_have_value("5")


def test_a_lost_reply_and_a_server_in_trouble(tablet: BrowserContext, key: str, demo: Demo) -> None:
    page, seen = entry(tablet, key), {"answers": 0, "photos": 0}

    def lose_once(route: Route) -> None:
        seen["answers"] += 1
        if seen["answers"] > 1:
            return route.continue_()
        route.fetch()
        return route.abort()

    def fail_first(route: Route) -> None:
        seen["photos"] += 1
        if seen["photos"] > 1:
            return route.continue_()
        return route.fulfill(status=500, body="<h1>Panne</h1>")

    page.route(ANSWERS, lose_once)
    page.route(PHOTOS, fail_first)
    page.get_by_label("Classes câblées").fill("6")
    said(page, "1 réponse en attente d'envoi")
    first, second = picture(), picture()
    page.get_by_label("Photo", exact=True).set_input_files([first, {**second, "name": "IMG_2.jpg"}])
    expect(page.locator("[data-photos] img")).to_have_count(1)  # the second is not kept waiting by the first
    said(page, re.compile("^1 photo en attente d'envoi : le serveur ne répond pas bien"))
    said(page, re.compile("^Tout est enregistré"))
    expect(page.locator("[data-photos] img")).to_have_count(2)
    assert "1 2" in in_service(demo, key, "print(row.answers.count(), row.photos.count())")


def test_a_photo_refused_is_sent_again_when_asked(tablet: BrowserContext, key: str) -> None:
    page = entry(tablet, key)
    page.route(PHOTOS, lambda route: route.fulfill(status=413, body="<h1>Too large</h1>"))
    page.get_by_label("Photo", exact=True).set_input_files([picture()])
    item = page.locator("[data-photos] li")
    expect(item).to_contain_text("trop lourd pour le serveur")
    page.unroute(PHOTOS)
    item.get_by_role("button", name="Envoyer de nouveau").click()
    expect(page.locator("[data-photos] img")).to_have_count(1)
    expect(item).to_have_count(1)


def test_a_right_that_was_lost_is_told_as_such(tablet: BrowserContext, key: str) -> None:
    page = entry(tablet, key)
    page.route(ANSWERS, lambda route: route.fulfill(status=403, body="<h1>Refusé</h1>"))
    page.get_by_label("Classes câblées").fill("3")
    expect(page.get_by_role("main")).to_contain_text("n'a pas, ou n'a plus, le droit de remplir cette partie")
    said(page, re.compile("^1 réponse à corriger"))
    page.unroute(ANSWERS)
    page.reload()
    said(page, re.compile("^Tout est enregistré"))
    expect(page.get_by_label("Classes câblées")).to_have_value("3")


def test_a_session_that_ends_is_taken_up_in_another_tab(tablet: BrowserContext, key: str, demo: Demo) -> None:
    page = entry(tablet, key)
    tablet.clear_cookies()
    page.get_by_label("Classes câblées").fill("8")
    said(page, "1 réponse en attente d'envoi : se reconnecter dans un autre onglet, rien n'est perdu")
    other = tablet.new_page()
    fill_sign_in(other, demo, "technician")
    other.get_by_role("button", name="Se connecter").click()
    other.wait_for_url(f"{demo.address}/")
    said(page, re.compile("^Tout est enregistré"))
    tablet.clear_cookies()
    page.get_by_role("button", name="Terminer la partie technique").click()
    said(page, re.compile("^Session terminée"))
    tablet.set_offline(True)
    page.get_by_role("button", name="Terminer la partie technique").click()
    said(page, re.compile("^Pas de réseau"))
    expect(page.get_by_label("Classes câblées")).to_have_value("8")


def test_what_waits_when_the_half_is_finished_is_shown_then_sent(tablet: BrowserContext, key: str, demo: Demo) -> None:
    page = entry(tablet, key)
    page.get_by_label("Classes câblées").fill("4")
    page.get_by_label(re.compile("^Interventions majeures")).fill("Aucune")
    said(page, re.compile("^Tout est enregistré"))
    tablet.set_offline(True)
    page.get_by_label("Classes câblées").fill("9")
    said(page, "1 réponse en attente d'envoi")
    in_service(demo, key, "services.finish_half(diagnostic=row, half='technical', by=None)")
    tablet.set_offline(False)
    expect(page.get_by_role("main")).to_contain_text("La partie technique est terminée")
    page.reload()
    left = page.locator("[data-survey-left]")
    expect(left).to_contain_text("Classes câblées : « 9 »")
    in_service(demo, key, "services.reopen_half(diagnostic=row, half='technical', reason='Oubli', by=None)")
    page.reload()
    ready(page)
    expect(page.get_by_label("Classes câblées")).to_have_value("9")
    said(page, re.compile("^Tout est enregistré"))
    page.reload()
    expect(page.get_by_label("Classes câblées")).to_have_value("9")


def test_what_is_typed_before_the_script_is_there(tablet: BrowserContext, key: str) -> None:
    held: list[Route] = []
    page = tablet.new_page()
    page.route("**/js/survey/entry*.js", lambda route: held.append(route))  # noqa: PLW0108 (a builtin is no handler)
    page.goto(f"/diagnostics/{key}/saisie/technique/", wait_until="commit")
    page.get_by_label("Classes câblées").fill("2")
    page.get_by_role("radio", name="Oui").check()
    held[0].continue_()
    ready(page)
    said(page, re.compile("^Tout est enregistré"))
    page.unroute("**/js/survey/entry*.js")
    page.reload()
    expect(page.get_by_label("Classes câblées")).to_have_value("2")
    expect(page.get_by_role("radio", name="Oui")).to_be_checked()


def test_another_person_s_entries_are_kept_and_told(
    tablet: BrowserContext, key: str, browser: Browser, demo: Demo, cookies_of: Any
) -> None:
    page = entry(tablet, key)
    tablet.set_offline(True)
    page.get_by_label("Classes câblées").fill("7")
    said(page, "1 réponse en attente d'envoi")
    page.close(run_before_unload=False)
    tablet.set_offline(False)
    tablet.clear_cookies()
    other = tablet.new_page()
    fill_sign_in(other, demo, "education")
    other.get_by_role("button", name="Se connecter").click()
    other.wait_for_url(f"{demo.address}/")
    other.goto(f"/diagnostics/{key}/saisie/technique/")
    ready(other)
    expect(other.get_by_role("main")).to_contain_text("garde 1 saisie d'un autre compte")
    expect(other.get_by_label("Classes câblées")).to_have_value("")
