"""What the documents of the register say, read back from their PDF: the four published acts name by name, and sittings held here."""

import json
import re
import subprocess
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberations import reports, services
from deliberations.domain import act as core
from deliberations.domain.result import CheckResult, Quorum
from deliberations.domain.tally import tally_of
from deliberations.models import Act, Assembly, Ballot, LegalSetting, Sitting
from deliberations.queries.reading import Choice
from deliberations.queries.register import ActSheet, Called, Said
from deliberations.reports import paper
from plan_numerique.demo.loader.councils import load_council
from plan_numerique.shared.errors import DomainError
from tests.deliberations.entered import Room
from tests.documents.pdf_checks import problems
from tests.factories import deliberations as make

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "plan_numerique" / "demo" / "data"
SLUGS = ("poitiers", "chatellerault", "saint_etienne_metropole", "metz")
DAY = date(2026, 11, 22)
UNKNOWN = "non précisé"


def source(slug: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DATA / f"{slug}.json").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture
def law(db: Any) -> None:
    path = ROOT / "deliberations" / "management" / "legal_settings.json"
    services.load_legal_settings(rows=json.loads(path.read_text(encoding="utf-8")), by=None)


@pytest.fixture
def published(authority: Any, law: None) -> Any:
    """The act of a source, as the demo loads it."""

    def load(slug: str) -> Act:
        load_council(authority, source(slug), [])
        return Act.objects.select_related("sitting__assembly__authority", "sitting__chair", "ballot").get()

    return load


def text_of(content: bytes, *options: str) -> str:
    """Words of a PDF in the order they are written, one space between them; a name cut at its hyphen is joined again."""
    done = subprocess.run(
        ["pdftotext", *(options or ("-raw",)), "-", "-"], input=content, capture_output=True, check=True
    )
    text = done.stdout.decode().replace("\f", "\n")
    text = re.sub(r"(?<=\w)-\n\s*(?=\w)", "-", text)
    return " ".join(text.replace("\u202f", " ").replace("\xa0", " ").split())


def between(text: str, start: str, *ends: str) -> str:
    part = text.split(start, 1)[1]
    return min((part.split(end, 1)[0] for end in ends if end in part), key=len, default=part)


def drawn(template: str, report: dict[str, Any]) -> bytes:
    return reports.render_paper(template, report)


def extract_of(act: Act) -> str:
    return text_of(drawn("extract", reports.extract(act, DAY)))


FIGURES = {
    "poitiers": ("40", "0", "11", "0", "40", "21"),
    "chatellerault": ("28", "0", "10", UNKNOWN, "28", "15"),
    "saint_etienne_metropole": (UNKNOWN,) * 4,
    "metz": (UNKNOWN,) * 4,
}
VERDICTS = {
    "poitiers": "Adoptée à l'unanimité des suffrages exprimés",
    "chatellerault": "Adoptée à l'unanimité des suffrages exprimés",
    "saint_etienne_metropole": "Ce dossier a été adopté à l'unanimité.",
    "metz": "ADOPTÉE À LA MAJORITÉ",
}


@pytest.mark.parametrize("slug", SLUGS)
def test_extract_says_what_the_source_says(published: Any, slug: str) -> None:
    report = reports.extract(published(slug), DAY)
    stated, text = source(slug)["deliberations"]["acts"][0], text_of(drawn("extract", report))
    check_counts(report, stated)
    check_names(report, stated, text)
    check_vote(report, stated["vote"], text, slug)
    for row in (*stated["secretaries"], *stated["reporters"]):
        assert row["name"] in text
    for number in stated["numbers"]:
        assert number["value"] in text
    assert "Pour extrait conforme au registre" in text
    assert "L2121-23" not in text


def check_counts(report: dict[str, Any], stated: dict[str, Any]) -> None:
    counts = {label: figure for label, figure, _ in report["counts"]}
    labels = {"in_office": "En exercice", "present": "Présents", "represented": "Représentés"}
    for name, label in labels.items():
        written = stated["stated_members"][name]
        assert counts[label] == (UNKNOWN if written is None else str(written))
    for name, label in (("absent", "Absents"), ("excused", "Excusés")):
        written = stated["stated_members"][name]
        assert counts.get(label, UNKNOWN) == (UNKNOWN if written is None else str(written))


