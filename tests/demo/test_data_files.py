"""The demo's data files against the figures of the sources: plain files, no database."""

import csv
import json
import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from governance.domain.simulate import compute, read_document, to_document

DATA = Path(__file__).resolve().parents[2] / "plan_numerique" / "demo" / "data"
SLUGS = ["chatellerault", "metz", "poitiers", "rennes", "saint_etienne_metropole"]
SCENARIOS = sorted(path.name for path in (DATA / "scenarios").glob("*.json"))
UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
KNOWN_KEYS = {
    "$": "title exercises price_revision_rate renewals items packs schools rules lump_sums recurring phases"
    " yearly_cap_ttc fill_gaps payment_schedule funding fctva announced",
    "items": "id label unit_price_ht vat_rate heading section account life_years fctva",
    "packs": "id label lines",
    "lines": "item quantity",
    "schools": "id kind sector floors priority_rank classes",
    "classes": "id levels kind pupils volunteer",
    "rules": "id pack item per quantity group_size max_per_school max_members filters",
    "filters": "school_kinds sectors levels class_kinds",
    "lump_sums": "id label heading section account fctva amount_ht vat_rate exercise",
    "recurring": "id label per unit_price_ht vat_rate heading section account exercises schools payer",
    "phases": "exercise schools levels all",
    "funding": "id funder base headings sections rate tiers amount base_cap minimum cap",
    "fctva": "rate lag_years",
    "announced": "key amount",
}


def load(slug):
    return json.loads((DATA / f"{slug}.json").read_text(encoding="utf-8"))


def scenario(name):
    return json.loads((DATA / "scenarios" / name).read_text(encoding="utf-8"))


def table(name):
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def act_of(slug):
    (act,) = load(slug)["deliberations"]["acts"]
    return act


def names(act, status):
    return [member["name"] for member in act["members"] if member["status"] == status]


def stated(slug):
    return {count["subject"]: count["value"] for count in load(slug)["stated_counts"]}


def walk(node):
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from walk(part)


def simulate(document):
    budget, problems = read_document(json.dumps(document).encode())
    assert problems == []
    return to_document(compute(budget))


# --- files -------------------------------------------------------------------------------------------------------


def test_the_five_authorities_are_there_and_nothing_else():
    assert sorted(path.stem for path in DATA.glob("*.json")) == SLUGS


@pytest.mark.parametrize("slug", SLUGS)
def test_an_authority_file_is_stably_written(slug):
    text = (DATA / f"{slug}.json").read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n"


@pytest.mark.parametrize("slug", SLUGS)
def test_an_authority_names_every_file_it_needs(slug):
    document = load(slug)
    needed = [document["schools"]["file"]]
    needed += [entry["document"] for plan in document["governance"]["plans"] for entry in plan["scenarios"]]
    assert [name for name in needed if not (DATA / name).exists()] == []
    assert len(table(document["schools"]["file"])) == document["schools"]["count"]


def test_every_scenario_document_belongs_to_a_plan():
    used = [e["document"] for slug in SLUGS for p in load(slug)["governance"]["plans"] for e in p["scenarios"]]
    assert sorted(used) == [f"scenarios/{name}" for name in SCENARIOS]


@pytest.mark.parametrize("path", sorted(DATA.rglob("*.*")), ids=lambda path: path.name)
def test_no_contact_line_and_no_private_person(path):
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"[\w.+-]+@[\w-]+\.[a-z]{2,}", text, re.IGNORECASE) == []
    assert re.findall(r"(?<![\d.])(?:\+33[ .]?|0)[1-9](?:[ .-]?\d{2}){4}(?!\d)", text) == []
    assert [name for name in ("GROLLIER", "ROUXEL", "shared/") if name in text] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_every_quoted_fact_names_its_source(slug):
    quoted = [node for node in walk(load(slug)) if "quote" in node and "value" not in node]
    assert [node for node in quoted if not node.get("source")] == []
    assert all(count["source"] for count in load(slug)["stated_counts"])


