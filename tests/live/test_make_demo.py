"""`make demo` as a newcomer runs it: the site is up, the budgets were computed by the queue, the reports are there; twice."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.live.conftest import ROOT, Site, eventually, free_port

FIRST_RUN = 600.0


def demo(site: Site) -> tuple[Any, int, float]:
    port, started = free_port(), time.monotonic()
    site.log.write_bytes(b"")
    with site.log.open("ab") as log:
        make = subprocess.Popen(
            ["make", "demo", f"PORT={port}"], cwd=ROOT, env=site.env, stdout=log, stderr=log, start_new_session=True
        )
    site.children.append(make)
    up = f"http://127.0.0.1:{port}/"
    eventually(lambda: f"{up} (Ctrl-C" in site.log.read_text() or make.poll() is not None, "the address", FIRST_RUN)
    assert make.poll() is None, site.log.read_text()
    return make, port, time.monotonic() - started


def stop(site: Site, make: Any) -> None:
    os.killpg(make.pid, signal.SIGINT)  # what Ctrl-C does in a terminal
    make.wait(20)
    eventually(lambda: not site.processes(), "nothing left running", timeout=20)


def counts(site: Site) -> dict[str, int]:
    names = site.rows("name", "(SELECT name, name AS id FROM sqlite_master WHERE type = 'table')")
    kept = [
        row["name"] for row in names if not row["name"].startswith(("sqlite_", "django_", "axes_", "cache", "account"))
    ]
    return {name: len(site.rows("id", name)) for name in kept if "historical" not in name}


def test_demo_twice(make_site: Callable[..., Site]) -> None:
    site = make_site(migrate=False, DJANGO_SETTINGS_MODULE="plan_numerique.settings.dev")
    make, port, _ = demo(site)
    with urlopen(f"http://127.0.0.1:{port}/sante/", timeout=20) as page:
        assert page.status == 200
    jobs = site.jobs()
    assert jobs
    assert {job["status"] for job in jobs} == {"succeeded"}
    said = site.log.read_text()
    reports = [Path(word) for word in said.split() if word.endswith(".pdf")]
    assert reports
    assert all(report.read_bytes().startswith(b"%PDF") for report in reports)
    stop(site, make)
    first = counts(site)

    make, _, seconds = demo(site)
    stop(site, make)
    assert counts(site) == first
    assert seconds < 60
