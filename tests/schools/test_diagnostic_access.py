"""Every address of the diagnostics: signed out, wrong role, other authority, other district, right role, two roles in two towns."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from schools import services
from schools.models import Diagnostic, DiagnosticCampaign, Photo, Work
from tests.factories.accounts import DistrictFactory, MembershipFactory
from tests.factories.projects import DiagnosticCampaignFactory, DiagnosticFactory, QuestionFactory, WorkFactory
from tests.factories.schools import SchoolAssignmentFactory, SchoolClassFactory, SchoolFactory

pytestmark = pytest.mark.django_db


def picture(width: int = 20) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, 20), "navy").save(out, "JPEG")
    return out.getvalue()


def campaign_of(authority: Any) -> DiagnosticCampaign:
    return DiagnosticCampaignFactory(authority=authority)


def diagnostic_of(authority: Any) -> Diagnostic:
    return DiagnosticFactory(campaign=campaign_of(authority))


def work_of(authority: Any) -> Work:
    return WorkFactory(diagnostic=diagnostic_of(authority))


def photo_of(authority: Any) -> Photo:
    return services.add_photo(diagnostic=diagnostic_of(authority), content=picture(), by=None)


MAKERS: dict[str, Callable[[Any], Any]] = {
    "campagnes-de-diagnostics": campaign_of,
    "diagnostics": diagnostic_of,
    "travaux": work_of,
    "photos": photo_of,
}
CAMPAIGN, DIAGNOSTIC = "campagnes-de-diagnostics", "diagnostics"
READ = [
    (CAMPAIGN, "/campagnes-de-diagnostics/{pk}/"),
    (CAMPAIGN, "/campagnes-de-diagnostics/{pk}/historique/"),
    (CAMPAIGN, "/campagnes-de-diagnostics/{pk}/comparer/"),
    (DIAGNOSTIC, "/diagnostics/{pk}/"),
    (DIAGNOSTIC, "/diagnostics/{pk}/historique/"),
    (DIAGNOSTIC, "/diagnostics/{pk}/comparer/"),
    (DIAGNOSTIC, "/diagnostics/{pk}/saisie/technique/"),
    (DIAGNOSTIC, "/diagnostics/{pk}/saisie/pedagogique/"),
    ("travaux", "/travaux/{pk}/"),
    ("travaux", "/travaux/{pk}/historique/"),
    ("photos", "/photos/{pk}/"),
    ("photos", "/photos/{pk}/vignette/"),
    *((name, f"/api/v1/{name}/{{pk}}/") for name in MAKERS),
    (DIAGNOSTIC, "/api/v1/diagnostics/{pk}/reponses/"),
]
# A page to fill, and a role that sees the row and may not.
WRITTEN = [
    (CAMPAIGN, "/campagnes-de-diagnostics/{pk}/modifier/", "technician"),
    (CAMPAIGN, "/campagnes-de-diagnostics/{pk}/supprimer/", "academy"),
    (CAMPAIGN, "/campagnes-de-diagnostics/{pk}/ecoles-a-diagnostiquer/", "academy"),
    (CAMPAIGN, "/campagnes-de-diagnostics/{pk}/declencher/", "technician"),
    (DIAGNOSTIC, "/diagnostics/{pk}/modifier/", "academy"),
    (DIAGNOSTIC, "/diagnostics/{pk}/abandonner/", "technician"),
    (DIAGNOSTIC, "/diagnostics/{pk}/rouvrir/technique/", "academy"),
    (DIAGNOSTIC, "/diagnostics/{pk}/classes-volontaires/", "finance"),
    (DIAGNOSTIC, "/diagnostics/{pk}/photos/", "finance"),
    ("travaux", "/travaux/{pk}/modifier/", "academy"),
    ("travaux", "/travaux/{pk}/supprimer/", "academy"),
    ("photos", "/photos/{pk}/modifier/", "finance"),
    ("photos", "/photos/{pk}/supprimer/", "finance"),
]
# One button: the role that may press it, one that sees and may not.
PRESSED = [
    ("/diagnostics/{pk}/terminer/technique/", "technician", "academy"),
    ("/diagnostics/{pk}/terminer/pedagogique/", "academy", "education"),
    ("/diagnostics/{pk}/valider/collectivite/", "education", "technician"),
    ("/diagnostics/{pk}/valider/education-nationale/", "academy", "education"),
    ("/diagnostics/{pk}/saisie/technique/", "technician", "academy"),
    ("/diagnostics/{pk}/saisie/pedagogique/", "academy", "technician"),
    ("/diagnostics/{pk}/reponses/technique/", "technician", "academy"),
    ("/diagnostics/{pk}/reponses/pedagogique/", "academy", "technician"),
]


@pytest.mark.parametrize(("name", "path"), READ, ids=lambda value: value)
def test_a_row_opens_to_its_own_people_only(
    client_as: Any, authority: Any, other_authority: Any, name: str, path: str
) -> None:
    url = path.format(pk=MAKERS[name](authority).pk)
    signed_out = Client().get(url)
    assert signed_out.status_code == 403 or signed_out.headers["Location"].startswith("/compte/login/")
    for role in ("partner", "elected"):
        assert client_as(role).get(url).status_code == 403
    assert client_as("education", other_authority).get(url).status_code == 404
    assert client_as("academy", "057").get(url).status_code == 404
    assert client_as("academy", DistrictFactory(department="086")).get(url).status_code == 404
    assert client_as("education").get(url).status_code == 200


@pytest.mark.parametrize(("name", "path", "reader"), WRITTEN, ids=lambda value: value)
def test_reading_is_not_writing(
    client_as: Any, authority: Any, other_authority: Any, name: str, path: str, reader: str
) -> None:
    url = path.format(pk=MAKERS[name](authority).pk)
    for method in ("get", "post"):
        assert getattr(Client(), method)(url).headers["Location"].startswith("/compte/login/")
        for role in ("partner", reader):
            assert getattr(client_as(role), method)(url).status_code == 403, (method, role)
        assert getattr(client_as("education", other_authority), method)(url).status_code == 404
    assert client_as("education").get(url).status_code == 200


@pytest.mark.parametrize(("path", "role", "reader"), PRESSED, ids=lambda value: value)
def test_each_side_does_its_part(
    client_as: Any, authority: Any, other_authority: Any, path: str, role: str, reader: str
) -> None:
    row = diagnostic_of(authority)
    url = path.format(pk=row.pk)
    body = {"data": '{"typed": {}}', "content_type": "application/json"} if "reponses" in path else {}
    assert Client().post(url).status_code == 302
    assert client_as("partner").post(url, **body).status_code == 403
    assert client_as(reader).post(url, **body).status_code == 403
    far = DistrictFactory(department="086") if role == "academy" else other_authority
    assert client_as(role, far).post(url, **body).status_code == 404
    assert client_as(role).post(url, **body).status_code in {200, 302, 409}
    assert client_as(role).post(path.format(pk=row.pk).replace("que/", "x/").replace("ite/", "x/").replace("ale/", "x/"), **body).status_code == 404  # fmt: skip


@pytest.mark.parametrize("name", MAKERS)
def test_the_api_refuses_writes_of_readers_and_of_others(
    client_as: Any, authority: Any, other_authority: Any, name: str
) -> None:
    row = MAKERS[name](authority)
    url = f"/api/v1/{name}/{row.pk}/"
    assert client_as("finance").patch(url, {}, content_type="application/json").status_code == 403
    assert client_as("education", other_authority).patch(url, {}, content_type="application/json").status_code == 404
    assert client_as("education").patch(url, {}, content_type="application/json").status_code == 200
    if name != DIAGNOSTIC:
        assert client_as("finance").delete(url).status_code == 403
        assert client_as("education").delete(url).status_code == 204


@pytest.mark.parametrize("name", MAKERS)
def test_api_lists_hold_own_rows_only(client_as: Any, authority: Any, other_authority: Any, name: str) -> None:
    mine = MAKERS[name](authority)
    MAKERS[name](other_authority)
    rows = client_as("education").get(f"/api/v1/{name}/").json()
    assert [row["id"] for row in rows["results"]] == [mine.pk]
    assert client_as("partner").get(f"/api/v1/{name}/").status_code == 403
    assert Client().get(f"/api/v1/{name}/").status_code == 403


@pytest.mark.parametrize("name", [CAMPAIGN, DIAGNOSTIC, "travaux"])
@pytest.mark.parametrize("suffix", ["", "?format=csv", "?format=xlsx"])
def test_lists_and_exports(client_as: Any, authority: Any, other_authority: Any, name: str, suffix: str) -> None:
    url = f"/{name}/{suffix}"
    mine, foreign = MAKERS[name](authority), MAKERS[name](other_authority)
    assert Client().get(url).status_code == 302
    assert client_as("partner").get(url).status_code == 403
    response = client_as("education").get(url)
    assert response.status_code == 200
    if suffix == "":
        assert f"/{name}/{mine.pk}/" in response.content.decode()
        assert f"/{name}/{foreign.pk}/" not in response.content.decode()


@pytest.mark.parametrize("name", [CAMPAIGN, DIAGNOSTIC, "travaux"])
def test_a_list_asks_as_many_queries_for_three_rows_as_for_one(client_as: Any, authority: Any, name: str) -> None:
    client = client_as("education")
    counts = []
    for rows in (1, 2):
        for _ in range(rows):
            MAKERS[name](authority)
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/{name}/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "path", ["/campagnes-de-diagnostics/{pk}/", "/campagnes-de-diagnostics/{pk}/comparer/?avec={other}"]
)
def test_a_campaign_asks_as_many_queries_whatever_its_schools(client_as: Any, authority: Any, path: str) -> None:
    campaign, other = campaign_of(authority), campaign_of(authority)
    client, counts = client_as("education"), []
    for rows in (1, 2):
        for _ in range(rows):
            school = SchoolFactory(commune__authority=authority)
            for each in (campaign, other):
                DiagnosticFactory(campaign=each, school=school)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path.format(pk=campaign.pk, other=other.pk)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_people_of_a_school_read_their_own_and_write_nothing(user_as: Any, authority: Any) -> None:
    user = user_as("school")
    mine, other = diagnostic_of(authority), diagnostic_of(authority)
    SchoolAssignmentFactory(user=user, school=mine.school)
    photo = services.add_photo(diagnostic=mine, content=picture(), by=None)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    for path in ("", "saisie/technique/", "comparer/"):
        assert client.get(f"/diagnostics/{mine.pk}/{path}").status_code == 200
        assert client.get(f"/diagnostics/{other.pk}/{path}").status_code == 404
    assert client.get(f"/photos/{photo.pk}/vignette/").status_code == 200
    assert client.get(f"/documents/{photo.document_id}/").status_code == 404
    assert client.get(f"/campagnes-de-diagnostics/{mine.campaign_id}/").status_code == 200
    for path in ("terminer/technique/", "valider/collectivite/", "saisie/technique/", "abandonner/", "photos/"):
        assert client.post(f"/diagnostics/{mine.pk}/{path}").status_code == 403
    page = client.get("/diagnostics/").content.decode()
    assert f"/diagnostics/{mine.pk}/" in page
    assert f"/diagnostics/{other.pk}/" not in page


def test_an_inspector_signs_in_the_district_even_where_the_town_is_seen_by_another_role(authority: Any) -> None:
    """Technician of the town, inspector of one of its districts: the signature of the Éducation nationale holds in the district only."""
    district = DistrictFactory(department=authority.department)
    user = MembershipFactory(role="academy", authority=None, district=district).user
    MembershipFactory(role="technician", authority=authority, user=user)
    inside, outside = diagnostic_of(authority), diagnostic_of(authority)
    inside.school.district = district
    inside.school.save()
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    for row, code in ((inside, 302), (outside, 403)):
        assert client.get(f"/diagnostics/{row.pk}/").status_code == 200
        assert client.post(f"/diagnostics/{row.pk}/saisie/pedagogique/").status_code == code
        assert client.post(f"/diagnostics/{row.pk}/terminer/pedagogique/").status_code == code
        assert client.post(f"/diagnostics/{row.pk}/terminer/technique/").status_code == 302
        body = {"side": "academy"}
        url = f"/api/v1/diagnostics/{row.pk}/valider/"
        assert client.post(url, body, content_type="application/json").status_code == (200 if code == 302 else 403)


def test_two_roles_in_two_towns_stay_apart(authority: Any, other_authority: Any) -> None:
    """Education here, elected there: nothing of the diagnostics there, not even the campaign's name."""
    user = MembershipFactory(role="education", authority=authority).user
    MembershipFactory(role="elected", authority=other_authority, user=user)
    SchoolFactory(commune__authority=other_authority)
    row = diagnostic_of(other_authority)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/diagnostics/{row.pk}/").status_code == 404
    assert client.get(f"/campagnes-de-diagnostics/{row.campaign_id}/").status_code == 404
    assert client.post(f"/diagnostics/{row.pk}/valider/collectivite/").status_code == 404
    assert client.get("/diagnostics/").status_code == 200


