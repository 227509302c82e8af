"""From a diagnostic to packs and reservations (product.md J3, AC3), under the rules of Saint-Étienne Métropole."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from equipment import queries, services
from equipment.domain import proposal as core
from equipment.models import ItemType, Proposal, ProposedPack, Reservation
from plan_numerique.audit.models import AuditEvent
from plan_numerique.shared.errors import DomainError
from schools.enums import DiagnosticState
from tests.factories.equipment import DeviceFactory, PackFactory, PackLineFactory
from tests.factories.projects import DiagnosticFactory
from tests.factories.proposals import YEAR, ReservationFactory, metropole_rules, school_with_classes
from tests.factories.schools import SchoolFactory

LEVELS = ("CP", "CP", "CE1", "CE1", "CE2", "CE2", "CM1", "CM2")
REQUALIFIED = "poste-requalifie"


@pytest.fixture
def rules(authority: Any) -> Any:
    return metropole_rules(authority)


@pytest.fixture
def staff(user_as: Any) -> Any:
    return user_as("education")


def diagnosed(authority: Any, *levels: str, volunteers: int = 0, kind: str = "elementaire") -> Any:
    school = SchoolFactory(commune__authority=authority, kind=kind)
    classes = school_with_classes(school, *levels)
    diagnostic = DiagnosticFactory(school=school, campaign__authority=authority)
    diagnostic.volunteers.set(classes[:volunteers])
    return diagnostic


def computed(diagnostic: Any, rules: Any, by: Any, **more: Any) -> Proposal:
    return services.compute_proposal(diagnostic=diagnostic, rule_set=rules, school_year=YEAR, by=by, **more)


def kept(proposal: Proposal) -> dict[str, int]:
    return {row.pack.code: row.kept for row in proposal.packs.select_related("pack")}


def row_of(proposal: Proposal, pack: str) -> ProposedPack:
    return proposal.packs.get(pack__code=pack)


def item(authority: Any, code: str = REQUALIFIED) -> ItemType:
    return ItemType.objects.get(authority=authority, code=code)


def sign(diagnostic: Any) -> None:
    now = timezone.now()
    type(diagnostic).objects.filter(pk=diagnostic.pk).update(
        state=DiagnosticState.SIGNED,
        technical_done_at=now,
        pedagogical_done_at=now,
        town_signed_at=now,
        academy_signed_at=now,
    )


def test_ac3_eight_classes_and_three_volunteers(authority: Any, rules: Any, staff: Any) -> None:
    proposal = computed(diagnosed(authority, *LEVELS, volunteers=3), rules, staff)
    assert kept(proposal) == {"pack-classe": 8, "pack-mutualise": 1}
    sheet = queries.sheet_of(proposal)
    must = {line.figures.item: line.figures.must for line in sheet.lines}
    assert (must["tablette-10"], must[REQUALIFIED], must["videoprojecteur-mobile"]) == (6, 8, 8)
    quotes = {row.row.rule_code: row.told.quote for row in sheet.packs if row.told}
    assert quotes["pack-mutualise"] == "1 pack « mutualisé » pour a maxima 3 classes volontaires"
    assert quotes["pack-classe"].startswith("Chaque classe élémentaire")
    assert AuditEvent.objects.filter(verb="equipment.proposal_computed", by=staff).count() == 1


def test_ac3_fourth_volunteer_is_refused_with_the_rule_quoted(authority: Any, rules: Any, staff: Any) -> None:
    with pytest.raises(DomainError) as refused:
        computed(diagnosed(authority, *LEVELS, volunteers=4), rules, staff)
    assert "4 classes volontaires pour 3 au plus" in refused.value.message
    assert "« 1 pack « mutualisé » pour a maxima 3 classes volontaires »" in refused.value.message
    assert "(règle pack-mutualise)" in refused.value.message
    assert not Proposal.objects.exists()


def test_volunteers_are_those_of_the_diagnostic_not_of_the_class(authority: Any, rules: Any, staff: Any) -> None:
    diagnostic = diagnosed(authority, *LEVELS)
    diagnostic.school.classes.update(volunteer=True)
    assert kept(computed(diagnostic, rules, staff)) == {"pack-classe": 8}


def test_ac3_a_maternelle_gets_the_variant(authority: Any, rules: Any, staff: Any) -> None:
    """Without volunteers the projector; with some, one of the two at the school's choice, never both."""
    alone = computed(diagnosed(authority, "PS", "MS", "GS", kind="maternelle"), rules, staff)
    assert kept(alone) == {"videoprojecteur-maternelle": 1}
    assert not queries.sheet_of(alone).undecided
    proposal = computed(diagnosed(authority, "PS", "MS", "GS", kind="maternelle", volunteers=3), rules, staff)
    assert kept(proposal) == {"videoprojecteur-maternelle": 1, "pack-mutualise-maternelle": 0}
    assert queries.sheet_of(proposal).undecided
    tablets = row_of(proposal, "pack-mutualise-maternelle")
    with pytest.raises(DomainError, match="au choix un équipement en « vidéo-projecteur »"):
        services.adjust(proposed_pack=tablets, kept=1, reason="Les deux", by=staff)
    services.choose(proposed_pack=tablets, by=staff)
    assert kept(proposal) == {"videoprojecteur-maternelle": 0, "pack-mutualise-maternelle": 1}
    assert row_of(proposal, "videoprojecteur-maternelle").reason == core.CHOSEN
    assert not queries.sheet_of(proposal).undecided
    computed(proposal.diagnostic, rules, staff)
    assert kept(proposal) == {"videoprojecteur-maternelle": 0, "pack-mutualise-maternelle": 1}
    services.choose(proposed_pack=row_of(proposal, "videoprojecteur-maternelle"), by=staff)
    assert kept(proposal) == {"videoprojecteur-maternelle": 1, "pack-mutualise-maternelle": 0}


