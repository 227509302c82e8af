"""Pages and API of the drafting: who may open them, what they say, what they refuse."""

import html
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from deliberations import services
from deliberations.models import Act, ActClause, ActTemplate, Annex, CommissionOpinion
from deliberations.queries.versions import digest_of, snapshot
from governance.models import ProgrammeVersion
from plan_numerique.accounts.models import Membership
from tests.factories import deliberations as make
from tests.factories import drafting as draft
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.governance import PlanFactory, ScenarioFactory

JSON = {"content_type": "application/json"}


@pytest.fixture
def client(client_as: Any) -> Client:
    result: Client = client_as("assembly")
    return result


def drafted(authority: Any, **fields: Any) -> Act:
    act: Act = make.ActFactory(
        sitting__assembly__authority=authority,
        sitting__held_on=date(2026, 12, 14),
        title="Programme des écoles",
        **fields,
    )
    make.ActClauseFactory(act=act, position=1, kind="visa", text="le code,")
    make.ActClauseFactory(act=act, position=2, text="le plan ;", verb="approuve")
    return act


@pytest.fixture
def act(authority: Any) -> Act:
    return drafted(authority)


def shown(response: Any) -> str:
    return html.unescape(response.content.decode())


def client_of(*memberships: dict[str, Any]) -> Client:
    user = UserFactory()
    for held in memberships:
        MembershipFactory(user=user, **held)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def rows_of(act: Act) -> dict[str, int]:
    services.open_circuit(act=act, by=None)
    return {
        "act": act.pk,
        "clause": act.clauses.get(position=1).pk,
        "version": act.versions.get().pk,
        "visa": act.visas.get(stage="service").pk,
        "figure": draft.ActFigureFactory(act=act).pk,
        "opinion": draft.CommissionOpinionFactory(act=act).pk,
        "annex": draft.AnnexFactory(act=act).pk,
        "template": draft.ActTemplateFactory(authority=act.sitting.assembly.authority).pk,
    }


# address: (roles let in, what another authority's clerk gets); the sitting is not convened, so the elected see no draft.
STAFF = {"assembly", "administrator", "education", "finance", "technician"}
EDITORS = {"assembly", "administrator"}
SIGNERS = {"assembly", "administrator", "education", "finance"}
PAGES = {
    "/a-viser/": (SIGNERS | {"elected"}, 200),
    "/annexes/": (STAFF | {"elected", "academy"}, 200),
    "/avis-des-commissions/": (STAFF | {"elected", "academy"}, 200),
    "/modeles-d-actes/": (STAFF, 200),
    "/modeles-d-actes/nouveau/": (EDITORS, 200),
    "/modeles-d-actes/{template}/": (STAFF, 404),
    "/modeles-d-actes/{template}/historique/": (STAFF, 404),
    "/modeles-d-actes/{template}/modifier/": (EDITORS, 404),
    "/modeles-d-actes/{template}/supprimer/": (EDITORS, 404),
    "/deliberations/rediger/": (EDITORS, 200),
    "/deliberations/{act}/composer/": (EDITORS, 404),
    "/deliberations/{act}/note/": (EDITORS, 404),
    "/deliberations/{act}/versions/": (STAFF, 404),
    "/deliberations/{act}/visas/": (SIGNERS, 404),
    "/deliberations/{act}/adopter-le-scenario/": ({"administrator", "education"}, None),
    "/versions-des-actes/{version}/retablir/": (EDITORS, 404),
    "/annexes/{annex}/fichier/": (STAFF, 404),
    "/annexes/{annex}/modifier/": (EDITORS, 404),
    "/annexes/{annex}/supprimer/": (EDITORS, 404),
    "/annexes/nouveau/?act={act}": (EDITORS, 200),
    "/avis-des-commissions/{opinion}/modifier/": (EDITORS, 404),
    "/avis-des-commissions/{opinion}/supprimer/": (EDITORS, 404),
    "/avis-des-commissions/nouveau/?act={act}": (EDITORS, 200),
}
POSTS = {
    "/deliberations/{act}/visas/": SIGNERS,
    "/deliberations/{act}/modele/": EDITORS,
    "/deliberations/{act}/versions/garder/": EDITORS,
    "/deliberations/{act}/adopter-le-scenario/": {"administrator", "education"},
    "/versions-des-actes/{version}/retablir/": EDITORS,
    "/textes-des-actes/{clause}/deplacer/": EDITORS,
    "/modeles-d-actes/{template}/copier/": EDITORS,
}
ENDPOINTS = {
    "modeles-d-actes": ("template", STAFF),
    "chiffres-des-actes": ("figure", STAFF),
    "versions-des-actes": ("version", STAFF),
    "visas": ("visa", SIGNERS),
    "avis-des-commissions": ("opinion", STAFF),
    "annexes": ("annex", STAFF),
}
ROLES = ("assembly", "administrator", "education", "finance", "technician", "elected", "academy", "school", "partner")