@pytest.mark.parametrize("slug", SLUGS)
def test_white_text_is_readable_on_the_accent_colour(slug):
    colour = load(slug)["authority"]["accent_colour"]
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    luminance = sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    assert 1.05 / (luminance + 0.05) >= 4.5


@pytest.mark.parametrize(
    ("slug", "siren"),
    [
        ("poitiers", "218601946"),
        ("chatellerault", None),
        ("saint_etienne_metropole", "244200770"),
        ("metz", None),
        ("rennes", "213502388"),
    ],
)
def test_siren_is_only_what_a_source_gives(slug, siren):
    authority = load(slug)["authority"]
    assert authority["siren"] == siren
    assert (authority["siren_source"] is None) == (siren is None)
    digits = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(siren or "0"))]
    assert sum(sum(divmod(digit, 10)) for digit in digits) % 10 == 0


# --- schools -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", SLUGS)
def test_every_uai_has_its_check_letter_and_comes_once(slug):
    codes = [row["uai"] for row in table(f"{slug}_schools.csv")]
    assert [code for code in codes if code[7:] != UAI_LETTERS[int(code[:7]) % 23]] == []
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(
    ("slug", "public", "private"),
    [
        ("poitiers", 21, 4),
        ("chatellerault", 12, 3),
        ("saint_etienne_metropole", 138, 55),
        ("metz", 33, 3),
        ("rennes", 77, 18),
    ],
)
def test_schools_by_sector_and_commune(slug, public, private):
    rows = table(f"{slug}_schools.csv")
    assert [sum(row["sector"] == sector for row in rows) for sector in ("public", "prive")] == [public, private]
    assert {row["commune_insee"] for row in rows} <= {commune["insee"] for commune in load(slug)["communes"]}
    assert {row["kind"] for row in rows} <= {"maternelle", "elementaire", "primaire", ""}


@pytest.mark.parametrize("slug", ["poitiers", "chatellerault"])
def test_schools_named_by_the_sources_are_in_the_register(slug):
    document = load(slug)
    known = {row["uai"]: row["name"] for row in table(f"{slug}_schools.csv")}
    named = document["schools"]["named_in_sources"]
    assert len(named) == {"poitiers": 6, "chatellerault": 1}[slug]
    for school in named:
        last_word = school["name_in_source"].replace("é", "e").upper().split("-")[-1].split()[-1]
        assert last_word in known[school["uai"]]
    assert {row["uai"] for row in document["ent"]["subscriptions"]} <= set(known)


def test_saint_etienne_metropole_has_its_53_communes():
    document = load("saint_etienne_metropole")
    assert len(document["communes"]) == 53
    assert document["authority"]["population"] == sum(row["population"] for row in document["communes"]) == 404323
    largest = max(document["communes"], key=lambda row: row["population"])
    assert document["authority"]["largest_commune"] == largest


def test_rennes_totals_are_those_of_the_register():
    rows = [row for row in table("rennes_schools.csv") if row["sector"] == "public"]
    totals = (len(rows), sum(int(row["classes"]) for row in rows), sum(int(row["pupils"]) for row in rows))
    assert totals == (77, 683, 14063)
    assert tuple(load("rennes")["schools"]["totals"].values()) == totals
    assert sorted(int(row["priority_rank"]) for row in rows) == list(range(1, 78))


def test_rennes_estimated_classes_keep_every_class_and_pupil():
    classes = {}
    for row in table("rennes_classes.csv"):
        classes.setdefault(row["uai"], []).append(row)
    for school in table("rennes_schools.csv"):
        own = classes.pop(school["uai"])
        assert len(own) == int(school["classes"])
        stages = {"pre_elementary": 0, "elementary": 0, "ulis": 0}
        for row in own:
            stage = "ulis" if row["kind"] == "ulis" else "pre_elementary" if "PS" in row["levels"] else "elementary"
            stages[stage] += int(row["pupils"])
            assert (stage == "ulis") == (row["levels"] == "")
        assert stages == {stage: int(school[f"pupils_{stage}"]) for stage in stages}
    assert classes == {}


