"""« Préparer la rentrée » : the year that begins is made of the one that ends, which does not move."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError
from schools import queries, services
from schools.enums import RollOverMove, RollOverState, SchoolStatus
from schools.models import FormerUai, FrozenYear, Headcount, RollOver, RollOverLine, School, SchoolClass
from tests.factories.accounts import MembershipFactory
from tests.factories.schools import HeadcountFactory, SchoolClassFactory, SchoolFactory, SiteFactory, synthetic_uai

pytestmark = pytest.mark.django_db
YEAR = 2025


def a_class(school: School, name: str, **counts: int) -> SchoolClass:
    row = SchoolClassFactory(school=school, name=name, school_year=YEAR)
    for level, pupils in counts.items():
        HeadcountFactory(school_class=row, level=level, pupils=pupils)
    return row


@pytest.fixture
def schools(authority: Any) -> list[School]:
    found = [SchoolFactory(commune__authority=authority, name=name) for name in ("Montmidi", "Bouloux", "Neruda")]
    a_class(found[0], "CP", CP=24)
    a_class(found[0], "CE1-CE2", CE1=12, CE2=11)
    a_class(found[1], "CP", CP=20)
    a_class(found[2], "CM1", CM1=26)
    return found


@pytest.fixture
def rentree(authority: Any, schools: list[School]) -> RollOver:
    return services.prepare_roll_over(authority=authority, to_year=YEAR + 1, by=None)


def move(rentree: RollOver, kind: RollOverMove, school: School, **values: Any) -> RollOverLine:
    return services.save_line(instance=RollOverLine(roll_over=rentree, move=kind, school=school, **values), by=None)


def figures(year: int) -> list[tuple[str, str, str, int, bool]]:
    rows = Headcount.objects.filter(school_class__school_year=year).order_by("pk")
    names = ("school_class__school__name", "school_class__name", "level", "pupils", "school_class__estimated")
    return sorted(rows.values_list(*names))


def test_classes_are_carried_over_and_last_year_is_untouched(rentree: RollOver) -> None:
    """AC1: last year's figures are untouched by the roll-over."""
    before = list(SchoolClass.objects.order_by("pk").values()), list(Headcount.objects.order_by("pk").values())
    services.apply_roll_over(roll_over=rentree, by=None)
    of_year = SchoolClass.objects.filter(school_year=YEAR).order_by("pk")
    counts = Headcount.objects.filter(school_class__school_year=YEAR).order_by("pk")
    assert (list(of_year.values()), list(counts.values())) == before
    assert figures(YEAR + 1) == [(*row[:4], True) for row in figures(YEAR)]
    assert sum(row[3] for row in figures(YEAR + 1)) == 93
    rentree.refresh_from_db()
    assert rentree.state == RollOverState.APPLIED


def test_openings_closings_mergers_and_new_uai(rentree: RollOver, schools: list[School]) -> None:
    montmidi, bouloux, neruda = schools
    move(rentree, RollOverMove.CLOSE_CLASS, montmidi, school_class=montmidi.classes.get(name="CP"))
    move(rentree, RollOverMove.OPEN_CLASS, neruda, name="CM2", levels=["CM2"])
    move(rentree, RollOverMove.MERGE, bouloux, into=montmidi)
    uai = synthetic_uai(4321)
    former = neruda.uai
    move(rentree, RollOverMove.NEW_UAI, neruda, new_uai=uai)
    services.apply_roll_over(roll_over=rentree, by=None)
    assert [row[:4] for row in figures(YEAR + 1)] == [
        ("Montmidi", "CE1-CE2", "CE1", 12),
        ("Montmidi", "CE1-CE2", "CE2", 11),
        ("Montmidi", "CP", "CP", 20),
        ("Neruda", "CM1", "CM1", 26),
        ("Neruda", "CM2", "CM2", 0),
    ]
    for school in schools:
        school.refresh_from_db()
    assert [school.status for school in schools] == [SchoolStatus.OPEN, SchoolStatus.CLOSED, SchoolStatus.OPEN]
    assert neruda.uai == uai
    assert set(FormerUai.objects.values_list("school", "uai", "until")) == {
        (montmidi.pk, bouloux.uai, date(YEAR + 1, 9, 1)),
        (neruda.pk, former, date(YEAR + 1, 9, 1)),
    }