def test_a_pack_without_alternative_is_no_choice(authority: Any, rules: Any, staff: Any) -> None:
    proposal = computed(diagnosed(authority, *LEVELS), rules, staff)
    with pytest.raises(DomainError, match="ne laisse pas de choix"):
        services.choose(proposed_pack=row_of(proposal, "pack-classe"), by=staff)


def test_computing_again_keeps_adjustments_and_asks_when_the_rule_gives_otherwise(
    authority: Any, rules: Any, staff: Any
) -> None:
    diagnostic = diagnosed(authority, *LEVELS)
    proposal = computed(diagnostic, rules, staff)
    services.adjust(
        proposed_pack=row_of(proposal, "pack-classe"), kept=6, reason="Deux classes dotées en 2015", by=staff
    )
    computed(diagnostic, rules, staff)
    assert kept(proposal) == {"pack-classe": 6}
    diagnostic.school.classes.first().delete()
    assert "ont changé" in queries.sheet_of(proposal).stale
    with pytest.raises(services.AdjustmentsAtStakeError, match="Deux classes dotées en 2015"):
        computed(diagnostic, rules, staff)
    assert kept(proposal) == {"pack-classe": 6}
    computed(diagnostic, rules, staff, overwrite=True)
    assert kept(proposal) == {"pack-classe": 7}
    assert queries.sheet_of(proposal).stale == ""


def test_an_adjustment_says_its_reason(authority: Any, rules: Any, staff: Any) -> None:
    proposal = computed(diagnosed(authority, *LEVELS), rules, staff)
    row = row_of(proposal, "pack-classe")
    with pytest.raises(DomainError, match="motivé") as refused:
        services.adjust(proposed_pack=row, kept=7, reason=" ", by=staff)
    assert refused.value.field == "reason"
    services.adjust(proposed_pack=row, kept=7, reason="Une salle sans mur libre", by=staff)
    services.adjust(proposed_pack=row, kept=8, reason="", by=staff)
    assert (row.kept, row.reason) == (8, "")
    with pytest.raises(IntegrityError), transaction.atomic():
        ProposedPack.objects.filter(pk=row.pk).update(kept=3)


