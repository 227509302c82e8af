"""The rules of diagnostics, works and photos, by their services."""

import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from io import BytesIO
from random import Random
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from PIL import Image

from plan_numerique.accounts.models import User
from plan_numerique.audit.models import AuditEvent
from plan_numerique.documents.models import StoredDocument
from plan_numerique.documents.services import read
from plan_numerique.shared.errors import DomainError
from schools import queries, services
from schools.domain.diagnostics import Reason
from schools.enums import TRIGGERS_OF, DiagnosticState, Step, Trigger, TriggerFamily
from schools.models import Diagnostic, DiagnosticCampaign, Photo, SchoolStep, Work
from schools.services import photos
from tests.factories.projects import (
    ApplicationFactory,
    DiagnosticCampaignFactory,
    DiagnosticFactory,
    QuestionFactory,
    QuestionnaireFactory,
    WorkFactory,
)
from tests.factories.schools import SchoolClassFactory, SchoolFactory, SiteFactory

pytestmark = pytest.mark.django_db


def picture(size: tuple[int, int] = (60, 40), kind: str = "JPEG", **options: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "navy").save(out, kind, **options)
    return out.getvalue()


@pytest.fixture
def campaign(authority: Any) -> DiagnosticCampaign:
    return DiagnosticCampaignFactory(authority=authority)


@pytest.fixture
def diagnostic(campaign: DiagnosticCampaign) -> Diagnostic:
    return DiagnosticFactory(campaign=campaign)


@pytest.fixture
def town(user_as: Callable[..., User]) -> User:
    return user_as("education")


@pytest.fixture
def academy(user_as: Callable[..., User]) -> User:
    return user_as("academy")


def answer(row: Diagnostic, half: str, code: str, raw: Any) -> Any:
    questionnaire = getattr(row.campaign, half)
    saved = services.save_answers(owner=row, typed={code: (raw, None)}, by=None, questionnaire=questionnaire)
    return saved[code]


def signed(row: Diagnostic) -> Diagnostic:
    for half in queries.HALVES:
        row = services.finish_half(diagnostic=row, half=half, by=None)
    for side in queries.SIDES:
        row = services.sign_diagnostic(diagnostic=row, side=side, by=None)
    return row


@pytest.mark.parametrize("family", TriggerFamily)
@pytest.mark.parametrize("trigger", Trigger)
def test_a_trigger_is_of_its_family(campaign: DiagnosticCampaign, family: str, trigger: str) -> None:
    school = SchoolFactory(commune__authority=campaign.authority)
    known = TRIGGERS_OF[TriggerFamily(family)]
    asked = {"campaign": campaign, "school": school, "family": family, "trigger": trigger, "reason": "Dit pourquoi"}
    if trigger in known:
        row = services.trigger_diagnostic(**asked, by=None)
        assert (row.state, row.triggered_on) == (DiagnosticState.OPEN, timezone.localdate())
        return
    with pytest.raises(DomainError) as refused:
        services.trigger_diagnostic(**asked, by=None)
    assert refused.value.field == "trigger"
    assert all(each.label in refused.value.message for each in known)


def test_a_diagnostic_is_triggered_once_with_a_reason_in_its_own_town(
    campaign: DiagnosticCampaign, other_authority: Any
) -> None:
    def trigger(**changes: Any) -> Diagnostic:
        school = changes.pop("school", None) or SchoolFactory(commune__authority=campaign.authority)
        asked = {"family": "owner", "trigger": "building", "reason": "Extension", **changes}
        return services.trigger_diagnostic(campaign=campaign, school=school, by=None, **asked)

    first = trigger()
    for wrong, field in (
        ({"school": first.school}, "school"),
        ({"school": SchoolFactory(commune__authority=other_authority)}, "school"),
        ({"school": SchoolFactory(commune__authority=campaign.authority, status="closed")}, "school"),
        ({"reason": "  "}, "reason"),
        ({"family": "parents"}, "family"),
        ({"on": timezone.localdate() + timedelta(1)}, "triggered_on"),
        ({"on": date(2026, 9, 2), "visit_on": date(2026, 9, 1)}, "visit_on"),
    ):
        with pytest.raises(DomainError) as refused:
            trigger(**wrong)
        assert refused.value.field == field
    assert Diagnostic.objects.count() == 1
    event = AuditEvent.objects.latest("pk")
    assert (event.label, event.target_id) == ("Diagnostic déclenché", str(first.pk))