@pytest.mark.parametrize("address", PAGES)
def test_pages(client_as: Any, act: Act, other_authority: Any, address: str) -> None:
    allowed, elsewhere = PAGES[address]
    url = address.format(**rows_of(act))
    assert Client().get(url).headers["Location"].startswith("/compte/login/")
    for role in ROLES:
        status = client_as(role).get(url).status_code
        assert status == 200 if role in allowed else status in (403, 404), (role, status)
    if elsewhere is not None:
        assert client_as("assembly", other_authority).get(url).status_code == elsewhere


@pytest.mark.parametrize("address", POSTS)
def test_posts(client_as: Any, act: Act, other_authority: Any, address: str) -> None:
    url = address.format(**rows_of(act))
    before = Act.objects.count(), ActClause.objects.count(), ActTemplate.objects.count()
    assert Client().post(url).status_code == 302
    for role in (each for each in ROLES if each not in POSTS[address]):
        assert client_as(role).post(url).status_code in (403, 404), role
    assert client_as("administrator", other_authority).post(url).status_code == 404
    assert before == (Act.objects.count(), ActClause.objects.count(), ActTemplate.objects.count())
    for role in POSTS[address]:
        assert client_as(role).post(url, {"step": "service"}).status_code in (302, 403, 422)


@pytest.mark.parametrize("prefix", ENDPOINTS)
def test_api(client_as: Any, act: Act, other_authority: Any, prefix: str) -> None:
    name, allowed = ENDPOINTS[prefix]
    key = rows_of(act)[name]
    for url in (f"/api/v1/{prefix}/", f"/api/v1/{prefix}/{key}/"):
        assert Client().get(url).status_code == 403
        for role in ROLES:
            answer = client_as(role).get(url)
            found = answer.status_code == 200 and answer.json().get("count", 1) >= 1
            assert found == (role in allowed), (role, answer.status_code)
    assert client_as("assembly", other_authority).get(f"/api/v1/{prefix}/{key}/").status_code == 404
    for method in ("patch", "put", "delete"):
        assert getattr(client_as("finance"), method)(f"/api/v1/{prefix}/{key}/", {}, **JSON).status_code in (403, 405)
    assert client_as("finance").post(f"/api/v1/{prefix}/", {}, **JSON).status_code in (403, 405)


def test_somebody_with_other_roles_elsewhere(act: Act, authority: Any, other_authority: Any) -> None:
    """Elected here, clerk there: the drafts of here stay closed, and nothing of here is written."""
    rows = rows_of(act)
    own = drafted(other_authority)
    client = client_of({"role": "elected", "authority": authority}, {"role": "assembly", "authority": other_authority})
    for page in ("composer", "note", "versions", "visas"):
        assert client.get(f"/deliberations/{act.pk}/{page}/").status_code == 404
        assert client.get(f"/deliberations/{own.pk}/{page}/").status_code == 200
    assert client.get(f"/annexes/{rows['annex']}/fichier/").status_code == 404
    assert client.get(f"/modeles-d-actes/{rows['template']}/").status_code == 404
    assert client.post(f"/textes-des-actes/{rows['clause']}/deplacer/", {"sens": "bas"}).status_code == 404
    act.sitting.state = "convened"
    act.sitting.save()
    assert client.post(f"/textes-des-actes/{rows['clause']}/deplacer/", {"sens": "bas"}).status_code == 403
    assert client.get(f"/deliberations/{act.pk}/versions/").status_code == 403
    assert len(client.get("/a-viser/").context["table"].rows) == 0


