"""What a file is: by its name, or, for a file that the user named, by its content.

* Dockerfile: `Dockerfile`, `Dockerfile.dev`, `Dockerfile-poetry`, `Dockerfile_dev`, `DockerfileDev`, `dev.Dockerfile`,
  `x.dockerfile`, `AuthDockerfile`, `auth_dockerfile`, in any case, and the same with `Containerfile`;
* compose: `compose*.yml`, `docker-compose*.yml`, `dev.compose.yml`, `local-docker-compose.yaml`, and for Swarm
  `docker-stack*.yml` and `docker-swarm*.yml`, in any case; `stack.yml` and `swarm.prod.yml` when they have services,
  `local.yml`, `production.yml` and their like, and any name in a folder such as `docker_compose`, when these say what
  they run; any other name when a recipe gives it to Compose (`commanded`);
* ignore file: `.dockerignore`, `.containerignore`, `Dockerfile.dockerignore`.

A source or text file that only has such a name (`dockerfile.py`, `Dockerfile.md`) is none. With a template's ending
(`Dockerfile.j2`, `docker-compose.yml.tmpl`) it is one, and `is_template` says so.
"""

from __future__ import annotations

import re

from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.tree import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.tree import Tree

TEMPLATES = frozenset(
    {"erb", "gotmpl", "hbs", "in", "j2", "jinja", "jinja2", "m4", "mako", "mustache", "njk", "template", "tmpl", "tpl"}
)
"""Endings of files from which another file is made."""

# Endings that make a file something else than a Dockerfile: source, text, data, packed and left-over files.
_OTHER = frozenset(
    {
        "adoc", "asm", "bak", "bat", "bmp", "bz2", "c", "cc", "cfg", "cljs", "cmd", "conf", "cpp", "cs", "css", "csv",
        "dart", "diff", "ex", "exs", "fish", "gif", "go", "gradle", "gz", "h", "hpp", "hs", "htm", "html", "ico",
        "ini", "ipynb", "java", "jpeg", "jpg", "js", "json", "json5", "jsonl", "jsx", "kt", "kts", "less", "lock",
        "log", "lua", "m", "map", "markdown", "md", "mdx", "mjs", "ml", "mod", "old", "orig", "patch", "pdf", "php",
        "pl", "plist", "png", "po", "ps1", "psd1", "psm1", "py", "pyc", "pyi", "pyx", "r", "rb", "rej", "rs", "rst",
        "sarif", "save", "scala", "scss", "sh", "sha256", "sql", "sum", "svg", "swift", "swo", "swp", "tar", "tex",
        "tf", "tgz", "tmp", "toml", "ts", "tsx", "txt", "vim", "vue", "wasm", "webp", "whl", "xml", "xsd", "xz",
        "yaml", "yml", "zip", "zsh", "zst",
    }
)  # fmt: skip
# What else a container is made of, that dlf may read: scripts, Python, manifests, variables, settings of servers.
_PARTS = frozenset({"ash", "bash", "cfg", "conf", "dash", "env", "ini", "ksh", "lock", "py", "sh", "toml", "zsh"})
_PART_NAMES = frozenset({"pipfile", "procfile", "requirements.txt"})
_STEM = "dockerfile|containerfile"
_DOCKERFILE = pattern(
    rf"(?i:(?:.*[._-])?(?:{_STEM})(?:[._-].*)?)"  # dev.Dockerfile, Dockerfile-poetry, api_dockerfile.prod
    r"|.*(?:Dockerfile|Containerfile)(?:[._-].*)?"  # AuthDockerfile
    r"|(?:[Dd]ockerfile|[Cc]ontainerfile)[A-Z0-9].*"  # DockerfileDev, dockerfile2
)
_SURE = pattern(rf"(?i:(?:{_STEM})(?:[._-].*)?|.*\.(?:{_STEM}))")
_COMPOSE = pattern(
    r"(?:.*[._-])?(?:docker|podman)[._-]?compose[^/]*\.ya?ml"
    r"|(?:.*[._-])?docker[._-](?:stack|swarm)(?:[._-][^/]*)?\.ya?ml"
    r"|(?:.*[._-])?compose(?:[._-][^/]*|[0-9]+)?\.ya?ml",
    re.IGNORECASE,
)

