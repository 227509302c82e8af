from datetime import timedelta

import factory
from django.utils import timezone

from plan_numerique.jobs.enums import JobStatus
from plan_numerique.jobs.models import Job
from tests.factories.accounts import AuthorityFactory, UserFactory


class JobFactory(factory.django.DjangoModelFactory):
    """Queued; `running=True` or `ended=True` (then succeeded, unless `status` says otherwise) fill the times that go with it."""

    class Meta:
        model = Job

    class Params:
        running = factory.Trait(
            status=JobStatus.RUNNING,
            attempts=1,
            started_at=factory.LazyFunction(lambda: timezone.now() - timedelta(seconds=30)),
            heartbeat_at=factory.LazyFunction(timezone.now),
        )
        ended = factory.Trait(
            status=JobStatus.SUCCEEDED,
            attempts=1,
            started_at=factory.LazyFunction(lambda: timezone.now() - timedelta(seconds=30)),
            heartbeat_at=factory.LazyFunction(timezone.now),
            finished_at=factory.LazyFunction(timezone.now),
            message="Fait.",
        )

    kind = "tests.sums"
    label = factory.Sequence(lambda n: f"Calcul synthétique {n}")
    authority = factory.SubFactory(AuthorityFactory)
    created_by = factory.SubFactory(UserFactory)
    created_at = factory.LazyFunction(timezone.now)
    published_at = factory.LazyFunction(timezone.now)
