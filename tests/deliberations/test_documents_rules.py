"""What the documents of the register must not say: a quality that is not the signatory's, a vote nobody cast, an item nobody reached."""

import json
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.safestring import SafeString

from deliberations import reports, services
from deliberations.domain.attendance import Attendance
from deliberations.domain.ballots import refuse_method
from deliberations.models import Act, Assembly, Ballot, LegalSetting, Mandate, Sitting
from deliberations.queries.checking import check_act
from deliberations.queries.convening import agenda_of, delay_for
from deliberations.queries.register import SittingReader
from deliberations.reports import paper, signing
from deliberations.reports.columns import aligned
from deliberations.reports.convocation import convocation_report, kind_of_sent, legal_lines, salutation
from plan_numerique.shared.errors import DomainError
from tests.deliberations.entered import Room
from tests.factories import deliberations as make
from tests.factories import drafting

LAW = Path(__file__).resolve().parents[2] / "deliberations" / "management" / "legal_settings.json"
HELD, DAY = date(2026, 3, 10), date(2026, 11, 22)


@pytest.fixture
def law(db: Any) -> None:
    services.load_legal_settings(rows=json.loads(LAW.read_text(encoding="utf-8")), by=None)


@pytest.fixture
def room(authority: Any, law: None) -> Room:
    return Room(authority, "pppra", items=3, held_on=HELD, held_at=time(18)).open()


def act_again(act: Act) -> Act:
    found: Act = Act.objects.select_related("sitting__assembly__authority", "sitting__chair").get(pk=act.pk)
    return found


def sitting_again(room: Room) -> Sitting:
    found: Sitting = Sitting.objects.select_related("assembly__authority", "chair").get(pk=room.sitting.pk)
    return found


def presided(room: Room, rank: int, quality: str = "", function: str = "") -> None:
    Sitting.objects.filter(pk=room.sitting.pk).update(chair=room.members[rank], chair_quality=quality)
    Mandate.objects.filter(pk=room.members[rank].pk).update(function=function)


def closed(room: Room) -> Sitting:
    room.enter("closed")
    return sitting_again(room)


def extract(act: Act) -> dict[str, Any]:
    return reports.extract(act_again(act), DAY)


def head(act: Act) -> tuple[str, str]:
    place = extract(act)["signatures"]["places"][0]
    return place["title"], place["name"]


def register(room: Room) -> dict[str, Any]:
    assembly = Assembly.objects.select_related("authority").get(pk=room.assembly.pk)
    return reports.register(assembly, date(2026, 1, 1), date(2026, 12, 31), DAY)


# --- who signs -------------------------------------------------------------------------------------------------------

DEPUTY = "premier adjoint, remplaçant le maire empêché"


@pytest.mark.parametrize(
    ("quality", "function", "expected"),
    [
        (DEPUTY, "", ("Premier adjoint, remplaçant le maire empêché", "Mme M1")),
        (DEPUTY, "Maire", ("Premier adjoint, remplaçant le maire empêché", "Mme M1")),
        ("Maire", "", ("Le Maire", "Mme M1")),
        ("le maire de Metz", "", ("Le Maire", "Mme M1")),
        ("la maire", "", ("La Maire", "Mme M1")),
        ("", "Maire", ("Le Maire", "Mme M1")),
        ("", "Maire, vice-présidente de la communauté", ("Le Maire", "Mme M1")),
        ("", "Maire délégué", ("Le Maire", "")),
        ("", "Adjointe au maire", ("Le Maire", "")),
        ("", "", ("Le Maire", "")),
    ],
)
def test_the_mayor_is_never_printed_over_another_name(
    room: Room, quality: str, function: str, expected: tuple[str, str]
) -> None:
    presided(room, 1, quality, function)
    assert head(room.vote(0)) == expected
    for act in room.acts[1:]:
        room.enter("item_withdrawn", act=act)
    place = {"title": expected[0], "name": expected[1]}
    assert reports.minutes(closed(room), DAY)["signatures"]["places"][0] == place
    assert register(room)["sittings"][0]["signatures"]["places"][0] == place


