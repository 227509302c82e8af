"""The API writes through the same services as the pages."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from deliberations import queries
from deliberations.domain import verify
from deliberations.models import Act, Ballot, LegalSetting, Presence, Proxy, StatedGrant, Vote
from plan_numerique.demo.loader import files, territory
from plan_numerique.demo.loader.councils import load_council
from tests.deliberations.domain.documents import act_document, source
from tests.factories import deliberations as make

JSON = {"content_type": "application/json"}


@pytest.fixture
def client(client_as: Any) -> Client:
    result: Client = client_as("assembly")
    return result


def test_rows_are_created_changed_and_deleted(client: Client, authority: Any) -> None:
    assembly = client.post("/api/v1/assemblees/", {"authority": authority.pk, "name": "Conseil"}, **JSON).json()["id"]
    sitting = client.post("/api/v1/seances/", {"assembly": assembly, "held_on": "2024-06-10"}, **JSON).json()["id"]
    members = [
        client.post("/api/v1/mandats/", {"assembly": assembly, "display_name": f"Mme M{n}"}, **JSON).json()["id"]
        for n in range(3)
    ]
    for member, state in zip(members, ("present", "present", "represented"), strict=True):
        answer = client.post("/api/v1/presences/", {"sitting": sitting, "mandate": member, "state": state}, **JSON)
        assert answer.status_code == 201
    refused = client.post("/api/v1/pouvoirs/", {"sitting": sitting, "giver": members[1], "holder": members[0]}, **JSON)
    assert (refused.status_code, "L2121-20" in refused.content.decode()) == (400, True)
    assert (
        client.post(
            "/api/v1/pouvoirs/", {"sitting": sitting, "giver": members[2], "holder": members[0]}, **JSON
        ).status_code
        == 201
    )
    act = client.post("/api/v1/deliberations/", {"sitting": sitting, "title": "Plan", "number": "1"}, **JSON).json()
    assert act["executory_on"] is None
    grant = {"act": act["id"], "funder": "État", "rate": 200_000, "base": "100.00", "amount": "20.00"}
    assert client.post("/api/v1/subventions-ecrites/", grant, **JSON).json()["amount"] == "20.00"
    url = f"/api/v1/deliberations/{act['id']}/"
    dated = client.patch(url, {"received_on": "2024-06-11", "posted_on": "2024-06-12"}, **JSON)
    assert dated.json()["executory_on"] == "2024-06-12"
    assert client.patch(url, {"received_on": "2024-06-01"}, **JSON).status_code == 400
    assert (
        client.patch(url, {"state": "adopted"}, **JSON)
        .json()["state"][0]
        .startswith("L'état « Adoptée » vient du vote")
    )
    assert client.delete(url).status_code == 400
    assert (Presence.objects.count(), Proxy.objects.count(), StatedGrant.objects.get().base) == (3, 1, 10_000)


def test_vote_is_written_with_its_names(client: Client, authority: Any) -> None:
    act = make.ActFactory(sitting__assembly__authority=authority, sitting__past=True)
    first, second = (make.PresenceFactory(sitting=act.sitting).mandate for _ in range(2))
    body = {"act": act.pk, "mode": "by_name", "for_count": 1, "against_count": 1, "named_choices": ["for", "against"]}
    votes = [{"mandate": first.pk, "choice": "for"}, {"mandate": second.pk, "choice": "against", "with_proxy": True}]
    answer = client.post("/api/v1/votes/", {**body, "votes": votes}, **JSON)
    assert answer.status_code == 201, answer.content
    assert [vote["mandate"] for vote in answer.json()["votes"]] == [first.pk, second.pk]
    url = f"/api/v1/votes/{answer.json()['id']}/"
    assert client.patch(url, {"for_count": 2, "votes": votes[:1]}, **JSON).status_code == 200
    assert (Vote.objects.count(), Ballot.objects.get().for_count) == (1, 2)
    assert client.post("/api/v1/votes/", {**body, "secret": True, "votes": votes}, **JSON).status_code == 400
    stranger = make.MandateFactory()
    wrong = client.patch(url, {"votes": [{"mandate": stranger.pk, "choice": "for"}]}, **JSON)
    assert (wrong.status_code, Vote.objects.count()) == (400, 1)


def test_act_is_verified(client_as: Any) -> None:
    client = client_as("school")
    answer = client.post("/api/v1/acts/verify/", json.dumps(source("metz")), **JSON)
    assert answer.status_code == 200
    assert len(answer.json()["findings"]) == 5
    bad = client.post("/api/v1/acts/verify/", json.dumps({"session": {}, "x": 1}), **JSON)
    assert (bad.status_code, sorted(bad.json()["errors"])) == (
        400,
        ["session.date: clé obligatoire", "x: clé inconnue"],
    )
    assert client.post("/api/v1/acts/verify/", b"\xff", **JSON).status_code == 400
    assert client.post("/api/v1/acts/verify/", "{}", content_type="text/plain").status_code == 400
    assert client.post("/api/v1/acts/verify/", "{}", **JSON, CONTENT_LENGTH="x").status_code == 400
    assert client.post("/api/v1/acts/verify/", "{}", **JSON, CONTENT_LENGTH=str(10**9)).status_code == 413
    assert client.get("/api/v1/acts/verify/").status_code == 405
    assert Client().post("/api/v1/acts/verify/", "{}", **JSON).status_code == 403


def test_schemas_are_served(client: Client) -> None:
    assert client.get("/api/v1/acts/schemas/act-input.json").json()["required"] == ["session"]
    assert client.get("/api/v1/acts/schemas/act-output.json").status_code == 200
    assert client.get("/api/v1/acts/schemas/other.json").status_code == 404


class Input:
    """Standard input, as bytes."""

    def __init__(self, content: bytes) -> None:
        self.buffer = io.BytesIO(content)


def written(captured: Any) -> tuple[str, str]:
    """Standard output and error, without what the log writes."""
    out, errors = captured.readouterr()
    return out.decode(), "".join(line for line in errors.decode().splitlines(keepends=True) if " INFO " not in line)


def test_command_writes_the_document(tmp_path: Path, capfdbinary: Any) -> None:
    file = tmp_path / "act.json"
    file.write_text(json.dumps(source("poitiers")), encoding="utf-8")
    call_command("verify_act", str(file))
    out, errors = written(capfdbinary)
    assert json.loads(out)["voices"] == 51
    assert errors == ""


def test_command_tells_all_problems(tmp_path: Path, capfdbinary: Any) -> None:
    file = tmp_path / "act.json"
    file.write_text('{"session": {}, "x": 1}', encoding="utf-8")
    with pytest.raises(SystemExit) as exit_:
        call_command("verify_act", str(file))
    out, errors = written(capfdbinary)
    assert (exit_.value.code, out) == (2, "")
    assert sorted(errors.splitlines()) == ["session.date: clé obligatoire", "x: clé inconnue"]


def test_command_gives_one_line_a_file(tmp_path: Path, capfdbinary: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Input(json.dumps(act_document()).encode()))
    with pytest.raises(SystemExit) as exit_:
        call_command("verify_act", "-", str(tmp_path / "none.json"), str(tmp_path))
    out, errors = written(capfdbinary)
    lines = [json.loads(line) for line in out.splitlines()]
    assert (exit_.value.code, errors, len(lines)) == (2, "", 3)
    assert lines[0]["findings"] == []
    assert lines[1:] == [
        {"errors": ["$: fichier illisible : il n'existe pas"]},
        {"errors": ["$: fichier illisible : c'est un dossier"]},
    ]


def test_legal_settings_are_loaded_once(db: Any) -> None:
    for expected in ("16 règles ajoutées.", "0 règles ajoutées."):
        out = io.StringIO()
        call_command("load_legal_settings", stdout=out)
        assert out.getvalue().strip() == expected
    assert not LegalSetting.objects.filter(verified=True).exists()


@pytest.mark.parametrize("slug", ["poitiers", "chatellerault", "saint_etienne_metropole", "metz"])
def test_stored_sources_give_the_findings_of_their_documents(db: Any, slug: str) -> None:
    """The acts of the demonstration, read back from the database, are checked as the documents are."""
    data = files.read(f"{slug}.json")
    load_council(territory.load_authority(data), data, [])
    stated, problems = verify.read_input(source(slug))
    assert problems == []
    assert stated is not None
    stored = queries.check_act(Act.objects.get())
    assert verify.to_document(stored) == verify.to_document(verify.check(stated))
