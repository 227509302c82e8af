"""A document that no longer says what is recorded is neither put online nor sent; dates and transmissions lose nothing."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from deliberations import services, tasks
from deliberations.enums import CouncilDocumentKind as Kind
from deliberations.models import Act, Ballot, CouncilDocument, Sitting, Transmission
from deliberations.queries.substance import is_stale
from deliberations.services import publications, transmissions
from deliberations.tasks import documents as making
from plan_numerique.jobs.models import Job
from plan_numerique.shared.errors import DomainError
from tests.deliberations.entered import Room
from tests.factories import deliberations as make
from tests.factories import drafting, filing

HELD = date(2026, 3, 10)
SENT, RECEIVED = date(2026, 3, 12), date(2026, 3, 13)


@pytest.fixture
def room(authority: Any) -> Room:
    filing.complete(authority)
    room = Room(authority, "ppppp", items=2, held_on=HELD)
    make.ActClauseFactory(act=room.acts[0], text="le texte voté")
    room.open().vote(0)
    room.vote(1)
    room.enter("closed")
    Act.objects.filter(sitting=room.sitting).update(matter_code="8.1")
    return room


def act_of(room: Room) -> Act:
    return Act.objects.get(pk=room.acts[0].pk)


def sitting_of(room: Room) -> Sitting:
    return Sitting.objects.select_related("assembly__authority").get(pk=room.sitting.pk)


def made(kind: str) -> CouncilDocument:
    """By the jobs that wait."""
    for job in Job.objects.filter(status="queued").order_by("pk"):
        task = tasks.extracts_task if job.kind == "deliberations.extracts" else tasks.council_document_task
        task.apply(kwargs={"job_id": job.pk})
        job.refresh_from_db()
        assert job.status == "succeeded", (job.message, job.traceback)
    found = CouncilDocument.objects.filter(kind=kind).order_by("number", "pk").last()
    assert found is not None
    return found


def extract(room: Room) -> CouncilDocument:
    tasks.start_act_document(act=act_of(room), kind=Kind.EXTRACT, by=None)
    return made(Kind.EXTRACT)


def _title(room: Room) -> None:
    Act.objects.filter(pk=room.acts[0].pk).update(title="Autre")


def _service(room: Room) -> None:
    act = act_of(room)
    act.service = "Direction de l'éducation"
    services.save_act(instance=act, by=None)


def _chair(room: Room) -> None:
    sitting = sitting_of(room)
    sitting.chair = room.members[2]
    services.save_sitting(instance=sitting, by=None)


def _secretary(room: Room) -> None:
    services.save_of_sitting(instance=make.SecretaryFactory.build(sitting=sitting_of(room)), by=None)


def _reporter(room: Room) -> None:
    make.ReporterFactory(act=act_of(room))


def _opinion(room: Room) -> None:
    drafting.CommissionOpinionFactory(act=act_of(room))


def _annex(room: Room) -> None:
    filing.annex_of(act_of(room))


def _clause(room: Room) -> None:
    act_of(room).clauses.update(text="autre")


def _vote(room: Room) -> None:
    Ballot.objects.filter(act=room.acts[0]).update(for_count=4, against_count=1)


def _member(room: Room) -> None:
    room.sitting.presences.filter(mandate=room.members[4]).update(state="absent")


@pytest.mark.parametrize(
    "change", [_title, _service, _chair, _secretary, _reporter, _opinion, _annex, _clause, _vote, _member]
)
def test_an_old_extract_is_neither_sent_nor_put_online(room: Room, change: Any) -> None:
    document = extract(room)
    assert (len(document.substance), is_stale(document)) == (64, False)
    change(room)
    with pytest.raises(DomainError, match="L'extrait a été établi avant la dernière modification"):
        filing.published(CouncilDocument.objects.get(pk=document.pk))
    with pytest.raises(DomainError, match="L'extrait a été établi avant la dernière modification"):
        transmissions.prepare_transmission(act=act_of(room), by=None)
    again = extract(room)
    assert transmissions.prepare_transmission(act=act_of(room), by=None).extract == again
    assert filing.published(again).pk


def test_what_comes_later_leaves_the_extract_as_it_is(room: Room) -> None:
    document = extract(room)
    day = timezone.localdate()
    Act.objects.filter(pk=room.acts[0].pk).update(
        transmitted_on=day, received_on=day, posted_on=day, matter_code="8.1.1", plan=None
    )
    make.ActIdentifierFactory(act=act_of(room), kind="actes", value="086-123456782-20260310-1-DE")
    room.acts[1].refresh_from_db()
    make.ReporterFactory(act=room.acts[1])
    assert not is_stale(document)
    assert filing.published(document).pk


def test_a_change_while_the_extract_is_drawn_leaves_it_out_of_date(room: Room, monkeypatch: Any) -> None:
    before = timezone.now()

    def slow(template: str, report: Any) -> bytes:
        _vote(room)
        return b"%PDF-1.7 five for"

    monkeypatch.setattr(making.reports, "render_paper", slow)
    document = extract(room)
    assert before < document.created_at < document.document.created_at
    with pytest.raises(DomainError, match="avant la dernière modification"):
        filing.published(document)


def test_extracts_made_together_are_each_of_their_act(room: Room) -> None:
    tasks.start_extracts(sitting=sitting_of(room), by=None)
    made(Kind.EXTRACT)
    documents = list(CouncilDocument.objects.filter(kind=Kind.EXTRACT))
    assert [is_stale(document) for document in documents] == [False, False]
    assert len({document.substance for document in documents}) == 2


def test_a_certificate_waits_for_an_extract_that_is_up_to_date(room: Room) -> None:
    document = extract(room)
    filing.published(document)
    Act.objects.filter(pk=room.acts[0].pk).update(received_on=RECEIVED)
    tasks.start_act_document(act=act_of(room), kind=Kind.CERTIFICATE, by=None)
    _reporter(room)
    with pytest.raises(DomainError, match="L'extrait a été établi avant"):
        tasks.start_act_document(act=act_of(room), kind=Kind.CERTIFICATE, by=None)


# --- lists and minutes ----------------------------------------------------------------------------------------------


def approve(room: Room, **fields: Any) -> None:
    later = make.SittingFactory(assembly=room.assembly, **{"held_on": date(2026, 4, 14), "state": "closed", **fields})
    sitting = sitting_of(room)
    sitting.minutes_approved_in = later
    services.save_minutes(instance=sitting, by=None)


def sitting_document(room: Room, kind: str) -> CouncilDocument:
    tasks.start_sitting_document(sitting=sitting_of(room), kind=kind, by=None)
    return made(kind)


def test_the_draft_minutes_are_not_those_put_online(room: Room) -> None:
    draft = sitting_document(room, Kind.MINUTES)
    approve(room)
    with pytest.raises(DomainError, match="avant son arrêt"):
        filing.published(draft)
    assert filing.published(sitting_document(room, Kind.MINUTES)).pk


@pytest.mark.parametrize("change", [_title, _chair, _vote, _clause])
def test_minutes_and_list_follow_the_sitting(room: Room, change: Any) -> None:
    approve(room)
    listed, minutes = sitting_document(room, Kind.LIST), sitting_document(room, Kind.MINUTES)
    change(room)
    assert is_stale(minutes)
    assert is_stale(listed) is (change is not _clause)


def test_the_list_does_not_wait_for_the_minutes(room: Room) -> None:
    listed = sitting_document(room, Kind.LIST)
    sitting = sitting_of(room)
    sitting.minutes = "Débats."
    services.save_minutes(instance=sitting, by=None)
    assert filing.published(listed).pk


@pytest.mark.parametrize(
    "fields",
    [
        {"held_on": timezone.localdate() + timedelta(days=200), "state": "open"},
        {"state": "draft"},
        {"state": "convened"},
    ],
)
def test_minutes_are_approved_by_a_sitting_that_has_begun(room: Room, fields: dict[str, Any]) -> None:
    with pytest.raises(DomainError, match="n'a pas commencé") as refused:
        approve(room, **fields)
    assert refused.value.field == "minutes_approved_in"
    assert sitting_of(room).minutes_approved_in is None


def test_approval_is_not_taken_back_with_another_text_nor_once_online(room: Room) -> None:
    approve(room)
    sitting = sitting_of(room)
    sitting.minutes, sitting.minutes_approved_in = "Autre texte", None
    with pytest.raises(DomainError, match="ne se modifie plus"):
        services.save_minutes(instance=sitting, by=None)
    publication = filing.published(sitting_document(room, Kind.MINUTES))
    sitting = sitting_of(room)
    sitting.minutes_approved_in = None
    with pytest.raises(DomainError, match="est en ligne"):
        services.save_minutes(instance=sitting, by=None)
    publications.withdraw_publication(publication=publication, reason="Erreur", by=None)
    services.save_minutes(instance=sitting, by=None)
    assert sitting_of(room).minutes_approved_in is None


def test_minutes_typed_meanwhile_leave_the_session_as_it_is(authority: Any) -> None:
    room = Room(authority, "ppp", items=1, held_on=HELD).open()
    room.vote(0)
    stale = sitting_of(room)
    room.enter("closed")
    stale.minutes = "Débats."
    services.save_minutes(instance=stale, by=None)
    assert (sitting_of(room).state, sitting_of(room).minutes) == ("closed", "Débats.")


# --- transmissions --------------------------------------------------------------------------------------------------


def prepare(room: Room) -> Transmission:
    return transmissions.prepare_transmission(act=act_of(room), by=None)


def send(row: Transmission, day: date = SENT) -> Transmission:
    return transmissions.record_sending(transmission=row, sent_on=day, by=None)


def acknowledge(row: Transmission, day: date = RECEIVED) -> Transmission:
    return transmissions.record_acknowledgement(transmission=row, identifier=row.identifier, received_on=day, by=None)


def test_only_the_last_package_is_sent(room: Room) -> None:
    extract(room)
    one, two = prepare(room), prepare(room)
    with pytest.raises(DomainError, match="remplacé par le paquet 2"):
        send(one)
    acknowledge(send(two))
    assert (act_of(room).transmitted_on, act_of(room).received_on) == (SENT, RECEIVED)
    with pytest.raises(DomainError, match="déjà reçu en préfecture"):
        send(one)


def test_a_package_of_what_changed_is_not_sent(room: Room) -> None:
    extract(room)
    row = prepare(room)
    _reporter(room)
    for _ in range(2):
        with pytest.raises(DomainError, match="refaire le paquet"):
            send(row)
        extract(room)
    Act.objects.filter(pk=room.acts[0].pk).update(state="rejected")
    with pytest.raises(DomainError, match="« Rejetée »"):
        send(row)
    assert act_of(room).transmitted_on is None


def test_an_anomaly_takes_back_the_day_it_was_sent(room: Room) -> None:
    extract(room)
    row = send(prepare(room))
    transmissions.record_anomaly(transmission=row, anomaly="Refus", by=None)
    assert act_of(room).transmitted_on is None
    Act.objects.filter(pk=room.acts[0].pk).update(transmitted_on=date(2026, 3, 11))
    second = send(prepare(room))
    assert act_of(room).transmitted_on == date(2026, 3, 11)
    transmissions.record_anomaly(transmission=second, anomaly="Refus", by=None)
    assert act_of(room).transmitted_on == date(2026, 3, 11)


def test_an_acknowledgement_does_not_move_a_day_of_reception(room: Room) -> None:
    extract(room)
    row = send(prepare(room))
    Act.objects.filter(pk=room.acts[0].pk).update(received_on=RECEIVED)
    with pytest.raises(DomainError, match="déjà dit reçu en préfecture le 13/03/2026") as refused:
        acknowledge(row, RECEIVED + timedelta(days=1))
    assert refused.value.field == "received_on"
    assert acknowledge(row).state == "acknowledged"


def test_an_acknowledgement_during_a_publication_loses_nothing(room: Room, monkeypatch: Any) -> None:
    """Both hold the act: what one wrote is read by the other."""
    document = extract(room)
    row = send(prepare(room))
    found = publications.locked_act

    def meanwhile(act: Act) -> Act:
        monkeypatch.setattr(publications, "locked_act", found)
        acknowledge(row)
        return found(act)

    monkeypatch.setattr(publications, "locked_act", meanwhile)
    filing.published(document)
    act = act_of(room)
    assert (act.received_on, act.published_on) == (RECEIVED, timezone.localdate())
