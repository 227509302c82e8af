"""Who gives the mayor's visa, and who reads the circuit of an act."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from deliberations import queries, services
from deliberations.domain.names import presides
from deliberations.models import Act, Mandate
from deliberations.queries.versions import digest_of, snapshot
from tests.factories import deliberations as make
from tests.factories import drafting as draft
from tests.factories.accounts import MembershipFactory, UserFactory

TODAY = timezone.localdate


@pytest.fixture
def act(authority: Any) -> Act:
    act: Act = make.ActFactory(sitting__assembly__authority=authority, title="Programme des écoles")
    make.ActClauseFactory(act=act)
    services.open_circuit(act=act, stages=["mayor"], by=None)
    return act


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def elected(act: Act, user: Any, **fields: Any) -> Mandate:
    """The mandate of the account."""
    mandate: Mandate = make.MandateFactory(assembly=act.sitting.assembly, **fields)
    make.MemberContactFactory(mandate=mandate, user=user)
    return mandate


def signs(act: Act, user: Any) -> bool:
    client, url = client_of(user), f"/deliberations/{act.pk}/visas/"
    sent = {"step": "mayor", "decision": "viser", "seen": digest_of(snapshot(act))}
    seen = client.get(url).status_code == 200
    listed = queries.waiting_visas(user).exists()
    read = client.get("/api/v1/visas/").json()["count"] == 1
    given = client.post(url, sent).status_code == 302
    assert seen == listed == read == given == (act.visas.get().state == "given")
    return given


def test_an_elected_account_without_a_mandate_signs_nothing(act: Act, user_as: Any) -> None:
    assert not signs(act, user_as("elected"))


@pytest.mark.parametrize("function", ["", "Adjointe au maire", "Maire délégué de Vaugirard", "Président du groupe"])
def test_another_member_signs_nothing(act: Act, user_as: Any, function: str) -> None:
    user = user_as("elected")
    elected(act, user, function=function, side="opposition")
    annex = draft.AnnexFactory(act=act)
    assert not signs(act, user)
    assert client_of(user).get(f"/annexes/{annex.pk}/fichier/").status_code == 404


def test_the_mayor_signs(act: Act, user_as: Any) -> None:
    user = user_as("elected")
    elected(act, user, function="Maire")
    assert signs(act, user)


def test_the_chair_of_the_sitting_signs(act: Act, user_as: Any) -> None:
    user = user_as("elected")
    act.sitting.chair = elected(act, user, function="1er adjoint")
    act.sitting.save()
    assert signs(act, user)


def test_the_signatory_of_the_act_signs(act: Act, user_as: Any) -> None:
    user = user_as("elected")
    act.signatory = elected(act, user)
    act.save()
    assert signs(act, user)


def test_a_former_mayor_signs_nothing(act: Act, user_as: Any) -> None:
    user = user_as("elected")
    elected(act, user, function="Maire", ends_on=TODAY() - timedelta(days=1))
    assert not signs(act, user)


def test_the_mayor_of_another_assembly_signs_nothing(act: Act, user_as: Any) -> None:
    user = user_as("elected")
    elsewhere = make.MandateFactory(
        assembly=make.AssemblyFactory(authority=act.sitting.assembly.authority), function="Maire"
    )
    make.MemberContactFactory(mandate=elsewhere, user=user)
    assert not signs(act, user)


@pytest.mark.parametrize(
    ("function", "kind", "head"),
    [
        ("Maire", "conseil_municipal", True),
        ("Madame la Maire", "conseil_municipal", True),
        ("Maire de Rennes, vice-présidente de la métropole", "conseil_municipal", True),
        ("Maire-adjoint", "conseil_municipal", False),
        ("Maire adjointe à l'éducation", "conseil_municipal", False),
        ("Maire honoraire", "conseil_municipal", False),
        ("1er adjoint au maire", "conseil_municipal", False),
        ("Président", "conseil_municipal", False),
        ("Présidente", "conseil_communautaire", True),
        ("Président de la communauté urbaine", "conseil_communautaire", True),
        ("Vice-président", "conseil_communautaire", False),
        ("Président de la commission des finances", "conseil_communautaire", False),
        ("Maire de Colombiers", "conseil_communautaire", False),
    ],
)
def test_who_heads_an_assembly(function: str, kind: str, head: bool) -> None:
    assert presides(function, kind) is head


def test_the_visas_of_an_act_are_read_where_visas_are_given(authority: Any, other_authority: Any, act: Act) -> None:
    user = UserFactory()
    MembershipFactory(user=user, role="technician", authority=authority)
    MembershipFactory(user=user, role="finance", authority=other_authority)
    client = client_of(user)
    assert client.get("/api/v1/visas/").json()["count"] == 0
    assert client.get(f"/deliberations/{act.pk}/visas/").status_code == 404
    assert client.get(f"/deliberations/{act.pk}/").status_code == 200
