"""Storing what was produced. A draft may be replaced or discarded; nothing here touches a published document."""

import hashlib
import re
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from plan_numerique.documents.models import StoredDocument
from plan_numerique.shared.errors import DomainError

FROZEN = "Ce document est publié : il ne change plus. Une correction donne un nouveau document."
FILENAME = re.compile(r"[^\x00-\x1f/\\]{1,150}")


class CorruptDocumentError(Exception):
    """The stored bytes are no longer those of the digest: a fault of the storage, for staff."""


def _described(content: bytes) -> dict[str, Any]:
    if not content:
        raise DomainError("Un document n'est jamais vide.")
    return {"content": content, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


@transaction.atomic
def store(
    *,
    authority: Any,
    title: str,
    kind: str,
    filename: str,
    media_type: str,
    content: bytes,
    by: Any,
    roles: Iterable[str] = (),
) -> StoredDocument:
    """`authority` is an accounts.Authority; `by` a user, or None for the installation itself; `roles` those that open it."""
    if not FILENAME.fullmatch(filename):
        raise DomainError("Le nom d'un fichier ne contient ni barre oblique ni caractère de contrôle.")
    document = StoredDocument(
        authority=authority,
        title=title,
        kind=kind,
        filename=filename,
        media_type=media_type,
        roles=sorted(roles),
        created_at=timezone.now(),
        created_by=by,
        **_described(content),
    )
    document.full_clean()
    document.save(force_insert=True)
    return document


@transaction.atomic
def replace(*, document: StoredDocument, content: bytes, by: Any) -> StoredDocument:
    """New bytes for a draft; refused once it is published, whoever published it meanwhile."""
    changes = {**_described(content), "created_at": timezone.now(), "created_by": by}
    if not _drafts(document).update(**changes):
        raise DomainError(FROZEN)
    document.refresh_from_db()
    return document


@transaction.atomic
def publish(*, document: StoredDocument, by: Any) -> StoredDocument:
    """`by` is the caller's to record: this app knows no audit trail."""
    read(document)
    if not _drafts(document).update(published_at=timezone.now()):
        raise DomainError("Ce document est déjà publié.")
    document.refresh_from_db()
    return document


@transaction.atomic
def discard(*, document: StoredDocument, by: Any) -> None:
    if not _drafts(document).delete()[0]:
        raise DomainError(FROZEN)


def read(document: StoredDocument) -> bytes:
    """The bytes as stored, checked against their digest; CorruptDocumentError when they are not those of the digest."""
    stored = StoredDocument.objects.only("content", "sha256").get(pk=document.pk)
    content = bytes(stored.content)
    if hashlib.sha256(content).hexdigest() != stored.sha256:
        raise CorruptDocumentError(f"document {document.pk} : empreinte {stored.sha256} attendue")
    return content


def _drafts(document: StoredDocument) -> Any:
    return StoredDocument.objects.filter(pk=document.pk, published_at__isnull=True)
