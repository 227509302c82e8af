"""The shape of an entry, and the article that a refusal quotes."""

from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberations.domain.entry import EntryRequest, article_of, read_entry
from plan_numerique.shared.errors import DomainError

KEY = "0b9f6a52-6a1e-4f0e-8a4e-5c2f4b6d7e8f"
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda each: st.lists(each) | st.dictionaries(st.text(), each),
)


def test_an_entry_is_read() -> None:
    said = read_entry({"key": KEY, "kind": "note", "payload": {"text": "x"}, "at": "2026-11-22T18:42:00+01:00"})
    assert said == EntryRequest(UUID(KEY), "note", {"text": "x"}, datetime.fromisoformat("2026-11-22T18:42:00+01:00"))
    assert read_entry({"key": KEY, "kind": "closed"}) == EntryRequest(UUID(KEY), "closed", {}, None)


@given(
    ANY_JSON
    | st.fixed_dictionaries(
        {}, optional={"key": ANY_JSON | st.just(KEY), "kind": ANY_JSON, "payload": ANY_JSON, "at": ANY_JSON}
    )
)
def test_whatever_is_sent_is_read_or_refused(data: Any) -> None:
    with suppress(DomainError):  # nothing else is ever raised
        assert isinstance(read_entry(data).key, UUID)


@pytest.mark.parametrize(
    ("message", "article"),
    [
        ("Refusé (CGCT, article L2121-20).", "L2121-20"),
        ("Refusé (CGCT, articles L2121-11 et L2121-12).", "L2121-11"),
        ("Refusé.", ""),
    ],
)
def test_the_article_of_a_refusal(message: str, article: str) -> None:
    assert article_of(message) == article
