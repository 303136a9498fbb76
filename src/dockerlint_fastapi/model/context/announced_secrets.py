"""Secrets that are not in a checkout and that whoever builds has: private keys and credentials of which git is told by
name to leave them out, and the env files that compose files name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.context.stowaways import is_environment_file
from dockerlint_fastapi.model.secrets import names_a_secret
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Source, Span
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.context.image_build import ImageBuild
    from dockerlint_fastapi.model.project import Project

# A line without wildcards: somebody had that very file.
_LITERAL = pattern(r"(?m)^(?:\*\*/|\./|/)?([A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*)[ \t]*\r?$")
_MOST = 200  # lines that are looked at
_KEY = pattern(r"(?:.*[-_.])?(?:private|priv|secret|server|signing|jwt|ssh|tls|ssl|ansible)(?:[-_.].*)?\.(?:pem|key)\Z")
_PUBLIC = pattern(
    r"(?:^|[-_./])(?:public|pub|cert|certs?|chain|fullchain|ca|csr|example|sample|template|test|tests)(?:[-_./]|\Z)"
)
_ACCOUNT = pattern(
    r"(?:(?:.*[-_.])?service[-_]?account(?:[-_]key)?|firebase[-_]?(?:credentials?|adminsdk|key).*|"
    r"(?:gcp|google|gcloud)[-_](?:credentials?|key)|(?:oauth[-_]?)?client[-_]?secrets?|oauth[-_]?credentials)\.json\Z"
)
# What code asks for under such a name, and somebody has: git is told of that very file.
_OPENED = pattern(r"(?i:(?:[\w-]+[-_.])?(?:tokens?|secrets?|credentials?)\.(?:json|ya?ml|toml|ini|pickle))\Z")
_LOADED = r"(?m)^[ \t]*(?:dotenv\.)?load_dotenv\(\)"
# An example of a `.env`, the names in it, and folders whose files are for other things.
_EXAMPLE = pattern(r"\.?env[.-](?:example|sample|template|dist)\Z|(?:example|sample|template)\.env\Z")
_ASSIGNED = r"(?m)^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*="
_ASIDE = frozenset("doc docs example examples sample samples template templates test tests".split())
_KEY_FILES = frozenset(("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"))


class AnnouncedSecret(NamedTuple):
    """A secret file that may come: its path in the context, and where it is named: the line by which git leaves it out,
    or the `env_file:` of a service, for which it has to be there (`needed`), or an `example` of it. `reader` is the
    code in the image that reads an env file, in a container that gets its variables in no other way, or where the file
    is `opened`, which no mount brings.
    """

    path: str
    span: Span
    needed: bool = False
    reader: Span | None = None
    opened: bool = False
    example: bool = False


def announced_secrets(build: ImageBuild) -> Iterator[AnnouncedSecret]:
    """The secrets that a build would be sent as soon as they are there, and that are not there now, each once."""
    found: dict[str, AnnouncedSecret] = {}
    for one in (*_env_files(build), *_of_git(build), *_read(build), *_of_folders(build), *_of_examples(build)):
        found.setdefault(one.path, one)
    yield from found.values()


def _of_git(build: ImageBuild) -> Iterator[AnnouncedSecret]:
    """The private keys, credentials and env files of settings of which git is told to leave them out."""
    project, context = build.image.project, build.context
    for folder in dict.fromkeys(("", context)):
        place = f"{folder}/.gitignore" if folder else ".gitignore"
        source = project.source_of(place) if project.tree.is_file(place) else None
        for path, span in _literals(source) if source is not None else ():
            whole = f"{folder}/{path}" if folder else path
            inside = whole[len(context) + 1 :] if context and whole.startswith(f"{context}/") else whole
            if context and not folder and inside is whole:
                continue  # it lies elsewhere
            named = _is_secret(inside) or _is_meant(build, inside)
            opened = _opened(build, inside) if not named and _OPENED.match(inside.rpartition("/")[2]) else None
            if (named or opened is not None) and not build.exists(inside) and not build.excludes(inside):
                yield AnnouncedSecret(inside, span, reader=opened, opened=opened is not None)


def _opened(build: ImageBuild, path: str) -> Span | None:
    """Where code beside a file of that name or in a folder below names it, in an image whose containers get neither the
    file nor the code by a mount.
    """
    from dockerlint_fastapi.model.context.env_reading import code_of  # noqa: PLC0415 - few projects have such a file

    folder, _, name = path.rpartition("/")
    for one in build.image.containers:
        volumes = one.service.volumes if one.service is not None else ()
        granted = one.service is not None and (one.service.secrets or one.service.configs)
        if granted or one.mounts_source or any(name in each.span.text for each in volumes):
            return None
    for place, source in code_of(build):
        if name in source.text and (not folder or place.startswith(f"{folder}/")):
            found = re.search(rf"(?m)^[^#\n]*?[\"'/]({re.escape(name)})[\"']", source.text)
            if found is not None and re.search(r"\bopen\(|\.read_text\(|_from_file\(", source.text) is not None:
                return source.span(found.start(1), found.end(1))
    return None


def _is_meant(build: ImageBuild, path: str) -> bool:
    """Whether it is an env file of a setting (`api/.env.staging`) in a folder below, which a pattern without folders
    was to leave out: it does so in the root alone.
    """
    folder, _, name = path.rpartition("/")
    if name == ".env" or not folder or not is_environment_file(name.lower()) or not build.is_dir(folder):
        return False
    return build.ignore is not None and any(one.means(path) for one in build.ignore.patterns)


def _read(build: ImageBuild) -> Iterator[AnnouncedSecret]:
    """The env files that git ignores by their own names and that code in the image reads where a COPY puts them. A mere
    `.env` stands in every `.gitignore`: of that something else has to show that it lies in the folder.
    """
    from dockerlint_fastapi.model.context.read_env_files import read_env_files  # noqa: PLC0415 - few get here

    for path, span, spelt in read_env_files(build):
        folder, _, name = path.rpartition("/")
        if not is_environment_file(name.lower()) or build.exists(path) or build.excludes(path):
            continue
        line = _line_for(build, path) if build.git_ignores(path) else None
        if line is not None and (name != ".env" or spelt or build.announces(folder)):
            yield AnnouncedSecret(path, line, reader=span)


def _of_folders(build: ImageBuild) -> Iterator[AnnouncedSecret]:
    """The `.env` of a folder that a COPY names, which a pattern for the root of the context alone was to leave out: its
    own `.gitignore` speaks of it, and code in it loads one from where it lies or above.
    """
    meant = [one for one in (build.ignore.patterns if build.ignore is not None else ()) if one.means("a/.env")]
    for passage in build.image.passages if meant else ():
        folder = passage.source or ""
        if not passage.copies or not folder or not build.is_dir(folder):
            continue
        path, place = f"{folder}/.env", build.project_path(f"{folder}/.gitignore")
        project = build.image.project
        if build.exists(path) or build.excludes(path) or not project.tree.is_file(place):
            continue
        source = project.source_of(place)
        line = next((span for name, span in _literals(source) if name == ".env"), None) if source is not None else None
        if line is not None and _loads(build, folder):
            yield AnnouncedSecret(path, line)


def _of_examples(build: ImageBuild) -> Iterator[AnnouncedSecret]:
    """The `.env` beside an example of one that names secrets, in a folder below: git is told to leave it out, the
    build is not.
    """
    for place, closed in build.entries:
        folder, _, name = place.rpartition("/")
        if closed or not folder or not _EXAMPLE.match(name) or not _ASIDE.isdisjoint(folder.split("/")):
            continue
        path = f"{folder}/.env"
        if build.exists(path) or build.excludes(path) or not build.git_ignores(path):
            continue
        source = build.text_of(place)
        names = re.finditer(_ASSIGNED, source.text) if source is not None else ()
        first = next((one for one in names if names_a_secret(one[1])), None)
        if source is not None and first is not None:
            yield AnnouncedSecret(path, source.span(first.start(1), first.end(1)), example=True)


def _loads(build: ImageBuild, folder: str) -> bool:
    """Whether code in a folder of the context loads the nearest `.env` above it."""
    from dockerlint_fastapi.model.context.env_reading import code_of  # noqa: PLC0415 - few get here

    return any(
        path.startswith(f"{folder}/") and "load_dotenv()" in source.text and re.search(_LOADED, source.text) is not None
        for path, source in code_of(build)
    )


def _line_for(build: ImageBuild, path: str) -> Span | None:
    """The line without wildcards of a `.gitignore` above a path of the context that names it."""
    project, whole = build.image.project, build.project_path(path)
    folder = whole
    while folder:
        folder = parent(folder)
        place = f"{folder}/.gitignore" if folder else ".gitignore"
        source = project.source_of(place) if project.tree.is_file(place) else None
        below = whole[len(folder) + 1 :] if folder else whole
        for named, span in _literals(source) if source is not None else ():
            if named in (below, whole.rpartition("/")[2]):
                return span
    return None


def _env_files(build: ImageBuild) -> Iterator[AnnouncedSecret]:
    """The env files of services that git ignores, and that the build is sent."""
    inside = f"{build.context}/" if build.context else ""
    named = build.image.project.index.own_answer(_ignored_env_files) if build.ignore is not None else ()
    for whole, span in named:
        path = whole[len(inside) :]
        if whole.startswith(inside) and path != ".env" and not build.exists(path) and not build.excludes(path):
            yield AnnouncedSecret(path, span, needed=True)


def _ignored_env_files(project: Project) -> tuple[tuple[str, Span], ...]:
    """The env files that services name and git ignores, each with its first place."""
    from dockerlint_fastapi.model.files.samples import is_copied  # noqa: PLC0415 - few get here

    found: dict[str, Span] = {}
    for deployment in project.own.deployments:
        copied = is_copied(project, deployment.merged.source.path)
        for service in deployment.merged.services.values() if deployment.whole and not copied else ():
            for env_file in service.env_files:
                path = deployment.merged.resolve(env_file.path)
                if path and is_environment_file(path.rpartition("/")[2].lower()) and project.git_ignores(path):
                    found.setdefault(project.inside(path), env_file.path.span)
    return tuple(found.items())


def _literals(source: Source) -> Iterator[tuple[str, Span]]:
    for found in list(_LITERAL.finditer(source.text))[:_MOST]:
        yield found[1], source.span(found.start(), found.end(1))


def _is_secret(path: str) -> bool:
    """Whether a file is named as a private key, or as a key to an account."""
    path = path.lower()
    name = path.rpartition("/")[2]
    if _PUBLIC.search(re.sub(r"\.[a-z0-9]+\Z", "", path)):
        return False
    return name in _KEY_FILES or _KEY.match(name) is not None or _ACCOUNT.match(name) is not None
