"""How a project is built and started by hand or by a service: Makefiles, task runners, workflows, shell scripts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from dockerlint_fastapi.source import Span

if TYPE_CHECKING:
    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.source import Source

_NAMES = frozenset(
    "makefile gnumakefile justfile .justfile taskfile.yml taskfile.yaml tasks.py noxfile.py fabfile.py tox.ini"
    " package.json .gitlab-ci.yml azure-pipelines.yml bitbucket-pipelines.yml jenkinsfile devcontainer.json"
    " .travis.yml .pre-commit-config.yaml".split()
)
_WORKFLOWS = (".github/workflows", ".github/actions", ".circleci", ".gitea/workflows", ".forgejo/workflows")
_MOST = 80  # files that are looked into
_MOST_CHARACTERS = 200_000  # of each
_BEFORE = 300  # characters in front of a name in which the program that writes it is looked for
# What makes a file: a redirection, or a program that writes what it is told to.
_WRITES = (
    r"(?:>|\b(?:cp|mv|ln|tee|touch|mkdir|install|curl|wget|openssl|mkcert|git clone|unzip|tar|rsync|gpg|sops)\b|-o\b)"
)


def recipes_of(project: Project, names: Iterable[str]) -> Iterator[Source]:
    """The project's files that say how it is built and started; `names` are those in the folders of workflows, which
    a search for Docker's files passes over.
    """
    wanted = [path for path in sorted(project.paths, key=_depth) if _is_recipe(path)]
    for path in islice((*names, *wanted), _MOST):
        source = project.source_of(path)
        if source is not None:
            yield source


def _depth(path: str) -> tuple[int, str]:
    return path.count("/"), path


def _is_recipe(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return name in _NAMES or name.endswith((".sh", ".mk", ".bash", ".ps1", ".just"))


def workflow_files(project: Project) -> tuple[str, ...]:
    """The files in the folders in which services keep their workflows."""
    return tuple(
        f"{folder}/{name}"
        for folder in _WORKFLOWS
        for name in project.tree.names(folder)
        if name.endswith((".yml", ".yaml"))
    )


def maker_of(project: Project, path: str) -> Span | None:
    """Where a recipe makes a file or folder of the project; None when none is seen to."""
    name = path.rpartition("/")[2]
    if len(name) < 2:
        return None
    pattern = rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)"
    for source in project.recipes:
        text = source.text[:_MOST_CHARACTERS]
        for found in re.finditer(pattern, text) if name in text else ():
            line = max(text.rfind("\n", 0, found.start()) + 1, found.start() - _BEFORE)
            before = text[line : found.start()]
            if "#" not in before and re.search(_WRITES, before):
                return source.span(found.start(), found.end())
    return None


def chooses_directory(project: Project) -> bool:
    """Whether a recipe sets the folder in which the relative paths of compose files start (`--project-directory`)."""
    return any("--project-directory" in source.text[:_MOST_CHARACTERS] for source in project.recipes)