def test_a_president_heads_a_community(room: Room) -> None:
    sitting = sitting_again(room)
    sitting.assembly.authority.kind = "epci"
    assert [signing.is_head(sitting, said) for said in ("Présidente", "président de la métropole")] == [True, True]
    others = ("Maire de Metz", "Vice-président", "Président du groupe des élus", "président de commission")
    assert not any(signing.is_head(sitting, said) for said in others)
    assert signing.title_of(sitting, "présidente") == "La Présidente"
    assert signing.head_of(sitting) == "Le Président"


def test_whoever_signed_the_act_is_told_with_their_quality(room: Room) -> None:
    presided(room, 0, "Maire")
    act = room.vote(0)
    Act.objects.filter(pk=act.pk).update(signatory_name="M. Adjoint DURAND", signatory_quality="adjoint délégué")
    assert head(act) == ("Adjoint délégué", "M. Adjoint DURAND")
    assert "le président de séance et" in extract(act)["signatures"]["note"]
    Act.objects.filter(pk=act.pk).update(signatory_quality="")
    assert head(act) == ("Signataire", "M. Adjoint DURAND")
    Act.objects.filter(pk=act.pk).update(signatory_name="Mme M0")
    assert head(act) == ("Le Maire", "Mme M0")
    Act.objects.filter(pk=act.pk).update(signatory_name="", signatory=room.members[2])
    Mandate.objects.filter(pk=room.members[2].pk).update(function="2e adjointe")
    assert head(act) == ("2e adjointe", "Mme M2")


def test_certificate_is_signed_like_the_others(room: Room) -> None:
    presided(room, 0, "Maire")
    act = room.vote(0)
    days = {"received_on": HELD, "published_on": HELD}
    Act.objects.filter(pk=act.pk).update(**days)
    places = reports.certificate(act_again(act), DAY)["signatures"]["places"]
    assert places == [{"title": "Le Maire", "name": "Mme M0"}]
    past = make.ActFactory(
        sitting__assembly=room.assembly, sitting__past=True, sitting__held_on=date(2018, 1, 5), state="adopted", **days
    )
    Sitting.objects.filter(pk=past.sitting_id).update(chair=room.members[0], chair_quality="Maire")
    places = reports.certificate(act_again(past), DAY)["signatures"]["places"]
    assert places == [{"title": "Le Maire", "name": ""}]


def test_convocation_is_signed_by_whoever_is_mayor(room: Room) -> None:
    presided(room, 1, DEPUTY)
    sitting = sitting_again(room)
    report = convocation_report(
        sitting, agenda_of(sitting), number=1, added=False, message="", delay=delay_for(sitting, DAY), day=DAY
    )
    assert report["signatures"]["places"] == [{"title": DEPUTY[:1].upper() + DEPUTY[1:], "name": "Mme M1"}]


def test_officers_nobody_wrote_are_told_missing(room: Room) -> None:
    report = extract(room.vote(0))
    facts = dict(report["facts"])
    assert (facts["Présidence"], facts["Secrétaire"]) == ("non précisé", "non précisé")
    assert report["signatures"]["places"][1] == {"title": "Secrétaire de séance", "name": "non précisé"}
    past = make.SittingFactory(assembly=room.assembly, past=True, held_on=date(2018, 1, 5))
    assert {"Présidence", "Secrétaire"}.isdisjoint(dict(paper.sitting_facts(past)))


# --- who presides ----------------------------------------------------------------------------------------------------


def test_a_chair_who_left_presides_no_more(room: Room) -> None:
    presided(room, 0, DEPUTY)
    first = room.vote(0)
    room.enter("arrival", member=room.members[4])
    room.enter("departure", member=room.members[0])
    report, before = extract(room.vote(1)), extract(first)
    assert (before["chair"], dict(before["facts"])["Présidence"]) == ("", f"Mme M0, {DEPUTY}")
    assert report["chair"] == "non précisé"
    assert "Présidence" not in dict(report["facts"])
    assert report["signatures"]["places"][0] == {"title": "Le Maire", "name": ""}


