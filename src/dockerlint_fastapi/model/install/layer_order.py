"""In which order a stage is filled: when the application's code comes in, and what is installed only after it."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.context.passage import behind_workdirs, place_of
from dockerlint_fastapi.model.dockerfile import MOST_STAGES, Instruction, Run, Stage, Transfer
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.model.install import PYTHON_MANAGERS, Step
from dockerlint_fastapi.model.install.manifest import normal_name, plain
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.tree import in_context, normal, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dockerlint_fastapi.model.image import Image

_MOST_FILES = 3000  # looked at for code below one directory; a tree that hides it deeper is "cannot tell"

# Python files that say how to build or start, and hardly ever change.
_NOT_CODE = pattern(
    r"(setup|conftest|noxfile|_?version|__version__|__about__|__init__|gunicorn.*|.*[_.-]?conf(ig)?)\.py\Z"
)
# Directories of scripts, settings and dependencies: what an install may well need before the code.
_NOT_CODE_DIRECTORIES = frozenset(
    (
        "scripts",
        "script",
        "bin",
        "docker",
        ".docker",
        "deploy",
        "deployment",
        "infra",
        "requirements",
        "reqs",
        "deps",
        "dependencies",
        "wheels",
        "wheelhouse",
        "vendor",
        "config",
        "configs",
        "conf",
        "etc",
        "nginx",
        "certs",
        "hack",
        "tools",
        "build",
        ".github",
        "ops",
    )
)
_SKIPPED = frozenset(("node_modules", ".git", "venv", ".venv", "__pycache__", "site-packages"))
_REMOTE = ("http://", "https://", "git@", "git://", "ssh://")
# A line of a requirements file (or of the pip part of a conda environment) that installs from the project itself.
# What speaks of code in a manifest or a path, as texts: few runs get as far as to compile them.
LOCAL_LINE = (
    r"(?m)^[ \t]*(?:-[ \t]+)?[\"']?(?:(?:-e|--editable)[ =]?[ \t]*(?!git\+|https?:|svn\+|hg\+)\S"
    r"|\.{1,2}(?:[\s/\[\"';#]|$)|file:|[\w.-]+(?:\[[^]\n]*\])?[ \t]*@[ \t]*file:)"
)
LOCAL_SETTING = (
    r"(?m)^[^#\n]*\{[^}\n]*\bpath\s*=|@\s*file:|^\s*\[tool\.uv\.workspace\]|^[^#\n]*\bworkspace\s*=\s*true"
    r"|^\s*\[tool\.(?:uv\.sources|poetry\.[\w.-]*dependencies)\.[^\]\n]+\]\s*\n\s*path\s*="
)
# Of these, a folder that uv is told of by its path.
_PATH_SOURCE = r"(?m)^[ \t]*[\w.-]+[ \t]*=[ \t]*\{[^}\n]*?\bpath[ \t]*=[ \t]*[\"']([^\"'\n]+)[\"'][^}\n]*\}"
_ENVIRONMENT = r"venv|site-packages|wheel|/usr/local/?\Z|\.local|conda|packages|deps|/install"
# What writes the file that is named behind it, in the RUN that installs from it.
_MADE = r"(?:>[ \t]*|\btee[ \t]+|(?:-o|--output|--output-file)[ =])[\"']?(?:[\w./-]*/)?"
# A name in a list of requirements, and that of a project in its manifest.
LISTED = r"(?m)^[ \t]*([A-Za-z0-9][\w.-]*)"
_CALLED = r"(?m)(?:^|[(,])[ \t]*name[ \t]*=[ \t]*[\"']?([A-Za-z0-9][\w.-]*)"
_PROJECTS = ("pyproject.toml", "setup.py", "setup.cfg")
NESTED = r"(?m)^[ \t]*(?:-r|--requirement)[ =]?[ \t]*([^\s#]+)"


_MANIFESTS = (".toml", ".lock", ".txt", ".in", "Pipfile")
_MIGRATIONS = frozenset(("alembic", "alembic.ini", "migrations", "versions"))


class LateInstall(NamedTuple):
    """The first installation of dependencies in a stage, with the COPY in front of it that brings the code."""

    code: Transfer
    run: Run
    step: Step
    files: tuple[str, ...]  # the manifests that it reads: those of the project that there are, if any can be seen
    folders: bool = False  # the manifest names folders beside the project, which the install needs besides
    project: bool = False  # the project itself is what is installed, with all that its manifest names
    own_line: str = ""  # of the list, which asks for the project itself, while the others do not need the code
    typed: bool = False  # the command itself names what it installs
    workspace: bool = False  # of uv, whose members alone need the code
    exported: bool = False  # the same RUN writes the list, of the manifests, by `poetry export` and its like
    further: bool = False  # another list, while the first one is in its right place, or needs the code

    @property
    def needs_thought(self) -> bool:
        """Whether more than the order of its instructions would have to change."""
        return self.folders or self.project or self.workspace or self.exported or self.further

    @property
    def extras(self) -> tuple[str, ...]:
        """The extras of the project that are asked for: `pip install .[queue]`."""
        words = (*self.step.local, *self.step.editable) if self.project else ()
        named = re.search(r"\[([\w,.-]*)\]\Z", words[0].value or "") if words else None
        return tuple(filter(None, named[1].split(","))) if named is not None else ()

    @property
    def rarely(self) -> bool:
        """Whether nothing is copied in front of it that changes often: only the migrations of a database."""
        return _is_schema(self.code)

    @property
    def manifests(self) -> str:
        """The files that the install reads, in words: "`pyproject.toml` and `uv.lock`"."""
        names = [f"`{path}`" for path in dict.fromkeys(self.files)] or ["its manifest"]
        names += ["the folders that they name"] if self.folders else []
        return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def late_install(image: Image, stage: Stage) -> LateInstall | None:
    """The install of dependencies that comes after the code although it needs only its manifest; None when there is no
    such install, and when that cannot be told.
    """
    if stage.depth > MOST_STAGES:
        return None
    code: Transfer | None = None
    typed: list[tuple[Run, Step]] = []
    with_project: Run | None = None
    before: set[str] = set()  # the lists of earlier installs
    for instruction in instructions_of(stage):
        if isinstance(instruction, Transfer):
            if instruction.from_ is not None and _is_environment(image, stage, instruction):
                return None  # the dependencies come from another stage
            if (code is None or _is_schema(code)) and brings_code(image, instruction):
                code = instruction if code is None or not _is_schema(instruction) else code
        if not isinstance(instruction, Run):
            continue
        scripted = _by_script(image, stage, instruction, code) if code is not None and not before else None
        if scripted is not None:
            return scripted
        for step in image.steps_of(instruction):
            if code is not None and is_typed(step) and not _is_schema(code) and not _is_mounted(instruction):
                typed.append((instruction, step))
            if not installs_dependencies(step) or (step.conditional and _never_runs(image, step)):
                continue
            if before or (with_project is not None and instruction is not with_project):
                late = LateInstall(code, instruction, step, ()) if code is not None else None
                further = _further(image, stage, late, before) if late is not None else None
                if further is not None:
                    return further
                before.update(_lists_of(step))
                continue
            if code is not None and not _is_schema(code) and not _is_mounted(instruction):
                whole = _with_project(image, stage, LateInstall(code, instruction, step, ()))
                if whole is not None:
                    return whole
            named = _named_folders(image, instruction, step) if code is not None else ()
            code = _beyond(image, stage, instruction, named) if named else code
            if code is None or _is_mounted(instruction):
                before.update(_lists_of(step))
                continue
            workspace = not named and _is_workspace(image, instruction, step)
            exported = _by_export(image, LateInstall(code, instruction, step, ()))
            if exported is not None:
                return exported
            if not named and not workspace and needs_code(image, instruction, step):
                if not (step.local or step.editable):
                    before.update(_lists_of(step))
                    continue
                with_project = instruction  # a list that the same RUN installs besides may need none of it
                continue
            files = tuple(path for path in step.reads_manifest if context_files(image, path)) or step.reads_manifest
            folders = bool(named) or _names_folders(image, step)
            late = LateInstall(code, instruction, step, files, folders, workspace=workspace)
            return None if _only_a_script(image, late, stage) else late
    return None if code is None or before or with_project is not None else _late_names(image, stage, code, typed)


def _lists_of(step: Step) -> Iterator[str]:
    """The names of the lists that a step installs from, or its program: an installer with a manifest of its own."""
    yield step.program
    yield from (word.value.rpartition("/")[2] for word in step.requirements if word.value)


def _further(image: Image, stage: Stage, late: LateInstall, before: set[str]) -> LateInstall | None:
    """An install behind the code from a list that no earlier one has read and that needs nothing of it, after one that
    is in its place.
    """
    step = late.step
    if _is_schema(late.code) or _is_mounted(late.run) or step.conditional or not step.complete:
        return None
    names = {(word.value or "").rpartition("/")[2] for word in step.requirements}
    files = tuple(path for path in step.reads_manifest if context_files(image, path))
    plain_list = step.manager == "pip" or step.program == "uv pip"
    if not plain_list or step.action != "install" or not files or len(files) != len(step.requirements):
        return None
    if not names.isdisjoint(before) or needs_code(image, late.run, step):
        return None
    late = late._replace(files=files, further=True)
    return None if _only_a_script(image, late, stage) else late


def _by_script(image: Image, stage: Stage, run: Run, code: Transfer) -> LateInstall | None:
    """The first install of a script of the project that a RUN starts, from a list that needs nothing of the code."""
    for one, script in image.run_scripts if ".sh" in run.text else ():
        if one is not run:
            continue
        from dockerlint_fastapi.model.install.readers import steps  # noqa: PLC0415 - few RUNs start a script

        step = next((each for each in steps(script) if installs_dependencies(each)), None)
        if step is None or any(re.search(_MADE + re.escape(name), script.text) for name in _lists_of(step)):
            continue
        return _further(image, stage, LateInstall(code, run, step, ()), set())
    return None


def _with_project(image: Image, stage: Stage, late: LateInstall) -> LateInstall | None:
    from dockerlint_fastapi.model.install.first_lists import with_project  # noqa: PLC0415 - few copy the code first

    return with_project(image, stage, late)


def _by_export(image: Image, late: LateInstall) -> LateInstall | None:
    from dockerlint_fastapi.model.install.first_lists import by_export  # noqa: PLC0415 - likewise

    return by_export(image, late)


def _late_names(image: Image, stage: Stage, code: Transfer, typed: list[tuple[Run, Step]]) -> LateInstall | None:
    """The first of the commands behind the code that name what they install, where nothing is installed from a list
    and they name more than one distribution together.
    """
    if len({name for _, step in typed for name in step.names}) < 2:
        return None
    late = LateInstall(code, *typed[0], (), typed=True)
    return None if _only_a_script(image, late, stage) else late


def is_typed(step: Step) -> bool:
    """Whether pip, or uv in its place, installs what the command names, from an index and without more."""
    if step.manager not in ("pip", "uv") or step.action != "install" or not step.packages or step.bootstrap:
        return False
    if step.manager == "uv" and not step.subcommand.startswith("pip"):
        return False
    files = step.requirements or step.constraints or step.editable or step.local
    named = all(one.name is not None for one in step.packages)
    return step.complete and named and not files and not step.conditional and not step.has("--no-index", "--find-links")


def _never_runs(image: Image, step: Step) -> bool:
    """Whether a step behind a condition finds none of the files that it reads."""
    return any(one.step.span == step.span and one.never_runs for one in image.installed.steps)


def _is_schema(copy: Transfer) -> bool:
    """Whether a COPY brings no more than the migrations of a database, by their names: these change seldom."""
    return all((word.value or "").rstrip("/").rpartition("/")[2] in _MIGRATIONS for word in copy.sources)


def _only_a_script(image: Image, late: LateInstall, stage: Stage) -> bool:
    """Whether a Python file was copied alone for the build, while the application itself comes in after the install."""
    if any(not (word.value or "").endswith(".py") for word in late.code.sources):
        return False
    if (late.code.destination.value or "").startswith(("/tmp/", "/usr/local/bin", "/usr/bin", "/bin/")):  # noqa: S108
        return True
    if _is_started(image, late, stage):
        return False
    return any(
        isinstance(one, Transfer) and one.span.start > late.run.span.start and brings_code(image, one)
        for one in instructions_of(stage)
    )


def _is_started(image: Image, late: LateInstall, stage: Stage) -> bool:
    """Whether one of the files that were copied is the program that the image starts, and no RUN speaks of it."""
    started = " ".join(one.text for one in (image.entrypoint, image.cmd) if one is not None)
    runs = " ".join(one.text for one in instructions_of(stage) if isinstance(one, Run))
    for word in late.code.sources:
        name = re.escape((word.value or "").rpartition("/")[2].removesuffix(".py"))
        if re.search(rf"(?<![\w.]){name}(?:\.py\b|:\w)", started) and not re.search(rf"(?<!\w){name}\b", runs):
            return True
    return False


def instructions_of(stage: Stage) -> Iterator[Instruction]:
    """The instructions of a stage and of those that it begins with, in the order of the build."""
    return (instruction for one in stage.lineage for instruction in one.instructions)


def installs_dependencies(step: Step) -> bool:
    """Whether a step of a Python installer installs what a manifest names, not just what stands on the command line."""
    return (
        step.manager in PYTHON_MANAGERS
        and step.manager != "pipx"
        and (
            step.action in ("install", "sync") or (step.action == "download" and bool(step.requirements or step.local))
        )
        and not step.bootstrap
        and bool(step.reads_manifest or step.requirements or step.local or step.editable)
        and not step.subcommand.endswith("add")
    )


def needs_code(image: Image, run: Run, step: Step) -> bool:
    """Whether an install reads more than manifests: the project's own files; also when that cannot be told."""
    if step.local or step.editable or any(word.value is None for word in step.requirements):
        return True
    if step.manager == "hatch":
        made = next((one.hatch for one in image.installed.steps if one.step.span == step.span), None)
        if made is None or made.project:
            return True
    if any("://" in path for path in step.reads_manifest):
        return True
    known = {word.value.rpartition("/")[2] for word in step.requirements if word.value}
    if any(re.search(_MADE + re.escape(name), run.text) for name in known if name):
        return True
    for one in _runs_before(run, image):
        exports = any(other.action in ("export", "lock") for other in image.steps_of(one))
        if not exports and any(name and name in one.text for name in known):
            return True  # it speaks of the file, so that it may be made there
    own = _manifest(image, run, step)  # in a folder below the one that is copied
    paths = step.reads_manifest if own is None else (own, *step.reads_manifest)
    for text in manifest_texts(image, dict.fromkeys(paths)):
        if step.manager in ("pip", "conda") or (step.manager == "uv" and step.subcommand.startswith("pip")):
            if re.search(LOCAL_LINE, text) or _lists_a_copied_project(image, text):
                return True
        elif re.search(LOCAL_SETTING, text):
            return True
    return False


