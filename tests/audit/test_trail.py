from typing import Any

import pytest
from django.core.exceptions import ValidationError

from plan_numerique.audit import services
from plan_numerique.audit.models import AuditEvent
from plan_numerique.audit.queries import changes_of, versions_of
from plan_numerique.shared.errors import DomainError
from schools.models import Commune, School
from tests.factories.schools import CommuneFactory, SchoolFactory


def test_one_event_holds_all_the_changes_of_an_action(authority: Any, user_as: Any) -> None:
    by = user_as("education")
    schools = [SchoolFactory(commune__authority=authority) for _ in range(2)]
    with services.action("test.renamed", "Écoles renommées", by=by, authority=authority, reason="Vote du 3 mai"):
        for school in schools:
            school.name = f"{school.name} bis"
            services.save(instance=school, by=by, authority=authority)
    event = AuditEvent.objects.get()
    assert (event.label, event.by, event.reason) == ("Écoles renommées", by, "Vote du 3 mai")
    entries = changes_of(event)
    assert [change.label for entry in entries for change in entry.changes] == ["nom", "nom"]
    assert entries[0].changes[0].after.endswith("bis")
    assert entries[0].who == by


def test_versions_tell_before_after_and_why(authority: Any, user_as: Any) -> None:
    by = user_as("education")
    commune = CommuneFactory.build(authority=authority, name="Avant")
    services.save(instance=commune, by=by, authority=authority)
    commune.name = "Après"
    services.save(instance=commune, by=by, authority=authority, reason="Fusion")
    last, first = versions_of(commune)
    assert (last.title, last.reason, last.changes[0].before, last.changes[0].after) == (
        "Modification",
        "Fusion",
        "Avant",
        "Après",
    )
    assert first.title == "Création"
    assert AuditEvent.objects.order_by("pk").first().target_label == "Avant"


def test_a_refused_write_leaves_no_trace(authority: Any, user_as: Any) -> None:
    school = SchoolFactory.build(commune=CommuneFactory(authority=authority), uai="0861030D")
    before = AuditEvent.objects.count()
    with pytest.raises(ValidationError):
        services.save(instance=school, by=user_as("education"), authority=authority)
    assert School.objects.count() == 0
    assert AuditEvent.objects.count() == before


def test_a_row_in_use_is_not_deleted(authority: Any, user_as: Any) -> None:
    school = SchoolFactory(commune__authority=authority)
    with pytest.raises(DomainError, match="il est utilisé"):
        services.delete(instance=school.commune, by=user_as("education"), authority=authority)
    assert Commune.objects.count() == 1
    assert not AuditEvent.objects.filter(verb__endswith="_deleted").exists()


def test_many_rows_are_created_with_their_versions(authority: Any, user_as: Any) -> None:
    by = user_as("education")
    rows = [CommuneFactory.build(authority=authority) for _ in range(3)]
    services.create_many(instances=rows, by=by, authority=authority, label="Communes reprises")
    assert Commune.history.filter(audit_event=AuditEvent.objects.get(), history_user=by).count() == 3
    with pytest.raises(ValidationError):
        services.create_many(
            instances=[CommuneFactory.build(authority=authority, insee="x")], by=by, authority=authority, label="Non"
        )
    assert services.create_many(instances=[], by=by, authority=authority, label="Rien") == []


def test_the_trail_is_read_by_administrators_of_the_authority(
    client_as: Any, authority: Any, other_authority: Any, user_as: Any
) -> None:
    with services.action("test.done", "Fait ici", by=user_as("education"), authority=authority):
        pass
    with services.action("test.done", "Fait ailleurs", by=None, authority=other_authority):
        pass
    page = client_as("administrator").get("/journal/").content.decode()
    assert "Fait ici" in page
    assert "Fait ailleurs" not in page
    assert client_as("education").get("/journal/").status_code == 403
    elsewhere = AuditEvent.objects.get(label="Fait ailleurs")
    assert client_as("administrator").get(f"/journal/{elsewhere.pk}/").status_code == 404


def test_a_sign_in_makes_no_version_of_the_person(client, user_as):
    user = user_as("finance")
    versions = user.history.count()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    user.refresh_from_db()
    assert user.last_login is not None
    assert user.history.count() == versions
    user.full_name = "Nom changé"
    user.save(update_fields=["full_name"])
    assert user.history.count() == versions + 1