def check_names(report: dict[str, Any], stated: dict[str, Any], text: str) -> None:
    by_state: dict[str, list[str]] = {}
    for member in stated["members"]:
        by_state.setdefault(member["status"], []).append(member["name"])
    groups = {group["label"]: list(group["names"]) for group in report["roll"]["groups"]}
    for state, label in (("present", "Présents"), ("excused", "Excusés"), ("absent", "Absents")):
        assert groups.get(label, []) == by_state.get(state, [])
        for name in by_state.get(state, []):
            assert name in text, name
    proxies = [(row["giver"], row["holder"]) for row in stated["proxies"] or []]
    assert sorted(report["roll"]["proxies"]) == sorted(proxies)
    for giver, holder in proxies:
        assert f"{giver} {holder}" in text, giver


def check_vote(report: dict[str, Any], stated: dict[str, Any], text: str, slug: str) -> None:
    vote = report["vote"]
    assert tuple(figure for _, figure in vote["figures"]) == FIGURES[slug]
    assert vote["verdict"] == VERDICTS[slug]
    assert VERDICTS[slug] in text
    named = {choice["label"]: choice["names"] for choice in vote["named"]}
    covering = stated.get("abstain_with_proxy", [])
    proxy = " (+1\u00a0pouvoir)"
    names = [f"{name}{proxy * (name in covering)}" for name in stated["abstain_names"] or []]
    assert named.get("Abstention", []) == names
    part = between(text, "Décompte des voix", "Transmission et publication")
    assert all(name.replace("\xa0", " ") in part for name in names)
    assert part.count(UNKNOWN) == FIGURES[slug].count(UNKNOWN)


def test_names_of_saint_etienne_are_all_there_and_the_file_is_sound(published: Any) -> None:
    report = reports.extract(published("saint_etienne_metropole"), DAY)
    content = drawn("extract", report)
    text = text_of(content)
    present = between(text, "Présents (81)", "Pouvoirs (10)")
    excused = between(text, "Excusés (40)", "Le nombre des absents")
    civil = re.compile(r"\b(?:M\.|Mme) ")
    assert (len(civil.findall(present)), len(civil.findall(excused))) == (81, 40)
    assert ("Excusés", UNKNOWN, "40 noms") in report["counts"]
    assert problems(content) == []


def test_an_unknown_figure_is_never_nought(published: Any) -> None:
    text = extract_of(published("metz"))
    assert not re.search(r"\b0\b", between(text, "Décompte des voix", "Transmission et publication"))
    assert "Représentés non précisé" in between(text, "En exercice", "Exposé")
    assert "1 nom écrit sur 32" in text
    assert "DECIDE d'approver le plan numérique" in text
    assert "le conseil municipal, après en avoir délibéré" not in text


def test_dates_of_filing_are_told_or_missing(published: Any) -> None:
    filing = dict(reports.extract(published("poitiers"), DAY)["filing"])
    assert filing["Exécutoire le"].replace("\xa0", " ") == "10 décembre 2018"
    assert filing["Transmise au représentant de l’État le"] == UNKNOWN
    assert filing["Identifiant de télétransmission"] == "086-218601946-20181203-lmc194691-DE-1-1"


@pytest.mark.parametrize("template", ["extract", "certificate", "list", "minutes", "register"])
def test_same_content_and_date_give_the_same_bytes_and_a_sound_file(published: Any, template: str) -> None:
    act = published("chatellerault")
    contexts = {
        "extract": lambda: reports.extract(act, DAY),
        "certificate": lambda: reports.certificate(act, DAY),
        "list": lambda: reports.examined(act.sitting, DAY),
        "minutes": lambda: reports.minutes(act.sitting, DAY),
        "register": lambda: reports.register(act.sitting.assembly, date(2017, 1, 1), date(2017, 12, 31), DAY),
    }
    first, second = (drawn(template, contexts[template]()) for _ in range(2))
    assert first == second
    assert problems(first) == []


# --- a sitting held with the product ---------------------------------------------------------------------------------


@pytest.fixture
def room(authority: Any, law: None) -> Room:
    room = Room(authority, "pppra", items=3, held_on=date(2026, 3, 10), held_at=time(18, 0)).open()
    room.enter("proxy", giver=room.members[3], holder=room.members[0])
    Sitting.objects.filter(pk=room.sitting.pk).update(chair=room.members[0], chair_quality="Maire")
    make.SecretaryFactory(sitting=room.sitting, published_name="Mme M1")
    make.ActClauseFactory(act=room.acts[0], position=1, kind="considerant", text="l'intérêt du plan synthétique,")
    make.ActClauseFactory(act=room.acts[0], position=2, verb="approuve", text="le plan synthétique.")
    return room