def _lists_a_copied_project(image: Image, text: str) -> bool:
    """Whether a list asks by its name for a project of a folder that the image copies: installed from there before, and
    on no index.
    """
    listed = {normal_name(name) for name in re.findall(LISTED, text)}
    for transfer in image.context_transfers if listed else ():
        for word in transfer.sources:
            folder = in_context(word.value or "")
            for path in [_joined(context, f"{folder}/{name}") for context in image.contexts for name in _PROJECTS]:
                source = image.project.source_of(path) if folder and image.project.tree.is_file(path) else None
                if source is not None and any(normal_name(one) in listed for one in re.findall(_CALLED, source.text)):
                    return True
    return False


def _names_folders(image: Image, step: Step) -> bool:
    """Whether a manifest asks for what lies in folders beside the project: `shared @ ../shared`."""
    return any(re.search(r"@\s*\.\.?/", text) for text in manifest_texts(image, step.reads_manifest))


def _named_folders(image: Image, run: Run, step: Step) -> tuple[str, ...]:
    """The folders of the project that uv installs besides, from the paths in its manifest (`{ path = "../shared" }`);
    none where another thing in that speaks of code as well, or there is no lock file, or when that cannot be told.
    """
    if step.manager != "uv" or step.action != "sync" or step.conditional:
        return ()
    path = _manifest(image, run, step)
    source = image.project.source_of(path) if path is not None else None
    if source is None or path is None or "path" not in source.text:
        return ()
    text, folder = plain(source.text), path.rpartition("/")[0]
    said = re.findall(_PATH_SOURCE, text)
    if len(said) != len(re.findall(LOCAL_SETTING, text)) or not image.project.tree.is_file(_joined(folder, "uv.lock")):
        return ()
    places = [normal(_joined(folder, one)) for one in said]
    return tuple(one for one in places if one) if all(places) and folder not in places else ()


