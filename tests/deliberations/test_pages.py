"""Lists, forms, exports and what the pages say."""

import html
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from deliberations.models import Act, ActClause, Ballot, Mandate, Presence, Proxy, Sitting
from tests.factories import deliberations as make
from tests.factories.governance import PlanFactory


@pytest.fixture
def client(client_as: Any) -> Client:
    result: Client = client_as("assembly")
    return result


@pytest.fixture
def sitting(authority: Any) -> Sitting:
    """A new sitting of four members: three present, one represented by the first."""
    row = make.SittingFactory(
        assembly__authority=authority, held_on=date(2024, 6, 10), members_complete=True, state="closed"
    )
    members = [make.MandateFactory(assembly=row.assembly, display_name=f"Mme M{n}", rank=n + 1) for n in range(4)]
    for member in members[:3]:
        make.PresenceFactory(sitting=row, mandate=member)
    make.PresenceFactory(sitting=row, mandate=members[3], state="represented")
    make.ProxyFactory(sitting=row, giver=members[3], holder=members[0])
    return row


def shown(response: Any) -> str:
    return html.unescape(response.content.decode())


def members_of(sitting: Sitting) -> list[Mandate]:
    return list(sitting.assembly.mandates.order_by("rank"))


LISTS = {
    "/assemblees/": lambda authority: make.AssemblyFactory(authority=authority),
    "/mandats/": lambda authority: make.MandateFactory(assembly__authority=authority),
    "/seances/": lambda authority: make.SittingFactory(assembly__authority=authority, chair=None),
    "/deliberations/": lambda authority: make.BallotFactory(act__sitting__assembly__authority=authority),
    "/regles-de-droit/": lambda authority: make.LegalSettingFactory(valid_from=date(2000, 1, 1 + make.LegalSettingFactory._meta.model.objects.count())),
    "/api/v1/votes/": lambda authority: make.VoteFactory(ballot__act__sitting__assembly__authority=authority),
    "/api/v1/deliberations/": lambda authority: make.ActFactory(sitting__assembly__authority=authority),
    "/api/v1/pouvoirs/": lambda authority: make.ProxyFactory(sitting__assembly__authority=authority),
}  # fmt: skip


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


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


def test_act_page_asks_the_same_queries_whatever_its_size(client: Client, sitting: Sitting) -> None:
    act = make.ActFactory(sitting=sitting)
    make.ActClauseFactory(act=act)
    client.get(f"/deliberations/{act.pk}/")
    one = queries_of(client, f"/deliberations/{act.pk}/")
    for _ in range(3):
        make.ActClauseFactory(act=act)
        make.ActIdentifierFactory(act=act)
    assert queries_of(client, f"/deliberations/{act.pk}/") == one


def test_acts_are_found_by_text_year_matter_and_state(client: Client, authority: Any) -> None:
    where = {"sitting__assembly__authority": authority}
    found = make.ActFactory(
        **where, title="Plan numérique", matter_code="8.1.2", state="adopted", sitting__held_on=date(2018, 12, 3)
    )
    make.ActFactory(**where, title="Réfection du marché", matter_code="8.3", sitting__held_on=date(2019, 1, 1))
    make.ActClauseFactory(act=found, text="équiper les écoles maternelles")
    make.ActClauseFactory(act=found, text="équiper les écoles élémentaires")
    for query in (
        "q=numérique",
        "q=écoles équiper",
        "year=2018",
        "matter_code=8.1",
        "state=adopted",
        f"assembly={found.sitting.assembly_id}",
    ):
        page = shown(client.get(f"/deliberations/?{query}"))
        assert "Plan numérique" in page, query
        assert "Réfection du marché" not in page, query
        assert "<b>1</b> résultat" in page
    assert "<b>2</b> résultats" in shown(client.get("/deliberations/?q=%20"))
    assert client.get(f"/deliberations/?assembly={make.AssemblyFactory().pk}").status_code == 200


def test_new_sitting_is_recorded_then_its_attendance(client: Client, authority: Any) -> None:
    assembly = make.AssemblyFactory(authority=authority)
    members = [make.MandateFactory(assembly=assembly, rank=n + 1) for n in range(3)]
    gone = make.MandateFactory(assembly=assembly, ends_on=date(2020, 1, 1))
    answer = client.post("/seances/nouveau/", {"assembly": assembly.pk, "held_on": "2024-06-10", "held_at": "18:00"})
    sitting = Sitting.objects.get()
    assert answer.headers["Location"] == f"/seances/{sitting.pk}/"
    url = f"/seances/{sitting.pk}/emargement/"
    page = shown(client.get(url))
    assert gone.display_name not in page
    first, second, third = (member.pk for member in members)
    states = {f"state_{first}": "present", f"state_{second}": "present", f"state_{third}": "represented"}
    refused = client.post(url, states)
    assert refused.status_code == 422
    assert "dire à qui il donne pouvoir" in shown(refused)
    refused = client.post(url, {**states, f"holder_{first}": second, f"holder_{third}": second})
    assert "seul un membre représenté donne pouvoir" in shown(refused)
    refused = client.post(url, {**states, f"state_{second}": "absent", f"holder_{third}": second})
    assert "L2121-20" in shown(refused)
    assert not Presence.objects.exists()
    assert client.post(url, {**states, f"holder_{third}": second}).status_code == 302
    assert (Presence.objects.count(), Proxy.objects.get().holder_id) == (3, second)
    page = shown(client.get(f"/seances/{sitting.pk}/"))
    assert f"pouvoir à {members[1].display_name}" in page
    assert "atteint" in page


