"""As in production: PostgreSQL, Redis, `celery worker` and `celery beat`. `.ci/run` gives both addresses."""

import os
import signal
from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg2
import pytest

from tests.live.conftest import Site, eventually

needs_servers = pytest.mark.skipif(
    not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")),
    reason="DATABASE_URL and REDIS_URL are not given",
)
pytestmark = needs_servers
WORKER = " worker --concurrency "


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    address = urlsplit(os.environ["DATABASE_URL"])
    server = psycopg2.connect(os.environ["DATABASE_URL"])
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS plan_live WITH (FORCE)")
        cursor.execute("CREATE DATABASE plan_live")
    server.close()
    return make_site(DATABASE_URL=address._replace(path="/plan_live").geturl(), REDIS_URL=os.environ["REDIS_URL"])


def start_worker(site: Site) -> int:
    worker = site.start(
        "-m", "celery", "-A", "plan_numerique", "worker", "--concurrency", "2", "--hostname", "essai@%h"
    )
    eventually(lambda: len(site.pids(WORKER)) == 3, "a worker and its two pool processes")
    return worker.pid


def test_jobs_run_and_a_killed_worker_loses_nothing(site):
    worker = start_worker(site)
    site.start("-m", "celery", "-A", "plan_numerique", "beat", "--pidfile", str(site.folder / "beat.pid"))
    site.ask("submit(['un', 'deux', 'trois', 'quatre'], 4)")
    eventually(site.running_job, "a job at work")
    for pid in site.pids(WORKER):
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: not site.pids(WORKER), "the worker gone")
    assert worker not in site.processes()
    start_worker(site)
    jobs = eventually(site.all_ended, "all jobs ended", timeout=120)
    assert [job["status"] for job in jobs] == ["succeeded"] * 4
    assert 1 <= sum(job["interruptions"] for job in jobs) <= 2
    assert site.documents() == ["deux", "quatre", "trois", "un"]


def test_worker_told_to_stop_finishes_its_job(site):
    worker = start_worker(site)
    site.ask("submit(['un'], 4)")
    eventually(site.running_job, "the job at work")
    os.kill(worker, signal.SIGTERM)
    eventually(lambda: not site.pids(WORKER), "the worker gone")
    (job,) = site.jobs()
    assert (job["status"], job["attempts"]) == ("succeeded", 1)
