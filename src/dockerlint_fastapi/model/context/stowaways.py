"""What a copy of a whole directory takes along that nobody meant to ship: secrets, and bulk."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dockerlint_fastapi.model.secrets import (
    is_made_up,
    is_stand_in,
    is_the_secret_of,
    names_a_secret,
    passwords_in_urls,
)
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.context.image_build import Entry, ImageBuild

# A word of a file's name that says that it holds no real values.
_EXAMPLE = frozenset(
    (
        "default", "defaults", "dist", "enc", "encrypted", "example", "examples", "sample", "schema", "template",
        "tmpl", "tpl", "vault",
    )
)  # fmt: skip
# Folders and files in which keys and passwords are made up.
_MADE_UP = frozenset(
    (
        "ci",
        "demo",
        "doc",
        "docs",
        "e2e",
        "example",
        "examples",
        "fixtures",
        "mocks",
        "test",
        "testdata",
        "testing",
        "tests",
    )
)
_SEPARATORS = r"[^a-z0-9]+"
_JOINED = pattern(r"\.env[_-][a-z0-9_-]+(?<!cmdrc)\Z")  # not a script or a list of another program
# Expressions as text: most runs never need them, and `re` remembers what it has compiled.
_ASSIGNMENT = r"(?m)^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.]*)[ \t]*=(.*)"
_BEFORE_COMMENT = r"\"[^\"]*\"|'[^']*'|(?:[^ \t#]|(?<![ \t])#|[ \t]+(?![ \t#]))*"
_PUBLISHED = r"(?:NEXT_PUBLIC|VITE|REACT_APP|VUE_APP|NUXT_PUBLIC|EXPO_PUBLIC|GATSBY|PUBLIC)_"
_SET_ELSEWHERE = (
    r"(?i)do[-_ ]?not[-_ ](?:set|use|commit|put|store|edit|fill)(?:[-_ ][a-z]+)*\Z"  # what says where it is not
)
_SIMPLE = 12  # characters of a password that nobody has thought about
_MOST_CHARACTERS = 1_000_000  # of a file that is looked through for secrets
_KEY_FILES = frozenset(("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"))
# What programs keep a key in that they have drawn themselves.
_DRAWN_KEYS = frozenset((".master_key", ".secret_key", ".encryption_key", ".fernet_key", ".jwt_secret"))
_LEAST_OF_KEY = 16  # bytes
_KEY_STORES = (".p12", ".pfx", ".jks", ".keystore", ".kdbx")
_LOGINS = frozenset((".netrc", "_netrc", ".pgpass", ".git-credentials", ".pypirc", ".htpasswd"))
_ACCOUNTS = r"(?:.*[-_.])?(?:credentials?|service[-_]?account(?:[-_]key)?|client[-_]secrets?)(?:[-_.].*)?\.json"
_ACCOUNT_TEXT = rb'"(?:private_key|client_secret|refresh_token|secret_access_key)"\s*:\s*"([^"]{8,})"'
# What stands where a key is to be put.
_FILLED_IN = rb"(?i)\byour\b|your[-_ ]|\bhere\b|placeholder|change[-_ ]?me|redacted|x{6}|\.\.\.|<\w|\bexample\b"
_ENDINGS = (".env", ".pem", ".key", ".json", ".sqlite3", ".sqlite", *_KEY_STORES)
_NO_SECRETS = (".py", ".pyc", ".md", ".gitkeep", ".keep", ".gitignore", ".sh", ".ts", ".js", ".tsx", ".html", ".rst")
# What code reads of its own package, and a value in it.
_TEMPLATES = (".yml", ".yaml", ".toml", ".json", ".j2", ".jinja", ".tmpl")
_YAML = r"(?m)^[ \t{,-]*[\"']?([A-Za-z_][\w.-]*)[\"']?[ \t]*[:=][ \t]*([^\s\[{|>&*#][^\n#]*)"
_TYPES = frozenset("str string text bytes object secret secretstr".split())

_AT_A_GLANCE = 90  # characters of paths in one message


class SecretFile(NamedTuple):
    """A file that is sent to the build and holds secrets. `sure` tells whether its text was seen to hold one, `made_up`
    whether it is an env file whose secrets are all stand-ins (`postgres`, `change-me`), `plain` whether it is one that
    is in the repository and names no secret at all.
    """

    path: str  # relative to the context
    sure: bool
    made_up: bool = False
    plain: bool = False


def secret_files(build: ImageBuild) -> Iterator[SecretFile]:
    """The secrets among what a build is sent: environment files, private keys, logins, data."""
    for entry in build.entries:
        if not entry.closed and (sure := _secret(build, entry)) is not None:
            environment = is_environment_file(entry.path.rpartition("/")[2].lower())
            made_up = sure and environment and _is_made_up(build, entry.path)
            plain = not sure and environment and is_harmless(build, entry.path)
            yield SecretFile(entry.path, sure, made_up, plain)


def _secret(build: ImageBuild, entry: Entry) -> bool | None:
    """Whether a file holds a secret: True when its text shows one, False when its name says so, None when neither."""
    folder, _, name = entry.path.lower().rpartition("/")
    if not (
        name.endswith(_ENDINGS) or name.startswith((".", "_netrc", "id_")) or "secrets" in folder or ".aws" in folder
    ):
        return None
    parts = folder.split("/")
    words = set(re.split(_SEPARATORS, name))
    if not _MADE_UP.isdisjoint((*parts, *words)) or not _EXAMPLE.isdisjoint(words) or "{{" in folder:
        return None
    if is_environment_file(name):
        found = _holds_secrets(build, entry.path)
        # A file for one setting (`.env.production`) may be a front end's, and hold what every visitor gets.
        front_end = build.image.python is False or build.is_file(f"{folder}/package.json" if folder else "package.json")
        return found if found or (name == ".env" and not front_end) else None
    if name.endswith((".pem", ".key")) or name in _KEY_FILES:
        return True if _shows_a_key(_data(build, entry.path)) else None
    if name in _DRAWN_KEYS:
        # 16 bytes or more that nobody wrote, or as many in one word
        data = _data(build, entry.path).strip()
        return True if len(data) >= _LEAST_OF_KEY and not re.search(_FILLED_IN + rb"|\s\w", data) else None
    if name.endswith(_KEY_STORES) or name in _LOGINS or parts[-1:] == [".aws"]:
        return False
    if name.endswith(".json") and re.fullmatch(_ACCOUNTS, name):
        values = re.findall(_ACCOUNT_TEXT, _data(build, entry.path))
        return True if any(not re.search(_FILLED_IN, value) for value in values) else None
    if name.endswith((".sqlite3", ".sqlite")):
        return None if name == "chroma.sqlite3" else False  # Chroma's index of a library
    if parts[-1:] in (["secrets"], [".secrets"]) and not name.endswith(_NO_SECRETS):
        return None if build.exists(f"{folder}/__init__.py") or _is_code(build, entry.path) else False
    return None


def _is_code(build: ImageBuild, path: str) -> bool:
    """Whether a text in a folder called `secrets` is a part of a Python package that is about secrets: it lies below
    one, everybody has it from the repository, and it shows none.
    """
    if not path.lower().endswith(_TEMPLATES) or not build.is_committed(path):
        return False
    above = path
    while (above := above.rpartition("/")[0]) and not build.is_file(f"{above}/__init__.py"):
        pass
    source = build.text_of(path) if above else None
    found = re.findall(_YAML, source.text[:_MOST_CHARACTERS]) if source is not None else ()
    values = (
        (name, value.strip(" \t\r,").strip("\"'")) for name, value in found if "$" not in value and "{{" not in value
    )
    return source is not None and not any(
        value not in _TYPES and is_the_secret_of(name, value) for name, value in values
    )


def _shows_a_key(data: bytes) -> bool:
    """Whether a text holds a private key, and no words in the place of one."""
    bodies = re.findall(rb"BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----(.*?)(?:-----END|\Z)", data, re.DOTALL)
    return any(not re.search(_FILLED_IN, one) for one in bodies)


def is_environment_file(name: str) -> bool:
    """Whether a file of that name (lower case) holds variables: `.env`, `.env.prod`, `.env_prod`, `prod.env`; not
    `.env.example`.
    """
    if ".env" not in name or not (name.startswith(".env.") or name.endswith(".env") or _JOINED.match(name)):
        return False
    return _EXAMPLE.isdisjoint(re.split(_SEPARATORS, name))


def is_public(build: ImageBuild, path: str) -> bool:
    """Whether an env file, or the example beside it where there is none, is a bundler's, which writes variables into
    the pages that everybody gets (`VITE_API_URL`), and names no secret; False when nothing tells.
    """
    folder = path.rpartition("/")[0]
    beside = f"{folder}/" if folder else ""
    places = (path, *(f"{beside}.env.{word}" for word in ("example", "sample", "template", "local.example")))
    source = next((found for one in places if (found := build.text_of(one)) is not None), None)
    names = [name for name, _ in re.findall(_ASSIGNMENT, source.text)] if source is not None else []
    return any(re.match(_PUBLISHED, name) for name in names) and not any(map(names_a_secret, names))


def is_harmless(build: ImageBuild, path: str) -> bool:
    """Whether an env file is in the repository and names no secret, not even one that is to be filled in: switches for
    a script, or nothing at all, as what is laid over another to take its place.
    """
    source = build.text_of(path) if build.is_file(path) and build.is_committed(path) else None
    if source is None or len(source.text) > _MOST_CHARACTERS or _holds_secrets(build, path):
        return False
    return not any(names_a_secret(name) for name, _ in re.findall(_ASSIGNMENT, source.text))


def _data(build: ImageBuild, path: str) -> bytes:
    source = build.text_of(path)
    return b"" if source is None else source.data


def _holds_secrets(build: ImageBuild, path: str) -> bool:
    source = build.text_of(path)
    if source is None:
        return False
    known = source.parsed.get("holds secrets")  # builds share their files
    if known is None:
        source.parsed["holds secrets"] = known = _shows_secrets(source.text[:_MOST_CHARACTERS])
    return bool(known)


def _is_made_up(build: ImageBuild, path: str) -> bool:
    from dockerlint_fastapi.model.evidence import setting_of_name  # noqa: PLC0415 - few contexts hold such files

    # In a file for production a simple word may be the true one; one that says itself that it is none is not.
    most = 0 if setting_of_name(path.rpartition("/")[2]) == "production" else _SIMPLE
    source = build.text_of(path)
    secrets = _secrets_of(source.text[:_MOST_CHARACTERS]) if source is not None else ()
    return source is not None and all(
        is_stand_in(one) or re.match(_SET_ELSEWHERE, one) is not None or (len(one) <= most and is_made_up(one))
        for one in secrets
    )


def _shows_secrets(text: str) -> bool:
    return any(True for _ in _secrets_of(text))


def _secrets_of(text: str) -> Iterator[str]:
    """The values of an env file that are secrets, and the passwords in its URLs."""
    for name, written in re.findall(_ASSIGNMENT, text):
        # a comment behind a value says nothing of what that is
        given = written.strip(" \t\r")
        found = re.match(_BEFORE_COMMENT, given) if not (given.startswith("#") and written[0] in " \t") else None
        value = (found[0].rstrip() if found is not None else "").strip("\"'")
        if is_the_secret_of(name, value):
            yield value
        else:
            yield from (value[start:end] for start, end in passwords_in_urls(value))


class Bulk(NamedTuple):
    """Something that no image needs. `heavy` is what hurts: git's history, packages of another machine."""

    path: str  # relative to the context
    heavy: bool
    directory: bool

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def text(self) -> str:
        """The path, with a slash behind that of a directory."""
        return f"{self.path}/" if self.directory else self.path

    @property
    def is_cache(self) -> bool:
        """Whether a tool has made it, and would make it again."""
        return self.name.endswith((".pyc", ".pyo", "_cache")) or self.name in ("__pycache__", ".DS_Store")

    @property
    def trifling(self) -> bool:
        """Whether it is a line or two for Docker or git, which hardly ever change, or a Dockerfile."""
        return not self.directory and self.name.lower().startswith((".dockerignore", ".git", "dockerfile"))


