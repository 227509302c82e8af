"""The call for projects of the simulation: synthetic, open from the day it is loaded, with the demonstration's school yet to answer."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from plan_numerique.accounts.models import Membership, User
from plan_numerique.demo.loader.applications import SCHOOL_OF_THE_ACCOUNT, load_call
from plan_numerique.demo.loader.load import load
from schools import queries
from schools.models import Application, Campaign


def test_the_call_is_open_and_waits_for_the_school_of_the_account(db: Any, settings: Any, tmp_path: Any) -> None:
    settings.VAR_DIR = tmp_path
    authority, today = load("rennes"), timezone.localdate()
    assert authority is not None
    campaign = load_call(authority, today=today)
    assert campaign is not None
    assert load_call(authority, today=today) is None
    assert "(simulation)" in campaign.title
    assert "simulation" in campaign.presentation.lower()
    phases = [queries.campaign_phase(campaign, today + timedelta(days=days)) for days in (0, 25, 26)]
    assert phases == ["open", "open", "closed"]
    states = sorted(Application.objects.values_list("state", flat=True))
    assert states == ["draft", "submitted", "submitted", "submitted", "submitted", "withdrawn"]
    assert all("(simulation)" in project for project in Application.objects.values_list("project", flat=True))
    account = User.objects.get(email="school@demo.example")
    (call,) = queries.calls_of(queries.own_schools(account), today)
    assert (call.school.uai, call.application, call.phase) == (SCHOOL_OF_THE_ACCOUNT, None, "open")
    assert Campaign.objects.exclude(authority__slug="rennes").count() == 0
    tice = User.objects.get(email="tice@demo.example")
    assert queries.opinions_due(tice).count() == 2
    assert Membership.objects.get(user__email="ien@demo.example").district == call.school.district
