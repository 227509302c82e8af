"""The text of an act as a version keeps it, and two versions side by side."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from deliberations.domain.difference import Compared, Passage, compare_passages
from deliberations.enums import ClauseKind
from deliberations.models import Act, ActVersion
from deliberations.queries.rich import words_of

KEPT = ("kind", "level", "verb", "text", "rich")
FIRST_WORDS = {ClauseKind.VISA: "Vu", ClauseKind.CONSIDERANT: "Considérant"}


def snapshot(act: Act) -> dict[str, Any]:
    """{"title", "clauses"}: what a version keeps, positions left out."""
    return {"title": act.title, "clauses": list(act.clauses.order_by("position").values(*KEPT))}


def digest_of(text: dict[str, Any]) -> str:
    """Of a title and its clauses, whatever the order of their keys."""
    said = [text["title"], [[clause.get(name) for name in KEPT] for clause in text["clauses"]]]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def text_of_version(version: ActVersion) -> dict[str, Any]:
    return {"title": version.title, "clauses": version.clauses}


def passages_of(text: dict[str, Any], figures: Mapping[str, str]) -> list[Passage]:
    labels = {str(kind): str(label) for kind, label in ClauseKind.choices}
    clauses = [
        Passage(labels.get(clause["kind"], clause["kind"]), _said(clause, figures)) for clause in text["clauses"]
    ]
    return [Passage("Intitulé", text["title"]), *clauses]


def _said(clause: dict[str, Any], figures: Mapping[str, str]) -> str:
    first = FIRST_WORDS.get(clause["kind"], clause["verb"])
    return f"{first} {words_of(clause['text'], rich=clause['rich'], figures=figures)}".strip()


def compare_texts(before: dict[str, Any], after: dict[str, Any], figures: Mapping[str, str]) -> list[Compared]:
    """`figures`: those that the texts name, as the act has them."""
    return compare_passages(passages_of(before, figures), passages_of(after, figures))