def test_own_chair_of_an_act_is_in_every_document(room: Room) -> None:
    presided(room, 0, "Maire")
    Mandate.objects.filter(pk=room.members[1].pk).update(function="1re adjointe")
    Act.objects.filter(pk=room.acts[0].pk).update(chair=room.members[1])
    act = room.vote(0)
    report = extract(act)
    assert report["chair"] == "Mme M1, 1re adjointe"
    assert "Présidence" not in dict(report["facts"])
    assert head(act) == ("1re adjointe", "Mme M1")
    for each in room.acts[1:]:
        room.enter("item_withdrawn", act=each)
    assert reports.minutes(closed(room), DAY)["items"][0]["chair"] == "Mme M1, 1re adjointe"
    assert register(room)["sittings"][0]["items"][0]["chair"] == "Mme M1, 1re adjointe"
    text = paper.render_to_string("reports/deliberations/register.html", {"report": register(room)})
    assert "Présidence pour cette affaire : Mme M1, 1re adjointe (CGCT, article L2121-14)." in text


# --- what is in the register -----------------------------------------------------------------------------------------


def test_a_communication_is_in_the_minutes_alone(room: Room) -> None:
    Act.objects.filter(pk=room.acts[0].pk).update(kind="information", received_on=HELD, published_on=HELD)
    room.examine(0)
    room.vote(1)
    room.enter("item_withdrawn", act=room.acts[2])
    sitting = closed(room)
    act = act_again(room.acts[0])
    assert act.state == "noted"
    for build in (reports.extract, reports.certificate):
        with pytest.raises(DomainError, match="Une communication sans vote ne décide rien"):
            build(act, DAY)
    assert [row[0] for row in reports.examined(sitting, DAY)["rows"]] == ["2"]
    report = register(room)
    assert dict(report["facts"])["Délibérations"] == "1"
    assert [item["act"].number for item in report["sittings"][0]["items"]] == ["2"]
    item = reports.minutes(sitting, DAY)["items"][0]
    assert (item["deliberated"], item["outcome"]) == (False, "Communication sans vote")


def test_a_communication_that_was_voted_is_deliberated(room: Room) -> None:
    Act.objects.filter(pk=room.acts[0].pk).update(kind="information")
    assert extract(room.vote(0))["vote"]["verdict"] == "Adoptée à l'unanimité"


def test_register_waits_for_the_end_of_the_sitting(room: Room) -> None:
    room.vote(0)
    with pytest.raises(DomainError, match="Aucune délibération entre"):
        register(room)
    closed(room)
    assert len(register(room)["sittings"][0]["items"]) == 1


# --- minutes and list ------------------------------------------------------------------------------------------------


def test_movements_follow_the_order_of_the_room(room: Room) -> None:
    room.enter("arrival", member=room.members[4])
    room.vote(0)
    room.enter("departure", member=room.members[2], at="18:40")
    room.enter("return", member=room.members[2])
    room.vote(1)
    report = reports.minutes(closed(room), DAY)
    moved = [line.replace("\xa0", " ") for line in report["items"][1]["movements"]]
    assert moved == ["Départ : Mme M2, à 18 h 40", "Retour : Mme M2"]


def test_items_not_deliberated_say_what_became_of_them(room: Room) -> None:
    room.enter("item_adjourned", act=room.acts[1], reason="Premier motif")
    room.enter("item_restored", act=room.acts[1])
    room.enter("item_adjourned", act=room.acts[1], reason="Dossier incomplet")
    room.enter("item_withdrawn", act=room.acts[2])
    sitting = closed(room)
    outcomes = {item["heading"][:4]: item["outcome"] for item in reports.minutes(sitting, DAY)["items"]}
    assert outcomes == {
        "N° 1": "Affaire non examinée",
        "N° 2": "Affaire ajournée : Dossier incomplet",
        "N° 3": "Affaire retirée de l'ordre du jour",
    }
    listed = reports.examined(sitting, DAY)
    assert listed["rows"] == []
    assert [(row[0], row[2]) for row in listed["aside"]] == [
        ("1", "Affaire non examinée"),
        ("2", "Ajournée"),
        ("3", "Retirée"),
    ]


