"""Rows that live on the page of another, in every app: their parent is preset and told, and one comes back to its page."""

from collections.abc import Callable
from html import unescape
from typing import Any, NamedTuple

import pytest
from django.urls import reverse

from plan_numerique.web.views.base import follow
from tests.factories import deliberations, ent, equipment, governance, schools


class Child(NamedTuple):
    """`make(authority)` gives a row; `home_path` leads from it to the row whose page, `home`, shows it."""

    role: str
    name: str
    make: Callable[[Any], Any]
    parent: str
    home: str
    home_path: str = ""

    def home_row(self, row: Any) -> Any:
        return follow(row, self.home_path or self.parent)

    def home_url(self, row: Any) -> str:
        return reverse(self.home, args=[self.home_row(row).pk])

    def url(self, what: str, *args: Any) -> str:
        return reverse(f"{self.name}_{what}", args=args)


CHILDREN = [
    Child("education", "schools:room", lambda a: schools.RoomFactory(site__school__commune__authority=a), "site", "schools:site_detail"),
    Child("education", "schools:site", lambda a: schools.SiteFactory(school__commune__authority=a), "school", "schools:school_sites"),
    Child("education", "equipment:packline", lambda a: equipment.PackLineFactory(pack__authority=a), "pack", "equipment:pack_detail"),
    Child("education", "equipment:allocationrule", lambda a: equipment.AllocationRuleFactory(rule_set__authority=a), "rule_set", "equipment:ruleset_detail"),
    Child("education", "governance:scenariocap", lambda a: governance.ScenarioCapFactory(scenario__plan__authority=a), "scenario", "governance:scenario_data"),
    Child("education", "governance:decision", lambda a: governance.DecisionFactory(item__meeting__committee__authority=a), "item", "governance:meeting_detail", "item__meeting"),
    Child("assembly", "deliberations:secretary", lambda a: deliberations.SecretaryFactory(sitting__assembly__authority=a), "sitting", "deliberations:sitting_detail"),
    Child("assembly", "deliberations:clause", lambda a: deliberations.ActClauseFactory(act__sitting__assembly__authority=a), "act", "deliberations:act_compose"),
    Child("assembly", "deliberations:statedbudgetline", lambda a: deliberations.StatedBudgetLineFactory(budget__act__sitting__assembly__authority=a), "budget", "deliberations:act_compose", "budget__act"),
]  # fmt: skip
SUBSCRIBED = Child("education", "ent:subscribedschool", lambda a: ent.SubscribedSchoolFactory(subscription__authority=a), "subscription", "ent:subscription_detail")  # fmt: skip
by_name = pytest.mark.parametrize("child", CHILDREN, ids=lambda child: child.name)
every_one = pytest.mark.parametrize("child", [*CHILDREN, SUBSCRIBED], ids=lambda child: child.name)


def page_of(client: Any, url: str, **headers: str) -> str:
    response = client.get(url, headers=headers)
    assert response.status_code == 200
    return unescape(response.content.decode())


def is_hidden(page: str, name: str, pk: int) -> bool:
    return f'<input type="hidden" name="{name}" value="{pk}"' in page


def crumb(child: Child, row: Any) -> str:
    return f'<a href="{child.home_url(row)}">{child.home_row(row)}</a>'


@by_name
def test_a_new_row_is_given_its_parent(client_as: Any, authority: Any, child: Child) -> None:
    row = child.make(authority)
    parent = getattr(row, f"{child.parent}_id")
    page = page_of(client_as(child.role), f"{child.url('create')}?{child.parent}={parent}")
    assert is_hidden(page, child.parent, parent)
    assert crumb(child, row) in page
    assert f'<a class="btn quiet" href="{child.home_url(row)}">Annuler</a>' in page


@by_name
@pytest.mark.parametrize("asked", ["", "?{}=", "?{}=abc", "?{}=99999999", "?{}=" + "9" * 40, "?{}=%00"])
def test_a_parent_that_is_unknown_is_not_preset(client_as: Any, authority: Any, child: Child, asked: str) -> None:
    row = child.make(authority)
    page = page_of(client_as(child.role), child.url("create") + asked.format(child.parent))
    assert crumb(child, row) not in page
    assert not is_hidden(page, child.parent, getattr(row, f"{child.parent}_id"))


@by_name
def test_a_parent_of_elsewhere_is_not_preset(client_as: Any, other_authority: Any, child: Child) -> None:
    row = child.make(other_authority)
    url = f"{child.url('create')}?{child.parent}={getattr(row, f'{child.parent}_id')}"
    assert crumb(child, row) not in page_of(client_as(child.role), url)


@every_one
def test_a_row_is_edited_and_deleted_from_its_page(client_as: Any, authority: Any, child: Child) -> None:
    row, client = child.make(authority), client_as(child.role)
    page = page_of(client, child.url("edit", row.pk))
    assert is_hidden(page, child.parent, getattr(row, f"{child.parent}_id"))
    assert crumb(child, row) in page
    form = client.get(child.url("edit", row.pk)).context["form"]
    shown = {field.html_name: field.value() for field in form}
    sent = {name: value for name, value in shown.items() if value is not False and value not in (None, "")}
    answer = client.post(child.url("edit", row.pk), sent)
    assert answer.status_code == 302, answer.context["form"].errors
    assert answer.headers["Location"].partition("#")[0] == child.home_url(row)
    asked = page_of(client, child.url("delete", row.pk), referer="http://testserver/ailleurs/")
    assert crumb(child, row) in asked
    assert f'href="{child.home_url(row)}">Annuler</a>' in asked
    assert client.post(child.url("delete", row.pk)).headers["Location"] == child.home_url(row)
    assert not type(row).objects.filter(pk=row.pk).exists()


def test_a_new_row_is_placed_after_those_of_its_parent(client_as: Any, authority: Any) -> None:
    clause = deliberations.ActClauseFactory(act__sitting__assembly__authority=authority, position=4)
    deliberations.ActClauseFactory(act__sitting=clause.act.sitting, position=9)
    url = f"{reverse('deliberations:clause_create')}?act={clause.act_id}"
    client = client_as("assembly")
    assert client.get(url).context["form"]["position"].value() == 5
    assert client.get(f"{url}&position=2").context["form"]["position"].value() == "2"
    rule = equipment.AllocationRuleFactory(rule_set__authority=authority, position=3)
    url = f"{reverse('equipment:allocationrule_create')}?rule_set={rule.rule_set_id}"
    assert client_as("education").get(url).context["form"]["position"].value() == 4
