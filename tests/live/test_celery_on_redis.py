"""As in production: PostgreSQL, Redis, `celery worker` and `celery beat`. `.ci/run` gives both addresses."""

import os
import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
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


def on_the_server(*statements: str) -> None:
    server = psycopg2.connect(os.environ["DATABASE_URL"])
    server.autocommit = True
    with closing(server), server.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def address_of(database: str) -> str:
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl()


@pytest.fixture(scope="session")
def template(migrated: Callable[..., Path]) -> str:
    on_the_server("DROP DATABASE IF EXISTS plan_model WITH (FORCE)", "CREATE DATABASE plan_model")
    migrated(address_of("plan_model"))
    return "plan_model"


@pytest.fixture
def site(make_site: Callable[..., Site], template: str) -> Site:
    on_the_server("DROP DATABASE IF EXISTS plan_live WITH (FORCE)", f"CREATE DATABASE plan_live TEMPLATE {template}")
    return make_site(migrate=False, DATABASE_URL=address_of("plan_live"), REDIS_URL=os.environ["REDIS_URL"])


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