# The names that nearly all projects use, as the expressions would tell.
_USUAL = {"dockerfile": "dockerfile", "containerfile": "dockerfile", ".dockerignore": "dockerignore"} | {
    f"{name}.{ending}": "compose" for name in ("compose", "docker-compose") for ending in ("yml", "yaml")
}

# What Swarm is given by such a name; Haskell's Stack and OpenFaaS have a `stack.yaml` too, without services.
_STACK = r"(?i)(?:.*[._-])?(?:stack|swarm)(?:[._-][^/]*)?\.ya?ml"
# What cookiecutter-django and its followers call their compose files; settings of applications are called so, too.
_NAMED_BY_SETTING = frozenset(
    f"{name}.{ending}"
    for name in ("local", "dev", "development", "test", "stage", "staging", "prod", "production")
    for ending in ("yml", "yaml")
)
# What a folder is called whose files are compose files, whatever their names: `docker_compose/storages.yaml`.
_FOLDER = r"(?i)(?:.*[._-]|docker|podman)?compose(?:s|[._-]?files?|[._-]?yamls?)?"
# A service that says what it runs, within `services:`.
_RUNS_SERVICES = (
    r"(?m)^services[ \t]*:[ \t]*(?:#[^\n]*)?\r?\n"
    r"(?:[ \t]*(?:#[^\n]*)?\r?\n|[ \t]+[^\s#][^\n]*\n){1,60}?[ \t]{2,}(?:image|build)[ \t]*:"
)

# By content, as texts: the name of nearly every file says enough, and what no run needs is not compiled.
_STARTS_DOCKERFILE = r"(?i)(?:[ \t]*(?:#.*)?\r?\n)*[ \t]*(?:FROM|ARG)[ \t\\]+\S"
_HAS_SERVICES = r"(?m)^(?:services|\"services\"|'services')[ \t]*:(?:\s|$)|^\s*\{[^}]*?\"services\"\s*:"
_COMPOSE_KEY = r"(?m)^(?:services|include|version|networks|volumes|configs|secrets|models|x-[\w.-]+)[ \t]*:"
_OTHER_YAML = r"(?m)^(?:apiVersion|jobs|stages|steps|pipeline|tasks|hosts|openapi|AWSTemplateFormatVersion)[ \t]*:"
_PROCESSES = r"(?m)^processes[ \t]*:"  # process-compose.yaml: programs without containers, with a `version` as well
_LIST_YAML = r"(?:[ \t]*(?:#.*|---.*)?\r?\n)*-[ \t]+\S"


def kind_of(path: str) -> str | None:
    """What a file is by its name: `dockerfile`, `compose`, `dockerignore`, or None."""
    name = path.rpartition("/")[2]
    lower = name.lower()
    # Nearly every name of a project holds none of these words; the expressions need not run for them.
    if (
        "compose" not in lower
        and not (lower.endswith(("yml", "yaml")) and "docker" in lower)
        and "dockerfile" not in lower
        and "containerfile" not in lower
        and "erignore" not in lower
    ):
        return None
    if lower in _USUAL:
        return _USUAL[lower]
    if lower.endswith((".dockerignore", ".containerignore")):
        return "dockerignore"
    stem, dot, ending = name.rpartition(".")
    if dot and ending.lower() in TEMPLATES:
        name = stem
        ending = name.rpartition(".")[2]
    if _COMPOSE.fullmatch(name):
        return "compose"
    if name.endswith("~") or ending.lower() in _OTHER or not _DOCKERFILE.fullmatch(name):
        return None
    return "dockerfile"


def may_be_stack(path: str) -> bool:
    """Whether a path such as `stack.yml`, `local.yml` or `docker_compose/db.yaml` fits a compose file, though only its
    content can tell.
    """
    folder, _, name = path.rpartition("/")
    lower = name.lower()
    if lower in _NAMED_BY_SETTING:
        return True
    if not lower.endswith((".yml", ".yaml")):
        return False
    if _is_in_folder(folder):
        return True
    return ("stack" in lower or "swarm" in lower) and re.fullmatch(_STACK, lower) is not None


def _is_in_folder(folder: str) -> bool:
    """Whether a folder is named for the compose files in it."""
    own = folder.rpartition("/")[2]
    return "compose" in own.lower() and re.fullmatch(_FOLDER, own) is not None


