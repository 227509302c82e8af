"""Each kind of entry in a sitting of 131 members, 120 items and 11 proxies, answer with the whole state included, over HTTP:
processor time of the server; beside it, in how many times that of a council of 10 members with 5 items.

python -m tests.benchmarks.bench_sitting"""

import json
import os
import statistics
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "plan_numerique.settings.test"
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from tests.deliberations.entered import Room  # noqa: E402
from tests.factories.accounts import AuthorityFactory, MembershipFactory  # noqa: E402

LARGE, SMALL = (131, 120, 11), (10, 5, 1)
RUNS = 7
Times = dict[str, list[float]]


class NoMigrations:
    def __contains__(self, label: str) -> bool:
        return True

    def __getitem__(self, label: str) -> None:
        return None


class Bench:
    def __init__(self, members: int, items: int, proxies: int) -> None:
        authority = AuthorityFactory()
        self.room = Room(authority, "p" * (members - proxies) + "a" * proxies, items=items)
        self.client = Client()
        self.client.force_login(
            MembershipFactory(role="assembly", authority=authority).user,
            backend="django.contrib.auth.backends.ModelBackend",
        )
        self.times: Times = {}
        self.largest = 0
        self.client.get(f"/api/v1/seances/{self.room.sitting.pk}/etat/")  # the first request loads every address
        self.enter("opened")
        self.enter("presence", states=self.room.states)
        for rank in range(proxies):
            self.enter("proxy", giver=self.room.members[-1 - rank].pk, holder=self.room.members[rank].pk)

    def enter(self, kind: str, /, *, told: str = "", **payload: Any) -> dict[str, Any]:
        body = {"key": str(uuid4()), "kind": kind, "payload": payload}
        url = f"/api/v1/seances/{self.room.sitting.pk}/saisies/"
        answer = self.timed(told or kind, lambda: self.client.post(url, body, content_type="application/json"))
        assert answer.status_code == 201, answer.content
        self.largest = max(self.largest, len(answer.content))
        said: dict[str, Any] = json.loads(answer.content)
        return said

    def timed(self, what: str, step: Callable[[], Any]) -> Any:
        started = time.process_time()
        found = step()
        self.times.setdefault(what, []).append((time.process_time() - started) * 1000)
        return found

    def read(self) -> None:
        url = f"/api/v1/seances/{self.room.sitting.pk}/etat/"
        tag = self.timed("état, lu", lambda: self.client.get(url)).headers["ETag"]
        again = self.timed("état, inchangé", lambda: self.client.get(url, headers={"if-none-match": tag}))
        assert again.status_code == 304

    def item(self, rank: int, public: bool) -> None:
        members = self.room.members
        self.enter("item_opened", act=self.room.acts[rank].pk)
        if public:
            self.enter("ballot", mode="by_name", method="public", requested_by=len(members) // 2, others="for")
        else:
            self.enter("ballot", mode="by_name", others="for")
        self.enter("vote", member=members[2].pk, choice="against")
        self.enter("vote", member=members[0].pk, choice="abstain", proxy=True, told="vote, + 1 pouvoir")
        self.enter("votes", group="G1", choice="for", told="votes d'un groupe")
        self.enter("result", told="result, public" if public else "result")

    def sitting(self) -> None:
        room = self.room
        for rank in range(len(room.acts) - 2):
            self.item(rank, public=rank % 2 == 1)
        last = room.acts[-2]
        for _ in range(RUNS):
            said = self.enter("departure", member=room.members[3].pk, at="21:30")
            self.enter("move_undone", change=said["state"]["moves"][-1]["id"])
            self.enter("item_moved", act=room.acts[-1].pk, before=last.pk)
            self.enter("item_moved", act=last.pk, before=room.acts[-1].pk)
            self.enter("note", text="Échanges sur l'affaire.")
            self.enter("item_withdrawn", act=last.pk)
            self.enter("item_restored", act=last.pk)
            self.read()
        self.enter("item_opened", act=room.acts[-1].pk, told="item_opened, hors de son tour")
        self.enter("votes", all=True, choice="for", told="votes de tous")
        self.enter("result_reopened", act=room.acts[1].pk, reason="Mesure")
        self.enter("result", act=room.acts[1].pk, told="result, public, de nouveau")
        self.enter("result", act=room.acts[-1].pk)
        self.enter("item_opened", act=last.pk)
        self.enter("item_adjourned", act=last.pk)
        self.enter("closed")


def measured(size: tuple[int, int, int]) -> tuple[dict[str, float], dict[str, float], int]:
    bench = Bench(*size)
    bench.sitting()
    medians = {what: statistics.median(times) for what, times in bench.times.items()}
    return medians, {what: max(times) for what, times in bench.times.items()}, bench.largest


def main() -> None:
    settings.MIGRATION_MODULES = NoMigrations()
    connection.creation.create_test_db(verbosity=0)
    small, _, _ = measured(SMALL)
    large, worst, size = measured(LARGE)
    print(f"{'131 membres, 120 affaires':34} {'médiane':>9} {'maximum':>9}  × 10 membres, 5 affaires")
    for what, ms in sorted(large.items(), key=lambda each: -each[1]):
        print(f"{what:34} {ms:6.0f} ms {worst[what]:6.0f} ms  × {ms / max(small.get(what, ms), 0.01):.1f}")
    print(f"Réponse la plus longue : {size / 1024:.0f} Ko ; attendu pour chaque saisie : moins de 200 ms")
    connection.creation.destroy_test_db(":memory:", verbosity=0)


if __name__ == "__main__":
    main()
