"""What the tests ask of a site, run inside it by `manage.py shell`."""

from plan_numerique.accounts.models import Authority, User
from plan_numerique.jobs import services
from tests.live.tasks import silent_task, slow_task


def submit(names: list[str], seconds: float) -> list[int]:
    authority, _ = Authority.objects.get_or_create(slug="essai", name="Essai", kind="commune", department="086")
    by, _ = User.objects.get_or_create(email="essai@example.org")
    return [
        services.submit(
            task=slow_task,
            label=name,
            authority=authority,
            by=by,
            arguments={"seconds": seconds, "name": name},
            dedupe_key=name,
        ).pk
        for name in names
    ]


def submit_silent(seconds: float) -> int:
    authority, _ = Authority.objects.get_or_create(slug="essai", name="Essai", kind="commune", department="086")
    return services.submit(
        task=silent_task, label="Silence", authority=authority, by=None, arguments={"seconds": seconds}
    ).pk
