"""JSON Schemas of the budget calculator (interchange.md, section 1): the shape of each document. What only a reading across
values can tell (references, sums, order) is told by the calculator itself."""

from typing import Any

from ent.domain.recurring import RECURRING_PER
from equipment.domain.rules import RULE_PER
from governance.domain.plan import BASE_CAP_PER, GRANT_BASES, SECTIONS
from schools.enums import ClassKind, Level, SchoolKind, Sector

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
SIGNED: Schema = {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$", "description": "Montant à deux décimales."}
TEXT: Schema = {"type": "string"}
NAME: Schema = {"type": "string", "pattern": r"\S"}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
POSITIVE: Schema = {"type": "integer", "minimum": 1}
YEAR: Schema = {"type": "integer", "minimum": 1000, "maximum": 9999}
SECTION: Schema = {"type": "string", "enum": list(SECTIONS)}
LEVEL: Schema = {"type": "string", "enum": Level.values}
CLASS_KIND: Schema = {"type": "string", "enum": ClassKind.values}
SCHOOL_KIND: Schema = {"type": "string", "enum": SchoolKind.values}
SECTOR: Schema = {"type": "string", "enum": Sector.values}


def _choice(values: Any) -> Schema:
    return {"type": "string", "enum": list(values)}


def _list(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def _or_null(schema: Schema) -> Schema:
    if "enum" in schema:
        schema = {**schema, "enum": [*schema["enum"], None]}
    return {**schema, "type": [schema["type"], "null"]}


def _input(required: dict[str, Schema], optional: dict[str, Schema], **more: Any) -> Schema:
    """`null` says the same as an absent key, for an optional one only."""
    keys = {**required, **{name: _or_null(schema) for name, schema in optional.items()}}
    return {
        "type": "object",
        "properties": keys,
        **({"required": list(required)} if required else {}),
        "additionalProperties": False,
        **more,
    }


def _output(**keys: Schema) -> Schema:
    return {"type": "object", "properties": keys, "required": list(keys), "additionalProperties": False}


def _priced(price: str) -> dict[str, Schema]:
    return {"id": NAME, price: MONEY, "vat_rate": RATE, "heading": NAME, "section": SECTION}


ITEM = _input(_priced("unit_price_ht"), {"label": TEXT, "account": TEXT, "life_years": POSITIVE, "fctva": FLAG})
PACK = _input({"id": NAME, "lines": _list(_input({"item": NAME, "quantity": COUNT}, {}))}, {"label": TEXT})
CLASS = _input({"id": NAME}, {"levels": _list(LEVEL), "kind": CLASS_KIND, "pupils": COUNT, "volunteer": FLAG})
SCHOOL = _input(
    {"id": NAME, "kind": SCHOOL_KIND},
    {"sector": SECTOR, "floors": COUNT, "classes": _list(CLASS), "priority_rank": POSITIVE},
)
FILTERS = _input(
    {},
    {
        "school_kinds": _list(SCHOOL_KIND),
        "sectors": _list(SECTOR),
        "levels": _list(LEVEL),
        "class_kinds": _list(CLASS_KIND),
    },
)
RULE = _input(
    {"id": NAME, "per": _choice(RULE_PER)},
    {
        "pack": NAME,
        "item": NAME,
        "quantity": COUNT,
        "group_size": POSITIVE,
        "max_per_school": COUNT,
        "max_members": COUNT,
        "filters": FILTERS,
    },
    description="Une et une seule des clés « pack » et « item ».",
)
LUMP_SUM = _input({**_priced("amount_ht"), "exercise": COUNT}, {"label": TEXT, "account": TEXT, "fctva": FLAG})
RECURRING = _input(
    {**_priced("unit_price_ht"), "per": _choice(RECURRING_PER)},
    {"label": TEXT, "account": TEXT, "payer": TEXT, "exercises": _list(COUNT), "schools": _list(NAME)},
)
PHASE = _input({"exercise": COUNT}, {"schools": _list(NAME), "levels": _list(LEVEL), "all": FLAG})
TIER = _input({"rate": RATE}, {"up_to": MONEY})
BASE_CAP = _input({"per": _choice(BASE_CAP_PER), "amount": MONEY}, {})
FUNDING = _input(
    {"id": NAME, "funder": TEXT},
    {
        "base": _choice(GRANT_BASES),
        "headings": _list(NAME),
        "sections": _list(SECTION),
        "rate": RATE,
        "tiers": _list(TIER, minItems=1),
        "amount": MONEY,
        "base_cap": BASE_CAP,
        "minimum": MONEY,
        "cap": MONEY,
    },
    description="Une et une seule des clés « rate », « tiers » et « amount ».",
)
YEARLY_CAP: Schema = {
    "anyOf": [
        MONEY,
        {
            "type": "object",
            "patternProperties": {"^[1-9][0-9]{3}$": _or_null(MONEY)},
            "additionalProperties": False,
        },
        {"type": "null"},
    ],
    "description": "Un plafond pour tous les exercices, ou un par exercice.",
}

_DOCUMENT = _input(
    {"exercises": _list(YEAR, minItems=1)},
    {
        "title": TEXT,
        "price_revision_rate": RATE,
        "renewals": FLAG,
        "items": _list(ITEM),
        "packs": _list(PACK),
        "schools": _list(SCHOOL),
        "rules": _list(RULE),
        "lump_sums": _list(LUMP_SUM),
        "recurring": _list(RECURRING),
        "phases": _list(PHASE),
        "fill_gaps": FLAG,
        "payment_schedule": _list(RATE, minItems=1),
        "funding": _list(FUNDING),
        "fctva": _input({"rate": RATE}, {"lag_years": COUNT}),
        "announced": _list(_input({"key": TEXT, "amount": MONEY}, {})),
    },
)
BUDGET_INPUT: Schema = {
    "$schema": DRAFT,
    "title": "Budget d'un plan, document d'entrée",
    **_DOCUMENT,
    "properties": {**_DOCUMENT["properties"], "yearly_cap_ttc": YEARLY_CAP},
}

_AMOUNTS: dict[str, Schema] = {"ht": SIGNED, "vat": SIGNED, "ttc": SIGNED}
_OPTIONAL = _or_null(SIGNED)
_GRANT = _output(
    id=TEXT,
    funder=TEXT,
    base=SIGNED,
    amount=SIGNED,
    by_exercise=_list(_output(exercise=YEAR, amount=SIGNED)),
)
_FINDING = _output(
    code=TEXT,
    severity=_choice(("error", "warning", "info")),
    message=TEXT,
    path=TEXT,
    expected=_or_null(TEXT),
    stated=_or_null(TEXT),
    difference=_or_null(TEXT),
)
BUDGET_OUTPUT: Schema = {
    "$schema": DRAFT,
    "title": "Budget d'un plan, résultat",
    **_output(
        totals=_output(**_AMOUNTS),
        by_exercise=_list(
            _output(exercise=YEAR, **_AMOUNTS, schools_entered=COUNT, classes_entered=COUNT, pupils_entered=COUNT)
        ),
        by_heading=_list(_output(heading=TEXT, section=SECTION, **_AMOUNTS)),
        by_section=_list(_output(section=SECTION, **_AMOUNTS)),
        by_account=_list(_output(account=TEXT, **_AMOUNTS)),
        by_payer=_list(_output(payer=TEXT, **_AMOUNTS)),
        by_school=_list(_output(school=_or_null(TEXT), exercise_entered=_or_null(YEAR), **_AMOUNTS)),
        quantities=_list(_output(item=TEXT, exercise=YEAR, quantity=COUNT)),
        payment_credits=_list(_output(exercise=COUNT, ttc=SIGNED)),
        funding=_output(grants=_list(_GRANT), total=SIGNED, own_share_ht=SIGNED, own_share_rate=_OPTIONAL),
        fctva=_list(_output(exercise=COUNT, amount=SIGNED)),
        net_cost=SIGNED,
        ratios=_output(ttc_per_class=_OPTIONAL, ttc_per_school=_OPTIONAL, ttc_per_pupil=_OPTIONAL),
        findings=_list(_FINDING),
    ),
}
ERRORS: Schema = {
    "title": "Document refusé",
    **_output(errors=_list({"type": "string", "description": "« chemin: message », un par faute."})),
}
SCHEMAS = {"budget-input": BUDGET_INPUT, "budget-output": BUDGET_OUTPUT}
