"""A council of five and a sitting ready to leave, for the tests of convocations and of their answers."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core import mail
from django.utils import timezone

from deliberations.models import Invitation, Mandate, Sitting
from deliberations.services.legal import load_legal_settings
from deliberations.tasks import convocation as tasks
from tests.factories import deliberations as make

SETTINGS = Path(__file__).resolve().parents[2] / "deliberations/management/legal_settings.json"


def load_law() -> None:
    load_legal_settings(rows=json.loads(SETTINGS.read_text(encoding="utf-8")), by=None)


def council(authority: Any, *, members: int = 5, days: int = 10, **fields: Any) -> Sitting:
    """Members of ranks 1 to n with an address each, and a sitting in `days` days with two acts."""
    load_law()
    type(authority).objects.filter(pk=authority.pk).update(population=90_000)
    authority.refresh_from_db()
    held_on = timezone.localdate() + timedelta(days=days)
    sitting: Sitting = make.SittingFactory(
        assembly__authority=authority,
        assembly__name="Conseil municipal",
        **{"held_on": held_on, "held_at": "18:30", "place": "Hôtel de ville", **fields},
    )
    sitting.refresh_from_db()
    for rank in range(1, members + 1):
        mandate = make.MandateFactory(assembly=sitting.assembly, display_name=f"Mme Membre {rank}", rank=rank)
        make.MemberContactFactory(mandate=mandate, email=f"membre-{rank}@example.org")
    for rank in (1, 2):
        act = make.ActFactory(
            sitting=sitting, number="", title=f"Affaire {rank}", passage=rank, summary_note=f"Note {rank}."
        )
        make.ActClauseFactory(act=act)
    return sitting


def member(sitting: Sitting, rank: int) -> Mandate:
    found: Mandate = sitting.assembly.mandates.get(rank=rank)
    return found


def send(sitting: Sitting, by: Any, *, number: int = 1, **fields: Any) -> Any:
    job = tasks.start_convocation(sitting=sitting, number=number, by=by, **fields)
    job.refresh_from_db()
    sitting.refresh_from_db()
    return job


def link_in(message: Any) -> str:
    """Path of the secret link of a message."""
    line = next(line for line in message.body.splitlines() if "/reponse/" in line)
    return "/reponse/" + line.partition("/reponse/")[2].strip()


def link_of(address: str) -> str:
    return link_in([message for message in mail.outbox if message.to == [address]][-1])


def invitation(sitting: Sitting, rank: int) -> Invitation:
    found = Invitation.objects.filter(convocation__sitting=sitting, mandate__rank=rank)
    latest: Invitation = found.order_by("-convocation__number")[0]
    return latest


def day(text: str) -> date:
    return date.fromisoformat(text)