def _is_workspace(image: Image, run: Run, step: Step) -> bool:
    """Whether a step syncs a workspace of uv, whose lock file says all that the members need, and nothing else in its
    manifest speaks of code: `--frozen --no-install-workspace` asks for the manifest of the root and that file alone.
    """
    if step.manager != "uv" or step.action != "sync" or step.conditional or step.has("--no-install-workspace"):
        return False
    path = _root_manifest(image, run, step)
    source = image.project.source_of(path) if path is not None else None
    if source is None or path is None or "[tool.uv.workspace]" not in source.text:
        return False
    text, folder = plain(source.text), path.rpartition("/")[0]
    others = [one for one in re.findall(LOCAL_SETTING, text) if "workspace" not in one]
    return not others and image.project.tree.is_file(_joined(folder, "uv.lock"))


def _root_manifest(image: Image, run: Run, step: Step) -> str | None:
    """The `pyproject.toml` of the workspace in which a step of uv works, a file of the project; else its own one."""
    stage = next((one for one in image.dockerfile.stages if run in one.instructions), None)
    directory = dict(behind_workdirs(image, stage)).get(run) if stage is not None else None
    named = next((path for path in step.reads_manifest if path.endswith("pyproject.toml")), None)
    place = place_of(named, directory)
    if stage is None or place is None:
        return None
    from dockerlint_fastapi.model.install.uv_workspaces import workspace_root  # noqa: PLC0415 - for uv alone

    root = workspace_root(lambda path: image.file_at(path, stage=stage, before=run), parent(place) or "/")
    found = image.file_at(f"{root.rstrip('/')}/pyproject.toml", stage=stage, before=run) if root is not None else None
    return found.path if isinstance(found, Placed) else _manifest(image, run, step)


