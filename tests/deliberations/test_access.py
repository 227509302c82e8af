"""Every page and every API endpoint of the app: anonymous, wrong role, other authority, right role."""

from typing import Any

import pytest
from django.test import Client

from tests.factories import deliberations as make


@pytest.fixture
def rows(authority: Any) -> dict[str, int]:
    """One row of each model of `authority`, by the name used in the addresses below."""
    presence = make.PresenceFactory(
        sitting__assembly__authority=authority, sitting__state="convened", state="represented"
    )
    sitting = presence.sitting
    holder = make.PresenceFactory(sitting=sitting)
    act = make.ActFactory(sitting=sitting)
    vote = make.VoteFactory(ballot__act=act, mandate=holder.mandate)
    line = make.StatedBudgetLineFactory(budget__act=act)
    return {
        "assembly": sitting.assembly_id,
        "mandate": presence.mandate_id,
        "sitting": sitting.pk,
        "presence": presence.pk,
        "proxy": make.ProxyFactory(sitting=sitting, giver=presence.mandate, holder=holder.mandate).pk,
        "secretary": make.SecretaryFactory(sitting=sitting).pk,
        "change": make.AttendanceChangeFactory(sitting=sitting, mandate=holder.mandate).pk,
        "passage": make.PassageRangeFactory(sitting=sitting).pk,
        "act": act.pk,
        "reporter": make.ReporterFactory(act=act).pk,
        "clause": make.ActClauseFactory(act=act).pk,
        "identifier": make.ActIdentifierFactory(act=act).pk,
        "ballot": vote.ballot_id,
        "vote": vote.pk,
        "amount": make.StatedAmountFactory(act=act).pk,
        "budget": line.budget_id,
        "line": line.pk,
        "grant": make.StatedGrantFactory(act=act).pk,
        "product": make.StatedProductFactory(act=act).pk,
        "law": make.LegalSettingFactory().pk,
    }


PAGES = {
    "assemblees": "assembly", "mandats": "mandate", "seances": "sitting", "deliberations": "act",
}  # fmt: skip
CHILDREN = {
    "secretaires-de-seance": ("secretary", "sitting"), "mouvements-en-seance": ("change", "sitting"),
    "ordres-de-passage": ("passage", "sitting"), "votes": ("ballot", "act"), "rapporteurs": ("reporter", "act"),
    "textes-des-actes": ("clause", "act"), "identifiants-des-actes": ("identifier", "act"), "montants-ecrits": ("amount", "act"),
    "budgets-ecrits": ("budget", "act"), "lignes-ecrites": ("line", "budget"), "subventions-ecrites": ("grant", "act"),
    "couts-ecrits": ("product", "act"),
}  # fmt: skip
ENDPOINTS = {
    **PAGES, **{prefix: name for prefix, (name, _) in CHILDREN.items()},
    "presences": "presence", "pouvoirs": "proxy", "votes-des-membres": "vote", "regles-de-droit": "law",
}  # fmt: skip
READ = [
    "/regles-de-droit/",
    *(f"/{prefix}/" for prefix in PAGES),
    *(f"/{prefix}/{{{name}}}/{page}" for prefix, name in PAGES.items() for page in ("", "historique/")),
]
WRITE = [
    *(f"/{prefix}/nouveau/" for prefix in PAGES),
    *(f"/{prefix}/{{{name}}}/{page}/" for prefix, name in PAGES.items() for page in ("modifier", "supprimer")),
    "/seances/{sitting}/emargement/",
    "/deliberations/{act}/composer/",
    *(f"/{prefix}/nouveau/?{parent}={{{parent}}}" for prefix, (_, parent) in CHILDREN.items()),
    *(f"/{prefix}/{{{name}}}/{page}/" for prefix, (name, _) in CHILDREN.items() for page in ("modifier", "supprimer")),
]
API = [f"/api/v1/{prefix}/{end}" for prefix, name in ENDPOINTS.items() for end in ("", f"{{{name}}}/")]


@pytest.mark.parametrize("address", [*READ, *WRITE])
def test_pages(client_as: Any, rows: dict[str, int], other_authority: Any, address: str) -> None:
    url = address.format(**rows)
    closed = address in WRITE or "historique" in address
    assert Client().get(url).headers["Location"].startswith("/compte/login/")
    assert client_as("partner").get(url).status_code == 403
    assert client_as("elected").get(url).status_code == (403 if closed else 200)
    assert client_as("assembly").get(url).status_code == 200
    elsewhere = client_as("assembly", other_authority).get(url).status_code
    assert elsewhere == (200 if "/nouveau/" in address or "{" not in address else 404)


@pytest.mark.parametrize("address", API)
def test_api(client_as: Any, rows: dict[str, int], other_authority: Any, address: str) -> None:
    url = address.format(**rows)
    assert Client().get(url).status_code == 403
    assert client_as("school").get(url).status_code == 403
    assert client_as("elected").get(url).status_code == 200
    body = client_as("assembly").get(url).json()
    assert body.get("count", 1) >= 1
    elsewhere = client_as("assembly", other_authority).get(url)
    if "regles-de-droit" in url:
        assert elsewhere.status_code == 200
    elif "{" in address:
        assert elsewhere.status_code == 404
    else:
        assert elsewhere.json()["count"] == 0


@pytest.mark.parametrize("prefix", ENDPOINTS)
def test_api_writes_are_refused_to_readers(client_as: Any, rows: dict[str, int], prefix: str) -> None:
    url = f"/api/v1/{prefix}/{rows[ENDPOINTS[prefix]]}/"
    for method in ("patch", "put", "delete"):
        assert getattr(client_as("elected"), method)(url, {}, content_type="application/json").status_code == 403
    assert client_as("elected").post(f"/api/v1/{prefix}/", {}, content_type="application/json").status_code == 403


@pytest.mark.parametrize("prefix", ["regles-de-droit", "votes-des-membres"])
def test_api_read_only_endpoints(client_as: Any, rows: dict[str, int], prefix: str) -> None:
    assert client_as("assembly").post(f"/api/v1/{prefix}/", {}, content_type="application/json").status_code == 403


def test_new_rows_offer_no_parent_of_another_authority(
    client_as: Any, rows: dict[str, int], other_authority: Any
) -> None:
    client = client_as("assembly", other_authority)
    page = client.post("/rapporteurs/nouveau/", {"act": rows["act"], "position": 9, "published_name": "X"})
    assert page.status_code == 422
    answer = client.post(
        "/api/v1/rapporteurs/",
        {"act": rows["act"], "position": 9, "published_name": "X"},
        content_type="application/json",
    )
    assert (answer.status_code, list(answer.json())) == (400, ["act"])