def test_sitting_with_a_chair_of_another_assembly_is_refused(client: Client, authority: Any) -> None:
    assembly = make.AssemblyFactory(authority=authority)
    chair = make.MandateFactory(assembly__authority=authority)
    answer = client.post("/seances/nouveau/", {"assembly": assembly.pk, "held_on": "2024-06-10", "chair": chair.pk})
    assert answer.status_code == 422
    assert "pas de l'assemblée" in shown(answer)
    assert client.post("/seances/nouveau/", {"held_on": "x"}).status_code == 422
    assert not Sitting.objects.exists()


def test_act_is_prepared_composed_voted_and_read(client: Client, sitting: Sitting, authority: Any) -> None:
    plan = PlanFactory(authority=authority, name="Plan des écoles")
    data = {
        "sitting": sitting.pk,
        "number": "12",
        "kind": "deliberation",
        "state": "draft",
        "title": "Plan numérique",
        "nature": "DE",
    }
    answer = client.post("/deliberations/nouveau/", {**data, "matter_code": "8.1", "plan": plan.pk})
    act = Act.objects.get()
    assert answer.headers["Location"] == f"/deliberations/{act.pk}/"
    assert act.matter_label == "Enseignement"
    clauses = [
        ("visa", "", "le code général"),
        ("considerant", "", "le besoin"),
        ("article", "approuve", "le plan"),
        ("item", "", "un point"),
    ]
    for position, (kind, verb, text) in enumerate(clauses, 1):
        row = {"act": act.pk, "position": position, "kind": kind, "level": 1, "verb": verb, "text": text}
        answer = client.post("/textes-des-actes/nouveau/", row)
        assert answer.headers["Location"].partition("#")[0] == f"/deliberations/{act.pk}/composer/"
    members = members_of(sitting)
    ballot = {"act": act.pk, "mode": "by_name", "others_voted": "for", f"choice_{members[1].pk}": "abstain"}
    assert shown(client.get(f"/votes/nouveau/?act={act.pk}")).count("<select") > 4
    assert client.post("/votes/nouveau/", ballot).headers["Location"] == f"/deliberations/{act.pk}/"
    client.post(
        f"/deliberations/{act.pk}/modifier/",
        {**data, "state": "adopted", "plan": plan.pk, "received_on": "2024-06-12", "published_on": "2024-06-13"},
    )
    page = shown(client.get(f"/deliberations/{act.pk}/"))
    for words in (
        "Adoptée à l'unanimité des suffrages exprimés", "<b>Vu</b> le code général", "<b>Considérant</b> le besoin",
        '<span class="verb">approuve</span> le plan', "Le 13/06/2024", "Mme M1", "Plan des écoles", "Séance du lundi 10 juin 2024",
    ):  # fmt: skip
        assert words in page, words
    stored = Ballot.objects.get()
    assert (stored.for_count, stored.abstain_count, Act.objects.get().state) == (3, 1, "adopted")
    assert client.get(f"/votes/{stored.pk}/modifier/").status_code == 200
    assert shown(client.get(f"/mandats/{members[1].pk}/")).count("Plan numérique") >= 1


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"mode": "totals", "for_count": 6, "against_count": 0, "abstain_count": 0}, "6 votes pour 4 voix"),
        ({"mode": "by_name", "secret": "on"}, "scrutin secret"),
        ({"mode": "result_only", "for_count": 1}, "pas de décompte"),
        ({"mode": "totals", "choice_of_first": "for"}, "le vote est nominatif"),
        ({"mode": "bad"}, "Mode"),
    ],
)
def test_bad_votes_are_told_and_nothing_is_written(
    client: Client, sitting: Sitting, given: dict[str, Any], sentence: str
) -> None:
    act = make.ActFactory(sitting=sitting)
    if "choice_of_first" in given:
        given = {"mode": given["mode"], f"choice_{members_of(sitting)[0].pk}": "for"}
    answer = client.post("/votes/nouveau/", {"act": act.pk, **given})
    assert answer.status_code == 422
    assert sentence in shown(answer)
    assert not Ballot.objects.exists()


