"""What was done since stands in the way of an undo, and is named."""

from typing import Any

import pytest
from django.utils import timezone

from plan_numerique.accounts.models import Authority
from plan_numerique.audit import services as audit
from plan_numerique.imports.enums import ImportState
from plan_numerique.imports.models import ImportSession
from schools.models import Commune, School
from tests.factories.schools import CommuneFactory, FormerUaiFactory, SchoolFactory, synthetic_uai
from tests.imports.sample import SampleImporter
from tests.imports.test_sessions import apply, check, file, line, refused, send, stored, undo, user

__all__ = ["send", "user"]

pytestmark = pytest.mark.django_db


def test_a_row_changed_since(send: Any) -> None:
    session = apply(check(send(file(*(line(number) for number in range(8))))))
    for school in School.objects.all():
        school.name += " bis"
        audit.save(instance=school, by=None, authority=school.authority)
    message = refused(undo, session)
    assert message.startswith("Des données ont changé depuis (écoles) : École synthétique 0 bis ; ")
    assert "École synthétique 4 bis et 3 de plus" in message
    session.refresh_from_db()
    assert (session.state, School.objects.count()) == (ImportState.APPLIED, 8)


def test_a_row_changed_and_put_back_is_no_change(send: Any) -> None:
    session = apply(check(send(file(line(1)))))
    school = School.objects.get()
    for name in ("Autre", "École synthétique 1"):
        school.name = name
        audit.save(instance=school, by=None, authority=school.authority)
    undo(session)
    assert not School.objects.exists()


def test_a_later_import_is_undone_first(send: Any) -> None:
    first = apply(check(send(file(line(1)), "premier.csv")))
    before = stored(School)
    second = apply(check(send(file(line(1, "Autre nom")), "second.csv")))
    assert "Un import plus récent (« second.csv »)" in refused(undo, first)
    undo(second)
    assert stored(School) == before
    undo(first)
    assert not School.objects.exists()


def test_what_rests_on_a_created_row(send: Any) -> None:
    session = apply(check(send(file(line(1)))))
    former = FormerUaiFactory(school=School.objects.get())
    assert f"reposent sur ce qui a été créé : {former} (ancien UAI)" in refused(undo, session)
    former.delete()
    SchoolFactory(commune=Commune.objects.get(), name="Arrivée depuis")
    assert "Arrivée depuis (école)" in refused(undo, session)


def test_a_created_row_deleted_since_is_as_it_would_be(send: Any) -> None:
    session = apply(check(send(file(line(1), line(2)))))
    School.objects.first().delete()  # type: ignore[union-attr]
    undo(session)
    assert not School.objects.exists()


def test_a_changed_row_deleted_since(send: Any, authority: Authority) -> None:
    school = SchoolFactory(commune__authority=authority, uai=synthetic_uai(1))
    session = apply(check(send(file(line(1)))))
    school.delete()
    assert "École synthétique 1" in refused(undo, session)


def test_a_row_that_would_come_back_to_nothing(send: Any, authority: Authority) -> None:
    old = CommuneFactory(authority=authority, insee="86999", name="Ancienne commune")
    SchoolFactory(commune=old, uai=synthetic_uai(1))
    session = apply(check(send(file(line(1)))))
    old.delete()
    assert "renvoyaient à ce qui a été supprimé depuis (commune)" in refused(undo, session)


def test_a_row_without_a_version_before_the_import(send: Any, authority: Authority) -> None:
    SchoolFactory(commune__authority=authority, uai=synthetic_uai(1))
    School.history.all().delete()
    session = apply(check(send(file(line(1)))))
    assert "Rien ne dit ce que ces lignes étaient" in refused(undo, session)


def test_the_importer_has_its_word(send: Any) -> None:
    importer = SampleImporter()
    session = apply(check(send(file(line(1)))))
    importer.refusal = "Le solde a déjà servi."
    assert refused(undo, session, importer).startswith("Le solde a déjà servi.")
    assert School.objects.count() == 1


def test_keys_exchanged_by_an_import_come_back(send: Any, authority: Authority) -> None:
    """New, changed, deleted and changed again in one import: all as before, histories told."""
    commune = CommuneFactory(authority=authority, insee="86001", name="Commune A", population=10)
    for number in range(30):
        SchoolFactory(commune=commune, uai=synthetic_uai(number), name=f"N{number}")
    before = stored(School), stored(Commune)
    rows = [line(number, "À supprimer" if number % 3 == 0 else f"M{number}", people=number) for number in range(40)]
    session = apply(check(send(file(*rows))))
    assert (session.created, session.updated, session.bad) == (6, 30, 0)
    assert stored(School) != before[0]
    undo(session)
    assert (stored(School), stored(Commune)) == before
    assert session.event is not None
    undone = type(session.event).objects.get(verb="imports.undone")
    assert School.history.filter(audit_event=undone).count() > 30


def test_an_undo_keeps_its_reason_and_who(send: Any) -> None:
    session = apply(check(send(file(line(1)))))
    undo(session, reason="Mauvais fichier")
    assert session.event is not None
    event = type(session.event).objects.get(verb="imports.undone")
    assert (event.reason, event.by) == ("Mauvais fichier", session.by)
    assert event.at <= timezone.now()
    version = School.history.get(history_type="-")
    assert (version.audit_event, version.history_user) == (event, session.by)


def test_two_sessions_do_not_mix(send: Any) -> None:
    first = apply(check(send(file(line(1)))))
    second = apply(check(send(file(line(2, insee="86002"), line(3, insee="86002")))))
    undo(first)
    assert School.objects.count() == 2
    assert ImportSession.objects.get(pk=second.pk).state == ImportState.APPLIED
