"""Who starts a job sees it on the page they come back to, once, even where it has ended by then."""

from collections.abc import Callable
from typing import Any

from django.test import RequestFactory

from plan_numerique.accounts.models import User
from plan_numerique.jobs.following import follow, followed
from tests.factories.jobs import JobFactory


def request_of(user: User) -> Any:
    request: Any = RequestFactory().get("/")
    request.user, request.session = user, {}
    return request


def test_an_ended_job_is_shown_once_to_who_started_it(user_as: Callable[..., User], authority: Any) -> None:
    request = request_of(user_as("finance"))
    running = JobFactory(authority=authority, running=True)
    ended = JobFactory(authority=authority, ended=True)
    follow(request, ended)
    assert [entry["job"] for entry in followed(request, [running])] == [running, ended]
    assert [entry["job"] for entry in followed(request, [running])] == [running]


def test_one_still_under_way_is_not_shown_twice(user_as: Callable[..., User], authority: Any) -> None:
    request = request_of(user_as("finance"))
    running = JobFactory(authority=authority, running=True)
    follow(request, running)
    assert [entry["job"] for entry in followed(request, [running])] == [running]


def test_one_that_may_not_be_seen_is_not_shown(user_as: Callable[..., User], other_authority: Any) -> None:
    request = request_of(user_as("finance"))
    follow(request, JobFactory(authority=other_authority, ended=True))
    assert followed(request, []) == []
