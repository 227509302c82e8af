"""The list of the park at 100 and at 10 000 devices: what the page costs must not follow the number of rows.

python -m tests.benchmarks.bench_lists"""

import os
import statistics
import time

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "plan_numerique.settings.test"
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from equipment.models import Device  # noqa: E402
from tests.factories.accounts import MembershipFactory  # noqa: E402
from tests.factories.equipment import DeviceFactory  # noqa: E402

SIZES = (100, 10_000)
PAGES = ("/parc/", "/parc/?sort=-acquired_on", "/parc/?q=9")


class NoMigrations:
    def __contains__(self, label: str) -> bool:
        return True

    def __getitem__(self, label: str) -> None:
        return None


def fill(model: Device, count: int) -> None:
    """Copies of one synthetic device, told apart by their inventory number."""
    held = Device.objects.count()
    fields = {f.attname: getattr(model, f.attname) for f in Device._meta.concrete_fields if not f.primary_key}
    rows = [Device(**{**fields, "inventory_number": f"S{rank:06d}", "serial": ""}) for rank in range(held, count)]
    Device.objects.bulk_create(rows, batch_size=2000)


def median_ms(client: Client, url: str, runs: int = 15) -> float:
    times = []
    for _ in range(runs):
        started = time.process_time()
        client.get(url)
        times.append((time.process_time() - started) * 1000)
    return statistics.median(times)


def main() -> None:
    settings.MIGRATION_MODULES = NoMigrations()
    connection.creation.create_test_db(verbosity=0)
    device = DeviceFactory(serial="")
    client = Client()
    user = MembershipFactory(role="technician", authority=device.authority).user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    found: dict[str, list[float]] = {}
    for size in SIZES:
        fill(device, size)
        for url in PAGES:
            found.setdefault(url, []).append(median_ms(client, url))
    for url, (few, many) in found.items():
        weight = len(client.get(url).content) / 1024
        print(f"{url:28} {few:6.1f} ms -> {many:6.1f} ms CPU: x {many / few:4.2f}, {weight:5.1f} KB")
    connection.creation.destroy_test_db(":memory:", verbosity=0)


if __name__ == "__main__":
    main()