def test_undo_brings_back_what_was(rentree: RollOver, schools: list[School]) -> None:
    move(rentree, RollOverMove.MERGE, schools[1], into=schools[0])
    before = list(School.objects.order_by("pk").values())
    services.apply_roll_over(roll_over=rentree, by=None)
    services.undo_roll_over(roll_over=rentree, by=None)
    assert list(School.objects.order_by("pk").values()) == before
    assert not SchoolClass.objects.filter(school_year=YEAR + 1).exists()
    assert not FormerUai.objects.exists()
    rentree.refresh_from_db()
    assert (rentree.state, rentree.applied_at) == (RollOverState.PREPARED, None)
    services.apply_roll_over(roll_over=rentree, by=None)
    assert SchoolClass.objects.filter(school_year=YEAR + 1).count() == 4


def test_undo_is_refused_once_a_headcount_is_confirmed(rentree: RollOver) -> None:
    services.apply_roll_over(roll_over=rentree, by=None)
    row = Headcount.objects.filter(school_class__school_year=YEAR + 1).first()
    assert row
    row.pupils += 1
    services.save_headcount(instance=row, by=None)
    with pytest.raises(DomainError, match=str(row)):
        services.undo_roll_over(roll_over=rentree, by=None)
    assert SchoolClass.objects.filter(school_year=YEAR + 1).count() == 4


def test_schools_that_have_their_classes_are_left_as_they_are(rentree: RollOver, schools: list[School]) -> None:
    SchoolClassFactory(school=schools[0], school_year=YEAR + 1, name="Déjà là")
    with pytest.raises(DomainError, match="1 école a déjà 1 classe en 2026-2027 \\(« Montmidi »\\)"):
        services.apply_roll_over(roll_over=rentree, by=None)
    with pytest.raises(DomainError, match="« Montmidi » a déjà ses classes"):
        move(rentree, RollOverMove.MERGE, schools[1], into=schools[0])
    services.apply_roll_over(roll_over=rentree, keep_known=True, by=None)
    assert list(schools[0].classes.filter(school_year=YEAR + 1).values_list("name", flat=True)) == ["Déjà là"]
    assert schools[2].classes.filter(school_year=YEAR + 1).count() == 1


@pytest.mark.parametrize(
    ("kind", "values", "told"),
    [
        (RollOverMove.NEW_UAI, {"new_uai": synthetic_uai(0)}, "est ou a été celui d'une école"),
        (RollOverMove.OPEN_CLASS, {"name": "x", "levels": ["CM3"]}, "« CM3 » n'est pas un niveau"),
    ],
)
def test_a_movement_that_does_not_hold_is_not_kept(
    rentree: RollOver, schools: list[School], kind: RollOverMove, values: dict[str, Any], told: str
) -> None:
    school = next(school for school in schools if school.uai != values.get("new_uai"))
    with pytest.raises(DomainError, match=told):
        move(rentree, kind, school, **values)
    assert not RollOverLine.objects.exists()


def test_a_rentree_done_does_not_change(rentree: RollOver, schools: list[School]) -> None:
    line = move(rentree, RollOverMove.OPEN_CLASS, schools[0], name="CM2")
    services.apply_roll_over(roll_over=rentree, by=None)
    for refused in (
        lambda: move(rentree, RollOverMove.OPEN_CLASS, schools[0], name="x"),
        lambda: services.delete_line(instance=line, by=None),
        lambda: services.apply_roll_over(roll_over=rentree, by=None),
        lambda: services.delete_roll_over(instance=rentree, by=None),
    ):
        with pytest.raises(DomainError, match="est faite"):
            refused()
    assert SchoolClass.objects.filter(school_year=YEAR + 1).count() == 5


def test_nothing_to_carry_over_is_refused(authority: Any) -> None:
    with pytest.raises(DomainError, match="Aucune classe n'est connue"):
        services.prepare_roll_over(authority=authority, to_year=2030, by=None)


