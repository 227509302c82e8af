"""From a parsed document to the act, with every problem at once."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from deliberations.domain.act import (
    CHOICES,
    Act,
    Authority,
    Ballot,
    Budget,
    BudgetLine,
    Dates,
    Grant,
    Identifiers,
    Members,
    Product,
    Proxy,
    Session,
)
from deliberations.domain.document.fields import DOCUMENT
from governance.domain.document.readers import Report
from plan_numerique.shared.errors import Problem

Part = TypeVar("Part")
Row = Mapping[str, Any]


def read_input(data: object) -> tuple[Act | None, list[Problem]]:
    report = Report()
    document = DOCUMENT.read(data, "", report)
    if report.problems:
        return None, report.problems
    return _act(document), []


def _act(document: Row) -> Act:
    return Act(
        session=Session(**document["session"]),
        past=document["past"],
        authority=_part(document["authority"], Authority),
        members=_part(document["members"], _members),
        chair=document["chair"],
        vote=_part(document["vote"], _ballot),
        identifiers=_part(document["identifiers"], Identifiers),
        dates=_part(document["dates"], Dates),
        budget=_part(document["budget"], _budget),
        grants=tuple(Grant(**row) for row in document["grants"]),
        products=tuple(Product(**row) for row in document["products"]),
    )


def _part(row: Row | None, make: Callable[..., Part]) -> Part:
    return make(**(row or {}))


def _members(proxies: list[Row] | None = None, **row: Any) -> Members:
    given = None if proxies is None else tuple(Proxy(**proxy) for proxy in proxies)
    return Members(**{name: _frozen(value) for name, value in row.items()}, proxies=given)


def _ballot(**row: Any) -> Ballot:
    return Ballot(
        counts={choice: row.pop(choice, None) for choice in CHOICES},
        names={choice: _frozen(row.pop(f"{choice}_names", None)) for choice in CHOICES},
        **row,
    )


def _budget(lines: list[Row] | tuple[()] = (), **row: Any) -> Budget:
    return Budget(lines=tuple(BudgetLine(**line) for line in lines), **row)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
