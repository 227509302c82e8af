"""`manage.py serve` and its worker, killed in every way: what was asked is done, once, and no process is left."""

import os
import signal
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.live.conftest import Site, eventually, free_port

WORKER = "embedded_worker"
PROCESSES = 3


def serve(site: Site) -> Any:
    port = free_port()
    server = site.start("manage.py", "serve", str(port))
    eventually(lambda: f":{port}/" in site.log.read_text(), "the address of the site")
    eventually(lambda: len(site.pids(WORKER)) == PROCESSES, "the worker, its pool process and beat")
    return server, port


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_server(make_site, end):
    site = make_site()
    server, port = serve(site)
    with urlopen(f"http://127.0.0.1:{port}/sante/", timeout=10) as page:
        assert page.status == 200
    site.ask("submit(['long'], 60)")
    eventually(site.running_job, "the job at work")
    server.send_signal(end)
    eventually(lambda: not site.processes(), "no process left", timeout=15)
    assert server.wait() == {signal.SIGINT: 0, signal.SIGTERM: 0, signal.SIGKILL: -9}[end]


@pytest.mark.parametrize("victim", ["worker", "pool process"])
def test_killed_in_mid_job_ends_right_once(make_site, victim):
    site = make_site()
    serve(site)
    site.ask("submit(['un', 'deux', 'trois'], 5)")
    job = eventually(site.running_job, "a job at work")
    pool_process = int(job["progress_text"].split()[-1])
    os.kill(pool_process if victim == "pool process" else min(site.pids(WORKER)), signal.SIGKILL)
    jobs = eventually(site.all_ended, "all jobs ended")
    assert [job["status"] for job in jobs] == ["succeeded"] * 3
    assert sum(job["interruptions"] for job in jobs) == 1
    assert site.documents() == ["deux", "trois", "un"]
    eventually(lambda: len(site.pids(WORKER)) == PROCESSES, "as many processes as before")


def test_two_servers_share_one_worker(make_site):
    site = make_site()
    serve(site)
    site.start("manage.py", "serve", str(free_port()))
    eventually(lambda: len(site.pids(WORKER)) == PROCESSES + 1, "a second worker that waits, without a pool")
    site.ask("submit(['un', 'deux'], 2)")
    eventually(site.all_ended, "all jobs ended")
    assert len(site.pids(WORKER)) == PROCESSES + 1
    assert site.documents() == ["deux", "un"]


def test_silent_job_is_not_taken_for_dead(make_site):
    site = make_site(JOBS_STALE_AFTER="2")
    serve(site)
    site.ask("submit_silent(8)")
    (job,) = eventually(site.all_ended, "the job ended")
    site.manage("reap_jobs")
    assert (job["status"], job["attempts"]) == ("succeeded", 1)


def test_process_that_forks_holds_no_database(make_site):
    """SQLite does not survive a fork: a connection open in the worker breaks every pool process it starts afterwards."""
    site = make_site()
    serve(site)
    site.ask("submit(['un'], 2)")
    eventually(site.all_ended, "the job ended")
    opened = [os.readlink(link) for link in Path(f"/proc/{min(site.pids(WORKER))}/fd").iterdir()]
    assert not [name for name in opened if "db.sqlite3" in name]
