"""The embedded worker of a laptop: one child process that never outlives the process that started it (docs/operations.md)."""

import fcntl
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery.exceptions import SecurityWarning
from celery.signals import beat_embedded_init, worker_process_init
from django.conf import settings
from django.db import connection

from plan_numerique.celery import app
from plan_numerique.jobs import services

logger = logging.getLogger(__name__)

GRACE = 5.0  # seconds given to the job under way; past that it is killed, and resumed at the next start
WORKER = (
    "--quiet worker --beat --pool prefork --concurrency 1 --without-gossip --without-mingle --without-heartbeat "
    "-n embarque@localhost"
)


@contextmanager
def embedded_worker_running() -> Iterator[None]:
    """Keep one worker at work during the block: started again when it dies, stopped at the end, gone if we are killed."""
    stopping = threading.Event()
    keeper = threading.Thread(target=_keep, args=(stopping,), name="worker-keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stopping.set()
        keeper.join()


def _keep(stopping: threading.Event) -> None:
    delay = 0.5
    while not stopping.is_set():
        started = time.monotonic()
        child = _spawn()
        while child.poll() is None and not stopping.wait(0.1):
            pass
        if child.poll() is None:
            _end(child)
            return
        delay = 0.5 if time.monotonic() - started > 30 else min(delay * 2, 30)
        logger.warning("the worker stopped (code %s), starting it again in %s s", child.returncode, delay)
        stopping.wait(delay)


def _spawn() -> "subprocess.Popen[bytes]":
    """In its own session, so that Ctrl-C reaches only us; its standard input is the pipe that tells it we are gone."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "embedded_worker", "--follow-parent"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)


def _end(child: "subprocess.Popen[bytes]") -> None:
    assert child.stdin
    child.stdin.close()
    try:
        child.wait(GRACE + 2)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def run_embedded_worker(*, follow_parent: bool) -> None:
    """The child's whole life. It waits for another worker of the same folder to be gone: there is never more than one.

    This process forks the pool's processes and beat's, so it must hold no database connection: SQLite's locks do not survive
    a fork ("disk I/O error" in the child, at best).
    """
    if follow_parent:
        threading.Thread(target=_leave_with_parent, daemon=True).start()
    settings.QUEUE_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.QUEUE_DIR / "worker.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        services.reap(worker_is_alone=not settings.REDIS_URL)
        connection.close()
        worker_process_init.connect(_die_with_worker, weak=False)
        beat_embedded_init.connect(_die_with_worker, weak=False)
        warnings.simplefilter("ignore", SecurityWarning)  # a container or a fresh machine may well run this as root
        app.worker_main(WORKER.split())


def _leave_with_parent() -> None:
    # os.read, not sys.stdin: a buffered read holds a lock across fork and every pool process would hang.
    while os.read(0, 4096):
        pass
    threading.Timer(GRACE, os._exit, [1]).start()
    os.kill(os.getpid(), signal.SIGTERM)


def _die_with_worker(**kwargs: Any) -> None:
    """In a process of the worker: when the worker is killed, end too, whatever is under way, and so free the lock."""
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
