"""What the pages of the council show, and what they do not offer."""

import html
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.safestring import mark_safe

from deliberations.models import Act, Mandate, Presence, Proxy, Sitting
from deliberations.queries import attendance_of, choices_of
from plan_numerique.web.templatetags.web import scrolling, size, unbroken
from tests.deliberations.convened import council, member
from tests.deliberations.entered import Room
from tests.factories import deliberations as make
from tests.factories import drafting as draft
from tests.factories import filing


@pytest.fixture
def client(client_as: Any) -> Client:
    result: Client = client_as("assembly")
    return result


def shown(response: Any) -> str:
    return html.unescape(response.content.decode())


def to_come(authority: Any, **fields: Any) -> Act:
    day = timezone.localdate() + timedelta(days=20)
    act: Act = make.ActFactory(sitting__assembly__authority=authority, sitting__held_on=day, **fields)
    return act


# A proxy given in the room by a member called absent or excused.


@pytest.fixture
def room(authority: Any) -> Room:
    """M3 and M4 give their proxies after the call, M4 from the second item on; M2 leaves for the second, which M1 then carries."""
    room = Room(authority, "pppaepp", items=2).open()
    room.enter("proxy", giver=room.members[3], holder=room.members[0])
    room.vote(0)
    room.enter("proxy", giver=room.members[4], holder=room.members[5], act=room.acts[1])
    room.enter("departure", member=room.members[2], act=room.acts[1])
    room.enter("proxy", giver=room.members[2], holder=room.members[1], act=room.acts[1])
    room.vote(1)
    room.enter("closed")
    return room


def rows(sitting: Sitting) -> tuple[Any, ...]:
    presences = Presence.objects.filter(sitting=sitting).order_by("mandate__rank").values_list("mandate", "state")
    proxies = Proxy.objects.filter(sitting=sitting).order_by("pk")
    return list(presences), list(proxies.values_list("giver", "holder", "state", "from_act", "until_act"))


