"""What several test modules install or build, made once however many workers run; and how all tests are run."""

import gc
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml
from filelock import FileLock
from house import House
from hypothesis import HealthCheck, settings

# What these assert is told as it is of test modules.
pytest.register_assert_rewrite("shown")

# On a busy machine any example may take long, and nothing is wrong then. All else is as hypothesis has it, also in CI.
settings.register_profile("dlf", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("dlf")

# Thousands of tests are many objects, and all of them are looked through whenever garbage is collected.
gc.set_threshold(10_000, 10, 10)

ROOT = Path(__file__).parents[1]
# What building a wheel reads; a copy of it is a checkout without a developer's half-finished state.
SOURCES = ("src", "rules", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")

# A CI system may start its steps in the background of a shell: then they ignore Ctrl-C, and so does what they start.
# Tests that interrupt the program would wait in vain.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share a Ray come first. Of a long list pytest-xdist hands the first eighth to one of two workers, so
    that one worker starts Ray, and not each of them.
    """
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)


Once = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """A folder by name, filled by the first worker that asks for it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base

    def made(name: str, fill: Callable[[Path], None]) -> Path:
        folder, done = shared / name, shared / f"{name}.done"
        with FileLock(shared / f"{name}.lock"):
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                fill(folder)
                done.touch()
        return folder

    return made


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An empty folder for rules made in the test."""
    return House(tmp_path / "house")


Git = Callable[..., str]


def _git(folder: Path, *arguments: str) -> str:
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for who in ("AUTHOR", "COMMITTER"):
        settings |= {f"GIT_{who}_NAME": "tester", f"GIT_{who}_EMAIL": "tester@example.org"}
    command = ["git", "-c", "init.defaultBranch=main", *arguments]
    done = subprocess.run(command, cwd=folder, env=os.environ | settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def git() -> Git:
    """`git(folder, …)`: what it prints. Its configuration is not the developer's."""
    return _git


@pytest.fixture(scope="session")
def checkout(once: Once, git: Git) -> Path:
    """A git repository with what dlf is built from, committed."""

    def fill(folder: Path) -> None:
        for name in SOURCES:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, folder / name)
        git(folder, "init", "-q")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", "all of it")

    return once("checkout", fill)


Step = Callable[..., subprocess.CompletedProcess[str]]


def _step(name: str, cwd: Path, temp: Path, **given: str) -> subprocess.CompletedProcess[str]:
    steps = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
    step = next(one for one in steps if one.get("id") == name)
    # Every variable that the step declares is set, as the runner sets it: empty unless the test says more.
    declared: Mapping[str, str] = step["env"]
    assert given.keys() <= declared.keys() | {"GITHUB_ACTION_PATH"}, given
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    pip = {key: value for key, value in os.environ.items() if key.startswith(("PIP_", "SSL_", "REQUESTS_", "HTTP"))}
    runner = {
        "RUNNER_TEMP": str(temp),
        "GITHUB_OUTPUT": str(temp / "output"),
        "GITHUB_STEP_SUMMARY": str(temp / "summary"),
    }
    literal = {key: "" if "${{" in value else value for key, value in declared.items()}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
        cwd=cwd, env=kept | pip | runner | literal | given, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="session")
def action_step() -> Step:
    """`action_step(id, cwd, temp, VARIABLE=…)`: a shell step of action.yml, run as GitHub's runner runs it."""
    return _step


@pytest.fixture(scope="session")
def installed(once: Once, checkout: Path) -> Path:
    """The programs of an environment in which dlf is installed as users have it: by the first step of action.yml."""

    def fill(folder: Path) -> None:
        done = _step("install", folder, folder, GITHUB_ACTION_PATH=str(checkout), DLF_PYTHON=sys.executable)
        assert done.returncode == 0, done.stdout + done.stderr

    return once("installed", fill) / "dlf" / ("Scripts" if sys.platform == "win32" else "bin")