def test_suggested_schools_are_triggered_together(campaign: DiagnosticCampaign, town: User) -> None:
    authority = campaign.authority
    district = SchoolFactory(commune__authority=authority, priority_district=True)
    application = ApplicationFactory(campaign__authority=authority, state="retained")
    SchoolFactory(commune__authority=authority)
    SchoolFactory(commune__authority=authority, priority_district=True, status="closed")
    ageing = Reason(district.pk, "ageing_park", "Âge moyen 9 ans.")
    found = queries.suggestions(campaign, town, [ageing, Reason(10**6, "ageing_park", "Ailleurs")])
    assert [(school, [each.trigger for each in reasons]) for school, reasons in found] == [
        (district, ["ageing_park", "priority_district"]),
        (application.school, ["call"]),
    ]
    rows = services.trigger_many(campaign=campaign, reasons=[each for _, told in found for each in told], by=town)
    assert [row.trigger for row in rows] == ["ageing_park", "call"]
    assert application.campaign.title in rows[1].reason
    assert queries.suggestions(campaign, town) == []
    assert AuditEvent.objects.filter(by=town).count() == 1


def test_a_campaign_keeps_its_questionnaires_once_a_diagnostic_is_triggered(diagnostic: Diagnostic) -> None:
    campaign = diagnostic.campaign
    campaign.note = "Visites avant Noël"
    services.save_diagnostic_campaign(instance=campaign, by=None)
    for name, value in (
        ("technical", QuestionnaireFactory(authority=campaign.authority, kind="technical")),
        ("school_year", 2027),
    ):
        changed = DiagnosticCampaign.objects.get(pk=campaign.pk)
        setattr(changed, name, value)
        with pytest.raises(DomainError) as refused:
            services.save_diagnostic_campaign(instance=changed, by=None)
        assert refused.value.field == name


def test_a_campaign_takes_questionnaires_in_use(authority: Any) -> None:
    draft = QuestionnaireFactory(authority=authority, kind="technical", state="draft")
    row = DiagnosticCampaignFactory.build(
        authority=authority,
        technical=draft,
        pedagogical=QuestionnaireFactory(authority=authority, kind="pedagogical"),
    )
    with pytest.raises(DomainError) as refused:
        services.save_diagnostic_campaign(instance=row, by=None)
    assert refused.value.field == "technical"
    assert "en préparation" in refused.value.message


def test_volunteers_are_classes_of_the_school_in_the_year(diagnostic: Diagnostic) -> None:
    mine = SchoolClassFactory(school=diagnostic.school, school_year=2026)
    services.set_volunteers(diagnostic=diagnostic, classes=[mine], by=None)
    assert list(diagnostic.volunteers.all()) == [mine]
    for wrong in (SchoolClassFactory(school=diagnostic.school, school_year=2025), SchoolClassFactory(school_year=2026)):
        with pytest.raises(DomainError) as refused:
            services.set_volunteers(diagnostic=diagnostic, classes=[mine, wrong], by=None)
        assert refused.value.field == "volunteers"
    assert list(diagnostic.volunteers.all()) == [mine]


@pytest.mark.parametrize("half", queries.HALVES)
def test_a_half_is_finished_once_its_required_questions_are_answered(
    diagnostic: Diagnostic, half: str, town: User
) -> None:
    QuestionFactory(questionnaire=getattr(diagnostic.campaign, half), code="needed", text="Réseau ?", required=True)
    QuestionFactory(questionnaire=getattr(diagnostic.campaign, half), code="other")
    with pytest.raises(DomainError, match="1 réponse obligatoire manque, « Réseau"):
        services.finish_half(diagnostic=diagnostic, half=half, by=town)
    assert answer(diagnostic, half, "needed", "Câblé").outcome == services.KEPT
    row = services.finish_half(diagnostic=diagnostic, half=half, by=town)
    assert (getattr(row, f"{half}_by"), queries.stage_of(row)) == (town, f"{half}_done")
    with pytest.raises(DomainError, match="déjà terminée"):
        services.finish_half(diagnostic=row, half=half, by=town)
    with pytest.raises(DomainError, match="rouvrir"):
        answer(row, half, "other", "Après")


