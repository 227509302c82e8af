"""What was told to the members holds until the sitting, and what they answered is what is read at its opening."""

from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.utils import timezone

from deliberations import services
from deliberations.models import Act, Convocation, Invitation, MemberContact, Sitting
from deliberations.queries import answering, convening
from deliberations.services import agenda, answers, convocations, mandates
from deliberations.tasks import convocation as tasks
from plan_numerique.jobs.models import Job
from plan_numerique.shared.errors import DomainError
from tests.deliberations.convened import council, invitation, member, send
from tests.deliberations.entered import Room
from tests.factories import deliberations as make
from tests.factories import drafting

JSON = {"content_type": "application/json"}


@pytest.fixture(autouse=True)
def at_once(django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    submit = tasks.submit

    def run_now(**kwargs: Any) -> Job:
        with django_capture_on_commit_callbacks(execute=True):
            return submit(**kwargs)

    monkeypatch.setattr(tasks, "submit", run_now)
    monkeypatch.setattr(tasks, "render_convocation", lambda report: b"%PDF-1.7 synthetique")


@pytest.fixture
def by(user_as: Any) -> Any:
    return user_as("assembly")


@pytest.fixture
def sitting(authority: Any, by: Any) -> Sitting:
    made = council(authority)
    send(made, by)
    return made


def answer(sitting: Sitting, rank: int, said: str, holder: int | None = None) -> None:
    chosen = None if holder is None else member(sitting, holder)
    answers.record_answer(invitation=invitation(sitting, rank), answer=said, holder=chosen, through="Lien", by=None)


def hold(sitting: Sitting) -> None:
    """Its day has come."""
    Sitting.objects.filter(pk=sitting.pk).update(held_on=timezone.localdate())
    Sitting.history.filter(id=sitting.pk).update(held_on=timezone.localdate())
    sitting.refresh_from_db()


def open_it(sitting: Sitting) -> dict[int, str]:
    hold(sitting)
    services.enter(sitting=sitting, key=uuid4(), kind="opened", payload={}, by=None)
    return dict(sitting.presences.values_list("mandate__rank", "state"))


def given(sitting: Sitting) -> list[tuple[int, int, str]]:
    return list(sitting.proxies.order_by("pk").values_list("giver__rank", "holder__rank", "state"))


# The opening reads the answers as the page does


def test_the_last_answer_counts_whichever_link_it_came_by(sitting: Sitting, by: Any) -> None:
    first = invitation(sitting, 1)
    added = make.ActFactory(sitting=sitting, number="", title="Ajoutée", passage=3, summary_note="Note.")
    make.ActClauseFactory(act=added)
    send(sitting, by, number=2)
    for rank in (1, 2, 3, 4):
        answer(sitting, rank, "present")
    answers.record_answer(invitation=first, answer="proxy", holder=member(sitting, 2), through="Lien", by=None)
    assert open_it(sitting)[1] == "represented"
    assert given(sitting) == [(1, 2, "given")]


def test_a_proxy_revoked_or_fallen_does_not_come_back(sitting: Sitting, client_as: Any) -> None:
    answer(sitting, 1, "proxy", 2)
    answer(sitting, 3, "proxy", 4)
    answer(sitting, 5, "present")
    revoked = sitting.proxies.get(giver__rank=1)
    body = {"state": "revoked", "reason": "À la demande du mandant"}
    assert client_as("assembly").patch(f"/api/v1/pouvoirs/{revoked.pk}/", body, **JSON).status_code == 200
    answer(sitting, 4, "absent")
    answer(sitting, 2, "present")
    answer(sitting, 4, "present")
    states = open_it(sitting)
    assert {row[2] for row in given(sitting)} == {"revoked"}
    assert (states[1], states[3], states[2], states[4]) == ("excused", "excused", "present", "present")


def test_who_gave_a_proxy_holds_none_even_once_it_fell(sitting: Sitting) -> None:
    answer(sitting, 1, "proxy", 2)
    answer(sitting, 2, "absent")
    holders = {row.rank for row in answering.possible_holders(sitting, member(sitting, 3))}
    assert holders == {4, 5}
    with pytest.raises(DomainError, match="L2121-20"):
        answer(sitting, 3, "proxy", 1)


def test_a_member_who_left_neither_answers_nor_holds(sitting: Sitting) -> None:
    answer(sitting, 2, "proxy", 1)
    mandates.replace_mandate(
        mandate=member(sitting, 1),
        ends_on=timezone.localdate(),
        end_reason="resignation",
        successor={"display_name": "M. Suivant"},
        by=None,
    )
    with pytest.raises(DomainError, match="prend fin avant la séance"):
        answer(sitting, 1, "proxy", 3)
    told = answering.answers_to(sitting)
    row = told.of(member(sitting, 2).pk)
    assert (told.proxies, row is not None and row.void) == ({}, True)
    assert 1 not in {holder.rank for holder in answering.possible_holders(sitting, member(sitting, 3))}


# What was told


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"place": "Ailleurs"}, "le lieu"),
        ({"held_at": time(20)}, "l'heure"),
        ({"held_at": time(20), "place": "Ailleurs"}, "l'heure et le lieu"),
    ],
)
def test_what_changed_is_told_before_the_opening(
    sitting: Sitting, by: Any, client_as: Any, change: dict[str, Any], words: str
) -> None:
    for name, value in change.items():
        setattr(sitting, name, value)
    services.save_sitting(instance=sitting, by=None)
    assert set(Invitation.objects.values_list("expires_at", flat=True)) == {convening.opening_of(sitting)}
    page = client_as("assembly").get(f"/seances/{sitting.pk}/convocation/").content.decode().replace("&#x27;", "'")
    assert f"Changé depuis la dernière convocation : {words}." in page
    assert "Envoyer malgré ce qui manque" not in page
    convocation = Convocation.objects.get()
    for refused in (
        lambda: tasks.start_retry(convocation=convocation, by=by),
        lambda: tasks.start_reminder(sitting=sitting, by=by),
    ):
        with pytest.raises(DomainError, match="convocation rectificative"):
            refused()
    mail.outbox.clear()
    send(sitting, by, number=2)
    assert len(mail.outbox) == 5
    assert convening.not_told(sitting) == ""


