"""Answering: by the secret link, from « Mes séances », at the clerk's desk; the proxies that follow."""

import html
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from deliberations.models import Convocation, Invitation, Mandate, Proxy, Sitting
from deliberations.queries import answering
from deliberations.services import answers as services
from deliberations.tasks import convocation as tasks
from plan_numerique.accounts.models import Membership
from plan_numerique.documents import services as documents
from plan_numerique.jobs.models import Job
from plan_numerique.shared.errors import DomainError
from tests.deliberations.convened import council, invitation, link_of, member, send
from tests.factories import deliberations as make
from tests.factories.accounts import MembershipFactory


@pytest.fixture(autouse=True)
def at_once(django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    submit = tasks.submit

    def run_now(**kwargs: Any) -> Job:
        with django_capture_on_commit_callbacks(execute=True):
            return submit(**kwargs)

    monkeypatch.setattr(tasks, "submit", run_now)
    monkeypatch.setattr(tasks, "render_convocation", lambda report: b"%PDF-1.7 synthetique")


@pytest.fixture
def sitting(authority: Any, user_as: Any) -> Sitting:
    """Convened: five members have their link."""
    row = council(authority)
    send(row, user_as("assembly"))
    return row


def link(rank: int) -> str:
    return link_of(f"membre-{rank}@example.org")


def shown(response: Any) -> str:
    return html.unescape(response.content.decode())


def given(sitting: Sitting) -> dict[str, str]:
    rows = sitting.proxies.filter(state="given").select_related("giver", "holder")
    return {str(row.giver): str(row.holder) for row in rows}


def test_the_link_opens_without_a_session_and_answers_in_one_post(sitting: Sitting) -> None:
    client, url = Client(), link(1)
    page = client.get(url)
    assert page.status_code == 200
    for words in (
        "Je serai présent",
        "Je serai absent",
        "Je donne pouvoir à",
        "Affaire 1",
        "18 h 30",
        "Hôtel de ville",
    ):
        assert words in shown(page), words
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "sessionid" not in client.cookies
    answer = client.post(url, {"answer": "present"})
    assert (answer.status_code, answer.headers["Location"]) == (302, url)
    row = invitation(sitting, 1)
    assert (row.answer, row.answered_by, row.answered_at is not None, row.opened_at is not None) == (
        "present",
        "Lien",
        True,
        True,
    )
    assert "Votre présence est notée." in shown(client.get(url))


def test_the_button_of_the_proxy_given_is_marked(sitting: Sitting) -> None:
    client, url = Client(), link(1)
    chosen = '<button class="btn big chosen" type="submit" name="answer" value="proxy">'
    assert chosen not in shown(client.get(url))
    client.post(url, {"answer": "proxy", "holder": member(sitting, 2).pk})
    assert chosen in shown(client.get(url))
    Client().post(link(2), {"answer": "absent"})
    assert chosen not in shown(client.get(url))


def test_opening_is_never_written_by_a_get(sitting: Sitting) -> None:
    client, url = Client(), link(1)
    client.get(url)
    client.head(url)
    assert invitation(sitting, 1).opened_at is None
    assert client.get(f"{url}ouverte/").status_code == 405
    assert client.post(f"{url}ouverte/").status_code == 204
    opened = invitation(sitting, 1).opened_at
    assert opened is not None
    client.post(f"{url}ouverte/")
    assert invitation(sitting, 1).opened_at == opened


def test_the_page_names_no_address_and_posts_with_a_token(sitting: Sitting) -> None:
    client = Client(enforce_csrf_checks=True)
    page = shown(client.get(link(1)))
    assert "@example.org" not in page
    assert client.post(link(1), {"answer": "present"}).status_code == 403
    token = client.cookies["csrftoken"].value
    answer = client.post(link(1), {"answer": "present", "csrfmiddlewaretoken": token})
    assert answer.status_code == 302


@pytest.mark.parametrize("token", ["x", "a" * 43, "é" * 20, "%00", "a" * 5000, "..", "%ED%A0%80"])
def test_unknown_links_say_nothing(sitting: Sitting, token: str) -> None:
    for end in ("", "seance.ics", "documents/1/"):
        answer = Client().get(f"/reponse/{token}/{end}")
        assert answer.status_code == 404
        assert "Affaire" not in shown(answer)
        assert "Membre" not in shown(answer)
    assert Client().post(f"/reponse/{token}/", {"answer": "present"}).status_code == 404


@pytest.mark.parametrize("way", ["hour", "opened", "state"])
def test_a_late_link_is_gone_and_says_nothing(sitting: Sitting, way: str) -> None:
    url = link(1)
    if way == "hour":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif way == "opened":
        Sitting.objects.filter(pk=sitting.pk).update(opened_at=timezone.now())
    else:
        Sitting.objects.filter(pk=sitting.pk).update(state="closed")
    for answer in (Client().get(url), Client().post(url, {"answer": "present"}), Client().get(f"{url}seance.ics")):
        assert answer.status_code == 410
        assert answer.headers["Cache-Control"] == "no-store"
        for words in ("Membre", "Affaire", sitting.assembly.name, sitting.assembly.authority.name):
            assert words not in shown(answer)
    assert invitation(sitting, 1).answer == ""


def test_a_proxy_goes_to_a_free_colleague_and_follows_the_answer(sitting: Sitting) -> None:
    client = Client()
    first = client.post(link(1), {"answer": "proxy", "holder": member(sitting, 2).pk})
    assert first.status_code == 302
    assert given(sitting) == {"Mme Membre 1": "Mme Membre 2"}
    row = Proxy.objects.get()
    assert row.received_on == timezone.localdate()
    assert "Vous donnez pouvoir à Mme Membre 2" in shown(client.get(link(1)))
    client.post(link(1), {"answer": "proxy", "holder": member(sitting, 2).pk})
    assert Proxy.objects.count() == 1
    client.post(link(1), {"answer": "proxy", "holder": member(sitting, 3).pk})
    assert given(sitting) == {"Mme Membre 1": "Mme Membre 3"}
    client.post(link(1), {"answer": "present"})
    assert given(sitting) == {}
    assert set(Proxy.objects.values_list("state", flat=True)) == {"revoked"}


def test_refused_proxies_quote_the_article(sitting: Sitting) -> None:
    client = Client()
    client.post(link(1), {"answer": "proxy", "holder": member(sitting, 2).pk})
    client.post(link(4), {"answer": "absent"})
    stranger = make.MandateFactory()
    for rank, chosen in (
        (3, member(sitting, 2)),
        (3, member(sitting, 1)),
        (3, member(sitting, 4)),
        (3, member(sitting, 3)),
    ):
        answer = client.post(link(rank), {"answer": "proxy", "holder": chosen.pk})
        assert answer.status_code == 422
        assert "un membre n'en porte qu'un" in shown(answer)
        assert "L2121-20" in shown(answer)
    for holder in ("", "x", "9" * 30, "\x00", stranger.pk):
        assert client.post(link(3), {"answer": "proxy", "holder": holder}).status_code == 422
    page = shown(client.get(link(3)))
    options = page[page.index("<select") : page.index("</select>")]
    assert "Membre 5" in options
    assert all(f"Membre {rank}" not in options for rank in (1, 2, 3, 4))
    assert given(sitting) == {"Mme Membre 1": "Mme Membre 2"}
    assert invitation(sitting, 3).answer == ""


@pytest.mark.parametrize(
    "data", [{}, {"answer": ""}, {"answer": "peut-être"}, {"answer": "\x00"}, {"answer": "x" * 10_000}]
)
def test_bad_answers_are_told(sitting: Sitting, data: dict[str, str]) -> None:
    answer = Client().post(link(1), data)
    assert answer.status_code == 422
    assert "Réponse non enregistrée" in shown(answer)
    assert invitation(sitting, 1).answer == ""


def test_a_holder_who_will_not_come_loses_the_proxy_and_the_giver_is_told(sitting: Sitting, client_as: Any) -> None:
    client = Client()
    client.post(link(1), {"answer": "proxy", "holder": member(sitting, 2).pk})
    client.post(link(2), {"answer": "absent"})
    assert given(sitting) == {}
    assert "Votre pouvoir n'a plus d'effet" in shown(client.get(link(1)))
    answers = answering.answers_to(sitting)
    assert (len(answers.expected.silent), len(answers.expected.absent)) == (4, 1)
    page = shown(client_as("assembly").get(f"/seances/{sitting.pk}/convocation/"))
    assert "Pouvoir sans effet" in page
    Invitation.objects.update(sent_at=timezone.now() - timedelta(days=2))
    assert {row.mandate.rank for row in answering.to_remind(sitting, timezone.now())} == {1, 3, 4, 5}
    client.post(link(1), {"answer": "proxy", "holder": member(sitting, 3).pk})
    assert given(sitting) == {"Mme Membre 1": "Mme Membre 3"}


def test_counts_are_those_expected(sitting: Sitting) -> None:
    client = Client()
    client.post(link(1), {"answer": "present"})
    client.post(link(2), {"answer": "present"})
    client.post(link(3), {"answer": "proxy", "holder": member(sitting, 1).pk})
    client.post(link(4), {"answer": "absent"})
    expected = answering.answers_to(sitting).expected
    assert tuple(len(part) for part in (expected.present, expected.represented, expected.absent, expected.silent)) == (
        2,
        1,
        1,
        1,
    )
    assert (expected.needed, expected.reached) == (3, False)
    client.post(link(5), {"answer": "present"})
    assert answering.answers_to(sitting).expected.reached


def test_an_alternate_answers_without_a_proxy(authority: Any, user_as: Any) -> None:
    sitting = council(authority)
    alternate = make.MandateFactory(
        assembly=sitting.assembly, display_name="Mme Suppléante", rank=6, alternate_for=member(sitting, 5)
    )
    make.MemberContactFactory(mandate=alternate, email="membre-6@example.org")
    send(sitting, user_as("assembly"))
    client = Client()
    assert "Je donne pouvoir" not in shown(client.get(link(6)))
    refused = client.post(link(6), {"answer": "proxy", "holder": member(sitting, 1).pk})
    assert (refused.status_code, "L5211-6" in shown(refused)) == (422, True)
    client.post(link(5), {"answer": "absent"})
    client.post(link(6), {"answer": "present"})
    expected = answering.answers_to(sitting).expected
    assert (expected.in_office, len(expected.present), len(expected.absent)) == (5, 1, 0)
    assert alternate not in answering.possible_holders(sitting, member(sitting, 1))


def test_documents_are_those_of_the_agenda_only(sitting: Sitting, authority: Any) -> None:
    other = documents.store(
        authority=authority, title="Autre", kind="autre", filename="a.pdf", media_type="application/pdf", content=b"%PDF-1", by=None
    )  # fmt: skip
    called = Convocation.objects.get().document
    client = Client()
    answer = client.get(f"{link(1)}documents/{called.pk}/")
    assert answer.status_code == 200
    assert answer.content == documents.read(called)
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(f"{link(1)}documents/{other.pk}/").status_code == 404
    event = client.get(f"{link(1)}seance.ics")
    assert (event.status_code, b"BEGIN:VEVENT" in event.content) == (200, True)
    assert invitation(sitting, 1).opened_at is None


def test_a_later_convocation_keeps_the_answers_given(sitting: Sitting, user_as: Any) -> None:
    Client().post(link(1), {"answer": "absent"})
    act = make.ActFactory(sitting=sitting, number="", summary_note="Note.")
    make.ActClauseFactory(act=act)
    send(sitting, user_as("assembly"), number=2)
    answers = answering.answers_to(sitting)
    row = answers.of(member(sitting, 1).pk)
    assert row is not None
    assert (row.answer, row.last.convocation.number, row.waits) == ("absent", 2, False)  # type: ignore[union-attr]
    assert "Votre absence est notée, sans pouvoir donné." in shown(Client().get(link(1)))
    Client().post(link(1), {"answer": "present"})
    assert answering.answers_to(sitting).of(member(sitting, 1).pk).answer == "present"  # type: ignore[union-attr]


# The elected member, signed in.


def linked(mandate: Mandate, user: Any) -> None:
    contact = mandate.contact
    contact.user = user
    contact.save()


def signed(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_elected_answers_from_home(sitting: Sitting, user_as: Any) -> None:
    user = user_as("elected")
    linked(member(sitting, 1), user)
    client = signed(user)
    row = invitation(sitting, 1)
    assert f"Répondre à la convocation du {sitting.held_on:%d/%m/%Y}" in shown(client.get("/"))
    assert "À répondre" in shown(client.get("/mes-seances/"))
    url = f"/mes-seances/{row.pk}/"
    assert "Je serai présent" in shown(client.get(url))
    assert client.post(url, {"answer": "proxy", "holder": member(sitting, 2).pk}).headers["Location"] == url
    row.refresh_from_db()
    assert (row.answer, row.answered_by) == ("proxy", "Page de l'élu")
    assert "Répondre à la convocation" not in shown(client.get("/"))
    assert "Donne pouvoir" in shown(client.get("/mes-seances/"))
    document = Convocation.objects.get().document_id
    assert client.get(f"{url}documents/{document}/").status_code == 200
    assert client.get(f"{url}documents/999999/").status_code == 404
    assert client.get(f"{url}seance.ics").status_code == 200
    refused = client.post(url, {"answer": "proxy", "holder": member(sitting, 1).pk})
    assert (refused.status_code, "L2121-20" in shown(refused)) == (422, True)
    Sitting.objects.filter(pk=sitting.pk).update(state="open")
    assert "ne se change plus" in shown(client.get(url))
    assert client.post(url, {"answer": "present"}).status_code == 422
    assert "Passées" in shown(client.get("/mes-seances/"))


def test_elected_sees_own_rows_only(sitting: Sitting, user_as: Any, other_authority: Any) -> None:
    user = user_as("elected")
    linked(member(sitting, 1), user)
    client = signed(user)
    others = invitation(sitting, 2)
    assert client.get(f"/mes-seances/{others.pk}/").status_code == 404
    assert client.post(f"/mes-seances/{others.pk}/", {"answer": "absent"}).status_code == 404
    assert client.get("/api/v1/convocations-des-membres/").json()["count"] == 1
    assert client.get(f"/api/v1/convocations-des-membres/{others.pk}/").status_code == 404
    stranger = signed(user_as("elected", other_authority))
    assert stranger.get(f"/mes-seances/{invitation(sitting, 1).pk}/").status_code == 404
    assert "Aucune séance à venir" in shown(stranger.get("/mes-seances/"))
    Membership.objects.filter(user=user).delete()
    MembershipFactory(user=user, role="elected", authority=other_authority)
    assert signed(user).get(f"/mes-seances/{invitation(sitting, 1).pk}/").status_code == 404


def test_roles_in_two_towns_do_not_mix(authority: Any, other_authority: Any, user_as: Any) -> None:
    """Elected here, of the assemblies' service there: own row here, every row there."""
    here, there = council(authority), council(other_authority)
    send(here, user_as("assembly"))
    send(there, user_as("assembly", other_authority))
    user = user_as("elected")
    MembershipFactory(user=user, role="assembly", authority=other_authority)
    linked(member(here, 1), user)
    client = signed(user)
    own, hidden, seen = invitation(here, 1), invitation(here, 2), invitation(there, 2)
    assert client.get(f"/convocations-des-membres/{own.pk}/").status_code == 403
    assert client.get(f"/convocations-des-membres/{own.pk}/historique/").status_code == 403
    assert client.get(f"/convocations-des-membres/{hidden.pk}/").status_code == 404
    assert client.get(f"/convocations-des-membres/{seen.pk}/").status_code == 200
    assert client.get(f"/convocations-des-membres/{own.pk}/reponse/").status_code == 404
    page = shown(client.get("/convocations-des-membres/?format=csv"))
    assert "@" not in page
    assert page.count("Mme Membre") == 5
    api = client.get("/api/v1/convocations-des-membres/").json()["results"]
    assert sorted(row["id"] for row in api) == sorted(
        [own.pk, *Invitation.objects.filter(convocation__sitting=there).values_list("pk", flat=True)]
    )
    patched = client.patch(
        f"/api/v1/convocations-des-membres/{own.pk}/", {"answer": "absent"}, content_type="application/json"
    )
    assert patched.status_code == 403
    contact = member(here, 2).contact
    assert client.get(f"/coordonnees-des-membres/{contact.pk}/").status_code == 404
    assert client.get(f"/assemblees/{here.assembly_id}/coordonnees/").status_code == 403
    assert client.post(f"/seances/{here.pk}/convocation/", {"number": "2"}).status_code == 403
    assert client.post(f"/seances/{here.pk}/convocation/relancer/").status_code == 403
    tab = shown(client.get(f"/seances/{here.pk}/convocation/"))
    assert "Réponses reçues" not in tab
    assert "Mme Membre 2" not in tab
    assert client.get("/api/v1/coordonnees-des-membres/").json()["count"] == 5


# The clerk.


def test_clerk_enters_what_was_said(sitting: Sitting, client_as: Any) -> None:
    client = client_as("assembly")
    row = invitation(sitting, 1)
    url = f"/convocations-des-membres/{row.pk}/reponse/"
    assert "Réponse de Mme Membre 1" in shown(client.get(url))
    data = {"answer": "proxy", "holder": member(sitting, 2).pk, "received_on": "2026-01-05"}
    answer = client.post(url, data)
    assert answer.headers["Location"] == f"/seances/{sitting.pk}/convocation/#reponses"
    row.refresh_from_db()
    assert (row.answered_by, row.opened_at) == ("Service des assemblées", None)
    assert str(Proxy.objects.get().received_on) == "2026-01-05"
    assert client.post(url, {"answer": "proxy"}).status_code == 422
    refused = client.post(
        f"/convocations-des-membres/{invitation(sitting, 3).pk}/reponse/",
        {"answer": "proxy", "holder": member(sitting, 2).pk},
    )
    assert (refused.status_code, "L2121-20" in shown(refused)) == (422, True)
    assert client.post(url, {"answer": "absent", "holder": member(sitting, 2).pk}).status_code == 302
    assert given(sitting) == {}
    for bad in ({"answer": ""}, {"answer": "\x00"}, {"answer": "present", "received_on": "x"}):
        assert client.post(url, bad).status_code == 422
    Sitting.objects.filter(pk=sitting.pk).update(state="open")
    assert client.post(url, {"answer": "present"}).status_code == 422


def test_answers_by_the_api(sitting: Sitting, client_as: Any) -> None:
    client, row = client_as("assembly"), invitation(sitting, 1)
    url = f"/api/v1/convocations-des-membres/{row.pk}/"
    assert "token_digest" not in client.get(url).json()
    body = client.patch(
        url, {"answer": "proxy", "holder": member(sitting, 2).pk}, content_type="application/json"
    ).json()
    assert (body["answer"], body["answered_by"]) == ("proxy", "Service des assemblées")
    assert given(sitting) == {"Mme Membre 1": "Mme Membre 2"}
    assert client.patch(url, {"answer": "proxy", "holder": None}, content_type="application/json").status_code == 400
    assert client.patch(url, {"answer": "x"}, content_type="application/json").status_code == 400
    assert client.patch(url, {"answer": ""}, content_type="application/json").status_code == 400
    assert client.post("/api/v1/convocations-des-membres/", {}, content_type="application/json").status_code == 405
    assert client.delete(url).status_code == 405
    assert client.get("/api/v1/convocations/").json()["results"][0]["agenda"][0]["title"] == "Affaire 1"
    assert client.patch(f"/api/v1/convocations/{row.convocation_id}/", {}).status_code in (403, 405)


def test_answers_of_services_are_checked(sitting: Sitting) -> None:
    row = invitation(sitting, 1)
    with pytest.raises(DomainError, match="Répondre"):
        services.record_answer(invitation=row, answer="x", through="Lien", by=None)
    with pytest.raises(DomainError, match="depuis sa séance"):
        services.save_answer(instance=Invitation(answer="present"), by=None)


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


@pytest.mark.parametrize(
    "url",
    ["/convocations/", "/convocations-des-membres/", "/api/v1/convocations/", "/api/v1/convocations-des-membres/"],
)
def test_lists_ask_the_same_queries_for_one_and_three_rows(client_as: Any, authority: Any, url: str) -> None:
    client = client_as("assembly")
    make.InvitationFactory(convocation__sitting__assembly__authority=authority)
    client.get(url)
    one = queries_of(client, url)
    for _ in range(2):
        make.InvitationFactory(convocation__sitting__assembly__authority=authority)
    assert queries_of(client, url) == one


def test_own_pages_ask_the_same_queries_for_one_and_three_rows(authority: Any, user_as: Any) -> None:
    user = user_as("elected")
    client = signed(user)

    def add() -> Invitation:
        row = make.InvitationFactory(convocation__sitting__assembly__authority=authority)
        make.MemberContactFactory(mandate=row.mandate, user=user)
        return row

    first = add()
    client.get("/mes-seances/")
    one = queries_of(client, "/mes-seances/")
    page = queries_of(client, f"/mes-seances/{first.pk}/")
    for _ in range(2):
        add()
        make.InvitationFactory(convocation=first.convocation)
    assert queries_of(client, "/mes-seances/") == one
    assert queries_of(client, f"/mes-seances/{first.pk}/") == page


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_exports_hold_no_address(sitting: Sitting, client_as: Any, kind: str) -> None:
    client = client_as("assembly")
    for url in ("/convocations/", "/convocations-des-membres/"):
        answer = client.get(url, {"format": kind})
        assert answer.status_code == 200
        assert b"@example.org" not in answer.content
    assert len(mail.outbox) == 5
    filtered = shown(client.get("/convocations-des-membres/?answer=waiting&failed=false"))
    assert filtered.count("Mme Membre") >= 5
    assert "Aucun résultat" in shown(client.get("/convocations-des-membres/?answer=present&failed=true"))
