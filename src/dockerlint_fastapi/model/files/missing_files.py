"""What compose files name of the project's files and is not there: build contexts, Dockerfiles, stages, build
arguments, env files, the files of secrets and configs, other compose files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.compose import Mapping, Setting, setting
from dockerlint_fastapi.model.dockerfile import Arg, Pair
from dockerlint_fastapi.model.evidence import is_example
from dockerlint_fastapi.model.files.recipes import (
    Made,
    chooses_directory,
    copies_nothing,
    is_cloned,
    is_deployed_by_ssh,
    maker_of,
)
from dockerlint_fastapi.model.files.samples import is_copied, is_sample, is_sent_away
from dockerlint_fastapi.model.services.broken_references import Declared, nearest, starts_elsewhere
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Source, Span
from dockerlint_fastapi.tree import normal, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import Build, ComposeFile, EnvFile, Mount, Service, Variable
    from dockerlint_fastapi.model.deployment import Deployment
    from dockerlint_fastapi.model.dockerfile import Dockerfile
    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.tree import Tree

# Arguments that BuildKit knows without an ARG, and prefixes of those that its frontend reads
# (docs.docker.com/reference/dockerfile, "Predefined ARGs"; frontend/dockerui/config.go).
_PREDEFINED = frozenset(
    "HTTP_PROXY HTTPS_PROXY FTP_PROXY NO_PROXY ALL_PROXY TARGETPLATFORM TARGETOS TARGETARCH TARGETVARIANT BUILDPLATFORM"
    " BUILDOS BUILDARCH BUILDVARIANT SOURCE_DATE_EPOCH".split()
)
_EXAMPLE_WORDS = ("example", "sample", "template", "dist", "tmpl", "default", "defaults", "tpl")

# What is a file and no folder by its name.
_FILE_ENDING = (
    r"(?i)(?:\.(?:conf|cfg|cnf|ini|toml|ya?ml|json|xml|sql|sh|py|properties|pem|crt|key|js|html|txt|lua|hcl|acl|rules"
    r"|[cm]js|[jt]sx?|css|vcl|lock)(?:\.(?:template|tmpl|ctmpl|tpl|j2))?|/(?:Caddyfile|Corefile|crontab|enabled_plugins))\Z"
)
# A file that SQLite makes: no repository has it, and nobody else makes it either.
_SQLITE_ENDING = r"(?i)\.(?:db3?|sqlite3?)\Z"
# What belongs to the source of a project.
_OF_SOURCE = (".sql", ".sh", ".py", ".conf", ".yml", ".yaml", ".toml")
_OF_TLS = (".pem", ".crt", ".key")
_READ_BY_BUNDLERS = r"(?:VITE|NEXT_PUBLIC|REACT_APP|VUE_APP|NUXT|PUBLIC|EXPO_PUBLIC)_"
_OWN_NAME = 12  # characters of a name that is hardly any other file's
_MOST_READMES = 20  # that are looked into for such a name
_MOST_SCRIPTS = 100  # that are looked into for files which they can do without
_MOST_CHARACTERS = 100_000  # of one of them
_ASKED = r"(?:\[\[? |\btest )-[ef] [\"']?([^\s\"';\]]+)"
_BEFORE = 300  # characters in front of a name in a readme that are looked at
_OVERLAYS = frozenset(("override", "overrides", "overlay", "overlays"))
_LOCAL = frozenset(("env_file", "secret", "config", "label_file"))
_FILES = frozenset(("mount", "secret", "config", "label_file"))  # a name of theirs that is said is a file's

# Files in which a program of the project says what it reads.
_SPEAKING = (".py", ".sh", ".js", ".ts", ".go", ".toml", ".ini", ".cfg", ".yaml", ".yml", ".json", ".conf", "ockerfile")
_IMPORTING = (*_SPEAKING, ".tsx", ".jsx", ".mjs", ".cjs", ".vue", ".html")
_MOST_SPEAKING = 3_000
_SHORT = 8  # letters of a name that may stand anywhere


class MissingFile(NamedTuple):
    """One thing that is named and certainly not there.

    `kind` is context, dockerfile, target, argument, env_file, mount, sqlite (a mounted file of SQLite), secret, config,
    label_file, include or extends.
    """

    kind: str
    name: str  # as Compose takes it: a path from the project's root, a stage, an argument
    span: Span
    ignored: bool = False  # git ignores the path: somebody has to make it, on every machine
    made: Made | None = None  # where a Makefile, a script or a workflow makes it
    example: str | None = None  # a file beside it that is meant to be copied (`.env.example`)
    told: bool | None = False  # a readme tells of it; None when only by a copy of an example that is not there either
    near: Declared | None = None  # the name that was meant, perhaps
    dockerfile: Dockerfile | None = None  # in which a stage or an argument is not
    meant: str | None = None  # the file that is there under the same path, taken from another folder
    below: tuple[Span, ...] = ()  # what else names something in a missing folder: it comes with the folder
    programless: bool = False  # no service of the set runs a program of the project
    block: Span | None = None  # the build in which an argument stands
    # a script looks whether a mounted file is there, who has TLS has their own, or a readme may have people clone it
    guarded: bool = False
    # an argument that changes nothing where it matters (for development, or one that tools know); a file that nothing
    # reads any more
    idle: bool = False
    pulled: bool = False  # the service has an image, too: Compose pulls that, and builds only where it cannot
    aside: bool = False  # no path of the compose file starts in its folder: people start it from another one
    also: tuple[Span, ...] = ()  # what else of that file is there from that one
    named: Span | None = None  # where a program or script of the project that makes files says its name

    @property
    def text(self) -> str:
        """The name as a message may tell it: as written where it holds a variable, whose value may be a secret."""
        written = self.span.text.strip("\"'")
        return written if "$" in written and "\n" not in written else self.name

    @property
    def starts_apart(self) -> bool:
        """Whether the same relative path is there from another folder."""
        return self.meant is not None and not self.name.startswith("/")

    @property
    def local(self) -> bool:
        """Whether it is of a kind that rightly stands in no repository: each machine has its own."""
        return self.kind in _LOCAL

    @property
    def announced(self) -> bool:
        """Whether it is such a file, and the project says so: a recipe makes it, an example lies beside it, a readme
        speaks of it; of a secret or config it is enough that git ignores it.
        """
        said = self.made is not None or self.example is not None or self.told is True
        return self.local and (said or (self.ignored and self.kind != "env_file"))

    @property
    def remedy(self) -> str | None:
        """What to do about it here, as advice; None when nothing more is known."""
        if self.kind in ("target", "argument"):
            return f"correct the name, or {'add the stage' if self.kind == 'target' else 'declare it with `ARG`'}"
        if self.kind == "sqlite":
            return "let the application keep it in a folder of its own, and mount that: SQLite makes the file in it"
        if self.example is not None:
            return f"copy `{self.example}` to it"
        if self.kind == "mount" and self.ignored:
            return "add it to the repository, with a `!` line in `.gitignore`, or say in the readme how it is made"
        if self.meant is not None:
            start = "the build context" if self.kind == "dockerfile" else "the folder of the compose file"
            if self.name.startswith("/"):
                return f"without the `/` in front it is a path of {start}; there is a `{self.meant}`"
            return f"the path starts in {start}; there is a `{self.meant}`"
        return "make it, or say `required: false`" if self.kind == "env_file" else None


def missing_files(project: Project) -> Iterator[MissingFile]:
    """What the compose files name and the project does not have: each file once for a compose file, whatever many
    services name it, and each other place once.

    Variables that cannot be told, absolute paths but for that of an env file which lies beside the compose file, URLs,
    paths that leave the project, and submodules are passed over.
    """
    seen: set[object] = set()
    for deployment in project.own.deployments:
        lacking = list(_of_deployment(project, deployment))
        if lacking and not deployment.given and is_sent_away(project, deployment.merged.source.path):
            continue
        for found in _as_one(project, deployment.merged, list(_with_folders(lacking))):
            if found.starts_apart and (chooses_directory(project) or _is_moved(project, found)):
                continue  # it is there, when paths start where the recipe says
            place = found.span if found.dockerfile is not None else (found.kind, found.name, found.span.source)
            if place not in seen:
                seen.add(place)
                yield found


def _with_folders(found: list[MissingFile]) -> Iterator[MissingFile]:
    """What is missing, without what would lie in a missing build context: the folder is the one fault."""
    below: dict[str, list[Span]] = {one.name: [] for one in found if one.kind == "context"}
    kept = []
    for one in found:
        folder = next((name for name in below if one.name.startswith(f"{name}/")), None)
        if folder is None or one.kind in ("context", "target", "argument", "include", "extends"):
            kept.append(one)
        else:
            below[folder].append(one.span)
    for one in kept:
        yield one._replace(below=tuple(below.pop(one.name, ()))) if one.kind == "context" else one


def _is_moved(project: Project, found: MissingFile) -> bool:
    from dockerlint_fastapi.model.files.compose_stacks import starts_elsewhere as is_moved  # noqa: PLC0415 - few lack any

    return is_moved(project, found.span.source.path)


def _as_one(project: Project, merged: ComposeFile, found: list[MissingFile]) -> Iterator[MissingFile]:
    """What is missing; of a file all of whose paths start elsewhere, as a project's root, what is there is one fault:
    people start it from that folder by hand, or have never started it.
    """
    apart: dict[Source, list[MissingFile]] = {}
    for one in found:
        if one.starts_apart:
            apart.setdefault(one.span.source, []).append(one)
    first = {ones[0]: ones[1:] for source, ones in apart.items() if not any(_from_own_folder(project, merged, source))}
    folded = {one for ones in first.values() for one in ones}
    for one in found:
        if one in first:
            yield one._replace(aside=True, also=tuple(other.span for other in first[one]))
        elif one not in folded:
            yield one


def _from_own_folder(project: Project, merged: ComposeFile, source: Source) -> Iterator[bool]:
    """Of each relative path of a compose file, but the folder itself, whether it leads to what is there."""
    services = merged.services.values()
    written = [one.build.context for one in services if one.build is not None]
    written += [env_file.path for one in services for env_file in one.env_files]
    written += [mount.source for one in services for mount in one.volumes if mount.type == "bind"]
    for one in written:
        text = (one.value or "") if one is not None else ""
        if one is not None and one.span.source is source and text.strip("./") and not text.startswith(("/", "~")):
            path = merged.resolve(one)
            yield bool(path) and _exists(project, path or "")


def _of_deployment(project: Project, deployment: Deployment) -> Iterator[MissingFile]:
    merged = deployment.merged
    if is_sample(project, merged.source.path) or (not deployment.given and is_copied(project, merged.source.path)):
        return
    developed = bool(deployment.development)
    yield from _other_compose_files(project, merged)
    elsewhere = (not deployment.given and _is_laid_over(merged)) or starts_elsewhere(project, deployment)
    if not deployment.whole or elsewhere:
        return  # what is written there may be replaced, or start in another folder
    for service in merged.services.values():
        if service.build is not None:
            for found in _of_build(project, merged, service.build):
                if developed and found.kind == "argument" and _has_as_variable(service, found):
                    continue
                if found.kind != "argument":
                    yield found._replace(pulled=_is_pulled(service))
                    continue
                idle = found.name == "NODE_ENV" or (developed and not re.match(_READ_BY_BUNDLERS, found.name))
                yield found._replace(idle=idle)
        for env_file in service.env_files:
            for found in _of_env_file(project, merged, env_file):
                yield found._replace(programless=deployment.holds_no_program)
        for mount in service.volumes:
            for found in _of_mount(project, merged, mount):
                idle = _is_read_by_none(project, service, mount) or (developed and _is_imported_by_none(project, mount))
                yield found._replace(idle=found.kind == "mount" and idle)
        labels = service.node("label_file")
        for item in getattr(labels, "items", (labels,)):
            yield from _of_path(project, merged, "label_file", setting(item, merged.lookup))
    for kind in ("secret", "config"):
        for entry in merged.declared(f"{kind}s").values():
            node = entry.value.get("file") if isinstance(entry.value, Mapping) else None
            yield from _of_path(project, merged, kind, setting(node, merged.lookup))


def _is_pulled(service: Service) -> bool:
    """Whether Compose pulls the image of a service that has a `build` as well, and builds only where it cannot
    (compose, pkg/compose/pull.go): of a registry's image, unless the service says to build.
    """
    name, policy = service.image, service.setting("pull_policy")
    return name is not None and "/" in name.text and (policy is None or policy.value not in ("build", "never"))


def _has_as_variable(service: Service, found: MissingFile) -> bool:
    """Whether what runs in a service has a build argument as a variable, too, and its build does not bundle pages with
    it.
    """
    if all(one.name != found.name for one in service.environment):
        return False
    stages = found.dockerfile.stages if found.dockerfile is not None else ()
    runs = (one.text for stage in stages for one in stage.instructions if one.keyword == "RUN")
    return not re.match(_READ_BY_BUNDLERS, found.name) or not any(re.search(r"\bbuild\b", one) for one in runs)


def _is_laid_over(merged: ComposeFile) -> bool:
    """Whether the first file's folder is for files that are laid over those of another folder, in which paths start."""
    return not _OVERLAYS.isdisjoint(merged.source.path.lower().split("/")[:-1])


