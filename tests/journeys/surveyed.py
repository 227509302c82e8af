"""A diagnostic to fill where the demonstration's technician, academy and education all have a role; made inside the site by `manage.py shell`."""

from plan_numerique.accounts.models import Authority
from schools import services
from schools.models import DiagnosticCampaign, School
from tests.factories.projects import DiagnosticCampaignFactory, QuestionFactory


def add() -> int:
    authority = Authority.objects.get(slug="poitiers")
    rank = DiagnosticCampaign.objects.count()
    campaign = DiagnosticCampaignFactory(
        authority=authority,
        technical__code=f"technique-{rank}",
        pedagogical__code=f"pedagogique-{rank}",
        title=f"Diagnostics d'essai {rank}",
        school_year=2026,
    )
    for half, rows in (
        (
            campaign.technical,
            (
                ("classes-cablees", "Classes câblées", "integer", True, "Réseaux"),
                ("wifi", "Une borne wifi est-elle en place ?", "yes_no", False, "Réseaux"),
                ("interventions", "Interventions majeures passées", "long", True, "Interventions"),
            ),
        ),
        (campaign.pedagogical, (("formation", "L'équipe est-elle formée ?", "yes_no", True, "Formation"),)),
    ):
        for rank, (code, text, kind, required, section) in enumerate(rows, 1):
            QuestionFactory(
                questionnaire=half,
                position=rank,
                code=code,
                text=text,
                kind=kind,
                required=required,
                section=section,
            )
    school = School.objects.filter(authority=authority, status="open").order_by("name", "pk")[0]
    return services.trigger_diagnostic(
        campaign=campaign, school=school, family="owner", trigger="building", reason="Essai", by=None
    ).pk
