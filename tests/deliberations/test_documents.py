"""Documents of the register: pages, jobs, deadlines, minutes, API, access."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from deliberations import queries, services, tasks
from deliberations.models import Act, CouncilDocument, Publication, Sitting
from deliberations.queries.deadlines import dues_of, waiting_documents
from deliberations.views.documents import due_badge, due_row
from plan_numerique.documents.services import read
from plan_numerique.jobs.models import Job
from plan_numerique.shared.errors import DomainError
from tests.deliberations.entered import Room
from tests.factories import deliberations as make
from tests.factories.accounts import MembershipFactory

HELD = date(2026, 3, 10)
LAW = Path(__file__).resolve().parents[2] / "deliberations" / "management" / "legal_settings.json"


@pytest.fixture
def room(authority: Any) -> Room:
    services.load_legal_settings(rows=json.loads(LAW.read_text(encoding="utf-8")), by=None)
    room = Room(authority, "ppp", items=1, held_on=HELD).open()
    room.vote(0)
    room.enter("closed")
    return room


def shown(response: Any) -> str:
    return str(response.content.decode()).replace("\u202f", " ").replace("\xa0", " ").replace("&#x27;", "'")


# --- access ----------------------------------------------------------------------------------------------------------

READ = ("/seances/{sitting}/documents/", "/documents-du-conseil/")
WRITE = ("/seances/{sitting}/proces-verbal/", "/documents-du-conseil/registre/")
COMMANDS = (
    "/seances/{sitting}/documents/etablir/",
    "/seances/{sitting}/documents/extraits/",
    "/deliberations/{act}/documents/etablir/",
)


def address(room: Room, url: str) -> str:
    return url.format(sitting=room.sitting.pk, act=room.acts[0].pk)


@pytest.mark.parametrize("path", [*READ, *WRITE])
def test_pages(client_as: Any, room: Room, other_authority: Any, path: str) -> None:
    url = address(room, path)
    assert Client().get(url).headers["Location"].startswith("/compte/login/")
    assert client_as("partner").get(url).status_code == 403
    assert client_as("elected").get(url).status_code == (403 if path in WRITE else 200)
    assert client_as("assembly").get(url).status_code == 200
    assert client_as("assembly", other_authority).get(url).status_code == (404 if "{" in path else 200)
    assert client_as("assembly").get(url.replace(str(room.sitting.pk), "99999999")).status_code in (200, 404)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands(client_as: Any, room: Room, other_authority: Any, command: str) -> None:
    url = address(room, command)
    assert Client().post(url).headers["Location"].startswith("/compte/login/")
    assert client_as("partner").post(url).status_code == 403
    assert client_as("elected").post(url).status_code == 403
    assert client_as("assembly", other_authority).post(url).status_code == 404
    assert client_as("assembly").get(url).status_code == 405
    assert Job.objects.count() == 0
    assert client_as("assembly").post(url, {"kind": "nimporte\x00quoi"}).status_code == 302


def test_documents_of_a_sitting_are_not_for_the_academy(client_as: Any, room: Room) -> None:
    """Minutes that nobody has approved are not published."""
    assert client_as("academy").get(f"/seances/{room.sitting.pk}/documents/").status_code == 403
    kept = make_all(room)["proces_verbal"]
    client = client_as("academy")
    assert client.get(f"/documents/{kept.document_id}/").status_code == 404
    assert f"/documents/{kept.document_id}/" not in shown(client.get("/documents-du-conseil/"))
    assert client_as("elected").get(f"/documents/{kept.document_id}/").status_code == 200
    assert client.get(f"/documents/{extract_of(room).document_id}/").status_code == 200


def test_two_roles_in_two_towns(room: Room, authority: Any, other_authority: Any) -> None:
    """Who keeps the council of one town and is elected in the other makes documents in the first only."""
    user = MembershipFactory(role="assembly", authority=other_authority).user
    MembershipFactory(role="elected", authority=authority, user=user)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(address(room, READ[0])).status_code == 200
    assert "Établir" not in shown(client.get(address(room, READ[0]))).split("<h1", 1)[1]
    for command in COMMANDS:
        assert client.post(address(room, command), {"kind": "liste"}).status_code == 403
    assert client.get(address(room, WRITE[0])).status_code == 403
    answer = client.post(WRITE[1], {"assembly": room.assembly.pk, "first": "2026-01-01", "last": "2026-12-31"})
    assert answer.status_code == 422
    body = {"kind": "extrait", "act": room.acts[0].pk}
    assert client.post("/api/v1/documents-du-conseil/etablir/", body, "application/json").status_code == 403
    assert Job.objects.count() == 0


# --- making ----------------------------------------------------------------------------------------------------------


def make_all(room: Room) -> dict[str, CouncilDocument]:
    for kind in ("liste", "proces_verbal"):
        tasks.start_sitting_document(sitting=again(room), kind=kind, by=None)
    return run_jobs()


def run_jobs() -> dict[str, CouncilDocument]:
    """Jobs that wait, one after the other, as the worker does."""
    for job in Job.objects.filter(status="queued").order_by("pk"):
        BODIES[job.kind].apply(kwargs={"job_id": job.pk})
        job.refresh_from_db()
        assert job.status == "succeeded", (job.message, job.traceback)
    return {row.kind: row for row in CouncilDocument.objects.select_related("document").order_by("number")}


BODIES: dict[str, Any] = {
    "deliberations.document": tasks.council_document_task,
    "deliberations.extracts": tasks.extracts_task,
    "deliberations.register": tasks.register_task,
}


def again(room: Room) -> Sitting:
    found: Sitting = Sitting.objects.select_related("assembly__authority", "chair").get(pk=room.sitting.pk)
    return found


def extract_of(room: Room) -> CouncilDocument:
    tasks.start_act_document(act=room.acts[0], kind="extrait", by=None)
    return run_jobs()["extrait"]


def test_a_document_is_made_by_a_job_and_frozen(client_as: Any, room: Room) -> None:
    client = client_as("assembly")
    page = address(room, READ[0])
    answer = client.post(address(room, COMMANDS[0]), {"kind": "liste"})
    assert answer.headers["Location"] == page
    job = Job.objects.get()
    assert f'hx-get="/taches/{job.pk}/avancement/"' in shown(client.get(page))
    kept = run_jobs()["liste"]
    assert (kept.number, kept.act, kept.job) == (1, None, job)
    assert kept.document.published_at is not None
    assert read(kept.document).startswith(b"%PDF-")
    text = shown(client.get(page))
    assert f"/documents/{kept.document_id}/" in text
    assert kept.document.sha256 in text
    assert "Nouvelle version" in text
    assert f"/documents-du-conseil/{kept.pk}/publier/" in text
    assert "publier/" not in shown(client_as("elected").get(page))


def test_a_correction_is_another_version(room: Room) -> None:
    first = extract_of(room)
    digest = first.document.sha256
    Act.objects.filter(pk=room.acts[0].pk).update(title="Intitulé rectifié")
    second = extract_of(room)
    assert (second.number, CouncilDocument.objects.count()) == (2, 2)
    first.document.refresh_from_db()
    assert first.document.sha256 == digest != second.document.sha256


def test_the_same_document_asked_twice_is_one_job(room: Room) -> None:
    jobs = {tasks.start_act_document(act=room.acts[0], kind="extrait", by=None).pk for _ in range(2)}
    assert len(jobs) == 1


def test_extract_and_certificate_are_asked_from_the_act(client_as: Any, room: Room) -> None:
    client, act = client_as("assembly"), room.acts[0]
    page = f"/deliberations/{act.pk}/"
    text = shown(client.get(page))
    assert "Aucun document n'est encore établi" in text
    assert f"{page}documents/etablir/?kind=extrait" in text
    assert "kind=certificat" not in text
    refused = client.post(f"{page}documents/etablir/?kind=certificat", follow=True)
    assert "il manque deux dates" in shown(refused)
    Act.objects.filter(pk=act.pk).update(received_on=HELD, published_on=HELD)
    assert "kind=certificat" in shown(client.get(page))
    answer = client.post(f"{page}documents/etablir/?kind=certificat")
    assert answer.headers["Location"] == f"{page}#documents"
    kept = run_jobs()["certificat"]
    assert kept.act == act
    assert f"/documents/{kept.document_id}/" in shown(client.get(page))
    assert f"/documents/{kept.document_id}/" in shown(client_as("elected").get(page))
    assert "documents/etablir" not in shown(client_as("elected").get(page))


def test_all_the_missing_extracts_at_once(client_as: Any, authority: Any, room: Room) -> None:
    for number in ("7", "8"):
        make.ActFactory(sitting=room.sitting, number=number, state="adopted")
    make.ActFactory(sitting=room.sitting, number="9", state="withdrawn")
    extract_of(room)
    client = client_as("assembly")
    client.post(address(room, COMMANDS[1]))
    run_jobs()
    made = CouncilDocument.objects.filter(kind="extrait").order_by("act__number")
    assert list(made.values_list("act__number", "number")) == [("1", 1), ("7", 1), ("8", 1)]
    assert "a déjà son extrait" in shown(client.post(address(room, COMMANDS[1]), follow=True))


def test_nothing_of_a_sitting_that_is_not_over(client_as: Any, authority: Any) -> None:
    sitting = make.SittingFactory(assembly__authority=authority, state="open")
    client = client_as("assembly")
    answer = client.post(f"/seances/{sitting.pk}/documents/etablir/", {"kind": "liste"}, follow=True)
    assert "La séance n'est pas levée" in shown(answer)
    assert Job.objects.count() == 0
    draft = make.ActFactory(sitting=sitting)
    with pytest.raises(DomainError, match="seul un acte délibéré"):
        tasks.start_act_document(act=draft, kind="extrait", by=None)


def test_register_of_a_period(client_as: Any, room: Room, other_authority: Any) -> None:
    client = client_as("assembly")
    form = {"assembly": room.assembly.pk, "first": "2026-01-01", "last": "2026-12-31"}
    answer = client.post(WRITE[1], form)
    assert answer.headers["Location"] == address(room, READ[0])
    kept = run_jobs()["registre"]
    assert (kept.sitting, kept.act) == (room.sitting, None)
    for bad, said in (
        ({"first": "2020-01-01", "last": "2020-12-31"}, "Aucune délibération entre"),
        ({"last": "2025-12-31"}, "La période finit avant de commencer"),
        ({"first": "hier"}, "Saisissez une date valide"),
        ({"assembly": make.AssemblyFactory(authority=other_authority).pk}, "Sélectionnez un choix valide"),
        ({"assembly": "\x00"}, "erreur à corriger"),
        ({"first": "0001-01-01", "last": "0001-01-02"}, "Aucune délibération entre"),
    ):
        page = client.post(WRITE[1], {**form, **bad})
        assert (page.status_code, said in shown(page)) == (422, True), bad


# --- minutes ---------------------------------------------------------------------------------------------------------


def minutes_form(room: Room, **said: Any) -> dict[str, Any]:
    return {"general": "Ouverture.", f"part_{room.acts[0].pk}": "Débat.", "minutes_approved_in": "", **said}


def test_minutes_are_written_part_by_part_beside_the_notes(client_as: Any, authority: Any) -> None:
    room = Room(authority, "ppp", items=1, held_on=HELD).open()
    room.vote(0)
    room.enter("note", act=room.acts[0], text="Mme M2 demande <b>le calendrier</b>.")
    client, url = client_as("assembly"), f"/seances/{room.sitting.pk}/proces-verbal/"
    page = shown(client.get(url))
    assert "Mme M2 demande &lt;b&gt;le calendrier&lt;/b&gt;." in page
    version = page.split('name="row_version" value="', 1)[1].split('"', 1)[0]
    assert client.post(url, {**minutes_form(room), "row_version": version}).status_code == 302
    room.sitting.refresh_from_db()
    assert room.sitting.minutes == f"Ouverture.\n\n=== acte {room.acts[0].pk} ===\nDébat."
    page = shown(client.get(url))
    assert "Débat." in page
    assert "Ouverture." in page


def test_minutes_wait_for_the_sitting(client_as: Any, authority: Any) -> None:
    sitting = make.SittingFactory(assembly__authority=authority)
    client, url = client_as("assembly"), f"/seances/{sitting.pk}/proces-verbal/"
    assert "à partir de l'ouverture" in shown(client.get(url))
    answer = client.post(url, {"general": "Trop tôt"})
    assert answer.status_code == 422
    sitting.refresh_from_db()
    assert sitting.minutes == ""


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"general": "a\n=== acte 4 ===\nb"}, "elle sépare les parties"),
        ({"general": "x" * 50_001}, "50"),
        ({"general": "\x00"}, "nul"),
        ({"minutes_approved_in": "99999999999999999999"}, "Sélectionnez un choix valide"),
        ({"minutes_approved_in": "abc"}, "Sélectionnez un choix valide"),
    ],
)
def test_bad_minutes_are_refused(client_as: Any, room: Room, said: dict[str, str], message: str) -> None:
    answer = client_as("assembly").post(address(room, WRITE[0]), minutes_form(room, **said))
    assert answer.status_code == 422
    assert message in shown(answer)
    assert again(room).minutes == ""


def test_approved_minutes_are_left_as_they_are(client_as: Any, room: Room) -> None:
    client, url = client_as("assembly"), address(room, WRITE[0])
    earlier = make.SittingFactory(assembly=room.assembly, held_on=HELD - timedelta(days=30))
    later = make.SittingFactory(assembly=room.assembly, held_on=HELD + timedelta(days=30), state="open")
    assert client.post(url, minutes_form(room, minutes_approved_in=earlier.pk)).status_code == 422
    assert client.post(url, minutes_form(room, minutes_approved_in=later.pk)).status_code == 302
    answer = client.post(url, minutes_form(room, minutes_approved_in=later.pk, general="Autre"))
    assert answer.status_code == 422
    assert "Le procès-verbal est arrêté" in shown(answer)
    sitting = again(room)
    sitting.minutes = "Par l'API"
    with pytest.raises(DomainError, match="ne se modifie plus"):
        services.save_sitting(instance=sitting, by=None)
    assert "Ouverture." in again(room).minutes
    for bad in (earlier, sitting):
        fresh = again(room)
        fresh.minutes_approved_in = bad
        with pytest.raises(DomainError, match=r"L2121-15\) : choisir une séance postérieure au 10/03/2026"):
            services.save_minutes(instance=fresh, by=None)


def test_draft_minutes_are_not_in_the_api_of_others(client_as: Any, room: Room) -> None:
    Sitting.objects.filter(pk=room.sitting.pk).update(minutes="Débats en cours de rédaction")
    url = f"/api/v1/seances/{room.sitting.pk}/"
    assert client_as("academy").get(url).json()["minutes"] == ""
    assert client_as("elected").get(url).json()["minutes"] == "Débats en cours de rédaction"
    later = make.SittingFactory(assembly=room.assembly, held_on=HELD + timedelta(days=30))
    Sitting.objects.filter(pk=room.sitting.pk).update(minutes_approved_in=later)
    assert client_as("academy").get(url).json()["minutes"] == "Débats en cours de rédaction"


# --- deadlines -------------------------------------------------------------------------------------------------------


def list_due(room: Room) -> Any:
    return dues_of(again(room))[0]


def minutes_due(room: Room) -> Any:
    return dues_of(again(room))[1]


def test_the_list_is_due_within_a_week(room: Room) -> None:
    due = list_due(room)
    assert (due.deadline.due_on, due.article, due.deadline.done_on) == (date(2026, 3, 17), "CGCT L2121-25", None)
    row = due_row(again(room), due, HELD)
    assert row["sentence"] == "À afficher et mettre en ligne au plus tard le 17/03/2026 (CGCT, article L2121-25)."
    assert due_badge(due.deadline, HELD) == ("avant le 17/03/2026", "info")
    assert due_badge(due.deadline, date(2026, 3, 15)) == ("avant le 17/03/2026", "warning")
    assert due_badge(due.deadline, date(2026, 3, 19)) == ("en retard de 2 jours", "danger")


def test_a_list_is_done_once_online_and_no_more_when_taken_down(room: Room) -> None:
    make_all(room)
    assert list_due(room).deadline.done_on is None
    kept = CouncilDocument.objects.get(kind="liste")
    posted = Publication.objects.create(
        document=kept, posted_at=timezone.now(), author_name="Mme M0", author_quality="Maire"
    )
    assert list_due(room).deadline.done_on == timezone.localdate()
    Publication.objects.filter(pk=posted.pk).update(withdrawn_at=timezone.now(), withdrawn_reason="Erreur")
    assert list_due(room).deadline.done_on is None


def test_where_acts_are_posted_the_list_made_is_the_one_posted(room: Room) -> None:
    room.assembly.publication = "posting"
    room.assembly.save()
    make_all(room)
    assert list_due(room).deadline.done_on == timezone.localdate()


def test_minutes_are_due_a_week_after_the_sitting_that_approves_them(room: Room) -> None:
    assert minutes_due(room).deadline.due_on is None
    assert due_row(again(room), minutes_due(room), HELD)["label"] == "à arrêter"
    later = make.SittingFactory(assembly=room.assembly, held_on=date(2026, 4, 14))
    Sitting.objects.filter(pk=room.sitting.pk).update(minutes_approved_in=later)
    due = minutes_due(room)
    assert (due.deadline.due_on, due.article) == (date(2026, 4, 21), "CGCT L2121-15")
    room.assembly.regime = "alsace_moselle"
    room.assembly.save()
    assert minutes_due(room).deadline.due_on is None
    assert "ne s'applique pas en Alsace-Moselle" in due_row(again(room), minutes_due(room), HELD)["sentence"]


def test_past_sittings_and_those_before_the_reform_owe_nothing(room: Room) -> None:
    Sitting.objects.filter(pk=room.sitting.pk).update(held_on=date(2022, 6, 30))
    assert list_due(room).deadline.due_on is None
    Sitting.objects.filter(pk=room.sitting.pk).update(held_on=date(2022, 7, 1))
    assert list_due(room).deadline.due_on == date(2022, 7, 8)
    Sitting.objects.filter(pk=room.sitting.pk).update(past=True)
    assert list_due(room).deadline.due_on is None


def test_what_is_late_is_on_the_home_page_of_who_makes_it(client_as: Any, room: Room, other_authority: Any) -> None:
    home = shown(client_as("assembly").get("/"))
    assert "Liste des délibérations examinées du 10/03/2026 à publier, en retard de" in home
    assert f"/seances/{room.sitting.pk}/documents/#echeances" in home
    assert "à publier" not in shown(client_as("elected").get("/"))
    assert "à publier" not in shown(client_as("assembly", other_authority).get("/"))


def test_deadlines_cost_the_same_with_one_and_three_sittings(room: Room) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            found = waiting_documents(Sitting.objects.all(), HELD)
        assert found
        return len(captured)

    before = cost()
    for days in (1, 2):
        make.SittingFactory(assembly=room.assembly, held_on=HELD + timedelta(days=days), state="closed")
    assert len(waiting_documents(Sitting.objects.all(), HELD)) == 3
    assert cost() == before


# --- lists, API, admin -----------------------------------------------------------------------------------------------


def counted(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    "path",
    [
        "/seances/{sitting}/documents/",
        "/documents-du-conseil/",
        "/api/v1/documents-du-conseil/",
        "/deliberations/{act}/",
    ],
)
def test_pages_cost_the_same_with_one_and_three_rows(client_as: Any, room: Room, path: str) -> None:
    client, url = client_as("assembly"), address(room, path)
    make.CouncilDocumentFactory(sitting=room.sitting, act=room.acts[0], kind="extrait")
    make.CouncilDocumentFactory(sitting=room.sitting)
    before = counted(client, url)
    for number in ("21", "22"):
        act = room.acts[0] if "{act}" in path else make.ActFactory(sitting=room.sitting, number=number, state="adopted")
        make.CouncilDocumentFactory(sitting=room.sitting, act=act, kind="extrait")
        make.CouncilDocumentFactory(sitting=room.sitting)
    assert counted(client, url) == before


def test_minutes_page_costs_the_same_whatever_the_items(client_as: Any, room: Room) -> None:
    client, url = client_as("assembly"), address(room, WRITE[0])
    before = counted(client, url)
    for number in ("21", "22"):
        make.ActFactory(sitting=room.sitting, number=number)
    assert counted(client, url) == before


def test_list_is_filtered_and_exported(client_as: Any, room: Room) -> None:
    make.CouncilDocumentFactory(sitting=room.sitting)
    make.CouncilDocumentFactory(sitting=room.sitting, act=room.acts[0], kind="extrait")
    client = client_as("assembly")
    export = client.get("/documents-du-conseil/?kind=extrait&format=csv").content.decode("utf-8-sig")
    assert len(export.splitlines()) == 2
    assert "Extrait du registre" in export
    assert "<a" not in export
    assert client.get("/documents-du-conseil/?format=xlsx").content[:2] == b"PK"
    for bad in ("kind=autre", "sitting=99999999999999999999", "created_at_after=hier", "q=%00", "act=%00"):
        assert client.get(f"/documents-du-conseil/?{bad}").status_code in {200, 400}


def test_drafts_of_another_town_are_in_no_list(client_as: Any, room: Room, other_authority: Any) -> None:
    kept = make.CouncilDocumentFactory(sitting=room.sitting)
    stranger = client_as("assembly", other_authority)
    assert f"/documents/{kept.document_id}/" not in shown(stranger.get("/documents-du-conseil/"))
    assert stranger.get(f"/documents/{kept.document_id}/").status_code == 404


API = "/api/v1/documents-du-conseil/"


def test_api_reads(client_as: Any, room: Room, other_authority: Any) -> None:
    kept = make.CouncilDocumentFactory(sitting=room.sitting)
    assert Client().get(API).status_code == 403
    assert client_as("partner").get(API).status_code == 403
    client = client_as("elected")
    row = client.get(f"{API}?kind=liste").json()["results"][0]
    assert (row["id"], row["sha256"], row["posted_at"]) == (kept.pk, kept.document.sha256, None)
    assert client_as("assembly", other_authority).get(f"{API}{kept.pk}/").status_code == 404
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(client_as("assembly"), method)(f"{API}{kept.pk}/", {}, content_type="application/json")
        assert answer.status_code in {403, 405}
    assert client_as("assembly").post(API, {}, content_type="application/json").status_code == 403


def test_api_starts(client_as: Any, room: Room, other_authority: Any) -> None:
    url, extract = f"{API}etablir/", {"kind": "extrait", "act": room.acts[0].pk}
    assert Client().post(url, extract, content_type="application/json").status_code == 403
    assert client_as("elected").post(url, extract, content_type="application/json").status_code == 403
    stranger = client_as("assembly", other_authority).post(url, extract, content_type="application/json")
    assert (stranger.status_code, list(stranger.json())) == (400, ["act"])
    client = client_as("assembly")
    answer = client.post(url, extract, content_type="application/json")
    assert (answer.status_code, answer.json()["kind"]) == (202, "deliberations.document")
    sitting = {"sitting": room.sitting.pk}
    assert client.post(url, {"kind": "liste", **sitting}, content_type="application/json").status_code == 202
    period = {"first": "2026-01-01", "last": "2026-12-31"}
    assert (
        client.post(url, {"kind": "registre", **sitting, **period}, content_type="application/json").status_code == 202
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "extrait"}, "act"),
        ({"kind": "liste"}, "sitting"),
        ({"kind": "convocation"}, "kind"),
        ({"kind": "registre", "first": "2026-02-01", "last": "2026-01-01"}, "sitting"),
        ({"kind": "extrait", "act": 10**30}, "act"),
        ({"kind": "extrait", "act": {"a": 1}}, "act"),
        ({}, "kind"),
    ],
)
def test_api_refuses_with_the_field(client_as: Any, room: Room, body: dict[str, Any], field: str) -> None:
    answer = client_as("assembly").post(f"{API}etablir/", body, content_type="application/json")
    assert (answer.status_code, field in answer.json()) == (400, True)
    assert Job.objects.count() == 0


def test_admin_shows_and_changes_nothing(admin_client: Any, room: Room) -> None:
    kept = make.CouncilDocumentFactory(sitting=room.sitting)
    url = "/technique/deliberations/councildocument/"
    assert admin_client.get(url).status_code == 200
    assert admin_client.post(f"{url}{kept.pk}/delete/", {"post": "yes"}).status_code in {302, 403}
    assert queries.visible_council_documents(admin_client_user(admin_client)).filter(pk=kept.pk).exists()


def admin_client_user(client: Any) -> Any:
    return client.get("/").wsgi_request.user