@pytest.mark.parametrize("name", ["rennes_par_niveaux.json", "rennes_plafond_annuel.json"])
def test_rennes_documents_hold_the_public_schools(name):
    document = scenario(name)
    classes = [row for school in document["schools"] for row in school["classes"]]
    assert (len(document["schools"]), len(classes), sum(row["pupils"] for row in classes)) == (77, 683, 14063)
    ranks = {row["uai"]: row["priority_rank"] for row in table("rennes_schools.csv")}
    assert all(str(school["priority_rank"]) == ranks[school["id"]] for school in document["schools"])


def test_only_the_simulation_has_prices_and_says_so():
    for slug in SLUGS:
        document = load(slug)
        prices = [item["unit_price_ht"] for item in document["equipment"]["item_types"]]
        assert document["authority"]["simulation"] is (slug == "rennes")
        assert all(price is None for price in prices) is (slug != "rennes")
    rennes = load("rennes")
    assert all(item["price_hypothesis"] and item["price_label"] for item in rennes["equipment"]["item_types"])
    assert all(entry["hypothesis"] for entry in rennes["governance"]["plans"][0]["scenarios"])
    for name in ("rennes_par_niveaux.json", "rennes_plafond_annuel.json"):
        document = scenario(name)
        assert "simulation" in document["title"]
        assert all("hypothèse" in line["label"] for line in document["items"] + document["recurring"])
        prices = {item["code"]: item["unit_price_ht"] for item in rennes["equipment"]["item_types"]}
        assert {item["id"]: item["unit_price_ht"] for item in document["items"]} == prices


# --- stated figures ----------------------------------------------------------------------------------------------


def test_poitiers_figures():
    figures = stated("poitiers")
    assert figures["schools_equipped"] == 23 == 5 + 18
    assert figures["schools_equipped_maternelle"] + figures["schools_equipped_elementaire"] == 23
    assert (figures["schools"], figures["schools_remaining"], figures["classes_equipped"]) == (45, 45 - 23, 161)
    cents = Decimal("0.01")
    investment = Decimal(figures["investment"])
    assert figures["investment_per_class"] == str((investment / 161).quantize(cents, ROUND_HALF_UP))
    assert figures["investment_per_school"] == str((investment / 23).quantize(cents, ROUND_HALF_UP))


def test_saint_etienne_metropole_figures():
    figures, document = stated("saint_etienne_metropole"), load("saint_etienne_metropole")
    assert figures["schools"] + figures["special_establishments"] == figures["establishments"] == 304
    counts = [row["count"] for row in document["equipment"]["park_counts"]]
    assert counts == [5000, 700, 350, 450, 100, 800]
    assert sum(counts) == figures["park_total"] == 7400
    amounts = [row["amount"] for row in document["governance"]["plans"][0]["authorisations"]]
    assert amounts == ["2900000.00", "1200000.00"]


def test_metz_figures():
    figures, act = stated("metz"), act_of("metz")
    assert (figures["schools"], figures["pupils"]) == (71, 9500)
    lines = [Decimal(line["ht"]) for line in act["stated_budget"]["lines"]]
    assert sum(lines) == Decimal(act["stated_budget"]["total_ht"]) == Decimal(1367633)
    assert [grant["amount"] for grant in act["stated_grants"]] == ["273526.64", "239335.82", "239335.82"]


# --- equipment ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", SLUGS)
def test_packs_and_rules_hold_together(slug):
    equipment = load(slug)["equipment"]
    items = {item["code"] for item in equipment["item_types"]}
    packs = {pack["code"] for pack in equipment["packs"]}
    for pack in equipment["packs"]:
        assert {line["item"] for line in pack["lines"] + pack["lines_without_quantity"]} <= items
    for entry in equipment["rules"]:
        rule = entry["rule"]
        assert set(rule) <= set(KNOWN_KEYS["rules"].split())
        assert set(rule.get("filters", {})) <= set(KNOWN_KEYS["filters"].split())
        assert rule["pack"] in packs if "pack" in rule else rule["item"] in items
    assert {row["item"] for row in equipment["park_counts"]} <= items


