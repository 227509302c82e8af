"""How a picture of the guide is made: the page found by its links, then written in few colours."""

import io
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import fill_sign_in
from tests.journeys.installation import Demo
from tests.live.conftest import ROOT

IMAGES = ROOT / "docs/guide/images"
WIDTH = 1280
MOST_BYTES = 120_000
MARGIN, PAPER = 24, "#f5f1e9"
METZ, POITIERS, RENNES = "Ville de Metz", "Ville de Poitiers", "Rennes (données ouvertes, simulation)"
STE = "Saint-Étienne Métropole"
PATIENCE = 120_000


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
    width: int = WIDTH


def open_menu(label: str) -> Callable[[Page], object]:
    return lambda page: page.locator("summary", has_text=label).first.click()


def open_more(label: str) -> Callable[[Page], object]:
    """A link kept under « Plus »."""

    def follow(page: Page) -> None:
        open_menu("Plus")(page)
        page.get_by_role("link", name=label).click()

    return follow


def choose(page: Page, town: str) -> None:
    page.goto("/")
    if not page.locator("summary", has_text="Collectivité").count():  # one town only, or none to choose
        return
    page.locator("summary", has_text="Collectivité").click()
    page.get_by_label("Collectivité affichée").select_option(label=town or "Toutes mes collectivités")
    page.get_by_role("button", name="Afficher").click()


def take(page: Page, shot: Shot) -> None:
    page.set_viewport_size({"width": shot.width, "height": shot.height})
    choose(page, shot.town)
    page.goto(shot.start)
    for text in shot.links:
        page.get_by_role("main").locator("tbody th a, .page-head a, .tabs a").filter(has_text=text).first.click()
    if shot.then:
        shot.then(page)
    if shot.top:
        page.get_by_role("heading", name=shot.top).evaluate(
            "element => scrollTo(0, element.getBoundingClientRect().top + scrollY - 24)"
        )
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


def keep_together(name: str, pngs: Sequence[bytes]) -> None:
    """Side by side on one sheet."""
    pictures = [Image.open(io.BytesIO(png)).convert("RGB") for png in pngs]
    used = sum(each.width for each in pictures) + MARGIN * (len(pictures) - 1)
    sheet = Image.new("RGB", (WIDTH, max(each.height for each in pictures) + 2 * MARGIN), PAPER)
    left = (WIDTH - used) // 2
    for each in pictures:
        sheet.paste(each, (left, MARGIN))
        left += each.width + MARGIN
    packed = io.BytesIO()
    sheet.save(packed, "PNG")
    keep(name, packed.getvalue())


def page_of(report: Path, number: str) -> bytes:
    command = ["pdftoppm", "-png", "-r", "75", "-f", number, "-l", number, str(report)]
    return subprocess.run(command, check=True, capture_output=True).stdout


def keep_pages(name: str, report: Path, numbers: tuple[str, ...]) -> None:
    keep_together(name, [page_of(report, number) for number in numbers])


def signed_in(browser: Browser, demo: Demo, role: str, *, picture: str = "", width: int = WIDTH) -> Page:
    context = browser.new_context(
        base_url=demo.address, locale="fr-FR", timezone_id="Europe/Paris", viewport={"width": width, "height": 760}
    )
    page = context.new_page()
    page.goto("/compte/login/")
    if picture:
        keep(picture, page.screenshot())
    fill_sign_in(page, demo, role)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(f"{demo.address}/")
    return page