def test_past_act_is_recorded_as_it_was_with_its_findings(client: Client, authority: Any) -> None:
    past = make.SittingFactory(
        assembly__authority=authority,
        past=True,
        in_office=10,
        present=2,
        represented=0,
        absent=8,
        held_on=date(2018, 12, 3),
    )
    act = make.ActFactory(sitting=past)
    answer = client.post(
        "/votes/nouveau/", {"act": act.pk, "mode": "totals", "for_count": 9, "against_count": 0, "abstain_count": 0}
    )
    assert answer.status_code == 302
    page = shown(client.get(f"/deliberations/{act.pk}/"))
    assert "9 votes pour 2 voix" in page
    assert "article L2121-17" in page
    assert "À signaler" in page


@pytest.mark.parametrize(
    ("mode", "words"),
    [("result_only", "les chiffres sont inconnus, non nuls"), ("noted", "sans vote consigné")],
)
def test_votes_without_figures_are_read(client: Client, authority: Any, mode: str, words: str) -> None:
    ballot = make.BallotFactory(
        act__sitting__assembly__authority=authority, mode=mode, stated_result_text="ADOPTÉE", voices=91
    )
    page = shown(client.get(f"/deliberations/{ballot.act_id}/"))
    assert words in page
    assert "ADOPTÉE" in page


def test_amounts_are_shown_beside_computed_ones(client: Client, authority: Any) -> None:
    act = make.ActFactory(sitting__assembly__authority=authority)
    make.StatedGrantFactory(act=act, funder="FEDER", rate=200_000, base=136_763_300, amount=27_352_664)
    make.StatedAmountFactory(act=act, label="Coût global", stated=136_763_300)
    page = shown(client.get(f"/deliberations/{act.pk}/"))
    assert "273\u202f526,64" in page
    assert "273\u202f526,60" in page
    assert "-0,04" in page
    assert "Coût global" in page


def test_children_go_back_to_their_parent(client: Client, sitting: Sitting) -> None:
    member = members_of(sitting)[0]
    page = shown(client.get(f"/secretaires-de-seance/nouveau/?sitting={sitting.pk}"))
    assert f'href="/seances/{sitting.pk}/"' in page
    answer = client.post(
        "/secretaires-de-seance/nouveau/",
        {"sitting": sitting.pk, "position": 1, "published_name": "M0", "mandate": member.pk},
    )
    assert answer.headers["Location"] == f"/seances/{sitting.pk}/"
    row = sitting.secretaries.get()
    answer = client.post(f"/secretaires-de-seance/{row.pk}/supprimer/", {})
    assert answer.headers["Location"] == f"/seances/{sitting.pk}/"
    assert not sitting.secretaries.exists()
    clause = make.ActClauseFactory(act__sitting=sitting)
    answer = client.post(f"/textes-des-actes/{clause.pk}/supprimer/", {})
    assert answer.headers["Location"].partition("#")[0] == f"/deliberations/{clause.act_id}/composer/"
    assert not ActClause.objects.exists()
    line = make.StatedBudgetLineFactory(budget__act=clause.act)
    data = {"budget": line.budget_id, "position": 1, "label": "Câblage", "ht": "163 479,00"}
    answer = client.post(f"/lignes-ecrites/{line.pk}/modifier/", data)
    assert answer.headers["Location"].partition("#")[0] == f"/deliberations/{clause.act_id}/composer/"
    assert client.get("/textes-des-actes/nouveau/?act=zz").status_code == 200


def test_sitting_page_tells_its_order_of_passage_and_movements(client: Client, sitting: Sitting) -> None:
    make.PassageRangeFactory(sitting=sitting, position=1, first=1, last=18)
    make.PassageRangeFactory(sitting=sitting, position=2, first=65, last=65, kind="withdrawn")
    make.PassageRangeFactory(sitting=sitting, position=3, first=76, last=76, kind="motion")
    make.AttendanceChangeFactory(
        sitting=sitting, mandate=members_of(sitting)[2], event="return", quote="Retour de Mme M2."
    )
    page = shown(client.get(f"/seances/{sitting.pk}/"))
    for words in ("n° 1 à 18", "n° 65", "Motion : n° 76", "Retour : Mme M2"):
        assert words in page


def test_what_is_used_is_not_deleted(client: Client, sitting: Sitting) -> None:
    answer = client.post(f"/assemblees/{sitting.assembly_id}/supprimer/", {})
    assert answer.status_code in (409, 302, 422, 400)
    assert Sitting.objects.exists()
    draft = make.ActFactory(sitting=sitting)
    assert client.post(f"/deliberations/{draft.pk}/supprimer/", {}).status_code == 302
    assert not Act.objects.exists()
