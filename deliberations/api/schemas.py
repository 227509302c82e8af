"""JSON Schemas of the check of an act (interchange.md, section 2): the shape of each document. What only a reading across
values can tell is told by the check itself."""

from typing import Any

from deliberations.domain.act import AUTHORITY_KINDS, CHOICES, RESULTS

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
MONEY: Schema = {
    "type": "string",
    "pattern": r"^[0-9]{1,12}(\.[0-9]{1,2})?$",
    "description": "Montant décimal, « 1234.50 ».",
}
RATE: Schema = {
    "type": "string",
    "pattern": r"^[0-9]{1,3}(\.[0-9]{1,4})?$",
    "description": "Taux en pourcentage, 100 au plus.",
}
TEXT: Schema = {"type": "string"}
NAME: Schema = {"type": "string", "pattern": r"\S"}
DAY: Schema = {"type": "string", "format": "date"}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "integer"}


def _choice(values: Any) -> Schema:
    return {"type": "string", "enum": list(values)}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(schema: Schema) -> Schema:
    if "enum" in schema:
        schema = {**schema, "enum": [*schema["enum"], None]}
    return {**schema, "type": [schema["type"], "null"]}


def _input(required: dict[str, Schema], **optional: Schema) -> Schema:
    """`null` says the same as an absent key, for an optional one only."""
    keys = {**required, **{name: _or_null(schema) for name, schema in optional.items()}}
    return {
        "type": "object",
        "properties": keys,
        **({"required": list(required)} if required else {}),
        "additionalProperties": False,
    }


def _output(**keys: Schema) -> Schema:
    return {"type": "object", "properties": keys, "required": list(keys), "additionalProperties": False}


def _each(names: Any, schema: Schema) -> dict[str, Schema]:
    return dict.fromkeys(names, schema)


NAMES = _list(NAME)
AUTHORITY = _input(
    {},
    kind=_choice(AUTHORITY_KINDS),
    siren={"type": "string", "pattern": "^[0-9]{9}$"},
    population=COUNT,
    department={"type": "string", "pattern": "^(0[0-9][0-9AB]|9[0-9]{2})$"},
)
SESSION = _input({"date": DAY}, convocation_sent_on=DAY, second_convocation=FLAG, secret=FLAG)
MEMBERS = _input(
    {},
    **_each(("in_office", "present", "absent", "excused", "represented"), COUNT),
    **_each(("present_names", "absent_names", "excused_names", "withdrawn_names"), NAMES),
    proxies=_list(_input({"giver": NAME}, holder=NAME)),
)
VOTE = _input(
    {},
    **_each((*CHOICES, "voices"), COUNT),
    chair_vote=_choice(CHOICES),
    **_each((f"{choice}_names" for choice in CHOICES), NAMES),
    names_cover_proxies=FLAG,
    stated_result=_choice(RESULTS),
)
BUDGET = _input(
    {},
    lines=_list(_input({}, label=TEXT, ht=MONEY, vat_rate=RATE, ttc=MONEY)),
    total_ht=MONEY,
    total_ttc=MONEY,
    vat_rate=RATE,
)
PRODUCT = _input(
    {}, label=TEXT, unit=MONEY, quantity=COUNT, vat_rate=RATE, total_ht=MONEY, total_ttc=MONEY, approximate=FLAG
)
ACT_INPUT: Schema = {
    "$schema": DRAFT,
    "title": "Acte à vérifier",
    **_input(
        {"session": SESSION},
        past=FLAG,
        authority=AUTHORITY,
        members=MEMBERS,
        chair=NAME,
        vote=VOTE,
        identifiers=_input({}, actes=TEXT, matter_code=TEXT),
        dates=_input({}, received_on=DAY, posted_on=DAY, published_on=DAY),
        budget=BUDGET,
        grants=_list(_input({}, funder=TEXT, rate=RATE, base=MONEY, amount=MONEY)),
        products=_list(PRODUCT),
    ),
}
_FINDING = _output(
    code=TEXT,
    severity=_choice(("error", "warning", "info")),
    message=TEXT,
    **_each(("article", "expected", "stated", "difference"), _or_null(TEXT)),
)
ACT_OUTPUT: Schema = {
    "$schema": DRAFT,
    "title": "Acte vérifié",
    **_output(
        quorum=_output(needed=_or_null(COUNT), present=_or_null(NUMBER), reached=_or_null(FLAG)),
        voices=_or_null(COUNT),
        tally=_output(
            **_each(("for", "against", "abstain", "cast", "majority_needed"), _or_null(COUNT)),
            result=_or_null(_choice(("adopted", "rejected"))),
            label=_or_null(TEXT),
        ),
        executory_on=_or_null(DAY),
        findings=_list(_FINDING),
    ),
}
ERRORS: Schema = {
    "title": "Document refusé",
    **_output(errors=_list({"type": "string", "description": "« chemin: message », un par faute."})),
}
SCHEMAS = {"act-input": ACT_INPUT, "act-output": ACT_OUTPUT}