def test_a_sitting_moved_and_not_told_does_not_open(sitting: Sitting) -> None:
    hold(sitting)
    sitting.place = "Ailleurs"
    services.save_sitting(instance=sitting, by=None)
    with pytest.raises(DomainError, match=r"le lieu\. Envoyer une convocation rectificative, ou rétablir .*L2121-10"):
        services.enter(sitting=sitting, key=uuid4(), kind="opened", payload={}, by=None)
    sitting.refresh_from_db()
    sitting.place = "Hôtel de ville"
    services.save_sitting(instance=sitting, by=None)
    services.enter(sitting=sitting, key=uuid4(), kind="opened", payload={}, by=None)
    sitting.refresh_from_db()
    sitting.held_at = time(23)
    with pytest.raises(DomainError, match="a été ouverte"):
        services.save_sitting(instance=sitting, by=None)


def test_paper_is_handed_over_on_a_day_before_the_sitting(authority: Any, by: Any) -> None:
    sitting = council(authority)
    MemberContact.objects.filter(mandate__rank=1).update(on_paper=True)
    send(sitting, by, despite=True)
    convocation = Convocation.objects.get()
    today = timezone.localdate()
    for day in (today - timedelta(days=1), today + timedelta(days=1)):
        with pytest.raises(DomainError, match="entre le"):
            convocations.hand_over(convocation=convocation, on=day, by=None)
    Convocation.objects.update(sent_at=timezone.now() - timedelta(days=9))
    Sitting.objects.filter(pk=sitting.pk).update(
        held_on=today - timedelta(days=1), state="closed", opened_at=timezone.now()
    )
    convocation = Convocation.objects.get()
    with pytest.raises(DomainError, match="est passée"):
        convocations.hand_over(convocation=convocation, by=None)
    day = today - timedelta(days=8)
    assert convocations.hand_over(convocation=convocation, on=day, by=None) == 1
    assert timezone.localdate(invitation(sitting, 1).sent_at) == day


def test_paper_handed_late_is_told(authority: Any, by: Any, client_as: Any) -> None:
    sitting = council(authority)
    MemberContact.objects.filter(mandate__rank=1).update(on_paper=True)
    send(sitting, by, despite=True)
    Sitting.objects.filter(pk=sitting.pk).update(held_on=timezone.localdate() + timedelta(days=2))
    url = f"/convocations/{Convocation.objects.get().pk}/remises/"
    client = client_as("assembly")
    bad = client.post(url, {"handed_on": "hier"}, follow=True).content.decode()
    assert "Jour de remise illisible" in bad
    page = client.post(url, {"handed_on": f"{timezone.localdate():%Y-%m-%d}"}, follow=True).content.decode()
    assert "Remises sur papier notées : 1." in page
    assert "Délai insuffisant pour 1 membre" in page
    assert "L2121-12" in page