def test_the_metropole_s_rules_give_8_class_packs_and_1_shared_pack_and_refuse_a_fourth_volunteer():
    equipment = load("saint_etienne_metropole")["equipment"]
    rules = [entry["rule"] for entry in equipment["rules"] if "choice_group" not in entry]
    document = {
        "exercises": [2016],
        "items": [
            {"id": i["code"], "unit_price_ht": "1", "vat_rate": "20", "heading": "h", "section": i["section"]}
            for i in equipment["item_types"]
        ],
        "packs": [{"id": pack["code"], "lines": pack["lines"]} for pack in equipment["packs"]],
        "rules": rules,
        "phases": [{"exercise": 2016, "all": True}],
    }

    def school(volunteers):
        rows = [{"id": str(n), "levels": ["CE1"], "pupils": 20, "volunteer": n < volunteers} for n in range(8)]
        return {**document, "schools": [{"id": "E", "kind": "elementaire", "classes": rows}]}

    three, four = simulate(school(3)), simulate(school(4))
    for result in (three, four):
        bought = {row["item"]: row["quantity"] for row in result["quantities"]}
        assert (bought["videoprojecteur-mobile"], bought["poste-requalifie"], bought["tablette-10"]) == (8, 8, 6)
        assert bought["borne-wifi"] == bought["sac-transport"] == 1
    assert three["findings"] == []
    assert [finding["code"] for finding in four["findings"]] == ["MEMBERS_OVER_LIMIT"]


# --- scenarios ---------------------------------------------------------------------------------------------------


def unknown_keys(document):
    def check(kind, node):
        found = [f"{kind}.{key}" for key in node if key not in KNOWN_KEYS[kind].split()]
        for key, value in node.items():
            if key in KNOWN_KEYS and isinstance(value, dict):
                found += check(key, value)
            elif key in KNOWN_KEYS and isinstance(value, list) and value and isinstance(value[0], dict):
                found += [problem for row in value for problem in check(key, row)]
        return found

    return check("$", document)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_only_uses_the_keys_of_the_interchange(name):
    assert unknown_keys(scenario(name)) == []


@pytest.mark.parametrize(
    ("name", "ht", "ttc"),
    [
        ("poitiers_ent_pilote.json", "1500.00", "1800.00"),
        ("poitiers_realise_2013_2018.json", "1677000.00", "1677000.00"),
        ("chatellerault_ent_herriot.json", "0.00", "0.00"),
        ("saint_etienne_metropole_ap_2016_2019.json", "4100000.00", "4100000.00"),
        ("metz_etat_17_5.json", "1367633.00", "1641159.60"),
        ("metz_etat_25.json", "1367633.00", "1641159.60"),
        ("rennes_plafond_annuel.json", "421204.00", "505444.80"),
        ("rennes_par_niveaux.json", "421204.00", "505444.80"),
    ],
)
def test_scenario_totals(name, ht, ttc):
    totals = simulate(scenario(name))["totals"]
    assert (totals["ht"], totals["ttc"]) == (ht, ttc)


@pytest.mark.parametrize(
    ("name", "grants", "own"),
    [
        ("metz_etat_17_5.json", ["239335.78", "273526.60", "239335.78"], "615434.84"),
        ("metz_etat_25.json", ["341908.25", "273526.60", "239335.78"], "512862.37"),
    ],
)
def test_metz_funding(name, grants, own):
    funding = simulate(scenario(name))["funding"]
    assert [grant["amount"] for grant in funding["grants"]] == grants
    assert funding["own_share_ht"] == own


def test_rennes_spreads_over_its_four_exercises_within_the_cap():
    document = scenario("rennes_plafond_annuel.json")
    result = simulate(document)
    years = result["by_exercise"]
    assert all(Decimal(year["ttc"]) <= Decimal(document["yearly_cap_ttc"]) for year in years)
    assert all(year["schools_entered"] for year in years)
    assert sum(year["schools_entered"] for year in years) == 77
    assert [finding["code"] for finding in result["findings"]] == ["CAP_FIRST_UNFIT"]


