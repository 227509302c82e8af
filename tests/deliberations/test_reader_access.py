"""What the academy, the elected and the others read of a council: before the sitting, while it sits, once it is over."""

import html
from typing import Any

import pytest
from django.test import Client

from deliberations import queries, services
from deliberations.models import Act, Ballot, Sitting, Vote
from deliberations.services.publications import withdraw_publication
from tests.deliberations.entered import Room
from tests.factories import deliberations as make
from tests.factories import filing

READERS = ("academy", "elected")
JSON = {"content_type": "application/json"}


def shown(response: Any) -> str:
    return html.unescape(response.content.decode())


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize("state", ["withdrawn", "adjourned"])
def test_a_project_set_aside_before_any_convocation_stays_with_the_staff(
    authority: Any, user_as: Any, client_as: Any, role: str, state: str
) -> None:
    sitting = make.SittingFactory(assembly__authority=authority, state="draft")
    act = make.ActFactory(sitting=sitting, title="Projet écarté", state=state)
    make.ActClauseFactory(act=act, text="secret")
    user = user_as(role)
    assert not queries.visible_acts(user).exists()
    assert not queries.visible_clauses(user).exists()
    assert "Projet écarté" not in shown(client_as(role).get(f"/seances/{sitting.pk}/"))
    assert "Projet écarté" in shown(client_as("assembly").get(f"/seances/{sitting.pk}/"))
    Sitting.objects.filter(pk=sitting.pk).update(state="closed")
    assert queries.visible_acts(user).get() == act
    Sitting.objects.filter(pk=sitting.pk).update(state="draft", past=True)
    assert queries.visible_acts(user).get() == act


def test_drafts_of_a_sitting_are_named_to_the_staff_only(authority: Any, client_as: Any) -> None:
    act = make.ActFactory(sitting__assembly__authority=authority, title="Projet à venir")
    for role, told in (("academy", False), ("elected", False), ("technician", True)):
        assert ("Projet à venir" in shown(client_as(role).get(f"/seances/{act.sitting_id}/"))) is told


@pytest.mark.parametrize(
    ("state", "role", "count", "reason"),
    [
        ("convened", "academy", 0, ""),
        ("open", "academy", 0, ""),
        ("closed", "academy", 1, ""),
        ("convened", "elected", 1, ""),
        ("convened", "technician", 1, ""),
        ("convened", "assembly", 1, "Maladie, certificat joint"),
    ],
)
def test_proxies(authority: Any, client_as: Any, state: str, role: str, count: int, reason: str) -> None:
    giver = make.PresenceFactory(sitting__assembly__authority=authority, sitting__state=state, state="represented")
    holder = make.PresenceFactory(sitting=giver.sitting)
    make.ProxyFactory(
        sitting=giver.sitting,
        giver=giver.mandate,
        holder=holder.mandate,
        state="refused",
        reason="Maladie, certificat joint",
    )
    rows = client_as(role).get("/api/v1/pouvoirs/").json()["results"]
    assert [row["reason"] for row in rows] == [reason] * count


def test_an_annex_that_is_not_published_stays_in_the_town(authority: Any, client_as: Any) -> None:
    act = filing.decided_act(authority)
    kept, open_to_all = filing.annex_of(act, public=False), filing.annex_of(act, public=True)
    for role, seen in (("academy", False), ("elected", True), ("technician", True)):
        client = client_as(role)
        assert (client.get(f"/annexes/{kept.pk}/fichier/").status_code == 200) is seen
        assert client.get(f"/annexes/{open_to_all.pk}/fichier/").status_code == 200
        assert client.get("/api/v1/annexes/").json()["count"] == 1 + seen
        assert len(client.get("/annexes/").context["table"].rows) == 1 + seen
        assert (f"/annexes/{kept.pk}/fichier/" in shown(client.get(f"/deliberations/{act.pk}/"))) is seen


def test_minutes_and_drafts_are_not_read_in_the_history(authority: Any, client_as: Any) -> None:
    act = make.ActFactory(sitting__assembly__authority=authority, sitting__past=True, title="Premier titre")
    sitting = act.sitting
    sitting.minutes = "Propos tenus à huis clos"
    services.save_minutes(instance=sitting, by=None)
    Act.objects.filter(pk=act.pk).update(state="adopted")
    pages = (f"/seances/{sitting.pk}/", f"/deliberations/{act.pk}/")
    for page in pages:
        assert client_as("academy").get(page).status_code == 200
        assert f"{page}historique/" not in shown(client_as("academy").get(page))
        assert client_as("academy").get(f"{page}historique/").status_code == 403
        assert f"{page}historique/" in shown(client_as("technician").get(page))
    assert "huis clos" in shown(client_as("technician").get(f"{pages[0]}historique/"))


@pytest.fixture
def under_way(authority: Any) -> Room:
    room = Room(authority).open()
    room.examine(0)
    room.enter("ballot", mode="by_name", others="for")
    room.enter("vote", member=room.members[1], choice="against")
    return room


