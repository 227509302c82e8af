"""What a proposal and its reservations refuse or give back: no door round the volunteers' limit, no device kept for nothing."""

from typing import Any

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from equipment import queries, services
from equipment.models import Reservation
from equipment.services import proposals
from plan_numerique.shared.errors import DomainError
from schools.models import Diagnostic
from tests.equipment.test_proposal_services import LEVELS, REQUALIFIED, computed, diagnosed, item, row_of
from tests.factories.accounts import DistrictFactory
from tests.factories.equipment import DeviceFactory
from tests.factories.projects import DiagnosticFactory
from tests.factories.proposals import metropole_rules
from tests.factories.schools import SchoolClassFactory

QUOTE = "pour a maxima 3 classes volontaires"


@pytest.fixture
def rules(authority: Any) -> Any:
    return metropole_rules(authority)


@pytest.fixture
def staff(user_as: Any) -> Any:
    return user_as("education")


def stocked(authority: Any, count: int, **more: Any) -> list[Any]:
    return DeviceFactory.create_batch(count, **{"item_type": item(authority), "state": "requalified", **more})


def line_of(proposal: Any, code: str = REQUALIFIED) -> Any:
    return next(line.figures for line in queries.sheet_of(proposal).lines if line.figures.item == code)


# Volunteers


def test_the_limit_of_volunteers_has_no_way_round(authority: Any, rules: Any) -> None:
    with pytest.raises(Resolver404):
        resolve("/diagnostics/1/volontaires/")
    row = diagnosed(authority, *LEVELS)
    with pytest.raises(DomainError, match=QUOTE):
        services.set_volunteers(diagnostic=row, classes=list(row.school.classes.all()[:4]), by=None)
    services.set_volunteers(diagnostic=row, classes=list(row.school.classes.all()[:3]), by=None)
    assert row.volunteers.count() == 3


def test_volunteers_by_the_api(client_as: Any, authority: Any, rules: Any, other_authority: Any) -> None:
    row = diagnosed(authority, *LEVELS)
    classes = list(row.school.classes.order_by("pk").values_list("pk", flat=True))
    url = f"/api/v1/diagnostics/{row.pk}/volontaires/"

    def choose(client: Client, volunteers: Any) -> Any:
        return client.post(url, {"volunteers": volunteers}, content_type="application/json")

    assert choose(Client(), []).status_code == 403
    for role in ("partner", "finance"):
        assert choose(client_as(role), classes[:1]).status_code == 403
    assert choose(client_as("education", other_authority), []).status_code == 404
    assert choose(client_as("academy", DistrictFactory(department="086")), []).status_code == 404
    for role in ("technician", "academy", "education"):
        answer = choose(client_as(role), classes[:3])
        assert (answer.status_code, answer.json()["volunteers"]) == (200, classes[:3])
    client = client_as("education")
    over = choose(client, classes[:4])
    assert (over.status_code, QUOTE in str(over.json())) == (400, True)
    foreign = SchoolClassFactory(school_year=row.campaign.school_year, school__commune__authority=other_authority)
    elsewhere = SchoolClassFactory(school_year=row.campaign.school_year, school__commune__authority=authority)
    for wrong in ([foreign.pk], [elsewhere.pk], "tous", None, [10**30], ["x"], {"a": 1}):
        assert choose(client, wrong).status_code == 400, wrong
    assert row.volunteers.count() == 3
    assert choose(client, []).json()["volunteers"] == []
    assert client.get(url).status_code == 405