def test_both_sides_sign_once_and_nothing_changes_after(diagnostic: Diagnostic, town: User, academy: User) -> None:
    with pytest.raises(DomainError, match="la partie technique ne l'est pas"):
        services.sign_diagnostic(diagnostic=diagnostic, side=queries.TOWN, by=town)
    work = WorkFactory(diagnostic=diagnostic)
    photo = services.add_photo(diagnostic=diagnostic, content=picture(), by=town)
    for half in queries.HALVES:
        services.finish_half(diagnostic=diagnostic, half=half, by=town)
    row = services.sign_diagnostic(diagnostic=diagnostic, side=queries.TOWN, by=town)
    assert row.state == DiagnosticState.OPEN
    with pytest.raises(DomainError, match="La collectivité a déjà validé"):
        services.sign_diagnostic(diagnostic=row, side=queries.TOWN, by=town)
    assert not SchoolStep.objects.exists()
    row = services.sign_diagnostic(diagnostic=row, side=queries.ACADEMY, by=academy)
    assert (row.state, row.academy_signed_by) == (DiagnosticState.SIGNED, academy)
    step = SchoolStep.objects.get(school=row.school)
    assert (step.step, step.url) == (Step.DIAGNOSED, f"/diagnostics/{row.pk}/")

    work.amount_ht = 1_000
    new = WorkFactory.build(diagnostic=row)
    for refused in (
        lambda: answer(row, "technical", "x", "y"),
        lambda: services.add_photo(diagnostic=row, content=picture((9, 9)), by=town),
        lambda: services.set_caption(photo=photo, caption="x", by=town),
        lambda: services.delete_photo(instance=photo, by=town),
        lambda: services.set_volunteers(diagnostic=row, classes=[], by=town),
        lambda: services.save_work(instance=work, by=town),
        lambda: services.save_work(instance=new, by=town),
        lambda: services.delete_work(instance=work, by=town),
        lambda: services.save_diagnostic(instance=row, by=town),
        lambda: services.reopen_half(diagnostic=row, half="technical", reason="Erreur", by=town),
        lambda: services.cancel_diagnostic(diagnostic=row, reason="Erreur", by=town),
        lambda: services.sign_diagnostic(diagnostic=row, side=queries.TOWN, by=town),
    ):
        with pytest.raises(DomainError, match="validé des deux côtés"):
            refused()


def test_reopening_says_why_and_takes_the_signature_back(diagnostic: Diagnostic, town: User, academy: User) -> None:
    for half in queries.HALVES:
        services.finish_half(diagnostic=diagnostic, half=half, by=town)
    services.sign_diagnostic(diagnostic=diagnostic, side=queries.ACADEMY, by=academy)
    with pytest.raises(DomainError, match="rouvrir une partie"):
        services.set_volunteers(diagnostic=diagnostic, classes=[], by=town)
    with pytest.raises(DomainError) as refused:
        services.reopen_half(diagnostic=diagnostic, half="technical", reason=" ", by=town)
    assert refused.value.field == "reason"
    row = services.reopen_half(diagnostic=diagnostic, half="technical", reason="Baie oubliée", by=town)
    assert queries.stage_of(row) == "pedagogical_done"
    assert (row.academy_signed_at, row.academy_signed_by, row.technical_by) == (None, None, None)
    assert AuditEvent.objects.latest("pk").reason == "Baie oubliée"
    with pytest.raises(DomainError, match="n'est pas terminée"):
        services.reopen_half(diagnostic=row, half="technical", reason="Encore", by=town)


