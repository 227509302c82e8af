"""No Docker engine runs here: what the compose file and the Dockerfile say is checked against the code and the Makefile."""

import ast
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PRODUCT = ("migrate", "web", "worker", "beat")


def instructions() -> list[tuple[str, str]]:
    """(NAME, arguments) with continued lines joined, comments left out."""
    lines = [line for line in DOCKERFILE.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in joined.splitlines() if line.strip())]


def final_stage() -> list[tuple[str, str]]:
    steps = instructions()
    last = max(index for index, (name, _) in enumerate(steps) if name == "FROM")
    return steps[last:]


def variables_read_by_settings() -> set[str]:
    names = set()
    for path in (ROOT / "plan_numerique/settings").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                owner, first = node.func.value, node.args[0]
                if isinstance(owner, ast.Name) and owner.id == "env" and isinstance(first, ast.Constant):
                    names.add(first.value)
    return names


@pytest.mark.parametrize("name", PRODUCT)
def test_every_variable_given_is_read_by_the_settings(name):
    assert set(COMPOSE["services"][name]["environment"]) <= variables_read_by_settings()


def test_dockerfile_sets_only_what_is_read():
    env = " ".join(rest for name, rest in final_stage() if name == "ENV")
    names = set(re.findall(r"\b([A-Z_]+)=", env))
    assert names - {"PATH", "PYTHONUNBUFFERED", "DJANGO_SETTINGS_MODULE"} <= variables_read_by_settings()


@pytest.mark.parametrize("name", PRODUCT)
def test_production_has_all_it_refuses_to_start_without(name):
    required = {"SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "DATABASE_URL", "REDIS_URL"}
    assert required <= set(COMPOSE["services"][name]["environment"])


def test_no_secret_is_written_in_the_file():
    for name, service in COMPOSE["services"].items():
        for key, value in (service.get("environment") or {}).items():
            if re.search(r"SECRET|PASSWORD|KEY|DATABASE_URL|EMAIL_URL", key):
                assert "${" in value, f"{name}: {key}"


def test_services_are_those_of_the_architecture_and_watched():
    services = COMPOSE["services"]
    assert set(services) == {"migrate", "web", "worker", "beat", "postgres", "redis"}
    for name in ("worker", "beat", "postgres", "redis"):
        assert services[name]["healthcheck"]["test"], name
    assert "healthcheck" not in services["web"]  # the image's own
    assert any(step == "HEALTHCHECK" and "/sante/" in rest for step, rest in final_stage())


def test_images_are_pinned():
    images = [rest.split()[0] for name, rest in instructions() if name == "FROM"]
    images += [COMPOSE["services"][name]["image"] for name in ("postgres", "redis")]
    for image in images:
        tag = image.partition(":")[2]
        assert tag, image
        assert tag != "latest", image


def test_final_image_runs_as_an_ordinary_user():
    steps = final_stage()
    users = [rest for name, rest in steps if name == "USER"]
    assert users, "no USER"
    assert users[-1] not in ("root", "0")
    assert [name for name, _ in steps].index("USER") < [name for name, _ in steps].index("CMD")


def test_every_copied_path_exists_and_is_let_through():
    allowed = {
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"
    }
    sources = set()
    for name, rest in instructions():
        if name == "COPY" and "--from=" not in rest:
            sources |= set(shlex.split(rest)[:-1])
    assert sources == allowed
    for source in sources:
        assert (ROOT / source).exists(), source


def test_debian_packages_are_those_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    wanted = re.search(r"^RUNTIME_PACKAGES := (.+)$", makefile, re.MULTILINE)
    installed = re.search(
        r"apt-get install --yes --no-install-recommends (.+?) &&", " ".join(r for _, r in final_stage())
    )
    assert wanted
    assert installed
    assert sorted(installed[1].split()) == sorted(wanted[1].split())


def test_final_image_has_no_build_tool():
    text = " ".join(rest for _, rest in final_stage())
    for tool in ("build-essential", "gcc", "make", "git", "-dev ", "pip install"):
        assert tool not in text.replace("manage.py", "")