def test_a_pack_added_by_hand(authority: Any, rules: Any, staff: Any, other_authority: Any) -> None:
    proposal = computed(diagnosed(authority, *LEVELS), rules, staff)
    pack = PackLineFactory(pack__authority=authority, quantity=2).pack
    for wrong, message in (
        ({"kept": 0}, "au moins un"),
        ({"reason": ""}, "motivé"),
        ({"pack": PackFactory(authority=other_authority)}, "autre collectivité"),
    ):
        with pytest.raises(DomainError, match=message):
            services.add_pack(**{"proposal": proposal, "pack": pack, "kept": 1, "reason": "ULIS", "by": staff, **wrong})
    row = services.add_pack(proposal=proposal, pack=pack, kept=3, reason="ULIS", by=staff)
    with pytest.raises(DomainError, match="déjà ajouté"):
        services.add_pack(proposal=proposal, pack=pack, kept=1, reason="ULIS", by=staff)
    line = next(line for line in queries.sheet_of(proposal).lines if line.label == pack.lines.get().item_type.label)
    assert line.figures.must == 6
    computed(proposal.diagnostic, rules, staff)
    assert ProposedPack.objects.filter(pk=row.pk, kept=3).exists()
    with pytest.raises(DomainError, match="retenir à 0"):
        services.remove_pack(instance=row_of(proposal, "pack-classe"), by=staff)
    services.remove_pack(instance=row, by=staff, reason="Erreur")
    assert kept(proposal) == {"pack-classe": 8}


def test_signed_by_both_the_packs_no_longer_change(authority: Any, rules: Any, staff: Any) -> None:
    diagnostic = diagnosed(authority, *LEVELS)
    proposal = computed(diagnostic, rules, staff)
    row, device = row_of(proposal, "pack-classe"), DeviceFactory(item_type=item(authority), state="requalified")
    sign(diagnostic)
    for change in (
        lambda: computed(diagnostic, rules, staff),
        lambda: services.adjust(proposed_pack=row, kept=1, reason="Tard", by=staff),
        lambda: services.add_pack(proposal=proposal, pack=row.pack, kept=1, reason="Tard", by=staff),
        lambda: services.remove_pack(instance=row, by=staff),
        lambda: services.choose(proposed_pack=row, by=staff),
    ):
        with pytest.raises(DomainError, match="validé des deux côtés"):
            change()
    assert services.reserve(proposal=proposal, device=device, item_type=item(authority), by=staff).pk


def test_without_classes_or_with_the_rules_of_another_town(
    authority: Any, rules: Any, staff: Any, other_authority: Any
) -> None:
    diagnostic = diagnosed(authority)
    with pytest.raises(DomainError, match="pas de classe connue en 2026-2027"):
        computed(diagnostic, rules, staff)
    other = metropole_rules(other_authority)
    with pytest.raises(DomainError, match="autre collectivité"):
        computed(diagnostic, other, staff)


def test_the_rules_are_locked_where_they_are_priced(authority: Any, staff: Any) -> None:
    rules = metropole_rules(authority, unit_price_ht=12_345)
    computed(diagnosed(authority, *LEVELS), rules, staff)
    rules.refresh_from_db()
    assert rules.locked_at is not None


def test_cost_is_of_what_is_neither_there_nor_reserved(authority: Any, staff: Any) -> None:
    rules = metropole_rules(authority, unit_price_ht=12_343)
    diagnostic = diagnosed(authority, *LEVELS)
    DeviceFactory.create_batch(3, item_type=item(authority), school=diagnostic.school, state="in_service")
    DeviceFactory.create_batch(2, item_type=item(authority), state="requalified")
    proposal = computed(diagnostic, rules, staff)
    services.reserve_stock(proposal=proposal, by=staff)
    sheet = queries.sheet_of(proposal)
    figures = next(line.figures for line in sheet.lines if line.figures.item == REQUALIFIED)
    assert (figures.must, figures.has, figures.lacks, figures.reserved, figures.to_buy) == (8, 3, 5, 2, 3)
    assert figures.ht == 3 * figures.unit_price
    assert sheet.cost.ttc == sum(line.figures.ttc for line in sheet.lines)


# Reservations


