"""Operations of migrations."""

from typing import Any

from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.fields import FieldOperation
from django.db.migrations.operations.models import IndexOperation


class Together(Operation):
    """Operations in one step of the migration's state: as steps of their own, each makes Django draw again every model
    it is related to, and nearly all are, through the authority; fifty of them then take half a minute of processor."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, *operations: Any) -> None:
        self.operations = operations

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        return (type(self).__name__, self.operations, {})

    def state_forwards(self, app_label: str, state: Any) -> None:
        state.__dict__.pop("apps", None)  # drawn once, on its next use
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"{type(self).__name__}, {len(self.operations)} at once"


class CreateModels(Together):
    """Models made together, each after those it points at."""

    def __init__(self, *operations: CreateModel) -> None:
        super().__init__(*operations)


class AlterModels(Together):
    """One change of each of several models: none sees what another changed, so two changes of one model are two steps."""

    def __init__(self, *operations: FieldOperation | IndexOperation) -> None:
        names = [operation.model_name.lower() for operation in operations]
        if len(set(names)) < len(names):
            raise ValueError("two changes of one model in one step")
        super().__init__(*operations)
