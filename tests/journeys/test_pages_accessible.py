"""Every kind of page, found by following the links of the site: it opens cleanly, passes axe, and holds on a phone."""

import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.journeys.conftest import PATIENCE, watch
from tests.journeys.installation import Demo

DESK, PHONE, NARROW = (ViewportSize(width=width, height=900) for width in (1280, 390, 320))
STARTS = ("/", "/conception/", "/compte/password/change/")
LEFT_OUT = ("/static/", "/documents/", "/technique/", "/api/", "/compte/logout/")
FORMS = ("/nouveau/", "/modifier/")
# One template whatever the row: every one is opened, some are enough for axe.
ALIKE = ("/supprimer/", "/historique/")
WITHOUT_SESSION = ("/compte/login/", "/compte/password/reset/", "/accessibilite/")
DARK = (
    "/",
    "/ecoles/",
    "/scenarios/<n>/",
    "/scenarios/<n>/donnees/",
    "/plans/<n>/",
    "/deliberations/<n>/",
    "/parc/nouveau/",
)
# A row at another stage has another form than the one that the walk met; by whoever may fill it.
UNDER_WAY = {
    "education": (
        "/questionnaires/{questionnaire}/",
        "/questions/nouveau/?questionnaire={questionnaire}",
        "/questionnaires/{questionnaire}/apercu/",
        "/candidatures/{application}/",
        "/candidatures/{application}/saisie/",
        "/candidatures/{application}/saisie/?a-completer",
        "/candidatures/{application}/deposer/",
        "/diagnostics/{diagnostic}/",
        "/diagnostics/{diagnostic}/saisie/technique/",
        "/diagnostics/{diagnostic}/saisie/pedagogique/",
    ),
    "academy": ("/diagnostics/{diagnostic}/", "/diagnostics/{diagnostic}/saisie/pedagogique/"),
}
RULES = {"resultTypes": ["violations"]}
MAX_FIRST_VISIT = 250_000
MAX_LIST = 60_000


def kind_of(path: str) -> str:
    return re.sub(r"\d+", "<n>", path.partition("?")[0])


@pytest.fixture(scope="module")
def kinds(browser: Browser, demo: Demo, cookies_of: Callable[[str], Path], foreign: Any) -> dict[str, str]:
    """One address of each kind of page that the administrator reaches by links."""
    context = browser.new_context(base_url=demo.address, storage_state=cookies_of("administrator"))
    found = {kind_of(start): start for start in STARTS}
    seen, waiting = set(found), list(STARTS)
    while waiting:
        address = waiting.pop(0)
        answer = context.request.get(address)
        assert answer.status == 200, f"{answer.status}: {address}"
        if not answer.headers["content-type"].startswith("text/html"):
            del found[kind_of(address)]  # a file to keep, not a page
            continue
        for link in re.findall(r'href="(/[^"#]*)"', unescape(answer.text())):
            if kind_of(link) not in seen and not link.startswith(LEFT_OUT) and "format=" not in link:
                seen.add(kind_of(link))
                found[kind_of(link)] = link
                waiting.append(link)
    context.close()
    return found


@pytest.fixture(scope="module")
def visitor(browser: Browser, demo: Demo, cookies_of: Callable[[str], Path]) -> Iterator[Callable[..., Page]]:
    """Pages of the administrator unless told otherwise, closed at the end of this module."""
    opened: list[tuple[BrowserContext, list[str]]] = []

    def open_page(viewport: ViewportSize, account: str = "administrator", **options: Any) -> Page:
        context = browser.new_context(
            base_url=demo.address,
            storage_state=cookies_of(account),
            locale="fr-FR",
            viewport=viewport,
            **options,
        )
        context.set_default_timeout(PATIENCE)
        opened.append((context, watch(context, demo.address)))
        return context.new_page()

    yield open_page
    for context, problems in opened:
        context.close()
        assert problems == []


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def unlike(kinds: dict[str, str]) -> set[str]:
    """The kinds of page that another does not stand for: a new row has the form of a row that is there."""
    alike = {end: [kind for kind in kinds if kind.endswith(end)][2:] for end in ALIKE}
    twins = {
        kind for kind in kinds if kind.endswith("/nouveau/") and kind.replace("nouveau/", "<n>/modifier/") in kinds
    }
    return set(kinds) - twins - {kind for rest in alike.values() for kind in rest}


def test_every_kind_of_page_on_a_desk(kinds: dict[str, str], visitor: Callable[..., Page]) -> None:
    assert len(kinds) > 200
    page, found = visitor(DESK), {}
    for kind in sorted(unlike(kinds)):
        if not kind.endswith(FORMS):  # the frame around a form is that of the other pages
            page.goto(kinds[kind])
            if problems := violations(page):
                found[kinds[kind]] = problems
    assert found == {}


