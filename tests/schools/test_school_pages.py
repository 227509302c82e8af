import re
from typing import Any

import pytest

from plan_numerique.audit.models import AuditEvent
from schools import services
from schools.models import School
from tests.factories.schools import (
    FormerUaiFactory,
    HeadcountFactory,
    RoomFactory,
    SchoolClassFactory,
    SchoolFactory,
    SiteFactory,
    SocialIndexFactory,
    StatedCountFactory,
)


@pytest.fixture
def school(authority: Any) -> School:
    return SchoolFactory(commune__authority=authority)


def form_of(school: School, **values: Any) -> dict[str, Any]:
    blank = {"uai": "0861030C", "name": "Montmidi", "kind": "primaire", "sector": "public", "status": "open"}
    return {"authority": school.authority_id, "commune": school.commune_id, **blank, **values}


def test_create_edit_history_and_export(client_as: Any, school: School) -> None:
    client = client_as("education")
    response = client.post("/ecoles/nouveau/", form_of(school))
    assert response.status_code == 302, response.content.decode()
    created = School.objects.get(uai="0861030C")
    response = client.post(f"/ecoles/{created.pk}/modifier/", form_of(school, name="Montmidi 2", reason="Nom usuel"))
    assert response.status_code == 302
    history = client.get(f"/ecoles/{created.pk}/historique/").content.decode()
    assert "Nom usuel" in history
    assert "Montmidi 2" in history
    csv = client.get("/ecoles/?format=csv&q=montmidi").content.decode("utf-8-sig")
    assert csv.splitlines()[1].startswith("Montmidi 2;0861030C")
    assert client.get("/ecoles/?format=xlsx").content[:2] == b"PK"


def test_changes_of_one_minute_are_told_apart_by_their_name(client_as: Any, user_as: Any, school: School) -> None:
    for name in ("Un", "Deux", "Trois"):
        school.name = name
        services.save_school(instance=school, by=user_as("education"))
    page = client_as("education").get(f"/ecoles/{school.pk}/historique/").content.decode()
    names = re.findall(r'role="region" aria-label="([^"]*Modifications du [^"]*)"', page)
    assert len(names) == len(set(names)) >= 3


def test_bad_uai_names_field_and_value(client_as: Any, school: School) -> None:
    response = client_as("education").post("/ecoles/nouveau/", form_of(school, uai="0861030D"))
    assert response.status_code == 422
    assert "0861030D" in response.content.decode()
    assert School.objects.count() == 1


def test_a_commune_of_another_authority_is_not_offered(client_as: Any, school: School, other_authority: Any) -> None:
    foreign = SchoolFactory(commune__authority=other_authority).commune
    response = client_as("education").post("/ecoles/nouveau/", form_of(school, commune=foreign.pk))
    assert response.status_code == 422
    assert School.objects.filter(uai="0861030C").count() == 0


def test_the_authority_of_a_school_stays_whatever_the_form_says(
    client_as: Any, school: School, other_authority: Any
) -> None:
    data = form_of(school, uai=school.uai, authority=other_authority.pk, name="Autre nom")
    assert client_as("education").post(f"/ecoles/{school.pk}/modifier/", data).status_code == 302
    school.refresh_from_db()
    assert school.name == "Autre nom"
    assert school.authority_id != other_authority.pk


def test_api_reads_and_writes_in_scope(client_as: Any, authority: Any, school: School, other_authority: Any) -> None:
    SchoolFactory(commune__authority=other_authority)
    client = client_as("education")
    assert client.get("/api/v1/ecoles/").json()["count"] == 1
    body = {
        "authority": authority.pk,
        "commune": school.commune_id,
        "uai": "0860467R",
        "name": "Mermoz",
        "kind": "primaire",
    }
    assert client.post("/api/v1/ecoles/", body, content_type="application/json").status_code == 201
    body["authority"] = other_authority.pk
    response = client.post("/api/v1/ecoles/", body, content_type="application/json")
    assert response.status_code == 400
    assert "authority" in response.json()


