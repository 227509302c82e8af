"""Imports of expenses made before the one engine: moved to it whole, with the event that undoes them."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone

from governance.imports import ExpenseImporter
from governance.models import Expense, Plan
from plan_numerique.audit.models import AuditEvent
from plan_numerique.documents import services as documents
from plan_numerique.imports import services
from plan_numerique.imports.models import ColumnMapping, ImportSession
from tests.factories import expenses as spend
from tests.factories import governance as make

COLUMNS = {"piece": "Pièce", "ttc": "Montant"}


class Rows(list[Any]):
    """What the migration asks of a table that is no longer there."""

    def select_related(self, *names: str) -> "Rows":
        return self

    def order_by(self, *names: str) -> "Rows":
        return self

    def filter(self, **values: Any) -> "Rows":
        return self


def migrated(imports: list[Any], mappings: list[Any]) -> None:
    gone = {"ExpenseImport": imports, "ColumnMapping": mappings, "HistoricalColumnMapping": []}

    def model(app: str, name: str) -> type[models.Model] | Any:
        if app == "governance":
            return SimpleNamespace(objects=Rows(gone[name]))
        return apps.get_model(app, name)

    import_module("governance.migrations.0005_expense_imports_to_the_engine").move(
        SimpleNamespace(get_model=model), None
    )


def old(plan: Plan, pk: int, state: str, **values: Any) -> SimpleNamespace:
    document = documents.store(
        authority=plan.authority, title="Fichier", kind="expense_import", filename=f"{pk}.csv", media_type="text/csv", content=b"a", by=None
    )  # fmt: skip
    asked = {"rows": 0, "created": 0, "updated": 0, "unchanged": 0, "problems": [], "columns": {}, "job": None}
    return SimpleNamespace(
        pk=pk, state=state, plan=plan, plan_id=plan.pk, document_id=document.pk, job_id=None, by_id=None, at=timezone.now(),
        **{**asked, **values},
    )  # fmt: skip


@pytest.mark.django_db
def test_imports_made_before_the_engine_are_moved_to_it(authority: Any, user_as: Any) -> None:
    plan = make.PlanFactory(authority=authority)
    done = spend.runner(plan, user_as("finance"))(["Pièce;Étape;Date;TTC", "M1;P;03/05/2018;1"], apply=True)
    event = done.event
    ImportSession.objects.all().delete()
    ColumnMapping.objects.all().delete()
    AuditEvent.objects.filter(pk=event.pk).update(
        verb="governance.expenses_imported", target_type="governance.expenseimport", target_id="71"
    )
    problem = {"line": 2, "column": "Étape", "value": "troc", "message": "…", "accepted": ""}
    told = {**COLUMNS, "stage_fixed": "payment", "exercise_fixed": 2018, "section_fixed": ""}
    mapping = SimpleNamespace(pk=1, authority_id=authority.pk, header_digest="abc", columns=told)
    migrated(
        [
            old(plan, 71, "applied", rows=1, created=1, columns=COLUMNS),
            old(plan, 72, "checked", rows=2, created=1, columns=told, problems=[problem]),
            old(plan, 73, "checked"),
            old(plan, 74, "undone", rows=1, created=1, columns=COLUMNS),
        ],
        [mapping],
    )
    first, second, third, fourth = ImportSession.objects.order_by("pk")
    assert (first.state, first.event, first.created, first.bad) == ("applied", event, 1, 0)
    event.refresh_from_db()
    assert (event.target_type, event.target_id) == ("imports.importsession", str(first.pk))
    assert (second.state, second.columns, second.bad, second.problem_count) == ("checked", COLUMNS, 1, 1)
    assert second.options == {"plan": str(plan.pk), "stage": "payment", "exercise": "2018"}
    assert (third.state, third.columns) == ("sent", {})
    assert (fourth.state, fourth.event is None) == ("undone", False)
    assert ColumnMapping.objects.get().columns == COLUMNS
    services.undo_session(session=first, importer=ExpenseImporter(), by=None)
    assert not Expense.objects.exists()