def _other_compose_files(project: Project, merged: ComposeFile) -> Iterator[MissingFile]:
    """The compose files that `include` and `extends` name."""
    for file in merged.files:
        for include in file.includes:
            for path in include.paths:
                yield from _of_path(project, merged, "include", path)
        for service in file.services.values():
            if service.extends is not None and service.extends.file is not None:
                yield from _of_path(project, merged, "extends", service.extends.file)


def _of_path(project: Project, merged: ComposeFile, kind: str, written: Setting | None) -> Iterator[MissingFile]:
    path = merged.resolve(written) if written is not None else None
    if written is None or not path or not written.value or _exists(project, path):
        return
    yield _missing(project, merged, MissingFile(kind, path, written.span), written.value)


def _missing(project: Project, merged: ComposeFile, found: MissingFile, text: str) -> MissingFile:
    """A missing file, with what explains it; `text` is the path as written."""
    ignored = project.git_ignores(found.name)
    told = _is_told(project, found.name)
    made = maker_of(project, found.name)
    named: Span | None = None
    if made is None and found.kind not in ("env_file", "sqlite", "argument", "target"):
        from dockerlint_fastapi.model.files.writers import writer_of  # noqa: PLC0415 - few files are missing

        writer = writer_of(project, found.name)
        if writer is not None and not writer.names:
            made = Made(writer.span, certain=False)
        elif writer is not None and found.kind in _FILES:
            named = writer.span
        elif found.kind == "context" and is_cloned(project, found.name):
            found = found._replace(guarded=True)
    if made is not None and made.certain and ignored and made.span.source.path.endswith(".sh"):
        told = told or _is_told_of_script(project, made.span.source.path)
    return found._replace(
        ignored=ignored,
        made=made,
        named=named,
        example=example_of(project, found.name),
        told=(ignored and _is_told_elsewhere(project, found.name))
        or (found.kind == "env_file" and _is_on_server(project, merged, found.name))
        or (found.kind == "env_file" and _is_of_stack(project, merged, found.name))
        or told,
        meant=None if found.kind == "env_file" and "/" not in text else _meant(project, merged, text),
    )