def test_a_frozen_year_no_longer_changes(rentree: RollOver, schools: list[School], authority: Any) -> None:
    services.apply_roll_over(roll_over=rentree, freeze=True, by=None)
    old = schools[0].classes.get(school_year=YEAR, name="CP")
    count = old.headcounts.get()
    new = schools[0].classes.get(school_year=YEAR + 1, name="CP")
    before = figures(YEAR)

    def moved_in() -> None:
        new.school_year = YEAR
        services.save_class(instance=new, by=None)

    for refused in (
        lambda: services.save_class(instance=old, by=None, headcounts={"CP": 1}),
        lambda: services.save_class(instance=SchoolClass(school=schools[0], school_year=YEAR, name="x"), by=None),
        lambda: services.delete_of_school(instance=old, by=None),
        lambda: services.save_headcount(instance=count, by=None),
        lambda: services.delete_headcount(instance=count, by=None),
        lambda: services.set_volunteer(objects=[old], volunteer=True, by=None),
        moved_in,
    ):
        with pytest.raises(DomainError, match="L'année scolaire 2025-2026 est figée depuis le"):
            refused()
    assert figures(YEAR) == before
    frozen = FrozenYear.objects.get()
    with pytest.raises(DomainError, match="se motive"):
        services.unfreeze_year(instance=frozen, by=None)
    services.unfreeze_year(instance=frozen, by=None, reason="Erreur d'effectif signalée par l'école")
    services.save_class(instance=old, by=None, headcounts={"CP": 1})


def test_drawing_asks_the_same_queries_for_one_school_or_many(
    rentree: RollOver, schools: list[School], authority: Any
) -> None:
    with CaptureQueriesContext(connection) as few:
        queries.draw(RollOver.objects.select_related("authority").get(pk=rentree.pk))
    for _ in range(5):
        a_class(SchoolFactory(commune=schools[0].commune), "CP", CP=20)
    with CaptureQueriesContext(connection) as many:
        queries.draw(RollOver.objects.select_related("authority").get(pk=rentree.pk))
    assert len(few) == len(many) == 8


PAGES = ("", "modifier/", "supprimer/", "historique/")


@pytest.mark.parametrize("end", PAGES)
def test_pages_open_to_those_who_prepare(client_as: Any, rentree: RollOver, other_authority: Any, end: str) -> None:
    url = f"/rentrees/{rentree.pk}/{end}"
    assert Client().get(url).headers["Location"].startswith("/compte/login/")
    assert client_as("school").get(url).status_code == 403
    assert client_as("education", other_authority).get(url).status_code == 404
    assert client_as("education").get(url).status_code == 200


@pytest.mark.parametrize("url", ["/rentrees/", "/rentrees/nouveau/", "/annees-figees/nouveau/"])
def test_lists_and_creation(client_as: Any, rentree: RollOver, url: str) -> None:
    assert Client().get(url).status_code == 302
    assert client_as("technician").get(url).status_code == 403
    assert client_as("education").get(url).status_code == 200


@pytest.mark.parametrize("command", ["faire", "annuler"])
def test_commands_are_posts_of_those_who_prepare(
    client_as: Any, rentree: RollOver, other_authority: Any, command: str
) -> None:
    url = f"/rentrees/{rentree.pk}/{command}/"
    assert client_as("education").get(url).status_code == 405
    assert client_as("finance").post(url).status_code == 403
    assert client_as("education", other_authority).post(url).status_code == 404
    assert not SchoolClass.objects.filter(school_year=YEAR + 1).exists()


