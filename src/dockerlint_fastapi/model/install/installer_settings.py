"""Settings of package managers that hold from outside the command line: variables, configuration files, mounts."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.command import is_python
from dockerlint_fastapi.model.dockerfile import Run, Transfer
from dockerlint_fastapi.model.install import cleanups
from dockerlint_fastapi.model.install.call import bare_text, calls
from dockerlint_fastapi.model.install.manifest import normal_name
from dockerlint_fastapi.pattern import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install import Call, Step
    from dockerlint_fastapi.source import Span

# Patterns are compiled when they are first needed.
_PIP_CONFIGURED = pattern(r"(?<!--)no-cache-dir")  # a line of pip.conf, or `pip config set global.no-cache-dir`
_PIP_FILES = ("pip.conf", "pip.ini", "/pip", "/.pip")
_UV_CONFIGURED = r"(?m)^[ \t]*(?:no-cache|cache-dir)[ \t]*="
_RECOMMENDS = pattern(r"(?i)apt::install-recommends")
_APT_FILES = pattern(r"/(etc/?)?\Z|/etc/apt/?\Z|/etc/apt/apt\.conf")
# Options by which pip takes another version of what is there, or puts it elsewhere.
_ANEW = (
    "--upgrade",
    "--force-reinstall",
    "--ignore-installed",
    "--target",
    "--prefix",
    "--root",
    "--user",
    "--constraint",
    "--pre",
)
# Where each manager keeps what it downloads; `~` is any home directory.
CACHE_DIRECTORIES = {
    "apt": ("/var/lib/apt/lists",),
    "apk": ("/var/cache/apk", "/etc/apk/cache"),
    "dnf": ("/var/cache/dnf", "/var/cache/yum", "/var/cache/libdnf5"),
    "conda": ("/opt/conda/pkgs", "~/.conda/pkgs", "~/miniconda3/pkgs", "~/micromamba/pkgs", "/opt/miniconda3/pkgs"),
    "npm": ("~/.npm",),
    "pip": ("~/.cache/pip",),
    "uv": ("~/.cache/uv",),
}
_CACHE_VARIABLES = {
    "pip": ("PIP_CACHE_DIR", "XDG_CACHE_HOME"),
    "conda": ("CONDA_PKGS_DIRS", "MAMBA_ROOT_PREFIX"),
    "npm": ("npm_config_cache", "NPM_CONFIG_CACHE"),
    "uv": ("UV_CACHE_DIR",),
}


def is_set(image: Image, run: Run, step: Step, name: str) -> bool:
    """Whether an environment variable is, or may be, set to something for a step: in its RUN, by ENV or ARG in front of
    it, or by the base image.
    """
    if name in step.environment:
        return step.environment[name] != ""
    pair = image.variable(name, run)
    if pair is not None:
        return pair.value != ""  # `ARG NAME` without a default: whoever builds decides
    return bool(image.base is not None and image.base.environment.get(name))


def pip_cache_is_off(image: Image, run: Run, step: Step) -> bool:
    """Whether pip is, or may be, told to keep no cache.

    Any value of PIP_NO_CACHE_DIR does so, also `off` and `0`: pip reads the option as given, and the value only has to
    be a truth value (pip, src/pip/_internal/cli/cmdoptions.py, `_handle_no_cache_dir`).
    """
    if (
        step.has("--no-cache-dir")
        or is_set(image, run, step, "PIP_NO_CACHE_DIR")
        or "PIP_CONFIG_FILE" in step.environment
    ):
        return True
    if image.variable("PIP_CONFIG_FILE", run) is not None:
        return True
    return image.configured_from["pip"] <= image.position(run)


def recommends_are_off(image: Image, run: Run) -> bool:
    """Whether apt's configuration leaves, or may leave, recommended packages out: a file below /etc/apt that the
    Dockerfile writes or copies, or APT_CONFIG.
    """
    if image.variable("APT_CONFIG", run) is not None:
        return True
    return image.configured_from["apt"] <= image.position(run)


def idle_installs(image: Image) -> frozenset[Span]:
    """The pip steps that ask for names alone which earlier steps of the image have certainly installed into the same
    environment: pip leaves these as they are, and downloads nothing.
    """
    idle: set[Span] = set()
    there: dict[str, set[str]] = {}  # by the environment's directory
    for one in image.installed.steps:
        if one.place is None or one.stage not in image.lineage:
            continue
        names = there.setdefault(one.place, set())
        if _asks_for_names(one.step) and all(normal_name(name) in names for name in one.step.names):
            idle.add(one.step.span)
        names.update(one.contents.found)
    return frozenset(idle)


def _asks_for_names(step: Step) -> bool:
    """Whether pip is given names alone, without versions, extras, files, and options that make it look for more."""
    if not step.complete or step.requirements or step.local or step.editable or not step.packages or step.has(*_ANEW):
        return False
    if step.command is not None and step.command.words[0].span.start != step.span.start:
        return False  # `poetry run pip`: the environment is another program's
    return all(one.name and not one.requirement for one in step.packages)


def cache_is_elsewhere(image: Image, run: Run, step: Step) -> bool:
    """Whether what a manager downloads does, or may, land outside the layer: in a cache mount or a tmpfs, or where a
    setting puts it that cannot be followed.
    """
    option = step.option("--cache-dir", "--cache")
    directories = list(CACHE_DIRECTORIES.get(step.manager, ()))
    for name in _CACHE_VARIABLES.get(step.manager, ()):
        if is_set(image, run, step, name):
            pair = image.variable(name, run)
            value = step.environment.get(name) or (pair.value if pair is not None else None)
            if value is None:
                return True
            directories.append(value)
    if option is not None:
        if option.value is None:
            return True
        directories = [option.value]
    return run.volatile(*directories)


def downloads_left(image: Image) -> Iterator[tuple[Run, Step]]:
    """For each RUN of an image and each system package manager, conda or npm in it whose lists or downloads stay in the
    layer: the step that fetches them. Removing them in a later RUN does not count: the layer is written by then. Of uv
    it is the first step alone: later ones mostly install what is in the cache already.
    """
    uv = False
    for run in image.every(Run):
        cleaned = cleanups(run.command)
        kept: dict[str, Step] = {}
        for step in image.steps_of(run):
            # What stays of apt's lists are those of the last update.
            first = step.manager == "apt" or step.manager not in kept
            if step.manager == "uv" and (uv or not _is_copied(image, run, step)):
                continue
            if first and _fetches(step) and not cache_is_elsewhere(image, run, step):
                kept[step.manager] = step
                uv = uv or step.manager == "uv"
        yield from ((run, step) for name, step in kept.items() if not getattr(cleaned, _CLEANED[name]))


# What stands in front of a program of a virtual environment or of npm.
_LAUNCHES = frozenset("uv uvx poetry pdm rye pipenv npx pnpm run exec dlx -m --".split())


def browser_libraries(image: Image) -> Iterator[tuple[Run, Call, str]]:
    """The calls by which Playwright installs the libraries of its browsers, and how a reader calls them: it has apt
    fetch its package lists and removes nothing (packages/playwright-core/src/server/registry/dependencies.ts).
    """
    if image.base is None or image.base.distribution not in ("debian", "ubuntu"):
        return
    for run in image.every(Run):
        for call in calls(run.command) if "playwright" in run.arguments_span.text else ():
            words = [bare_text(one) for one in call.arguments]
            at = words.index("playwright") if "playwright" in words else len(words)
            if not all(one in _LAUNCHES or is_python(one) for one in words[:at]) or run.volatile("/var/lib/apt/lists"):
                continue
            word = next((one for one in ("install-deps", "--with-deps") if one in words[at:]), None)
            behind = run.span.source.text[call.span.end : run.span.end]
            if word is not None and not re.search(r"/var/lib/apt|\bapt(?:-get)? dist-?clean", behind):
                yield run, call, "playwright install-deps" if word == "install-deps" else f"playwright install {word}"


def lists_are_used_behind(image: Image, run: Run) -> bool:
    """Whether a later RUN, of whatever stage, looks packages up in lists that it has not fetched itself."""
    return run.span.start < image.last_use_of_lists


def user_of_lists(image: Image, run: Run) -> Step | None:
    """The first step of a stage built on that of a RUN, and no part of the image, which looks packages up in the lists
    that the RUN fetches; None where there is none.
    """
    if not lists_are_used_behind(image, run):
        return None
    for stage in image.dockerfile.stages:
        if stage in image.lineage or not any(run in one.instructions for one in stage.lineage):
            continue
        for step in (step for one in stage.of(Run) for step in image.steps_of(one) if step.manager == "apt"):
            if step.action == "update" or step.has("--update"):
                break
            if step.action == "install" and not step.local:
                return step
    return None


def last_use_of_lists(image: Image) -> int:
    """Where the last RUN of the file begins that looks packages up in lists that it has not fetched itself; -1 where
    none does.
    """
    for stage in reversed(image.dockerfile.stages):
        for one in reversed(stage.instructions):
            for step in image.steps_of(one) if isinstance(one, Run) else ():
                if step.manager == "apt" and (step.action == "update" or step.has("--update")):
                    break
                if step.manager == "apt" and step.action in ("install", "upgrade", "download"):
                    return one.span.start
    return -1


_CLEANED = {
    "apt": "apt_lists",
    "apk": "apk_cache",
    "dnf": "dnf_cache",
    "conda": "conda_cache",
    "npm": "npm_cache",
    "uv": "uv_cache",
}


def _is_copied(image: Image, run: Run, step: Step) -> bool:
    """Whether uv certainly copies what it installs out of a cache that it keeps. By default it makes hard links, which
    take no room.
    """
    if step.program not in ("uv", "uv pip") or step.has("--no-cache", "--no-cache-dir", "--config-file"):
        return False
    if any(is_set(image, run, step, name) for name in ("UV_NO_CACHE", "XDG_CACHE_HOME", "UV_CONFIG_FILE")):
        return False
    option, pair = step.option("--link-mode"), image.variable("UV_LINK_MODE", run)
    if option is not None:
        mode = option.value
    else:
        mode = step.environment.get("UV_LINK_MODE", pair.value if pair is not None else None)
    return mode == "copy" and not _configures_uv(image)


def _configures_uv(image: Image) -> bool:
    """Whether a file that the build is sent sets uv's cache."""
    sources = {passage.source for passage in image.passages if passage.source}
    paths = {"pyproject.toml", "uv.toml", *(path for path in sources if path.endswith(("pyproject.toml", "uv.toml")))}
    texts = [source.text for build in image.builds for path in paths if (source := build.text_of(path)) is not None]
    return any(re.search(_UV_CONFIGURED, text) for text in texts)