def again(row: Any) -> Any:
    related = ("sitting__assembly__authority", "sitting__chair") if isinstance(row, Act) else ("assembly__authority",)
    return type(row).objects.select_related(*related).get(pk=row.pk)


def test_extract_of_a_sitting_held_here(room: Room) -> None:
    room.vote(0)
    text = extract_of(again(room.acts[0]))
    assert "Le conseil municipal, après en avoir délibéré : APPROUVE le plan synthétique." in text
    assert "Considérant l'intérêt du plan synthétique," in text
    assert "Adoptée à l'unanimité" in text
    assert "Signé par le maire et le secrétaire de séance (CGCT, article L2121-23)" in text
    signing = between(text, "L2121-23")
    assert "Le Maire Mme M0" in signing
    assert "Secrétaire de séance Mme M1" in signing
    assert "Exécutoire le à venir" in text


def test_extract_counts_who_is_there_at_that_act(room: Room) -> None:
    room.vote(0)
    room.enter("arrival", member=room.members[4], at="18:42")
    room.vote(1)
    before, after = (reports.extract(again(act), DAY) for act in room.acts[:2])
    assert [row for row in before["counts"] if row[0] == "Présents"] == [("Présents", "3", "")]
    assert [row for row in after["counts"] if row[0] == "Présents"] == [("Présents", "4", "")]
    assert before["movements"] == []
    assert [line.replace("\xa0", " ") for line in after["movements"]] == ["Arrivée : Mme M4, à 18 h 42"]


def test_secret_ballot_prints_no_name(room: Room) -> None:
    """Not even those of rows that should not be there."""
    act = room.examine(0)
    room.enter("ballot", mode="totals", method="secret", requested_by=3)
    room.enter("tally", **{"for": 3, "against": 1, "abstain": 0})
    room.enter("result")
    ballot = Ballot.objects.get(act=act)
    make.VoteFactory(ballot=ballot, mandate=room.members[2], choice="against")
    Ballot.objects.filter(pk=ballot.pk).update(named_choices=["against"], others_voted="for")
    report = reports.extract(again(act), DAY)
    assert report["vote"]["named"] == []
    vote = between(text_of(drawn("extract", report)), "Adoptée", "Transmission et publication")
    assert "Mme M" not in vote
    assert "Scrutin secret, demandé par 3 membres (CGCT, article L2121-21)." in vote
    assert re.search(r"Voix 3 1 0", vote)


def test_public_ballot_names_every_voice(room: Room) -> None:
    act = room.examine(0)
    room.enter("ballot", mode="by_name", method="public", requested_by=1, others="for")
    room.enter("vote", member=room.members[2], choice="against")
    room.enter("result")
    text = extract_of(again(act))
    vote = between(text, "Décompte des voix", "Transmission et publication")
    assert "Contre (1) Mme M2" in vote
    for name in ("Mme M0", "Mme M1", "Mme M3"):
        assert name in between(vote, "Pour (3)", "Contre")
    assert "autres membres" not in vote
    assert "Scrutin public, demandé par 1 membre (CGCT, article L2121-21)." in between(text, "Vote", "Transmission")


def test_withdrawn_member_is_told_with_the_article(room: Room) -> None:
    act = room.examine(0)
    room.enter("withdrawal", member=room.members[1], act=act)
    room.enter("arrival", member=room.members[4], act=act)
    room.enter("ballot", mode="by_name", others="for")
    room.enter("result")
    text = extract_of(again(act))
    assert "Se retire et ne prend pas part à la délibération : Mme M1 (CGCT, article L2131-11)." in text


def test_draft_has_no_extract(room: Room) -> None:
    with pytest.raises(DomainError, match="« Projet »"):
        reports.extract(again(room.acts[2]), DAY)


def closed(room: Room) -> Sitting:
    room.enter("item_withdrawn", act=room.acts[2])
    room.enter("closed")
    sitting: Sitting = again(room.sitting)
    return sitting


