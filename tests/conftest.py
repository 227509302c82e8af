from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from hypothesis import settings as hypothesis_settings

from plan_numerique.accounts.models import Authority, User
from tests.factories.accounts import AuthorityFactory, MembershipFactory

# A loaded machine makes no test fail: only results count, never times.
hypothesis_settings.register_profile("suite", deadline=None)
hypothesis_settings.load_profile("suite")


@pytest.fixture
def authority(db: Any) -> Authority:
    return AuthorityFactory(department="086")


@pytest.fixture
def other_authority(db: Any) -> Authority:
    return AuthorityFactory(department="057")


@pytest.fixture
def user_as(authority: Authority) -> Callable[..., User]:
    """`user_as("finance")` is a finance officer of `authority`; `at=` gives another authority, a département or a district."""

    def make(role: str, at: Any = None) -> User:
        if role == "academy":
            scope = (
                {"department": at or authority.department} if at is None or isinstance(at, str) else {"district": at}
            )
            return MembershipFactory(role=role, authority=None, **scope).user
        return MembershipFactory(role=role, authority=at or authority).user

    return make


@pytest.fixture
def client_as(user_as: Callable[..., User]) -> Callable[..., Client]:
    def make(role: str, at: Any = None) -> Client:
        client = Client()
        client.force_login(user_as(role, at), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make
