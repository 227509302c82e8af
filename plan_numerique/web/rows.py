"""Cells of a table's rows, worked out once a column instead of once a cell: which fields to follow, which choice has a label, which
arguments a column's function takes. What django-tables2 does for each cell costs 30 microseconds, mostly `inspect.signature`.

The cells are those of `BoundRow.get_cell` and `get_cell_value`; whatever is not a plain path through models is left to them."""

from collections.abc import Callable, Collection, Hashable, Iterator
from dataclasses import dataclass
from functools import partialmethod
from inspect import getattr_static
from itertools import islice
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet
from django_tables2 import Column, ManyToManyColumn
from django_tables2.columns.linkcolumn import BaseLinkColumn
from django_tables2.rows import BoundRow
from django_tables2.utils import Accessor, signature

CHUNK = 2000
UNREAD = object()
Shown = Callable[[BoundRow, Any], Any]
OFFERED = ("value", "record", "column", "bound_column", "bound_row", "table")
# What a property or a method may raise, for which django-tables2 shows the column's default.
FAILS = (AttributeError, TypeError, ValueError, LookupError, ArithmeticError, ObjectDoesNotExist)
Cell = Callable[[BoundRow], Any]


def rendered(table: Any, bound: Any) -> Cell:
    """The function that gives the HTML of a column's cell."""
    render = _called(table, bound, bound.render)

    def linked(row: BoundRow, value: Any) -> Any:
        return bound.link(render(row, value) if render else value, **_offered(table, bound, row, value))

    return _cell(bound, linked if bound.link else render, lambda: bound.default, lambda row: row.get_cell(bound.name))


def exported(table: Any, bound: Any) -> Cell:
    """The function that gives the value of a column's cell, without HTML."""
    value = bound.value
    if getattr(value, "__func__", None) is Column.value:  # which calls render
        value = bound.column.render
    return _cell(bound, _called(table, bound, value), lambda: None, lambda row: row.get_cell_value(bound.name))


def records(rows: QuerySet[Any]) -> Iterator[Any]:
    """The rows for an export, by chunks. What `select_related` would build again for each row is read apart, each related row once;
    not where columns are deferred, since those of the related rows would be read after all."""
    query = rows.query
    relations = None
    if isinstance(query.select_related, dict) and query.deferred_loading == (frozenset(), True):
        relations = _relations(rows.model, query.select_related)
    if relations is None:
        return rows.iterator(chunk_size=CHUNK)
    return _with_related(rows.select_related(None), relations)


@dataclass(frozen=True)
class _Relation:
    field: Any
    below: "list[_Relation]"
    known: dict[Any, Any]  # by key, over the whole export

    def attach(self, rows: Collection[Any]) -> None:
        """Gives each row its related one, read now if it was not met before."""
        named = dict.fromkeys(getattr(row, self.field.attname) for row in rows)
        if wanted := [key for key in named if key is not None and key not in self.known]:
            new = self.field.related_model._base_manager.in_bulk(wanted)
            for relation in self.below:
                relation.attach(new.values())
            self.known.update(new)
        for row in rows:
            if (key := getattr(row, self.field.attname)) in self.known:
                self.field.set_cached_value(row, self.known[key])


def _relations(model: type[Model], tree: dict[str, Any]) -> list[_Relation] | None:
    """Of `{"school": {"commune": {}}}`; None when one is no foreign key to a primary key."""
    found = []
    for name, below in tree.items():
        field = next((field for field in model._meta.fields if field.name == name and field.many_to_one), None)
        nested = _relations(field.related_model, below) if field and field.target_field.primary_key else None
        if nested is None:
            return None
        found.append(_Relation(field, nested, {}))
    return found


def _with_related(rows: QuerySet[Any], relations: list[_Relation]) -> Iterator[Any]:
    for chunk in _chunks(rows.iterator(chunk_size=CHUNK)):
        for relation in relations:
            relation.attach(chunk)
        yield from chunk


def _chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _cell(bound: Any, shown: Shown | None, default: Callable[[], Any], slowly: Cell) -> Cell:
    """`shown` None: the value as it is."""
    column, accessor = bound.column, bound.accessor
    plain = isinstance(accessor, str) and accessor and not getattr(accessor, "callable_args", None)
    if not plain or isinstance(column, ManyToManyColumn | BaseLinkColumn):
        return slowly
    read = _Reader(Accessor(accessor)).read
    empty = column.empty_values

    def cell(row: BoundRow) -> Any:
        value = read(row._record)
        if value is UNREAD:
            return slowly(row)
        if value in empty:
            return default()
        return value if shown is None else shown(row, value)

    return cell


class _Reader:
    """Follows one accessor through objects that are no mappings nor sequences; UNREAD where it leads elsewhere."""

    def __init__(self, accessor: Accessor) -> None:
        self.accessor = accessor
        *self.path, self.last = accessor.bits
        self.kind: type | None = None
        self.field = False
        self.choice = False
        self.labels: dict[Hashable, Any] = {}

    def read(self, record: Any) -> Any:
        if type(record) is not self.kind:
            self._learn(record)
        try:
            if self.field:
                value = getattr(record, self.last)
                return self._label(record, value) if self.choice else value
            parent = record
            for bit in self.path:
                parent = _followed(parent, bit)
                if parent is None or parent is UNREAD:
                    return parent
            value = _followed(parent, self.last)
            return self._label(parent, value) if self.choice else value
        except FAILS:
            return UNREAD

    def _learn(self, record: Any) -> None:
        self.kind, self.labels = type(record), {}
        if isinstance(record, Model):
            self.choice = bool(getattr(self.accessor.get_field(record), "choices", None))
            self.field = not self.path and any(field.name == self.last for field in record._meta.concrete_fields)

    def _label(self, parent: Any, value: Any) -> Any:
        """The label of a choice, asked once a value, unless the model has its own way to give it."""
        if value in self.labels:
            return self.labels[value]
        name = f"get_{self.last}_display"
        given = getattr_static(type(parent), name, None)
        if given is None or value is UNREAD:
            return value
        label = getattr(parent, name)()
        if isinstance(given, partialmethod):
            self.labels[value] = label
        return label


def _followed(parent: Any, name: str) -> Any:
    if hasattr(type(parent), "__getitem__"):
        return UNREAD
    found = getattr(parent, name)
    if callable(found) and not getattr(found, "do_not_call_in_templates", False):
        return UNREAD if getattr(found, "alters_data", False) else found()
    return found


def _offered(table: Any, bound: Any, row: BoundRow, value: Any) -> dict[str, Any]:
    return dict(zip(OFFERED, (value, row.record, bound.column, bound, row, table), strict=True))


def _called(table: Any, bound: Any, function: Callable[..., Any]) -> Shown | None:
    """`function` with those of the offered arguments that it takes, a None for each row where it takes others; None for the
    function of a plain column, which gives its value."""
    if getattr(function, "__func__", None) is Column.render:
        return None
    names, keywords = signature(function)
    if keywords:
        return lambda row, value: function(**_offered(table, bound, row, value))
    if names == ("value",):
        return lambda row, value: function(value=value)
    if names == ("record",):
        return lambda row, value: function(record=row.record)
    if set(names) - set(OFFERED):
        return lambda row, value: None

    def call(row: BoundRow, value: Any) -> Any:
        offered = _offered(table, bound, row, value)
        return function(**{name: offered[name] for name in names})

    return call