def test_a_visa_is_given_where_the_role_is_held(act: Act, authority: Any, other_authority: Any) -> None:
    services.open_circuit(act=act, stages=["finance"], by=None)
    client = client_of({"role": "education", "authority": authority}, {"role": "finance", "authority": other_authority})
    assert client.get(f"/deliberations/{act.pk}/visas/").status_code == 200
    sent = {"step": "finance", "seen": digest_of(snapshot(act)), "decision": "viser"}
    assert client.post(f"/deliberations/{act.pk}/visas/", sent).status_code == 403
    assert act.visas.get().state == "waiting"


def test_the_mayor_sees_a_draft_at_the_last_visa(act: Act, authority: Any, client: Client) -> None:
    services.open_circuit(act=act, stages=["legal", "mayor"], by=None)
    mayor, url = client_of({"role": "elected", "authority": authority}), f"/deliberations/{act.pk}/visas/"
    mandate = make.MandateFactory(assembly=act.sitting.assembly, function="Maire")
    make.MemberContactFactory(mandate=mandate, user=Membership.objects.get(role="elected").user)
    assert mayor.get(url).status_code == 404
    assert "Aucun projet" in shown(mayor.get("/a-viser/"))
    sent = {"seen": digest_of(snapshot(act)), "decision": "viser"}
    assert client.post(url, {"step": "legal", **sent}).headers["Location"] == url
    annex = draft.AnnexFactory(act=act)
    page = shown(mayor.get(url))
    assert "Texte soumis" in page
    assert f"/annexes/{annex.pk}/fichier/" in page
    assert mayor.get(f"/annexes/{annex.pk}/fichier/").status_code == 200
    assert "Rédaction" not in page
    assert "Programme des écoles" in shown(mayor.get("/a-viser/"))
    assert mayor.get(f"/deliberations/{act.pk}/").status_code == 404
    refused = mayor.post(url, {"step": "mayor", **sent, "decision": "renvoyer"})
    assert (refused.status_code, "dit pourquoi" in shown(refused)) == (422, True)
    assert mayor.post(url, {"step": "mayor", **sent}).status_code == 302
    assert act.visas.get(stage="mayor").given_by.memberships.get().role == "elected"


def test_a_visa_is_given_from_its_page(act: Act, client: Client) -> None:
    url = f"/deliberations/{act.pk}/visas/"
    assert "Soumettre aux visas" in shown(client.get(url))
    refused = client.post(url, {"stages": []})
    assert (refused.status_code, "Choisir au moins un visa" in shown(refused)) == (422, True)
    assert client.post(url, {"stages": ["x\x00"]}).status_code == 422
    assert client.post(url, {"stages": ["legal"]}).status_code == 302
    assert "1 projet d'acte à viser" in shown(client.get("/"))
    for sent in ({"step": "legal"}, {"step": "legal", "seen": "x"}, {"step": "legal", "seen": "x" * 99}):
        assert client.post(url, sent).status_code == 422
    assert client.post(url, {"step": "l\x00"}).status_code == 403
    page = shown(client.post(url, {"step": "legal", "seen": "0" * 64}))
    assert "a changé depuis sa lecture" in page
    sent = {"step": "legal", "seen": digest_of(snapshot(act)), "remark": "Vu."}
    assert client.post(url, sent).status_code == 302
    page = shown(client.get(url))
    assert "« Vu. »" in page
    assert "Tous les visas sont donnés" in page