def _manifest(image: Image, run: Run, step: Step) -> str | None:
    """The file of the project that is the `pyproject.toml` of a step, where the RUN works."""
    named = next((path for path in step.reads_manifest if path.endswith("pyproject.toml")), None)
    stage = next((one for one in image.dockerfile.stages if run in one.instructions), None)
    place = place_of(named, dict(behind_workdirs(image, stage)).get(run)) if stage is not None else None
    found = image.file_at(place, stage=stage, before=run) if place is not None else None
    return found.path if isinstance(found, Placed) else None


def _beyond(image: Image, stage: Stage, run: Run, named: tuple[str, ...]) -> Transfer | None:
    """The first COPY in front of a RUN that brings code from other folders than those that a manifest names, and what
    lies round them.
    """
    for one in instructions_of(stage):
        if one is run:
            return None
        if isinstance(one, Transfer) and brings_code(image, one) and not _is_schema(one):
            sources = [in_context(word.value or "") for word in one.sources]
            places = [_joined(context, source) for source in sources for context in image.contexts]
            if not all(place and any(_related(place, other) for other in named) for place in places):
                return one
    return None


def _related(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _runs_before(run: Run, image: Image) -> Iterator[Run]:
    for stage in image.dockerfile.stages:
        if run in stage.instructions:
            for instruction in instructions_of(stage):
                if instruction is run:
                    return
                if isinstance(instruction, Run):
                    yield instruction


def manifest_texts(image: Image, manifests: Iterable[str]) -> Iterator[str]:
    """The texts of the files that may be these manifests, those that they include as well; what is not in the
    project is left out.
    """
    waiting = [path for path in manifests if not path.endswith(".lock")]
    seen: set[str] = set()
    while waiting and len(seen) < 50:  # a circle of includes ends, too
        for path in context_files(image, waiting.pop()):
            source = None if path in seen else image.project.source_of(path)
            if source is None:
                continue
            seen.add(path)
            text = plain(source.text)
            yield text
            if path.endswith((".txt", ".in")):
                folder = path.rpartition("/")[0]
                waiting += [f"{folder}/{name}" if folder else name for name in re.findall(NESTED, text)]


def context_files(image: Image, path: str) -> tuple[str, ...]:
    """The files of the project that may be the one at `path` in the image: those in its build contexts, and in the
    directories that it copies, whose path ends like it. More than one where that cannot be told.
    """
    tree = image.project.tree
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    folders = list(image.contexts)
    for transfer in image.context_transfers:
        for word in transfer.sources:
            source = None if word.value is None else in_context(word.value)
            if source:
                folders += [
                    _joined(context, source.rpartition("/")[0] if "." in source.rpartition("/")[2] else source)
                    for context in image.contexts
                ]
    found: list[str] = []
    for folder in dict.fromkeys(folders):
        for start in range(len(parts)):
            candidate = _joined(folder, "/".join(parts[start:]))
            if tree.is_file(candidate):
                found.append(candidate)
                break
    return tuple(dict.fromkeys(found))


def _joined(folder: str, path: str) -> str:
    return f"{folder}/{path}" if folder and path else folder or path


def _is_environment(image: Image, stage: Stage, transfer: Transfer) -> bool:
    """Whether a COPY from another stage brings, or may bring, installed packages."""
    words = (*transfer.sources, transfer.destination)
    if any(re.search(_ENVIRONMENT, word.text) for word in words):
        return True
    if all(word.text.endswith((".txt", ".toml", ".lock")) for word in transfer.sources):
        return False  # an exported list of requirements
    name = transfer.from_.value if transfer.from_ else None
    origin = stage.dockerfile.stage(name) if name else None
    if origin is not None and origin.depth > MOST_STAGES:
        return True
    return origin is not None and image.fetches(origin)


def fetches(image: Image, stage: Stage) -> bool:
    """Whether a stage, or one that it is built on, installs dependencies or downloads them."""
    return any(
        installs_dependencies(step) or step.action == "download"
        for one in stage.lineage
        for run in one.of(Run)
        for step in image.steps_of(run)
    )


def _is_mounted(run: Run) -> bool:
    """Whether the install may read the code itself through a mount. Manifests that are mounted one by one change
    nothing: what was copied in front of the RUN decides whether it is done anew. Nor does a published image, which has
    the installer (`from=ghcr.io/astral-sh/uv`): no stage is called so.
    """
    binds = [one.options for one in run.mounts if one.type == "bind"]
    own = [options for options in binds if re.search(r"[/:@]", options.get("from") or "") is None]
    sources = [options.get("source") or options.get("src") or "" for options in own]
    return any(not source.endswith(_MANIFESTS) for source in sources)


def brings_code(image: Image, transfer: Transfer) -> bool | None:
    """Whether a COPY or ADD brings the application's code; None when that cannot be told.

    The whole build context is taken for it, and so are a Python file and a directory with Python files in it.
    """
    if transfer.from_ is not None:
        return False
    if transfer.flag("exclude") is not None:
        return None  # the code may be what is left out
    answers = [_is_code(image, word.value) for word in transfer.sources]
    return True if True in answers else None if None in answers else False


def _is_code(image: Image, value: str | None) -> bool | None:
    if value is None:
        return None
    if value.startswith(_REMOTE) or "://" in value:
        return False
    path = in_context(value)
    if path in ("", "*", "**"):
        return True
    folder, _, name = path.rpartition("/")
    if any(character in name for character in "*?["):
        if name in ("*", "**"):
            return _is_code(image, folder)
        return name.endswith(".py") and not _NOT_CODE.match(name)
    if name.endswith(".py"):
        return not _NOT_CODE.match(name) and _NOT_CODE_DIRECTORIES.isdisjoint(folder.split("/"))
    if not _NOT_CODE_DIRECTORIES.isdisjoint(path.split("/")):
        return False
    answers = [_holds_code(image, _joined(context, path)) for context in image.contexts]
    return True if True in answers else False if answers and None not in answers else None


def _holds_code(image: Image, path: str) -> bool | None:
    tree = image.project.tree
    if tree.is_file(path):
        return False
    waiting, looked_at = [path], 0
    found = tree.is_dir(path)
    while waiting:
        folder = waiting.pop(0)
        listing = tree.listing(folder)
        if any(name.endswith(".py") and not _NOT_CODE.match(name) for name in listing.files):
            return True
        looked_at += 1 + len(listing.files)
        if looked_at > _MOST_FILES:
            return None
        waiting += [_joined(folder, name) for name in listing.directories if name not in _SKIPPED]
    return False if found else None
