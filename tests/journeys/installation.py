"""The demonstration, loaded and served for real in a folder of its own; nothing of it is left running at the end."""

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from tests.live.conftest import PATIENCE, Site, eventually, free_port

SETTINGS = "plan_numerique.settings.dev"
# A folder where the demonstration is loaded already: it is copied, which spares a minute to whoever writes a journey.
PREPARED = "JOURNEYS_VAR_DIR"


@dataclass(frozen=True)
class Demo:
    address: str
    password: str
    site: Site

    @staticmethod
    def email(role: str) -> str:
        return f"{role}@demo.example"

    def mails(self) -> list[Message]:
        """What the site sent, in the order of the files that hold it."""
        files = sorted((self.site.folder / "mails").glob("*.log"))
        texts = b"".join(path.read_bytes() for path in files)
        return [message_from_bytes(text.lstrip()) for text in texts.split(b"-" * 79 + b"\n") if text.strip()]

    def add_rows(self) -> dict[str, str]:
        """Rows the demonstration has none of; the answer is the paths of those that no account may see."""
        code = "import json; from tests.journeys import probe; print(json.dumps(probe.add()))"
        said = self.site.manage("shell", "--verbosity", "0", "--command", code)
        paths: dict[str, str] = json.loads(said.splitlines()[-1])
        return paths


def expect_nothing_left(site: Site) -> None:
    deadline = time.monotonic() + PATIENCE
    while (left := site.processes()) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not left, f"{left}\n{site.log.read_text()[-2000:]}"


@contextmanager
def demo_running(folder: Path) -> Iterator[Demo]:
    if prepared := os.environ.get(PREPARED):
        shutil.copytree(prepared, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("queue", "log"))
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    mails = f"filemail:///{folder / 'mails'}"
    site = Site(folder, DJANGO_SETTINGS_MODULE=SETTINGS, SITE_URL=address, JOBS_STALE_AFTER="60", EMAIL_URL=mails)
    try:
        if not prepared:
            site.manage("migrate", "--verbosity", "0")
            site.manage("createcachetable")
            site.manage("build_fonts")
            site.manage("load_demo")
        server = site.start("manage.py", "serve", str(port))
        said = f"{address}/ (Ctrl-C"
        eventually(lambda: server.poll() is not None or said in site.log.read_text(), "the address of the site")
        assert server.poll() is None, site.log.read_text()
        yield Demo(address, (folder / "demo-password").read_text(encoding="ascii"), site)
        server.terminate()
        expect_nothing_left(site)
    finally:
        for pid in site.processes():
            os.kill(pid, signal.SIGKILL)
        for child in site.children:
            child.wait()