def test_minutes_tell_what_happened_where_it_happened(room: Room) -> None:
    room.vote(0)
    room.enter("note", act=room.acts[0], text="Mme M2 demande le calendrier.")
    room.enter("arrival", member=room.members[4], at="18:42")
    room.vote(1)
    sitting = closed(room)
    text = text_of(drawn("minutes", reports.minutes(sitting, DAY)))
    for said in (
        "mardi 10 mars 2026 à 18 h 00", "Secrétaire Mme M1", "Quorum 3 atteint", "Donne pouvoir à Mme M3 Mme M0", "Ordre du jour",
        "Mme M2 demande le calendrier.", "Adoptée à l'unanimité", "Projet de procès-verbal, à arrêter",
        "Signé par le maire et le secrétaire de séance (CGCT, article L2121-15)",
    ):  # fmt: skip
        assert said in text, said
    items = text.split("N° 2 — ")
    assert "Arrivée : Mme M4, à 18 h 42." not in items[0]
    assert "Arrivée : Mme M4, à 18 h 42." in items[1]
    assert "4 présents, 1 représenté, 5 voix ; quorum de 3 atteint" in items[1].lower()
    assert "Affaire retirée de l'ordre du jour" in text.split("N° 3 — ")[1]


def test_minutes_composed_replace_the_notes_and_say_when_approved(room: Room) -> None:
    room.vote(0)
    room.enter("note", act=room.acts[0], text="Note brève.")
    sitting = closed(room)
    later = make.SittingFactory(assembly=room.assembly, held_on=date(2026, 4, 14), state="open")
    sitting.minutes = f"Ouverture.\n\n=== acte {room.acts[0].pk} ===\nDébat composé."
    sitting.minutes_approved_in = later
    services.save_minutes(instance=sitting, by=None)
    text = text_of(drawn("minutes", reports.minutes(again(sitting), DAY)))
    assert "Débat composé." in text
    assert "Note brève." not in text
    assert "arrêté au commencement de la séance du 14 avril 2026" in text
    assert "Projet de procès-verbal" not in text
    next_text = text_of(drawn("minutes", reports.minutes(_over(later), DAY)))
    assert "Le procès-verbal de la séance du 10 mars 2026 est arrêté." in next_text


def _over(sitting: Sitting) -> Sitting:
    Sitting.objects.filter(pk=sitting.pk).update(state="closed")
    found: Sitting = again(sitting)
    return found


def test_list_has_number_title_and_result_and_its_deadline(room: Room) -> None:
    room.vote(0)
    with pytest.raises(DomainError, match="n'est pas levée"):
        reports.examined(again(room.sitting), DAY)
    text = text_of(drawn("list", reports.examined(closed(room), DAY)), "-layout")
    assert re.search(r"1 Délibération synthétique 0 Adoptée à l'unanimité", text)
    assert "au plus tard le 17 mars 2026 (CGCT, article L2121-25)" in text
    assert "Affaires retirées, ajournées ou non examinées" in text


def test_list_before_the_reform_has_no_deadline(room: Room) -> None:
    room.vote(0)
    sitting = closed(room)
    LegalSetting.objects.filter(code="list_days").update(valid_from=date(2027, 1, 1))
    assert reports.examined(sitting, DAY)["due"] == ""


def test_minutes_of_alsace_moselle_quote_no_article_that_does_not_hold_there(room: Room) -> None:
    room.vote(0)
    sitting = closed(room)
    Assembly.objects.filter(pk=room.assembly.pk).update(regime="alsace_moselle")
    text = text_of(drawn("minutes", reports.minutes(again(sitting), DAY)))
    assert "L2121-15" not in text


def test_register_has_all_the_acts_of_the_period_by_date(room: Room) -> None:
    room.vote(0)
    room.vote(1)
    closed(room)
    other = make.ActFactory(
        sitting__assembly=room.assembly,
        sitting__held_on=date(2026, 2, 3),
        sitting__past=True,
        title="Plus ancienne",
        state="adopted",
    )
    make.ActFactory(sitting=other.sitting, title="Seulement en projet")
    make.ActFactory(sitting__assembly=room.assembly, sitting__held_on=date(2025, 12, 1), title="Hors", state="adopted")
    content = drawn(
        "register",
        reports.register(
            Assembly.objects.select_related("authority").get(pk=room.assembly.pk),
            date(2026, 1, 1),
            date(2026, 12, 31),
            DAY,
        ),
    )
    text = text_of(content)
    assert problems(content) == []
    assert "Table des délibérations" in text
    body = text.split("Table des délibérations", 1)[1]
    assert body.index("Séance du mardi 3 février 2026") < body.index("Séance du mardi 10 mars 2026")
    assert "Seulement en projet" not in text
    assert "Hors" not in text
    assert text.count("Signatures de la séance") == 2


