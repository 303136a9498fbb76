"""The hooks, run by the real pre-commit in real git repositories; it builds dlf from a copy of this checkout."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.discover.names import kind_of, may_be_stack

ROOT = Path(__file__).parents[1]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
GOOD = """\
FROM python:3.13.1-slim
ENV PYTHONUNBUFFERED=1
WORKDIR /code
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY app app
USER 1000
EXPOSE 8000
HEALTHCHECK --timeout=3s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health')"]
CMD ["uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "8000"]
"""
SHELL_FORM = "CMD uvicorn app.main:app --host 0.0.0.0 --port 8000\n"
COMPOSE = """\
services:
  api:
    build: .
    restart: unless-stopped
    ports: ["127.0.0.1:8000:8000"]
"""
FILES = {
    "Dockerfile": GOOD,
    "compose.yaml": COMPOSE,
    ".dockerignore": ".git\n.env\n**/__pycache__\n.venv\n",
    "requirements.txt": "fastapi==0.115.6\nuvicorn==0.34.0\n",
    "app/__init__.py": "",
    "app/main.py": 'from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get("/health")\ndef health(): return 1\n',
}


class Repository:
    """A git repository in which the hooks run."""

    def __init__(self, folder: Path, home: Path, source: Path, git: Callable[..., str]) -> None:
        self.folder = folder
        self.source = source
        self._environment = os.environ | {
            "PRE_COMMIT_HOME": str(home),
            "PRE_COMMIT_COLOR": "never",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "NO_COLOR": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            **{f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        }
        self._environment.pop("PYTHONPATH", None)
        self.git = lambda *arguments: git(folder, *arguments)
        self.git("init", "-q")
        self.add(FILES)

    def add(self, files: dict[str, str]) -> None:
        """Writes files and stages them."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.git("add", "-A")

    def commit_all(self) -> None:
        """Commits what is staged without any hook."""
        self.git("commit", "-q", "--no-verify", "-m", "so far")

    def configure(self, *hooks: str, options: str = "") -> None:
        """Writes a `.pre-commit-config.yaml` with hooks from the copy of this checkout, and installs it in git."""
        revision = self._run("git", "rev-parse", "HEAD", cwd=self.source)[1].strip()
        rows = "".join(f"      - id: {hook}\n{options}" for hook in hooks)
        self.add(
            {".pre-commit-config.yaml": f"repos:\n  - repo: {self.source}\n    rev: {revision}\n    hooks:\n{rows}"}
        )
        assert self.pre_commit("install")[0] == 0

    def commit(self) -> tuple[int, str]:
        """`git commit`, which runs the hooks: its exit code, and what it and they print."""
        return self._run("git", "commit", "-m", "a change", cwd=self.folder)

    def pre_commit(self, *arguments: str) -> tuple[int, str]:
        """The exit code of pre-commit and what it prints."""
        return self._run(sys.executable, "-m", "pre_commit", *arguments, cwd=self.folder)

    def _run(self, *command: str, cwd: Path) -> tuple[int, str]:
        done = subprocess.run(command, cwd=cwd, env=self._environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def repository(tmp_path: Path, checkout: Path, once: Callable[..., Path], git: Callable[..., str]) -> Repository:
    # One home for all tests: pre-commit builds the environment of the hooks at first use, and keeps it.
    home = once("pre-commit-home", lambda _: None)
    (tmp_path / "project").mkdir()
    return Repository(tmp_path / "project", home, checkout, git)


# ---------------------------------------------------------------- the manifest


def test_the_manifest_is_one(repository: Repository) -> None:
    assert repository.pre_commit("validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")) == (0, "")
    assert [hook["id"] for hook in HOOKS] == ["dlf", "dlf-fix"]
    assert all(hook["require_serial"] and hook["language"] == "python" for hook in HOOKS)
    assert HOOKS[1]["entry"] == HOOKS[0]["entry"] + " --fix"
    assert HOOKS[0]["files"] == HOOKS[1]["files"]


PARTS = st.sampled_from(
    "Dockerfile dockerfile DOCKERFILE Containerfile containerfile compose Compose docker-compose docker_compose"
    " podman-compose .dockerignore .containerignore stack swarm docker-stack dev prod api 2 . - _ / .yml .yaml .YAML"
    " .j2 .tmpl .template .md .py x é".split()
)


@given(st.lists(PARTS, min_size=1, max_size=6).map("".join))
@settings(max_examples=1500, deadline=None)
def test_every_name_that_dlf_knows_reaches_the_hook(name: str) -> None:
    if kind_of(name) is not None or may_be_stack(name):
        assert re.search(HOOKS[0]["files"], name)


@pytest.mark.parametrize(
    "name", ["README.md", "app/main.py", "dockerfiles/notes.md", "config.yaml", ".gitignore", "docs/compose/index.md"]
)
def test_names_of_other_files_do_not(name: str) -> None:
    assert not re.search(HOOKS[0]["files"], name)


# ---------------------------------------------------------------- the hooks at work


@pytest.mark.parametrize(("last", "code"), [(GOOD.splitlines(keepends=True)[-1], 0), (SHELL_FORM, 1)])
def test_try_repo(repository: Repository, last: str, code: int) -> None:
    repository.add({"Dockerfile": GOOD.replace(GOOD.splitlines(keepends=True)[-1], last)})
    got, printed = repository.pre_commit("try-repo", str(repository.source), "dlf", "--all-files")
    assert got == code, printed
    assert ("Passed" if code == 0 else "error[shell-form-cmd]") in printed


def test_a_commit_is_stopped_until_the_fault_is_mended(repository: Repository) -> None:
    repository.configure("dlf")
    repository.add({"Dockerfile": GOOD.replace(GOOD.splitlines(keepends=True)[-1], SHELL_FORM)})
    code, printed = repository.commit()
    assert code == 1, printed
    assert "error[shell-form-cmd]" in printed
    assert "Dockerfile:10:5" in printed
    repository.add({"Dockerfile": GOOD})
    code, printed = repository.commit()
    assert code == 0, printed
    assert re.search(r"^dlf\.+Passed$", printed, re.MULTILINE)


def test_a_change_of_one_file_is_judged_with_the_project_round_it(repository: Repository) -> None:
    """The health check is the Dockerfile's, and right there; what the commit touches makes it wrong."""
    repository.configure("dlf")
    repository.add({"old/Dockerfile": GOOD.replace(GOOD.splitlines(keepends=True)[-1], SHELL_FORM)})
    repository.commit_all()
    command = '    command: ["uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "8080"]\n'
    repository.add({"compose.yaml": COMPOSE.replace("8000", "8080") + command})
    code, printed = repository.commit()
    assert code == 1, printed
    assert set(re.findall(r"^\w+\[([\w-]+)\]", printed, re.MULTILINE)) == {"inherited-healthcheck"}
    assert "::: Dockerfile:9:" in printed, printed  # the other end, which did not change
    repository.add({"compose.yaml": COMPOSE})
    repository.add({".dockerignore": FILES[".dockerignore"] + "app\n"})
    code, printed = repository.commit()
    assert code == 1, printed
    assert re.search(r"(?:-->|:::) \.dockerignore:5:1", printed), printed


def test_what_changed_is_linted_in_one_process(repository: Repository) -> None:
    repository.configure("dlf")
    files = {f"services/s{number}/Dockerfile": "FROM python\n" for number in range(40)}
    repository.add(files)
    code, printed = repository.commit()
    assert code == 1, printed
    assert len(re.findall(r"^Found ", printed, re.MULTILINE)) == 1


def test_files_that_only_look_like_ours_are_no_failure(repository: Repository) -> None:
    repository.configure("dlf")
    repository.add(
        {
            "stack.yaml": "resolver: lts-22\npackages: [.]\n",  # Haskell's
            "playbooks/compose.yml": "- hosts: all\n  tasks: []\n",  # Ansible's
            "Dockerfile.md": "# How we build\n",
            "vendor/Dockerfile": "FROM python\n",
            "dlf.toml": "exclude = ['vendor']\n",
        }
    )
    code, printed = repository.commit()
    assert code == 0, printed
    repository.add({"README.md": "words\n"})
    code, printed = repository.commit()
    assert code == 0, printed
    assert "(no files to check)" in printed


def test_the_whole_project_at_every_commit(repository: Repository) -> None:
    """As docs/ci.md shows it: also a change of the application's code is judged."""
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    shown = re.search(r"- id: dlf\n((?: +\w+: .*\n)*? +always_run: true\n(?: +\w+: .*\n)*)", page)
    assert shown
    repository.configure("dlf", options=shown[1])
    repository.commit_all()
    repository.add({"app/main.py": FILES["app/main.py"].replace("/health", "/alive")})
    code, printed = repository.commit()
    assert code == 1, printed
    assert "/health" in printed


def test_a_commit_is_mended(repository: Repository) -> None:
    repository.configure("dlf-fix")
    repository.add({"Dockerfile": GOOD.replace("--no-cache-dir ", "")})
    code, printed = repository.commit()
    assert code == 1, printed
    assert "files were modified by this hook" in printed
    assert (repository.folder / "Dockerfile").read_text(encoding="utf-8") == GOOD
    repository.git("add", "-A")
    code, printed = repository.commit()
    assert code == 0, printed
