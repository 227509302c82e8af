"""Real processes: each test has its own folder, and says at the end that nothing of it is left running."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0


def eventually(check: Callable[[], Any], what: str, timeout: float = PATIENCE) -> Any:
    deadline = time.monotonic() + timeout
    while not (found := check()):
        assert time.monotonic() < deadline, f"not seen in {timeout:.0f} s: {what}"
        time.sleep(0.2)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Site:
    """An installation in a folder: its commands, its processes, its jobs as the database has them."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.log = folder / "log"
        kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        own = {"VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "tests.live.settings", "JOBS_STALE_AFTER": "3"}
        self.env = {**kept, **own, **variables}
        self.children: list[subprocess.Popen[bytes]] = []

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        result = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def start(self, *command: str) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        self.children.append(child)
        return child

    def ask(self, expression: str) -> Any:
        """A value computed in the site, by way of JSON."""
        code = f"import json; from tests.live import probe; print(json.dumps(probe.{expression}))"
        return json.loads(self.manage("shell", "--verbosity", "0", "--command", code).splitlines()[-1])

    def processes(self) -> dict[int, str]:
        """Every living process of this site, wherever it was started from."""
        found = {}
        mark = f"VAR_DIR={self.folder}".encode()
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0") and " Z " not in (entry / "stat").read_text():
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found

    def pids(self, words: str) -> list[int]:
        return sorted(pid for pid, command in self.processes().items() if words in command)

    def rows(self, columns: str, table: str) -> list[dict[str, Any]]:
        """Read straight from the database: asking the site takes seconds on a busy machine."""
        address = self.env.get("DATABASE_URL")
        base = psycopg2.connect(address) if address else sqlite3.connect(self.folder / "db.sqlite3")
        with closing(base), closing(base.cursor()) as cursor:
            cursor.execute(f"SELECT {columns} FROM {table} ORDER BY id")
            return [dict(zip(columns.split(", "), row, strict=True)) for row in cursor.fetchall()]

    def jobs(self) -> list[dict[str, Any]]:
        return self.rows(
            "id, label, status, attempts, interruptions, progress_done, progress_text, message", "jobs_job"
        )

    def documents(self) -> list[str]:
        return sorted(row["title"] for row in self.rows("title", "documents_storeddocument"))

    def running_job(self) -> Any:
        return next((job for job in self.jobs() if job["status"] == "running" and job["progress_done"]), None)

    def all_ended(self) -> Any:
        jobs = self.jobs()
        return jobs if all(job["status"] not in ("queued", "running") for job in jobs) else None


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The folder of a site with its tables, made once for each kind of database: making them takes most of a minute."""
    folders: dict[str, Path] = {}

    def prepared(address: str = "") -> Path:
        if address not in folders:
            folder = tmp_path_factory.mktemp("migrated")
            site = Site(folder, **({"DATABASE_URL": address} if address else {}))
            site.manage("migrate", "--verbosity", "0")
            site.manage("createcachetable")
            folders[address] = folder
        return folders[address]

    return prepared


@pytest.fixture
def make_site(tmp_path: Path, migrated: Callable[..., Path]) -> Iterator[Callable[..., Site]]:
    sites: list[Site] = []

    def make(*, migrate: bool = True, **variables: str) -> Site:
        site = Site(tmp_path, **variables)
        sites.append(site)
        if migrate:
            shutil.copy(migrated() / "db.sqlite3", tmp_path)
        return site

    yield make
    for site in sites:
        for pid in site.processes():
            os.kill(pid, signal.SIGKILL)
        for child in site.children:
            child.wait()
