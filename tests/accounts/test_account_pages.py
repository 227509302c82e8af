"""The pages of one's own account, which allauth draws with our templates: each opens, says what it is, and works."""

import re
import time
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.defaults import server_error
from time_machine import travel

from plan_numerique.accounts.models import User
from tests.factories.accounts import UserFactory

PASSWORD = "un-mot-de-passe-assez-long"


@pytest.fixture(autouse=True)
def no_attempts(settings: Any) -> None:
    """Each test has its own counts of attempts."""
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": str(time.time_ns())}
    }


@pytest.fixture
def user(db: Any) -> User:
    made: User = UserFactory(email="agent@example.org")
    made.set_password(PASSWORD)
    made.save()
    return made


@pytest.fixture
def signed_in(user: User) -> Client:
    client = Client()
    answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


@pytest.fixture
def confirmed(signed_in: Client) -> Client:
    """The pages of double authentication ask for the password again."""
    assert heading(signed_in.get(reverse("account_reauthenticate"))) == "Confirmer votre identité"
    assert signed_in.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302
    return signed_in


def heading(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    found = re.search(r"<h1[^>]*>(.*?)</h1>", response.content.decode(), re.DOTALL)
    assert found
    return unescape(found[1]).strip()


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


@pytest.mark.parametrize(
    "name, title",
    [
        ("account_login", "Se connecter"),
        ("account_signup", "Ouverture de compte"),
        ("account_reset_password", "Mot de passe oublié"),
        ("account_reset_password_done", "Lien envoyé"),
        ("account_reset_password_from_key_done", "Mot de passe changé"),
        ("account_inactive", "Compte désactivé"),
        ("accessibility", "Accessibilité"),
    ],
)
def test_pages_before_sign_in(client: Client, db: Any, name: str, title: str) -> None:
    assert heading(client.get(reverse(name))) == title


def test_a_wrong_password_is_told_then_the_account_waits(client: Client, user: User) -> None:
    sent = {"login": user.email, "password": "autre chose"}
    wrong = client.post(reverse("account_login"), sent)
    assert heading(wrong) == "Se connecter"
    assert 'role="alert"' in wrong.content.decode()
    for _ in range(4):
        locked = client.post(reverse("account_login"), sent)
    assert heading(locked, 429) == "Connexion suspendue"
    client.post(reverse("account_login"), {**sent, "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_a_forgotten_password_is_chosen_again(client: Client, user: User) -> None:
    assert client.post(reverse("account_reset_password"), {"email": user.email}).status_code == 302
    link = re.search(r"http://testserver(\S+/key/\S+/)", str(mail.outbox[0].body))
    assert link
    page = client.get(link[1], follow=True)
    assert heading(page) == "Nouveau mot de passe"
    sent = {"password1": "un-autre-mot-de-passe", "password2": "un-autre-mot-de-passe"}
    assert heading(client.post(page.redirect_chain[-1][0], sent, follow=True)) == "Mot de passe changé"
    user.refresh_from_db()
    assert user.check_password(sent["password1"])
    assert heading(client.get(link[1], follow=True)) == "Ce lien ne sert plus"


@pytest.mark.parametrize(
    "name, title",
    [
        ("account_logout", "Se déconnecter"),
        ("account_change_password", "Changer de mot de passe"),
        ("account_email", "Adresses e-mail"),
        ("mfa_index", "Double authentification"),
        ("styleguide", "Composants"),
    ],
)
def test_pages_of_ones_own_account(signed_in: Client, name: str, title: str) -> None:
    assert heading(signed_in.get(reverse(name))) == title


def test_the_password_is_changed(signed_in: Client, user: User) -> None:
    url, new = reverse("account_change_password"), "un-autre-mot-de-passe"
    wrong = signed_in.post(url, {"oldpassword": "non", "password1": new, "password2": new})
    assert heading(wrong) == "Changer de mot de passe"
    assert signed_in.post(url, {"oldpassword": PASSWORD, "password1": new, "password2": new}).status_code == 302
    user.refresh_from_db()
    assert user.check_password(new)


def test_an_account_without_a_password_chooses_one(user: User) -> None:
    user.set_unusable_password()
    user.save()
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert heading(client.get(reverse("account_set_password"))) == "Choisir un mot de passe"


def test_double_authentication_from_its_start_to_its_end(confirmed: Client, user: User) -> None:
    """At one moment, since a code lasts half a minute."""
    with travel(datetime.now(UTC), tick=False):
        follow_double_authentication(confirmed, user)


def follow_double_authentication(confirmed: Client, user: User) -> None:
    activate, title = reverse("mfa_activate_totp"), "Activer la double authentification"
    page = confirmed.get(activate)
    assert heading(page) == title
    assert heading(confirmed.post(activate, {"code": "000"})) == title
    sent = {"code": code_of(page.context["form"].secret)}
    assert heading(confirmed.post(activate, sent, follow=True)) == "Codes de secours"
    index = confirmed.get(reverse("mfa_index"))
    assert "10 codes sur 10 encore utilisables" in " ".join(index.content.decode().split())
    assert heading(confirmed.get(reverse("mfa_generate_recovery_codes"))) == "Créer des codes de secours"
    assert heading(confirmed.get(reverse("mfa_deactivate_totp"))) == "Désactiver la double authentification"
    assert heading(confirmed.get(reverse("mfa_reauthenticate"))) == "Confirmer votre identité"
    other = Client()
    asked = other.post(reverse("account_login"), {"login": user.email, "password": PASSWORD}, follow=True)
    assert heading(asked) == "Code de vérification"
    assert confirmed.post(reverse("mfa_deactivate_totp")).status_code == 302
    assert "Aucun code" in confirmed.get(reverse("mfa_index")).content.decode()


@pytest.mark.parametrize("name, title", [("500.html", "Panne du service"), ("429.html", "Trop de demandes")])
def test_the_pages_of_a_fault_need_nothing(name: str, title: str) -> None:
    request = RequestFactory().get("/")
    page = server_error(request).content.decode() if name == "500.html" else render_to_string(name, {}, request)
    assert f"<h1>{title}</h1>" in page