def test_the_whole_path_by_the_pages(client_as: Any, authority: Any, schools: list[School]) -> None:
    client = client_as("education")
    made = client.post("/rentrees/nouveau/", {"authority": authority.pk, "to_year": YEAR + 1, "note": ""})
    rentree = RollOver.objects.get()
    assert made.headers["Location"] == f"/rentrees/{rentree.pk}/"
    line = {"roll_over": rentree.pk, "school": schools[0].pk, "move": "open_class", "name": "CM2", "levels": ["CM2"]}
    new = f"/mouvements-de-rentree/nouveau/?roll_over={rentree.pk}"
    refused = client.post(new, {**line, "name": ""})
    assert refused.status_code == 422
    assert "Donner un nom à la classe qui ouvre." in refused.content.decode()
    assert client.post(new, line).status_code == 302
    page = client.get(f"/rentrees/{rentree.pk}/").content.decode()
    assert "<b>Ouverture de classe</b> : CM2" in page
    client.post(f"/rentrees/{rentree.pk}/faire/", {"freeze": "1"})
    assert SchoolClass.objects.filter(school_year=YEAR + 1).count() == 5
    assert FrozenYear.objects.get().school_year == YEAR
    page = client.get(f"/rentrees/{rentree.pk}/").content.decode()
    assert "Annuler la rentrée" in page
    assert "kind=schools.rolls" in page
    client.post(f"/rentrees/{rentree.pk}/annuler/")
    assert not SchoolClass.objects.filter(school_year=YEAR + 1).exists()


def test_two_years_beside_each_other(client_as: Any, rentree: RollOver, schools: list[School]) -> None:
    move(rentree, RollOverMove.CLOSE_CLASS, schools[0], school_class=schools[0].classes.get(name="CP"))
    services.apply_roll_over(roll_over=rentree, by=None)
    client = client_as("education")
    page = client.get("/classes/comparaison/").content.decode()
    assert f"{YEAR}-{YEAR + 1}" in page
    assert "93 en 2025-2026 (−24)" in page.replace("\u202f", " ")
    changed = client.get("/classes/comparaison/?changed=true").content.decode()
    assert "Montmidi" in changed
    assert "Neruda" not in changed.split("<tbody>")[-1]
    exported = client.get(f"/classes/comparaison/?avant={YEAR}&apres={YEAR + 1}&format=csv").content.decode("utf-8-sig")
    assert ";-24\r\n" in exported
    for odd in ("?avant=abc&apres=9999", "?avant=2025&apres=2025", "?apres=1900"):
        assert client.get(f"/classes/comparaison/{odd}").status_code == 200
    assert client_as("partner").get("/classes/comparaison/").status_code == 403


def test_comparison_asks_the_same_queries_whatever_the_rows(
    client_as: Callable[..., Client], schools: list[School]
) -> None:
    client = client_as("education")
    client.get("/classes/comparaison/")
    with CaptureQueriesContext(connection) as few:
        client.get("/classes/comparaison/")
    for _ in range(4):
        a_class(SchoolFactory(commune=schools[0].commune), "CP", CP=20)
    with CaptureQueriesContext(connection) as many:
        client.get("/classes/comparaison/")
    assert len(few) == len(many)


def test_the_api_prepares_does_and_undoes(
    client_as: Any, authority: Any, schools: list[School], other_authority: Any
) -> None:
    client = client_as("education")
    made = client.post(
        "/api/v1/rentrees/", {"authority": authority.pk, "to_year": YEAR + 1}, content_type="application/json"
    )
    assert made.status_code == 201, made.content
    url = f"/api/v1/rentrees/{made.json()['id']}/"
    assert client_as("elected").post(f"{url}faire/").status_code == 403
    assert client_as("education", other_authority).post(f"{url}faire/").status_code == 404
    done = client.post(f"{url}faire/", {"freeze": True}, content_type="application/json")
    assert (done.status_code, done.json()["state"]) == (200, "applied")
    assert client.post(f"{url}faire/", content_type="application/json").status_code == 400
    assert client.post(f"{url}annuler/").json()["state"] == "prepared"
    frozen = f"/api/v1/annees-figees/{FrozenYear.objects.get().pk}/"
    assert client.delete(frozen).status_code == 400
    assert client_as("finance").delete(frozen).status_code == 403


def test_history_says_who_prepared(client_as: Any, rentree: RollOver) -> None:
    rentree.note = "Vue avec inspection"
    audit.save(instance=rentree, by=None, authority=rentree.authority)
    assert "Vue avec inspection" in client_as("education").get(f"/rentrees/{rentree.pk}/historique/").content.decode()


