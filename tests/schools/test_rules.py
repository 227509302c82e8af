"""Constraints, services and loaders."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from plan_numerique.accounts.models import Membership, User
from plan_numerique.audit.models import AuditEvent
from plan_numerique.shared.errors import DomainError
from schools import queries, services
from schools.domain import table
from schools.models import Headcount, Room, School, SchoolAssignment, SchoolClass
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.schools import (
    CommuneFactory,
    FormerUaiFactory,
    HeadcountFactory,
    RoomFactory,
    SchoolAssignmentFactory,
    SchoolClassFactory,
    SchoolFactory,
    SiteFactory,
    SocialIndexFactory,
    StatedCountFactory,
)


@pytest.fixture
def school(authority: Any) -> School:
    return SchoolFactory(commune__authority=authority)


@pytest.fixture
def clerk(user_as: Any) -> User:
    return user_as("education")


def refusal(row: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    return " ".join(refused.value.messages)


@pytest.mark.parametrize(
    ("factory", "same", "message"),
    [
        (CommuneFactory, ("authority", "insee"), "Cette commune est déjà dans la collectivité."),
        (SchoolFactory, ("commune", "uai"), "Une école de la collectivité porte déjà cet UAI."),
        (FormerUaiFactory, ("school", "uai"), "Cet ancien UAI est déjà noté pour l'école."),
        (SocialIndexFactory, ("school", "school_year"), "L'IPS de cette année est déjà saisi pour l'école."),
        (SchoolAssignmentFactory, ("school", "user"), "Cette personne est déjà affectée à l'école."),
        (SiteFactory, ("school", "name"), "L'école a déjà un site de ce nom."),
        (RoomFactory, ("site", "name"), "Le site a déjà une salle de ce nom."),
        (SchoolClassFactory, ("school", "school_year", "name"), "L'école a déjà une classe de ce nom cette année-là."),
        (HeadcountFactory, ("school_class", "level"), "Ce niveau est déjà compté dans la classe."),
        (StatedCountFactory, ("authority", "code"), "Ce compte est déjà relevé pour la collectivité."),
    ],
)
def test_the_same_row_twice_is_refused(db: Any, factory: Any, same: tuple[str, ...], message: str) -> None:
    first = factory()
    again = factory.build(**{name: getattr(first, name) for name in same})
    if factory is SchoolFactory:
        again.authority = first.authority
    assert message in refusal(again)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"latitude": Decimal("46.58")}, "Latitude et longitude se donnent ensemble."),
        ({"uai": "0861030D"}, "« 0861030D » n'est pas un UAI"),
    ],
)
def test_a_school_with_a_fault_is_refused(school: School, values: dict[str, Any], message: str) -> None:
    for name, value in values.items():
        setattr(school, name, value)
    assert message in refusal(school)


def test_a_commune_of_another_authority_is_refused(school: School, other_authority: Any) -> None:
    school.commune = CommuneFactory(authority=other_authority)
    assert "n'est pas une commune de la collectivité" in refusal(school)


def test_a_former_uai_is_not_the_present_one(school: School) -> None:
    assert "est l'UAI actuel de l'école" in refusal(FormerUaiFactory.build(school=school, uai=school.uai))


def test_a_room_stays_between_the_floors_a_building_may_have(school: School) -> None:
    assert "Un étage va de -5 à 50." in refusal(RoomFactory.build(site=SiteFactory(school=school), floor=51))


def test_no_row_changes_authority(school: School, other_authority: Any, clerk: User) -> None:
    moved = SchoolFactory(commune__authority=other_authority)
    rows = [
        (services.save_class, SchoolClassFactory(school=school), "school", moved),
        (services.save_site, SiteFactory(school=school), "school", moved),
        (services.save_social_index, SocialIndexFactory(school=school), "school", moved),
        (services.save_former_uai, FormerUaiFactory(school=school), "school", moved),
        (services.save_room, RoomFactory(site__school=school), "site", SiteFactory(school=moved)),
        (
            services.save_headcount,
            HeadcountFactory(school_class__school=school),
            "school_class",
            SchoolClassFactory(school=moved),
        ),
        (services.save_commune, school.commune, "authority", other_authority),
        (services.save_stated_count, StatedCountFactory(authority=school.authority), "authority", other_authority),
    ]
    for service, row, name, value in rows:
        setattr(row, name, value)
        with pytest.raises(DomainError, match="ne change pas de collectivité") as refused:
            service(instance=row, by=clerk)
        assert refused.value.field == name


def test_a_row_deleted_meanwhile_says_so_and_is_not_made_again(school: School, clerk: User) -> None:
    room = RoomFactory(site__school=school, name="Salle 3")
    services.delete_room(instance=Room.objects.get(pk=room.pk), by=clerk)
    with pytest.raises(DomainError, match=f"« Salle 3.* » a été supprimé entre-temps par {clerk}"):
        services.save_room(instance=room, by=clerk)
    assert not Room.objects.exists()


def test_a_class_and_its_pupils_are_one_action(school: School, clerk: User) -> None:
    made = services.save_class(
        instance=SchoolClass(school=school, school_year=2018, name="CP CE1"), headcounts={"CE1": 11, "CP": 12}, by=clerk
    )
    assert list(made.headcounts.order_by("pk").values_list("level", "pupils")) == [("CP", 12), ("CE1", 11)]
    services.save_class(instance=made, headcounts={"CP": 12, "CE2": 5}, by=clerk, reason="Rentrée")
    assert dict(made.headcounts.values_list("level", "pupils")) == {"CP": 12, "CE2": 5}
    services.save_class(instance=made, by=clerk)
    assert made.headcounts.count() == 2
    events = AuditEvent.objects.filter(target_type="schools.schoolclass", target_id=str(made.pk))
    assert [event.verb for event in events.order_by("pk")][:2] == [
        "schools.schoolclass_created",
        "schools.schoolclass_updated",
    ]


def test_an_unknown_level_writes_nothing(school: School, clerk: User) -> None:
    with pytest.raises(DomainError, match="« CM3 » n'est pas un niveau"):
        services.save_class(
            instance=SchoolClass(school=school, school_year=2018, name="X"), headcounts={"CM3": 5}, by=clerk
        )
    with pytest.raises(ValidationError):
        services.save_class(
            instance=SchoolClass(school=school, school_year=2018, name="X"), headcounts={"CP": 900}, by=clerk
        )
    assert not SchoolClass.objects.exists()
    assert not Headcount.objects.exists()


def test_the_class_page_edits_levels_and_pupils_together(client_as: Any, school: School) -> None:
    client = client_as("education")
    data = {
        "school": school.pk,
        "school_year": 2018,
        "name": "CP CE1",
        "kind": "ordinaire",
        "level_CP": 12,
        "level_CE1": 0,
    }
    response = client.post("/classes/nouveau/", data)
    assert response.status_code == 302, response.content.decode()
    assert response.headers["Location"] == f"/ecoles/{school.pk}/classes/?annee=2018"
    made = SchoolClass.objects.get()
    assert dict(made.headcounts.values_list("level", "pupils")) == {"CP": 12, "CE1": 0}
    assert 'name="level_CP" value="12"' in client.get(f"/classes/{made.pk}/modifier/").content.decode()
    client.post(f"/classes/{made.pk}/modifier/", {**data, "level_CE1": "", "level_none": 3})
    assert dict(made.headcounts.values_list("level", "pupils")) == {"CP": 12, "": 3}
    assert "Sans niveau" in client.get(f"/classes/{made.pk}/").content.decode()
    response = client.post(f"/classes/{made.pk}/modifier/", {**data, "level_CP": "beaucoup"})
    assert response.status_code == 422
    assert dict(made.headcounts.values_list("level", "pupils")) == {"CP": 12, "": 3}


def test_the_api_writes_a_class_with_its_pupils(client_as: Any, school: School) -> None:
    client = client_as("education")
    body = {"school": school.pk, "school_year": 2018, "name": "CP", "headcounts": {"CP": 12}}
    response = client.post("/api/v1/classes/", body, content_type="application/json")
    assert response.status_code == 201, response.content
    assert response.json()["headcounts"] == {"CP": 12}
    url = f"/api/v1/classes/{response.json()['id']}/"
    changed = client.patch(url, {"headcounts": {"CP": 11, "CE1": 9}}, content_type="application/json")
    assert changed.json()["headcounts"] == {"CP": 11, "CE1": 9}
    assert client.patch(url, {"volunteer": True}, content_type="application/json").json()["headcounts"] == {
        "CP": 11,
        "CE1": 9,
    }
    for wrong in ({"CM3": 1}, {"CP": "douze"}, {"CP": 201}, {"CP": True}, [12]):
        refused = client.patch(url, {"headcounts": wrong}, content_type="application/json")
        assert refused.status_code == 400
        assert "headcounts" in refused.json()
    assert client.get(url).json()["headcounts"] == {"CP": 11, "CE1": 9}


def test_volunteers_are_marked_in_bulk(client_as: Any, school: School) -> None:
    rows = [SchoolClassFactory(school=school) for _ in range(2)]
    client_as("education").post("/classes/", {"action": "volontaires", "ids": [row.pk for row in rows]})
    assert SchoolClass.objects.filter(volunteer=True).count() == 2
    event = AuditEvent.objects.get(verb="schools.volunteer")
    assert {record.audit_event_id for row in rows for record in row.history.exclude(audit_event=None)} == {event.pk}


@pytest.mark.parametrize(
    ("query", "found"),
    [("level=CP", {"CP", "CP CE1"}), ("level=CE1&level=CP", {"CP", "CP CE1"}), ("kind=ulis", {"ULIS"}),
     ("volunteer=true", {"CP"}), ("estimated=true", {"CP CE1"}), ("school_year=2017", {"Ancienne"}),
     ("school_year=1999", set()), ("school_kind=maternelle", set())],
)  # fmt: skip
def test_class_filters(client_as: Any, school: School, query: str, found: set[str]) -> None:
    HeadcountFactory(school_class=SchoolClassFactory(school=school, name="CP", volunteer=True), level="CP")
    double = SchoolClassFactory(school=school, name="CP CE1", estimated=True)
    for level in ("CP", "CE1"):
        HeadcountFactory(school_class=double, level=level)
    SchoolClassFactory(school=school, name="ULIS", kind="ulis")
    SchoolClassFactory(school=school, name="Ancienne", school_year=2017)
    csv = client_as("education").get(f"/classes/?format=csv&{query}").content.decode("utf-8-sig").splitlines()
    assert {row.split(";")[0] for row in csv[1:]} == found


def test_assigning_gives_the_role_and_the_last_end_takes_it_back(school: School, clerk: User) -> None:
    second = SchoolFactory(commune=school.commune)
    one = services.assign(
        school=school, email="Direction@Example.org", full_name="Direction", is_director=True, by=clerk
    )
    two = services.assign(school=second, user=one.user, by=clerk)
    assert one.user.email == "direction@example.org"
    assert not one.user.has_usable_password()
    role = Membership.objects.filter(user=one.user, role="school", authority=school.authority)
    assert role.count() == 1
    services.unassign(instance=one, by=clerk)
    assert role.count() == 1
    services.unassign(instance=two, by=clerk)
    assert role.count() == 0


def test_assigning_twice_only_changes_the_direction(school: School, clerk: User) -> None:
    person = UserFactory()
    services.assign(school=school, email=person.email.upper(), by=clerk)
    services.assign(school=school, email=person.email, is_director=True, by=clerk)
    assert SchoolAssignment.objects.get().is_director
    assert User.objects.filter(email__iexact=person.email).count() == 1


def test_another_role_outlives_the_assignment(school: School, clerk: User) -> None:
    kept = MembershipFactory(role="technician", authority=school.authority)
    row = services.assign(school=school, user=kept.user, by=clerk)
    services.unassign(instance=row, by=clerk)
    assert [m.role for m in Membership.objects.filter(user=kept.user)] == ["technician"]


def test_deleting_a_school_takes_back_the_role(school: School, clerk: User) -> None:
    row = services.assign(school=school, email="direction@example.org", by=clerk)
    services.delete_school(instance=school, by=clerk)
    assert not Membership.objects.filter(user=row.user).exists()


def test_the_assignment_page_and_api_know_people_by_email(client_as: Any, school: School) -> None:
    client = client_as("education")
    response = client.post(
        "/affectations/nouveau/",
        {"school": school.pk, "email": "direction@example.org", "full_name": "Direction", "is_director": "on"},
    )
    assert response.status_code == 302, response.content.decode()
    row = SchoolAssignment.objects.get()
    assert row.is_director
    client.post(f"/affectations/{row.pk}/modifier/", {"is_director": ""})
    row.refresh_from_db()
    assert not row.is_director
    bad = client.post("/affectations/nouveau/", {"school": school.pk, "email": "pas une adresse"})
    assert bad.status_code == 422
    body = {"school": school.pk, "email": "equipe@example.org"}
    assert client.post("/api/v1/affectations/", body, content_type="application/json").status_code == 201
    assert client.post(f"/affectations/{row.pk}/supprimer/").status_code == 302
    assert not Membership.objects.filter(user=row.user, role="school").exists()


def test_schools_of_year_is_what_the_computation_reads(
    school: School, authority: Any, other_authority: Any, django_assert_num_queries: Any
) -> None:
    for name, counts in (("CP CE1", {"CE1": 11, "CP": 12}), ("ULIS", {"": 9})):
        row = SchoolClassFactory(
            school=school, name=name, kind="ulis" if name == "ULIS" else "ordinaire", volunteer=True
        )
        for level, pupils in counts.items():
            HeadcountFactory(school_class=row, level=level, pupils=pupils)
    SchoolClassFactory(school=school, school_year=2017)
    SiteFactory(school=school, floors=2)
    SiteFactory(school=school, floors=1)
    SchoolFactory(commune__authority=other_authority)
    SchoolFactory(commune=school.commune, status="closed")
    with django_assert_num_queries(3):
        found = queries.schools_of_year(authority, 2018)
    classes = (
        table.SchoolClass("CP CE1", ("CP", "CE1"), "ordinaire", 23, True),
        table.SchoolClass("ULIS", (), "ulis", 9, True),
    )
    assert found == (table.School(school.uai, "elementaire", "public", 3, classes),)
    for _ in range(2):
        HeadcountFactory(school_class__school__commune=school.commune)
    with django_assert_num_queries(3):
        assert len(queries.schools_of_year(authority, 2018)) == 3
    with django_assert_num_queries(2):
        assert set(queries.classes_of_year(authority, 2018)[school.uai]) == set(classes)


def test_a_closed_school_counts_in_a_year_when_it_had_classes(school: School, authority: Any) -> None:
    SchoolClassFactory(school=school, school_year=2015)
    School.objects.update(status="closed")
    assert [row.id for row in queries.schools_of_year(authority, 2015)] == [school.uai]
    assert queries.schools_of_year(authority, 2018) == ()
    assert queries.latest_school_year(authority) == 2015


def test_schools_are_found_by_their_natural_key(
    school: School, authority: Any, other_authority: Any, django_assert_num_queries: Any
) -> None:
    twin = SchoolFactory(commune__authority=other_authority, uai=school.uai)
    with django_assert_num_queries(1):
        assert queries.schools_by_uai(authority, [school.uai, "0000000A"]) == {school.uai: school}
    assert queries.schools_by_uai(other_authority, [school.uai]) == {school.uai: twin}
