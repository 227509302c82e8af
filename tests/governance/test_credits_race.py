"""Several officers at the same moment on one authorisation: no sum is exceeded, one vote wins."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from governance import services
from governance.models import Authorisation
from plan_numerique.shared.errors import DomainError
from tests.factories.credits import SPLIT, commit, decision, opened, pay

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="the in-memory test database is not shared by threads"),
]
AP = sum(SPLIT.values())


def race(count: int, run: Callable[[Authorisation], Any], row: Authorisation) -> list[bool]:
    start, won = threading.Barrier(count), []

    def one() -> None:
        start.wait()
        try:
            run(Authorisation.objects.get(pk=row.pk))
            won.append(True)
        except DomainError:
            won.append(False)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == count
    return won


def test_commitments_at_once_never_exceed_the_authorisation() -> None:
    row = opened().authorisation
    assert race(8, lambda each: commit(each, AP // 4), row).count(True) == 4
    row.refresh_from_db()
    assert row.committed == AP


def test_payments_at_once_never_exceed_the_credits() -> None:
    row = opened().authorisation
    commit(row, AP)
    assert race(8, lambda each: pay(each, SPLIT[2016] // 3), row).count(True) == 3
    assert row.years.get(exercise=2016).paid == SPLIT[2016]


def test_of_two_votes_at_once_one_is_told() -> None:
    row = opened().authorisation
    how = decision(1)

    def vote(each: Authorisation) -> None:
        services.vote(authorisation=each, decision=how, amount=AP, credits=SPLIT, by=None)

    assert race(4, vote, row).count(True) == 1
    assert row.versions.count() == 2