def test_a_cancelled_diagnostic_stays_readable_and_still(diagnostic: Diagnostic, town: User) -> None:
    with pytest.raises(DomainError, match="motif"):
        services.cancel_diagnostic(diagnostic=diagnostic, reason="", by=town)
    row = services.cancel_diagnostic(diagnostic=diagnostic, reason="École fermée", by=town)
    assert queries.stage_of(row) == "cancelled"
    with pytest.raises(DomainError, match="abandonné"):
        services.set_volunteers(diagnostic=row, classes=[], by=town)


def test_works_go_on_after_the_signatures(diagnostic: Diagnostic, town: User) -> None:
    work = services.save_work(instance=WorkFactory.build(diagnostic=diagnostic, amount_ht=10_000), by=town)
    signed(diagnostic)
    work = Work.objects.get(pk=work.pk)
    assert services.finish_works(objects=[work], by=town) == "1 chantier noté fait."
    work = Work.objects.get(pk=work.pk)
    assert work.done_on == timezone.localdate()
    work.note = "Réception sans réserve"
    services.save_work(instance=work, by=town)
    work.label = "Autre chose"
    with pytest.raises(DomainError) as refused:
        services.save_work(instance=work, by=town)
    assert refused.value.field == "label"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"payer": "other"}, "payer_name"),
        ({"payer": "ogec"}, "payer"),
        ({"state": "done"}, "done_on"),
        ({"done_on": date(2026, 1, 1)}, "done_on"),
        ({"state": "done", "done_on": date(2199, 1, 1)}, "done_on"),
    ],
)
def test_works_are_refused_with_the_field(diagnostic: Diagnostic, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(DomainError) as refused:
        services.save_work(instance=WorkFactory.build(diagnostic=diagnostic, **changes), by=None)
    assert refused.value.field == field
    assert not Work.objects.exists()


def test_the_site_of_works_is_the_school_s_own(diagnostic: Diagnostic) -> None:
    site = SiteFactory()
    with pytest.raises(DomainError) as refused:
        services.save_work(instance=WorkFactory.build(diagnostic=diagnostic, site=site), by=None)
    assert refused.value.field == "site"


def test_an_ogec_pays_for_a_private_school(diagnostic: Diagnostic) -> None:
    diagnostic.school.sector = "prive"
    diagnostic.school.save()
    work = services.save_work(instance=WorkFactory.build(diagnostic=diagnostic, payer="ogec", payer_name="x"), by=None)
    assert work.payer_name == ""


@pytest.mark.parametrize("changes", [{"state": "done"}, {"payer": "other"}])
def test_the_database_refuses_what_a_service_would(diagnostic: Diagnostic, changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        WorkFactory.build(diagnostic=diagnostic, **changes).full_clean()


def test_a_photo_is_upright_small_and_says_nothing_of_where_it_was_taken(diagnostic: Diagnostic, town: User) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Fabricant"  # turned by a quarter
    exif.get_ifd(0x8825)[2] = (48.0, 6.0, 0.0)
    content = picture((3000, 1000), exif=exif, comment=b"secret")
    photo = services.add_photo(diagnostic=diagnostic, content=content, caption=" Baie ", by=town)
    kept = read(photo.document)
    with Image.open(BytesIO(kept)) as found:
        assert (found.size, found.format, dict(found.getexif())) == ((667, 2000), "JPEG", {})
        assert not {"exif", "comment", "icc_profile"} & set(found.info)
    assert (photo.caption, photo.document.media_type) == ("Baie", "image/jpeg")
    assert "school" in photo.document.roles or photo.document.roles
    assert "elected" not in photo.document.roles
    with Image.open(BytesIO(services.thumbnail(photo))) as small:
        assert max(small.size) == photos.THUMBNAIL_SIDE


def test_the_same_photo_sent_twice_is_kept_once(diagnostic: Diagnostic, town: User) -> None:
    first = services.add_photo(diagnostic=diagnostic, content=picture(), by=town)
    assert services.add_photo(diagnostic=diagnostic, content=picture(), by=town) == first
    services.delete_photo(instance=first, by=town)
    assert (Photo.objects.count(), StoredDocument.objects.count()) == (0, 0)


def test_transparent_images_are_laid_on_white(diagnostic: Diagnostic) -> None:
    out = BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(out, "PNG")
    photo = services.add_photo(diagnostic=diagnostic, content=out.getvalue(), by=None)
    with Image.open(BytesIO(read(photo.document))) as found:
        assert found.getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7\n",
        picture()[:200],
        b"\xff\xd8\xff\xe0" + b"\x00" * 50,
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 50,
    ],
    ids=["empty", "gif", "svg", "pdf", "cut", "false jpeg", "false png"],
)
def test_what_is_no_photo_is_refused(diagnostic: Diagnostic, content: bytes) -> None:
    with pytest.raises(DomainError) as refused:
        services.add_photo(diagnostic=diagnostic, content=content, by=None)
    assert refused.value.field == "photo"
    assert not StoredDocument.objects.exists()


