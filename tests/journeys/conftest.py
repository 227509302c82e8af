"""A browser on the demonstration. Whatever a page does wrong without showing it fails the test that opened it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.installation import Demo, demo_running

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright runs an event loop in this thread
PATIENCE = 30_000
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
expect.set_options(timeout=PATIENCE)


ORDER = {"test_pages_accessible": -1, "test_j04_programme": 1}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest file first, so that two browsers end together; last, the journey that closes the scenario of others."""
    items.sort(key=lambda item: next((rank for name, rank in ORDER.items() if name in item.nodeid), 0))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo_running(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture(scope="session")
def foreign(demo: Demo) -> dict[str, str]:
    """Paths of the rows of a town where no account has a role."""
    return demo.add_rows()


@pytest.fixture(scope="session")
def base_url(demo: Demo) -> str:
    return demo.address


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": "/usr/bin/chromium", "args": FLAGS.split()}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "locale": "fr-FR",
        "timezone_id": "Europe/Paris",
        "viewport": {"width": 1280, "height": 900},
    }


def watch(context: BrowserContext, address: str) -> list[str]:
    """What a browser keeps to itself: refusals of the CSP, errors of scripts, failed requests, requests to another host."""
    host = urlsplit(address).netloc
    problems: list[str] = []

    def asked(request: Any) -> None:
        if urlsplit(request.url).scheme in ("http", "https") and urlsplit(request.url).netloc != host:
            problems.append(f"asked another host: {request.url}")

    def failed(request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # a download, or a poll that the next page cuts short
            problems.append(f"{request.failure}: {request.url}")

    def answered(response: Any) -> None:
        if response.status >= 400:
            problems.append(f"{response.status}: {response.url}")

    def said(message: Any) -> None:
        if message.type in ("error", "warning"):
            problems.append(f"console: {message.text} at {message.location.get('url')}")

    context.on("request", asked)
    context.on("requestfailed", failed)
    context.on("response", answered)
    context.on("console", said)
    context.on("weberror", lambda error: problems.append(f"script: {error.error}"))
    return problems


@pytest.fixture
def context(context: BrowserContext, demo: Demo) -> Iterator[BrowserContext]:
    context.set_default_timeout(PATIENCE)
    problems = watch(context, demo.address)
    yield context
    assert problems == []


def fill_sign_in(page: Page, demo: Demo, role: str) -> None:
    page.goto(f"{demo.address}/compte/login/")
    page.get_by_label("Courriel").fill(demo.email(role))
    page.get_by_label("Mot de passe", exact=True).fill(demo.password)


@pytest.fixture
def sign_in(page: Page, demo: Demo) -> Callable[[str], None]:
    def do(role: str) -> None:
        fill_sign_in(page, demo, role)
        page.get_by_role("button", name="Se connecter").click()
        page.wait_for_url(f"{demo.address}/")

    return do


@pytest.fixture(scope="session")
def cookies_of(browser: Browser, demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The cookies of a role signed in once for all the tests that only read."""
    folder = tmp_path_factory.mktemp("cookies")

    def get(role: str) -> Path:
        path = folder / f"{role}.json"
        if not path.exists():
            context = browser.new_context(base_url=demo.address)
            page = context.new_page()
            fill_sign_in(page, demo, role)
            page.get_by_role("button", name="Se connecter").click()
            page.wait_for_url(f"{demo.address}/")
            context.storage_state(path=path)
            context.close()
        return path

    return get