def votes_read(client: Client, room: Room) -> tuple[int, int, bool, bool]:
    """Names and ballots of the API; the member's own page; the page of the act."""
    act, member = room.acts[0], room.members[1]
    page = shown(client.get(f"/deliberations/{act.pk}/"))
    return (
        client.get("/api/v1/votes-des-membres/").json()["count"],
        client.get("/api/v1/votes/").json()["count"],
        f"/deliberations/{act.pk}/" in shown(client.get(f"/mandats/{member.pk}/")),
        'class="senses"' in page,
    )


def test_votes_under_way_are_the_clerks(under_way: Room, client_as: Any) -> None:
    assert votes_read(client_as("elected"), under_way) == (0, 0, False, False)
    assert votes_read(client_as("technician"), under_way) == (0, 0, False, False)
    assert votes_read(client_as("assembly"), under_way) == (1, 1, True, True)
    under_way.enter("result")
    assert votes_read(client_as("elected"), under_way)[1:] == (1, True, True)
    under_way.enter("result_reopened", act=under_way.acts[0], reason="Erreur de décompte")
    assert votes_read(client_as("elected"), under_way) == (0, 0, False, False)


@pytest.fixture
def named(authority: Any) -> Ballot:
    sitting = make.SittingFactory(assembly__authority=authority, past=True, in_office=5, present=5, represented=0)
    members = [make.PresenceFactory(sitting=sitting).mandate for _ in range(5)]
    act = make.ActFactory(sitting=sitting)
    fields = {"mode": "by_name", "for_count": 4, "against_count": 1}
    return services.record_vote(act=act, fields=fields, votes=[(members[0], "against", False)], by=None)


def test_a_patch_keeps_the_names(named: Ballot, client_as: Any) -> None:
    client, address = client_as("assembly"), f"/api/v1/votes/{named.pk}/"
    answer = client.patch(address, {"note": "Vu."}, **JSON)
    assert (answer.status_code, len(answer.json()["votes"])) == (200, 1)
    assert Vote.objects.get(ballot=named).choice == "against"
    assert client.patch(address, {"votes": []}, **JSON).json()["votes"] == []


def test_a_stale_ballot_is_refused(named: Ballot, client_as: Any) -> None:
    client, address = client_as("assembly"), f"/api/v1/votes/{named.pk}/"
    tag = client.get(address).headers["ETag"]
    written = client.patch(address, {"note": "Premier."}, headers={"If-Match": tag}, **JSON)
    assert written.headers["ETag"] == client.get(address).headers["ETag"] != tag
    assert client.patch(address, {"note": "Second."}, headers={"If-Match": tag}, **JSON).status_code == 412
    named.refresh_from_db()
    assert named.note == "Premier."


@pytest.mark.parametrize("model", ["assembly", "mandate", "sitting", "act", "ballot"])
def test_technical_administration_only_reads(authority: Any, admin_client: Client, model: str) -> None:
    room = Room(authority).open()
    act = room.vote(0)
    key = {
        "assembly": room.assembly.pk,
        "mandate": room.members[0].pk,
        "sitting": room.sitting.pk,
        "act": act.pk,
        "ballot": room.ballot(act).pk,
    }[model]
    page = f"/technique/deliberations/{model}/{key}/"
    assert admin_client.get(f"{page}change/").status_code == 200
    assert admin_client.post(f"{page}change/", {"state": "draft"}).status_code == 403
    assert admin_client.post(f"{page}delete/", {"post": "yes"}).status_code == 403
    assert (Act.objects.count(), Vote.objects.filter(ballot__act=act).exists()) == (3, False)


def test_an_annex_taken_down_with_its_act_is_gone(authority: Any, client: Client) -> None:
    act = filing.decided_act(authority)
    annex = filing.annex_of(act)
    publication = filing.published(filing.extract_of(act))
    page = f"/actes/{authority.slug}/{act.pk}/"
    assert client.get(f"{page}annexes/{annex.pk}/").status_code == 200
    withdraw_publication(publication=publication, reason="Données personnelles", by=None)
    assert client.get(f"{page}annexes/{annex.pk}/").status_code == client.get(page).status_code == 410
    assert client.get(f"{page}annexes/{'9' * 40}/").status_code == 404
    assert client.get(f"/actes/{authority.slug}/{'9' * 40}/annexes/{annex.pk}/").status_code == 404


def test_the_feed_leaves_out_what_xml_refuses(authority: Any, client: Client) -> None:
    act = filing.decided_act(authority)
    filing.published(filing.extract_of(act))
    type(authority).objects.filter(pk=authority.pk).update(name="Ville\ufffe")
    assembly = act.sitting.assembly
    assembly.name = "Conseil\x0bmunicipal\uffff"
    assembly.save()
    feed = client.get(f"/actes/{authority.slug}/flux.atom")
    assert feed.status_code == 200
    assert "Conseil municipal" in feed.content.decode()
    assert not set("\x0b\ufffe\uffff") & set(feed.content.decode())


def test_a_key_that_no_database_holds_is_not_found(authority: Any, client_as: Any) -> None:
    client = client_as("assembly")
    for page in ("seances/{}/emargement/", "seances/{}/modifier/", "votes/{}/modifier/"):
        assert client.get(f"/{page.format('9' * 40)}").status_code == 404
        assert client.post(f"/{page.format('9' * 40)}", {}).status_code == 404