def test_an_act_is_drafted_then_completed(client: Client, authority: Any) -> None:
    sitting = make.SittingFactory(assembly__authority=authority)
    template = draft.ActTemplateFactory(authority=authority)
    scenario = ScenarioFactory(plan=PlanFactory(authority=authority))
    draft.computed_run(scenario)
    sent = {"sitting": sitting.pk, "template": template.pk, "title": "", "scenario": scenario.pk}
    answer = client.post("/deliberations/rediger/", sent)
    act = Act.objects.get()
    assert answer.headers["Location"] == f"/deliberations/{act.pk}/composer/"
    page = shown(client.get(answer.headers["Location"]))
    assert "le plan, pour 1\u202f200,00\u202f€." in page
    new = f"/textes-des-actes/nouveau/?act={act.pk}&kind=visa&position=2"
    page = shown(client.get(new))
    assert "[[tableau-financement]]" in page
    fields = {"act": act.pk, "position": 2, "kind": "visa", "level": 1, "verb": "", "rich": "on"}
    refused = client.post("/textes-des-actes/nouveau/", {**fields, "text": "<p>[[inconnu]]</p>"})
    assert (refused.status_code, refused.context["form"].errors["text"][0][:27]) == (422, "Chiffre inconnu : [[inconnu")
    for text in ("", "a\x00b", "x" * 60_000):
        assert client.post("/textes-des-actes/nouveau/", {**fields, "text": text}).status_code == 422
    assert act.clauses.count() == 2
    saved = client.post("/textes-des-actes/nouveau/", {**fields, "text": "<p onclick=x>la <b>loi</b>,</p>"})
    clause = act.clauses.get(position=2)
    assert saved.headers["Location"] == f"/deliberations/{act.pk}/composer/#passage-{clause.pk}"
    assert "<b>Vu</b> la <strong>loi</strong>,<" in client.get(f"/deliberations/{act.pk}/composer/").content.decode()
    client.post(f"/textes-des-actes/{clause.pk}/deplacer/", {"sens": "haut"})
    clause.refresh_from_db()
    assert clause.position == 1
    assert "déjà au début" in shown(
        client.post(f"/textes-des-actes/{clause.pk}/deplacer/", {"sens": "haut"}, follow=True)
    )


@pytest.mark.parametrize(
    "sent", [{}, {"sitting": "x"}, {"sitting": "9" * 40}, {"title": "x" * 301}, {"title": "a\x00"}, {"plan": "1\x00"}]
)
def test_a_bad_draft_is_refused(client: Client, authority: Any, sent: dict[str, str]) -> None:
    sitting = make.SittingFactory(assembly__authority=authority)
    assert client.get("/deliberations/rediger/", {"sitting": "x\x00", "plan": "9" * 40}).status_code == 200
    assert client.post("/deliberations/rediger/", {"sitting": sitting.pk, **sent}).status_code == 422
    assert not Act.objects.exists()


def test_a_closed_or_past_sitting_takes_no_draft(client: Client, authority: Any, other_authority: Any) -> None:
    for sitting in (
        make.SittingFactory(assembly__authority=authority, past=True),
        make.SittingFactory(assembly__authority=authority, state="closed"),
        make.SittingFactory(assembly__authority=other_authority),
    ):
        assert client.post("/deliberations/rediger/", {"sitting": sitting.pk, "title": "A"}).status_code == 422


def test_versions_are_compared_and_restored(client: Client, act: Act) -> None:
    url = f"/deliberations/{act.pk}/versions/"
    assert "Aucune version" in shown(client.get(url))
    assert "version 1 est gardée" in shown(client.post(f"{url}garder/", follow=True))
    assert "n'a pas changé" in shown(client.post(f"{url}garder/", follow=True))
    clause = act.clauses.get(position=2)
    clause.text = "le programme ;"
    services.save_clause(instance=clause, by=None)
    page = client.get(url).content.decode()
    assert '<del><span class="vh"> [supprimé : </span>plan<span' in page
    assert '<ins><span class="vh"> [ajouté : </span>programme<span' in page
    first = act.versions.get()
    assert client.get(url, {"before": first.pk, "after": ""}).status_code == 200
    for bad in ("x", "9" * 40, "\x00", draft.ActVersionFactory().pk):
        assert client.get(url, {"before": bad}).status_code == 200
    page = shown(client.get(f"/versions-des-actes/{first.pk}/retablir/"))
    assert "Revenir à la version 1" in page
    client.post(f"/versions-des-actes/{first.pk}/retablir/")
    assert act.clauses.get(position=2).text == "le plan ;"
    again = client.post(f"/versions-des-actes/{first.pk}/retablir/", follow=True)
    assert "Le texte est déjà celui de la version 1" in shown(again)