def test_an_opened_class_begins_with_no_pupil_and_a_closed_one_tells_its_own(
    client_as: Any, rentree: RollOver, schools: list[School]
) -> None:
    move(rentree, RollOverMove.OPEN_CLASS, schools[2], name="CM2", levels=["CM2"])
    move(rentree, RollOverMove.CLOSE_CLASS, schools[0], school_class=schools[0].classes.get(name="CP"))
    page = client_as("education").get(f"/rentrees/{rentree.pk}/").content.decode()
    assert "Élèves à placer" in page
    assert (
        '<th scope="row">Montmidi</th><td data-label="Niveau">CP</td><td class="n" data-label="Élèves">24</td>' in page
    )


def test_what_an_absorbed_school_keeps_is_told(client_as: Any, rentree: RollOver, schools: list[School]) -> None:
    SiteFactory.create_batch(2, school=schools[1])
    move(rentree, RollOverMove.MERGE, schools[1], into=schools[0])
    assert queries.remaining([schools[1].pk]) == {schools[1].pk: [("sites", 2)]}
    page = client_as("education").get(f"/rentrees/{rentree.pk}/").content.decode()
    assert "Ce qui reste aux écoles qui ferment" in page
    assert "Bouloux</a> : 2 sites" in page


def test_classes_wait_for_their_headcounts_until_they_are_told(
    client_as: Any, rentree: RollOver, schools: list[School]
) -> None:
    client = client_as("education")
    services.apply_roll_over(roll_over=rentree, by=None)
    assert len(queries.carried_classes(rentree)) == 4
    page = client.get(f"/rentrees/{rentree.pk}/").content.decode()
    assert "4 classes ont encore les effectifs de 2025-2026" in page
    row = schools[1].classes.get(school_year=YEAR + 1)
    assert "Effectifs reconduits, à confirmer" in client.get(f"/classes/{row.pk}/").content.decode()
    assert "Effectifs reconduits" in client.get(f"/ecoles/{schools[1].pk}/classes/").content.decode()
    assert "Effectifs reconduits" in client.get("/classes/?format=csv").content.decode("utf-8-sig")
    services.save_class(instance=row, by=None, headcounts={"CP": 21})
    client.post("/classes/", {"action": "confirmer", "ids": [schools[2].classes.get(school_year=YEAR + 1).pk]})
    assert len(queries.carried_classes(rentree)) == 2
    assert "Répartition calculée" in client.get(f"/classes/{row.pk}/").content.decode()
    with pytest.raises(DomainError):
        services.undo_roll_over(roll_over=rentree, by=None)


def test_undo_is_refused_once_something_is_built(rentree: RollOver, schools: list[School]) -> None:
    services.apply_roll_over(roll_over=rentree, by=None)
    HeadcountFactory(school_class=schools[1].classes.get(school_year=YEAR + 1), level="CE1", pupils=3)
    with pytest.raises(DomainError, match="Des données reposent sur ce qui a été créé"):
        services.undo_roll_over(roll_over=rentree, by=None)
    rentree.refresh_from_db()
    assert rentree.state == RollOverState.APPLIED


def test_undo_is_refused_in_a_year_frozen_since(rentree: RollOver, authority: Any) -> None:
    services.apply_roll_over(roll_over=rentree, by=None)
    FrozenYear.objects.create(authority=authority, school_year=YEAR + 1, frozen_at=timezone.now())
    with pytest.raises(DomainError, match="2026-2027 est figée"):
        services.undo_roll_over(roll_over=rentree, by=None)


def test_a_frozen_year_keeps_its_school_and_its_headcounts(schools: list[School], authority: Any) -> None:
    old = schools[0].classes.get(name="CP")
    count = old.headcounts.get()
    other = SchoolClassFactory(school=schools[0], school_year=YEAR + 1)
    services.freeze_year(authority=authority, school_year=YEAR, by=None)
    count.school_class = other
    for refused in (
        lambda: services.save_headcount(instance=count, by=None),
        lambda: services.delete_school(instance=schools[0], by=None),
        lambda: services.confirm_headcounts(objects=[_estimated(old)], by=None),
    ):
        with pytest.raises(DomainError, match="2025-2026 est figée"):
            refused()
    assert Headcount.objects.filter(school_class=old).count() == 1