def typed(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    """The form as its page fills it, with changes."""
    form = client.get(url).context["form"]
    given = {name: form[name].value() for name in form.fields if name != "reason"}
    version = client.get(url).context.get("row_version", "")
    return {**given, "row_version": version, **changes}


def test_a_proxy_given_in_the_room_is_represented(client: Client, room: Room) -> None:
    groups = {group.label: [member.display_name for member, _ in group.rows] for group in attendance_of(room.sitting)}
    assert groups == {
        "Présents": ["Mme M0", "Mme M1", "Mme M2", "Mme M5", "Mme M6"],
        "Représentés": ["Mme M3", "Mme M4"],
    }
    page = shown(client.get(f"/seances/{room.sitting.pk}/"))
    assert "Absents <span" not in page
    form = client.get(f"/seances/{room.sitting.pk}/emargement/").context["form"]
    assert form[f"state_{room.members[3].pk}"].value() == "represented"


def test_saving_the_attendance_as_it_is_loses_nothing(client: Client, room: Room) -> None:
    url, held = f"/seances/{room.sitting.pk}/emargement/", rows(room.sitting)
    answer = client.post(url, typed(client, url))
    assert answer.status_code == 302
    assert rows(room.sitting) == held
    member = room.members[4]
    changed = typed(client, url, **{f"state_{member.pk}": "absent", f"holder_{member.pk}": ""})
    refused = client.post(url, changed)  # the vote of the second item counts the proxy
    assert (refused.status_code, rows(room.sitting)) == (422, held)
    half = client.post(url, typed(client, url, **{f"state_{room.members[0].pk}": "represented"}))
    assert "dire à qui il donne pouvoir" in shown(half)


def test_a_revoked_proxy_is_not_given_again(client: Client, authority: Any) -> None:
    room = Room(authority, "ppra", items=1).open()
    room.enter("proxy", giver=room.members[2], holder=room.members[0])
    room.enter("arrival", member=room.members[2])
    room.vote(0)
    room.enter("closed")
    url, held = f"/seances/{room.sitting.pk}/emargement/", rows(room.sitting)
    assert client.post(url, typed(client, url)).status_code == 302
    assert rows(room.sitting) == held


# Actions that cannot be done.


def test_a_version_is_restored_only_while_the_text_may_change(client: Client, authority: Any) -> None:
    act = to_come(authority)
    draft.ActVersionFactory(act=act, title=act.title)
    url = f"/deliberations/{act.pk}/versions/"
    assert "Rétablir" in shown(client.get(url))
    Act.objects.filter(pk=act.pk).update(state="adopted")
    assert "Rétablir" not in shown(client.get(url))


def test_documents_of_a_sitting_to_come_offer_nothing(client: Client, authority: Any) -> None:
    act = to_come(authority)
    url = f"/seances/{act.sitting_id}/documents/"
    page = shown(client.get(url))
    assert "Rédiger le procès-verbal" not in page
    assert "Établir les extraits manquants" not in page
    told = shown(client.post(f"{url}extraits/", follow=True))
    assert "Aucun acte de la séance n'est encore délibéré" in told
    Sitting.objects.filter(pk=act.sitting_id).update(state="closed")
    assert "Rédiger le procès-verbal" in shown(client.get(url))
    Act.objects.filter(pk=act.pk).update(state="adopted")
    assert "Établir les extraits manquants" in shown(client.get(url))


@pytest.mark.parametrize(("mode", "offered"), [("posting", True), ("electronic", False), ("paper", False)])
def test_posting_is_asked_of_those_who_publish_by_posting(
    client: Client, authority: Any, mode: str, offered: bool
) -> None:
    act = filing.decided_act(authority)
    type(act.sitting.assembly).objects.update(publication=mode)
    filing.extract_of(act)
    assert ("Consigner l'affichage" in shown(client.get(f"/deliberations/{act.pk}/depot/"))) is offered


def test_the_vote_is_the_first_thing_to_do_of_a_draft_only(client: Client, authority: Any) -> None:
    act = to_come(authority)
    url = f"/deliberations/{act.pk}/"
    assert f'<a class="btn primary" href="/votes/nouveau/?act={act.pk}">' in shown(client.get(url))
    Act.objects.filter(pk=act.pk).update(state="adopted")
    assert f'<a class="btn" href="/votes/nouveau/?act={act.pk}">' in shown(client.get(url))


# Before the sitting.


def test_a_sitting_to_come_says_nothing_of_what_is_not_known(client: Client, authority: Any) -> None:
    act = to_come(authority)
    page = shown(client.get(f"/seances/{act.sitting_id}/"))
    for words in ("non écrit", "Rien à signaler", "Ordre de passage", "Non écrits dans l'acte"):
        assert words not in page, words
    assert "Aucun secrétaire désigné." in page
    page = shown(client.get(f"/deliberations/{act.pk}/"))
    assert "non écrit" not in page
    assert "Rien à signaler" not in page
    past = make.ActFactory(sitting__assembly__authority=authority, sitting__past=True)
    assert "non écrit" in shown(client.get(f"/deliberations/{past.pk}/"))
    page = shown(client.get(f"/seances/{past.sitting_id}/"))
    assert "Ordre de passage" in page
    assert "Non écrits dans l'acte." in page


# The text.


def test_versions_show_the_figures_and_the_first_words(client: Client, authority: Any) -> None:
    act = to_come(authority, title="Plan")
    said = [("visa", "le code,"), ("considerant", "le besoin,"), ("paragraph", "Le plan équipe [[ecoles]] écoles.")]
    for position, (kind, text) in enumerate(said, 1):
        make.ActClauseFactory(act=act, position=position, kind=kind, text=text, verb="")
    draft.ActFigureFactory(act=act, key="ecoles", text="77", frozen_at=timezone.now())
    url = f"/deliberations/{act.pk}/versions/"
    client.post(f"{url}garder/")
    page = shown(client.get(url))
    for words in (
        "Vu le code,",
        "Considérant le besoin,",
        "Le plan équipe 77 écoles.",
        "au texte actuel : aucun changement.",
    ):
        assert words in page, words
    assert '<ins class="key">' not in page
    first = act.clauses.get(position=1)
    first.text = "le code général,"
    first.save()
    assert '<ins class="key">' in shown(client.get(url))


def test_a_model_shows_the_first_words(client: Client, authority: Any) -> None:
    clauses = [{"kind": "visa", "level": 1, "verb": "", "text": "le code,", "rich": False}]
    model = draft.ActTemplateFactory(authority=authority, clauses=clauses)
    assert "<b>Vu</b> le code," in shown(client.get(f"/modeles-d-actes/{model.pk}/"))


@pytest.mark.parametrize(
    ("title", "unbroken_title"),
    [
        ("Plan : programme", "Plan\u00a0: programme"),
        ("Le « plan » ; quoi ? Rien !", "Le «\u00a0plan\u00a0»\u202f; quoi\u202f? Rien\u202f!"),
        ("À 18:30, a :b", "À 18:30, a :b"),
        ("", ""),
    ],
)
def test_a_line_of_a_title_never_begins_with_a_sign(title: str, unbroken_title: str) -> None:
    assert unbroken(title) == unbroken_title


def test_titles_are_unbroken_and_escaped(client: Client, authority: Any) -> None:
    act = filing.decided_act(authority, title="Écoles : <b>plan</b>")
    page = client.get(f"/deliberations/{act.pk}/").content.decode()
    assert "<h1>Écoles\u00a0: &lt;b&gt;plan&lt;/b&gt;</h1>" in page
    filing.published(filing.extract_of(act))
    page = Client().get(f"/actes/{authority.slug}/{act.pk}/").content.decode()
    assert "<h1>Écoles\u00a0: &lt;b&gt;plan&lt;/b&gt;</h1>" in page
    assert "\u00a0Ko)" in page


def test_tables_of_a_text_scroll_by_themselves(client: Client, authority: Any) -> None:
    act = filing.decided_act(authority)
    make.ActClauseFactory(
        act=act,
        kind="paragraph",
        verb="",
        rich=True,
        text="<table><tr><th>Exercice</th></tr><tr><td>2026</td></tr></table>",
    )
    filing.published(filing.extract_of(act))
    wrapped = '<div class="table-wrap" tabindex="0" role="region" aria-label="Tableau"><table>'
    for page in (client.get(f"/deliberations/{act.pk}/"), Client().get(f"/actes/{authority.slug}/{act.pk}/")):
        assert wrapped in page.content.decode()
    assert scrolling(mark_safe("pas de tableau")) == "pas de tableau"


@pytest.mark.parametrize(
    ("octets", "words"), [(0, "1 Ko"), (1_499, "1 Ko"), (79_300, "79 Ko"), (999_400, "999 Ko"), (1_360_000, "1,4 Mo")]
)
def test_weight_of_a_file(octets: int, words: str) -> None:
    assert size(octets).replace("\u00a0", " ") == words


# The vote.


def test_a_secret_ballot_names_nobody(client: Client, authority: Any) -> None:
    act = filing.decided_act(authority)
    ballot = make.BallotFactory(
        act=act, mode="totals", secret=True, for_count=2, named_choices=["for", "against"], others_voted="abstain"
    )
    voter: Mandate = make.MandateFactory(assembly=act.sitting.assembly, display_name="Mme Tue")
    make.VoteFactory(ballot=ballot, mandate=voter, choice="for")
    assert [(row.votes, row.named, row.others) for row in choices_of(ballot)] == [([], False, False)] * 4
    assert choices_of(ballot)[0].count == 2
    assert "Mme Tue" not in shown(client.get(f"/deliberations/{act.pk}/"))
    filing.published(filing.extract_of(act))
    assert "Mme Tue" not in shown(Client().get(f"/actes/{authority.slug}/{act.pk}/"))


def test_those_who_voted_as_the_others_take_a_whole_line(client: Client, authority: Any) -> None:
    ballot = make.BallotFactory(
        act__sitting__assembly__authority=authority, mode="by_name", for_count=16, others_voted="for"
    )
    page = shown(client.get(f"/deliberations/{ballot.act_id}/"))
    assert '<li class="for listed">' in page
    assert '<li class="against">' in page


# Words.


def test_words_of_the_trade(client: Client, authority: Any) -> None:
    sitting = council(authority)
    member_row = member(sitting, 1)
    contact = member_row.contact
    assert f"<h1>Coordonnées de {member_row}</h1>" in shown(
        client.get(f"/coordonnees-des-membres/{contact.pk}/modifier/")
    )
    other = make.MandateFactory(assembly=sitting.assembly)
    url = f"/coordonnees-des-membres/nouveau/?mandate={other.pk}"
    assert f"<h1>Coordonnées de {other}</h1>" in shown(client.get(url))
    assert "---------" not in shown(client.get(url))
    year = timezone.localdate().year
    page = shown(client.get(f"/assemblees/{sitting.assembly_id}/"))
    assert f"{{annee}}-{{rang:03}}, par exemple {year}-001" in page
    type(sitting.assembly).objects.update(number_format="{rien}")
    assert "{rien}" in shown(client.get(f"/assemblees/{sitting.assembly_id}/"))


def test_days_left_have_their_unit(client: Client, authority: Any) -> None:
    row = make.ConvocationFactory(sitting__assembly__authority=authority, clear_days=31, required_days=1)
    page = shown(client.get(f"/convocations/{row.pk}/"))
    assert "31 jours francs" in page
    assert "1 jour franc<" in page
    row.required_days = row.clear_days = None
    row.save()
    assert "jour franc" not in shown(client.get(f"/convocations/{row.pk}/"))


def test_public_address_is_whole(client: Client, authority: Any) -> None:
    row = filing.published(filing.extract_of(filing.decided_act(authority)))
    address = f"http://testserver/actes/{authority.slug}/fichiers/{row.pk}.pdf"
    page = shown(client.get(f"/publications/{row.pk}/"))
    assert f'<a href="{address}">{address}</a>' in page


def test_result_as_written_begins_with_a_capital(client: Client, authority: Any) -> None:
    act = filing.decided_act(authority)
    make.BallotFactory(act=act, mode="result_only", stated_result_text="adoptée à l'unanimité")
    page = shown(client.get(f"/seances/{act.sitting_id}/"))
    assert '<td data-label="Vote">Adoptée à l\'unanimité</td>' in page
