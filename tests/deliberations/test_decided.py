"""What the assembly decided changes only by a path that says so: generic saves, deletions, votes entered again, rows moved elsewhere."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from deliberations import queries, services
from deliberations.enums import CouncilDocumentKind
from deliberations.models import Act, Ballot, Publication, Reporter, Sitting
from deliberations.queries.checking import executory_day
from deliberations.reports import certificate
from deliberations.services.classifications import read_nomenclature
from deliberations.services.publications import publish_document, withdraw_publication
from plan_numerique.shared.errors import DomainError
from tests.deliberations.convened import council
from tests.deliberations.entered import Room
from tests.factories import deliberations as make
from tests.factories import drafting, filing
from tests.factories.governance import ScenarioFactory

JSON = {"content_type": "application/json"}
URL = "/api/v1/deliberations/"
MEETING = {"in_office": 5, "present": 5, "represented": 0, "absent": 0}


def voted(authority: Any, **fields: Any) -> Room:
    room = Room(authority, "ppppp", items=1, held_on=date(2026, 3, 10), **fields).open()
    make.ActClauseFactory(act=room.acts[0], text="le texte voté")
    room.vote(0)
    room.enter("closed")
    return again(room)


def again(room: Room) -> Room:
    room.sitting = Sitting.objects.get(pk=room.sitting.pk)
    room.acts = [Act.objects.get(pk=act.pk) for act in room.acts]
    return room


def on_paper(authority: Any, **fields: Any) -> Sitting:
    """Held outside of the product, and over."""
    sitting: Sitting = make.SittingFactory(assembly__authority=authority, **{**MEETING, "state": "closed", **fields})
    return sitting


def by_form(act: Act, **fields: Any) -> Ballot:
    counts = {"mode": "totals", "for_count": 3, "against_count": 2, "abstain_count": 0}
    return services.record_vote(act=act, fields={**counts, **fields}, by=None)


# --- the act itself --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"state": "draft"}, "state"), ({"state": "rejected"}, "state"), ({"title": "Tout autre objet"}, "title"),
        ({"number": "999"}, "number"), ({"stated_object": "Autre"}, "stated_object"), ({"kind": "motion"}, "kind"),
        ({"nature": "AR"}, "nature"),
    ],
)  # fmt: skip
def test_what_was_voted_is_not_patched(authority: Any, client_as: Any, change: dict[str, str], field: str) -> None:
    act = voted(authority).acts[0]
    publication = filing.published(filing.extract_of(act))
    answer = client_as("assembly").patch(f"{URL}{act.pk}/", change, **JSON)
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert client_as("assembly").delete(f"{URL}{act.pk}/").status_code == 400
    kept = Act.objects.get(pk=act.pk)
    assert (kept.state, kept.title, kept.number) == ("adopted", act.title, act.number)
    page = client_as("assembly").get(f"/actes/{authority.slug}/{act.pk}/")
    assert (page.status_code, Publication.objects.get().pk) == (200, publication.pk)


def test_what_follows_a_vote_is_still_written(authority: Any, client_as: Any) -> None:
    act = voted(authority).acts[0]
    later = {"transmitted_on": "2026-03-11", "received_on": "2026-03-11", "matter_code": "8.1", "service": "Éducation"}
    assert client_as("assembly").patch(f"{URL}{act.pk}/", later, **JSON).status_code == 200
    Act.objects.filter(pk=act.pk).update(number="")
    assert client_as("assembly").patch(f"{URL}{act.pk}/", {"number": "2026-01"}, **JSON).status_code == 200


def test_a_decided_act_stays_in_its_sitting(authority: Any, client_as: Any) -> None:
    room = voted(authority)
    act = room.acts[0]
    Act.objects.filter(pk=act.pk).update(received_on=date(2026, 3, 11))
    for sitting in (
        make.SittingFactory(assembly=room.assembly),
        make.SittingFactory(assembly=room.assembly, past=True),
    ):
        answer = client_as("assembly").patch(f"{URL}{act.pk}/", {"sitting": sitting.pk}, **JSON)
        assert (answer.status_code, list(answer.json())) == (400, ["sitting"])
    under_way = Room(authority, "ppp", items=1).open()
    draft = make.ActFactory(sitting=make.SittingFactory(assembly=under_way.assembly), number="77")
    answer = client_as("assembly").patch(f"{URL}{draft.pk}/", {"sitting": under_way.sitting.pk}, **JSON)
    assert (answer.status_code, "La séance est en cours" in answer.content.decode()) == (400, True)


@pytest.mark.parametrize("state", ["adopted", "rejected", "noted"])
def test_a_result_is_not_written_by_hand(authority: Any, client_as: Any, state: str) -> None:
    sitting = make.SittingFactory(assembly__authority=authority, held_on=date(2099, 1, 1))
    act, client = make.ActFactory(sitting=sitting), client_as("assembly")
    answer = client.patch(f"{URL}{act.pk}/", {"state": state}, **JSON)
    assert "vient du vote" in answer.json()["state"][0]
    made = client.post(URL, {"sitting": sitting.pk, "title": "X", "state": state}, **JSON)
    assert "commence à l'état de projet" in made.json()["state"][0]
    with pytest.raises(DomainError, match="commence à l'état de projet"):
        services.record_act(sitting=sitting, fields={"title": "X", "state": state}, by=None)
    past = make.SittingFactory(assembly=sitting.assembly, past=True)
    assert client.post(URL, {"sitting": past.pk, "title": "X", "state": state}, **JSON).status_code == 201


def test_nothing_is_put_in_an_open_sitting_but_by_its_entries(authority: Any, client_as: Any) -> None:
    room = Room(authority, "ppp", items=1).open()
    for said in ({"state": "adopted"}, {}):
        answer = client_as("assembly").post(
            URL, {"sitting": room.sitting.pk, "title": "X", "passage": 2, **said}, **JSON
        )
        assert answer.status_code == 400
    with pytest.raises(DomainError, match="La séance est en cours"):
        services.draft_act(sitting=Sitting.objects.get(pk=room.sitting.pk), title="X", by=None)
    assert room.sitting.acts.count() == 1


def test_a_draft_is_set_aside_and_taken_back_before_the_session(authority: Any, client_as: Any) -> None:
    act, client = make.ActFactory(sitting__assembly__authority=authority), client_as("assembly")
    for state in ("withdrawn", "draft", "adjourned", "draft"):
        assert client.patch(f"{URL}{act.pk}/", {"state": state}, **JSON).status_code == 200


def test_an_act_of_the_past_stays_open(authority: Any, client_as: Any) -> None:
    act = filing.decided_act(authority, number="1")
    client = client_as("assembly")
    assert (
        client.patch(f"{URL}{act.pk}/", {"state": "rejected", "title": "Autre", "number": "2"}, **JSON).status_code
        == 200
    )
    assert client.patch(f"{URL}{act.pk}/", {"state": "draft"}, **JSON).status_code == 200
    assert client.delete(f"{URL}{act.pk}/").status_code == 204


def test_a_page_left_open_does_not_undo_the_session(authority: Any) -> None:
    room = Room(authority, "ppppp", items=2, held_on=date(2026, 3, 10))
    stale, aside = (Act.objects.get(pk=act.pk) for act in room.acts)
    room.open().vote(0)
    room.enter("item_withdrawn", act=room.acts[1])
    room.enter("closed")
    for row in (stale, aside):
        row.service = "Éducation"
        with pytest.raises(DomainError):
            services.save_act(instance=row, by=None)
    kept = again(room).acts
    assert [(act.state, act.service) for act in kept] == [("adopted", ""), ("withdrawn", "")]
    kept[0].examined_at = None
    services.save_act(instance=kept[0], by=None)
    assert Act.objects.get(pk=stale.pk).examined_at is not None
    kept[0].passage = 9
    with pytest.raises(DomainError, match="L'ordre de passage est celui de la séance"):
        services.save_act(instance=kept[0], by=None)


# --- deletions -------------------------------------------------------------------------------------------------------


def _voted(act: Act) -> None:
    make.BallotFactory(act=act)


def _document(act: Act) -> None:
    filing.extract_of(act)


def _convened(act: Act) -> None:
    agenda = [{"number": "1", "title": act.title, "act": act.pk}]
    make.ConvocationFactory(sitting=act.sitting, agenda=agenda)


def _received(act: Act) -> None:
    Act.objects.filter(pk=act.pk).update(received_on=date(2026, 3, 11))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (_voted, "a un vote"),
        (_document, "a un document"),
        (_convened, "à l'ordre du jour envoyé"),
        (_received, "une date de"),
    ],
)
def test_a_draft_that_something_names_is_not_deleted(authority: Any, name: Any, words: str) -> None:
    act = make.ActFactory(sitting__assembly__authority=authority)
    name(act)
    with pytest.raises(DomainError, match=words):
        services.delete_act(instance=Act.objects.get(pk=act.pk), by=None)
    assert Act.objects.filter(pk=act.pk).exists()


def test_an_act_of_a_convened_sitting_is_withdrawn_not_deleted(authority: Any, client_as: Any) -> None:
    sitting = council(authority)
    act = sitting.acts.first()
    assert act is not None
    _convened(act)
    assert client_as("assembly").delete(f"{URL}{act.pk}/").status_code == 400
    assert client_as("assembly").patch(f"{URL}{act.pk}/", {"state": "withdrawn"}, **JSON).status_code == 200


# --- votes -----------------------------------------------------------------------------------------------------------


def test_a_proclaimed_vote_is_not_entered_again(authority: Any, client_as: Any) -> None:
    room = voted(authority)
    ballot = Ballot.objects.get(act=room.acts[0])
    body = {"mode": "totals", "for_count": 1, "against_count": 4, "abstain_count": 0, "named_choices": [], "votes": []}
    answer = client_as("assembly").patch(f"/api/v1/votes/{ballot.pk}/", body, **JSON)
    assert (answer.status_code, "rouvre en séance" in answer.content.decode()) == (400, True)
    assert Ballot.objects.get(pk=ballot.pk).for_count == 5


def test_a_vote_needs_a_sitting_that_is_over(authority: Any) -> None:
    ahead = {"held_on": timezone.localdate() + timedelta(days=60), "state": "convened"}
    with pytest.raises(DomainError, match="La séance n'est pas levée"):
        by_form(make.ActFactory(sitting=on_paper(authority, **ahead)))
    assert by_form(make.ActFactory(sitting=on_paper(authority))).act.state == "adopted"


@pytest.mark.parametrize("state", ["withdrawn", "adjourned"])
def test_what_was_set_aside_is_not_voted(authority: Any, state: str) -> None:
    with pytest.raises(DomainError, match="n'a pas été mis aux voix"):
        by_form(make.ActFactory(sitting=on_paper(authority), state=state))


@pytest.mark.parametrize("channel", ["transmitted_on", "received_on", "posted_on", "published_on"])
def test_a_vote_known_outside_is_not_corrected(authority: Any, channel: str) -> None:
    ballot = by_form(make.ActFactory(sitting=on_paper(authority)))
    Act.objects.filter(pk=ballot.act_id).update(**{channel: ballot.act.sitting.held_on})
    with pytest.raises(DomainError, match="déjà transmis ou publié"):
        by_form(ballot.act, for_count=5, against_count=0)


def test_a_corrected_vote_gives_its_state(authority: Any) -> None:
    act = by_form(make.ActFactory(sitting=on_paper(authority))).act
    by_form(act, for_count=1, against_count=4)
    assert Act.objects.get(pk=act.pk).state == "rejected"
    with pytest.raises(DomainError, match="ne donne pas de résultat"):
        by_form(act, for_count=2, against_count=2, abstain_count=1)
    assert (Act.objects.get(pk=act.pk).state, Ballot.objects.get(act=act).against_count) == ("rejected", 4)


def test_a_secret_ballot_hides_the_vote_of_the_chair(authority: Any) -> None:
    sitting = on_paper(authority)
    with pytest.raises(DomainError, match="L2121-21") as refused:
        by_form(make.ActFactory(sitting=sitting), secret=True, chair_vote="against")
    assert refused.value.field == "chair_vote"
    row = make.BallotFactory.build(act=make.ActFactory(sitting=sitting), secret=True, chair_vote="for")
    with pytest.raises(ValidationError, match="L2121-21"):
        row.full_clean()


# --- figures ---------------------------------------------------------------------------------------------------------


def test_nothing_is_adopted_with_a_figure_that_nobody_computed(authority: Any) -> None:
    room = Room(authority, "ppppp", items=2).open()
    make.ActClauseFactory(act=room.acts[0], text="le plan, pour [[montant-ttc]].")
    with pytest.raises(DomainError, match="Montant toutes taxes comprises") as refused:
        room.vote(0)
    assert refused.value.field == "act"
    assert not Act.objects.get(pk=room.acts[0].pk).figures.exists()
    act = make.ActFactory(sitting=on_paper(authority), scenario=ScenarioFactory(plan__authority=authority))
    make.ActClauseFactory(act=act, text="pour [[montant-ttc]]")
    with pytest.raises(DomainError, match="pas calculés"):
        by_form(act)
    by_form(act, for_count=0, against_count=5)
    assert Act.objects.get(pk=act.pk).state == "rejected"


def test_the_convocation_tells_the_figures_that_lack(authority: Any) -> None:
    from deliberations.queries.convening import agenda_of, convening_rules, missing_before

    sitting = council(authority)
    act = sitting.acts.order_by("passage").first()
    make.ActClauseFactory(act=act, position=9, text="pour [[montant-ttc]] et [[ecoles]]")
    told = [row.text for row in missing_before(sitting, agenda_of(sitting), convening_rules(sitting.held_on))]
    assert any("pas encore calculés (Montant toutes taxes comprises, Nombre d'écoles)" in text for text in told), told


# --- rows that hang from an act or a sitting ------------------------------------------------------------------------


def test_no_row_moves_out_of_a_decided_act(authority: Any, client_as: Any) -> None:
    room, client = voted(authority), client_as("assembly")
    act, other = room.acts[0], make.ActFactory(sitting=make.SittingFactory(assembly=room.assembly))
    annex, reporter = filing.annex_of(act), make.ReporterFactory(act=act)
    rows = {
        f"/api/v1/textes-des-actes/{act.clauses.get().pk}/": {"act": other.pk},
        f"/api/v1/annexes/{annex.pk}/": {"act": other.pk},
        f"/api/v1/rapporteurs/{reporter.pk}/": {"act": other.pk},
    }
    for url, change in rows.items():
        answer = client.patch(url, change, **JSON)
        assert (answer.status_code, list(answer.json())) == (400, ["act"]), url
    assert (act.clauses.count(), act.annexes.count(), act.reporters.count()) == (1, 1, 1)


def test_who_sat_stays_with_the_sitting(authority: Any, client_as: Any) -> None:
    room, client = voted(authority), client_as("assembly")
    other = make.SittingFactory(assembly=room.assembly)
    secretary = make.SecretaryFactory(sitting=room.sitting)
    presence = room.sitting.presences.first()
    assert presence is not None
    for url in (f"/api/v1/presences/{presence.pk}/", f"/api/v1/secretaires-de-seance/{secretary.pk}/"):
        answer = client.patch(url, {"sitting": other.pk}, **JSON)
        assert (answer.status_code, list(answer.json())) == (400, ["sitting"]), url
    assert room.sitting.presences.count() == 5


def test_a_row_deleted_meanwhile_is_told(authority: Any) -> None:
    row = make.ReporterFactory(act__sitting__assembly__authority=authority)
    copy = Reporter.objects.get(pk=row.pk)
    row.delete()
    with pytest.raises(DomainError, match="supprimé entre-temps"):
        services.save_of_act(instance=copy, by=None)


# --- executory force ------------------------------------------------------------------------------------------------


def test_a_posting_gives_no_force_where_the_law_asks_to_publish_online(authority: Any) -> None:
    make.LegalSettingFactory(code="list_days", value=7, valid_from=date(2022, 7, 1))
    act = voted(authority).acts[0]
    Act.objects.filter(pk=act.pk).update(received_on=date(2026, 3, 11), posted_on=date(2026, 3, 12))
    act = Act.objects.get(pk=act.pk)
    assert executory_day(act) is None
    with pytest.raises(DomainError, match="celle de la publication"):
        certificate(act, date(2026, 4, 1))
    act.sitting.assembly.publication = "posting"
    assert executory_day(act) == date(2026, 3, 12)
    act.sitting.assembly.publication, act.sitting.held_on = "electronic", date(2022, 6, 30)
    assert executory_day(act) == date(2026, 3, 12)
    act.sitting.held_on, act.published_on = date(2026, 3, 10), date(2026, 3, 20)
    assert executory_day(act) == date(2026, 3, 20)


def test_an_act_taken_down_at_once_was_not_published(authority: Any, client_as: Any) -> None:
    act = voted(authority).acts[0]
    Act.objects.filter(pk=act.pk).update(received_on=date(2026, 3, 11))
    publication = filing.published(filing.extract_of(act))
    assert Act.objects.get(pk=act.pk).published_on == timezone.localdate()
    url = reverse("deliberations:publication_withdraw", args=[publication.pk])
    assert "reste en ligne deux mois au moins" in client_as("assembly").get(url).content.decode()
    withdraw_publication(publication=publication, reason="Mauvais fichier", by=None)
    act = Act.objects.get(pk=act.pk)
    assert (act.published_on, executory_day(act)) == (None, None)


def test_an_act_online_for_two_months_was_published(authority: Any) -> None:
    act = voted(authority).acts[0]
    publication = filing.published(filing.extract_of(act))
    then = timezone.now() - timedelta(days=70)
    Publication.objects.filter(pk=publication.pk).update(posted_at=then)
    Act.objects.filter(pk=act.pk).update(published_on=timezone.localdate(then))
    withdraw_publication(publication=publication, reason="Nom d'une élève", by=None)
    assert Act.objects.get(pk=act.pk).published_on == timezone.localdate(then)


# --- coordinates ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["clause", "commission", "service", "opinion", "place"])
def test_minutes_are_read_whole_before_they_go_online(authority: Any, place: str) -> None:
    room = voted(authority)
    act, sitting = room.acts[0], room.sitting
    make.MemberContactFactory(mandate=room.members[0], phone="06 12 34 56 78")
    said = "joindre +33 (0) 6 12 34 56 78"
    if place == "clause":
        make.ActClauseFactory(act=act, position=9, rich=True, text=f"<p>{said}</p>")
    elif place == "opinion":
        drafting.CommissionOpinionFactory(act=act, commission=said)
    elif place == "place":
        Sitting.objects.filter(pk=sitting.pk).update(place=said)
    else:
        Act.objects.filter(pk=act.pk).update(**{"commissions" if place == "commission" else place: said})
    later = make.SittingFactory(assembly=room.assembly, held_on=date(2026, 4, 14), state="closed")
    Sitting.objects.filter(pk=sitting.pk).update(minutes_approved_in=later)
    for document in (filing.minutes_of(sitting, CouncilDocumentKind.MINUTES), filing.extract_of(act)):
        with pytest.raises(DomainError, match="jamais publiées"):
            publish_document(document=document, author_name="x", author_quality="y", contacts_checked=True, by=None)


# --- classifications ------------------------------------------------------------------------------------------------


def test_one_matter_is_written_in_one_way() -> None:
    found = read_nomenclature("code;libelle\n08.1;Enseignement\n8.01.2;Écoles\n".encode(), "a.csv", date(2019, 1, 1))
    assert list(found.matters) == ["8.1", "8.1.2"]
    with pytest.raises(DomainError, match=r"8\.1 est déjà donné"):
        read_nomenclature(b"code;libelle\n08.1;a\n8.1;b\n", "a.csv", date(2019, 1, 1))
    with pytest.raises(DomainError, match="aucune matière"):
        read_nomenclature(b"code;libelle\n", "a.csv", date(2019, 1, 1))


def test_a_draft_does_not_take_a_matter_that_the_prefecture_does_not_know(authority: Any) -> None:
    filing.complete(authority)
    sitting = make.SittingFactory(assembly__authority=authority)
    for code, kept in (("8.1", "8.1"), ("7.5", "")):
        template = drafting.ActTemplateFactory(authority=authority, matter_code=code, title=f"Modèle {code}")
        act = services.draft_act(sitting=sitting, template=template, by=None)
        assert (act.matter_code, bool(act.matter_label)) == (kept, bool(kept))


def test_lists_tell_the_force_of_acts_in_as_many_queries(
    authority: Any, client_as: Any, django_assert_max_num_queries: Any
) -> None:
    make.LegalSettingFactory(code="list_days", value=7, valid_from=date(2022, 7, 1))
    sitting, client = make.SittingFactory(assembly__authority=authority, past=True), client_as("assembly")
    dates = {"received_on": sitting.held_on, "posted_on": sitting.held_on}

    def cost(url: str) -> int:
        with django_assert_max_num_queries(100) as seen:
            assert client.get(url).status_code == 200
        return len(seen.captured_queries)

    filing.decided_act(authority, sitting=sitting, **dates)
    urls = ("/deliberations/", URL)
    before = [(cost(url), cost(url))[1] for url in urls]
    for _ in range(2):
        filing.decided_act(authority, sitting=sitting, **dates)
    assert [cost(url) for url in urls] == before
    assert queries.executory_day(sitting.acts.first()) is None