def _estimated(row: SchoolClass) -> SchoolClass:
    row.estimated = True
    return row


def test_frozen_years_are_told_by_pages_forms_and_api(client_as: Any, schools: list[School], authority: Any) -> None:
    old = schools[1].classes.get(name="CP")
    services.freeze_year(authority=authority, school_year=YEAR, by=None)
    client = client_as("education")
    assert "Figée" in client.get("/classes/").content.decode()
    page = client.get(f"/ecoles/{schools[1].pk}/classes/").content.decode()
    assert "Année figée depuis le" in page
    assert "Ajouter une classe" not in page
    page = client.get(f"/classes/{old.pk}/").content.decode()
    assert "Année figée" in page
    assert f"/classes/{old.pk}/modifier/" not in page
    sent = {"school": schools[1].pk, "school_year": YEAR, "name": "CP bis", "kind": "ordinaire", "level_CP": "19"}
    for url in (f"/classes/{old.pk}/modifier/", "/classes/nouveau/"):
        refused = client.post(url, sent)
        assert refused.status_code == 422
        assert "L&#x27;année scolaire 2025-2026 est figée depuis le" in refused.content.decode()
    told = client.patch(f"/api/v1/classes/{old.pk}/", {"name": "CP bis"}, content_type="application/json")
    assert told.status_code == 400
    assert "est figée depuis le" in told.content.decode()
    count = old.headcounts.get()
    told = client.patch(f"/api/v1/effectifs/{count.pk}/", {"pupils": 1}, content_type="application/json")
    assert told.status_code == 400
    assert client.delete(f"/api/v1/effectifs/{count.pk}/").status_code == 400
    assert figures(YEAR)[0][1] == "CP"


def test_a_year_is_frozen_and_opened_again_by_the_pages(client_as: Any, schools: list[School], authority: Any) -> None:
    client = client_as("education")
    refused = client.post("/annees-figees/nouveau/", {"authority": authority.pk, "school_year": 2019})
    assert refused.status_code == 422
    assert "Aucune classe n&#x27;est connue en 2019-2020" in refused.content.decode()
    client.post("/annees-figees/nouveau/", {"authority": authority.pk, "school_year": YEAR})
    frozen = FrozenYear.objects.get()
    again = client.post("/annees-figees/nouveau/", {"authority": authority.pk, "school_year": YEAR})
    assert again.status_code == 422
    url = f"/annees-figees/{frozen.pk}/"
    assert client.get(url).status_code == client.get(f"{url}rouvrir/").status_code == 200
    refused = client.post(f"{url}rouvrir/")
    assert refused.status_code == 422
    assert "écrire pourquoi" in refused.content.decode()
    assert FrozenYear.objects.exists()
    client.post(f"{url}rouvrir/", {"reason": "Effectif corrigé par l'école"})
    assert not FrozenYear.objects.exists()


def test_a_movement_asks_only_what_it_says(client_as: Any, rentree: RollOver, schools: list[School]) -> None:
    client = client_as("education")
    new = f"/mouvements-de-rentree/nouveau/?roll_over={rentree.pk}"
    first = client.get(new).content.decode()
    assert "Continuer" in first
    assert 'name="new_uai"' not in first
    closing = client.get(f"{new}&move=close_class&school={schools[0].pk}").content.decode()
    assert 'name="school_class"' in closing
    assert "CE1-CE2" in closing
    assert "CM1" not in closing
    assert 'name="into"' not in closing
    for odd in ("&move=x", "&move=merge&school=abc", "&move=merge&school=99999", "&school=9" * 3):
        assert client.get(new + odd).status_code == 200
    assert client.get("/mouvements-de-rentree/nouveau/").status_code == 200


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"move": "close_class"}, "Choisir la classe qui ferme."),
        ({"move": "merge"}, "Choisir l&#x27;école qui accueille."),
        ({"move": "merge", "into": "999999"}, "Sélectionnez un choix valide"),
        ({"move": "new_uai", "new_uai": "0861030A"}, "0861030A"),
        ({"move": "new_uai", "new_uai": ""}, "Donner le nouvel UAI."),
        ({"move": "open_class", "name": "x", "levels": ["CM3"]}, "CM3"),
        ({"move": "open_class", "name": "x" * 61}, "60 caractères"),
        ({"move": "close_school", "school": ""}, "obligatoire"),
        ({}, "obligatoire"),
    ],
)
def test_bad_movements_are_told(
    client_as: Any, rentree: RollOver, schools: list[School], sent: dict[str, Any], told: str
) -> None:
    url = f"/mouvements-de-rentree/nouveau/?roll_over={rentree.pk}"
    answer = client_as("education").post(url, {"roll_over": rentree.pk, "school": schools[0].pk, **sent})
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not RollOverLine.objects.exists()