_LIGHT = frozenset(
    (
        ".coverage", ".ds_store", ".hypothesis", ".idea", ".ipynb_checkpoints", ".mypy_cache", ".nox", ".pytest_cache",
        ".ruff_cache", ".tox", ".vscode", "__pycache__", "htmlcov",
    )
)  # fmt: skip
_OF_NODE = frozenset(("node_modules", ".next"))
_AT_THE_TOP = pattern(
    r"\.dockerignore|\.git(?:ignore|attributes|modules)|(?:.*\.)?dockerfile(?:[.-].*)?|(?:docker-)?compose.*\.ya?ml|.*\.md",
    re.IGNORECASE,
)
_FOLDERS = frozenset(("test", "tests", "doc", "docs", ".github", ".gitlab"))
# Tools that read the version out of git's history while they build the project.
_VERSION_FROM_GIT = (
    r"setuptools[-_](?:scm|git)|hatch-vcs|versioningit|dynamic-versioning|versioneer|\bpbr\b|dunamai|\bscm\b"
)
_MANIFESTS = ("pyproject.toml", "setup.py", "setup.cfg")


def bulk(build: ImageBuild) -> Iterator[Bulk]:
    """What a build is sent and no image needs, as the guide lists it, the heavy things first."""
    keep = "" if not history_is_read(build) else ".git"
    light: list[tuple[str, bool]] = []
    for path, closed in build.entries:
        top, _, rest = path.partition("/")
        name = path.rpartition("/")[2]
        if closed and name in _OF_NODE and name in build.built_before:
            continue  # what it starts
        if closed and name != keep and (name in (".git", "node_modules") or name.lower() not in _LIGHT):
            yield Bulk(path, heavy=True, directory=True)
        elif closed or name.lower() in _LIGHT or name.endswith((".pyc", ".pyo")):
            if name != keep:
                light.append((path, closed))
        elif rest and top in _FOLDERS:
            light.append((top, True))
        elif not rest and _AT_THE_TOP.fullmatch(name) and not build.is_readme(name) and not _is_taken_back(build, path):
            light.append((path, False))
    # directories first: they are the larger part
    for path, directory in sorted(dict.fromkeys(light), key=lambda one: not one[1]):
        yield Bulk(path, heavy=False, directory=directory)


