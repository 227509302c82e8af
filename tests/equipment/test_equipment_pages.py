from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from equipment import queries, services
from equipment.filtersets import years_before
from equipment.models import AllocationRule, Device, ItemType, Movement, Pack, PackLine, ParkCount, Price, RuleSet
from schools.models import School
from tests.factories import equipment as make
from tests.factories.schools import HeadcountFactory, RoomFactory, SchoolClassFactory, SchoolFactory


def queries_of(client: Any, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def a_need(authority: Any, rule_set: RuleSet) -> None:
    school = SchoolFactory(commune__authority=authority)
    for _ in range(2):
        HeadcountFactory(school_class=SchoolClassFactory(school=school))
    line = make.PackLineFactory(pack__authority=authority)
    make.PriceFactory(item_type=line.item_type)
    make.AllocationRuleFactory(rule_set=rule_set, pack=line.pack)
    make.DeviceFactory(item_type=line.item_type, school=school)


def a_device(authority: Any, rule_set: RuleSet) -> None:
    school = SchoolFactory(commune__authority=authority)
    make.DeviceFactory(item_type__authority=authority, school=school)


def a_priced_pack(authority: Any, rule_set: RuleSet) -> None:
    line = make.PackLineFactory(pack__authority=authority)
    make.PriceFactory(item_type=line.item_type)


@pytest.mark.parametrize(
    "url, add",
    [
        ("/articles/", a_priced_pack),
        ("/packs/", a_priced_pack),
        ("/regles-de-dotation/", lambda authority, rule_set: make.AllocationRuleFactory(rule_set__authority=authority)),
        ("/regles-de-dotation/{set}/", a_need),
        ("/parc/", a_device),
        ("/comptes-du-parc/", lambda authority, rule_set: make.ParkCountFactory(authority=authority)),
        ("/besoin/?rule_set={set}", a_need),
        ("/api/v1/articles/", a_priced_pack),
        ("/api/v1/prix/", a_priced_pack),
        ("/api/v1/packs/", a_priced_pack),
        ("/api/v1/lignes-de-pack/", a_priced_pack),
        ("/api/v1/regles-de-dotation/", lambda authority, rule_set: make.RuleSetFactory(authority=authority)),
        ("/api/v1/regles/", a_need),
        ("/api/v1/parc/", a_device),
        (
            "/api/v1/mouvements/",
            lambda authority, rule_set: make.MovementFactory(device__item_type__authority=authority),
        ),
        ("/api/v1/comptes-du-parc/", lambda authority, rule_set: make.ParkCountFactory(authority=authority)),
    ],
)
def test_as_many_queries_for_one_row_as_for_three(client_as: Any, authority: Any, url: str, add: Any) -> None:
    rule_set = make.RuleSetFactory(authority=authority)
    url = url.format(set=rule_set.pk)
    client = client_as("administrator")
    add(authority, rule_set)
    one = queries_of(client, url)
    add(authority, rule_set)
    add(authority, rule_set)
    assert queries_of(client, url) == one


def test_one_device_among_three_movements_costs_the_same(client_as: Any, authority: Any) -> None:
    device = make.DeviceFactory(item_type__authority=authority)
    make.MovementFactory(device=device)
    client, url = client_as("technician"), f"/parc/{device.pk}/"
    one = queries_of(client, url)
    make.MovementFactory.create_batch(2, device=device, to_school=SchoolFactory(commune__authority=authority))
    assert queries_of(client, url) == one


def test_a_supposed_price_is_flagged_wherever_it_shows(client_as: Any, authority: Any) -> None:
    item = make.ItemTypeFactory(authority=authority, label="Tablette", code="tablette")
    make.PriceFactory(item_type=item, unit_price_ht=32_000, hypothesis=True)
    rule_set = make.RuleSetFactory(authority=authority)
    pack = make.PackLineFactory(pack__authority=authority, item_type=item, quantity=6).pack
    make.AllocationRuleFactory(rule_set=rule_set, pack=pack)
    school = SchoolClassFactory(school__commune__authority=authority).school
    client = client_as("education")
    for url in (
        "/articles/",
        f"/articles/{item.pk}/",
        "/packs/",
        f"/packs/{pack.pk}/",
        f"/regles-de-dotation/{rule_set.pk}/",
        "/besoin/",
        f"/besoin/{school.pk}/",
    ):
        assert "hypothèse" in client.get(url).content.decode(), url
    assert "1\u202f920,00" in client.get("/packs/").content.decode()
    header, row = client.get("/articles/?format=csv").content.decode("utf-8-sig").splitlines()
    assert header.endswith("Prix en hypothèse")
    assert row.endswith("Oui")


def test_a_pack_without_all_its_prices_says_so(client_as: Any, authority: Any) -> None:
    pack = make.PackLineFactory(pack__authority=authority).pack
    line = make.PackLineFactory(pack=pack, quantity=2, item_type__vat_rate=55_000)
    make.PriceFactory(item_type=line.item_type, unit_price_ht=10_001)
    page = client_as("education").get(f"/packs/{pack.pk}/").content.decode()
    assert "sans prix" in page
    assert "200,02" in page
    assert "211,02" in page


def test_a_rule_set_shows_its_rules_as_sentences_with_their_quote(client_as: Any, authority: Any, user_as: Any) -> None:
    rule = make.AllocationRuleFactory(
        rule_set__authority=authority,
        pack__label="Classe",
        pack__authority=authority,
        school_kinds=["elementaire"],
        quote="Chaque classe recevra",
    )
    url, client = f"/regles-de-dotation/{rule.rule_set_id}/", client_as("education")
    page = client.get(url).content.decode()
    assert "Un pack « Classe » par classe, dans les écoles élémentaires." in page
    assert "« Chaque classe recevra »" in page
    assert f"/regles/{rule.pk}/modifier/" in page
    services.lock_rule_set(rule_set=rule.rule_set, by=user_as("education"))
    page = client.get(url).content.decode()
    assert f"/regles/{rule.pk}/modifier/" not in page
    assert "Nouvelle version" in page


def test_creating_through_the_pages_goes_back_to_the_parent(client_as: Any, authority: Any) -> None:
    client = client_as("education")
    item = {
        "authority": authority.pk,
        "label": "Vidéoprojecteur",
        "code": "vp",
        "category": "projector",
        "heading": "matériel",
        "section": "investissement",
        "vat_rate": "20",
    }
    assert client.post("/articles/nouveau/", item).status_code == 302
    vp = ItemType.objects.get()
    response = client.post(
        f"/prix/nouveau/?item_type={vp.pk}", {"item_type": vp.pk, "valid_from": "2018-09-01", "unit_price_ht": "650,50"}
    )
    assert response.headers["Location"] == f"/articles/{vp.pk}/"
    assert Price.objects.get().unit_price_ht == 65_050
    client.post("/packs/nouveau/", {"authority": authority.pk, "label": "Pack classe", "code": "classe"})
    pack = Pack.objects.get()
    response = client.post("/lignes-de-pack/nouveau/", {"pack": pack.pk, "item_type": vp.pk, "quantity": "2"})
    assert response.headers["Location"] == f"/packs/{pack.pk}/"
    response = client.post(
        "/regles-de-dotation/nouveau/",
        {"authority": authority.pk, "name": "Règles", "version": "1", "price_date": "2018-09-01"},
    )
    rules = RuleSet.objects.get()
    assert response.headers["Location"] == f"/regles-de-dotation/{rules.pk}/"
    rule = {
        "rule_set": rules.pk,
        "code": "r1",
        "position": "1",
        "pack": pack.pk,
        "quantity": "1",
        "per": "class",
        "group_size": "1",
        "levels": ["CP", "CE1"],
    }
    response = client.post("/regles/nouveau/", rule)
    assert response.headers["Location"] == f"/regles-de-dotation/{rules.pk}/"
    created = AllocationRule.objects.get()
    assert (created.levels, created.sectors) == (["CP", "CE1"], [])
    response = client.post(f"/regles/{created.pk}/modifier/", {**rule, "levels": [], "sectors": ["public"]})
    assert response.headers["Location"] == f"/regles-de-dotation/{rules.pk}/"
    created.refresh_from_db()
    assert (created.levels, created.sectors) == ([], ["public"])
    response = client.post(f"/lignes-de-pack/{PackLine.objects.get().pk}/supprimer/")
    assert response.headers["Location"] == f"/packs/{pack.pk}/"
    assert not PackLine.objects.exists()
    count = {
        "authority": authority.pk,
        "label": "Ordinateurs",
        "category": "computer",
        "quantity": "5000",
        "source": "Délibération",
    }
    assert client.post("/comptes-du-parc/nouveau/", count).status_code == 302


@pytest.mark.parametrize(
    "url, data, message",
    [
        ("/articles/nouveau/", {"life_years": "0"}, "supérieur ou égal à 1"),
        ("/prix/nouveau/", {"unit_price_ht": "12,345"}, "n&#x27;est pas un nombre"),
        ("/regles/nouveau/", {"levels": ["CP9"]}, "CP9"),
        ("/regles/nouveau/", {"group_size": "0"}, "supérieure ou égale à 1"),
        ("/parc/nouveau/", {"state": "disposed"}, "disposed"),
        ("/comptes-du-parc/nouveau/", {"quantity": "-1"}, "supérieur"),
    ],
)
def test_bad_input_is_refused_with_its_field(
    client_as: Any, authority: Any, url: str, data: dict[str, Any], message: str
) -> None:
    response = client_as("administrator").post(url, data)
    assert response.status_code == 422
    assert message.split(maxsplit=1)[0] in response.content.decode()
    assert not any(model.objects.exists() for model in (ItemType, Price, AllocationRule, Device, ParkCount))


def test_a_rule_with_both_a_pack_and_an_item_is_refused(client_as: Any, authority: Any) -> None:
    rule = make.AllocationRuleFactory(rule_set__authority=authority)
    item = make.ItemTypeFactory(authority=authority)
    data = {
        "rule_set": rule.rule_set_id,
        "code": "deux",
        "position": "1",
        "pack": rule.pack_id,
        "item_type": item.pk,
        "quantity": "1",
        "per": "class",
        "group_size": "1",
    }
    response = client_as("education").post("/regles/nouveau/", data)
    assert response.status_code == 422
    assert "un pack ou un article" in response.content.decode()


def test_forms_offer_only_the_parent_s_authority(
    client_as: Any, authority: Any, other_authority: Any, user_as: Any
) -> None:
    from tests.factories.accounts import MembershipFactory

    pack = make.PackFactory(authority=authority)
    ours, theirs = make.ItemTypeFactory(authority=authority), make.ItemTypeFactory(authority=other_authority)
    client = client_as("education")
    MembershipFactory(user_id=client.session["_auth_user_id"], authority=other_authority)
    page = client.get(f"/lignes-de-pack/nouveau/?pack={pack.pk}").content.decode()
    assert (ours.label in page, theirs.label in page) == (True, False)
    response = client.post("/lignes-de-pack/nouveau/", {"pack": pack.pk, "item_type": theirs.pk, "quantity": "1"})
    assert response.status_code == 422
    assert not PackLine.objects.exists()


def test_a_locked_set_refuses_its_edit_page(client_as: Any, authority: Any, user_as: Any) -> None:
    rule_set = make.RuleSetFactory(authority=authority, name="Avant")
    services.lock_rule_set(rule_set=rule_set, by=user_as("education"))
    response = client_as("education").post(
        f"/regles-de-dotation/{rule_set.pk}/modifier/",
        {"authority": authority.pk, "name": "Après", "version": "1", "price_date": "2018-09-01"},
    )
    assert response.status_code == 422
    assert "est figé depuis" in response.content.decode()
    assert RuleSet.objects.get().name == "Avant"
    assert client_as("education").post(f"/regles-de-dotation/{rule_set.pk}/version/").status_code == 302
    assert RuleSet.objects.count() == 2


def test_moving_a_device_on_its_page(client_as: Any, authority: Any) -> None:
    school = SchoolFactory(commune__authority=authority)
    room = RoomFactory(site__school=school, name="Salle bleue")
    other_room = RoomFactory(site__school=SchoolFactory(commune__authority=authority), name="Salle verte")
    device = make.DeviceFactory(item_type__authority=authority, state="stock")
    client, url = client_as("technician"), f"/parc/{device.pk}/deplacer/"
    page = client.get(f"{url}?school={school.pk}").content.decode()
    assert ("Salle bleue" in page, "Salle verte" in page) == (True, False)
    data = {"state": "in_service", "school": school.pk, "room": room.pk, "place": "Tableau", "reason": "Rentrée"}
    response = client.post(url, {**data, "room": other_room.pk})
    assert (response.status_code, Movement.objects.count()) == (422, 0)
    response = client.post(url, {**data, "reason": ""})
    assert (response.status_code, Movement.objects.count()) == (422, 0)
    assert client.post(url, data).status_code == 302
    page = client.get(f"/parc/{device.pk}/").content.decode()
    assert "En stock → en service" in page
    assert "Salle bleue, Tableau" in page
    response = client.post(url, data)
    assert response.status_code == 422
    assert "ne change ni l&#x27;état ni l&#x27;emplacement" in response.content.decode()
    response = client.post(url, {**data, "school": SchoolFactory().pk})
    assert response.status_code == 422


def test_bulk_moves_are_all_or_nothing(client_as: Any, authority: Any) -> None:
    first, second = (
        make.DeviceFactory(item_type__authority=authority, state=state) for state in ("in_service", "loaned")
    )
    client = client_as("technician")
    page = client.post("/parc/", {"action": "dispose", "ids": [first.pk, second.pk]}, follow=True).content.decode()
    assert "Un appareil prêté ne passe pas" in page
    assert Movement.objects.count() == 0
    page = client.post("/parc/", {"action": "stock", "all": "1"}, follow=True).content.decode()
    assert "2 appareils : en stock." in page
    assert client_as("finance").post("/parc/", {"action": "stock", "ids": [first.pk]}).status_code == 403


@pytest.mark.parametrize(
    "query, expected",
    [
        ("", ["A", "B", "C", "D"]),
        ("state=broken&state=stock", ["B", "C"]),
        ("category=tablet", ["B"]),
        ("school=0861030C", ["A"]),
        ("school=ferry", ["A"]),
        ("no_school=true", ["B", "C", "D"]),
        ("age=under_3", ["B"]),
        ("age=3_to_5", ["C"]),
        ("age=6_and_over", ["A"]),
        ("age=unknown", ["D"]),
        ("q=ferry", ["A"]),
        ("q=sn-42", ["C"]),
        ("under_warranty=true", ["B"]),
    ],
)
def test_park_filters(client_as: Any, authority: Any, query: str, expected: list[str]) -> None:
    today = timezone.localdate()
    school = SchoolFactory(commune__authority=authority, uai="0861030C", name="Jules-Ferry")
    item = make.ItemTypeFactory(authority=authority)
    tablet = make.ItemTypeFactory(authority=authority, category="tablet")
    make.DeviceFactory(item_type=item, inventory_number="A", school=school, acquired_on=years_before(today, 6))
    make.DeviceFactory(item_type=tablet, inventory_number="B", state="stock", acquired_on=today, warranty_until=today)
    make.DeviceFactory(
        item_type=item, inventory_number="C", state="broken", serial="SN-42", acquired_on=years_before(today, 3)
    )
    make.DeviceFactory(item_type=item, inventory_number="D")
    lines = client_as("technician").get(f"/parc/?format=csv&{query}").content.decode("utf-8-sig").splitlines()
    assert [line.split(";")[0] for line in lines[1:]] == expected


def test_years_before_a_leap_day() -> None:
    assert years_before(date(2024, 2, 29), 3) == date(2021, 2, 28)


def test_park_counts_are_added_up(client_as: Any, authority: Any) -> None:
    for quantity in (5000, 700, 350, 450, 100, 800):
        make.ParkCountFactory(authority=authority, quantity=quantity)
    client = client_as("education")
    assert "7\u202f400" in client.get("/comptes-du-parc/").content.decode()
    assert client.get("/comptes-du-parc/?format=xlsx").content[:2] == b"PK"


def test_need_page_counts_filters_and_exports(client_as: Any, authority: Any) -> None:
    line = make.PackLineFactory(pack__authority=authority, item_type__label="Vidéoprojecteur", item_type__code="vp")
    make.PriceFactory(item_type=line.item_type, unit_price_ht=65_000)
    rule_set = make.RuleSetFactory(authority=authority)
    make.AllocationRuleFactory(rule_set=rule_set, pack=line.pack, quote="Chaque classe")
    schools = [SchoolFactory(commune__authority=authority, name=name) for name in ("Alpha", "Bravo")]
    for school in schools:
        for _ in range(3):
            HeadcountFactory(school_class=SchoolClassFactory(school=school))
    SchoolClassFactory(school=schools[0], school_year=2017)
    states = ("in_service", "requalified", "broken", "stock", "disposed", "lost")
    for state in states:
        make.DeviceFactory(item_type=line.item_type, school=schools[0], state=state)
    make.DeviceFactory(item_type=line.item_type, school=schools[1])
    client = client_as("education")
    page = client.get("/besoin/").content.decode()
    assert "2 × Vidéoprojecteur" in page
    assert "1\u202f300,00" in page
    lines = client.get("/besoin/?format=csv").content.decode("utf-8-sig").splitlines()
    assert [line.split(";")[5:8] for line in lines[1:]] == [["3", "3", "0"], ["3", "1", "2"]]
    assert [line.split(";")[-1] for line in lines[1:]] == ["0", "1300"]
    assert len(client.get("/besoin/?format=csv&only=lacks").content.decode().splitlines()) == 2
    assert len(client.get("/besoin/?format=csv&q=alpha").content.decode().splitlines()) == 2
    assert len(client.get("/besoin/?format=csv&item=autre&rule_set=x&school_year=y").content.decode().splitlines()) == 3
    old = client.get("/besoin/?format=csv&school_year=2017").content.decode("utf-8-sig").splitlines()
    assert [line.split(";")[5:8] for line in old[1:]] == [["1", "3", "0"], ["0", "1", "0"]]
    assert client.get("/besoin/?format=xlsx").content[:2] == b"PK"
    school_page = client.get(f"/besoin/{schools[1].pk}/?rule_set={rule_set.pk}").content.decode()
    assert "« Chaque classe »" in school_page
    assert f"/parc/?school={schools[1].uai}&amp;item_type={line.item_type_id}" in school_page


def test_need_quotes_the_rule_that_too_many_volunteers_exceed(client_as: Any, authority: Any) -> None:
    rule = make.AllocationRuleFactory(
        rule_set__authority=authority, per="volunteer_class", max_members=3, quote="pour a maxima 3 classes volontaires"
    )
    school = SchoolFactory(commune__authority=authority, name="Alpha")
    for name in "ABCD":
        SchoolClassFactory(school=school, name=name, volunteer=True)
    page = client_as("education").get(f"/besoin/?rule_set={rule.rule_set_id}").content.decode()
    assert "4 classes volontaires pour 3 au plus" in page
    assert "pour a maxima 3 classes volontaires" in page
    assert "de côté : D" in page


def test_need_without_rules_or_classes_says_what_to_do(client_as: Any, authority: Any) -> None:
    assert "Aucun jeu de règles" in client_as("education").get("/besoin/").content.decode()
    school = SchoolFactory(commune__authority=authority)
    assert "Aucun jeu de règles" in client_as("education").get(f"/besoin/{school.pk}/").content.decode()
    make.RuleSetFactory(authority=authority)
    assert "Aucune classe" in client_as("education").get("/besoin/").content.decode()
    assert "Aucune classe" in client_as("education").get(f"/besoin/{school.pk}/").content.decode()


def test_api_creates_updates_and_refuses(client_as: Any, authority: Any, other_authority: Any) -> None:
    client = client_as("education")

    def send(method: str, url: str, body: dict[str, Any]) -> Any:
        return getattr(client, method)(f"/api/v1/{url}/", body, content_type="application/json")

    item = {
        "authority": authority.pk,
        "label": "Vidéoprojecteur",
        "code": "vp",
        "category": "projector",
        "heading": "matériel",
    }
    created = send("post", "articles", item)
    assert created.status_code == 201, created.content
    pk = created.json()["id"]
    assert send("post", "articles", item).status_code == 400
    assert send("post", "articles", {**item, "code": "autre", "authority": other_authority.pk}).status_code == 400
    assert send("patch", f"articles/{pk}", {"label": "VP"}).json()["label"] == "VP"
    price = send("post", "prix", {"item_type": pk, "valid_from": "2018-09-01", "unit_price_ht": "650.50"})
    assert (price.status_code, price.json()["unit_price_ht"]) == (201, "650.50")
    assert send("post", "prix", {"item_type": pk, "valid_from": "2018-09-02", "unit_price_ht": 650}).status_code == 400
    rules = send(
        "post", "regles-de-dotation", {"authority": authority.pk, "name": "Règles", "price_date": "2018-09-01"}
    ).json()["id"]
    rule = {"rule_set": rules, "code": "r1", "item_type": pk, "per": "class", "levels": ["CP"]}
    assert send("post", "regles", rule).status_code == 201
    assert "levels" in send("post", "regles", {**rule, "code": "r2", "levels": ["CP9"]}).json()
    assert send("post", "regles", {**rule, "code": "r2", "item_type": None}).status_code == 400
    document = client.get(f"/api/v1/regles-de-dotation/{rules}/document/").json()
    assert (document["items"][0]["unit_price_ht"], document["rules"][0]["item"]) == ("650.50", "vp")
    services.lock_rule_set(rule_set=RuleSet.objects.get(), by=None)
    assert send("post", "regles", {**rule, "code": "r3"}).status_code == 400
    assert send("patch", f"regles-de-dotation/{rules}", {"name": "Autre"}).status_code == 400
    assert client.delete(f"/api/v1/regles-de-dotation/{rules}/").status_code == 400
    assert "snapshot" not in client.get(f"/api/v1/regles-de-dotation/{rules}/").json()


def test_api_moves_a_device_and_refuses_a_direct_change(client_as: Any, authority: Any) -> None:
    client = client_as("technician")
    school = SchoolFactory(commune__authority=authority)
    item = make.ItemTypeFactory(authority=authority)
    body = {
        "authority": authority.pk,
        "item_type": item.pk,
        "inventory_number": "A1",
        "school": school.pk,
        "state": "in_service",
    }
    created = client.post("/api/v1/parc/", body, content_type="application/json")
    assert created.status_code == 201, created.content
    url = f"/api/v1/parc/{created.json()['id']}/"
    assert client.patch(url, {"state": "stock"}, content_type="application/json").status_code == 400
    assert client.patch(url, {"serial": "S1"}, content_type="application/json").json()["serial"] == "S1"
    moved = client.post(
        f"{url}deplacer/", {"state": "broken", "reason": "Lampe"}, content_type="application/json"
    ).json()
    assert (moved["state"], moved["school"]) == ("broken", school.pk)
    moved = client.post(
        f"{url}deplacer/",
        {"state": "stock", "school": None, "place": "Atelier", "reason": "Retour"},
        content_type="application/json",
    ).json()
    assert (moved["school"], moved["place"]) == (None, "Atelier")
    foreign = {"school": SchoolFactory().pk, "reason": "Essai"}
    assert client.post(f"{url}deplacer/", foreign, content_type="application/json").status_code == 400
    assert client.get("/api/v1/mouvements/").json()["count"] == 3


def test_need_of_one_item_and_of_the_plan_as_a_whole(
    client_as: Any, authority: Any, django_assert_num_queries: Any, user_as: Any
) -> None:
    kit, projector = (make.ItemTypeFactory(authority=authority, code=code) for code in ("malle", "vp"))
    for item in (kit, projector):
        make.PriceFactory(item_type=item, unit_price_ht=10_000)
    rule_set = make.RuleSetFactory(authority=authority)
    make.AllocationRuleFactory(rule_set=rule_set, item_type=kit, per="plan", quantity=3)
    make.AllocationRuleFactory(rule_set=rule_set, item_type=kit, per="school")
    make.AllocationRuleFactory(
        rule_set=rule_set, pack=make.PackLineFactory(pack__authority=authority, item_type=projector).pack
    )
    school = SchoolClassFactory(school__commune__authority=authority).school
    make.DeviceFactory(item_type=kit, state="stock")
    make.DeviceFactory(item_type=kit, state="loaned")
    client = client_as("education")
    lines = client.get("/besoin/?format=csv&item=vp").content.decode("utf-8-sig").splitlines()
    assert [line.split(";")[3] for line in lines[1:]] == ["vp"]
    page = client.get("/besoin/?item=vp&q=synth").content.decode()
    assert "retirer ce filtre" in page
    with django_assert_num_queries(9):
        report = queries.need_report(schools=School.objects.all(), rule_set=rule_set, school_year=2018)
    assert [(need.must, need.has, need.lacks) for need in report.plan] == [(3, 2, 1)]
    assert [(row.school, row.lacks, row.cost_ht) for row in report.schools] == [(school, 2, 20_000)]
    services.lock_rule_set(rule_set=rule_set, by=user_as("education"))
    rule_set = RuleSet.objects.select_related("authority").get()
    with django_assert_num_queries(6):
        locked = queries.need_report(schools=School.objects.all(), rule_set=rule_set, school_year=2018)
    assert (locked.schools, locked.plan) == (report.schools, report.plan)


def test_need_leaves_out_what_the_user_does_not_see(authority: Any) -> None:
    rule = make.AllocationRuleFactory(rule_set__authority=authority)
    seen, hidden = (SchoolClassFactory(school__commune__authority=authority).school for _ in range(2))
    report = queries.need_report(schools=School.objects.exclude(pk=hidden.pk), rule_set=rule.rule_set, school_year=2018)
    assert [row.school for row in report.schools] == [seen]


def test_a_device_out_of_the_park_offers_no_move(client_as: Any, authority: Any) -> None:
    device = make.DeviceFactory(item_type__authority=authority, state="disposed")
    assert "deplacer" not in client_as("technician").get(f"/parc/{device.pk}/").content.decode()


def test_hypothesis_filter(client_as: Any, authority: Any) -> None:
    sure, supposed = (
        make.PriceFactory(item_type__authority=authority, hypothesis=value).item_type for value in (False, True)
    )
    lines = client_as("education").get("/articles/?format=csv&hypothesis=true").content.decode()
    assert (sure.label in lines, supposed.label in lines) == (False, True)


def test_administration_keeps_locked_sets_and_movements_as_they_are(admin_client: Any, authority: Any) -> None:
    rule = make.AllocationRuleFactory(rule_set__authority=authority)
    device = make.DeviceFactory(item_type__authority=authority)
    movement = make.MovementFactory(device=device)
    set_url, rule_url = (
        f"/technique/equipment/ruleset/{rule.rule_set_id}",
        f"/technique/equipment/allocationrule/{rule.pk}",
    )
    data = {"authority": authority.pk, "name": "Par l'administration", "version": "1", "price_date": "2018-09-01"}
    assert admin_client.post(f"{set_url}/change/", data).status_code == 302
    rule_data = {
        "rule_set": rule.rule_set_id,
        "position": "1",
        "code": "r1",
        "pack": rule.pack_id,
        "per": "class",
        "quantity": "3",
        "group_size": "1",
        "school_kinds": "[]",
        "sectors": "[]",
        "levels": "[]",
        "class_kinds": "[]",
    }
    assert admin_client.post(f"{rule_url}/change/", rule_data).status_code == 302
    rule.refresh_from_db()
    assert (rule.quantity, rule.rule_set.name) == (3, "Par l'administration")
    RuleSet.objects.filter(pk=rule.rule_set_id).update(locked_at=timezone.now(), snapshot={})
    for url in (set_url, rule_url, f"/technique/equipment/movement/{movement.pk}"):
        assert admin_client.post(f"{url}/change/", data).status_code == 403
        assert admin_client.post(f"{url}/delete/", {"post": "yes"}).status_code == 403
    assert admin_client.post("/technique/equipment/movement/add/", {}).status_code == 403
    device_data = {
        "authority": authority.pk,
        "item_type": device.item_type_id,
        "inventory_number": "ADM-1",
        "state": "lost",
    }
    assert admin_client.post(f"/technique/equipment/device/{device.pk}/change/", device_data).status_code == 302
    device.refresh_from_db()
    assert (device.inventory_number, device.state) == ("ADM-1", "in_service")