def test_list_counts_the_latest_school_year_of_each_school(client_as: Any, school: School) -> None:
    HeadcountFactory(school_class__school=school, school_class__school_year=2017, pupils=30)
    latest = SchoolClassFactory(school=school, school_year=2018)
    HeadcountFactory(school_class=latest, level="CP", pupils=12)
    HeadcountFactory(school_class=latest, level="CE1", pupils=11)
    columns = "&".join(f"columns={name}" for name in ("name", "class_count", "pupil_count", "latest_year"))
    rows = client_as("education").get(f"/ecoles/?format=csv&{columns}").content.decode("utf-8-sig").splitlines()
    assert rows[1] == f"{school.name};1;23;2018-2019"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=maternelle", "Maternelle"),
        ("education_priority=REP%2B", "Prioritaire"),
        ("education_priority=none&kind=elementaire", "Ordinaire"),
        ("priority_district=true", "Quartier"),
        ("sector=prive", "Privée"),
        ("status=closed", "Fermée"),
        ("q=ferm", "Fermée"),
    ],
)
def test_list_filters(client_as: Any, authority: Any, query: str, found: str) -> None:
    rows = {
        "Maternelle": {"kind": "maternelle", "education_priority": "REP"},
        "Prioritaire": {"education_priority": "REP+"},
        "Ordinaire": {},
        "Quartier": {"priority_district": True, "education_priority": "REP"},
        "Privée": {"sector": "prive", "education_priority": "REP"},
        "Fermée": {"status": "closed", "education_priority": "REP"},
    }
    for name, values in rows.items():
        SchoolFactory(commune__authority=authority, name=name, **values)
    csv = client_as("education").get(f"/ecoles/?format=csv&{query}").content.decode("utf-8-sig").splitlines()
    assert [row.split(";")[0] for row in csv[1:]] == [found]


def test_tiles_open_lists_that_hold_their_figure(client_as: Any, authority: Any, school: School) -> None:
    for level in ("CP", "CM1"):
        HeadcountFactory(school_class=SchoolClassFactory(school=school), level=level)
    StatedCountFactory(authority=authority)
    client = client_as("education")
    page = client.get("/ecoles/").content.decode()
    assert 'href="/classes/?school_year=2018"' in page
    listed = client.get("/classes/?format=csv&school_year=2018").content.decode("utf-8-sig").splitlines()
    assert len(listed) - 1 == 2


def test_bulk_marks_a_priority_district_once(client_as: Any, authority: Any, school: School) -> None:
    other = SchoolFactory(commune=school.commune, priority_district=True)
    response = client_as("education").post("/ecoles/", {"action": "qpv", "ids": [school.pk, other.pk]}, follow=True)
    assert "1 école modifiée : classement en QPV." in response.content.decode()
    school.refresh_from_db()
    assert school.priority_district
    assert AuditEvent.objects.get(verb="schools.priority_district").authority == school.authority
    assert [row.history.exclude(audit_event=None).count() for row in (school, other)] == [1, 0]
    assert client_as("elected").post("/ecoles/", {"action": "qpv", "all": "1"}).status_code == 403


def test_school_page_shows_its_figures(client_as: Any, school: School) -> None:
    SocialIndexFactory(school=school, school_year=2021, value="98.5")
    SocialIndexFactory(school=school, school_year=2022, value="104.2", source="DEPP")
    FormerUaiFactory(school=school, uai="0860467R", cause="Fusion")
    HeadcountFactory(school_class__school=school, pupils=24)
    SiteFactory(school=school)
    page = client_as("education").get(f"/ecoles/{school.pk}/").content.decode()
    for text in ("IPS 2022-2023", "104,2 (DEPP)", "0860467R", "Fusion", "Élèves par niveau, rentrée 2018"):
        assert text in page


