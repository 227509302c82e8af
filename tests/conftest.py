from collections.abc import Callable, Iterator
from typing import Any

import factory
import pytest
from django.test import Client
from hypothesis import settings as hypothesis_settings

from plan_numerique.accounts.models import Authority, User
from tests import undefined
from tests.factories.accounts import AuthorityFactory, MembershipFactory

# A loaded machine makes no test fail: only results count, never times.
hypothesis_settings.register_profile("suite", deadline=None)
hypothesis_settings.load_profile("suite")
undefined.watch()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", action="store_true", help="only the tests that ask something of the database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A second database has nothing to say of the tests that open none: pytest-django would refuse it to them."""
    if config.getoption("--database"):
        fixtures = {"db", "transactional_db"}
        asking = {
            item
            for item in items
            if item.get_closest_marker("django_db") or fixtures.intersection(getattr(item, "fixturenames", ()))
        }
        config.hook.pytest_deselected(items=[item for item in items if item not in asking])
        items[:] = [item for item in items if item in asking]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """A test fails where one of our templates names a variable that nothing defines (tests.undefined)."""
    try:
        yield
    finally:
        found = undefined.take_found()
    if found:
        pytest.fail("Variables that nothing defines:\n" + "\n".join(found), pytrace=False)


def every_factory(kind: type = factory.django.DjangoModelFactory) -> Iterator[Any]:
    for below in kind.__subclasses__():
        yield below
        yield from every_factory(below)


@pytest.fixture(autouse=True)
def first_rows() -> None:
    """Each test counts its synthetic rows from 0: what it sees does not depend on the tests before it."""
    for kind in every_factory():
        kind.reset_sequence(0, force=True)


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
