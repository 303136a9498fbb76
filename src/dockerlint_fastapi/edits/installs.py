"""Installations in a RUN: options of package managers, commands at either end of it, and its place among the layers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from dockerlint_fastapi.edits import dockerfile, ignore_file, lines, shell, words
from dockerlint_fastapi.finding import Edit
from dockerlint_fastapi.model.context.passage import behind_workdirs, place_of
from dockerlint_fastapi.model.dockerfile import (
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    Healthcheck,
    Instruction,
    Label,
    Run,
    Stage,
    Transfer,
    User,
    Workdir,
)
from dockerlint_fastapi.model.install import PYTHON_MANAGERS, SYSTEM_MANAGERS, calls_and_steps
from dockerlint_fastapi.model.install.manifest import plain
from dockerlint_fastapi.model.project import compose_texts
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install import Call, Step
    from dockerlint_fastapi.model.install.distributions import Installation
    from dockerlint_fastapi.model.install.layer_order import LateInstall
    from dockerlint_fastapi.model.install.locks import LockUse
    from dockerlint_fastapi.model.project import Project

_BLANK = r"(?:[ \t\r\n]|[\\`][ \t]*\r?\n)*"
_AND = r"[ \t]*(?:[\\`][ \t]*\r?\n[ \t]*)?&&[ \t]*(?:[\\`][ \t]*\r?\n[ \t]*)?"
_ENDED = r"[ \t]*;[ \t]*([\\`][ \t]*\r?\n[ \t]*)"
_MOST_ALONE = 20  # instructions that one fix removes
# Programs that need nothing of the code, and leave nothing that the installation would not find anyway.
_INDIFFERENT = frozenset("rm find echo set mkdir true date curl wget chmod chown useradd groupadd adduser".split())
# What an installer of projects leaves the project itself out by.
_WITHOUT_PROJECT = {"uv": "--no-install-project", "poetry": "--no-root", "pdm": "--no-self"}
_LOCKS = {"uv": "uv.lock", "poetry": "poetry.lock", "pdm": "pdm.lock", "pipenv": "Pipfile.lock"}
_NO_PACKAGE = r"(?m)^[ \t]*package(?:-mode)?[ \t]*=[ \t]*false"
_SYSTEM = r"(?m)^[ \t]*\[build-system\]"
# Options of `uv run` with which it installs nothing, or nothing of the group `dev`, anywhere in front of the program.
_INSTALLS_LESS = r"[^\n]*?--(?:no-sync|no-dev|no-default-groups|only-group|no-project)\b"
_OPTIONS = 200  # characters of these
_INCLUDES = r"(?m)^[ \t]*(?:-[rc]|--requirement|--constraint)[ =]?[ \t]*([^\s#]+)"


def with_option(step: Step, option: str) -> Edit | None:
    """An option behind the words that chose a step's action: `apt-get install --no-install-recommends`; behind a `-y`
    that stands there, which people write first.
    """
    place = step.action_span
    if place is None:
        return None
    for one in step.options:
        span = one.word.span
        if one.name == "--yes" and span.source is place.source and one.word.value in ("-y", "--yes"):
            between = span.source.text[place.end : span.start]
            if re.fullmatch(rf"{_BLANK}(?:,{_BLANK})?", between) and between:
                return words.behind(span, option)
    edit = words.behind(place, option)
    around = place.source.text[place.start - 1 : place.start] + place.source.text[place.end : place.end + 1]
    if edit is None and len(around) == 2 and not around.strip() and place.text[:1] not in ("'", '"'):
        return Edit.behind(place, f" {option}")  # a comment stands in front of it, between its lines
    return edit


def without_groups(manager: str, groups: Sequence[str]) -> str | None:
    """The option by which an installer of projects leaves out groups that it takes by default; None for pip."""
    if manager == "uv":
        return " ".join("--no-dev" if name == "dev" else f"--no-group {name}" for name in groups)
    if manager == "poetry":
        return f"--without {','.join(groups)}"
    return "--prod" if manager == "pdm" else None


def without_development(image: Image, found: Sequence[Installation], added: str) -> tuple[Edit, ...] | None:
    """An option that leaves groups out for installations, for all other `uv sync` of their RUNs (`… || uv sync`), and
    for `uv run` at the start of a container, which installs what is missing. None where one of these cannot have it.
    """
    changes: list[Edit | None] = []
    for one in found:
        steps = [each for each in image.steps_of(one.run) if each.manager == "uv" and each.subcommand == "sync"]
        changes += [with_option(each, added) for each in steps or [one.step] if not each.has(*added.split()[:1])]
    if found[0].step.manager == "uv":
        for container in image.containers:
            if not container.development:
                changes += _without_sync(container, added)
    edits = dict.fromkeys(one for one in changes if one is not None)
    return tuple(edits) if None not in changes else None


def _without_sync(container: Container, added: str) -> Iterator[Edit | None]:
    """An option for the `uv run` that starts a container; None where one that installs is not found."""
    sync = container.runtime_sync
    if sync is not None:
        if not re.match(_INSTALLS_LESS, sync.run.source.text[sync.run.end : sync.run.end + _OPTIONS]):
            yield words.behind(sync.run, *added.split())
        return
    for program in container.programs:
        text = program.span.source.text
        before = text[max(0, program.span.start - _OPTIONS) : program.span.start].rpartition("uv")[2]
        if "uv run" in program.wrappers and not re.search(_INSTALLS_LESS, before):
            yield None


def appended(run: Run, command: str) -> Edit | None:
    """A command at the end of a RUN, joined by `&&` as the ones before it are; None in exec form, when comments follow,
    and when the RUN ends within a construct.
    """
    script = run.command.script
    last = script.last if script is not None and not script.problems else None
    source = run.span.source
    if run.command.exec_form or script is None or last is None or last.span.source is not source or last.after:
        return None
    if len(run.heredocs) > 1 or (run.heredocs and not _within(last.span, run.heredocs[0].body_span)):
        return None
    end = run.heredocs[0].body_span.end if run.heredocs else run.span.end
    if not re.fullmatch(_BLANK, source.text[last.span.end : end]) or any(one.body for one in last.redirects):
        return None
    beside = [one for one in script.commands if not one.nesting and one.span.end <= last.span.start]
    gaps = [source.text[one.span.end : other.span.start] for one, other in pairwise((*beside, last))]
    gap = next((one for one in reversed(gaps) if "\n" in one), "")
    if re.fullmatch(_AND, gap):
        return Edit.behind(last.span, f"{gap}{command}")
    ended = re.fullmatch(_ENDED, gap)
    if ended is not None:  # `; \`: what failed in front of it is not to be hidden
        return Edit.behind(last.span, f" && {ended[1]}{command}")
    mark = re.search(r"([\\`])[ \t]*\r?\n([ \t]*)[^\n]*\Z", last.span.text)
    if mark is not None:
        return Edit.behind(last.span, f" {mark[1]}\n{mark[2] or '    '}&& {command}")
    return Edit.behind(last.span, f" && {command}")


def alone_behind(image: Image, run: Run, command: str) -> tuple[Edit, ...]:
    """Removes each later RUN of the stage that is that command and nothing else, as it does nothing for the layer of
    this one; empty when there is none.
    """
    start = run.span.start
    # a stage that begins in front of both is the stage of both
    behind = (one for stage, one in image.lone_runs(command) if stage.from_.span.start < start < one.span.start)
    found = [dockerfile.without(one) for one in islice(behind, _MOST_ALONE)]
    return tuple(one for one in found if one is not None)


def put_first(run: Run, command: str) -> Edit | None:
    """A command at the beginning of a RUN that is one list of `&&`; None for any other."""
    script = run.command.script
    if run.command.exec_form or run.heredocs or script is None or script.problems or script.comments:
        return None
    own = [one for one in script.commands if not one.nesting]
    if not own or any(one.before not in ("", "&&", "|") for one in own) or own[0].span.source is not run.span.source:
        return None
    if own[0].span.start != run.arguments_span.start or own[0] is not script.commands[0]:
        return None
    return Edit.before(run.arguments_span, f"{command} && ")


def joined(first: Run, second: Run) -> tuple[Edit, ...] | None:
    """The command of one RUN in front of those of a later one, and no RUN of its own any more; None unless it is one
    command, and the later RUN one list of `&&`.
    """
    script = first.command.script
    if first.flags or first.heredocs or script is None or script.comments or len(script.commands) != 1:
        return None
    (only,) = script.commands
    if only.nesting or only.after or only.span.text != first.arguments_span.text.strip() or "\n" in only.span.text:
        return None
    gone, there = dockerfile.without(first), put_first(second, only.span.text)
    return None if gone is None or there is None else (gone, there)


def as_apt_get(steps: tuple[Step, ...]) -> tuple[Edit, ...] | None:
    """`apt-get` in place of `apt`; None for an upgrade, which the two do differently."""
    found: list[Edit | None] = []
    for step in steps:
        called = next((one for one in step.command.words if one.value == "apt"), None) if step.command else None
        same = called is not None and step.action != "upgrade"
        found.append(words.instead(called.span, "apt-get") if called is not None and same else None)
    return tuple(one for one in found if one is not None) if found and None not in found else None


def without_index(run: Run, steps: tuple[Step, ...]) -> tuple[Edit, ...] | None:
    """`--no-cache` for each `apk add` of a RUN, and no `apk update` any more, which that makes needless; None when
    nothing is added.
    """
    found: list[Edit | None] = []
    script = run.command.script
    for step in (one for one in steps if one.manager == "apk"):
        if step.action == "update":
            # an index that stays may be what a later RUN looks packages up in
            found.append(shell.without_command(script, step.command) if script and step.command else None)
        elif step.action in ("install", "upgrade") and not step.has("--no-cache"):
            found.append(with_option(step, "--no-cache"))
    added = [one for one in found if one is not None and one.text]
    return tuple(one for one in found if one is not None) if added and None not in found else None


def _within(span: Span, other: Span) -> bool:
    return other.start <= span.start and span.end <= other.end


def code_last(image: Image, stage: Stage, late: LateInstall) -> tuple[Edit, ...] | None:
    """Copies the manifests of an installation first and the code behind it; an installer that also installs the project
    gets a RUN of its own for the dependencies. None where the installation, or anything up to it, may need the code.
    """
    code, run, step = late.code, late.run, late.step
    if code not in stage.instructions or run not in stage.instructions or code.onbuild or run.onbuild:
        return None
    if code.heredocs or not isinstance(code, Copy) or step.conditional:
        return None
    between = stage.instructions[stage.instructions.index(code) + 1 : stage.instructions.index(run)]
    absolute = (code.destination.value or "").startswith("/")
    if not all(
        _is_indifferent(one) or (absolute and isinstance(one, Workdir)) for one in between
    ) or not _is_indifferent(run):
        return None
    directories = dict(behind_workdirs(image, stage))
    manifests = _manifests(image, stage, late, directories[run])
    if manifests is None:
        return None
    copies = _copies(code, manifests)
    where = _with_comments(code)
    moved = where.text
    apart = "\n" if _is_blank_below(code.full_span) else ""
    if not _installs_project(image, late):
        first = Edit(where, copies) if copies else _removed(where)
        behind = lines.below(run.full_span, f"{apart}{moved}", indent="")
        return None if first is None else (first, behind)
    dependencies = _without_project(
        run, step, locked=f"/{_LOCKS[step.manager]}" in "".join(f"/{m[0]}" for m in manifests)
    )
    if dependencies is None or between:
        return None
    head = f"{copies}\n{apart}" if copies else ""
    return (Edit(where, f"{head}{dependencies}\n{apart}{moved}"),)


def lock_copied_too(image: Image, use: LockUse, option: str | None) -> tuple[Edit, ...] | None:
    """The lock file in the COPY that brings the manifest beside it, and an installation that is held to it; None when
    no COPY names the manifest.
    """
    lock, stage = use.left_out, use.installation.stage
    if lock is None:
        return None
    folder = lock.path.rpartition("/")[0]
    for build in image.builds:
        path = lock.path.removeprefix(f"{build.context}/" if build.context else "")
        if build.excludes(path):  # then it is the ignore file that keeps it out
            back = ignore_file.back_in(build.deciding(path), path) if build.takers(path) else None
            held = None if option is None else with_option(use.installation.step, option)
            both = tuple(one for one in (back, held) if one is not None)
            return both if len(both) == 1 + (option is not None) else None
    for passage in image.passages:
        code = passage.instruction
        if (
            passage.stage not in stage.lineage
            or not isinstance(code, Copy)
            or code.heredocs
            or passage.glob is not None
        ):
            continue
        name = (passage.source or "").rpartition("/")[2]
        if name not in ("pyproject.toml", "Pipfile") or passage.text[:1] in "\"'":
            continue
        above = (passage.source or "").rpartition("/")[0]
        if not any(f"{one}/{above}".strip("/") == folder for one in image.contexts):
            continue
        written = passage.text[: -len(name)] + use.name
        target = code.destination
        if not target.text.endswith((".", "/")) or target.text.endswith(name):
            return None
        changes = [
            words.behind(passage.span, written),
            None if option is None else with_option(use.installation.step, option),
        ]
        if not target.text.endswith("/"):
            changes.append(Edit.behind(target, "/"))
        found = [one for one in changes if one is not None]
        return tuple(found) if changes[0] is not None and (option is None or changes[1] is not None) else None
    return None


def _is_composed(project: Project, text: str) -> bool:
    """Whether a compose file speaks of something."""
    return any(text in one for one in project.index.gathered(compose_texts))


def kept_in_place(image: Image, was: str, now: str, destination: Span) -> tuple[Edit, ...] | None:
    """An environment that is copied to where it was made, and started from there; None when anything but ENV and the
    start speaks of the place where it is now, or may.
    """
    name = now.rpartition("/")[2]
    if not name or was == "/" or image.project.index.answer(_is_composed, now):
        return None
    found: list[Edit] = []
    whole = re.compile(rf"(?<![\w./-]){re.escape(now)}(?![\w.-])")
    for stage in image.lineage:
        for instruction in stage.instructions:
            span = instruction.full_span
            inside = span.start <= destination.start < span.end and isinstance(instruction, Transfer)
            if name not in span.text or (span.end <= destination.start and not inside):
                continue
            if inside:
                if not whole.fullmatch(destination.text.rstrip("/")):
                    return None
                found.append(Edit(destination, was + destination.text[len(now) :]))
                continue
            places = [*whole.finditer(span.text)]
            rest = whole.sub("", span.text)
            if not isinstance(instruction, Env | Cmd | Entrypoint | Healthcheck) or name in rest:
                return None
            found += [Edit(span.source.span(span.start + one.start(), span.start + one.end()), was) for one in places]
    return tuple(found) or None


def _removed(where: Span) -> Edit | None:
    return lines.without(where)


def _is_indifferent(instruction: Instruction) -> bool:
    """Whether an instruction in front of an installation, or the one that installs, needs nothing of the code."""
    if isinstance(instruction, Env | Arg | Label | Expose | User):
        return True
    if isinstance(instruction, Transfer):
        return instruction.from_ is not None
    if not isinstance(instruction, Run) or any(one.type == "bind" for one in instruction.mounts):
        return False
    found = calls_and_steps(instruction.command)
    return bool(found) and all(_needs_no_code(call, step) for call, step in found)


def _needs_no_code(call: Call, step: Step | None) -> bool:
    if step is not None and step.manager in (*PYTHON_MANAGERS, *SYSTEM_MANAGERS):
        return not (step.local or step.editable)
    text = call.command.span.text if call.command is not None else ""
    if re.match(r"(?:python3? -m venv|virtualenv|uv venv)\b", text):
        return True
    return call.name in _INDIFFERENT and not re.search(r"\s(?:\.|\*|[\w-]+/)", text)


def _manifests(image: Image, stage: Stage, late: LateInstall, workdir: str | None) -> list[tuple[str, str]] | None:
    """The files that an installation reads, each as a path of the context and as one below what the COPY of the code
    names; those that an earlier COPY brings are left out. None when that cannot be told.
    """
    builds = [one for one in image.builds if one.certain] or list(image.builds)
    passages = [one for one in image.passages if one.copies and one.stage in stage.lineage]
    if (
        not builds
        or not late.step.reads_manifest
        or re.search(r"\bcd\b|\bpushd\b|--directory|--project\b", late.run.text)
    ):
        return None
    found: list[tuple[str, str]] = []
    locks = all(name.endswith(".lock") for name in late.step.reads_manifest)  # then it cannot do without
    waiting = [(place_of(name, workdir), locks or not name.endswith(".lock")) for name in late.step.reads_manifest]
    waiting += [(place_of(word.value, workdir), True) for word in late.step.constraints]
    seen: set[str] = set()
    while waiting:
        place, needed = waiting.pop(0)
        if place is None:
            return None
        if place in seen:
            continue
        seen.add(place)
        before = [one for one in passages if one.instruction.span.start < late.run.span.start]
        origins = [(one, origin) for one in before if (origin := one.origin(place)) is not None]
        origins = [(one, origin) for one, origin in origins if all(each.is_file(origin) for each in builds)]
        if not origins:
            if needed:
                return None
            continue
        passage, origin = origins[-1]
        if any(build.excludes(origin) for build in builds):
            return None
        if passage.instruction is late.code:
            part = origin[len(passage.source or "") :].lstrip("/") if passage.source != origin else ""
            found.append((origin, part))
        source = builds[0].text_of(origin)
        if source is not None and place.endswith((".txt", ".in")):
            folder = place.rpartition("/")[0] or "/"
            waiting += [(place_of(name, folder), True) for name in re.findall(_INCLUDES, plain(source.text))]
    if len(seen) > 20 or any(re.search(r"[\s\"'$*?\[\]\\]", path) for path, _ in found):
        return None
    return found


def _copies(code: Transfer, manifests: list[tuple[str, str]]) -> str:
    """The COPYs of some files to where the COPY of the code brings them."""
    folders: dict[str, list[str]] = {}
    for path, part in manifests:
        folders.setdefault(part.rpartition("/")[0], []).append(path)
    target = code.destination.text
    flags = "".join(f"{one.span.text} " for one in code.flags)
    rows: list[str] = []
    for folder, paths in folders.items():
        place = target if target in (".", "./") and not folder and len(paths) == 1 else f"{target.rstrip('/')}/"
        rows.append(f"COPY {flags}{' '.join(paths)} {place}{folder + '/' if folder else ''}")
    return "\n".join(rows)


def _with_comments(instruction: Instruction) -> Span:
    """An instruction with the comments that stand directly above it."""
    source, line = instruction.span.source, instruction.span.line
    while line > 1 and source.line(line - 1).lstrip().startswith("#"):
        line -= 1
    return source.span(source.starts[line - 1], instruction.full_span.end)


def _is_blank_below(span: Span) -> bool:
    line = lines.last_line(span)
    return line < len(span.source.starts) and not span.source.line(line + 1).strip()


def _installs_project(image: Image, late: LateInstall) -> bool:
    """Whether an installation puts in the project as well as its dependencies."""
    if not late.step.installs_project or late.step.manager not in _WITHOUT_PROJECT:
        return False
    texts = [
        source.text
        for build in image.builds
        for path in ("pyproject.toml", *(f"{one.source}/pyproject.toml" for one in image.passages if one.source))
        if (source := build.text_of(path)) is not None
    ]
    if any(re.search(_NO_PACKAGE, text) for text in texts):
        return False
    return late.step.manager != "uv" or not texts or any(re.search(_SYSTEM, text) for text in texts)


def _without_project(run: Run, step: Step, *, locked: bool) -> str | None:
    """The text of a RUN that installs the dependencies alone; None when it does more than that."""
    if run.heredocs or any(other is None or other.manager != step.manager for _, other in calls_and_steps(run.command)):
        return None
    options = [_WITHOUT_PROJECT[step.manager]]
    if step.manager == "uv" and locked and not step.has("--locked", "--frozen"):
        options.insert(0, "--locked")
    edit = words.behind(step.action_span, *options) if step.action_span is not None else None
    if edit is None or edit.span.source is not run.span.source:
        return None
    text = run.span.text
    at = edit.span.start - run.span.start
    return text[:at] + edit.text + text[at:]
