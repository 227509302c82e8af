import signal
import sys
import threading
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.core.management.commands.runserver import Command as RunserverCommand

from plan_numerique.jobs.worker import embedded_worker_running


class Command(RunserverCommand):
    """`runserver` with its worker. WhiteNoise serves the static files, with and without DEBUG."""

    addr: str
    _raw_ipv6: bool
    help = "Sert le site sur cette machine avec son exécutant de tâches ; Ctrl-C arrête tout."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(use_reloader=settings.DEBUG)

    def inner_run(self, *args: Any, **options: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
            # A shell that starts us in the background has us ignore Ctrl-C: listen to it all the same.
            signal.signal(signal.SIGINT, signal.default_int_handler)
        with ExitStack() as self.worker:
            super().inner_run(*args, **options)

    def on_bind(self, server_port: int) -> None:
        self.worker.enter_context(embedded_worker_running())
        host = f"[{self.addr}]" if self._raw_ipv6 else self.addr
        self.stdout.write(f"Plan numérique : http://{host}:{server_port}/ (Ctrl-C pour arrêter)")
        self.stdout.flush()  # the address is waited for, also through a pipe