def is_template(path: str) -> bool:
    """Whether a name says that the file is a template to be rendered first: `Dockerfile.j2`."""
    return path.rpartition("/")[2].rpartition(".")[2].lower() in TEMPLATES


def kind_by_content(data: bytes) -> str | None:
    """What a file is by its text: `dockerfile` when it begins like one, `compose` when it has services, or None."""
    text = data[:200_000].removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    if re.match(_STARTS_DOCKERFILE, text):
        return "dockerfile"
    if re.search(_HAS_SERVICES, text):
        return "compose"
    return None


def kind(tree: Tree, path: str) -> str | None:
    """What a file that the user named is: by its name, else by its content. Raises Unreadable."""
    by_name = kind_of(path)
    # `from fastapi import FastAPI` would be an instruction.
    if by_name is None and not _is_part(path) and (data := tree.read(path)) is not None:
        return kind_by_content(data)
    return by_name


def may_take_part(tree: Tree, path: str) -> bool:
    """Whether a file of no kind of ours is of those that a container may be made of, so that findings may be in it: a
    script, Python code, a manifest, a lock or a requirements file of Python's, a file of variables. Raises Unreadable.
    """
    return _is_part(path) or (tree.read(path) or b"").startswith(b"#!")


def _is_part(path: str) -> bool:
    *folders, name = path.lower().split("/")
    ending = name.rpartition(".")[2] if "." in name else ""
    if ending in _PARTS or name in _PART_NAMES or name.startswith((".env", "requirements", "constraints")):
        return True
    return ending in {"txt", "in"} and "requirements" in folders


def _is_other_yaml(tree: Tree, path: str) -> bool:
    """Whether a file named like a compose file is surely something else: a list (Ansible), a manifest, a CI job."""
    try:
        data = tree.read(path)
    except Unreadable:
        return False  # the engine says why
    text = (data or b"")[:200_000].removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    if re.match(_LIST_YAML, text):
        return True
    if "processes" in text and re.search(_PROCESSES, text) and not re.search(_HAS_SERVICES, text):
        return True
    if not re.search(_OTHER_YAML, text):
        return False
    return not re.search(_HAS_SERVICES, text) and not re.search(_COMPOSE_KEY, text)


def _kind_of_stack(tree: Tree, path: str) -> str | None:
    """`compose` for a `stack.yml` that has services and is surely nothing else; for a `local.yml` at the top of the
    project or beside a Dockerfile, and for any file in a folder of compose files, when the services say what they run.
    """
    folder, _, name = path.rpartition("/")
    in_folder = _is_in_folder(folder)
    by_setting = in_folder or name.lower() in _NAMED_BY_SETTING
    alone = by_setting and folder and not in_folder
    if alone and not any(kind_of(other) == "dockerfile" for other in tree.names(folder)):
        return None
    try:
        data = tree.read(path)
    except Unreadable:
        return None  # only its content could say that it is ours
    text = (data or b"")[:200_000].removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    wanted = _RUNS_SERVICES if by_setting else _HAS_SERVICES
    return "compose" if re.search(wanted, text) and not re.search(_OTHER_YAML, text) else None


def runs_services(text: str) -> bool:
    """Whether a YAML file has services that say what they run, and is surely nothing else."""
    return re.search(_RUNS_SERVICES, text) is not None and re.search(_OTHER_YAML, text) is None


def kind_when_found(tree: Tree, path: str) -> str | None:
    """The kind of a file that only its name speaks for: None when its content is surely something else."""
    what = kind_of(path)
    if what == "compose" and _is_other_yaml(tree, path):
        return None
    if what is None and may_be_stack(path):
        return _kind_of_stack(tree, path)
    name = path.rpartition("/")[2]
    if what == "dockerfile" and name.lower() not in _USUAL and not _SURE.fullmatch(name):
        try:
            data = tree.read(path) or b""
        except Unreadable:
            return what  # the engine says why
        if data.startswith(b"#!") or b"\0" in data[:1000]:
            return None  # a script such as `lint-dockerfile`, or a program
    return what


def kind_when_named(tree: Tree, path: str) -> str | None:
    """`kind`, with None for a file that cannot be read."""
    try:
        return kind(tree, path)
    except Unreadable:
        return None
