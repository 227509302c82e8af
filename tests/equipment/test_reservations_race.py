"""Two diagnosed schools at the same moment on one stock: each device goes to one, and no school takes more than it lacks."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from equipment import services
from equipment.models import Proposal, Reservation
from plan_numerique.shared.errors import DomainError
from tests.equipment.test_proposal_services import computed, diagnosed, item
from tests.factories.equipment import DeviceFactory
from tests.factories.proposals import metropole_rules

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="the in-memory test database is not shared by threads"),
]


@pytest.fixture
def rules(authority: Any) -> Any:
    return metropole_rules(authority)


@pytest.fixture
def staff(user_as: Any) -> Any:
    return user_as("education")


def race(proposals: list[Any], run: Callable[[Any], Any]) -> list[str]:
    """What each was refused, an empty text for who won."""
    start, told = threading.Barrier(len(proposals)), []

    def one(key: int) -> None:
        try:
            row = Proposal.objects.select_related("diagnostic__school__authority", "rule_set__authority").get(pk=key)
            start.wait()
            run(row)
            told.append("")
        except DomainError as refused:
            told.append(refused.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[row.pk]) for row in proposals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == len(proposals)
    return told


@pytest.mark.parametrize("how", ["stock", "device"])
def test_the_last_device_goes_to_one_of_two_schools(authority: Any, rules: Any, staff: Any, how: str) -> None:
    proposals = [computed(diagnosed(authority, "CP", "CM2"), rules, staff) for _ in range(4)]
    computer = item(authority)
    device = DeviceFactory(item_type=computer, state="requalified")

    def run(proposal: Any) -> None:
        if how == "stock":
            services.reserve_stock(proposal=proposal, by=None)
        else:
            services.reserve(proposal=proposal, device=device, item_type=computer, by=None)

    told = race(proposals, run)
    assert told.count("") == 1
    wanted = "Rien de libre en stock" if how == "stock" else "déjà réservé"
    assert all(wanted in message for message in told if message)
    assert Reservation.objects.filter(released_at=None).count() == 1


def test_five_devices_are_shared_and_none_is_lost(authority: Any, rules: Any, staff: Any) -> None:
    proposals = [computed(diagnosed(authority, "CP", "CM1", "CM2"), rules, staff) for _ in range(2)]
    DeviceFactory.create_batch(5, item_type=item(authority), state="requalified")
    assert race(proposals, lambda row: services.reserve_stock(proposal=row, by=None)) == ["", ""]
    assert sorted(row.reservations.count() for row in proposals) == [2, 3]


def test_one_school_never_takes_more_than_it_lacks(authority: Any, rules: Any, staff: Any) -> None:
    proposal = computed(diagnosed(authority, "CP"), rules, staff)
    free = DeviceFactory.create_batch(4, item_type=item(authority), state="requalified")
    computer = item(authority)

    def run(row: Any) -> None:
        services.reserve(proposal=row, device=free.pop(), item_type=computer, by=None)

    assert race([proposal] * 4, run).count("") == 1
    assert proposal.reservations.count() == 1