def test_ac3_the_requalified_stock_is_reserved_and_never_twice(authority: Any, rules: Any, staff: Any) -> None:
    first, second = (computed(diagnosed(authority, *LEVELS), rules, staff) for _ in range(2))
    for number, state, day in (
        ("PC-1", "stock", date(2019, 1, 1)),
        ("PC-2", "requalified", date(2020, 1, 1)),
        ("PC-3", "requalified", None),
        ("PC-4", "requalified", date(2018, 1, 1)),
        ("PC-5", "repair", date(2010, 1, 1)),
    ):
        DeviceFactory(item_type=item(authority), inventory_number=number, state=state, acquired_on=day)
    DeviceFactory(item_type=item(authority), state="requalified", school=SchoolFactory(commune__authority=authority))
    found = services.reserve_stock(proposal=first, by=staff)
    assert [row.device.inventory_number for row in found] == ["PC-4", "PC-2", "PC-3", "PC-1"]
    with pytest.raises(DomainError, match="Rien de libre en stock"):
        services.reserve_stock(proposal=second, by=staff)
    with pytest.raises(DomainError) as refused:
        services.reserve(proposal=second, device=found[0].device, item_type=item(authority), by=staff)
    assert refused.value.message == f"« PC-4 » est déjà réservé pour « {first.diagnostic.school} »."
    with pytest.raises((IntegrityError, ValidationError)), transaction.atomic():
        ReservationFactory(proposal=second, device=found[0].device, item_type=item(authority))


def test_two_reserve_at_once(authority: Any, rules: Any, staff: Any, monkeypatch: Any) -> None:
    """The second has read the device as free: the database refuses, and the refusal says for whom it is kept."""
    from equipment.services import reservations

    first, second = (computed(diagnosed(authority, *LEVELS), rules, staff) for _ in range(2))
    device = DeviceFactory(item_type=item(authority), state="requalified")
    services.reserve(proposal=first, device=device, item_type=item(authority), by=staff)
    monkeypatch.setattr(reservations, "_require_free", lambda row: None)
    with pytest.raises(DomainError, match=f"déjà réservé pour « {first.diagnostic.school} »"):
        services.reserve(proposal=second, device=device, item_type=item(authority), by=staff)
    assert Reservation.objects.filter(device=device).count() == 1


def test_no_more_is_reserved_than_the_school_lacks(authority: Any, rules: Any, staff: Any) -> None:
    proposal = computed(diagnosed(authority, "CP", "CM2"), rules, staff)
    DeviceFactory.create_batch(5, item_type=item(authority), state="requalified")
    assert len(services.reserve_stock(proposal=proposal, by=staff)) == 2
    free = queries.free_devices(authority).first()
    with pytest.raises(DomainError, match="n'en manque plus"):
        services.reserve(proposal=proposal, device=free, item_type=item(authority), by=staff)


def test_a_requalified_computer_serves_another_computer(authority: Any, rules: Any, staff: Any) -> None:
    proposal = computed(diagnosed(authority, *LEVELS), rules, staff)
    computer = item(authority, "ordinateur")
    old, requalified = (
        DeviceFactory(item_type=computer, state="stock"),
        DeviceFactory(item_type=computer, state="requalified"),
    )
    with pytest.raises(DomainError, match="ne tient pas lieu"):
        services.reserve(proposal=proposal, device=old, item_type=item(authority), by=staff)
    row = services.reserve(proposal=proposal, device=requalified, item_type=item(authority), by=staff)
    assert (row.item_type.code, row.device.item_type.code) == (REQUALIFIED, "ordinateur")
    line = next(line.figures for line in queries.sheet_of(proposal).lines if line.figures.item == REQUALIFIED)
    assert (line.reserved, line.to_buy) == (1, 7)
    other = DeviceFactory(item_type=computer, state="requalified")
    assert list(queries.servers_of(item(authority))) == [other]
    projector = DeviceFactory(item_type=item(authority, "videoprojecteur"), state="requalified")
    screen = item(authority, "support-projection")
    assert list(queries.servers_of(screen)) == []
    with pytest.raises(DomainError, match="ne tient pas lieu"):
        services.reserve(proposal=proposal, device=projector, item_type=screen, by=staff)


def test_a_device_of_a_school_or_of_another_town_is_not_reserved(
    authority: Any, rules: Any, staff: Any, other_authority: Any
) -> None:
    proposal = computed(diagnosed(authority, *LEVELS), rules, staff)
    placed = DeviceFactory(item_type=item(authority), state="in_service", school=proposal.diagnostic.school)
    with pytest.raises(DomainError, match="n'est pas en stock"):
        services.reserve(proposal=proposal, device=placed, item_type=item(authority), by=staff)
    foreign = DeviceFactory(item_type__authority=other_authority, state="stock")
    with pytest.raises(DomainError, match="même collectivité"):
        services.reserve(proposal=proposal, device=foreign, item_type=item(authority), by=staff)