def test_a_message_sent_late_is_told(authority: Any, by: Any) -> None:
    sitting = council(authority)
    MemberContact.objects.filter(mandate__rank=2).update(email="")
    send(sitting, by, despite=True)
    tomorrow = timezone.localdate() + timedelta(days=1)
    Sitting.objects.filter(pk=sitting.pk).update(held_on=tomorrow)
    Sitting.history.filter(id=sitting.pk).update(held_on=tomorrow)
    Invitation.objects.exclude(mandate__rank=2).update(sent_at=timezone.now() - timedelta(days=20))
    MemberContact.objects.filter(mandate__rank=2).update(email="m2@example.org")
    job = tasks.start_retry(convocation=Convocation.objects.get(), by=by)
    job.refresh_from_db()
    assert "Délai insuffisant pour 1 membre. La convocation part 5 jours francs" in job.message


def test_letters_say_what_the_convocation_said(sitting: Sitting, by: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    Invitation.objects.filter(mandate__rank=1).update(email="")
    first, second = sitting.acts.order_by("passage")
    Act.objects.filter(pk=first.pk).update(title="Autre objet")
    Act.objects.filter(pk=second.pk).update(state="withdrawn")
    seen: dict[str, Any] = {}
    monkeypatch.setattr(tasks, "render_letters", lambda report: seen.update(report) or b"%PDF-1.7 x")
    tasks.start_letters(convocation=Convocation.objects.get(), by=by)
    agenda_sent = Convocation.objects.get().agenda
    assert [(row["number"], row["title"]) for row in seen["items"]] == [
        (row["number"], row["title"]) for row in agenda_sent
    ]


def test_an_act_without_visas_is_told_where_others_have_them(authority: Any) -> None:
    sitting = council(authority)
    first, second = sitting.acts.order_by("passage")

    def told() -> str:
        return " ".join(item.text for item in convening.missing_before(sitting, convening.agenda_of(sitting), {}))

    assert "visas" not in told()
    drafting.VisaStepFactory(act=first, state="given", given_at=timezone.now())
    assert f"« {second.title} » : circuit de visas non ouvert" in told()
    assert told().count("visas") == 1


# Convened again


def first_of(authority: Any, states: str, **fields: Any) -> Room:
    room = Room(authority, states, items=2, held_on=timezone.localdate() - timedelta(days=1), **fields)
    rows = [{"number": act.number, "title": act.title, "act": act.pk} for act in room.acts]
    make.ConvocationFactory(sitting=room.sitting, agenda=rows)
    return room.open()


def again(room: Room) -> Sitting:
    room.sitting.refresh_from_db()
    today = timezone.localdate()
    return agenda.convene_again(
        first=room.sitting, held_on=today + timedelta(days=5), held_at=time(18), place="Mairie", today=today, by=None
    )


def test_a_second_sitting_is_for_want_of_quorum(authority: Any) -> None:
    room = first_of(authority, "ppppp")
    with pytest.raises(DomainError, match="la lever d'abord"):
        again(room)
    room.vote(0)
    room.enter("closed")
    with pytest.raises(DomainError, match="Le quorum était atteint"):
        again(room)


def test_a_second_sitting_has_what_was_convened_and_no_more(authority: Any) -> None:
    room = first_of(authority, "ppaaa")
    never = make.ActFactory(sitting=room.sitting, number="9", passage=9)
    room.enter("closed")
    second = again(room)
    assert set(second.acts.all()) == set(room.acts)
    assert convening.second_items(second) == {act.pk for act in room.acts}
    never.refresh_from_db()
    assert never.sitting_id == room.sitting.pk


# Numbers


def test_two_sittings_of_the_year_share_no_number(sitting: Sitting, by: Any) -> None:
    other = make.SittingFactory(
        assembly=sitting.assembly, held_on=sitting.held_on, held_at=time(21), place="Hôtel de ville"
    )
    act = make.ActFactory(sitting=other, number="", passage=1, summary_note="Note.")
    make.ActClauseFactory(act=act)
    send(other, by)
    act.refresh_from_db()
    assert act.number == f"{sitting.held_on.year}-003"
    act.number = f"{sitting.held_on.year}-001"
    with pytest.raises(DomainError, match="ne sert qu'une fois"):
        services.save_act(instance=act, by=None)
