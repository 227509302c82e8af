from collections.abc import Callable, Iterator
from typing import Any

import pytest

from plan_numerique.jobs.runner import JobHandle, job_task

Body = Callable[..., None]


@pytest.fixture
def body() -> Iterator[list[Body]]:
    """What `sums_task` does in this test: replace the one item."""
    bodies[:] = [lambda job, **arguments: None]
    yield bodies
    bodies.clear()


bodies: list[Body] = []


@job_task(kind="tests.sums")
def sums_task(job: JobHandle, **arguments: Any) -> None:
    bodies[0](job, **arguments)


@pytest.fixture
def task() -> Any:
    return sums_task