def _is_on_server(project: Project, merged: ComposeFile, path: str) -> bool:
    """Whether it is a file of the one machine to which a recipe goes by ssh to start the containers."""
    return project.git_ignores(path) and any(is_deployed_by_ssh(project, one.source.path) for one in merged.files)


def _is_of_stack(project: Project, merged: ComposeFile, path: str) -> bool:
    """Whether git ignores it, an example of it lies in a folder above, and the compose file builds nothing: that stands
    on another machine, which has the file.
    """
    if not project.git_ignores(path) or any(one.build is not None for one in merged.services.values()):
        return False
    folder, _, name = path.rpartition("/")
    while folder:
        folder = parent(folder)
        if example_of(project, f"{folder}/{name}".lstrip("/")) is not None:
            return True
    return False


def _exists(project: Project, path: str) -> bool:
    tree = project.tree
    if tree.is_file(path) or tree.is_dir(path) or project.in_submodule(path) or _leads_out(project, path):
        return True
    return _is_in_empty_folder(tree, path)


def _is_in_empty_folder(tree: Tree, path: str) -> bool:
    """Whether it is below a folder that is there and holds nothing. Git keeps no empty folder: another repository is to
    be put there.
    """
    folder = parent(path)
    while folder and not tree.is_dir(folder):
        folder = parent(folder)
    inside = tree.listing(folder) if folder else None
    return inside is not None and not (inside.files or inside.directories or inside.links)