def test_the_schema_says_how_volunteers_are_chosen(client_as: Any) -> None:
    schema = client_as("education").get("/api/v1/schema/?format=json").json()
    described = schema["paths"]["/api/v1/diagnostics/{id}/volontaires/"]["post"]
    assert "volontaires" in described["description"]
    shape = described["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[-1]
    assert schema["components"]["schemas"][shape]["properties"]["volunteers"]["items"] == {"type": "integer"}


# Proposals


def test_an_adjustment_keeps_what_a_new_computation_has_just_written(
    authority: Any, rules: Any, staff: Any, monkeypatch: Any
) -> None:
    """The diagnostic is held before the row is read: the other writer ended in between."""
    proposal = computed(diagnosed(authority, "CP", "CE1", "CM2"), rules, staff)
    row = row_of(proposal, "pack-classe")
    hold = proposals._held

    def held_late(diagnostic: Any) -> Any:
        type(row).objects.filter(pk=row.pk).update(by_rule=2, kept=2)
        return hold(diagnostic)

    monkeypatch.setattr(proposals, "_held", held_late)
    assert services.adjust(proposed_pack=row, kept=1, reason="Salle", by=staff).by_rule == 2


def test_an_adjustment_whose_reason_begins_like_a_choice_is_asked_about(authority: Any, rules: Any, staff: Any) -> None:
    proposal = computed(diagnosed(authority, "CP", "CE1", "CM2"), rules, staff)
    reason = "Choix de l'école : une classe a déjà le sien"
    services.adjust(proposed_pack=row_of(proposal, "pack-classe"), kept=2, reason=reason, by=staff)
    proposal.diagnostic.school.classes.first().delete()
    with pytest.raises(services.AdjustmentsAtStakeError):
        computed(proposal.diagnostic, rules, staff)


# Reservations


def test_what_the_proposal_no_longer_asks_goes_back_to_the_stock(
    authority: Any, rules: Any, staff: Any, client_as: Any
) -> None:
    proposal = computed(diagnosed(authority, "CP", "CE1", "CM2"), rules, staff)
    stocked(authority, 3)
    services.reserve_stock(proposal=proposal, by=staff)
    services.adjust(proposed_pack=row_of(proposal, "pack-classe"), kept=2, reason="Salle", by=staff)
    assert (line_of(proposal).reserved, queries.free_devices(authority).count()) == (2, 1)
    released = Reservation.objects.get(released_at__isnull=False)
    assert released.release_reason == "La proposition n'en demande plus autant"
    page = f"/diagnostics/{proposal.diagnostic_id}/packs/"
    row = row_of(proposal, "pack-classe")
    asked = {"action": "adjust", "pack_row": row.pk, "kept": 0, "reason": "École en travaux"}
    told = client_as("education").post(page, asked, follow=True).content.decode()
    assert "2 appareils réservés sont rendus au stock" in told
    assert queries.free_devices(authority).count() == 3


def test_an_abandoned_diagnostic_gives_its_devices_back(authority: Any, rules: Any, staff: Any, client_as: Any) -> None:
    for door in ("/diagnostics/{}/abandonner/", "/api/v1/diagnostics/{}/abandonner/"):
        proposal = computed(diagnosed(authority, "CP"), rules, staff)
        stocked(authority, 1)
        services.reserve_stock(proposal=proposal, by=staff)
        answer = client_as("education").post(door.format(proposal.diagnostic_id), {"reason": "École fermée"})
        assert answer.status_code in {200, 302}
        row = Reservation.objects.get(proposal=proposal)
        assert (row.released_at is not None, row.release_reason) == (True, "Diagnostic abandonné : École fermée")
        assert Diagnostic.objects.get(pk=proposal.diagnostic_id).state == "cancelled"


def test_a_computer_that_stands_for_another_article_is_not_bought_again(authority: Any, rules: Any, staff: Any) -> None:
    proposal = computed(diagnosed(authority, *LEVELS), rules, staff)
    computer = item(authority, "ordinateur")
    (device,) = stocked(authority, 1, item_type=computer)
    services.reserve(proposal=proposal, device=device, item_type=item(authority), by=staff)
    assert line_of(proposal).to_buy == 7
    school = proposal.diagnostic.school
    services.move_device(device=device, state="in_service", school=school, reason="Installation", by=staff)
    figures = line_of(proposal)
    assert (figures.has, figures.reserved, figures.to_buy) == (1, 0, 7)
    services.move_device(device=device, state="stock", school=None, reason="Retour", by=staff)
    assert (line_of(proposal).has, line_of(proposal).to_buy) == (0, 8)


def test_a_device_taken_meanwhile_is_passed_over(authority: Any, rules: Any, staff: Any, monkeypatch: Any) -> None:
    from equipment.services import reservations

    first, second = (computed(diagnosed(authority, "CP", "CM2"), rules, staff) for _ in range(2))
    taken, free = stocked(authority, 2)
    read = reservations.candidates(authority, [item(authority).pk])
    services.reserve(proposal=first, device=taken, item_type=item(authority), by=staff)
    monkeypatch.setattr(reservations, "candidates", lambda *_: read)
    assert [row.device for row in services.reserve_stock(proposal=second, by=staff)] == [free]


def test_the_state_is_read_again_before_a_device_is_reserved(authority: Any, rules: Any, staff: Any) -> None:
    proposal = computed(diagnosed(authority, "CP"), rules, staff)
    stocked(authority, 1)
    assert proposal.diagnostic.state == "open"
    Diagnostic.objects.filter(pk=proposal.diagnostic_id).update(state="cancelled")
    with pytest.raises(DomainError, match="abandonné"):
        services.reserve_stock(proposal=proposal, by=staff)


def test_an_unknown_diagnostic_has_no_packs(client_as: Any) -> None:
    row = DiagnosticFactory()
    for asked in ({"action": "reserve", "device": "²"}, {"action": "release", "reservation": "²"}, {"action": "x"}):
        assert client_as("education").post(f"/diagnostics/{row.pk}/packs/", asked).status_code == 404


def test_the_schema_lets_differences_be_negative(client_as: Any) -> None:
    shapes = client_as("education").get("/api/v1/schema/?format=json").json()["components"]["schemas"]
    for shape, name in (("TakenDiagnostics", "difference_ttc"), ("BudgetGap", "ht"), ("BudgetGap", "ttc")):
        assert shapes[shape]["properties"][name]["pattern"].startswith("^-?")