def test_a_technician_here_writes_no_works_where_only_seen(authority: Any, other_authority: Any) -> None:
    user = MembershipFactory(role="technician", authority=authority).user
    MembershipFactory(role="finance", authority=other_authority, user=user)
    row = diagnostic_of(other_authority)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    data = {
        "diagnostic": row.pk,
        "nature": "wifi",
        "label": "x",
        "payer": "commune",
        "vat_rate": "20",
        "state": "to_do",
    }
    assert client.post("/travaux/nouveau/", data).status_code == 422
    assert client.post("/api/v1/travaux/", data, content_type="application/json").status_code == 400
    assert client.post(f"/diagnostics/{row.pk}/terminer/technique/").status_code == 403
    assert not Work.objects.exists()


def test_the_family_of_a_trigger_is_of_its_side(client_as: Any, authority: Any) -> None:
    campaign = campaign_of(authority)
    school = SchoolFactory(commune__authority=authority)
    url = f"/campagnes-de-diagnostics/{campaign.pk}/declencher/"
    data = {"school": school.pk, "reason": "Dit pourquoi", "triggered_on": "2026-01-05"}
    assert client_as("academy").post(url, {**data, "trigger": "building"}).status_code == 422
    assert client_as("education").post(url, {**data, "trigger": "team_training"}).status_code == 422
    body = {"campaign": campaign.pk, **data, "family": "education", "trigger": "team_training"}
    post = {"content_type": "application/json"}
    assert client_as("education").post("/api/v1/diagnostics/", body, **post).status_code == 403
    assert client_as("academy").post("/api/v1/diagnostics/", {**body, "family": "owner"}, **post).status_code == 403
    assert client_as("academy").post(url, {**data, "trigger": "team_training"}).status_code == 302
    row = Diagnostic.objects.get()
    assert (row.family, row.trigger) == ("education", "team_training")
    assert client_as("education").get(f"/diagnostics/{row.pk}/abandonner/").status_code == 403
    assert client_as("academy").get(f"/diagnostics/{row.pk}/abandonner/").status_code == 200