def _leads_out(project: Project, path: str) -> bool:
    """Whether the path, or a folder above it, is a link: what is behind it may lie outside of what dlf reads."""
    parts = path.split("/")
    return any(parts[at] in project.tree.listing("/".join(parts[:at])).links for at in range(len(parts)))


def _meant(project: Project, merged: ComposeFile, text: str) -> str | None:
    """The path as it is from the project's root or from the first file's folder, when it is there."""
    for folder in ("", parent(merged.source.path)):
        path = normal(f"{folder}/{text}" if folder else text)
        if path and (project.tree.is_file(path) or project.tree.is_dir(path)):
            return path
    return None


def example_of(project: Project, path: str) -> str | None:
    """A file beside a missing one that is meant to be copied to it: `.env.example`, `env.sample`, `.env.dev.dist`."""
    folder, _, name = path.rpartition("/")
    words = _words(name)
    for other in project.tree.names(folder):
        found = [word.removeprefix("dot") or word for word in _words(other)]  # `dotenv.example`
        kept = [word for word in found if word not in _EXAMPLE_WORDS]
        if len(kept) < len(found) and (kept == words or (kept == ["env"] and "env" in words)):
            return f"{folder}/{other}" if folder else other
    return _in_example_folder(project, path)


def _in_example_folder(project: Project, path: str) -> str | None:
    """The file of the same path in a folder that is meant to be copied: `envs.example/prod/.env`."""
    above, rest = parent(path), path.rpartition("/")[2]
    while above:
        folder, _, own = above.rpartition("/")
        for other in project.tree.names(folder):
            found = _words(other)
            kept = [word for word in found if word not in _EXAMPLE_WORDS]
            candidate = f"{folder}/{other}/{rest}" if folder else f"{other}/{rest}"
            if len(kept) < len(found) and kept == _words(own) and project.tree.is_file(candidate):
                return candidate
        above, rest = folder, f"{own}/{rest}"
    return None


