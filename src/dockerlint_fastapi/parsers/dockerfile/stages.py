"""Stages as they grow: what a line depends on of the lines before it (names, scopes, what ONBUILD defers)."""

from __future__ import annotations

from dockerlint_fastapi.model.dockerfile import Arg, Dockerfile, Env, From, Instruction, Shell, Stage
from dockerlint_fastapi.parsers.dockerfile.shells import DEFAULT_SHELL, WINDOWS_SHELL, shell_words
from dockerlint_fastapi.parsers.dockerfile.variables import (
    PLATFORM_ARGS,
    UNKNOWN,
    UNSET,
    Lookup,
    Scope,
    Unknown,
)

_WINDOWS_NAMES = ("nanoserver", "windowsservercore", "dotnet/framework/", "microsoft.com/windows", "microsoft/windows")
# Images of AWS, which set LAMBDA_TASK_ROOT (AWS Lambda's documentation of its base images for Python).
_OF_LAMBDA = ("public.ecr.aws/lambda/python", "amazon/aws-lambda-python")


class Stages:
    """The stages read so far, and the scope of the one that is being read."""

    __slots__ = (
        "_by_name",
        "_deferred",
        "_dockerfile",
        "_escape",
        "_globals",
        "_instructions",
        "_scopes",
        "all",
        "global_args",
    )

    def __init__(self, dockerfile: Dockerfile, escape: str) -> None:
        self._dockerfile = dockerfile
        self._escape = escape
        self.all: list[Stage] = []
        self.global_args: list[Arg] = []
        self._globals: dict[str, str | Unknown] = dict.fromkeys(PLATFORM_ARGS, UNKNOWN)
        self._instructions: list[Instruction] = []  # of the current stage
        self._scopes: list[Scope] = []  # of each stage, as it stands at its end
        self._by_name: dict[str, Stage] = {}
        self._deferred: dict[int, list[Instruction]] = {}  # by stage index: what ONBUILD defers

    @property
    def scope(self) -> Scope | None:
        """The scope of the current stage; None before the first FROM."""
        return self._scopes[-1] if self._scopes else None

    @property
    def lookup(self) -> Lookup:
        """What a line of the current stage sees."""
        return self._scopes[-1].lookup if self._scopes else self.global_lookup

    def global_lookup(self, name: str) -> str | Unknown | None:
        """What FROM sees: global ARGs and nothing else."""
        return self._globals.get(name)

    def begin(self, from_: From) -> None:
        """Begins a stage, which ends the one before."""
        self.finish()
        base = self._by_name.get((from_.image.value or "").lower())
        stage = Stage(self._dockerfile, len(self.all), from_, base)
        self._scopes.append(self._scope_on(from_, base))
        self.all.append(stage)
        if stage.name is not None:
            self._by_name[stage.name] = stage

    def finish(self) -> None:
        """Gives the current stage its instructions."""
        if self.all:
            self.all[-1].instructions = tuple(self._instructions)
        self._instructions = []

    def add(self, instruction: Instruction) -> None:
        """Puts an instruction into the current stage; before the first, an ARG among the global ones."""
        if self.all:
            self._instructions.append(instruction)
        elif isinstance(instruction, Arg):
            self.global_args.append(instruction)

    def defer(self, instruction: Instruction) -> None:
        """Keeps what ONBUILD defers for the stages that are built on this one."""
        if self.all:
            self._deferred.setdefault(len(self.all) - 1, []).append(instruction)

    def declare(self, name: str, value: str | None, *, assigned: bool) -> str | None:
        """Enters an ARG into the scope, and answers with its value: the default, or for a bare one the global value."""
        if not self._scopes:
            if assigned:
                self._globals[name] = UNKNOWN if value is None else value
            else:
                self._globals.setdefault(name, UNSET)
            return value
        inherited = False
        if not assigned and name in self._globals:
            known = self._globals[name]
            value = None if isinstance(known, Unknown) else known
            inherited = True
        self._scopes[-1].set_arg(name, value, assigned=assigned or inherited)
        return value

    def _scope_on(self, from_: From, base: Stage | None) -> Scope:
        """The scope with which a stage begins."""
        if base is not None:
            scope = self._scopes[base.index].child()
            for trigger in self._deferred.get(base.index, ()):  # ONBUILD runs now
                if isinstance(trigger, Env | Arg):
                    for pair in trigger.pairs:
                        scope.forget(pair.name)
                elif isinstance(trigger, Shell):
                    scope.shell = shell_words(trigger)
            return scope
        image = from_.image.value
        windows = self._is_windows(from_, image)
        scope = Scope(closed=image == "scratch", shell=WINDOWS_SHELL if windows else DEFAULT_SHELL, windows=windows)
        scope.official = image is not None and image.startswith("python:")
        if image is not None and image.startswith(_OF_LAMBDA):
            scope.set_env("LAMBDA_TASK_ROOT", "/var/task")
        return scope

    def _is_windows(self, from_: From, image: str | None) -> bool | None:
        """Whether a base image is a Windows one; None when that is open."""
        if from_.platform is not None and from_.platform.value is not None:
            return from_.platform.value.lower().startswith("windows")
        written = (image if image is not None else from_.image.text).lower()
        if any(name in written for name in _WINDOWS_NAMES):
            return True
        # The backtick is there for Windows paths: then an image that the file does not name may be anything.
        return None if image is None and self._escape == "`" else False
