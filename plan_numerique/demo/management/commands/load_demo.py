from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from governance.models import BudgetRun, CouncilReport, Scenario
from governance.tasks import start_budget_run, start_council_report
from plan_numerique.accounts.enums import Role
from plan_numerique.accounts.models import Authority
from plan_numerique.demo.loader import files, people
from plan_numerique.demo.loader.applications import GIVERS, load_call
from plan_numerique.demo.loader.diagnostics import load_diagnostics
from plan_numerique.demo.loader.exercise import load_exercise
from plan_numerique.demo.loader.load import load
from plan_numerique.demo.loader.proposals import load_proposals
from plan_numerique.demo.loader.ranking import load_ranking
from plan_numerique.demo.loader.steering import load_steering
from plan_numerique.documents.services import read
from plan_numerique.jobs.enums import JobStatus
from plan_numerique.jobs.models import Job
from plan_numerique.jobs.services import wait
from plan_numerique.jobs.worker import embedded_worker_running

TIMEOUT = 600
EXERCISE_AUTHORITY = "rennes"


class Command(BaseCommand):
    help = "Charge la démonstration, calcule les budgets par la file de tâches et rend les rapports. Relancée, ne fait que ce qui manque."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sans-executant", action="store_true", help="un exécutant de tâches tourne déjà")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("load_legal_settings", verbosity=0)
        call_command("load_national_classification", verbosity=0)
        call_command("load_act_templates", verbosity=0)
        call_command("load_national_classification", verbosity=0)
        call_command("load_reference", verbosity=0)
        for name in files.SLUGS:
            if authority := load(name):
                self.stdout.write(f"Chargé : {authority}")
        if options["sans_executant"]:
            self._compute()
        elif self._missing_runs() or self._missing_reports():
            with embedded_worker_running():
                self._compute()
        for authority in Authority.objects.filter(slug__in=[name.replace("_", "-") for name in files.SLUGS]):
            load_steering(authority)
            load_diagnostics(authority, today=timezone.localdate())
            load_proposals(authority)
            if authority.slug == EXERCISE_AUTHORITY:
                load_exercise(authority, today=timezone.localdate())
                if call := load_call(authority, today=timezone.localdate()):
                    load_ranking(call)
        self._tell()

    def _missing_runs(self) -> list[Scenario]:
        done = BudgetRun.objects.filter(state="done").values("scenario")
        return list(Scenario.objects.exclude(pk__in=done).select_related("plan__authority").order_by("pk"))

    def _missing_reports(self) -> list[Scenario]:
        done = CouncilReport.objects.filter(document__isnull=False).values("run__scenario")
        return list(Scenario.objects.exclude(pk__in=done).select_related("plan__authority").order_by("pk"))

    def _compute(self) -> None:
        self._finish([start_budget_run(scenario=scenario, by=None) for scenario in self._missing_runs()])
        self._finish([start_council_report(scenario=scenario, by=None) for scenario in self._missing_reports()])

    def _finish(self, jobs: list[Job]) -> None:
        for job in wait(jobs=jobs, timeout=TIMEOUT):
            if job.status != JobStatus.SUCCEEDED:
                raise CommandError(f"{job.label} : {job.get_status_display()}. {job.message}")
            self.stdout.write(f"{job.label} : {job.message}")

    def _tell(self) -> None:
        folder = Path(settings.VAR_DIR) / "rapports"
        folder.mkdir(parents=True, exist_ok=True)
        self.stdout.write("\nRapports :")
        for report in CouncilReport.objects.filter(document__isnull=False).select_related("document").order_by("pk"):
            path = folder / f"{report.pk:03d}-{report.document.filename}"
            if not path.exists():
                path.write_bytes(read(report.document))
            self.stdout.write(f"  {path}")
        self.stdout.write(f"\nSite : {settings.SITE_URL}   mot de passe de tous les comptes : {people.password()}")
        for role in Role:
            self.stdout.write(f"  {people.email_of(role):32} {role.label}")
        for name, label in GIVERS.items():
            self.stdout.write(f"  {f'{name}@{people.DOMAIN}':32} {label} (Rennes, simulation)")