def _is_told(project: Project, path: str) -> bool | None:
    """Whether a readme in the folder of a missing file speaks of a file of that name, or one above of its path from
    there, or goes there by `cd`: of a name that many folders have, such as `.env`, the bare name says nothing there.
    None when all that it says is to copy an example that is not there either.
    """
    stale = False
    own, _, name = path.rpartition("/")
    folder = own
    usual = name.startswith(".env") or name.endswith(".env")
    while True:
        pattern = rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)"
        if usual and folder != own:
            inside = re.escape(own.removeprefix(f"{folder}/"))
            pattern = rf"(?<![\w.-]){inside}/{pattern}|\bcd (?:\./)?{inside}\b(?=[\s\S]{{0,1000}}?{pattern})"
        for other in project.tree.names(folder):
            if other.lower().startswith("readme"):
                source = project.source_of(f"{folder}/{other}" if folder else other)
                told = source is not None and _tells(project, (folder, own), source.text[:200_000], pattern)
                if told:
                    return True
                stale = stale or told is None
        if not folder:
            return None if stale else False
        folder = parent(folder)


def _is_told_of_script(project: Project, path: str) -> bool:
    """Whether a readme has people run a script of the project: `./setup.sh`."""
    said = rf"(?<![\w-]){re.escape(path.rpartition('/')[2])}(?![\w-]|\.\w)"
    readmes = sorted(one for one in project.paths if one.rpartition("/")[2].lower().startswith("readme"))
    sources = (project.source_of(one) for one in readmes[:_MOST_READMES])
    return any(one is not None and re.search(said, one.text[:200_000]) is not None for one in sources)


def _is_told_elsewhere(project: Project, path: str) -> bool:
    """Whether any readme of the project speaks of a file that has a name of its own, unlike `.env`."""
    name = path.rpartition("/")[2]
    if name.startswith(".") or name.endswith(".env") or len(name) < _OWN_NAME:
        return False
    readmes = sorted(
        (one for one in project.paths if one.rpartition("/")[2].lower().startswith("readme")),
        key=lambda one: (one.count("/"), one),
    )
    sources = (project.source_of(one) for one in readmes[:_MOST_READMES])
    pattern = rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)"
    return any(one is not None and re.search(pattern, one.text[:200_000]) is not None for one in sources)


def _tells(project: Project, folders: tuple[str, ...], text: str, pattern: str) -> bool | None:
    """Whether a readme tells of a file; None when only by a copy of an example that is not there."""
    stale = False
    for found in re.finditer(pattern, text):
        line = max(text.rfind("\n", 0, found.start()) + 1, found.start() - _BEFORE)
        if not copies_nothing(project, folders, text[line : found.start()]):
            return True
        stale = True
    return None if stale else False


def _words(name: str) -> list[str]:
    return [word for word in name.lower().replace("-", ".").replace("_", ".").split(".") if word]


