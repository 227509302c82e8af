"""The cells of our tables are those of django-tables2, however they are reached."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import django_tables2 as tables
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from django.utils.html import conditional_escape
from python_calamine import CalamineWorkbook

from equipment.models import Device
from equipment.queries import visible_devices
from equipment.tables import DeviceTable
from governance.models import Convention
from plan_numerique.accounts.models import User
from plan_numerique.jobs.models import Job
from plan_numerique.jobs.queries import visible_jobs
from plan_numerique.jobs.tables import JobTable
from plan_numerique.web.tables import (
    BadgeColumn,
    DayColumn,
    EntityTable,
    EurosColumn,
    IntegerColumn,
    MomentColumn,
    YesNoColumn,
)
from schools.models import School
from schools.queries import visible_schools
from schools.tables import SchoolTable
from tests.factories.equipment import DeviceFactory
from tests.factories.governance import ConventionFactory, PartnerFactory
from tests.factories.jobs import JobFactory
from tests.factories.schools import CommuneFactory, SchoolFactory


def same(table: EntityTable) -> list[list[Any]]:
    """The exported rows, once seen to be those of the library, and the page's cells too."""
    values = list(table.as_values())
    assert values == list(tables.Table.as_values(table))
    names = [column.name for column in table.columns]
    for (_, html), row in zip(table.body(), table.paginated_rows, strict=True):
        for name in names:
            cell = row.get_cell(name)
            if isinstance(cell, str):
                assert conditional_escape(cell) in html
    return values


def test_tables_of_models(authority: Any, user_as: Any) -> None:
    user = user_as("administrator")
    school = SchoolFactory(commune__authority=authority, name="A & B")
    SchoolFactory(commune=school.commune, education_priority="REP", priority_district=True)
    for place, day in (("Salle <1>", date(2018, 9, 3)), ("", None)):
        DeviceFactory(authority=authority, school=school if day else None, place=place, acquired_on=day)
    JobFactory(authority=authority, created_by=None, running=True)
    assert len(same(SchoolTable(visible_schools(user)))) == 3
    assert len(same(DeviceTable(visible_devices(user)))) == 3
    assert len(same(JobTable(visible_jobs(user)))) == 2


class OddTable(EntityTable):
    """Every way that a cell may be asked for."""

    title = tables.Column(linkify=lambda record: f"/x/{record.pk}/")
    authority = tables.Column(linkify=lambda value: None)
    partners = tables.ManyToManyColumn()
    loud = tables.Column(accessor="title__upper", verbose_name="Fort")
    shout = tables.Column(accessor="get_absolute_nothing", default="rien")
    parent = tables.Column(accessor="authority__name", default=lambda: "sans")
    state = BadgeColumn()
    day = DayColumn(accessor="signed_on")
    price = EurosColumn(accessor="pk")
    yes = YesNoColumn(accessor="authority__is_active", empty_values=())
    two = tables.Column(accessor="pk", empty_values=())
    three = tables.Column(accessor="pk", empty_values=())
    four = tables.Column(accessor="pk")
    text = tables.TemplateColumn("<b>{{ record.title }}</b>")
    saved = tables.Column(accessor="delete")

    def render_two(self, record: Any, column: Any, bound_column: Any, bound_row: Any, table: Any) -> str:
        return f"{record.pk}{bound_column.name}{len(table.columns.names())}"

    def render_three(self, **kwargs: Any) -> int:
        return int(kwargs["value"]) + 1

    def render_four(self, value: Any, unknown: Any) -> str:
        return "never"

    def value_four(self, value: Any) -> int:
        return -int(value)


def test_odd_columns(authority: Any) -> None:
    for name in ("<Une>", "Deux"):
        ConventionFactory(authority=authority, title=name).partners.add(PartnerFactory(authority=authority))
    table = OddTable(Convention.objects.select_related("authority").order_by("pk"))
    values = same(table)
    assert Convention.objects.count() == 2
    assert "<UNE>" in values[1]


@dataclass
class Line:
    label: str
    amount: int | None

    def doubled(self) -> int:
        return 2 * (self.amount or 0)

    @property
    def share(self) -> float:
        return 1 / (self.amount or 0)


class LineTable(EntityTable):
    label = tables.Column()
    amount = IntegerColumn()
    doubled = tables.Column()
    share = tables.Column(default="—")


def test_rows_that_are_no_models() -> None:
    values = same(LineTable([Line("a", 4), Line("", None)]))
    assert values[1:] == [["a", 4, 8, 0.25], [None, None, 0, None]]
    same(LineTable([{"label": "a", "amount": 1, "doubled": 2, "share": None}]))


class PersonTable(EntityTable):
    class Meta(EntityTable.Meta):
        model = User
        fields = ("email", "full_name", "is_active")


def test_rows_of_values(user_as: Any) -> None:
    user_as("finance")
    same(PersonTable(User.objects.values("email", "full_name", "is_active")))
    same(PersonTable(User.objects.order_by("pk")))


def test_an_export_reads_each_related_row_once(authority: Any, user_as: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plan_numerique.web.rows.CHUNK", 2)
    commune = CommuneFactory(authority=authority)
    schools = [SchoolFactory(commune=commune) for _ in range(2)]
    for rank in range(5):
        DeviceFactory(authority=authority, school=schools[rank % 2] if rank else None)
    rows = visible_devices(user_as("technician")).order_by("pk")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = list(DeviceTable(rows).as_values())
    assert found == list(tables.Table.as_values(DeviceTable(rows)))
    assert sum('FROM "accounts_authority" WHERE "accounts_authority"."id" IN' in one["sql"] for one in asked) <= 1
    assert sum('FROM "schools_school" WHERE' in one["sql"] for one in asked) <= 2


def every_table(kind: type = EntityTable) -> Iterator[type[EntityTable]]:
    for below in kind.__subclasses__():
        yield below
        yield from every_table(below)


def test_no_date_is_exported_as_its_text() -> None:
    """The columns of django-tables2 export « 2024-12-31 13:05:00+00:00 »."""
    get_resolver().url_patterns  # noqa: B018 -- loads every page, and its table with it
    columns = [(table, name, column) for table in every_table() for name, column in table.base_columns.items()]
    assert sum(isinstance(column, MomentColumn) for _, _, column in columns) > 5
    iso = (tables.DateColumn, tables.DateTimeColumn, tables.TimeColumn)
    assert not [f"{table.__name__}.{name}" for table, name, column in columns if isinstance(column, iso)]


def test_a_moment_is_shown_and_exported_in_french_time(client_as: Any, authority: Any) -> None:
    JobFactory(authority=authority, created_by=None, created_at=datetime(2024, 12, 31, 13, 5, tzinfo=UTC))
    client = client_as("administrator")
    shown = '<time datetime="2024-12-31T13:05:00+00:00">31/12/2024 14:05</time>'
    assert shown in client.get("/taches/").content.decode()
    assert ";31/12/2024 14:05;" in client.get("/taches/?format=csv").content.decode("utf-8-sig")
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get("/taches/?format=xlsx").content))
    header, row = book.get_sheet_by_index(0).to_python()
    assert row[header.index("Demandée le")] == datetime(2024, 12, 31, 14, 5)


def test_a_queryset_that_leaves_columns_out_is_read_as_it_is(authority: Any, user_as: Any) -> None:
    DeviceFactory(authority=authority, school=SchoolFactory(commune__authority=authority))
    rows = Device.objects.select_related("school", "item_type").only(
        "inventory_number", "school__name", "item_type__label"
    )
    same(DeviceTable(rows.order_by("pk")))
    assert School.objects.exists()
    assert not Job.objects.exists()
