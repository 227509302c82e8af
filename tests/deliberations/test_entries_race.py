"""Two clerks at once on one sitting: no vote is lost, each entry has its own number. On PostgreSQL, and on a SQLite file."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections

from deliberations import queries, services
from deliberations.models import Sitting, SittingEntry, Vote
from tests.deliberations.entered import Room
from tests.factories.accounts import AuthorityFactory

pytestmark = pytest.mark.django_db(transaction=True)
EACH = 50
CHOICES = ("for", "against", "abstain")


@contextmanager
def shared(path: Path) -> Iterator[None]:
    """The in-memory test database is not shared by threads: they work on a copy of it in a file, with real transactions."""
    if connection.vendor != "sqlite":
        yield
        return
    with sqlite3.connect(path) as copy:
        connection.connection.backup(copy)
    copy.close()
    config = connections.settings["default"]
    held = config["NAME"]
    config["NAME"] = str(path)
    try:
        yield
    finally:
        config["NAME"] = held


def in_threads(*works: Callable[[], Any]) -> list[Any]:
    start = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            start.wait()
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [each.result() for each in [pool.submit(run, work) for work in works]]


def test_a_hundred_votes_of_two_clerks_are_all_kept(tmp_path: Path) -> None:
    room = Room(AuthorityFactory(), "p" * (2 * EACH)).open()
    act = room.examine()
    room.enter("ballot", mode="by_name")
    started = Sitting.objects.get(pk=room.sitting.pk).sequence
    keys = [uuid4() for _ in room.members]

    def clerk(first: int) -> Callable[[], int]:
        def work() -> int:
            repeated = 0
            for rank in range(first, 2 * EACH, 2):
                for _ in range(2):  # the answer was lost, the page sends again
                    payload = {"member": room.members[rank].pk, "choice": CHOICES[rank % 3]}
                    entry = {"sitting": room.sitting, "key": keys[rank], "kind": "vote", "payload": payload}
                    repeated += services.enter(**entry, by=None).repeated
            return repeated

        return work

    def outcome() -> tuple[dict[int, str], list[int], dict[str, Any]]:
        votes = dict(Vote.objects.filter(ballot__act=act).values_list("mandate_id", "choice"))
        numbers = list(SittingEntry.objects.order_by("sequence").values_list("sequence", flat=True))
        return votes, numbers, queries.sitting_state(room.sitting)

    with shared(tmp_path / "shared.sqlite3"):
        assert in_threads(clerk(0), clerk(1)) == [EACH, EACH]
        votes, numbers, state = in_threads(outcome)[0]
    assert votes == {member.pk: CHOICES[rank % 3] for rank, member in enumerate(room.members)}
    assert numbers == list(range(1, started + 2 * EACH + 1))
    assert (state["sequence"], state["ballot"]["missing"]) == (started + 2 * EACH, 0)
    assert state["ballot"]["counts"] == {"for": 34, "against": 33, "abstain": 33, "not_voting": 0, "blank": 0}


def test_one_key_sent_twice_at_once_is_taken_once(tmp_path: Path) -> None:
    room = Room(AuthorityFactory(), "ppp").open()
    key = uuid4()

    def send() -> bool:
        payload = {"member": room.members[0].pk}
        return services.enter(sitting=room.sitting, key=key, kind="departure", payload=payload, by=None).repeated

    with shared(tmp_path / "shared.sqlite3"):
        assert sorted(in_threads(*[send] * 6)) == [False, *[True] * 5]
        state = in_threads(lambda: queries.sitting_state(room.sitting))[0]
    assert len(state["moves"]) == 1
