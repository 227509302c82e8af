from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from plan_numerique.accounts.access import Permission, Scope, roles_in, visible_authorities
from plan_numerique.accounts.enums import Role
from plan_numerique.accounts.models import Authority, Membership, User
from tests.factories.accounts import AuthorityFactory, DistrictFactory, MembershipFactory, UserFactory

READ = Permission("test.read", "Lire", roles={Role.EDUCATION, Role.ACADEMY, Role.SCHOOL})


def test_a_role_counts_where_it_is_held(authority: Any, other_authority: Any, user_as: Any) -> None:
    user = user_as("education")
    assert READ.granted(user, authority)
    assert not READ.granted(user, other_authority)
    assert list(READ.authorities(user)) == [authority]
    assert list(visible_authorities(user)) == [authority]
    assert roles_in(user, authority) == {"education"}
    assert roles_in(user, other_authority) == set()


def test_the_academy_crosses_the_authorities_of_its_departement(
    authority: Any, other_authority: Any, user_as: Any
) -> None:
    neighbour = AuthorityFactory(department=authority.department)
    user = user_as("academy")
    assert set(READ.authorities(user)) == {authority, neighbour}
    assert not READ.granted(user, other_authority)


def test_a_district_sees_no_whole_authority(authority: Any, user_as: Any) -> None:
    district = DistrictFactory(department=authority.department)
    user = user_as("academy", district)
    assert list(READ.authorities(user)) == []
    assert list(READ.districts(user)) == [district]
    assert list(visible_authorities(user)) == [authority]


def test_a_school_sees_no_whole_authority(authority: Any, user_as: Any) -> None:
    user = user_as("school")
    assert list(READ.authorities(user)) == []
    assert list(READ.narrow_authorities(user)) == [authority]
    assert Scope(user).wide_authority_ids() == []


def test_nobody_and_a_closed_account_hold_nothing(authority: Any) -> None:
    closed = MembershipFactory(authority=authority, user__is_active=False).user
    for user in (AnonymousUser(), closed):
        assert not READ.anywhere(user)
        assert not READ.granted(user, authority)
        assert list(READ.authorities(user)) == []
        assert list(visible_authorities(user)) == []


def test_the_keeper_of_the_installation_may_do_everything(authority: Any, other_authority: Any) -> None:
    root = User.objects.create_superuser("root@example.org", "x")
    assert READ.anywhere(root)
    assert set(READ.authorities(root)) == {authority, other_authority}
    assert Scope(root).role_label == "Installation"
    assert len(Scope(root).wide_authority_ids()) == 2


def test_scope_keeps_only_a_visible_choice(authority: Any, other_authority: Any, user_as: Any) -> None:
    user = user_as("education")
    assert Scope(user, other_authority.pk).authority == authority
    MembershipFactory(user=user, authority=other_authority, role="elected")
    again = User.objects.get(pk=user.pk)
    assert Scope(again).authority is None
    assert Scope(again, other_authority.pk).role_label == "Élu"


@pytest.mark.parametrize(
    "fields",
    [
        {"role": "education", "authority": None, "department": "086"},
        {"role": "academy", "department": ""},
        {"role": "academy", "authority": None, "department": ""},
    ],
)
def test_a_role_has_the_scope_of_its_kind(db: Any, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        MembershipFactory(**fields)
    membership = Membership(user=UserFactory(), **{"authority": AuthorityFactory(), **fields})
    with pytest.raises(ValidationError, match="Un rôle de la collectivité porte sur une collectivité"):
        membership.full_clean()


@pytest.mark.parametrize("scope", ["authority", "department", "district"])
def test_a_role_is_given_once(authority: Any, scope: str) -> None:
    target = {
        "authority": {"role": "finance", "authority": authority},
        "department": {"role": "academy", "authority": None, "department": "086"},
        "district": {"role": "academy", "authority": None, "district": DistrictFactory()},
    }[scope]
    held = MembershipFactory(**target)
    with pytest.raises(ValidationError, match="déjà ce rôle ici"):
        Membership(user=held.user, **target).full_clean()


def test_a_siren_has_its_check_digit(db: Any) -> None:
    authority = AuthorityFactory.build(siren="218601946")
    authority.full_clean()
    authority.siren = "218601947"
    with pytest.raises(ValidationError, match="218601947"):
        authority.full_clean()
    assert Authority.objects.count() == 0


def test_an_email_is_one_account_whatever_its_case(db: Any) -> None:
    User.objects.create_user("Agent@Example.org", "x")
    assert User.objects.get().email == "agent@example.org"
    with pytest.raises(ValidationError, match="déjà un compte"):
        User(email="AGENT@example.org", password="x").full_clean()
