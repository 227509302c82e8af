"""The schools of a large authority: list, map, points of the map and board at 100 and at 10 000 schools.

python -m tests.benchmarks.bench_schools"""

import gzip
import os
import statistics
import time
from datetime import date
from decimal import Decimal

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "plan_numerique.settings.test"
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from plan_numerique.accounts.models import Authority  # noqa: E402
from schools.enums import Step  # noqa: E402
from schools.models import Headcount, School, SchoolClass, SchoolStep  # noqa: E402
from tests.factories.accounts import MembershipFactory  # noqa: E402
from tests.factories.schools import CommuneFactory, synthetic_uai  # noqa: E402

SIZES = (100, 300, 1_000, 10_000)
PAGES = (
    "/ecoles/",
    "/ecoles/?sort=-step",
    "/ecoles/?step=equipped",
    "/ecoles/carte/",
    "/ecoles/carte/points/",
    "/ecoles/etapes/",
)


class NoMigrations:
    def __contains__(self, label: str) -> bool:
        return True

    def __getitem__(self, label: str) -> None:
        return None


def fill(authority: Authority, communes: list[int], count: int) -> None:
    """Synthetic schools on a grid, each with three classes and the steps before the one of its rank."""
    held = School.objects.count()
    rows = [
        School(
            authority=authority,
            commune_id=communes[rank % len(communes)],
            uai=synthetic_uai(rank),
            name=f"École synthétique {rank:05d}",
            kind="elementaire",
            latitude=Decimal(46 + rank % 97 / 500).quantize(Decimal("0.000001")),
            longitude=Decimal(rank % 89 / 400).quantize(Decimal("0.000001")),
        )
        for rank in range(held, count)
    ]
    schools = School.objects.bulk_create(rows, batch_size=2000)
    classes = [SchoolClass(school=row, school_year=2018, name=f"Classe {n}") for row in schools for n in range(3)]
    classes = SchoolClass.objects.bulk_create(classes, batch_size=2000)
    Headcount.objects.bulk_create(
        [Headcount(school_class=row, level="CP", pupils=24) for row in classes], batch_size=2000
    )
    steps = [
        SchoolStep(school=row, step=step, reached_on=date(2018, 1, 8), cause="Étape synthétique")
        for rank, row in enumerate(schools)
        for step in list(Step)[: rank % 8]
    ]
    SchoolStep.objects.bulk_create(steps, batch_size=2000)


def median_ms(client: Client, url: str, runs: int = 9) -> float:
    times = []
    for _ in range(runs):
        started = time.process_time()
        response = client.get(url)
        times.append((time.process_time() - started) * 1000)
        assert response.status_code == 200, url
    return statistics.median(times)


def main() -> None:
    settings.MIGRATION_MODULES = NoMigrations()
    connection.creation.create_test_db(verbosity=0)
    authority = MembershipFactory(role="education").authority
    communes = [CommuneFactory(authority=authority).pk for _ in range(50)]
    client = Client()
    user = MembershipFactory(role="education", authority=authority).user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    for size in SIZES:
        fill(authority, communes, size)
        print(f"-- {size} schools")
        for url in PAGES:
            content = client.get(url).content
            weight, packed = len(content) / 1000, len(gzip.compress(content, 6)) / 1000
            print(f"{url:28} {median_ms(client, url):7.1f} ms CPU, {weight:7.1f} KB, {packed:6.1f} KB compressed")
    connection.creation.destroy_test_db(":memory:", verbosity=0)


if __name__ == "__main__":
    main()
