"""Rules on the registered models, filters, URLs and migrations."""

import re
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from plan_numerique.web.filters import EntityFilter

ORDER = ["accounts", "documents", "audit", "jobs", "schools", "equipment", "ent", "governance", "deliberations"]
OURS = {label: rank for rank, label in enumerate(ORDER)}
# Accounts are the tenant: documents, below them in imports, name them by string (docs/adr/0003).
PUBLIC = {
    "health", "favicon", "accessibility", "account_login", "account_logout", "account_signup", "account_inactive",
    "account_reset_password", "account_reset_password_done", "account_reset_password_from_key",
    "account_reset_password_from_key_done", "account_confirm_email", "account_email_verification_sent",
    "account_reauthenticate", "mfa_authenticate", "login", "logout", "account_confirm_login_code", "account_request_login_code",
    "account_set_password", "account_change_password",
    # The acts put online (deliberations.views.public).
    "public_authorities", "public_acts", "public_style", "public_sittings", "public_csv", "public_feed", "public_file",
    "public_act", "public_annex",
    # By the secret link of one member (deliberations.views.answers).
    "invitation_answer", "invitation_opened", "invitation_calendar", "invitation_document",
}  # fmt: skip


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in OURS]


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_foreign_keys_point_left(model: type[models.Model]) -> None:
    for field in model._meta.get_fields():
        if (
            isinstance(field, models.ForeignKey | models.ManyToManyField)
            and field.related_model._meta.app_label in OURS
        ):
            assert OURS[field.related_model._meta.app_label] <= OURS[model._meta.app_label], field


def test_migrations_depend_on_the_left_only() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    wrong = [
        (key, parent)
        for key, migration in loader.disk_migrations.items()
        if key[0] in OURS
        for parent in migration.dependencies
        if parent[0] in OURS and OURS[parent[0]] > OURS[key[0]]
    ]
    assert wrong == []


def test_migrations_create_models_together() -> None:
    alone = {
        key: count
        for key, migration in MigrationLoader(None, ignore_no_migrations=True).disk_migrations.items()
        if key[0] in OURS and (count := sum(isinstance(step, CreateModel) for step in migration.operations)) > 1
    }
    assert alone == {}, "wrap them in web.operations.CreateModels"


def test_constraints_refuse_in_french() -> None:
    default = models.BaseConstraint.default_violation_error_message
    bare = [
        f"{model._meta.label}.{constraint.name}"
        for model in our_models()
        for constraint in model._meta.constraints
        if constraint.violation_error_message == default
    ]
    assert bare == []


def test_no_generic_foreign_key() -> None:
    assert [
        m._meta.label for m in our_models() for f in m._meta.private_fields if type(f).__name__ == "GenericForeignKey"
    ] == []


def filters(base: type[EntityFilter] = EntityFilter) -> list[type[EntityFilter]]:
    found = []
    for item in base.__subclasses__():
        found += [item, *filters(item)]
    return found


def _filtered(filterset: type[EntityFilter]) -> set[str]:
    return {str(item.field_name).split("__")[0] for item in filterset.base_filters.values()}


def test_every_model_field_has_a_filter_or_is_listed_without() -> None:
    get_resolver().url_patterns  # noqa: B018  loads every filterset
    missing = {}
    for filterset in filters():
        model: Any = filterset._meta.model
        names = {field.name for field in model._meta.concrete_fields} | {
            field.name for field in model._meta.many_to_many
        }
        left = names - _filtered(filterset) - set(filterset.without) - {"id"}
        unknown = set(filterset.without) - names
        if left or unknown:
            missing[filterset.__name__] = sorted(left | unknown)
    assert missing == {}


def patterns(resolver: Any, prefix: str = "") -> list[tuple[str, str]]:
    found = []
    for item in resolver.url_patterns:
        path = prefix + str(item.pattern)
        if isinstance(item, URLResolver):
            found += [] if item.app_name == "admin" else patterns(item, path)
        elif isinstance(item, URLPattern):
            found.append((path, item.name or ""))
    return found


def _concrete(path: str) -> str:

    path = re.sub(r"<int:[a-z_]+>|\(\?P<pk>[^)]*\)", "1", path)
    path = re.sub(r"<[a-z]+:[a-z_]+>|<[a-z_]+>|\(\?P<[a-z_]+>[^)]*\)", "x", path)
    return "/" + path.replace("^", "").replace("$", "").replace("\\.", ".").replace("\\Z", "").rstrip("?")


@pytest.mark.parametrize("path, name", [p for p in patterns(get_resolver()) if p[1] not in PUBLIC], ids=lambda p: p)
def test_every_address_refuses_the_anonymous(db: Any, path: str, name: str) -> None:
    client = Client(raise_request_exception=True)
    for method in ("get", "post"):
        response = getattr(client, method)(_concrete(path))
        signed_out = response.status_code in (401, 403, 405) or (
            response.status_code == 302 and "/compte/" in response.headers["Location"]
        )
        assert signed_out or (response.status_code == 404 and "mfa" in name), (method, response.status_code)