# --- second convocation ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("regime", "article"), [("common", "L2121-17"), ("alsace_moselle", "L2541-4")])
def test_second_convocation_needs_no_quorum_and_says_so(authority: Any, law: None, regime: str, article: str) -> None:
    room = Room(authority, "paaaa", items=1, held_on=HELD, second_convocation=True)
    first = make.SittingFactory(assembly=room.assembly, held_on=date(2026, 3, 3), state="closed")
    Sitting.objects.filter(pk=room.sitting.pk).update(first_sitting=first)
    Assembly.objects.filter(pk=room.assembly.pk).update(regime=regime)
    room.sitting = sitting_again(room)
    room.open()
    reader = SittingReader(sitting_again(room))
    facts = dict(paper.sitting_facts(reader.sitting))
    assert facts["Quorum"] == f"non requis (seconde convocation, CGCT, article {article})"
    assert facts["Convocation"] == "seconde convocation"
    assert "Quorum" not in [row[0] for row in paper.counts_of(reader, reader.opening)]
    assert paper.attendance_line(reader.sitting, reader.opening).endswith("1 voix ; quorum non requis")


# --- French ----------------------------------------------------------------------------------------------------------


def test_numbers_agree_with_what_they_count() -> None:
    five, one = Attendance(5, (1, 2, 3, 4, 5), (), {}, (), ()), Attendance(1, (1,), (), {}, (), ())
    assert "demandé par 1 membre présent sur 5" in refuse_method(five, "public", 1, 4)
    assert refuse_method(one, "secret", 2, 3).startswith("2 membres demandent le scrutin secret, 1 est présent")
    assert [paper.ranked(rank) for rank in (1, 2, 10, 11)] == ["premier", "deuxième", "dixième", "11e"]
    assert paper.reported(["A"]) == [("Rapporteur", "A")]
    assert paper.reported(["A", "B", "C"]) == [("Rapporteurs", "A, B et C")]


def test_proxies_a_member_holds_are_those_of_the_law(room: Room) -> None:
    sitting = sitting_again(room)
    delay = delay_for(sitting, DAY)
    assert "ne porte qu’un pouvoir, qui est toujours révocable" in legal_lines(sitting, delay)[-1]
    LegalSetting.objects.filter(code="proxies_per_holder").update(value=2)
    assert "ne porte que 2 pouvoirs, toujours révocables" in legal_lines(sitting, delay)[-1]


@pytest.mark.parametrize(
    ("civility", "name", "said"),
    [
        ("M.", "Synthétique TROIS", "Monsieur,"),
        ("", "M. Synthétique TROIS", "Monsieur,"),
        ("Mme", "Synthétique DEUX", "Madame,"),
        ("", "Madame DEUX", "Madame,"),
        ("", "JP. ABELIN", "Madame, Monsieur,"),
        ("", "Synthétique QUATRE", "Madame, Monsieur,"),
    ],
)
def test_salutation_follows_the_civility(civility: str, name: str, said: str) -> None:
    assert salutation(Mandate(civility=civility, display_name=name)) == said


def test_a_later_convocation_has_one_name_on_paper_and_in_the_mail(room: Room) -> None:
    def sent(number: int, *acts: Act) -> Any:
        agenda = [{"act": act.pk, "number": act.number, "title": act.title} for act in acts]
        return make.ConvocationFactory(sitting=room.sitting, number=number, agenda=agenda)

    first, second, third = sent(1, room.acts[0]), sent(2, room.acts[0]), sent(3, room.acts[1])
    assert [kind_of_sent(row) for row in (first, second, third)] == [
        "Convocation",
        "Convocation rectificative",
        "Convocation complémentaire",
    ]


# --- lay-out ---------------------------------------------------------------------------------------------------------