@pytest.mark.parametrize("slug", SLUGS)
def test_announced_amounts_of_a_scenario_are_those_of_its_document(slug):
    for plan in load(slug)["governance"]["plans"]:
        for entry in plan["scenarios"]:
            announced = json.loads((DATA / entry["document"]).read_text(encoding="utf-8")).get("announced", [])
            pairs = [(row["key"], row["amount"]) for row in announced]
            assert sorted((row["key"], row["amount"]) for row in entry["announced"]) == sorted(pairs)


# --- deliberations -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "counts"),
    [("poitiers", [46, 5, 2, 0]), ("chatellerault", [27, 11, 0, 1]), ("saint_etienne_metropole", [81, 10, 0, 40])],
)
def test_member_lists(slug, counts):
    act = act_of(slug)
    in_office = act["stated_members"]["in_office"]
    assert in_office == len(act["members"]) == sum(counts)
    assert [len(names(act, status)) for status in ("present", "represented", "absent", "excused")] == counts
    assert act["members_complete"]
    assert len({member["name"] for member in act["members"]}) == in_office
    assert [proxy["giver"] for proxy in act["proxies"]] == names(act, "represented")
    holders = [proxy["holder"] for proxy in act["proxies"]]
    assert len(set(holders)) == len(holders)
    assert set(holders) <= set(names(act, "present"))
    officers = [officer["member"] for officer in act["secretaries"] + act["reporters"]]
    assert {*officers, *([act["chair"]] if act["chair"] else [])} <= set(names(act, "present"))


@pytest.mark.parametrize(("slug", "abstain", "covered"), [("poitiers", 11, 0), ("chatellerault", 8, 2)])
def test_votes_by_name(slug, abstain, covered):
    act = act_of(slug)
    vote, members = act["vote"], act["stated_members"]
    assert vote["for"] + vote["against"] + vote["abstain"] == members["present"] + members["represented"]
    assert len(vote["abstain_names"]) == abstain
    assert vote["abstain"] == abstain + covered
    assert set(vote["abstain_names"]) <= {*names(act, "present"), *names(act, "represented")}
    held = {proxy["holder"] for proxy in act["proxies"]} & set(vote["abstain_names"])
    assert sorted(held) == sorted(vote.get("abstain_with_proxy", held))


def test_figures_that_no_source_gives_stay_unknown():
    metropole, metz = act_of("saint_etienne_metropole"), act_of("metz")
    assert metropole["vote"]["voices"] == 91
    assert metropole["vote"]["stated_result"] == "unanimous"
    assert metropole["stated_members"]["absent"] is None
    assert metz["vote"]["stated_result"] == "majority"
    for act in (metropole, metz):
        assert all(act["vote"][key] is None for key in ("for", "against", "abstain", "not_voting"))
    stated_members = {key: metz["stated_members"][key] for key in ("in_office", "present", "absent", "excused")}
    assert stated_members == {"in_office": 55, "present": 32, "absent": 23, "excused": 16}
    assert (metz["members_complete"], len(metz["members"]), metz["proxies"]) == (False, 2, None)
    assert act_of("poitiers")["stated_members"]["quorum"] is None


@pytest.mark.parametrize(
    ("slug", "visas", "considerants", "articles"),
    [("poitiers", 0, 0, 1), ("chatellerault", 1, 2, 3), ("saint_etienne_metropole", 0, 0, 2), ("metz", 5, 0, 3)],
)
def test_acts_are_whole(slug, visas, considerants, articles):
    act = act_of(slug)
    assert [len(act[part]) for part in ("visas", "considerants", "articles")] == [visas, considerants, articles]
    assert len(act["body"]) > 10


def test_committees_of_poitiers_have_colleges_and_no_invented_name():
    committees = load("poitiers")["governance"]["committees"]
    assert [len(committee["colleges"]) for committee in committees] == [6, 6, 2]
    colleges = [college for committee in committees for college in committee["colleges"]]
    assert all(college["seats"] is None and college["holders"] == [] for college in colleges)