def test_release_says_its_reason_once(authority: Any, rules: Any, staff: Any) -> None:
    proposal = computed(diagnosed(authority, *LEVELS), rules, staff)
    device = DeviceFactory(item_type=item(authority), state="stock")
    row = services.reserve(proposal=proposal, device=device, item_type=item(authority), by=staff)
    with pytest.raises(DomainError, match="motivée"):
        services.release(reservation=row, reason=" ", by=staff)
    services.release(reservation=row, reason="Écran fendu", by=staff)
    with pytest.raises(DomainError, match="Écran fendu"):
        services.release(reservation=row, reason="Encore", by=staff)
    assert services.reserve(proposal=proposal, device=device, item_type=item(authority), by=staff).pk


def test_a_reserved_device_goes_to_its_school_and_nowhere_else(authority: Any, rules: Any, staff: Any) -> None:
    proposal = computed(diagnosed(authority, *LEVELS), rules, staff)
    school, elsewhere = proposal.diagnostic.school, SchoolFactory(commune__authority=authority)
    device = DeviceFactory(item_type=item(authority), state="requalified")
    row = services.reserve(proposal=proposal, device=device, item_type=item(authority), by=staff)
    for change, message in (
        ({"state": "in_service", "school": elsewhere}, "ne part pas"),
        ({"school": elsewhere}, "ne part pas"),
        ({"state": "in_service"}, "mis en service que dans cette école"),
        ({"state": "disposed"}, "réformé"),
        ({"state": "lost"}, "perdu"),
    ):
        with pytest.raises(DomainError, match=message) as refused:
            services.move_device(device=device, reason="Départ", by=staff, **change)
        assert f"réservé pour « {school} »" in refused.value.message
    services.move_device(device=device, place="Atelier", reason="Préparation", by=staff)
    services.move_device(device=device, state="repair", reason="Mise à neuf", by=staff)
    row.refresh_from_db()
    assert row.released_at is None
    services.move_device(device=device, state="in_service", school=school, reason="Installation", by=staff)
    row.refresh_from_db()
    assert row.release_reason == "Installé à l'école"
    line = next(line.figures for line in queries.sheet_of(proposal).lines if line.figures.item == REQUALIFIED)
    assert (line.has, line.reserved, line.to_buy) == (1, 0, 7)


def test_a_reserved_device_that_breaks_is_released(authority: Any, rules: Any, staff: Any) -> None:
    proposal = computed(diagnosed(authority, *LEVELS), rules, staff)
    device = DeviceFactory(item_type=item(authority), state="stock")
    row = services.reserve(proposal=proposal, device=device, item_type=item(authority), by=staff)
    services.move_device(device=device, state="broken", reason="Alimentation", by=staff)
    row.refresh_from_db()
    assert row.release_reason == "Appareil en panne"


def test_an_abandoned_diagnostic_reserves_nothing(authority: Any, rules: Any, staff: Any) -> None:
    proposal = computed(diagnosed(authority, *LEVELS), rules, staff)
    type(proposal.diagnostic).objects.update(state=DiagnosticState.CANCELLED)
    proposal.diagnostic.refresh_from_db()
    with pytest.raises(DomainError, match="abandonné"):
        services.reserve_stock(proposal=proposal, by=staff)
    with pytest.raises(DomainError, match="abandonné"):
        computed(proposal.diagnostic, rules, staff)


def test_sheets_take_as_many_queries_for_one_as_for_three(
    authority: Any, rules: Any, staff: Any, django_assert_num_queries: Any
) -> None:
    proposals = [computed(diagnosed(authority, *LEVELS), rules, staff) for _ in range(3)]
    for proposal in proposals:
        pack = PackLineFactory(pack__authority=authority).pack
        services.add_pack(proposal=proposal, pack=pack, kept=1, reason="Projet", by=staff)
    rows = list(Proposal.objects.select_related("diagnostic__school__authority", "rule_set__authority"))
    for some in (rows[:1], rows):
        with django_assert_num_queries(16):
            queries.sheets_of(some)
