"""The pages of a plan are told apart by their tab and from one plan to another by its name, in the page and in the browser's tab."""

import re
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from governance.views.actions import PLAN_PAGES
from tests.factories import governance as make

OF_PLAN = [(label, name) for label, name, _ in PLAN_PAGES if name != "plan_detail"]


def written(page: str, tag: str) -> str:
    (found,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page)
    return unescape(found)


@pytest.mark.parametrize("label, name", OF_PLAN)
def test_each_page_names_its_tab_and_its_plan(client_as: Any, authority: Any, label: str, name: str) -> None:
    plan = make.PlanFactory(authority=authority, name="École & numérique")
    client, address = client_as("finance"), reverse(f"governance:{name}", args=[plan.pk])
    page = client.get(address).content.decode()
    assert written(page, "h1") == f"{label}\N{NO-BREAK SPACE}: École & numérique"
    assert written(page, "title").startswith(f"{label} : École & numérique · ")
    crumbs = unescape(page[page.index('<nav class="crumbs"') :].split("</nav>")[0])
    home = reverse("governance:plan_detail", args=[plan.pk])
    assert re.findall(r'href="([^"]+)">([^<]+)</a>', crumbs) == [
        (reverse("governance:plan_list"), "Plans"),
        (home, "École & numérique"),
    ]


def test_the_first_page_is_the_plan_itself(client_as: Any, authority: Any) -> None:
    plan = make.PlanFactory(authority=authority, name="École & numérique")
    page = client_as("finance").get(reverse("governance:plan_detail", args=[plan.pk])).content.decode()
    assert written(page, "h1") == "École & numérique"
    assert written(page, "title").startswith("École & numérique · ")