def _of_env_file(project: Project, merged: ComposeFile, env_file: EnvFile) -> Iterator[MissingFile]:
    if env_file.required is not True:
        return
    written = env_file.path
    if written.value is None and written.intended is not None:
        written = written._replace(value=written.intended)  # `.env.${STAGE:-dev}`, where nobody has chosen
        default = merged.resolve(written)
        if default is None or _may_be_chosen(project, default, written.text):
            return  # who starts it chooses one of those that are there
    absolute = written.value or ""
    if absolute.startswith("/"):
        # Compose takes it for a path of the host; that the file is beside says that it was not meant so.
        meant = merged.resolve(written._replace(value=f".{absolute}"))
        if meant and project.tree.is_file(meant) and not project.git_ignores(meant):
            yield MissingFile("env_file", absolute, written.span, meant=meant)
        return
    yield from _of_path(project, merged, "env_file", written)


def _may_be_chosen(project: Project, default: str, written: str) -> bool:
    """Whether another value of the variables in a path leads to a file that is there; also when that cannot be told."""
    name = written.rpartition("/")[2]
    parts = re.split(r"\$\{[^}/]*\}|\$\w+", name)
    if len(parts) == 1 or "}" in "".join(parts):
        return True
    form = re.compile(".+".join(map(re.escape, parts)))
    inside = project.tree.listing(parent(default)).files
    return any(form.fullmatch(one) is not None and not is_example(one) for one in inside)


def _is_read_by_none(project: Project, service: Service, mount: Mount) -> bool:
    """Whether a variable of the service has the path of a mounted file, and no file of the project but compose files
    says the name of either: what read it is gone.
    """
    target = mount.target.value if mount.target is not None else None
    names = [one.name for one in service.environment if target and one.value == target]
    if not names or target is None:
        return False
    # a class of settings may know the variable without the prefix of all
    words = {target.rpartition("/")[2].lower(), *(one.lower() for one in names)}
    words |= {short for one in names if "_" in (short := one.lower().partition("_")[2]) or len(short) > _SHORT}
    paths = project.index.ending(*_SPEAKING)
    sources = (project.source_of(one) for one in paths) if len(paths) <= _MOST_SPEAKING else ()
    texts = [one.text.lower() for one in sources if one is not None and "services:" not in one.text]
    return bool(texts) and not any(word in text for text in texts for word in words)


def _is_imported_by_none(project: Project, mount: Mount) -> bool:
    """Whether a mounted file is a module of JavaScript that no file of the project but compose files names, and not the
    settings of a tool, which that looks for by itself.
    """
    name = ((mount.target.value if mount.target is not None else None) or "").rpartition("/")[2]
    stem, _, ending = name.rpartition(".")
    if ending != "js" or not re.fullmatch(r"[\w-]{4,}", stem):  # `vite.config.js`, `.eslintrc.js`
        return False
    paths = project.index.ending(*_IMPORTING)
    sources = (project.source_of(one) for one in paths) if len(paths) <= _MOST_SPEAKING else ()
    texts = [one.text for one in sources if one is not None and stem in one.text and "services:" not in one.text]
    said = rf"{re.escape(name)}(?!\w)|[\"'/]{re.escape(stem)}[\"']"
    return bool(paths) and len(paths) <= _MOST_SPEAKING and not any(re.search(said, one) for one in texts)


def _of_mount(project: Project, merged: ComposeFile, mount: Mount) -> Iterator[MissingFile]:
    """A file that is mounted as one: in place of a source that is not there Docker makes a folder. What somebody has to
    make, and knows of, is passed over: what git ignores, or a readme, an example or a recipe names.
    """
    source, target = mount.source, mount.target
    if mount.type != "bind" or source is None or target is None or not (source.value or "").startswith("."):
        return
    database = re.search(_SQLITE_ENDING, source.value or "")
    ending = database or re.search(_FILE_ENDING, source.value or "")
    if ending is None or not (target.value or "").lower().endswith(ending[0].lower()):
        return
    for found in _of_path(project, merged, "mount", source):
        meant = found.ignored and database is None and not _is_swallowed(project, found.name)
        if not (meant or found.made or found.example or found.told):
            asked = (target.value or "").rpartition("/")[2] in project.index.answer(_asked_files)
            guarded = database is None and (asked or found.name.endswith(_OF_TLS))
            yield found._replace(kind="mount" if database is None else "sqlite", guarded=guarded)