def test_columns_of_figures_are_set_to_the_right() -> None:
    html = (
        '<table><thead><tr><th scope="col">Exercice</th><th scope="col">Montant</th><th scope="col">Note</th></tr></thead><tbody>'
        "<tr><td>2023</td><td>1\u202f200,00\u202f€</td><td>deux</td></tr><tr><td>Total</td><td>–</td><td></td></tr></tbody></table>"
    )
    shown = aligned(SafeString(html))
    assert shown.count('class="figure-cell"') == 3
    assert '<th scope="col" class="figure-cell">Montant</th>' in shown
    assert '<th scope="col">Note</th>' in shown
    assert "<td>2023</td>" in shown
    assert shown.replace(' class="figure-cell"', "") == html
    assert aligned(SafeString("<p>1</p>")) == "<p>1</p>"


def test_notice_runs_in_a_line_and_stands_whole_once(room: Room) -> None:
    sitting = sitting_again(room)
    sitting.assembly.authority.notice = f"Simulation sur données ouvertes. {'Les prix sont des hypothèses. ' * 8}"
    report = paper.headed(sitting, DAY, "Procès-verbal", "T", "Projet de procès-verbal, à arrêter")
    assert report["banner"] == "Simulation sur données ouvertes — Projet de procès-verbal"
    assert report["draft"] == "Projet de procès-verbal, à arrêter"
    page = paper.render_to_string("reports/deliberations/_page.html", {"report": {**report, "number": ""}})
    assert page.count("Les prix sont") == 8


# --- queries ---------------------------------------------------------------------------------------------------------


def full(room: Room, rank: int) -> None:
    act = room.acts[rank]
    make.ReporterFactory(act=act, published_name="Mme M0")
    make.ActClauseFactory(act=act, position=1, text="Texte.")
    make.ActIdentifierFactory(act=act)
    drafting.CommissionOpinionFactory(act=act)
    drafting.AnnexFactory(act=act)
    room.examine(rank)
    room.enter("ballot", mode="by_name", others="for")
    room.enter("vote", member=room.members[1], choice="against")
    room.enter("result")


def queries_of(build: Any) -> int:
    with CaptureQueriesContext(connection) as found:
        build()
    return len(found)


def test_queries_do_not_follow_the_number_of_acts(authority: Any, law: None) -> None:
    room = Room(authority, "pppra", items=6, held_on=HELD, held_at=time(18)).open()
    presided(room, 0, "Maire")
    for rank in range(2):
        full(room, rank)
    room.enter("closed")
    builds = (
        lambda: register(room),
        lambda: reports.minutes(sitting_again(room), DAY),
        lambda: reports.examined(sitting_again(room), DAY),
        lambda: convocation_items(room, 2),
    )
    few = [queries_of(build) for build in builds]
    room.enter("opened", reason="Suite")
    for rank in range(2, 6):
        full(room, rank)
    room.enter("closed")
    more = (*builds[:3], lambda: convocation_items(room, 6))
    assert [queries_of(build) for build in more] == few
    assert few[0] <= 40


def convocation_items(room: Room, number: int) -> None:
    sitting = sitting_again(room)
    delay = delay_for(sitting, DAY)
    items = agenda_of(sitting)[:number]
    convocation_report(sitting, items, number=1, added=False, message="", delay=delay, day=DAY)


@pytest.mark.parametrize("past", [False, True])
def test_figures_read_at_once_are_those_of_the_check(room: Room, past: bool) -> None:
    presided(room, 0, "Maire")
    full(room, 0)
    act = room.examine(1)
    room.enter("withdrawal", member=room.members[1], act=act)
    room.enter("arrival", member=room.members[4], act=act)
    room.enter("ballot", mode="by_name", others="for")
    room.enter("result")
    if past:
        Sitting.objects.filter(pk=room.sitting.pk).update(past=True, in_office=5, present=4, represented=1)
    Ballot.objects.filter(act=room.acts[0]).update(blank_count=1)
    reader = SittingReader(sitting_again(room))
    for each in reader.whole_acts[:2]:
        result, whole = reader.result(each), check_act(act_again(each))
        assert (result.quorum, result.voices, result.tally) == (whole.quorum, whole.voices, whole.tally)
