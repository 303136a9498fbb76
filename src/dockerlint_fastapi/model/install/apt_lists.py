"""How RUNs use apt: with package lists of which day, and whether it may ask a question that nobody answers."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.dockerfile import Run
from dockerlint_fastapi.model.install import calls_and_steps, cleanups
from dockerlint_fastapi.model.install.call import bare_text
from dockerlint_fastapi.model.install.debian_relations import brings_others, dependencies, recommends_nothing
from dockerlint_fastapi.model.programs.run_programs import runs_unread
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from dockerlint_fastapi.model.bases.base_image import BaseImage
    from dockerlint_fastapi.model.dockerfile import Stage
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install import Call, Step

_LISTS = "/var/lib/apt/lists"
# Base images whose layers hold no package lists.
_BARE = frozenset("python uv debian ubuntu buildpack-deps node pypy".split())
_UPDATERS = frozenset(("add-apt-repository", "apt-add-repository", "apt-file", "extrepo"))
_SILENT = ("--simulate", "--print-uris", "--help", "--version", "--assume-no", "--trivial-only", "--no-act")
_ASSUMED = pattern(r"(?i)apt::get::assume-yes[\s=]+[\"']?(true|yes|on|1|with|enable)")


class AptFault(NamedTuple):
    """A misuse of apt. `kind`: `split` (the lists are of another RUN), `missing` (there are none), `prompt` (it asks,
    and nobody answers), `perhaps` (it asks when it needs more than the packages that are named, which cannot be told),
    `interactive` (`apt`, which is made for people).
    """

    kind: str
    step: Step
    span: Span
    other: Span | None  # of `split`: where the lists are fetched, or used
    run: Run
    user: Run | None = None  # of `split`: the RUN that uses the lists, when another one than `run`
    steps: tuple[Step, ...] = ()  # of `interactive`: all that are so in this RUN


class _Lists(NamedTuple):
    """The package lists at one point of a stage: `none`, `kept` (fetched by `step`), or `unknown`."""

    state: str
    step: Step | None = None
    stage: Stage | None = None
    run: Run | None = None
    used: bool = False  # its own RUN installs from them as well


def apt_faults(image: Image) -> Iterator[AptFault]:
    """What is wrong with apt in an image and in the stages that it copies from, in order."""
    assumed = any(_ASSUMED.search(one.text) for stage in image.dockerfile.stages for one in stage.instructions)
    ends: dict[Stage, _Lists] = {}
    packages: dict[Stage, set[str]] = {}
    for stage in sorted((*image.lineage, *image.builders), key=lambda one: one.index):
        own = image.base_of(stage)[1]
        base = own if stage.base is None else None
        present = set(packages.get(stage.base, ())) if stage.base is not None else set()
        bare = base is not None and base.family in _BARE and base.distribution in ("debian", "ubuntu")
        lists = (
            ends.get(stage.base, _Lists("unknown")) if stage.base is not None else _Lists("none" if bare else "unknown")
        )
        for run in stage.of(Run):
            empty = lists.state == "none"
            lists = yield from _of_run(run, stage, lists)
            yield from _manners(run, own, present, assumed=assumed, empty=empty)
        ends[stage], packages[stage] = lists, present


def _of_run(run: Run, stage: Stage, lists: _Lists) -> Generator[AptFault, None, _Lists]:
    """The faults with package lists of one RUN; returns those that it leaves behind."""
    if run.volatile(_LISTS) or runs_unread(run.command):
        return _Lists("unknown")
    fetched: Step | None = None
    used = False
    for call, step in calls_and_steps(run.command):
        if call.name in _UPDATERS:
            lists, fetched = _Lists("unknown"), None
        if step is None or step.manager != "apt":
            continue
        if step.action == "update" or step.has("--update"):
            fetched, used = step, False
        if not _reads_lists(step):
            continue
        used = True
        if fetched is not None or step.conditional:
            continue
        if lists.state == "none":
            yield AptFault("missing", step, step.head, None, run)
        elif lists.state == "kept" and lists.step is not None and lists.stage is stage:
            first, second = (step.head, lists.step.head) if lists.used else (lists.step.head, step.head)
            yield AptFault("split", step, first, second, run if lists.used else lists.run or run, run)
        lists = _Lists("unknown")  # it is told once
    if cleanups(run.command).apt_lists:
        return _Lists("none")
    return lists if fetched is None else _Lists("kept", fetched, stage, run, used)


def _reads_lists(step: Step) -> bool:
    """Whether it looks packages up in the lists."""
    if step.has(*_SILENT):
        return False
    return step.action == "upgrade" or (step.action in ("install", "download") and bool(step.packages))


def _manners(run: Run, base: BaseImage | None, present: set[str], *, assumed: bool, empty: bool) -> Iterator[AptFault]:
    """The calls that ask a question, and the first that is made for people. `present` are the packages that earlier
    calls have installed; those of this RUN are added. `empty` tells that it begins without package lists.
    """
    polite = False
    for call, step in calls_and_steps(run.command):
        if step is None or step.manager != "apt":
            continue
        empty = empty and step.action != "update" and not step.has("--update")
        if empty and step.action == "upgrade":
            continue  # it knows of nothing newer, asks nothing, and ends well
        question = _question(step, base, present) if not assumed and _asks(call, step) else None
        if question is not None:
            yield AptFault(question, step, step.head, None, run)
        if _is_for_people(step) and not polite:
            polite = True
            others = tuple(one for _, one in calls_and_steps(run.command) if one is not None and _is_for_people(one))
            yield AptFault("interactive", step, call.arguments[0].span, None, run, steps=others)
        if step.action == "remove":
            present.difference_update(step.names)
        elif step.action == "install" and not step.conditional and not step.has(*_SILENT, "--download-only"):
            present.update(step.names)


def _is_for_people(step: Step) -> bool:
    return step.program == "apt" and step.action in ("install", "update", "upgrade", "remove")


def _question(step: Step, base: BaseImage | None, present: set[str]) -> str | None:
    """Whether apt has something to ask: `prompt`, `perhaps`, or None.

    It asks before it removes or upgrades something, and before it installs another number of packages than are named,
    also a smaller one: when some of these are there already (apt-private/private-install.cc, `DoInstall`). When all of
    them are there it has nothing to do.
    """
    if step.action != "install":
        return "prompt"
    names = [package.name for package in step.packages if package.name is not None]
    if step.local or len(names) < len(step.packages) or step.has("--reinstall", "--fix-broken"):
        return "perhaps"
    brought = dependencies(present)
    there = {name for name in names if name in present or name in brought}
    absent = [name for name in names if name not in there and is_in_base(name, base) is not True]
    if not absent:
        return None
    certain = [name for name in absent if is_in_base(name, base) is False]
    if certain and (any(map(brings_others, certain)) or there):
        return "prompt"
    alone = all(brings_others(name) is False and (recommends_nothing(name) or not step.recommends) for name in absent)
    return None if alone else "perhaps"


def is_in_base(name: str, base: BaseImage | None) -> bool | None:
    """Whether a package is in a base image; None when that cannot be told."""
    if base is None:
        return None
    found = base.has_package(name)
    # The slim images of other releases hold hardly more than those that the table knows, nor does Ubuntu's.
    if found is None and (base.family == "ubuntu" or (base.family in _BARE and base.variant == "slim")):
        return False if brings_others(name) else None
    return found


def _asks(call: Call, step: Step) -> bool:
    """Whether apt asks before it goes on: neither `-y`, nor `-qq`, which implies it, nor an answer down a pipe."""
    if step.action not in ("install", "upgrade", "remove") or (step.action != "upgrade" and not step.packages):
        return False
    if step.subcommand in ("autoremove", "auto-remove", "autopurge") or step.has("--yes", *_SILENT):
        return False
    quiet = [one for one in step.options if one.name == "--quiet"]
    if len(quiet) > 1 or any(one.value not in (None, "1") for one in quiet) or not step.complete:
        return False
    if any(re.search(r"-q+=|-qq|--force-yes|-[a-z]*y", bare_text(word)) for word in call.arguments[1:]):
        return False
    if any(one.name == "--option" and re.match(r"(?i)apt::get", one.value or "apt::get") for one in step.options):
        return False
    simple = call.command
    answered = simple is not None and (
        simple.before in ("|", "|&") or any("<" in one.operator for one in simple.redirects)
    )
    return not (answered or call.xargs)