def test_the_worker_is_a_script_of_ones_own_host(client_as: Any) -> None:
    assert Client().get("/diagnostics/hors-ligne.js").status_code == 302
    assert client_as("partner").get("/diagnostics/hors-ligne.js").status_code == 403
    answer = client_as("technician").get("/diagnostics/hors-ligne.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "saisie-" in answer.content.decode()


def test_a_photo_is_served_as_a_picture_and_asked_again(client_as: Any, authority: Any) -> None:
    photo = photo_of(authority)
    client = client_as("technician")
    answer = client.get(f"/photos/{photo.pk}/")
    assert (answer.headers["Content-Type"], answer.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    again = client.get(f"/photos/{photo.pk}/", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_photos_come_in_by_the_form_by_script_and_by_the_api(client_as: Any, authority: Any) -> None:
    row = diagnostic_of(authority)
    client, url = client_as("technician"), f"/diagnostics/{row.pk}/photos/"

    def file(width: int, name: str = "IMG_0001.jpg") -> SimpleUploadedFile:
        return SimpleUploadedFile(name, picture(width) if width else b"pas une photo", "image/jpeg")

    assert client.post(url, {"photo": file(30), "caption": "Baie"}).status_code == 302
    bad = client.post(url, {"photo": file(0)})
    assert bad.status_code == 422
    assert "ni une photo JPEG ni une image PNG" in bad.content.decode()
    scripted = {"headers": {"Accept": "application/json"}}
    sent = client.post(
        url, {"photo": file(31), "taken_at": "2026-01-05T10:00:00Z", "clock": "2026-01-05T10:00:05Z"}, **scripted
    )
    assert sent.status_code == 201
    assert client.get(sent.json()["thumbnail"]).status_code == 200
    assert client.post(url, {"photo": file(0)}, **scripted).json()["message"].startswith("Ce fichier n'est ni")
    assert client.post(url, {}, **scripted).status_code == 409
    made = client.post("/api/v1/photos/", {"diagnostic": row.pk, "photo": file(32), "caption": "Par l'API"})
    assert made.status_code == 201, made.content
    assert client.post("/api/v1/photos/", {"diagnostic": row.pk, "photo": file(0)}).status_code == 400
    assert client.post("/api/v1/photos/", {"diagnostic": row.pk}).status_code == 400
    other = diagnostic_of(authority)
    changed = client.patch(
        f"/api/v1/photos/{made.json()['id']}/",
        {"caption": "Autre", "diagnostic": other.pk},
        content_type="application/json",
    )
    assert changed.status_code == 200
    assert Photo.objects.get(pk=made.json()["id"]).diagnostic == row


def test_answers_come_in_late_and_the_last_typed_stays(client_as: Any, user_as: Any, authority: Any) -> None:
    row = diagnostic_of(authority)
    sheet = row.campaign.technical
    QuestionFactory(questionnaire=sheet, code="reseau", text="Réseau")
    QuestionFactory(questionnaire=sheet, code="prises", text="Prises", kind="integer", lowest=0, highest=50)
    QuestionFactory(questionnaire=row.campaign.pedagogical, code="usage")
    url = f"/diagnostics/{row.pk}/reponses/technique/"

    def send(client: Client, typed: dict[str, Any], clock: str = "2026-01-05T12:00:00Z") -> Any:
        body = {"clock": clock, "typed": typed}
        return client.post(url, body, content_type="application/json")

    first, second = client_as("technician"), Client()
    colleague = user_as("education")
    second.force_login(colleague, backend="django.contrib.auth.backends.ModelBackend")
    kept = send(second, {"q-reseau": {"value": "Fibre", "typed_at": "2026-01-05T11:00:00Z"}})
    assert kept.json()["results"]["q-reseau"]["outcome"] == "kept"
    late = send(
        first,
        {
            "q-reseau": {"value": "ADSL", "typed_at": "2026-01-05T10:00:00Z"},
            "q-prises": {"value": "99", "typed_at": "2026-01-05T11:30:00Z"},
            "q-usage": {"value": "x", "typed_at": "2026-01-05T11:30:00Z"},
        },
    ).json()["results"]
    assert late["q-reseau"]["message"] == f"Une réponse plus récente de {colleague} a été gardée : « Fibre »."
    assert late["q-reseau"]["value"] == "Fibre"
    assert (late["q-prises"]["outcome"], late["q-usage"]["outcome"]) == ("refused", "refused")
    assert "de 0 à 50" in late["q-prises"]["message"]
    assert send(first, {}).status_code == 200
    assert first.post(url, "pas du JSON", content_type="application/json").status_code == 409
    services.finish_half(diagnostic=row, half="technical", by=None)
    locked = send(first, {"q-reseau": {"value": "Tard", "typed_at": "2026-01-05T11:59:00Z"}})
    assert (locked.status_code, "terminée" in locked.json()["message"]) == (409, True)


def test_the_form_works_without_script(client_as: Any, authority: Any) -> None:
    row = diagnostic_of(authority)
    sheet = row.campaign.technical
    QuestionFactory(questionnaire=sheet, code="cable", text="Câblée ?", kind="yes_no", required=True, section="Réseaux")
    QuestionFactory(questionnaire=sheet, code="prises", text="Prises", kind="integer", lowest=0, highest=50)
    client, url = client_as("technician"), f"/diagnostics/{row.pk}/saisie/technique/"
    page = client.get(url).content.decode()
    assert "Réseaux" in page
    bad = client.post(url, {"q-cable": "oui", "q-prises": "cent"})
    assert bad.status_code == 422
    assert "« cent » n&#x27;est pas accepté" in bad.content.decode()
    assert client.post(url, {"q-prises": "4"}).status_code == 302
    Diagnostic.objects.get(pk=row.pk).answers.filter(question__code="cable").delete()
    missing = client.post(url, {"terminer": "1"})
    assert missing.status_code == 422
    assert "Réponse obligatoire pour terminer cette partie." in missing.content.decode()
    done = client.post(url, {"q-cable": "non", "terminer": "1"})
    assert done.headers["Location"] == f"/diagnostics/{row.pk}/"
    read = client.get(url).content.decode()
    assert "Non" in read
    assert "data-survey " not in read


def test_works_are_entered_followed_and_exported(client_as: Any, authority: Any) -> None:
    row = diagnostic_of(authority)
    client = client_as("technician")
    data = {
        "diagnostic": row.pk, "nature": "cabling", "label": "Câblage", "payer": "commune", "amount_ht": "1 000,05",
        "vat_rate": "20", "estimate": "on", "state": "to_do",
    }  # fmt: skip
    assert client.get(f"/travaux/nouveau/?diagnostic={row.pk}").status_code == 200
    assert client.post("/travaux/nouveau/", data).status_code == 302
    bad = client.post("/travaux/nouveau/", {**data, "payer": "ogec"})
    assert bad.status_code == 422
    assert "privées" in bad.content.decode()
    assert client.post("/travaux/nouveau/", {**data, "amount_ht": "mille"}).status_code == 422
    work = Work.objects.get()
    page = client.get(f"/diagnostics/{row.pk}/").content.decode()
    assert "1\u202f200,06\u202f€" in page
    csv = client.get("/travaux/?format=csv&columns=label,ttc,payer,state").content.decode("utf-8-sig")
    assert csv.splitlines()[1] == "Câblage;La commune;1200,06;À faire"
    api = client.get(f"/api/v1/travaux/{work.pk}/").json()
    assert (api["amount_ht"], api["amount_vat"], api["amount_ttc"]) == ("1000.05", "200.01", "1200.06")
    assert client.post("/travaux/", {"action": "faits", "ids": [work.pk]}).status_code == 302
    work.refresh_from_db()
    assert work.state == "done"
    for query in (
        "state=done",
        "payer=commune",
        f"commune={row.school.commune_id}",
        "priced=true",
        "due_on_after=2026-01-01",
    ):
        assert client.get(f"/travaux/?{query}").status_code == 200


def test_a_diagnostic_from_trigger_to_signatures_by_its_pages(client_as: Any, authority: Any) -> None:
    row = diagnostic_of(authority)
    base = f"/diagnostics/{row.pk}"
    education, academy, technician = (client_as(role) for role in ("education", "academy", "technician"))
    refused = education.post(f"{base}/valider/collectivite/", headers={"Referer": f"http://testserver{base}/"})
    assert refused.status_code == 302
    assert "la partie technique ne l&#x27;est pas" in education.get(f"{base}/").content.decode()
    technician.post(f"{base}/terminer/technique/")
    academy.post(f"{base}/terminer/pedagogique/")
    assert technician.post(f"{base}/rouvrir/technique/", {"reason": ""}).status_code == 422
    assert technician.post(f"{base}/rouvrir/technique/", {"reason": "Oubli"}).status_code == 302
    technician.post(f"{base}/terminer/technique/")
    education.post(f"{base}/valider/collectivite/")
    academy.post(f"{base}/valider/education-nationale/")
    row.refresh_from_db()
    assert row.state == "signed"
    page = education.get(f"{base}/").content.decode()
    assert "Validé des deux côtés" in page
    assert "Abandonner" not in page
    assert "Choisir les classes volontaires" not in page
    assert education.post(f"{base}/abandonner/", {"reason": "Trop tard"}).status_code == 422


def test_comparisons_show_only_what_changed(client_as: Any, authority: Any) -> None:
    first, last = campaign_of(authority), campaign_of(authority)
    school = SchoolFactory(commune__authority=authority)
    rows = []
    for campaign, value in ((first, "ADSL"), (last, "Fibre")):
        QuestionFactory(questionnaire=campaign.technical, code="reseau", text="Réseau ?")
        QuestionFactory(questionnaire=campaign.technical, code="meme", text="Pareil ?")
        row = DiagnosticFactory(campaign=campaign, school=school)
        typed = {"reseau": (value, None), "meme": ("Oui", None)}
        services.save_answers(owner=row, typed=typed, by=None, questionnaire=campaign.technical)
        rows.append(row)
    client = client_as("education")
    page = client.get(f"/diagnostics/{rows[1].pk}/comparer/").content.decode()
    assert "ADSL" in page
    assert "Pareil ?" not in page
    whole = client.get(f"/campagnes-de-diagnostics/{last.pk}/comparer/?avec={first.pk}").content.decode()
    assert "Fibre" in whole
    csv = client.get(f"/campagnes-de-diagnostics/{last.pk}/comparer/?avec={first.pk}&format=csv")
    assert csv.content.decode("utf-8-sig").splitlines()[1].endswith(";Réseau ?;reseau;ADSL;Fibre")
    assert client.get(f"/campagnes-de-diagnostics/{last.pk}/comparer/?avec=abc&format=csv").status_code == 200


def test_suggestions_are_ticked_and_triggered(client_as: Any, authority: Any) -> None:
    campaign = campaign_of(authority)
    school = SchoolFactory(commune__authority=authority, priority_district=True)
    client, url = client_as("education"), f"/campagnes-de-diagnostics/{campaign.pk}/ecoles-a-diagnostiquer/"
    assert "quartier prioritaire" in client.get(url).content.decode()
    assert client.post(url, {}).status_code == 302
    assert client.post(url, {"ids": [school.pk, "x"]}).status_code == 302
    assert Diagnostic.objects.get().trigger == "priority_district"


def test_a_diagnostic_from_trigger_to_signatures_by_the_api(client_as: Any, authority: Any) -> None:
    campaign, school = campaign_of(authority), SchoolFactory(commune__authority=authority)
    QuestionFactory(questionnaire=campaign.technical, code="reseau", text="Réseau ?", required=True)
    education, academy, technician = (client_as(role) for role in ("education", "academy", "technician"))

    def post(client: Client, path: str, **body: Any) -> Any:
        return client.post(f"/api/v1/diagnostics/{path}", body, content_type="application/json")

    made = post(
        education, "", campaign=campaign.pk, school=school.pk, family="owner", trigger="building", reason="Extension",
        triggered_on="2026-01-05",
    )  # fmt: skip
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    again = post(education, "", **{**made.json(), "trigger": "call"})
    assert again.status_code == 400
    assert post(technician, f"{pk}/terminer/", half="technical").status_code == 400
    saved = post(technician, f"{pk}/saisir/", half="technical", answers=[{"code": "reseau", "value": "Fibre"}])
    assert saved.json()[0]["outcome"] == "kept"
    assert technician.get(f"/api/v1/diagnostics/{pk}/reponses/").json()[0]["shown"] == "Fibre"
    assert post(academy, f"{pk}/saisir/", half="technical", answers=[]).status_code == 403
    assert post(technician, f"{pk}/terminer/", half="technical").json()["stage"] == "technical_done"
    assert post(technician, f"{pk}/rouvrir/", half="technical").status_code == 400
    assert post(technician, f"{pk}/rouvrir/", half="technical", reason="Oubli").json()["stage"] == "in_progress"
    post(technician, f"{pk}/terminer/", half="technical")
    post(academy, f"{pk}/terminer/", half="pedagogical")
    assert post(technician, f"{pk}/valider/", side="town").status_code == 403
    assert post(education, f"{pk}/valider/", side="town").json()["stage"] == "town_signed"
    assert post(academy, f"{pk}/valider/", side="academy").json()["stage"] == "signed"
    assert post(education, f"{pk}/abandonner/", reason="Trop tard").status_code == 400
    assert post(education, f"{pk}/terminer/", half="autre").status_code == 400
    other = diagnostic_of(authority)
    assert post(education, f"{other.pk}/abandonner/", reason="École fermée").json()["stage"] == "cancelled"


def test_what_was_told_at_the_trigger_is_corrected_until_a_side_signs(client_as: Any, authority: Any) -> None:
    row = diagnostic_of(authority)
    client, url = client_as("education"), f"/diagnostics/{row.pk}/modifier/"
    data = {
        "trigger": "call",
        "told": "Retenue en 2026",
        "triggered_on": "2026-02-03",
        "visit_on": "",
        "reason": "Erreur",
    }
    assert client.post(url, {**data, "trigger": "building"}).status_code == 422
    assert client.post(url, {**data, "told": ""}).status_code == 422
    assert client.post(url, data).status_code == 302
    row.refresh_from_db()
    assert (row.trigger, row.reason) == ("call", "Retenue en 2026")
    for half in ("technical", "pedagogical"):
        services.finish_half(diagnostic=row, half=half, by=None)
    services.sign_diagnostic(diagnostic=row, side="town", by=None)
    assert client.post(url, data).status_code == 422


@pytest.mark.parametrize(
    "stage", ["in_progress", "technical_done", "to_sign", "town_signed", "signed", "cancelled", "x"]
)
def test_lists_are_filtered_by_stage(client_as: Any, authority: Any, stage: str) -> None:
    row = diagnostic_of(authority)
    page = client_as("education").get(f"/diagnostics/?stage={stage}").content.decode()
    assert (f"/diagnostics/{row.pk}/" in page) == (stage == "in_progress")


def test_the_api_does_not_choose_volunteers(client_as: Any, authority: Any) -> None:
    """Their number is held by the rules of the packs, on their page."""
    diagnostic = DiagnosticFactory(campaign__authority=authority, school__commune__authority=authority)
    school_class = SchoolClassFactory(school=diagnostic.school, school_year=diagnostic.campaign.school_year)
    url = f"/api/v1/diagnostics/{diagnostic.pk}/"
    client = client_as("education")
    version = client.get(url).headers["ETag"]
    answer = client.patch(
        url, {"volunteers": [school_class.pk]}, content_type="application/json", headers={"If-Match": version}
    )
    assert (answer.status_code, answer.json()["volunteers"]) == (200, [])
    assert not diagnostic.volunteers.exists()
