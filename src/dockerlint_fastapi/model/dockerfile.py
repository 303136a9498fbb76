"""A Dockerfile: stages, instructions and tokens, each with its exact place.

Words carry `value` beside `text`: what Docker makes of them once quotes are removed and variables
of the stage are expanded, or None when that cannot be told from this file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from dockerlint_fastapi.model.shell import Script
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Problem, Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from dockerlint_fastapi.model.evidence import Evidence
    from dockerlint_fastapi.model.health.health_tests import ProbeFault
    from dockerlint_fastapi.model.instructions.accounts import MadeUser, UnknownAccount
    from dockerlint_fastapi.model.instructions.broken_array import BrokenArray
    from dockerlint_fastapi.model.instructions.legacy_forms import LegacyForm
    from dockerlint_fastapi.model.instructions.relative_paths import OneTarget, RelativePath
    from dockerlint_fastapi.model.instructions.shell_state import LostState
    from dockerlint_fastapi.model.instructions.stray_documents import StrayDocument
    from dockerlint_fastapi.model.network.exposed import Exposed
    from dockerlint_fastapi.model.secrets.secret_tokens import Credential

    Kind = TypeVar("Kind", bound="Instruction")

MOST_STAGES = 60  # that one is built on, one on the other; of more, what asks about all of them says nothing
# What ADD unpacks or fetches, by its name; of `dist/*` nobody can tell.
_NO_COPY = r"(?i)\.(?:tar(?:\.\w+)?|t[abglx]z2?|tzst|[gx]z|bz2|zst)\Z|://|\Agit@|\*\Z|\.\*\Z"


class Directive(NamedTuple):
    """A parser directive at the top: `# syntax=`, `# escape=`, `# check=`."""

    name: str  # lower case
    value: str
    span: Span


class Word(NamedTuple):
    """One argument word. `text` as written in the joined logical line, quotes and variables included."""

    text: str
    value: str | None
    span: Span


class Flag(NamedTuple):
    """`--name=value` before the arguments; `value` is None for a bare `--name`.

    `value` is expanded where Docker expands it; `raw` is as written.
    """

    name: str  # without the dashes, as written
    value: str | None
    raw: str
    span: Span


class Heredoc(NamedTuple):
    """One here-document of a RUN, COPY or ADD."""

    name: str
    body: str  # as Docker passes it on (`<<-` strips leading tabs)
    body_span: Span  # the physical lines of the body, without the terminator's line
    expand: bool  # False when the name was quoted
    chomp: bool  # `<<-`
    fd: int  # 0 when none was written
    span: Span  # the opener


class Pair(NamedTuple):
    """`name=value` of ENV, LABEL or ARG. `value` is None for an ARG without a default (see `assigned`)
    or when it holds a variable that cannot be told.

    `ARG NAME` inside a stage takes the value of a global `ARG NAME=…`.
    The name of a LABEL or ENV is expanded, as Docker does.
    """

    name: str
    value: str | None
    assigned: bool  # False only for `ARG NAME`
    raw: str  # the value as written, quotes included; "" when none
    span: Span  # the whole pair
    name_span: Span
    value_span: Span  # empty behind the name when not assigned


class Instruction:
    """What every instruction has. `keyword` is upper case.

    `span` runs from the keyword to the end of the logical line (continuations included, heredoc bodies not);
    `full_span` takes the heredocs in. `text` is the joined argument text without flags,
    `arguments_span` where it stands.
    """

    __slots__ = (
        "_locate",
        "arguments_span",
        "flags",
        "full_span",
        "heredocs",
        "keyword",
        "keyword_span",
        "onbuild",
        "span",
        "text",
    )

    keyword: str
    span: Span
    keyword_span: Span
    full_span: Span
    arguments_span: Span
    text: str
    flags: tuple[Flag, ...]
    heredocs: tuple[Heredoc, ...]
    onbuild: bool  # it stands behind ONBUILD
    _locate: Callable[[int, int], Span]

    def flag(self, name: str) -> Flag | None:
        """The last flag of that name, or None."""
        for flag in reversed(self.flags):
            if flag.name == name:
                return flag
        return None

    def locate(self, start: int, end: int) -> Span:
        """The physical span of `text[start:end]`."""
        return self._locate(start, end)

    @property
    def broken_array(self) -> BrokenArray | None:
        """What was meant as a JSON array among its arguments and is none; None when nothing was."""
        if "[" not in self.text:
            return None
        from dockerlint_fastapi.model.instructions import broken_array  # noqa: PLC0415 - few instructions hold a bracket

        command = getattr(self, "command", None)
        if isinstance(command, Command):
            return broken_array.of_command(command)
        return broken_array.of_paths(self) if isinstance(self, (Transfer, Volume)) else None


class Command:
    """The command of a RUN, CMD, ENTRYPOINT or HEALTHCHECK, as Docker would start it.

    Exec form: `words` are the JSON strings (value decoded, never expanded: Docker does not expand them).
    Shell form: `words` is empty and `script` the parsed text; it is None when the shell in force
    is not a POSIX-like one (PowerShell, cmd, or a heredoc with another interpreter's shebang), or in exec form.
    `shell` is the SHELL in force with which the shell form runs, `("/bin/sh", "-c")` by default. `read` keeps what
    readers have made of it, each under a name of its own: many rules ask the same of one RUN.
    """

    __slots__ = ("_parse", "_script", "_waiting", "exec_form", "read", "shell", "span", "text", "words")

    def __init__(
        self,
        *,
        exec_form: bool,
        text: str,
        words: tuple[Word, ...],
        shell: tuple[str, ...],
        span: Span,
        parse: Callable[[], Script | None],
    ) -> None:
        self.exec_form = exec_form
        self.text = text
        self.words = words
        self.shell = shell
        self.span = span
        self.read: dict[str, Any] = {}
        self._parse = parse
        self._script: Script | None = None
        self._waiting = True

    @property
    def script(self) -> Script | None:
        """The shell form, parsed when first asked for."""
        if self._waiting:
            self._script = self._parse()
            self._waiting = False
        return self._script


class From(Instruction):
    """`FROM image [AS name]`."""

    __slots__ = ("image", "name", "platform")
    image: Word  # value: after expansion of global ARG defaults
    name: Word | None  # the stage name; value is lower-cased as BuildKit does
    platform: Flag | None


class Run(Instruction):
    """`RUN`, in either form or by heredoc. `mounts` are the parsed `--mount` flags."""

    __slots__ = ("command", "mounts")
    command: Command
    mounts: tuple[Mount, ...]

    @property
    def lost_state(self) -> LostState | None:
        """What it sets in its shell at its end, and nothing ever sees; None when there is no such thing."""
        from dockerlint_fastapi.model.instructions.shell_state import lost_state  # noqa: PLC0415 - one rule asks

        return lost_state(self)

    def volatile(self, *directories: str) -> bool:
        """Whether what it writes to one of these directories stays, or may stay, out of the layer: a cache mount or a
        tmpfs lies on the directory or on one that holds it. `~` at the beginning is any home directory.
        """
        for mount in self.mounts:
            if mount.type not in ("cache", "tmpfs"):
                continue
            target = (mount.target or "").rstrip("/")
            if not target or "$" in target:
                return True
            for directory in directories:
                tail = directory.removeprefix("~")
                if tail != directory:
                    # below some home, whose own place is not known: `/root/.cache` for `~/.cache/pip`
                    steps = [tail[: at + 1] for at, char in enumerate(tail + "/") if char == "/"][1:]
                    if any(target.endswith(step.rstrip("/")) for step in [*steps, tail]) or target in (
                        "/root",
                        "/home",
                    ):
                        return True
                elif directory == target or directory.startswith(target + "/"):
                    return True
        return False


class Mount(NamedTuple):
    """One `--mount=…` of a RUN; `type` is `bind` when not given."""

    type: str
    options: Mapping[str, str]  # every key=value as written, keys lower case; a bare key maps to "true"
    span: Span

    @property
    def target(self) -> str | None:
        """Where it is mounted (`target`, `dst` or `destination`)."""
        return self.options.get("target") or self.options.get("dst") or self.options.get("destination")


class Cmd(Instruction):
    """`CMD`."""

    __slots__ = ("command",)
    command: Command


class Entrypoint(Instruction):
    """`ENTRYPOINT`."""

    __slots__ = ("command",)
    command: Command


class Healthcheck(Instruction):
    """`HEALTHCHECK`; `command` is None for `HEALTHCHECK NONE`. Options are its flags (`interval`, `timeout`, …)."""

    __slots__ = ("command",)
    command: Command | None

    @property
    def test_faults(self) -> Iterator[ProbeFault]:
        """What is wrong with its words in exec form."""
        from dockerlint_fastapi.model.health.health_tests import faults_of_instruction  # noqa: PLC0415 - only one rule asks

        return faults_of_instruction(self)


class Transfer(Instruction):
    """What COPY and ADD share. `sources` leaves heredocs out; both forms (`a b` and JSON) look the same."""

    __slots__ = ("destination", "from_", "sources")
    sources: tuple[Word, ...]
    destination: Word
    from_: Flag | None

    def takes_all(self, source: Word) -> bool:
        """Whether one of its sources is the whole build context (`.`, `./`, `/`, `..`, which leads no further, or `*`,
        which matches hidden files too), and nothing is left out by `--exclude`.
        """
        if self.from_ is not None or self.flag("exclude") is not None or source.value is None:
            return False
        return all(part in ("", ".", "..", "*") for part in source.value.split("/")) and source.value.count("*") < 2

    @property
    def is_broad(self) -> bool:
        """Whether it copies the whole build context."""
        return any(self.takes_all(source) for source in self.sources)


class Copy(Transfer):
    """`COPY`."""

    __slots__ = ()


class Add(Transfer):
    """`ADD`."""

    __slots__ = ()

    @property
    def downloads(self) -> tuple[Word, ...]:
        """The addresses of files that it fetches without looking at a checksum. Those of git repositories name what is
        wanted, and are none.
        """
        if self.flag("checksum") is not None:
            return ()
        return tuple(
            word
            for word in self.sources
            if re.match(r"(?i)https?://", word.text.strip("\"'"))
            and not re.search(r"(?i)\.git(?:[#?]|\Z)", word.text.strip("\"'"))
        )

    @property
    def is_plain(self) -> bool:
        """Whether it only copies files of the build context, as COPY does: no archive is among them, and no address."""
        if not self.sources or any(flag.name in ("checksum", "keep-git-dir", "unpack") for flag in self.flags):
            return False
        return all(word.value is not None and not re.search(_NO_COPY, word.value) for word in self.sources)


class Env(Instruction):
    """`ENV`, both forms (`legacy` for `ENV name value`)."""

    __slots__ = ("legacy", "pairs")
    pairs: tuple[Pair, ...]
    legacy: bool


class Label(Instruction):
    """`LABEL`, both forms."""

    __slots__ = ("legacy", "pairs")
    pairs: tuple[Pair, ...]
    legacy: bool


class Arg(Instruction):
    """`ARG`."""

    __slots__ = ("pairs",)
    pairs: tuple[Pair, ...]


class Workdir(Instruction):
    """`WORKDIR`."""

    __slots__ = ("path",)
    path: Word


class User(Instruction):
    """`USER`."""

    __slots__ = ("user",)
    user: Word


class Expose(Instruction):
    """`EXPOSE`."""

    __slots__ = ("ports",)
    ports: tuple[Word, ...]

    @property
    def exposed(self) -> tuple[Exposed, ...]:
        """What each of its words says, and what Docker holds against it."""
        from dockerlint_fastapi.model.network.exposed import exposed  # noqa: PLC0415 - only one rule asks for it

        return exposed(self.ports)


class Volume(Instruction):
    """`VOLUME`."""

    __slots__ = ("paths",)
    paths: tuple[Word, ...]


class Shell(Instruction):
    """`SHELL`."""

    __slots__ = ("words",)
    words: tuple[Word, ...]


class Stopsignal(Instruction):
    """`STOPSIGNAL`."""

    __slots__ = ("signal",)
    signal: Word


class Maintainer(Instruction):
    """`MAINTAINER`, deprecated by Docker."""

    __slots__ = ()


class Onbuild(Instruction):
    """`ONBUILD`, with the instruction that it defers (`onbuild` is True on that one)."""

    __slots__ = ("deferred",)
    deferred: Instruction


_LONG_CHAIN = 64  # stages on each other, above which the chain of each is not kept: together they would fill the memory


class Stage:
    """One build stage: its FROM and the instructions up to the next FROM.

    `base` is the earlier stage that FROM names, or None when it names an image (or `scratch`).
    """

    __slots__ = (
        "_kinds",
        "_lineage",
        "_pairs",
        "base",
        "depth",
        "dockerfile",
        "first",
        "from_",
        "index",
        "inherited",
        "instructions",
        "name",
    )

    def __init__(self, dockerfile: Dockerfile, index: int, from_: From, base: Stage | None) -> None:
        self.dockerfile = dockerfile
        self.index = index
        self.from_ = from_
        self.base = base
        self.name = from_.name.value if from_.name else None
        self.instructions: tuple[Instruction, ...] = ()  # without the FROM itself, ONBUILD unopened
        self.first: Stage = self if base is None else base.first  # the one that begins with an image
        self.depth: int = 1 if base is None else base.depth + 1  # how many stages are in its lineage
        self._lineage: tuple[Stage, ...] | None = None
        self._kinds: dict[type, tuple[Any, ...]] = {}
        self._pairs: dict[str, list[tuple[Env | Arg, Pair]]] | None = None  # what ENV and ARG set, by name
        self.inherited: dict[str, tuple[Pair | None, Pair | None]] = {}  # what sets a variable at its end: ENV, ARG

    def __repr__(self) -> str:
        return f"Stage({self.index}, {self.name or self.from_.image.text!r})"

    @property
    def span(self) -> Span:
        """Where the stage begins: its FROM."""
        return self.from_.span

    @property
    def is_left_behind(self) -> bool:
        """Whether only files are taken from it: the last stage is not built on it, and a later one copies from it."""
        stages = self.dockerfile.stages
        if self in stages[-1].lineage:
            return False
        return self in self.dockerfile.copied_stages

    @property
    def lineage(self) -> tuple[Stage, ...]:
        """The stages this one is built on, from the first to this one itself."""
        if self._lineage is None:
            chain: list[Stage] = []
            stage: Stage | None = self
            while stage is not None:
                chain.append(stage)
                stage = stage.base
            if len(chain) > _LONG_CHAIN:
                return tuple(reversed(chain))
            self._lineage = tuple(reversed(chain))
        return self._lineage

    def of(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """Its instructions of one kind, in order: found once, however many ask."""
        if not self._kinds:
            found: dict[type, list[Instruction]] = {}
            for one in self.instructions:
                found.setdefault(type(one), []).append(one)
            self._kinds = {each: tuple(some) for each, some in found.items()}
        known: tuple[Kind, ...] | None = self._kinds.get(kind)
        if known is None:
            several = kind.__subclasses__()  # of one that has none there is no instruction, or it would be known
            known = tuple([one for one in self.instructions if isinstance(one, kind)]) if several else ()
            self._kinds[kind] = known
        return known

    @property
    def relative_paths(self) -> Iterator[RelativePath]:
        """Its relative directories that begin where the base image happens to stand."""
        from dockerlint_fastapi.model.instructions.relative_paths import relative_paths  # noqa: PLC0415 - one rule asks

        return relative_paths(self)

    @property
    def single_targets(self) -> Iterator[OneTarget]:
        """The destinations of several sources that do not end in a slash."""
        from dockerlint_fastapi.model.instructions.relative_paths import single_targets  # noqa: PLC0415 - as above

        return single_targets(self)

    @property
    def unknown_accounts(self) -> Iterator[UnknownAccount]:
        """The users and groups that it names and that certainly do not exist there."""
        from dockerlint_fastapi.model.instructions.accounts import unknown_accounts  # noqa: PLC0415 - as above

        return unknown_accounts(self)

    @property
    def made_user(self) -> MadeUser | None:
        """The last user that is made in its layers; None when none is, or its name cannot be told."""
        from dockerlint_fastapi.model.instructions.accounts import made_user  # noqa: PLC0415 - as above

        return made_user(self)

    def environment(self) -> dict[str, Pair]:
        """The ENV of the finished stage by name, with what it inherits from earlier stages.

        What the base image sets itself is not known.
        """
        pairs: dict[str, Pair] = {}
        for stage in self.lineage:
            for instruction in stage.instructions:
                if isinstance(instruction, Env):
                    pairs.update((pair.name, pair) for pair in instruction.pairs)
        return pairs

    def variable(self, name: str, before: Instruction | None = None) -> Pair | None:
        """The ENV or ARG pair that sets `name` in front of an instruction of this stage (or at the end of the stage).

        ENV wins over ARG. None when nothing in the lineage declares it: then it is unset, or the base image's.
        """
        if before is None:
            env, arg = self.pairs_at_end(name)
            return env or arg
        env, arg = self.set_here(name, before.span.start)
        if env is None and self.base is not None:
            env, inherited = self.base.pairs_at_end(name)
            arg = _nearer(arg, inherited)
        return env or arg

    def pairs_at_end(self, name: str) -> tuple[Pair | None, Pair | None]:
        """The ENV that sets a variable at the end of the stage, or the ARG; remembered for every stage on the way."""
        waiting: list[Stage] = []
        stage: Stage | None = self
        while stage is not None and name not in stage.inherited:
            waiting.append(stage)
            stage = stage.base
        env, arg = (None, None) if stage is None else stage.inherited[name]
        for one in reversed(waiting):
            own, own_arg = one.set_here(name)
            env, arg = (own, own_arg) if own is not None else (env, _nearer(own_arg, arg))
            one.inherited[name] = env, arg
        return env, arg

    def set_here(self, name: str, end: int | None = None) -> tuple[Pair | None, Pair | None]:
        """The last ENV of its own that sets a variable, or the ARG that declares it; those in front of `end` only."""
        if self._pairs is None:
            self._pairs = {}
            for instruction in self.instructions:
                if isinstance(instruction, (Env, Arg)):
                    for pair in instruction.pairs:
                        self._pairs.setdefault(pair.name, []).append((instruction, pair))
        arg: Pair | None = None
        for instruction, pair in reversed(self._pairs.get(name, ())):
            if end is None or instruction.span.start < end:
                if isinstance(instruction, Env):
                    return pair, None
                arg = _nearer(arg, pair)
        return None, arg


def _nearer(arg: Pair | None, earlier: Pair | None) -> Pair | None:
    """Of two ARG, the one that counts: a bare redeclaration does not hide the default that an earlier one gave."""
    if arg is None or (earlier is not None and earlier.assigned and not arg.assigned):
        return earlier
    return arg


class Dockerfile:
    """One parsed file. A template (Jinja, cookiecutter) and an earlier state that was put aside have no stages."""

    __slots__ = (
        "_by_name",
        "_copied",
        "_expanded",
        "backup_of",
        "directives",
        "escape",
        "foreign_syntax",
        "global_args",
        "left_over",
        "problems",
        "source",
        "stages",
        "template",
        "unread",
        "warnings",
    )

    def __init__(self, source: Source) -> None:
        self.source = source
        self.directives: tuple[Directive, ...] = ()
        self.escape = "\\"
        self.global_args: tuple[Arg, ...] = ()
        self.stages: tuple[Stage, ...] = ()
        self._by_name: tuple[tuple[Stage, ...], dict[str, Stage]] = ((), {})  # for which stages, and which by name
        self._copied: tuple[tuple[Stage, ...], frozenset[Stage]] | None = None  # for which stages, and which of them
        self._expanded: frozenset[str] | None = None
        self.problems: tuple[Problem, ...] = ()
        self.warnings: tuple[Problem, ...] = ()  # accepted by BuildKit with a warning (an empty continuation line)
        self.template: Span | None = None  # the first template marker, when it is a template
        self.backup_of: Source | None = None  # the file of which it is an earlier state that nothing builds
        self.left_over = False  # it holds nothing and has a name of its own that nothing says; others are built
        self.unread: tuple[Span, ...] = ()  # scripts that are too long, of which nothing can be told
        self.foreign_syntax: Directive | None = None  # `# syntax=` with a frontend that is not Docker's own

    @property
    def span(self) -> Span:
        """The beginning of the file."""
        return Span(self.source, 0, 0)

    @property
    def is_test_data(self) -> bool:
        """Whether it lies among what tests read."""
        from dockerlint_fastapi.model.evidence import is_test_data  # noqa: PLC0415  # asked where it has a fault

        return is_test_data(self.source.path)

    @property
    def development(self) -> Evidence | None:
        """Why all of it is for development, whatever its stages are called: its path, or the comment at its top."""
        from dockerlint_fastapi.model.development import of_dockerfile  # noqa: PLC0415  # asked where it has a fault

        return of_dockerfile(self)

    @property
    def is_put_aside(self) -> bool:
        """Whether it lies in a folder for what the project had once."""
        from dockerlint_fastapi.model.evidence import is_put_aside  # noqa: PLC0415  # asked where it has a fault

        return is_put_aside(self.source.path)

    @property
    def instructions(self) -> Iterator[Instruction]:
        """Every instruction in file order, FROMs and global ARGs included."""
        yield from self.global_args
        for stage in self.stages:
            yield stage.from_
            yield from stage.instructions

    @property
    def copied_stages(self) -> frozenset[Stage]:
        """The stages from which later ones copy."""
        if self._copied is None or self._copied[0] is not self.stages:
            named = (
                (stage, self.stage(one.from_.value))
                for stage in self.stages
                for one in stage.of(Transfer)
                if one.from_ is not None and one.from_.value
            )
            found = frozenset(one for stage, one in named if one is not None and one.index < stage.index)
            self._copied = (self.stages, found)
        return self._copied[1]

    @property
    def expanded(self) -> frozenset[str]:
        """The names of the variables that stand behind a `$` somewhere in its instructions."""
        if self._expanded is None:
            texts = "\n".join(one.full_span.text for one in self.instructions)
            self._expanded = frozenset(re.findall(r"\$\{?(\w+)", texts))
        return self._expanded

    @property
    def is_draft(self) -> bool:
        """Whether something stands in it in place of instructions (`...`, a remark): any may be missing there."""
        return any(
            one.message.startswith("unknown instruction") and one.expected.startswith("an instruction")
            for one in self.problems
        )

    @property
    def stray_documents(self) -> tuple[StrayDocument, ...]:
        """The here-documents behind instructions that take none, where Docker refuses the file."""
        if not self.problems or "<<" not in self.source.text:
            return ()
        from dockerlint_fastapi.model.instructions.stray_documents import (  # noqa: PLC0415 - few are refused
            stray_documents,
        )

        return tuple(stray_documents(self))

    @property
    def legacy_forms(self) -> Iterator[tuple[LegacyForm, ...]]:
        """What is written in ways that Docker still accepts and advises against."""
        from dockerlint_fastapi.model.instructions.legacy_forms import legacy_forms  # noqa: PLC0415 - one rule asks

        return legacy_forms(self)

    @property
    def credentials(self) -> Iterator[Credential]:
        """The credentials in it that show by their form what they are: tokens, private keys, URLs with a password."""
        from dockerlint_fastapi.model.secrets.secret_tokens import of_dockerfile  # noqa: PLC0415 - only one rule asks

        return of_dockerfile(self)

    def stage(self, name: str) -> Stage | None:
        """The stage of that name (any case) or index, as `COPY --from` and `target:` look it up."""
        wanted = name.lower()
        if self._by_name[0] is not self.stages:
            # of two stages with one name, Docker takes the later
            self._by_name = (self.stages, {stage.name: stage for stage in self.stages if stage.name is not None})
        if wanted in self._by_name[1]:
            return self._by_name[1][wanted]
        if wanted.isascii() and wanted.isdecimal() and len(wanted) < 7 and int(wanted) < len(self.stages):
            return self.stages[int(wanted)]
        return None
