"""Models created together: mutually related ones, forwards and back."""

from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from plan_numerique.web.operations import CreateModels

NAMES = {"web_hen", "web_egg"}


def key(to: str) -> Any:
    return models.ForeignKey(to, models.CASCADE, null=True, related_name="+")


def tables() -> set[str]:
    return NAMES & set(connection.introspection.table_names())


@pytest.mark.django_db(transaction=True)
def test_related_both_ways() -> None:
    own = ("id", models.BigAutoField(primary_key=True))
    operation = CreateModels(
        migrations.CreateModel("Hen", [own, ("from_egg", key("web.Egg"))]),
        migrations.CreateModel("Egg", [own, ("laid_by", key("web.Hen"))]),
    )
    before, after = ProjectState(), ProjectState()
    assert after.apps.all_models["web"] == {}
    operation.state_forwards("web", after)
    with connection.schema_editor() as editor:
        operation.database_forwards("web", editor, before, after)
    try:
        assert tables() == NAMES
        hen = after.apps.get_model("web", "Hen").objects.create()
        assert after.apps.get_model("web", "Egg").objects.create(laid_by=hen).laid_by_id == hen.pk
    finally:
        with connection.schema_editor() as editor:
            operation.database_backwards("web", editor, after, before)
    assert tables() == set()
