from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from plan_numerique.web import fonts


class Command(BaseCommand):
    help = "Prépare les polices du site dans VAR_DIR/fonts, depuis le paquet Debian fonts-inter s'il est là. Sans base de données."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        files = fonts.build(settings.VAR_DIR / "fonts")
        if len(files) == 1:
            self.stderr.write("Paquet fonts-inter absent : les pages prendront la police du système.")
        for file in files:
            self.stdout.write(f"{file.name} : {file.stat().st_size / 1000:.1f} ko")