def test_every_kind_of_page_on_a_phone(kinds: dict[str, str], visitor: Callable[..., Page]) -> None:
    page, found, chosen = visitor(PHONE), {}, unlike(kinds)
    for kind, address in kinds.items():
        page.goto(address)
        problems = violations(page) if kind in chosen else []
        page.set_viewport_size(NARROW)
        if (over := overflow(page)) > 0:
            problems.append(f"{over} pixels too wide at 320")
        page.set_viewport_size(PHONE)
        if problems:
            found[address] = problems
    assert found == {}


def test_some_pages_in_the_dark(kinds: dict[str, str], visitor: Callable[..., Page]) -> None:
    page, found = visitor(DESK, color_scheme="dark"), {}
    for kind in DARK:
        page.goto(kinds[kind])
        if problems := violations(page):
            found[kind] = problems
    assert found == {}


def test_forms_of_what_is_under_way(demo: Demo, visitor: Callable[..., Page]) -> None:
    code = "import json; from tests.journeys import towns; print(json.dumps(towns.under_way()))"
    rows = json.loads(demo.site.manage("shell", "--verbosity", "0", "--command", code).splitlines()[-1])
    found = {}
    for role, paths in UNDER_WAY.items():
        page = visitor(DESK, account=f"{role}-saisie")
        for path in paths:
            address, problems = path.format(**rows), []
            page.goto(address)
            assert page.url == f"{demo.address}{address}"
            for viewport in (DESK, PHONE):
                page.set_viewport_size(viewport)
                problems += violations(page)
            page.set_viewport_size(NARROW)
            if (over := overflow(page)) > 0:
                problems.append(f"{over} pixels too wide at 320")
            if problems:
                found[f"{role}: {address}"] = problems
    assert found == {}


def test_pages_without_a_session(page: Page) -> None:
    for viewport in (DESK, PHONE):
        page.set_viewport_size(viewport)
        for address in WITHOUT_SESSION:
            page.goto(address)
            assert violations(page) == []
    page.set_viewport_size(NARROW)
    for address in WITHOUT_SESSION:
        page.goto(address)
        assert overflow(page) <= 0


def test_skip_link_then_header_then_menu_then_content(visitor: Callable[..., Page]) -> None:
    page = visitor(DESK)
    page.goto("/plans/")
    seen: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        place = page.evaluate(
            "document.activeElement.closest('.skip, .masthead, nav.sidebar, main, footer')?.className?.split(' ')[0] || "
            "document.activeElement.closest('main, footer')?.tagName.toLowerCase()"
        )
        if not seen or seen[-1] != place:
            seen.append(place)
        if place in ("site-foot", "footer"):
            break
    assert seen[:4] == ["skip", "masthead", "sidebar", "main"]


def test_menu_of_a_phone_opens_and_closes_with_the_keyboard(visitor: Callable[..., Page]) -> None:
    page = visitor(PHONE)
    page.goto("/plans/")
    button = page.get_by_role("button", name="Menu", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Menu principal")).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("navigation", name="Menu principal")).to_be_hidden()
    expect(button).to_be_focused()


def test_filters_of_a_list_are_reached_and_left_by_keyboard(visitor: Callable[..., Page]) -> None:
    page = visitor(DESK)
    page.goto("/ecoles/")
    button = page.get_by_role("button", name="Filtrer")
    button.focus()
    page.keyboard.press("Enter")
    filters = page.get_by_role("dialog", name="Filtrer")
    expect(filters).to_be_visible()
    filters.get_by_label("Secteur").select_option(label="Public")
    filters.get_by_role("button", name="Appliquer").press("Enter")
    chip = page.get_by_role("list", name="Filtres actifs").get_by_role("link")
    expect(chip).to_contain_text("Public")
    chip.press("Enter")
    expect(chip).to_have_count(0)


def weigh(browser: Browser, demo: Demo, cookies: Path, address: str) -> tuple[int, int]:
    """Bytes on the wire of a first visit, and of the page's own HTML."""
    context = browser.new_context(base_url=demo.address, storage_state=cookies)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    kinds_of_request: dict[str, str] = {}
    sizes: dict[str, int] = {}
    session.on("Network.responseReceived", lambda said: kinds_of_request.update({said["requestId"]: said["type"]}))
    session.on(
        "Network.loadingFinished", lambda said: sizes.update({said["requestId"]: int(said["encodedDataLength"])})
    )
    page.goto(address, wait_until="networkidle")
    context.close()
    own = sum(size for request, size in sizes.items() if kinds_of_request.get(request) == "Document")
    return sum(sizes.values()), own


def test_first_visit_is_light(browser: Browser, demo: Demo, cookies_of: Callable[[str], Path]) -> None:
    visits = {
        address: weigh(browser, demo, cookies_of("administrator"), address)
        for address in ("/", "/ecoles/", "/classes/", "/mandats/", "/scenarios/5/", "/calculs/8/lignes/", "/besoin/")
    }
    assert {address: total for address, (total, _) in visits.items() if total > MAX_FIRST_VISIT} == {}
    assert {address: own for address, (_, own) in visits.items() if own > MAX_LIST} == {}