def test_a_movement_is_changed_and_taken_back_by_the_pages(
    client_as: Any, rentree: RollOver, schools: list[School]
) -> None:
    client = client_as("education")
    line = move(rentree, RollOverMove.OPEN_CLASS, schools[0], name="CM2", levels=["CM2"])
    url = f"/mouvements-de-rentree/{line.pk}/"
    assert client.get(f"{url}modifier/").status_code == 200
    done = client.post(f"{url}modifier/", {"name": "CM1-CM2", "levels": ["CM1", "CM2"], "kind": "ordinaire"})
    assert done.headers["Location"] == f"/rentrees/{rentree.pk}/?ecole={schools[0].pk}#ecole-{schools[0].pk}"
    line.refresh_from_db()
    assert (line.name, line.levels, line.move) == ("CM1-CM2", ["CM1", "CM2"], "open_class")
    assert client.get(f"{url}supprimer/").status_code == 200
    client.post(f"{url}supprimer/")
    assert not RollOverLine.objects.exists()


def test_schools_shown_are_narrowed(client_as: Any, rentree: RollOver, schools: list[School]) -> None:
    move(rentree, RollOverMove.MERGE, schools[1], into=schools[0])
    client = client_as("education")
    url = f"/rentrees/{rentree.pk}/"

    def shown(asked: str) -> set[str]:
        page = client.get(url + asked).content.decode()
        return {school.name for school in schools if f'id="ecole-{school.pk}"' in page}

    assert shown("") == {"Montmidi", "Bouloux", "Neruda"}
    assert shown("?move=any") == shown("?move=merge") == {"Bouloux"}
    assert shown("?move=open_class") == set()
    assert shown("?q=neru") == {"Neruda"}
    assert shown(f"?commune={schools[2].commune_id}") == {"Neruda"}
    assert shown(f"?ecole={schools[2].pk}&page=9") == {"Montmidi", "Bouloux", "Neruda"}
    assert shown("?move=x") == shown("?commune=x") == set()
    assert shown("?ecole=x&page=x") == {"Montmidi", "Bouloux", "Neruda"}


def test_the_page_of_a_rentree_done_shows_what_is_there(
    client_as: Any, rentree: RollOver, schools: list[School]
) -> None:
    move(rentree, RollOverMove.MERGE, schools[1], into=schools[0])
    services.apply_roll_over(roll_over=rentree, by=None)
    page = client_as("education").get(f"/rentrees/{rentree.pk}/").content.decode()
    assert "à corriger" not in page
    assert "Rejoint « Montmidi »" in page
    assert "CP (ex-Bouloux)" in page


def test_a_rentree_asks_the_same_queries_whatever_the_schools(
    client_as: Any, rentree: RollOver, schools: list[School]
) -> None:
    client = client_as("education")
    for kind, url in (("prepared", ""), ("applied", "")):
        assert kind
        with CaptureQueriesContext(connection) as few:
            client.get(f"/rentrees/{rentree.pk}/{url}")
        for _ in range(3):
            a_class(SchoolFactory(commune=schools[0].commune), "CP", CP=20)
        with CaptureQueriesContext(connection) as many:
            client.get(f"/rentrees/{rentree.pk}/{url}")
        assert len(few) == len(many)
        if kind == "prepared":
            services.apply_roll_over(roll_over=rentree, by=None)