@pytest.mark.parametrize(("size", "told"), [((10_000, 6_000), "60 millions"), ((30_000, 30_000), "50 millions")])
def test_an_image_that_swells_is_refused(diagnostic: Diagnostic, size: tuple[int, int], told: str) -> None:
    """A few kilobytes that hold millions of points."""
    out = BytesIO()
    Image.new("1", (8, 8)).save(out, "PNG")
    content = bytearray(out.getvalue())
    header = struct.pack(">II", *size) + content[24:29]
    content[16:29] = header
    content[29:33] = struct.pack(">I", zlib.crc32(b"IHDR" + header))
    with pytest.raises(DomainError, match=told):
        services.add_photo(diagnostic=diagnostic, content=bytes(content), by=None)


def test_a_heavy_file_is_refused_before_it_is_read(diagnostic: Diagnostic) -> None:
    with pytest.raises(DomainError, match="15 Mo"):
        services.add_photo(diagnostic=diagnostic, content=b"\xff\xd8" + b"\x00" * services.LARGEST_PHOTO, by=None)


def test_damaged_photos_are_refused_or_read_and_nothing_else() -> None:
    draw = Random(5)
    sources = [picture((40, 30)), picture((40, 30), progressive=True), picture((40, 30), "PNG")]
    for _ in range(300):
        content = bytearray(draw.choice(sources))
        for _ in range(draw.randint(1, 12)):
            content[draw.randrange(len(content))] = draw.randrange(256)
        with suppress(DomainError):
            assert photos.redrawn(bytes(content[: draw.randint(1, len(content))]))[:2] == b"\xff\xd8"


def test_forty_photos_and_no_more(diagnostic: Diagnostic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "MOST_PHOTOS", 2)
    for width in (10, 11):
        services.add_photo(diagnostic=diagnostic, content=picture((width, 10)), by=None)
    with pytest.raises(DomainError, match="2 photos au plus"):
        services.add_photo(diagnostic=diagnostic, content=picture((12, 10)), by=None)


def test_two_campaigns_are_compared_by_the_codes_of_their_questions(authority: Any, town: User) -> None:
    first, last = DiagnosticCampaignFactory(authority=authority), DiagnosticCampaignFactory(authority=authority)
    for campaign in (first, last):
        QuestionFactory(questionnaire=campaign.technical, code="cabled", kind="yes_no", text="Câblée ?")
        QuestionFactory(questionnaire=campaign.pedagogical, code="ent", text="ENT ?")
    rows = {}
    for number in range(2):
        school = SchoolFactory(commune__authority=authority)
        for campaign in (first, last):
            rows[number, campaign] = DiagnosticFactory(campaign=campaign, school=school)
    DiagnosticFactory(campaign=first)
    answer(rows[0, first], "technical", "cabled", "non")
    answer(rows[0, last], "technical", "cabled", "oui")
    answer(rows[1, first], "pedagogical", "ent", "X")
    answer(rows[1, last], "pedagogical", "ent", "X")
    found = queries.compare_campaigns(first, last, town)
    assert found.schools == 2
    assert [(school, [(each.code, each.before, each.after) for each in told]) for school, told in found.changes] == [
        (rows[0, last].school, [("cabled", "Non", "Oui")])
    ]
    assert [[each.code for each in told] for _, told in found.tallies] == [["cabled"], []]
    assert queries.compared(rows[0, first], rows[0, last])[0][1][0].after == "Oui"