def _fetches(step: Step) -> bool:
    """Whether it writes the lists or the cache that `downloads_left` is about."""
    if step.has("--simulate", "--dry-run", "--help") or step.manager not in _CLEANED:
        return False
    if step.manager == "apt":
        if step.conditional:
            return False  # it may be for a build of another kind alone
        return step.action == "update" or (step.action == "install" and step.has("--update"))
    if step.manager == "apk":
        return step.action in ("update", "install", "upgrade") and not step.has("--no-cache")
    return step.action in ("install", "sync", "upgrade")


def configured_from(image: Image) -> dict[str, int]:
    """The position in the image of the first instruction that writes, or may write, a configuration file: one of `pip`
    that switches its cache off, one of `apt` that may leave recommended packages out. Behind the last when there is
    none.
    """
    first = dict.fromkeys(("pip", "apt"), len(image.instructions))
    for at, instruction in reversed(list(enumerate(image.instructions))):
        if isinstance(instruction, (Run, Transfer)):
            texts = (instruction.text, *(heredoc.body for heredoc in instruction.heredocs))
            places = _destinations(instruction) if isinstance(instruction, Transfer) else []
            if any(_PIP_CONFIGURED.search(text) for text in texts) or any(one.endswith(_PIP_FILES) for one in places):
                first["pip"] = at
            if any(_RECOMMENDS.search(text) for text in texts) or any(_APT_FILES.match(one) for one in places):
                first["apt"] = at
    return first


def _destinations(transfer: Transfer) -> list[str]:
    """Where a COPY puts something, and the names of the files: `COPY pip.conf /etc/` tells by its source."""
    names = ["/" + (word.value or word.text).rstrip("/").rpartition("/")[2] for word in transfer.sources]
    return [transfer.destination.value or transfer.destination.text, *(name for name in names if "." in name)]