@pytest.mark.parametrize("path", ["/rentrees/", "/annees-figees/", "/api/v1/rentrees/", "/api/v1/annees-figees/"])
def test_lists_ask_the_same_queries_for_one_row_or_three(
    client_as: Any, authority: Any, schools: list[School], path: str
) -> None:
    client = client_as("education")

    def another(year: int) -> None:
        SchoolClassFactory(school=schools[0], school_year=year)
        services.prepare_roll_over(authority=authority, to_year=year + 1, by=None)
        services.freeze_year(authority=authority, school_year=year, by=None)

    another(2015)
    with CaptureQueriesContext(connection) as one:
        assert client.get(path).status_code == 200
    another(2016)
    another(2017)
    with CaptureQueriesContext(connection) as three:
        client.get(path)
    assert len(one) == len(three)


@pytest.mark.parametrize("kind", ["rentrees", "mouvements-de-rentree", "annees-figees"])
def test_the_api_opens_to_its_own_people(
    client_as: Any, rentree: RollOver, schools: list[School], authority: Any, other_authority: Any, kind: str
) -> None:
    line = move(rentree, RollOverMove.OPEN_CLASS, schools[0], name="CM2")
    frozen = services.freeze_year(authority=authority, school_year=YEAR, by=None)
    pk = {"rentrees": rentree.pk, "mouvements-de-rentree": line.pk, "annees-figees": frozen.pk}[kind]
    url = f"/api/v1/{kind}/{pk}/"
    assert Client().get(url).status_code == 403
    assert client_as("partner").get(url).status_code == 403
    assert client_as("technician").delete(url).status_code == 403
    assert client_as("education", other_authority).get(url).status_code == 404
    assert client_as("education").get(url).status_code == 200
    rows = client_as("education", other_authority).get(f"/api/v1/{kind}/").json()
    assert rows["count"] == 0


def test_two_roles_in_two_towns_do_not_mix(
    user_as: Any, rentree: RollOver, schools: list[School], authority: Any, other_authority: Any
) -> None:
    """Education officer in one town, technician in the other: nothing of the other's rentrées."""
    user = user_as("education", other_authority)
    MembershipFactory(user=user, role="technician", authority=authority)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    frozen = services.freeze_year(authority=authority, school_year=YEAR, by=None)
    assert client.get(f"/rentrees/{rentree.pk}/").status_code == 404
    assert client.post(f"/rentrees/{rentree.pk}/faire/").status_code == 404
    assert client.get(f"/annees-figees/{frozen.pk}/").status_code == 200
    assert client.get(f"/annees-figees/{frozen.pk}/rouvrir/").status_code == 403
    assert client.post(f"/annees-figees/{frozen.pk}/rouvrir/", {"reason": "x"}).status_code == 403
    assert client.delete(f"/api/v1/annees-figees/{frozen.pk}/").status_code == 403
    made = client.post(
        "/api/v1/rentrees/", {"authority": authority.pk, "to_year": YEAR + 2}, content_type="application/json"
    )
    assert made.status_code == 400
    line = {"roll_over": rentree.pk, "school": schools[0].pk, "move": "close_school"}
    assert client.post("/api/v1/mouvements-de-rentree/", line, content_type="application/json").status_code == 400
    assert FrozenYear.objects.exists()
    assert not RollOverLine.objects.exists()


def test_the_api_tells_a_movement_that_does_not_hold(client_as: Any, rentree: RollOver, schools: list[School]) -> None:
    client = client_as("education")
    sent = {"roll_over": rentree.pk, "school": schools[0].pk, "move": "merge", "into": schools[0].pk}
    told = client.post("/api/v1/mouvements-de-rentree/", sent, content_type="application/json")
    assert told.status_code == 400
    assert "c&#x27;est une autre école" in told.content.decode() or "autre école" in told.json().__str__()
    odd = client.post(
        "/api/v1/mouvements-de-rentree/",
        {"roll_over": rentree.pk, "school": schools[0].pk, "move": "open_class", "name": "x", "levels": "CM3"},
        content_type="application/json",
    )
    assert odd.status_code == 400
