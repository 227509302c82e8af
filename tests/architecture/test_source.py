"""What imports cannot show: sizes, names, the single broad except, the pure core."""

import ast
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("schools", "equipment", "ent", "governance", "deliberations")
MODULES = {
    "domain", "enums", "models", "permissions", "queries", "filtersets", "tables", "services", "forms", "imports", "exports",
    "reports", "tasks", "views", "api", "admin", "urls", "management", "migrations", "apps", "__init__",
}  # fmt: skip


def sources(*folders: str) -> list[Path]:
    return sorted(
        path for folder in folders for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts
    )


CODE = sources("plan_numerique", *APPS)
TESTS = sources("tests")


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def length(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("app", APPS)
def test_app_has_only_the_modules_of_the_list(app: str) -> None:
    found = {path.stem for path in (ROOT / app).iterdir() if path.name != "__pycache__"}
    assert found <= MODULES


def test_files_are_short() -> None:
    long = {
        str(path.relative_to(ROOT)): n
        for path in CODE
        if (n := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    long |= {
        str(path.relative_to(ROOT)): n
        for path in TESTS
        if (n := len(path.read_text(encoding="utf-8").splitlines())) > 800
    }
    assert long == {}


def test_functions_are_short() -> None:
    sizes = {f"{path.relative_to(ROOT)}:{node.name}": length(node) for path in CODE for node in functions(path)}
    assert {name: size for name, size in sizes.items() if size > 40} == {}
    assert median(sizes.values()) < 10


def test_model_classes_are_short() -> None:
    models = [path for path in CODE if "models" in path.parts or path.stem == "models"]
    classes = {
        f"{path.relative_to(ROOT)}:{node.name}": length(node)
        for path in models
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    }
    assert {name: size for name, size in classes.items() if size > 150} == {}


def test_broad_except_stands_only_in_the_runner() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")))
    ]
    assert found == ["plan_numerique/jobs/runner.py"]


def test_environment_is_read_in_the_settings_only() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for path in CODE
        if "settings" not in path.parts
        and any(word in path.read_text(encoding="utf-8") for word in ("os.environ[", "os.environ.get", "os.getenv"))
    }
    assert readers == set()


def test_no_model_overrides_save_or_orders_itself() -> None:
    offending = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in CODE
        if "models" in path.parts or path.stem == "models"
        for node in functions(path)
        if node.name in ("save", "delete")
    ]
    ordered = [
        str(path.relative_to(ROOT))
        for path in CODE
        if "models" in str(path) and "\n        ordering = " in path.read_text(encoding="utf-8")
    ]
    assert offending + ordered == []


def test_what_the_settings_of_the_api_name_is_read_before_the_api() -> None:
    """Django runs its checks in no order: one of them asks for these classes, sometimes before anything has read the API."""
    program = (
        "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'plan_numerique.settings.test'; django.setup(); "
        "import plan_numerique.web.rest"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_core_imports_with_django_absent() -> None:
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in CODE
        if "domain" in path.parts or path.is_relative_to(ROOT / "plan_numerique" / "shared")
    ]
    program = (
        "import sys, importlib\n"
        "class Block:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('django', 'rest_framework', 'celery'): raise ImportError(name)\n"
        "sys.meta_path.insert(0, Block())\n"
        f"for name in {modules!r}: importlib.import_module(name.removesuffix('.__init__'))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_machine_path_and_no_registry_host_is_written() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    words = ["/wo" + "rk/", "/ro" + "ot/", "pypi" + ".org", "registry.npm" + "js", "deb.debian" + ".org"]
    found = []
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".png", ".woff2"} or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        found += [f"{name}: {word}" for word in words if word in text]
    assert found == []