def test_register_of_an_empty_or_too_long_period_is_refused(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    assembly = Assembly.objects.select_related("authority").get(pk=room.assembly.pk)
    with pytest.raises(DomainError, match="Aucune délibération entre le 1er\xa0janvier\xa02020"):
        reports.register(assembly, date(2020, 1, 1), date(2020, 12, 31), DAY)
    room.vote(0)
    closed(room)
    monkeypatch.setattr("deliberations.reports.sittings.MOST_ACTS", 0)
    with pytest.raises(DomainError, match="choisir une période plus courte"):
        reports.register(assembly, date(2026, 1, 1), date(2026, 12, 31), DAY)


def test_certificate_takes_the_later_day(room: Room) -> None:
    act = room.vote(0)
    with pytest.raises(DomainError, match=r"il manque deux dates.*réception.*publication.*L2131-1"):
        reports.certificate(again(act), DAY)
    Act.objects.filter(pk=act.pk).update(received_on=date(2026, 3, 12))
    with pytest.raises(DomainError, match="il manque une date, celle de la publication"):
        reports.certificate(again(act), DAY)
    Act.objects.filter(pk=act.pk).update(published_on=date(2026, 3, 16))
    with pytest.raises(DomainError, match="sera exécutoire le 16"):
        reports.certificate(again(act), date(2026, 3, 15))
    text = text_of(drawn("certificate", reports.certificate(again(act), date(2026, 3, 16))))
    assert "Le Maire certifie que la délibération ci-dessous est exécutoire depuis le 16 mars 2026." in text
    assert "L2131-1 et L2131-2" in text


def test_rejected_act_is_not_certified(room: Room) -> None:
    act = room.vote(0, others="against")
    assert act.state == "rejected"
    assert "Rejetée" in extract_of(again(act))
    with pytest.raises(DomainError, match="rien à certifier"):
        reports.certificate(again(act), DAY)


def test_hostile_text_is_printed_as_it_is(room: Room) -> None:
    make.ActClauseFactory(act=room.acts[0], position=3, text="<script>alert(1)</script> & <img src=file:///etc/passwd>")
    make.ActClauseFactory(
        act=room.acts[0],
        position=4,
        rich=True,
        text='<p>Gras <strong>oui</strong></p><img src="http://x/y.png"><table><tbody><tr><th scope=row>a</th><td>1</td></tr></tbody></table>',
    )
    room.vote(0)
    content = drawn("extract", reports.extract(again(room.acts[0]), DAY))
    text = text_of(content)
    assert "<script>alert(1)</script>" in text
    assert "Gras oui" in text
    assert problems(content) == []


FIGURE = st.none() | st.integers(0, 131)


@given(
    counts=st.fixed_dictionaries(dict.fromkeys(core.CHOICES, FIGURE)),
    blank=FIGURE,
    mode=st.sampled_from(["by_name", "totals"]),
)
def test_figures_of_the_extract_are_those_of_the_check(
    counts: dict[str, int | None], blank: int | None, mode: str
) -> None:
    """An abstention of the check holds the blank and void papers too; what is unknown is a word on both sides."""
    read = {**counts, "abstain": (counts["abstain"] or 0) + blank if blank else counts["abstain"]}
    stated = core.Act(core.Session(DAY), vote=core.Ballot(counts=read))
    result = CheckResult(Quorum(None, None, None), None, tally_of(stated), None, ())
    ballot = Ballot(mode=mode, blank_count=blank, **{f"{choice}_count": figure for choice, figure in counts.items()})
    choices = [Choice(label, code, counts[code], False, (), False) for code, label in LABELS.items()]
    sheet = ActSheet(
        act=Act(sitting=Sitting()),
        called=Called(core.Members(), result.quorum, None),
        blocks=(),
        reporters=(),
        commissions=(),
        annexes=(),
        actes="",
        numbers=(),
        vote=None,
        result=result,
        executory_on=None,
    )
    shown = dict(paper.vote(Said(ballot, choices, "", ""), sheet)["figures"])
    assert shown["Pour"] == _written(result.tally.in_favour)
    assert shown["Contre"] == _written(result.tally.against)
    if counts["abstain"] is not None:
        assert int(shown["Abstention"]) + int(shown.get("Blancs et nuls", "0")) == result.tally.abstain
    else:
        assert shown["Abstention"] == UNKNOWN
    assert shown.get("Suffrages exprimés", "0") == str(result.tally.cast or 0)


LABELS = {"for": "Pour", "against": "Contre", "abstain": "Abstention", "not_voting": "Ne prend pas part au vote"}


def _written(figure: int | None) -> str:
    return UNKNOWN if figure is None else str(figure)
