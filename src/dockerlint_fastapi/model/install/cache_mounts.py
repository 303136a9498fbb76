"""Cache mounts that are of no use: the tool keeps no cache, keeps it elsewhere, or cannot share it."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.dockerfile import Arg, Env, Run, User
from dockerlint_fastapi.model.install import calls
from dockerlint_fastapi.model.install.removal import emptier
from dockerlint_fastapi.model.instructions.accounts import uid_of
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerlint_fastapi.model.dockerfile import Mount, Stage
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install import Option, Step

# Each tool's cache below a home directory, the variables that put it elsewhere, and those that switch it off.
_TOOLS = {
    "pip": ("/.cache/pip", ("PIP_CACHE_DIR", "XDG_CACHE_HOME"), ("PIP_NO_CACHE_DIR",)),
    "uv": ("/.cache/uv", ("UV_CACHE_DIR", "XDG_CACHE_HOME"), ("UV_NO_CACHE",)),
    "poetry": ("/.cache/pypoetry", ("POETRY_CACHE_DIR", "XDG_CACHE_HOME"), ()),
    "pdm": ("/.cache/pdm", ("PDM_CACHE_DIR", "XDG_CACHE_HOME"), ("PDM_NO_CACHE",)),
    "pipenv": ("/.cache/pipenv", ("PIPENV_CACHE_DIR", "XDG_CACHE_HOME"), ("PIP_NO_CACHE_DIR",)),
}
_CONDA = "/opt/conda/pkgs"  # of Docker's images of conda
_POETRY_TOLD = r"(?<!no-)cache-dir"
_NO_CACHE = ("--no-cache-dir", "--no-cache")
_FETCHING = frozenset(("install", "sync", "upgrade", "download", "lock"))
_OFF = frozenset(("", "0", "false", "no", "off", "n", "f"))


class CacheFault(NamedTuple):
    """A cache mount that does not do what it is for. `kind`: `off` (an option or a variable switches the cache off),
    `elsewhere` (no tool of the RUN keeps its cache there), `home` (the cache is another user's), `owner` (the mount in
    the user's home is root's, as it has no `uid`), `emptied` (the RUN itself empties it), `unlocked` (apt of two stages
    at once), `lone` (of one stage, without a lock for another build), `cleaned` (Debian's image empties the directory),
    `link` (uv cannot link out of it).

    `below` is the fault that shows once this one is mended (of `elsewhere` `beside`: another mount is the right one),
    and `runs` are those with the mount: of `link` the first of each stage, as one variable mends a whole stage.
    `user` and `ids` (`uid` and perhaps `gid`, as far as they can be told) are whose RUN it is: of `owner`.
    """

    kind: str
    span: Span
    mount: Mount
    tool: str
    other: Span | None  # what switches it off or empties it, or the step that does not use it
    option: Option | None
    step: Step | None
    runs: tuple[Run, ...]
    below: str | None = None
    user: str = ""
    ids: tuple[tuple[str, str], ...] = ()


class _Place(NamedTuple):
    """A cache mount, with what it stands in."""

    image: Image
    stage: Stage
    run: Run
    mount: Mount
    target: str


def cache_faults(image: Image) -> Iterator[CacheFault]:
    """The faults in an image and in the stages that it copies from, in order."""
    faults = list(_every(image))
    links = [one for one in faults if one.kind == "link"]
    stages = {
        stage: one for stage in image.dockerfile.stages for one in links[::-1] if one.runs[0] in stage.instructions
    }
    for fault in faults:
        if fault.kind != "link":
            yield fault
        elif fault is links[0]:
            yield fault._replace(runs=tuple(one.runs[0] for one in stages.values()))


def _every(image: Image) -> Iterator[CacheFault]:
    for stage in sorted((*image.lineage, *image.builders), key=lambda one: one.index):
        for run in stage.of(Run):
            if not run.mounts:
                continue
            steps = [_downloading(image, step) for step in image.steps_of(run) if step.action in _FETCHING]
            for mount in run.mounts:
                target = (mount.target or "").rstrip("/")
                if mount.type == "cache" and target and "$" not in target:
                    yield from _of_mount(_Place(image, stage, run, mount, target), steps)


def _downloading(image: Image, step: Step) -> Step:
    """A step as one of the tool that downloads for it: of Hatch pip, or uv where its environment says so."""
    if step.manager != "hatch":
        return step
    made = next((one.hatch for one in image.installed.steps if one.step.span == step.span), None)
    elsewhere = any("HATCH_ENV_TYPE_VIRTUAL_UV_PATH" in one.text for one in image.instructions)
    return step if made is None or elsewhere else step._replace(manager=made.installer)


def _of_mount(place: _Place, steps: list[Step]) -> Iterator[CacheFault]:
    _, stage, run, mount, target = place
    if target in ("/var/cache/apt", "/var/lib/apt", "/var/lib/apt/lists"):
        yield from _of_apt(place)
        return
    if target == _CONDA:
        yield from _of_conda(place, [step for step in steps if step.manager == "conda"])
        return
    mine = [step for step in steps if step.manager in _TOOLS and _covers(target, step.manager)]
    if not mine:
        owner = next((tool for tool, facts in _TOOLS.items() if target.endswith(facts[0])), None)
        others = [step for step in steps if step.manager in _TOOLS]
        if owner is not None and others and _only_these(run, others) and not _redirected(stage, run, others):
            beside = any(_is_cache_of(one, others) for one in run.mounts)
            tool, head = others[0].manager, others[0].head
            below = "beside" if beside else None
            yield CacheFault("elsewhere", mount.span, mount, tool, head, None, others[0], (run,), below)
        return
    if _redirected(stage, run, mine):
        return
    emptied = emptier(run.command, target, mine[0].manager)
    if emptied is not None:
        yield CacheFault("emptied", mount.span, mount, mine[0].manager, emptied, None, mine[0], (run,))
        return
    off = [fault for step in mine for fault in _switched_off(stage, run, mount, step)]
    roots = _roots_own(place, mine[0]) if len(off) < len(mine) or off[0].option is not None else None
    if roots is not None:
        mended = len(off) == len(mine) == 1 and off[0].below is None
        yield roots._replace(other=off[0].other, option=off[0].option if mended else None) if off else roots
        return
    if len(off) >= len(mine):
        relinks = mine[0].manager == "uv" and _copies_unasked(stage, run, mine)
        yield off[0]._replace(below="link") if relinks and off[0].below is None else off[0]
        return
    user = _user(stage, run)
    if target.startswith("/root/") and user and user not in ("root", "0"):
        if stage.variable("HOME", before=run) is None and all("HOME" not in step.environment for step in mine):
            yield CacheFault("home", mount.span, mount, mine[0].manager, None, None, mine[0], (run,))
        return
    if mine[0].manager == "uv" and _copies_unasked(stage, run, mine):
        yield CacheFault("link", mount.span, mount, "uv", None, None, mine[0], (run,))


def _is_cache_of(mount: Mount, steps: list[Step]) -> bool:
    """Whether a mount is where one of the steps keeps its cache."""
    target = (mount.target or "").rstrip("/")
    return mount.type == "cache" and any(_covers(target, one.manager) for one in steps)


def _of_conda(place: _Place, mine: list[Step]) -> Iterator[CacheFault]:
    """A mount of the packages that conda unpacks, which `conda clean` in the same RUN removes again."""
    emptied = emptier(place.run.command, place.target, "conda") if mine else None
    if emptied is not None and not any("CONDA_PKGS_DIRS" in one.text for one in place.stage.instructions):
        yield CacheFault("emptied", place.mount.span, place.mount, "conda", emptied, None, mine[0], (place.run,))


def _covers(target: str, tool: str) -> bool:
    """Whether a directory holds a tool's cache, as far as that is below a home."""
    place = _TOOLS[tool][0]
    return target.endswith((place, "/.cache")) or f"{place}/" in f"{target}/"


def _only_these(run: Run, steps: list[Step]) -> bool:
    """Whether a RUN calls nothing but these steps and what fetches nothing."""
    names = {step.program.partition(" ")[0] for step in steps} | {"cd", "set", "echo", "export", "rm", "mkdir", "find"}
    return all(call.name in names or (call.name or "").startswith("python") for call in calls(run.command)) and all(
        step.span.source is run.span.source for step in steps
    )


def _redirected(stage: Stage, run: Run, steps: list[Step]) -> bool:
    """Whether an option or a variable puts a cache elsewhere."""
    for step in steps:
        names = _TOOLS[step.manager][1]
        if step.has("--cache-dir") or any(name in step.environment for name in names):
            return True
        if any(stage.variable(name, before=run) is not None for name in names):
            return True
        if step.manager == "poetry" and any(re.search(_POETRY_TOLD, one.text) for one in stage.instructions):
            return True
    return False


def _switched_off(stage: Stage, run: Run, mount: Mount, step: Step) -> Iterator[CacheFault]:
    """What makes a step keep no cache, the nearest first."""
    # Poetry keeps each wheel all the same (python-poetry/poetry#6445).
    option = step.option(*_NO_CACHE) if step.manager != "poetry" else None
    if option is not None:
        fault = CacheFault("off", mount.span, mount, step.manager, option.word.span, option, step, (run,))
        others = [one for one in step.options if one.name in _NO_CACHE]
        yield fault._replace(below="off") if len(others) > 1 or _is_off(stage, run, step) else fault
        return
    for name in _TOOLS[step.manager][2]:
        if name in step.environment:
            value, span = step.environment[name], step.head
        else:
            pair = stage.variable(name, before=run)
            value, span = (pair.value, pair.span) if pair is not None else ("", step.head)
        # pip takes any value for yes
        if value is not None and (value != "" if name.startswith("PIP_") else value.lower() not in _OFF):
            yield CacheFault("off", mount.span, mount, step.manager, span, None, step, (run,))
            return


def _is_off(stage: Stage, run: Run, step: Step) -> bool:
    """Whether a variable switches a step's cache off, or may."""
    names = _TOOLS[step.manager][2]
    return any(name in step.environment or stage.variable(name, before=run) is not None for name in names)


def _roots_own(place: _Place, step: Step) -> CacheFault | None:
    """What is wrong with a mount in the home of a user who may not write there: it belongs to root, and only to root is
    it open, unless `uid`, `gid` or `mode` say something else (Docker's reference of the Dockerfile).
    """
    _, stage, run, mount, target = place
    account = _account(stage, run) or ""
    user, _, group = account.partition(":")
    if not target.startswith("/home/") or user in ("", "root", "0") or "from" in mount.options:
        return None
    if not mount.options.keys().isdisjoint(("uid", "gid", "mode")) or "sudo" in run.command.text:
        return None
    ids = tuple((name, one) for name, one in (("uid", user), ("gid", group)) if one.isdigit())
    made = () if user.isdigit() else tuple(("uid", one) for one in [uid_of(stage, run, user)] if one is not None)
    return CacheFault("owner", mount.span, mount, step.manager, None, None, step, (run,), user=user, ids=(*made, *ids))


def _user(stage: Stage, run: Run) -> str | None:
    """The user of the USER in force; None when none is written, or it cannot be told."""
    return (_account(stage, run) or "").partition(":")[0] or None


def _account(stage: Stage, run: Run) -> str | None:
    """What the USER in force says; None when none is written, or it cannot be told."""
    found: str | None = None
    for one in stage.lineage:
        for instruction in one.instructions:
            if instruction is run:
                return found
            if isinstance(instruction, User):
                found = instruction.user.value or None
    return found


def _copies_unasked(stage: Stage, run: Run, steps: list[Step]) -> bool:
    """Whether uv is not told to copy out of the cache, which lies on another file system than what it installs."""
    installs = [step for step in steps if step.action in ("install", "sync") and "tool" not in step.program]
    if not installs or any(step.has("--link-mode") or "UV_LINK_MODE" in step.environment for step in installs):
        return False
    instructions = [one for each in stage.lineage for one in each.instructions if isinstance(one, (Env, Arg))]
    return stage.variable("UV_LINK_MODE", before=run) is None and not any("UV_LINK" in one.text for one in instructions)


def _of_apt(place: _Place) -> Iterator[CacheFault]:
    image, stage, run, mount, target = place
    mine = [step for step in image.steps_of(run) if step.manager == "apt"]
    if not mine:
        return
    cleaned = target == "/var/cache/apt" and not _keeps_packages(image, stage, run)
    unlocked = _is_unlocked(mount)
    fault = CacheFault("cleaned", mount.span, mount, "apt", None, None, mine[0], (run,))
    emptied = emptier(run.command, target, "apt")
    if emptied is not None:
        yield fault._replace(kind="emptied", other=emptied, below="cleaned" if cleaned else None)
    elif unlocked and _is_shared(place):
        yield fault._replace(kind="unlocked", below="cleaned" if cleaned else None)
    elif cleaned:
        yield fault._replace(below="lone" if unlocked else None)
    elif unlocked:
        yield fault._replace(kind="lone")


def _is_unlocked(mount: Mount) -> bool:
    return mount.options.get("sharing", "shared") not in ("locked", "private")


def _is_shared(place: _Place) -> bool:
    """Whether another stage, which BuildKit may build at the same time, mounts the same cache without a lock."""
    own = place.mount.options.get("id", place.target)
    for stage in (*place.image.lineage, *place.image.builders):
        if stage is place.stage or stage in place.stage.lineage or place.stage in stage.lineage:
            continue
        for mount in (mount for run in stage.of(Run) for mount in run.mounts if mount.type == "cache"):
            if mount.options.get("id", (mount.target or "").rstrip("/")) == own and _is_unlocked(mount):
                return True
    return False


def _keeps_packages(image: Image, stage: Stage, run: Run) -> bool:
    """Whether apt keeps, or may keep, what it downloads: a file in Docker's images of Debian and Ubuntu forbids it."""
    base = image.base_of(stage)[1]
    if base is None or base.distribution not in ("debian", "ubuntu"):
        return True
    for one in (each for stage_of in stage.lineage for each in stage_of.instructions):
        if re.search(r"docker-clean|(?i:keep-downloaded-packages)|/etc/apt/apt\.conf", one.text):
            return True
        if one is run:
            break
    return False
