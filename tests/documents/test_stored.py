import hashlib
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from plan_numerique.documents import services
from plan_numerique.documents.models import StoredDocument
from plan_numerique.shared.errors import DomainError

CONTENT = b"%PDF-1.7 rapport"


@pytest.fixture
def draft(authority: Any) -> StoredDocument:
    return stored(authority)


def stored(authority: Any, **fields: Any) -> StoredDocument:
    values = {
        "title": "Rapport",
        "kind": "council-report",
        "filename": "rapport.pdf",
        "media_type": "application/pdf",
        "content": CONTENT,
    }
    return services.store(authority=authority, by=None, **{**values, **fields})


def test_store_keeps_the_bytes_and_their_digest(draft: StoredDocument) -> None:
    assert draft.size == len(CONTENT)
    assert draft.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert draft.published_at is None
    assert services.read(draft) == CONTENT


@pytest.mark.parametrize("name", ["", "a/b.pdf", "a\\b.pdf", "a\n.pdf", "x" * 151])
def test_store_refuses_a_file_name_that_is_a_path(authority: Any, name: str) -> None:
    with pytest.raises(DomainError, match="nom d'un fichier"):
        stored(authority, filename=name)


def test_store_refuses_an_empty_document(authority: Any) -> None:
    with pytest.raises(DomainError, match="jamais vide"):
        stored(authority, content=b"")


def test_store_validates_its_fields(authority: Any) -> None:
    with pytest.raises(ValidationError):
        stored(authority, title="x" * 201)


def test_replace_changes_a_draft(draft: StoredDocument) -> None:
    changed = services.replace(document=draft, content=b"autre", by=None)
    assert services.read(changed) == b"autre"
    assert changed.sha256 == hashlib.sha256(b"autre").hexdigest()


def test_published_document_never_changes(draft: StoredDocument) -> None:
    stale = StoredDocument.objects.get(pk=draft.pk)
    published = services.publish(document=draft, by=None)
    assert published.published_at is not None
    for document in (published, stale):
        with pytest.raises(DomainError, match="publié"):
            services.replace(document=document, content=b"autre", by=None)
        with pytest.raises(DomainError, match="publié"):
            services.discard(document=document, by=None)
        with pytest.raises(DomainError, match="déjà publié"):
            services.publish(document=document, by=None)
    assert services.read(stale) == CONTENT


def test_discard_removes_a_draft(draft: StoredDocument) -> None:
    services.discard(document=draft, by=None)
    assert not StoredDocument.objects.exists()


def test_read_refuses_bytes_that_are_not_those_of_the_digest(draft: StoredDocument) -> None:
    StoredDocument.objects.filter(pk=draft.pk).update(content=b"%PDF-1.7 falsifie")
    with pytest.raises(services.CorruptDocumentError):
        services.read(draft)
    with pytest.raises(services.CorruptDocumentError):
        services.publish(document=draft, by=None)


@pytest.mark.parametrize(
    "change",
    [
        {"size": 0},
        {"sha256": "A" * 64},
        {"sha256": "abc"},
        {"published_at": timezone.make_aware(timezone.datetime(2000, 1, 1))},
    ],
)
def test_database_refuses_what_no_document_is(draft: StoredDocument, change: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredDocument.objects.filter(pk=draft.pk).update(**change)
    assert connection.needs_rollback is False


def test_authority_with_documents_is_kept(draft: StoredDocument) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        draft.authority.delete()
