"""Check that every quote, name and block of an act in `../data/*.json` is found in the source documents.

Run by hand, from the root of the repository, after any change of the data files:

    python plan_numerique/demo/extract/check_quotes.py ../shared/seeds
"""

import json
import re
import sys
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"
SEEDS = {
    "Délibération n° 72 du conseil municipal de Poitiers, 3 décembre 2018": "000_77cc0dc1f3ffea74.txt",
    "Présentation du plan « Numérique - ENT pour les écoles de Poitiers », Ville de Poitiers, 2018": (
        "001_b344b10756e470c0.txt"
    ),
    "Délibération n° 1 du conseil municipal de Châtellerault, 9 novembre 2017": "002_7934da2010b96ecf.txt",
    "Délibération n° CC/2016.00254 du conseil communautaire de Saint-Étienne Métropole, 30 juin 2016": (
        "003_d61e9af21b6cedd4.txt"
    ),
    "Délibération n° 15-11-26-18 du conseil municipal de Metz, 26 novembre 2015": "004_a7a05912ab34aa54.txt",
}


def plain(text):
    """One space between words, without the marks that the documents' conversion left (bold, superscripts)."""
    return re.sub(r"\s+", " ", re.sub(r"[*]|\^\{|\}|</?sup>", "", text)).strip()


def walk(node):
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from walk(part)


def published(act):
    """All that an act's record copies word for word."""
    yield from (block["text"] for block in act["body"])
    yield from act["visas"] + act["considerants"] + act["articles"] + act.get("preamble", [])
    yield from (number["quote"] for number in act["numbers"])
    yield from (proxy[side] for proxy in act["proxies"] or [] for side in ("giver", "holder"))
    yield from act["vote"]["abstain_names"] or []
    yield from (secretary["name"] for secretary in act["secretaries"])
    yield from (member["last_name"] for member in act["members"])


def main(seeds):
    texts = {source: plain((seeds / name).read_text(encoding="utf-8")) for source, name in SEEDS.items()}
    checked, missing = 0, []
    for path in sorted(DATA.glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        facts = [(n["source"], n["quote"]) for n in walk(document) if "quote" in n and n.get("source")]
        for act in document["deliberations"]["acts"]:
            facts += [(act["source"], text) for text in published(act)]
        checked += len(facts)
        missing += [f"{path.name}: {text}" for source, text in facts if plain(text) not in texts[source]]
    if missing:
        sys.exit("\n".join(missing))
    sys.stdout.write(f"{checked} passages checked, none missing\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