def upload(name: str = "convention.pdf", content: bytes = draft.PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_an_annex_is_joined_read_and_taken_away(client: Client, act: Act) -> None:
    sent = {"act": act.pk, "title": "Convention", "public": "on"}
    assert client.post("/annexes/nouveau/", sent).status_code == 422
    refused = client.post("/annexes/nouveau/", {**sent, "file": upload("a.exe", b"MZ")})
    assert (refused.status_code, "« a.exe » n'est pas accepté" in shown(refused)) == (422, True)
    assert client.post("/annexes/nouveau/", {**sent, "file": upload()}).status_code == 302
    annex = Annex.objects.get()
    file = client.get(f"/annexes/{annex.pk}/fichier/")
    assert (file.content, file.headers["Content-Disposition"]) == (draft.PDF, 'inline; filename="convention.pdf"')
    assert "attachment" in client.get(f"/annexes/{annex.pk}/fichier/?telecharger").headers["Content-Disposition"]
    edit = {"act": act.pk, "position": 4, "title": "Convention cadre", "row_version": ""}
    page = client.get(f"/annexes/{annex.pk}/modifier/")
    edit["row_version"] = page.context["row_version"]
    assert client.post(f"/annexes/{annex.pk}/modifier/", edit).status_code == 302
    annex.refresh_from_db()
    assert (annex.title, annex.public, annex.position) == ("Convention cadre", False, 4)
    assert "Convention cadre" in shown(client.get(f"/deliberations/{act.pk}/composer/"))
    client.post(f"/annexes/{annex.pk}/supprimer/")
    assert not Annex.objects.exists()


def test_an_annex_goes_through_the_api(client: Client, act: Act) -> None:
    answer = client.post("/api/v1/annexes/", {"act": act.pk, "title": "Convention", "file": upload()})
    assert answer.status_code == 201, answer.content
    assert answer.json()["filename"] == "convention.pdf"
    url = f"/api/v1/annexes/{answer.json()['id']}/"
    assert client.patch(url, {"title": "Autre"}, **JSON).json()["title"] == "Autre"
    assert client.post("/api/v1/annexes/", {"act": act.pk, "title": "Sans fichier"}).json().keys() == {"file"}
    wrong = client.post("/api/v1/annexes/", {"act": act.pk, "title": "A", "file": upload("a.pdf", b"x")})
    assert (wrong.status_code, "file" in wrong.json()) == (400, True)
    stranger = drafted(make.AssemblyFactory().authority)
    assert client.post("/api/v1/annexes/", {"act": stranger.pk, "title": "A", "file": upload()}).status_code == 400
    assert client.delete(url).status_code == 204
    assert not Annex.objects.exists()


def test_the_elected_open_an_annex_from_the_convocation_on(client_as: Any, act: Act) -> None:
    annex = services.add_annex(act=act, title="Convention", filename="c.pdf", content=draft.PDF, by=None)
    elected = client_as("elected")
    addresses = [f"/annexes/{annex.pk}/fichier/", f"/documents/{annex.document_id}/"]
    assert [elected.get(url).status_code for url in addresses] == [404, 404]
    act.sitting.state = "convened"
    act.sitting.save()
    assert [elected.get(url).status_code for url in addresses] == [200, 404]
    assert "Convention" in shown(elected.get(f"/deliberations/{act.pk}/"))


def test_opinions_and_notes_are_written(client: Client, act: Act) -> None:
    sent = {"act": act.pk, "commission": "Éducation", "opinion": "reserved", "held_on": "2026-11-03", "remark": "Voir."}
    assert client.post("/avis-des-commissions/nouveau/", sent).status_code == 302
    assert client.post("/avis-des-commissions/nouveau/", sent).status_code == 422
    assert client.post("/api/v1/avis-des-commissions/", {**sent, "commission": "Finances"}, **JSON).status_code == 201
    assert CommissionOpinion.objects.count() == 2
    page = client.get(f"/deliberations/{act.pk}/note/")
    note = {"summary_note": "Ce qu'il faut savoir.", "row_version": page.context["row_version"]}
    assert client.post(f"/deliberations/{act.pk}/note/", note).status_code == 302
    page = shown(client.get(f"/deliberations/{act.pk}/composer/"))
    assert "Ce qu'il faut savoir." in page
    assert "favorable avec réserves" in page


def test_a_model_is_written_on_one_page(client: Client, authority: Any) -> None:
    head = {"authority": authority.pk, "name": "ENT", "title": "Convention", "kind": "deliberation", "nature": "DE"}
    rows = {
        "rank_0": 2, "kind_0": "article", "verb_0": "approuve", "text_0": "la convention.", "level_0": 1,
        "rank_1": 1, "kind_1": "visa", "verb_1": "", "text_1": "le code,", "level_1": 1,
        "rank_2": 3, "kind_2": "article", "verb_2": "", "text_2": "", "level_2": 1,
    }  # fmt: skip
    assert client.get("/modeles-d-actes/nouveau/").status_code == 200
    refused = client.post("/modeles-d-actes/nouveau/", {**head, **rows, "text_1": "[[x]]"})
    assert (refused.status_code, "Passage 1 : Chiffre inconnu" in shown(refused)) == (422, True)
    for bad in ({"kind_0": "z"}, {"rank_0": "9" * 30}, {"text_0": "a\x00"}, {"authority": ""}, {"level_0": 9}):
        assert client.post("/modeles-d-actes/nouveau/", {**head, **rows, **bad}).status_code == 422, bad
    assert client.post("/modeles-d-actes/nouveau/", {**head, **rows}).status_code == 302
    template = ActTemplate.objects.get()
    assert [clause["text"] for clause in template.clauses] == ["le code,", "la convention."]
    page = shown(client.get(f"/modeles-d-actes/{template.pk}/"))
    assert "la convention." in page
    assert client.get(f"/modeles-d-actes/{template.pk}/modifier/").status_code == 200


def test_models_of_the_product_are_read_and_copied(client: Client, authority: Any, client_as: Any) -> None:
    common = draft.ActTemplateFactory(authority=None)
    assert client.get(f"/modeles-d-actes/{common.pk}/").status_code == 200
    assert client.get(f"/modeles-d-actes/{common.pk}/historique/").status_code == 200
    for page in ("modifier", "supprimer"):
        assert client.get(f"/modeles-d-actes/{common.pk}/{page}/").status_code == 403
        assert client.post(f"/modeles-d-actes/{common.pk}/{page}/").status_code == 403
    assert client.patch(f"/api/v1/modeles-d-actes/{common.pk}/", {"name": "X"}, **JSON).status_code == 403
    assert client.delete(f"/api/v1/modeles-d-actes/{common.pk}/").status_code == 403
    assert client.post(f"/modeles-d-actes/{common.pk}/copier/").status_code == 302
    assert ActTemplate.objects.get(authority=authority).name == common.name
    assert client.post(f"/modeles-d-actes/{common.pk}/copier/", {"authority": "\x00"}).status_code == 302


def test_a_model_goes_through_the_api(client: Client, authority: Any) -> None:
    body = {"authority": authority.pk, "name": "M", "title": "T", "clauses": [{"kind": "visa", "text": "le code,"}]}
    made = client.post("/api/v1/modeles-d-actes/", body, **JSON)
    assert made.status_code == 201, made.content
    assert made.json()["clauses"][0]["level"] == 1
    for bad in ({"authority": None}, {"clauses": "x"}, {"clauses": [{"kind": "visa"}]}, {"name": "a\x00"}):
        assert client.post("/api/v1/modeles-d-actes/", {**body, "name": "N", **bad}, **JSON).status_code == 400, bad
    assert ActTemplate.objects.count() == 1


def test_passages_go_through_the_api_by_the_same_rules(client: Client, act: Act) -> None:
    body = {"act": act.pk, "position": 2, "kind": "considerant", "text": "<b>un</b><script>x</script>", "rich": True}
    made = client.post("/api/v1/textes-des-actes/", body, **JSON)
    assert (made.status_code, made.json().get("text")) == (201, "<strong>un</strong>")
    for bad in (
        {"text": "[[x]]"},
        {"text": ""},
        {"position": 0},
        {"position": 10**12},
        {"kind": "x"},
        {"text": 5 * ["a"]},
    ):
        assert client.post("/api/v1/textes-des-actes/", {**body, **bad}, **JSON).status_code == 400, bad
    taken = client.patch(f"/api/v1/textes-des-actes/{made.json()['id']}/", {"position": 1}, **JSON)
    assert (taken.status_code, "déjà ce rang" in shown(taken)) == (400, True)
    Act.objects.filter(pk=act.pk).update(state="adopted")
    assert client.post("/api/v1/textes-des-actes/", body, **JSON).status_code == 400


def test_an_adopted_act_offers_its_scenario(client_as: Any, act: Act, authority: Any) -> None:
    scenario = ScenarioFactory(plan=PlanFactory(authority=authority), state="computed")
    draft.computed_run(scenario)
    Act.objects.filter(pk=act.pk).update(scenario=scenario, plan=scenario.plan)
    admin, url = client_as("administrator"), f"/deliberations/{act.pk}/"
    assert "Adopter le scénario" not in shown(admin.get(url))
    Act.objects.filter(pk=act.pk).update(state="adopted")
    assert "Adopter le scénario" in shown(admin.get(url))
    assert "Adopter le scénario" not in shown(client_as("assembly").get(url))
    page = shown(admin.get(f"{url}adopter-le-scenario/"))
    assert "avec pour motif : Délibération" in page
    refused = admin.post(f"{url}adopter-le-scenario/", follow=True)
    assert "ont changé depuis son calcul" in shown(refused)
    assert not ProgrammeVersion.objects.exists()


def test_the_page_of_an_act_tells_what_its_draft_lacks(client: Client, act: Act) -> None:
    url = f"/deliberations/{act.pk}/"
    assert "circuit de visas non ouvert" in shown(client.get(url))
    services.open_circuit(act=act, stages=["legal"], by=None)
    assert "0 visa sur 1" in shown(client.get(url))


LISTS = {
    "/modeles-d-actes/": lambda authority: draft.ActTemplateFactory(authority=authority),
    "/a-viser/": lambda authority: services.open_circuit(act=drafted(authority), stages=["legal"], by=None),
    "/annexes/": lambda authority: draft.AnnexFactory(act__sitting__assembly__authority=authority),
    "/avis-des-commissions/": lambda authority: draft.CommissionOpinionFactory(act__sitting__assembly__authority=authority),
    "/api/v1/modeles-d-actes/": lambda authority: draft.ActTemplateFactory(authority=authority),
    "/api/v1/visas/": lambda authority: draft.VisaStepFactory(act__sitting__assembly__authority=authority),
    "/api/v1/annexes/": lambda authority: draft.AnnexFactory(act__sitting__assembly__authority=authority),
    "/api/v1/versions-des-actes/": lambda authority: draft.ActVersionFactory(act__sitting__assembly__authority=authority),
    "/api/v1/chiffres-des-actes/": lambda authority: draft.ActFigureFactory(act__sitting__assembly__authority=authority),
    "/api/v1/avis-des-commissions/": lambda authority: draft.CommissionOpinionFactory(act__sitting__assembly__authority=authority),
}  # fmt: skip


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


@pytest.mark.parametrize("url", LISTS)
def test_lists_ask_the_same_queries_for_one_and_three_rows(client: Client, authority: Any, url: str) -> None:
    LISTS[url](authority)
    client.get(url)
    one = queries_of(client, url)
    LISTS[url](authority)
    LISTS[url](authority)
    assert queries_of(client, url) == one


@pytest.mark.parametrize("url", [url for url in LISTS if "api" not in url])
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_exports(client: Client, authority: Any, url: str, kind: str) -> None:
    LISTS[url](authority)
    answer = client.get(url, {"format": kind})
    assert answer.status_code == 200
    assert answer.content[:2] == (b"PK" if kind == "xlsx" else "\ufeff".encode()[:2])


def test_pages_of_an_act_ask_the_same_queries_whatever_its_size(client: Client, act: Act) -> None:
    rows_of(act)
    urls = [f"/deliberations/{act.pk}/{page}/" for page in ("composer", "visas", "versions")]
    for url in urls:
        client.get(url)
    before = [queries_of(client, url) for url in urls]
    for position in range(3, 6):
        make.ActClauseFactory(act=act, position=position)
        draft.AnnexFactory(act=act)
        draft.CommissionOpinionFactory(act=act)
        draft.ActVersionFactory(act=act, number=position)
    assert [queries_of(client, url) for url in urls] == before


def test_filters_of_the_api(client: Client, act: Act) -> None:
    services.open_circuit(act=act, by=None)
    assert client.get("/api/v1/visas/?mine=true").json()["count"] == 0
    assert client.get("/api/v1/visas/?mine=false&stage=legal").json()["count"] == 1
    draft.ActFigureFactory(act=act)
    assert client.get("/api/v1/chiffres-des-actes/?frozen=false").json()["count"] == 1
    assert client.get("/api/v1/chiffres-des-actes/?frozen=true").json()["count"] == 0
    draft.ActTemplateFactory(authority=None)
    assert client.get("/api/v1/modeles-d-actes/?common=true").json()["count"] == 1
