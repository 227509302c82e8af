"""An entry of a clerk as a page or a program sends it: `{"key", "kind", "payload", "at"}`. Only its shape is read here."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from plan_numerique.shared.errors import DomainError

LARGEST = 60_000
KEYS = ("key", "kind", "payload", "at")
_ARTICLE = re.compile(r"articles? ([LR]\d{4}-\d+)")


@dataclass(frozen=True, slots=True)
class EntryRequest:
    key: UUID
    kind: str
    payload: Mapping[str, Any]
    at: datetime | None


def read_entry(data: object) -> EntryRequest:
    """DomainError names the key that is wrong."""
    if not isinstance(data, Mapping):
        raise DomainError("Une saisie est un objet JSON : {key, kind, payload, at}.")
    for name in data:
        if name not in KEYS:
            raise DomainError(f"Clé inconnue « {str(name)[:40]} » : une saisie porte {', '.join(KEYS)}.")
    kind = data.get("kind")
    if not isinstance(kind, str):
        raise DomainError("Dire la nature de la saisie : une chaîne est attendue.", field="kind")
    return EntryRequest(_key(data.get("key")), kind, read_payload(data.get("payload", {})), _moment(data.get("at")))


def _key(value: object) -> UUID:
    try:
        return UUID(value if isinstance(value, str) else "")
    except ValueError:
        raise DomainError("La clé d'une saisie est un UUID, comme en fait crypto.randomUUID().", field="key") from None


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not 1900 <= moment.year <= 2200:
        raise DomainError(
            "Heure de saisie illisible : « 2026-11-22T18:42:00+01:00 » est attendu, avec son fuseau.", field="at"
        )
    return moment


def read_payload(value: object) -> Mapping[str, Any]:
    """Small, and text that any database keeps."""
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise DomainError("Le contenu d'une saisie est un objet JSON.", field="payload")
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, TypeError, RecursionError):
        raise DomainError("Le contenu d'une saisie n'est pas du JSON lisible.", field="payload") from None
    if len(text) > LARGEST:
        raise DomainError(f"Saisie trop longue : {LARGEST} caractères au plus.", field="payload")
    if "\\u0000" in text or "\x00" in text:
        raise DomainError("Un texte ne contient pas de caractère nul.", field="payload")
    return value


def article_of(message: str) -> str:
    """The first article that a refusal quotes, "" where none."""
    found = _ARTICLE.search(message)
    return found[1] if found else ""
