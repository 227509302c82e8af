"""Models created together: mutually related ones, forwards and back."""

from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from plan_numerique.web.operations import AlterModels, CreateModels

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


@pytest.mark.django_db(transaction=True)
def test_changes_of_several_models_at_once() -> None:
    own = ("id", models.BigAutoField(primary_key=True))
    made = CreateModels(migrations.CreateModel("Hen", [own]), migrations.CreateModel("Egg", [own]))
    number = models.IntegerField(default=7)
    changed = AlterModels(migrations.AddField("hen", "age", number), migrations.AddField("egg", "size", number))
    before, between = ProjectState(), ProjectState()
    made.state_forwards("web", between)
    after = between.clone()
    changed.state_forwards("web", after)
    with connection.schema_editor() as editor:
        made.database_forwards("web", editor, before, between)
    try:
        between.apps.get_model("web", "Hen").objects.create()
        with connection.schema_editor() as editor:
            changed.database_forwards("web", editor, between, after)
        assert after.apps.get_model("web", "Hen").objects.get().age == 7
        with connection.schema_editor() as editor:
            changed.database_backwards("web", editor, after, between)
        assert between.apps.get_model("web", "Hen").objects.count() == 1
    finally:
        with connection.schema_editor() as editor:
            made.database_backwards("web", editor, between, before)


def test_one_model_is_not_changed_twice_at_once() -> None:
    with pytest.raises(ValueError, match="one model"):
        AlterModels(
            migrations.AddField("hen", "age", models.IntegerField(default=7)),
            migrations.AddField("Hen", "size", models.IntegerField(default=7)),
        )
