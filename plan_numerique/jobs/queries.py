from typing import Any

from django.db.models import Q, QuerySet

from plan_numerique.accounts.access import visible_authorities
from plan_numerique.jobs.models import Job
from plan_numerique.jobs.permissions import MANAGE, VIEW


def visible_jobs(user: Any) -> QuerySet[Job]:
    """Jobs of the authorities seen whole, and one's own in those seen in part (own schools, own district)."""
    jobs = Job.objects.select_related("authority", "created_by", "document").defer("document__content", "traceback")
    if user.is_superuser:
        return jobs
    own = Q(created_by_id=user.pk, authority__in=visible_authorities(user).order_by())
    return jobs.filter(Q(authority__in=VIEW.authorities(user).order_by()) | own)


def may_manage(user: Any, job: Job) -> bool:
    """Retry and cancel: whoever asked for the job, and the administrator."""
    return job.created_by_id == user.pk or MANAGE.granted(user, job.authority)
