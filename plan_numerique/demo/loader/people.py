"""One account per role. They are accounts, not persons: their names say so, and they hold no mandate."""

import secrets

from django.conf import settings

from plan_numerique.accounts.enums import TOWN_ROLES, Role
from plan_numerique.accounts.models import Authority, Membership, User
from plan_numerique.administration.services import give_role, person
from plan_numerique.audit import services as audit

DOMAIN = "demo.example"
SCHOOL_OF_THE_ACCOUNT = "0861030C"


def email_of(role: Role) -> str:
    return f"{role.value}@{DOMAIN}"


def password() -> str:
    """One password for the demonstration's accounts, drawn at random once and kept beside its database."""
    path = settings.VAR_DIR / "demo-password"
    if not path.exists():
        path.write_text("-".join(secrets.token_hex(2) for _ in range(3)), encoding="ascii")
        path.chmod(0o600)
    return path.read_text(encoding="ascii")


def account(role: Role) -> User:
    user = person(email=email_of(role), full_name=f"Compte de démonstration — {role.label}", by=None, authority=None)
    if not user.check_password(password()):
        user.set_password(password())
        with audit.action("demo.password_set", "Mot de passe de démonstration", by=None, authority=None, target=user):
            user.save(update_fields=["password"])
    return user


def give_roles(authority: Authority) -> None:
    for role in sorted(TOWN_ROLES - {Role.SCHOOL}):
        membership = Membership(user=account(role), role=role, authority=authority)
        give_role(instance=membership, email=email_of(role), full_name="", by=None)


def give_academy_role(department: str) -> None:
    """The Éducation nationale's account sees a whole département, across authorities."""
    user = account(Role.ACADEMY)
    if not user.memberships.filter(department=department).exists():
        membership = Membership(user=user, role=Role.ACADEMY, department=department)
        audit.save(instance=membership, by=None, authority=None)
