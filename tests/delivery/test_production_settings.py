import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GIVEN = {
    "SECRET_KEY": "une-cle-de-production-longue-et-au-hasard-0123456789-abcdef",
    "ALLOWED_HOSTS": "plan.example.org",
    "SITE_URL": "https://plan.example.org",
    "DATABASE_URL": "postgres://plan:mot@127.0.0.1:5432/plan",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
}


def start(variables: dict[str, str], *command: str, module: str = "base") -> "subprocess.CompletedProcess[str]":
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    settings = {"DJANGO_SETTINGS_MODULE": f"plan_numerique.settings.{module}"}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**kept, **settings, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("missing", list(GIVEN))
def test_production_refuses_to_start_without(missing):
    given = {name: value for name, value in GIVEN.items() if name != missing}
    result = start(given, "-c", "from django.conf import settings; settings.DEBUG")
    assert result.returncode != 0
    assert f"à donner en production : {missing}." in result.stderr


def test_production_passes_the_deployment_checks():
    result = start(GIVEN, "manage.py", "check", "--deploy", "--tag", "security", "--fail-level", "WARNING")
    assert result.returncode == 0, result.stderr


def test_a_laptop_needs_no_variable(tmp_path):
    result = start({"VAR_DIR": str(tmp_path)}, "-c", "from django.conf import settings; settings.DEBUG", module="dev")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0