def _asked_files(project: Project) -> frozenset[str]:
    """The names of the files that shell scripts of the project look for, to go on without them (`[ -f … ]`)."""
    scripts = sorted((one for one in project.paths if one.endswith(".sh")), key=lambda one: (one.count("/"), one))
    sources = (project.source_of(one) for one in scripts[:_MOST_SCRIPTS])
    return frozenset(
        found.rpartition("/")[2]
        for one in sources
        if one is not None
        for found in re.findall(_ASKED, one.text[:_MOST_CHARACTERS])
    )


def _is_swallowed(project: Project, path: str) -> bool:
    """Whether git ignores a file of the source by a wildcard (`*.sql`) alone: whoever wrote it has it and does not see
    that nobody else does. Keys, certificates and data are left out on purpose.
    """
    folder, _, name = path.rpartition("/")
    if not name.endswith(_OF_SOURCE) or "secret" in path.lower() or (folder and project.git_ignores(folder)):
        return False
    while True:
        source = project.source_of(f"{folder}/.gitignore".lstrip("/"))
        if source is not None and re.search(rf"(?m)^[^#\n]*{re.escape(name)}[ \t]*\r?$", source.text):
            return False
        if not folder:
            return True
        folder = parent(folder)


def _of_build(project: Project, merged: ComposeFile, build: Build) -> Iterator[MissingFile]:
    """The context, the Dockerfile in it, the stage and the arguments in that: the first that is missing."""
    context = merged.context_of(build)
    if context is None:
        return
    if build.context is not None and build.context.value is not None and context and not _exists(project, context):
        if not chooses_directory(project):
            yield _missing(project, merged, MissingFile("context", context, build.context.span), build.context.value)
        return
    path = merged.dockerfile_of(build)
    if path is None and build.dockerfile is not None and (build.dockerfile.value or "").startswith("/"):
        # Compose takes it for a path of the host; that it is there in the context says that it was not meant so.
        absolute = build.dockerfile.value or ""
        meant = normal((f"{context}/" if context else "") + absolute.lstrip("/"))
        if meant and project.tree.is_file(meant):
            yield MissingFile("dockerfile", absolute, build.dockerfile.span, meant=meant)
    if path is None or (build.context is not None and build.context.value is None):
        return
    file = project.dockerfile_at(path)
    if file is None:
        if not _exists(project, path) and (build.dockerfile is None or build.dockerfile.value is not None):
            span = build.dockerfile.span if build.dockerfile is not None else _context_span(build)
            text = build.dockerfile.value if build.dockerfile is not None else "Dockerfile"
            if not chooses_directory(project):
                found = _missing(project, merged, MissingFile("dockerfile", path, span), text or "")
                yield found if build.dockerfile is not None else found._replace(meant=None)
        return
    if file.template is not None or file.problems or not file.stages:
        return
    target = build.target
    if target is not None and target.value and file.stage(target.value) is None:
        names = [Declared(stage.name, stage.span) for stage in file.stages if stage.name]
        yield MissingFile("target", target.value, target.span, near=nearest(target.value, names), dockerfile=file)
    for argument in build.args:
        if not is_build_argument(file, argument):
            names = [Declared(pair.name, pair.span) for pair in declared_arguments(file)]
            near = nearest(argument.name, names)
            span = _name_span(argument)
            yield MissingFile("argument", argument.name, span, near=near, dockerfile=file, block=build.span)


def _context_span(build: Build) -> Span:
    return build.context.span if build.context is not None else build.span


def _name_span(argument: Variable) -> Span:
    """The name of an argument alone, without its value."""
    span = argument.span
    at = span.text.find(argument.name)
    return span if at < 0 else span._replace(start=span.start + at, end=span.start + at + len(argument.name))


def is_build_argument(file: Dockerfile, argument: Variable) -> bool:
    """Whether a Dockerfile, its frontend or BuildKit itself reads a build argument; True also when that is unknown."""
    name = argument.name
    if name.upper() in _PREDEFINED or name.startswith("BUILDKIT_") or file.foreign_syntax is not None:
        return True
    return any(pair.name == name for pair in declared_arguments(file)) or f"ONBUILD ARG {name}" in file.source.text


def declared_arguments(file: Dockerfile) -> Iterator[Pair]:
    """The arguments that a Dockerfile declares, in front of its stages and in them."""
    everything = (*file.global_args, *(one for stage in file.stages for one in stage.instructions))
    return (pair for one in everything if isinstance(one, Arg) for pair in one.pairs)