def is_without_history(build: ImageBuild, path: str) -> bool:
    """Whether a `.git` that is sent lacks what git keeps the files of all versions in (gitrepository-layout(5)): they
    are left out, and only branches and settings go in.
    """
    return build.excludes(f"{path}/objects/pack") and build.excludes(f"{path}/objects/00")


def _is_taken_back(build: ImageBuild, path: str) -> bool:
    """Whether the ignore file names it behind a `!`: somebody wants it in the image."""
    pattern = build.deciding(path)
    return pattern is not None and pattern.negated and pattern.glob.text == path


def history_is_read(build: ImageBuild) -> bool:
    """Whether the build needs `.git`: a tool reads the version from it, or a RUN calls git on it."""
    texts = [source.text for name in _MANIFESTS if (source := build.text_of(name)) is not None]
    if any(re.search(_VERSION_FROM_GIT, text) for text in texts):
        return True
    stages = (*build.image.lineage, *build.image.builders)
    runs = [one.text for stage in stages for one in stage.instructions if one.keyword == "RUN"]
    return any(re.search(r"\bgit\s+(?!clone|config\s+--global)[a-z]|\.git\b(?!hub|lab)", text) for text in runs)


def enumerated(paths: Sequence[str]) -> str:
    """Paths in words, no more than three and no more than can be read at a glance: "`a`, `b` and 3 more"."""
    shown = [f"`{path}`" for path in paths[:3]]
    while len(shown) > 1 and sum(map(len, shown)) > _AT_A_GLANCE:
        shown.pop()
    if len(paths) > len(shown):
        return f"{', '.join(shown)} and {len(paths) - len(shown)} more"
    return " and ".join((", ".join(shown[:-1]), shown[-1])) if len(shown) > 1 else "".join(shown)
