"""Bad documents: every problem at once, at its path."""

import json
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from deliberations.domain import verify
from tests.deliberations.domain.documents import act_document, random_document


def problems(document: Any) -> list[str]:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    act, found = verify.read_document(raw)
    assert (act is None) == bool(found)
    return sorted(problem.path for problem in found)


@pytest.mark.parametrize(
    ("document", "paths"),
    [
        ([], ["$"]),
        ({}, ["session"]),
        ({"session": None}, ["session"]),
        ({"session": {}}, ["session.date"]),
        ({"session": {"date": 20240610}}, ["session.date"]),
        ({"session": {"date": "20240610"}}, ["session.date"]),
        ({"session": {"date": "2024-02-30"}}, ["session.date"]),
        ({"session": {"date": "0000-01-01"}}, ["session.date"]),
        (act_document(extra=1, past=1), ["extra", "past"]),
        (act_document(authority={"siren": "21860194", "department": "86", "kind": "ville", "population": -1}), [
            "authority.department", "authority.kind", "authority.population", "authority.siren",
        ]),
        (act_document(authority={"siren": 218601946}), ["authority.siren"]),
        (act_document(members={"present": 1.0, "present_names": ["A", " ", None], "proxies": [{}, {"giver": "A", "to": "B"}]}), [
            "members.present", "members.present_names[1]", "members.present_names[2]", "members.proxies[0].giver", "members.proxies[1].to",
        ]),
        (act_document(chair=""), ["chair"]),
        (act_document(vote={"chair_vote": "yes", "stated_result": "oui", "for": True}), ["vote.chair_vote", "vote.for", "vote.stated_result"]),
        (act_document(identifiers={"actes": 1}), ["identifiers.actes"]),
        (act_document(grants=[{"rate": "100.1", "base": 10}]), ["grants[0].base", "grants[0].rate"]),
        (act_document(products=[{"quantity": -1, "unit": "1.234"}]), ["products[0].quantity", "products[0].unit"]),
        (act_document(budget=[]), ["budget"]),
    ],
)  # fmt: skip
def test_problems_are_told_at_their_path(document: Any, paths: list[str]) -> None:
    assert problems(document) == paths


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"\xff", b'{"session": NaN}', b"[" * 100_000, b'{"session":{"date":"2024-06-10"}} x']
)
def test_what_is_not_json_is_one_problem(raw: bytes) -> None:
    assert problems(raw) == ["$"]


def test_repeated_key_is_a_problem_at_that_key() -> None:
    assert problems(b'{"session": {"date": "2024-06-10", "date": "2024-06-10"}}') == ["session.date"]


def test_null_is_an_absent_key() -> None:
    keys = ("past", "authority", "members", "chair", "vote", "identifiers", "dates", "budget", "grants", "products")
    assert problems(act_document(**dict.fromkeys(keys))) == []


COUNTED = {
    "COUNT_MEMBERS",
    "COUNT_LIST",
    "QUORUM_NOT_REACHED",
    "PROXY_HOLDER_TWICE",
    "VOTES_VS_VOICES",
    "VOTE_NAMES",
    "SECRET_WITH_NAMES",
    "CONVOCATION_DELAY",
}
PRICED = {"BUDGET_SUM", "VAT_AMOUNT", "VAT_ROUNDED", "GRANT_AMOUNT", "OWN_SHARE_BELOW_MINIMUM", "PRODUCT_TOTAL"}


@pytest.mark.parametrize("seed", range(400))
def test_any_sound_document_is_checked(seed: int) -> None:
    document = random_document(Random(seed))
    act, found = verify.read_input(document)
    assert (found, act is not None) == ([], True)
    assert act is not None
    output = verify.to_document(verify.check(act))
    assert json.loads(json.dumps(output)) == output
    for finding in output["findings"]:  # type: ignore[attr-defined]
        code, expected, stated = finding["code"], finding["expected"], finding["stated"]
        assert expected != stated or code == "ACTES_SIREN"
        if code in COUNTED:
            assert int(finding["difference"]) == int(stated) - int(expected)
        elif code in PRICED:
            assert Decimal(finding["difference"]) == Decimal(stated) - Decimal(expected)
        else:
            assert finding["difference"] is None
        informative = code == "VAT_ROUNDED" or (code == "PRODUCT_TOTAL" and finding["severity"] == "info")
        assert finding["severity"] == ("info" if informative else "warning" if document.get("past") else "error")
    shuffled = {key: document[key] for key in sorted(document)}
    again, _ = verify.read_document(json.dumps(shuffled).encode())
    assert again == act