def test_classes_tab_takes_a_year_and_sets_devices_apart(client_as: Any, school: School) -> None:
    ordinary = SchoolClassFactory(school=school, name="CP A", estimated=True)
    HeadcountFactory(school_class=ordinary, level="CP", pupils=21)
    ulis = SchoolClassFactory(school=school, name="Dispositif", kind="ulis")
    HeadcountFactory(school_class=ulis, level="", pupils=9)
    SchoolClassFactory(school=school, school_year=2017, name="Ancienne")
    client = client_as("education")
    page = client.get(f"/ecoles/{school.pk}/classes/").content.decode()
    assert "ULIS, UPE2A et autres dispositifs" in page
    assert "Répartition calculée" in page
    assert "Ancienne" not in page
    assert "Ancienne" in client.get(f"/ecoles/{school.pk}/classes/?annee=2017").content.decode()
    assert "CP A" in client.get(f"/ecoles/{school.pk}/classes/?annee=deux").content.decode()


def test_sites_tab_lists_rooms(client_as: Any, school: School) -> None:
    room = RoomFactory(site__school=school, name="Bibliothèque")
    client = client_as("technician")
    assert "Bibliothèque" in client.get(f"/ecoles/{school.pk}/sites/").content.decode()
    assert "Bibliothèque" in client.get(f"/sites/{room.site_id}/").content.decode()


def test_empty_school_says_what_to_do_next(client_as: Any, school: School) -> None:
    page = client_as("education").get(f"/ecoles/{school.pk}/").content.decode()
    assert f"/classes/nouveau/?school={school.pk}" in page
    assert "Ajouter une classe" not in client_as("elected").get(f"/ecoles/{school.pk}/").content.decode()
    for tab in ("classes", "sites"):
        assert client_as("elected").get(f"/ecoles/{school.pk}/{tab}/").status_code == 200


def test_deleting_a_school_tells_what_goes_with_it(client_as: Any, school: School) -> None:
    SchoolClassFactory(school=school)
    client = client_as("education")
    page = client.get(f"/ecoles/{school.pk}/supprimer/").content.decode()
    assert "Classes (1)" in " ".join(page.split())
    assert client.post(f"/ecoles/{school.pk}/supprimer/", {"reason": "Doublon"}).status_code == 302
    assert not School.objects.exists()


def test_stated_count_shows_source_quote_and_flags(client_as: Any, authority: Any) -> None:
    row = StatedCountFactory(authority=authority, approximate=True, quote="environ 9 500 élèves", value=9500)
    page = client_as("elected").get(f"/comptes-des-sources/{row.pk}/").content.decode()
    for text in ("environ 9 500 élèves", "Source synthétique", "Approché"):
        assert text in page
    listed = client_as("elected").get("/comptes-des-sources/?approximate=true").content.decode()
    assert "environ 9 500 élèves" in listed


def test_a_child_row_comes_back_to_its_school(client_as: Any, school: School) -> None:
    client = client_as("education")
    base = f"/ecoles/{school.pk}/"
    made = [
        ("sites", {"name": "Bâtiment A", "floors": 2}, f"{base}sites/"),
        ("ips", {"school_year": 2022, "value": "104.2"}, base),
        ("anciens-uai", {"uai": "0861030C", "until": "2015-08-31"}, base),
    ]
    for prefix, values, back in made:
        page = client.get(f"/{prefix}/nouveau/?school={school.pk}").content.decode()
        assert f'<input type="hidden" name="school" value="{school.pk}"' in page
        assert f'<a href="{back}">{school}</a>' in page
        response = client.post(f"/{prefix}/nouveau/", {"school": school.pk, **values})
        assert response.status_code == 302, response.content.decode()
        assert response.headers["Location"] == back
    site = school.sites.get()
    response = client.post("/salles/nouveau/", {"site": site.pk, "name": "Salle 1", "floor": 0})
    assert response.headers["Location"] == f"/sites/{site.pk}/"
    room = site.rooms.get()
    assert client.post(f"/salles/{room.pk}/supprimer/").headers["Location"] == f"/sites/{site.pk}/"
    assert client.post(f"/sites/{site.pk}/supprimer/").headers["Location"] == f"{base}sites/"
