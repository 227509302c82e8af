"""Convening: what is checked before, what leaves, once for each member whatever happens."""

import html
import io
import re
from datetime import date, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from smtplib import SMTPRecipientsRefused
from typing import Any
from unittest.mock import patch

import icalendar
import pikepdf
import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from deliberations.models import Act, Convocation, CouncilDocument, Invitation, Sitting
from deliberations.queries import answering, check_sitting, convening
from deliberations.services import agenda as agenda_services
from deliberations.services import convocations as services
from deliberations.tasks import convocation as tasks
from plan_numerique.audit.models import AuditEvent
from plan_numerique.documents import services as documents
from plan_numerique.jobs.models import Job
from plan_numerique.jobs.services import FRESH
from plan_numerique.shared.errors import DomainError
from tests.deliberations.convened import council, invitation, link_in, load_law, member, send
from tests.factories import deliberations as make


@pytest.fixture
def by(user_as: Any) -> Any:
    return user_as("assembly")


@pytest.fixture
def sitting(authority: Any, django_capture_on_commit_callbacks: Any) -> Sitting:
    return council(authority)


@pytest.fixture(autouse=True)
def at_once(django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job runs when it is asked for: the transaction of a test is never committed."""
    submit = tasks.submit

    def run_now(**kwargs: Any) -> Job:
        with django_capture_on_commit_callbacks(execute=True):
            return submit(**kwargs)

    monkeypatch.setattr(tasks, "submit", run_now)


def shown(response: Any) -> str:
    return html.unescape(response.content.decode())


def words_of(content: bytes) -> int:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return len(pdf.pages)


def parts_of(message: Any) -> dict[str, Message]:
    return {part.get_content_type(): part for part in message_from_bytes(message.message().as_bytes()).walk()}


def test_sending_freezes_the_agenda_and_writes_to_each_member_once(sitting: Sitting, by: Any) -> None:
    job = send(sitting, by, message="Merci de votre présence.")
    assert (job.status, job.message) == ("succeeded", "Convocation remise au serveur de messagerie pour 5 membres.")
    convocation = Convocation.objects.get()
    year = sitting.held_on.year
    acts = list(Act.objects.order_by("passage"))
    assert [act.number for act in acts] == [f"{year}-001", f"{year}-002"]
    assert convocation.agenda == [{"number": act.number, "title": act.title, "act": act.pk} for act in acts]
    assert (convocation.clear_days, convocation.required_days) == (9, 5)
    assert (sitting.state, sitting.convened_on) == ("convened", timezone.localdate())
    kept = CouncilDocument.objects.get()
    assert (kept.kind, kept.document_id, kept.document.published_at is not None) == (
        "convocation",
        convocation.document_id,
        True,
    )
    assert words_of(documents.read(kept.document)) >= 2
    assert sorted(message.to[0] for message in mail.outbox) == [f"membre-{rank}@example.org" for rank in range(1, 6)]
    rows = Invitation.objects.order_by("mandate__rank")
    assert all(row.sent_at and not row.error and not row.opened_at for row in rows)
    links = {link_in(message) for message in mail.outbox}
    assert len(links) == 5
    tokens = {link.split("/")[2] for link in links}
    assert all(len(token) >= 43 for token in tokens)
    assert {answering.digest_of(token) for token in tokens} == {row.token_digest for row in rows}
    assert AuditEvent.objects.filter(verb="deliberations.convened").count() == 1
    assert check_sitting(sitting).findings == ()


def test_a_message_says_nothing_of_other_members(sitting: Sitting, by: Any) -> None:
    send(sitting, by)
    for message in mail.outbox:
        own = int(re.search(r"membre-(\d)@", message.to[0])[1])  # type: ignore[index]
        said = message_from_bytes(message.message().as_bytes())
        texts = " ".join(
            part.get_payload(decode=True).decode()
            for part in said.walk()
            if not part.is_multipart()  # type: ignore[union-attr]
        )
        for rank in range(1, 6):
            assert (f"Membre {rank}" in texts) is (rank == own)
            assert (f"membre-{rank}@" in str(message.message())) is (rank == own)
        assert message.cc == message.bcc == []


def test_message_has_text_html_and_a_plain_event(sitting: Sitting, by: Any) -> None:
    send(sitting, by)
    message = mail.outbox[0]
    assert message.subject.startswith("Convocation : Conseil municipal, séance du")
    sender = str(make_header(decode_header(message.from_email)))
    assert sender == f"{sitting.assembly.authority.name} <plan-numerique@localhost>"
    assert "Ordre du jour" in message.body
    assert "Affaire 1" in message.body
    parts = parts_of(message)
    page = parts["text/html"].get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert link_in(message) in page
    raw = parts["text/calendar"].get_payload(decode=True)
    assert b"METHOD" not in raw  # type: ignore[operator]
    assert b"/reponse/" not in raw  # type: ignore[operator]
    calendar = icalendar.Calendar.from_ical(raw)  # type: ignore[arg-type]
    event = next(part for part in calendar.walk() if part.name == "VEVENT")
    start = event["DTSTART"].dt
    assert (start.date(), start.hour, start.minute) == (sitting.held_on, 18, 30)
    assert event["DTSTART"].params["TZID"] == "Europe/Paris"
    assert event["UID"] == f"seance-{sitting.pk}@testserver"
    assert "ATTENDEE" not in event
    assert "ORGANIZER" not in event


def test_running_the_job_again_sends_nothing_more(sitting: Sitting, by: Any) -> None:
    job = send(sitting, by)
    Job.objects.filter(pk=job.pk).update(**FRESH, status="queued")
    tasks.convocation_task(job_id=job.pk)
    job.refresh_from_db()
    assert job.status == "succeeded"
    assert (len(mail.outbox), Convocation.objects.count(), Invitation.objects.count()) == (5, 1, 5)
    assert CouncilDocument.objects.count() == 1


def test_a_worker_that_dies_while_sending_never_writes_twice(sitting: Sitting, by: Any) -> None:
    send(sitting, by)
    convocation = Convocation.objects.get()
    row = convocation.invitations.order_by("pk")[0]
    Invitation.objects.filter(pk=row.pk).update(sent_at=None, error="")
    mail.outbox.clear()
    assert services.claim_sending(row) is not None
    assert services.claim_sending(row) is None
    assert list(convening.unsent(convocation)) == []
    row.refresh_from_db()
    assert "peut-être parti" in row.error
    tasks.start_retry(convocation=convocation, by=by)
    assert [message.to for message in mail.outbox] == [[row.email]]


def test_failures_are_told_by_member_and_retried_with_the_address_of_today(sitting: Sitting, by: Any) -> None:
    broken = member(sitting, 2).contact
    real = mail.EmailMultiAlternatives.send

    def refuse(message: Any, *args: Any, **kwargs: Any) -> int:
        if message.to == [broken.email]:
            raise SMTPRecipientsRefused({broken.email: (550, b"inconnu\r\ndu serveur")})
        return int(real(message, *args, **kwargs))

    with patch.object(mail.EmailMultiAlternatives, "send", refuse):
        job = send(sitting, by)
    assert "4 membres, 1 échec" in job.message
    row = invitation(sitting, 2)
    assert row.sent_at is None
    assert row.error.startswith("Le serveur de messagerie a refusé")
    assert len(mail.outbox) == 4
    broken.email = "corrigee@example.org"
    broken.save()
    tasks.start_retry(convocation=row.convocation, by=by)
    row.refresh_from_db()
    assert (row.error, row.email, row.sent_at is not None) == ("", "corrigee@example.org", True)
    assert [message.to[0] for message in mail.outbox][4:] == ["corrigee@example.org"]
    with pytest.raises(DomainError, match="Aucun envoi à reprendre"):
        tasks.start_retry(convocation=row.convocation, by=by)


def test_members_without_address_or_on_paper_are_printed(sitting: Sitting, by: Any) -> None:
    member(sitting, 1).contact.delete()
    contact = member(sitting, 3).contact
    contact.on_paper = True
    contact.save()
    with pytest.raises(DomainError, match="Sans adresse électronique, sera convoqué sur papier : Mme Membre 1"):
        send(sitting, by)
    assert not Convocation.objects.exists()
    job = send(sitting, by, despite=True)
    assert job.message.endswith("pour 3 membres, 2 convocations à imprimer.")
    convocation = Convocation.objects.get()
    letters = tasks.start_letters(convocation=convocation, by=by)
    letters.refresh_from_db()
    assert letters.status == "succeeded", letters.traceback
    assert letters.document.roles == ["administrator", "assembly"]
    assert words_of(documents.read(letters.document)) >= 6
    assert services.hand_over(convocation=convocation, by=by) == 2
    assert invitation(sitting, 1).sent_at is not None
    with pytest.raises(DomainError, match="papier"):
        services.hand_over(convocation=convocation, by=by)


@pytest.mark.parametrize(
    ("days", "fields", "words"),
    [
        (5, {}, "5 jours francs au moins avant la séance (CGCT, article L2121-12)"),
        (5, {}, "cocher « Convoquer en urgence »"),
        (1, {"urgent": True, "urgency_reason": "Inondation"}, "1 jour franc au moins"),
        (3, {"urgent": True, "urgency_reason": "  "}, "motif de l'urgence"),
        (-1, {}, "L'heure de la séance est passée"),
    ],
)
def test_too_late_is_refused_with_its_article(
    authority: Any, by: Any, days: int, fields: dict[str, Any], words: str
) -> None:
    sitting = council(authority, days=days)
    with pytest.raises(DomainError) as caught:
        send(sitting, by, **fields)
    assert words in caught.value.message
    sitting.refresh_from_db()
    assert (sitting.state, sitting.urgent, Convocation.objects.count(), Job.objects.count()) == ("draft", False, 0, 0)


def test_urgency_leaves_with_its_reason(authority: Any, by: Any) -> None:
    sitting = council(authority, days=3)
    send(sitting, by, urgent=True, urgency_reason="Inondation de l'école")
    assert (sitting.urgent, sitting.urgency_reason) == (True, "Inondation de l'école")
    assert check_sitting(sitting).findings == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"held_at": None}, "L'heure de la séance"),
        ({"place": " "}, "Le lieu de la séance"),
        ({"state": "open"}, "ne se convoque plus"),
        ({"past": True}, "ne se convoque plus"),
    ],
)
def test_a_sitting_that_is_not_ready_does_not_leave(
    sitting: Sitting, by: Any, change: dict[str, Any], words: str
) -> None:
    Sitting.objects.filter(pk=sitting.pk).update(**change)
    sitting.refresh_from_db()
    with pytest.raises(DomainError, match=words):
        send(sitting, by, despite=True)


def test_what_is_missing_is_told_and_confirmed(sitting: Sitting, by: Any) -> None:
    act = Act.objects.get(title="Affaire 2")
    act.clauses.all().delete()
    Act.objects.filter(pk=act.pk).update(summary_note="")
    with pytest.raises(DomainError) as caught:
        send(sitting, by)
    assert "« Affaire 2 » : pas encore de texte, " in caught.value.message
    assert "note explicative de synthèse manquante (CGCT, article L2121-12)" in caught.value.message
    type(sitting.assembly.authority).objects.update(population=900)
    sitting.refresh_from_db()
    with pytest.raises(DomainError) as caught:
        send(Sitting.objects.get(pk=sitting.pk), by)
    assert "synthèse" not in caught.value.message
    Act.objects.update(state="withdrawn")
    with pytest.raises(DomainError, match="L2121-10"):
        send(sitting, by, despite=True)


def test_without_the_law_nothing_leaves(sitting: Sitting, by: Any) -> None:
    make.LegalSettingFactory._meta.model.objects.all().delete()
    with pytest.raises(DomainError, match="table des règles de droit"):
        send(sitting, by, despite=True)


def test_a_form_sent_twice_convenes_once(sitting: Sitting, by: Any) -> None:
    send(sitting, by)
    with pytest.raises(DomainError, match="déjà partie"):
        send(sitting, by)
    assert len(mail.outbox) == 5


def test_an_agenda_changed_meanwhile_does_not_leave(sitting: Sitting, by: Any) -> None:
    with pytest.raises(DomainError, match="a changé pendant"):
        services.convene(
            sitting=sitting,
            number=1,
            agenda=[{"number": "1", "title": "Autre", "act": 1}],
            message="",
            content=b"%PDF",
            filename="convocation.pdf",
            job=None,
            by=by,
        )
    assert (Convocation.objects.count(), CouncilDocument.objects.count()) == (0, 0)


def test_a_complementary_convocation_adds_new_items_and_changes_no_number(sitting: Sitting, by: Any) -> None:
    send(sitting, by)
    numbers = dict(Act.objects.values_list("pk", "number"))
    added = make.ActFactory(sitting=sitting, number="", title="Affaire ajoutée", passage=None, summary_note="Note.")
    make.ActClauseFactory(act=added)
    job = send(sitting, by, number=2)
    assert job.status == "succeeded", job.message
    added.refresh_from_db()
    second = Convocation.objects.get(number=2)
    assert [item["title"] for item in second.agenda] == ["Affaire ajoutée"]
    assert (added.passage, added.number) == (3, f"{sitting.held_on.year}-003")
    assert {pk: number for pk, number in Act.objects.values_list("pk", "number") if pk in numbers} == numbers
    assert len(mail.outbox) == 10
    assert mail.outbox[-1].subject.startswith("Convocation complémentaire")
    send(sitting, by, number=3)
    assert [item["title"] for item in Convocation.objects.get(number=3).agenda] == [
        "Affaire 1",
        "Affaire 2",
        "Affaire ajoutée",
    ]


def test_numbers_follow_those_of_the_year(sitting: Sitting, by: Any) -> None:
    year = sitting.held_on.year
    earlier = make.SittingFactory(assembly=sitting.assembly, held_on=date(year, 1, 2))
    make.ActFactory(sitting=earlier, number=f"{year}-041")
    make.ActFactory(sitting=earlier, number="fait main")
    information = make.ActFactory(sitting=sitting, kind="information", number="", title="Communication", passage=9)
    make.ActClauseFactory(act=information)
    assert [item.number for item in convening.agenda_of(sitting)] == [f"{year}-042", f"{year}-043", ""]
    type(sitting.assembly).objects.update(number_format="{bad}")
    sitting.assembly.refresh_from_db()
    with pytest.raises(DomainError, match="numérotation"):
        send(sitting, by, despite=True)


def test_items_move_until_they_are_sent(sitting: Sitting, by: Any) -> None:
    first, second = Act.objects.order_by("passage")
    withdrawn = make.ActFactory(sitting=sitting, state="withdrawn", passage=3)
    agenda_services.move_item(act=second, up=True, by=by)
    assert [item.act.pk for item in convening.agenda_of(sitting)] == [second.pk, first.pk]
    agenda_services.move_item(act=second, up=True, by=by)
    assert [item.act.pk for item in convening.agenda_of(sitting)] == [second.pk, first.pk]
    agenda_services.move_item(act=second, up=False, by=by)
    with pytest.raises(DomainError, match="plus à l'ordre du jour"):
        agenda_services.move_item(act=withdrawn, up=True, by=by)
    send(sitting, by)
    with pytest.raises(DomainError, match="parti avec la convocation"):
        agenda_services.move_item(act=Act.objects.get(pk=first.pk), up=False, by=by)
    added = make.ActFactory(sitting=sitting, number="", passage=None)
    agenda_services.move_item(act=added, up=True, by=by)
    assert [item.act.pk for item in convening.agenda_of(sitting)] == [first.pk, second.pk, added.pk]
    Sitting.objects.update(state="open")
    added.refresh_from_db()
    with pytest.raises(DomainError, match="a commencé"):
        agenda_services.move_item(act=Act.objects.get(pk=added.pk), up=True, by=by)


def test_second_sitting_takes_what_the_first_left_and_nothing_else(sitting: Sitting, by: Any) -> None:
    today = timezone.localdate()
    held_on = sitting.held_on + timedelta(days=6)
    asked: dict[str, Any] = {"held_on": held_on, "held_at": sitting.held_at, "place": "Salle", "by": by}
    with pytest.raises(DomainError, match="convoquée dans l'application"):
        agenda_services.convene_again(first=sitting, today=today, **asked)
    send(sitting, by)
    with pytest.raises(DomainError, match="pas encore eu lieu"):
        agenda_services.convene_again(first=sitting, today=today, **asked)
    first = Act.objects.get(title="Affaire 1")
    make.BallotFactory(act=first)
    made = agenda_services.convene_again(first=sitting, today=sitting.held_on, **asked)
    assert [act.title for act in made.acts.all()] == ["Affaire 2"]
    assert (made.second_convocation, made.first_sitting_id) == (True, sitting.pk)
    assert not convening.delay_for(made, today).in_time
    assert convening.delay_for(made, sitting.held_on).in_time
    added = make.ActFactory(sitting=made, title="Autre chose")
    missing = convening.missing_before(made, convening.agenda_of(made), {})
    told = next(item for item in missing if item.act == added)
    assert ("L2121-17" in told.text, told.stops) == (True, True)
    with pytest.raises(DomainError, match="suit la première"):
        agenda_services.convene_again(first=sitting, today=sitting.held_on, **{**asked, "held_on": date(2020, 1, 1)})
    Act.objects.filter(sitting=sitting).update(state="adopted")
    with pytest.raises(DomainError, match="ne reste à examiner"):
        agenda_services.convene_again(first=sitting, today=sitting.held_on, **asked)


def test_alsace_moselle_is_checked_by_its_own_law(authority: Any, by: Any) -> None:
    sitting = council(authority, days=3)
    type(authority).objects.update(population=900)
    type(sitting.assembly).objects.update(regime="alsace_moselle")
    sitting = Sitting.objects.get(pk=sitting.pk)
    send(sitting, by)
    assert check_sitting(sitting).findings == ()
    sitting.convened_on = sitting.held_on - timedelta(days=2)
    findings = [row for row in check_sitting(sitting).findings if row.code == "CONVOCATION_DELAY"]
    assert "2 jours avant la séance, 3 nécessaires (CGCT, article L2541-2)" in findings[0].message
    type(sitting.assembly).objects.update(regime="common")
    sitting = Sitting.objects.get(pk=sitting.pk)
    findings = [row for row in check_sitting(sitting).findings if row.code == "CONVOCATION_DELAY"]
    assert "2 jours francs avant la séance, 3 nécessaires (CGCT, article L2121-11)" in findings[0].message


def test_reminders_go_to_who_has_not_answered_and_once_a_day(sitting: Sitting, by: Any) -> None:
    send(sitting, by)
    with pytest.raises(DomainError, match="Personne à relancer"):
        tasks.start_reminder(sitting=sitting, by=by)
    Invitation.objects.update(sent_at=timezone.now() - timedelta(days=2))
    before = {row.pk: row.token_digest for row in Invitation.objects.all()}
    Invitation.objects.filter(mandate__rank=1).update(answer="present", answered_at=timezone.now())
    mail.outbox.clear()
    job = tasks.start_reminder(sitting=sitting, by=by)
    job.refresh_from_db()
    assert job.message == "4 membres relancés."
    assert len(mail.outbox) == 4
    assert mail.outbox[0].subject.startswith("Relance : ")
    assert "pas encore parvenue" in mail.outbox[0].body
    row = invitation(sitting, 2)
    assert row.token_digest != before[row.pk]
    with pytest.raises(DomainError, match="aujourd'hui"):
        tasks.start_reminder(sitting=sitting, by=by)
    assert services.claim_reminder(invitation=row, by=by) is None


def test_a_reminder_that_fails_leaves_the_former_link_good(sitting: Sitting, by: Any) -> None:
    send(sitting, by)
    Invitation.objects.update(sent_at=timezone.now() - timedelta(days=2))
    before = {row.pk: row.token_digest for row in Invitation.objects.all()}
    with patch.object(mail.EmailMultiAlternatives, "send", side_effect=OSError("panne")):
        job = tasks.start_reminder(sitting=sitting, by=by)
    job.refresh_from_db()
    assert job.message == "0 membre relancé, 5 échecs."
    assert {row.pk: row.token_digest for row in Invitation.objects.all()} == before
    assert all("panne" in row.error for row in Invitation.objects.all())


def test_tab_tells_the_delay_the_missing_and_sends(
    client_as: Any, sitting: Sitting, django_capture_on_commit_callbacks: Any
) -> None:
    client = client_as("assembly")
    url = f"/seances/{sitting.pk}/convocation/"
    Act.objects.filter(title="Affaire 2").update(summary_note="")
    page = shown(client.get(url))
    for words in ("Délai respecté", "Affaire 1", "à l'envoi", "note explicative de synthèse manquante", "malgré"):
        assert words in page, words
    answer = client.post(url, {"number": "1", "message": "Bonjour"})
    assert answer.status_code == 422
    assert "à confirmer avant l'envoi" in shown(answer)
    answer = client.post(url, {"number": "1", "message": "Bonjour", "despite": "on"})
    assert (answer.status_code, len(mail.outbox)) == (302, 5)
    page = shown(client.get(url))
    for words in ("Réponses reçues", "Remise au serveur", "Sans réponse", "Convocation complémentaire", "sur 5"):
        assert words in page, words
    assert client.get(f"/convocations/{Convocation.objects.get().pk}/").status_code == 200


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"number": "x"},
        {"number": "99999999999999999999999"},
        {"number": "1", "message": "a\x00b"},
        {"number": "1", "message": "x" * 6000},
        {"number": "1", "urgent": "on", "urgency_reason": "\x00"},
        {"number": "2"},
    ],
)
def test_bad_forms_are_told(client_as: Any, sitting: Sitting, data: dict[str, str]) -> None:
    answer = client_as("assembly").post(f"/seances/{sitting.pk}/convocation/", data)
    assert answer.status_code == 422
    assert "erreur" in shown(answer)
    assert not Convocation.objects.exists()


def test_commands_of_the_tab_go_back_to_it_with_what_was_refused(client_as: Any, sitting: Sitting, by: Any) -> None:
    send(sitting, by)
    convocation = Convocation.objects.get()
    client = client_as("assembly")
    tab = f"/seances/{sitting.pk}/convocation/"
    for url, words in (
        (f"{tab}relancer/", "Personne à relancer"),
        (f"/convocations/{convocation.pk}/reprendre/", "Aucun envoi"),
        (f"/convocations/{convocation.pk}/courriers/", "sur papier"),
        (f"/convocations/{convocation.pk}/remises/", "papier"),
        (f"{tab}ordre/", "plus à l'ordre du jour"),
    ):
        answer = client.post(url, {"act": "9" * 40})
        assert answer.headers["Location"].startswith(tab)
        assert words in shown(client.get(tab)), url


def test_second_sitting_form(client_as: Any, sitting: Sitting, by: Any) -> None:
    send(sitting, by)
    Sitting.objects.filter(pk=sitting.pk).update(state="closed")
    client = client_as("assembly")
    assert "Seconde convocation" in shown(client.get(f"/seances/{sitting.pk}/convocation/"))
    url = f"/seances/{sitting.pk}/seconde-convocation/"
    assert "Hôtel de ville" in shown(client.get(url))
    assert client.post(url, {"held_on": "x", "held_at": "25:00", "place": ""}).status_code == 422
    assert client.post(url, {"held_on": "2001-01-01", "held_at": "18:00", "place": "Ici"}).status_code == 422
    answer = client.post(
        url, {"held_on": f"{sitting.held_on + timedelta(days=5):%Y-%m-%d}", "held_at": "18:00", "place": "Ici"}
    )
    made = Sitting.objects.get(second_convocation=True)
    assert answer.headers["Location"] == f"/seances/{made.pk}/convocation/"
    page = shown(client.get(answer.headers["Location"]))
    assert "seconde convocation part après la réunion restée sans quorum" in page
    assert "urgency_reason" not in page


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


def test_tab_asks_the_same_queries_whatever_its_size(client_as: Any, authority: Any, by: Any) -> None:
    sitting = council(authority, members=2)
    send(sitting, by)
    client, url = client_as("assembly"), f"/seances/{sitting.pk}/convocation/"
    client.get(url)
    few = queries_of(client, url)
    for rank in range(3, 9):
        row = make.InvitationFactory(
            convocation=Convocation.objects.get(), mandate__display_name=f"Mme Membre {rank}", mandate__rank=rank
        )
        make.MemberContactFactory(mandate=row.mandate)
        make.ActFactory(sitting=sitting)
    assert queries_of(client, url) == few


def test_home_tells_the_next_sitting_to_convene(client_as: Any, sitting: Sitting, by: Any) -> None:
    words = f"Prochaine séance : {sitting}, à convoquer le {sitting.held_on - timedelta(days=6):%d/%m/%Y} au plus tard"
    assert words in shown(client_as("assembly").get("/"))
    assert words not in shown(client_as("finance").get("/"))
    send(sitting, by)
    assert words not in shown(client_as("assembly").get("/"))


def test_law_is_loaded_for_the_other_tests(db: Any) -> None:
    load_law()
    rules = convening.convening_rules(date(2026, 1, 1))
    assert {"convocation_from", "second_convocation", "alsace_moselle_under"} <= rules.keys()
