"""Somebody with two roles in two places: what one role gives in its place, the other does not."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from equipment.models import Device
from governance.models import Expense
from tests.factories import expenses as spend
from tests.factories import governance as make
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.equipment import ItemTypeFactory


def url(name: str, *args: Any) -> str:
    return reverse(f"governance:{name}", args=args)


def client_of(*memberships: dict[str, Any]) -> Client:
    user = UserFactory()
    for held in memberships:
        MembershipFactory(user=user, **held)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("name", ["plan_execution", "plan_funding", "plan_credits", "plan_calendars"])
def test_money_of_a_plan_seen_for_another_reason_is_refused(authority: Any, other_authority: Any, name: str) -> None:
    plan, own = make.PlanFactory(authority=authority), make.PlanFactory(authority=other_authority)
    spend.ExpenseFactory(plan=plan)
    client = client_of(
        {"role": "academy", "authority": None, "department": authority.department},
        {"role": "finance", "authority": other_authority},
    )
    assert client.get(url("plan_detail", plan.pk)).status_code == 200
    assert client.get(url(name, plan.pk)).status_code == 403
    assert client.get(url(name, plan.pk), {"format": "csv"}).status_code == 403
    assert client.get(url(name, own.pk)).status_code == 200


def test_a_device_is_that_of_the_authority_of_the_plan(authority: Any, other_authority: Any) -> None:
    devices = [
        Device.objects.create(authority=each, item_type=ItemTypeFactory(authority=each), inventory_number="VP-1")
        for each in (authority, other_authority)
    ]
    plan = make.PlanFactory(authority=other_authority)
    client = client_of(*({"role": "finance", "authority": each} for each in (authority, other_authority)))
    sent = {
        "plan": plan.pk, "stage": "payment", "piece": "M1", "exercise": 2018, "dated_on": "2018-05-03", "supplier": "Tiers",
        "label": "Objet", "heading": "materiel", "section": "investissement", "ht": "10", "vat": "0", "device": "VP-1",
    }  # fmt: skip
    assert client.post(url("expense_create"), sent).status_code == 302
    assert Expense.objects.get().device == devices[1]


def test_the_warning_shown_is_that_of_the_row_not_of_the_authority_chosen(authority: Any, other_authority: Any) -> None:
    authority.notice = "Collectivité simulée."
    authority.save()
    plan = make.PlanFactory(authority=other_authority)
    client = client_of(*({"role": "education", "authority": each} for each in (authority, other_authority)))
    client.post(reverse("switch_authority"), {"authority": authority.pk, "next": "/"})
    assert authority.notice in client.get(url("plan_list")).content.decode()
    assert authority.notice in client.get(url("plan_create")).content.decode()
    assert authority.notice not in client.get(url("plan_detail", plan.pk)).content.decode()
