"""A file of 5 000 and of 50 000 rows checked, each in a process of its own: worker time, and peak memory that must not follow the number
of rows; then 1 000 rows imported, the same again, and undone.

python -m tests.benchmarks.bench_imports"""

import os
import resource
import subprocess
import sys
import time
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "plan_numerique.settings.test"
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from plan_numerique.accounts.models import User  # noqa: E402
from plan_numerique.imports import services  # noqa: E402
from plan_numerique.imports.models import ImportSession  # noqa: E402
from plan_numerique.tabular.formats import Format, write  # noqa: E402
from plan_numerique.tabular.writing import Sheet  # noqa: E402
from schools.domain.uai import check_letter  # noqa: E402
from tests.factories.accounts import AuthorityFactory, UserFactory  # noqa: E402
from tests.imports.sample import SampleImporter  # noqa: E402

HEADER = ["UAI", "Nom", "Code commune", "Commune", "Type", "Habitants", "Remarque", "Adresse", "Téléphone", "Site"]
SIZES = (5_000, 50_000)


class NoMigrations:
    def __contains__(self, label: str) -> bool:
        return True

    def __getitem__(self, label: str) -> None:
        return None


class LargeImporter(SampleImporter):
    rows_at_once = 1_000


class OnceRun:
    """The sample's run without what it remembers: what an importer holds is bounded by what is stored, not by the file."""

    def __init__(self, run: Any) -> None:
        self.run = run

    def settle(self, rows: Any) -> Any:
        outcomes = self.run.settle(rows)
        self.run.schools.clear()
        return outcomes

    def remarks(self) -> list[str]:
        return []


class FlatImporter(LargeImporter):
    def start(self, **told: Any) -> Any:
        return OnceRun(super().start(**told))


def uai(number: int) -> str:
    digits = f"{number:07d}"
    return digits + check_letter(digits)


def rows(count: int) -> Any:
    for number in range(count):
        people = "beaucoup" if number % 100 == 99 else 1200
        yield [
            uai(number),
            f"École synthétique {number}",
            "86001",
            "Commune A",
            "Primaire",
            people,
            "rien",
            "1 rue",
            "05",
            "",
        ]


def prepared(count: int, kind: str) -> tuple[ImportSession, User]:
    settings.MIGRATION_MODULES = NoMigrations()
    connection.creation.create_test_db(verbosity=0)
    user = UserFactory()
    content = write(Format(kind), [Sheet("Écoles", HEADER, rows(count))])
    told = {"authority": AuthorityFactory(), "importer": FlatImporter(), "options": {}, "by": user}
    return services.open_session(filename=f"f.{kind}", content=content, **told), user


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def check(count: int, kind: str) -> None:
    session, user = prepared(count, kind)
    before, cpu, wall = peak_mb(), time.process_time(), time.monotonic()
    services.check_session(session=session, importer=FlatImporter(), by=user)
    used, children = time.process_time() - cpu, resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{kind} {count:>6} rows: {used + children.ru_utime + children.ru_stime:5.1f} s of worker time ({time.monotonic() - wall:.1f} s"
        f" by the clock), peak {peak_mb():.0f} MB (+{peak_mb() - before:.0f}), reader's process {children.ru_maxrss / 1024:.0f} MB;"
        f" {session.created} created, {session.updated} updated, {session.bad} in error"
    )


def apply() -> None:
    session, user = prepared(1_000, "csv")
    importer = LargeImporter()
    services.check_session(session=session, importer=importer, by=user)
    for name, act in (
        ("imported", lambda: services.apply_session(session=session, importer=importer, by=user, only_good=True)),
        ("undone", lambda: services.undo_session(session=session, importer=importer, by=user)),
    ):
        cpu, wall = time.process_time(), time.monotonic()
        act()
        print(
            f"1 000 rows {name}: {time.process_time() - cpu:.2f} s of worker time ({time.monotonic() - wall:.2f} s by the clock)"
        )


def main() -> None:
    if len(sys.argv) > 1:
        if sys.argv[1] == "apply":
            apply()
        else:
            check(int(sys.argv[2]), sys.argv[1])
        return
    for kind in ("csv", "xlsx", "ods"):
        for size in SIZES:
            subprocess.run([sys.executable, "-m", "tests.benchmarks.bench_imports", kind, str(size)], check=True)
    subprocess.run([sys.executable, "-m", "tests.benchmarks.bench_imports", "apply"], check=True)


if __name__ == "__main__":
    main()
