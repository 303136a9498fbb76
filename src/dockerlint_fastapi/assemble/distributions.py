"""What the Python of an image has installed: the install steps of its stages, followed through COPY --from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dockerlint_fastapi.assemble.branches import either, needed_file, of_both
from dockerlint_fastapi.assemble.installers import Choice, Outcome, Wheels, outcome_of, uv_project
from dockerlint_fastapi.assemble.manifests import Manifests, Site
from dockerlint_fastapi.model.bases.base_image import BaseImage, Reference, base_image
from dockerlint_fastapi.model.context.passage import behind_workdirs, place_of
from dockerlint_fastapi.model.dockerfile import Run, Stage, Transfer, User, Word
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.model.install import PYTHON_MANAGERS, Call, Step, calls_and_steps
from dockerlint_fastapi.model.install.call import bare_text
from dockerlint_fastapi.model.install.distributions import NOTHING, Distributions, Doubt, Installation, Installed
from dockerlint_fastapi.model.install.manifest import Group
from dockerlint_fastapi.model.install.python_versions import VersionMismatch, moved
from dockerlint_fastapi.model.programs.run_programs import runs_unread
from dockerlint_fastapi.parsers.manifests.requirement import allows_minor
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.image import Image

_SYSTEM = "/usr/local"  # where pip of the official images, and pip as root of Debian, installs
# Families of images with no distributions but pip and its like.
_PLAIN = frozenset(
    ("python", "uv", "debian", "ubuntu", "alpine", "distroless", "buildpack-deps", "node", "nginx", "pypy")
)
_SEEDS = ("pip", "setuptools", "wheel")  # what an interpreter may come with
# Debian's and Alpine's packages of Python itself; any other `python3-…` or `py3-…` brings distributions.
_INTERPRETERS = (
    r"(python3?|pypy3)([0-9.]*)(-(dev|venv|pip|distutils|setuptools|wheel|minimal|full|doc|tk|lib2to3|pkg-resources"
    r"|dbg|apt|virtualenv|gdbm|stdlib|launcher))*|py3-(pip|setuptools|wheel|virtualenv)|python-is-python3|pip"
)
# Directories that may hold distributions, in whose name people keep them.
_PYTHON = pattern(r"python[0-9.]*\Z")
_MINOR = pattern(r"3\.[0-9]+")
# Installers that another program is handed to start, those that start nothing, and code that starts programs.
_HANDED = frozenset(("pip", "pip3", "uv", "poetry", "pdm", "pipenv"))
_SAYING = frozenset("apk apt apt-get brew chmod chown command cp echo ln printf rm type which".split())
_STARTS_OTHERS = r"\bpip\b|\bsubprocess\b|\bos\.(?:system|popen|exec|spawn)"
_ENVIRONMENTS = frozenset(
    "venv .venv env .env virtualenv virtualenvs site-packages dist-packages .local install packages python deps"
    " dependencies python-packages __pypackages__ pyroot".split()
)
_MOST_HELD = 100  # environments, wheels and files of a stage; real ones have a few
_MOST_RUNS = 1_000  # of a stage; an image has at most 127 layers, and real stages run a dozen commands
_WHEELS = frozenset("wheels wheel wheelhouse dist .wheels whl".split())


class Held(NamedTuple):
    """Distributions at one place of a stage. `place` is None when it cannot be told."""

    place: str | None
    kind: str  # environment, wheels, file (requirements that an installer wrote)
    contents: Distributions
    python: str | None = None  # the minor version of Python that they were installed for, when it is known
    groups: tuple[Group, ...] = ()  # those of a project that an installer wrote into a file


class DistributionsOf:
    """What is installed in each image; a stage is gone through once for all images that share it."""

    def __init__(self) -> None:
        self._manifests = Manifests()
        self._images: dict[int, Installed] = {}

    def __call__(self, image: Image) -> Installed:
        """What is installed in an image."""
        if id(image) not in self._images:
            self._images[id(image)] = _Build(image, self._manifests).installed()
        return self._images[id(image)]


class _Build:
    def __init__(self, image: Image, manifests: Manifests) -> None:
        self.image = image
        self.manifests = manifests
        self.states: dict[Stage, list[Held]] = {}
        self.steps: list[Installation] = []
        self.moved: list[VersionMismatch] = []
        self.texts: dict[Stage, list[tuple[int, str]]] = {}
        self.telling: dict[Stage, bool] = {}

    def installed(self) -> Installed:
        state = self.after(self.image.stage)
        environments = (held.contents for held in state if held.kind == "environment")
        found = Distributions(possible=_SEEDS).joined(*environments)
        places = tuple(dict.fromkeys(held.place for held in state if held.kind == "environment"))
        return Installed(found, tuple(self.steps), places, self.synced, tuple(self.moved), allows_minor)

    def synced(self) -> Distributions:
        """What `uv run` may install before it starts anything: the project of the working directory, all of it."""
        image = self.image
        site = Site(self.manifests, image, image.stage, None, directory=image.directory, python=_python_of(image.base))
        choice = Choice(every_group=True, every_extra=True)
        return uv_project(image.directory, choice, site, site.wanted(), None).contents

    def after(self, stage: Stage) -> list[Held]:
        """What a stage holds at its end."""
        for one in self._waiting(stage):
            self.states[one] = []  # a stage that copies from itself has nothing
            state = self.before(one)
            runs = one.of(Run)
            if len(runs) > _MOST_RUNS:
                self.states[one] = [_too_much(runs[_MOST_RUNS].span)]
                continue
            for instruction, directory in behind_workdirs(self.image, one):
                if isinstance(instruction, Run):
                    _Commands(self, one, instruction, directory, state).run()
                elif isinstance(instruction, Transfer):
                    self.copy(one, instruction, directory, state)
            self.states[one] = state
        return self.states[stage]

    def _waiting(self, stage: Stage) -> list[Stage]:
        """What a stage is built on or copies from, and the stage itself, as far as it has not been looked at: from the
        first, so that a long chain of stages is no deep recursion.
        """
        found = {stage} if stage not in self.states else set()
        waiting = list(found)
        while waiting:
            one = waiting.pop()
            names = [each.from_.value for each in one.of(Transfer) if each.from_ is not None]
            names += [mount.options.get("from") for run in one.of(Run) for mount in run.mounts]
            others = [one.base, *(one.dockerfile.stage(name) for name in names if name)]
            for other in others:
                if other is not None and other.index < one.index and other not in found and other not in self.states:
                    found.add(other)
                    waiting.append(other)
        return sorted(found, key=lambda one: one.index)

    def tells_pdm(self, stage: Stage) -> bool:
        """Whether an instruction of a stage may tell PDM where to make environments."""
        if stage not in self.telling:
            words = ("use_venv", "venv.", "in_project")
            self.telling[stage] = any(word in one.text for one in stage.instructions for word in words)
        return self.telling[stage]

    def told_to_poetry(self, stage: Stage, run: Run) -> str:
        """The commands of a stage, up to a RUN and with it, that may say where Poetry makes environments."""
        if stage not in self.texts:
            runs = (one for each in stage.lineage for one in each.instructions if isinstance(one, Run))
            self.texts[stage] = [(one.span.start, text) for one in runs if "virtualenvs." in (text := one.command.text)]
        return "\n".join(text for start, text in self.texts[stage] if start <= run.span.start)

    def base_of(self, stage: Stage) -> BaseImage | None:
        """The image that a stage begins with, as far as it is known."""
        if stage.first is self.image.stage.first:
            return self.image.base
        name = stage.first.from_.image.value
        return base_image(Reference.parse(name)) if name else None

    def before(self, stage: Stage) -> list[Held]:
        if stage.base is not None:
            held = self.after(stage.base)
            if len(held) <= _MOST_HELD:
                return list(held)
            return [_too_much(stage.from_.span)]
        base, word = self.base_of(stage), stage.from_.image
        if (base is not None and base.family in _PLAIN) or word.value == "scratch":
            return []
        doubt = Doubt("the base image may come with distributions of its own", word.span)
        return [Held(None, "environment", Distributions(doubts=(doubt,)))]

    def copy(self, stage: Stage, transfer: Transfer, directory: str | None, state: list[Held]) -> None:
        """What a COPY or ADD brings: from another stage what lies there, from elsewhere perhaps a whole environment."""
        destination = place_of(transfer.destination.value, directory)
        name = transfer.from_.value if transfer.from_ else None
        other = stage.dockerfile.stage(name) if name else None
        for word in transfer.sources:
            source = place_of(word.value, "/")
            parts = _parts(source)
            if transfer.from_ is None:
                # an environment or wheels of the build context
                if not parts.isdisjoint((_ENVIRONMENTS | _WHEELS) - {"python", "env", ".env", "packages", "dist"}):
                    self._doubt(state, "what is copied may hold distributions", word.span, place_of(word.value, "/"))
                continue
            if other is None or other.index >= stage.index:
                programs = source is not None and ("/bin/" in source or parts & {"uv", "uvx"})
                if not programs:
                    self._doubt(state, "what another image brings is not known", word.span, destination)
                continue
            self._bring(
                stage,
                state,
                source,
                others=self.after(other),
                destination=destination,
                word=word,
                transfer=transfer,
            )

    @staticmethod
    def _doubt(state: list[Held], reason: str, span: Span, place: str | None) -> None:
        doubt = Doubt(reason, span)
        state.append(Held(place, "environment", Distributions(doubts=(doubt,))))

    def _bring(
        self,
        stage: Stage,
        state: list[Held],
        source: str | None,
        *,
        others: list[Held],
        destination: str | None,
        word: Word,
        transfer: Transfer,
    ) -> None:
        parts, span = _parts(source), word.span
        matched = False
        there = {(held.place, held.kind, id(held.contents), held.python) for held in state}
        for held in list(others):
            relation = _relation(source, held)
            if relation is False:
                continue
            matched = matched or relation is True
            place = _moved(held, source, destination, transfer) if relation else None
            contents = held.contents if relation else held.contents.uncertain
            key = (place, held.kind, id(contents), held.python)
            if key not in there:
                if len(state) >= _MOST_HELD:
                    state[:] = [_too_much(span)]
                    return
                there.add(key)
                state.append(Held(place, held.kind, contents, held.python))
            if relation and held.kind == "environment" and held.contents.found:
                self._compare(stage, held, source, span)
        if not matched and (source is None or not parts.isdisjoint(_ENVIRONMENTS)) and others:
            self._doubt(state, "what is copied may hold distributions", span, destination)

    def _compare(self, stage: Stage, held: Held, source: str | None, span: Span) -> None:
        """Takes down an environment that comes beside a Python of another version, without its own one."""
        python = _python_of(self.base_of(stage))
        brings_python = source in ("/", "/usr", "/usr/local", "/opt", None)
        if python is None or held.python in (None, python) or brings_python or stage not in self.image.lineage:
            return
        assert held.python is not None  # noqa: S101 - compared above
        self.moved.append(moved(stage, span, held.python, python))


def _too_much(span: Span) -> Held:
    """What stands for all that is held where that is more than is looked at."""
    doubt = Doubt("more is installed than is looked at", span)
    return Held(None, "environment", Distributions(doubts=(doubt,)))


def _parts(source: str | None) -> frozenset[str]:
    return frozenset((source or "").lower().split("/"))


def _relation(source: str | None, held: Held) -> bool | None:
    """Whether copying `source` brings what is held; None when it may."""
    if source is None:
        return None
    place = held.place
    if "*" in source or "?" in source:
        head = source.partition("*")[0].partition("?")[0].rpartition("/")[0]
        return None if place is None or _within(place, head) or _within(head, place) else False
    if place is None:
        programs = source.endswith("/bin") or "/bin/" in source
        return False if held.kind == "file" or programs else None
    if _within(place, source):
        return True
    if held.kind == "environment" and _within(source, place):
        rest = source[len(place.rstrip("/")) :]
        if "-packages" in rest:
            return True if rest.endswith("-packages") else None
        return re.fullmatch(r"/lib(/python[0-9.]*|64)?", rest) is not None
    if held.kind == "wheels" and _within(source, place):
        return None
    return False


def _within(place: str, folder: str) -> bool:
    return place == folder or place.startswith(f"{folder.rstrip('/')}/")


def _moved(held: Held, source: str | None, destination: str | None, transfer: Transfer) -> str | None:
    """Where what is held arrives; None when that cannot be told."""
    if source is None or destination is None or held.place is None:
        return None
    if _within(held.place, source):
        rest = held.place[len(source.rstrip("/")) :] if held.place != source else ""
        if held.kind == "file" and held.place == source:
            # a file: into a directory under its own name, else to that very place
            name = source.rpartition("/")[2]
            written = transfer.destination.value or ""
            into = written.endswith(("/", "/.")) or written in (".", "..") or "." not in destination.rpartition("/")[2]
            return f"{destination.rstrip('/')}/{name}" if into else destination
        return destination.rstrip("/") + rest or "/"
    return re.sub(r"/lib(64)?(/.*)?\Z", "", destination) or "/"


class _Commands:
    """One RUN: its commands in order, with the directory that `cd` leads to."""

    def __init__(self, build: _Build, stage: Stage, run: Run, directory: str | None, state: list[Held]) -> None:
        self.build = build
        self.stage = stage
        self.instruction = run
        self.directory = directory
        self.state = state
        self.activated: str | None = None
        self.given: Mapping[str, str | None] = {}  # variables of the step that is looked at
        self.python = _python_of(build.base_of(stage))

    def run(self) -> None:
        """Does to the state what the RUN does."""
        if self.instruction.flag("network") is None and self.instruction.heredocs and not self._readable():
            self._doubt("this RUN cannot be read")
            return
        if runs_unread(self.instruction.command):
            self._doubt("a command of this RUN may install anything")
        steps = calls_and_steps(self.instruction.command)
        others = either(steps)
        for at, (call, step) in enumerate(steps):
            if len(self.state) > _MOST_HELD:
                self.state[:] = [_too_much(call.span)]
            self._change_directory(call)
            if step is None:
                self._call(call)
            elif step.manager in PYTHON_MANAGERS:
                self._step(call, step, others.get(at))
            elif step.manager in ("apt", "apk", "dnf", "zypper"):
                self._system(step)

    def _readable(self) -> bool:
        script = self.instruction.command.script
        return script is not None and not script.problems and (not script.shebang or bool(script.commands))

    def _doubt(self, reason: str) -> None:
        doubt = Doubt(reason, self.instruction.span)
        self.state.append(Held(None, "environment", Distributions(doubts=(doubt,))))

    def _change_directory(self, call: Call) -> None:
        if call.name in ("cd", "pushd") and len(call.arguments) > 1:
            nested = call.command is not None and "(" in call.command.nesting
            target = place_of(call.arguments[1].value, self.directory)
            self.directory = None if call.conditional or nested else target
        elif call.name in (".", "source") and len(call.arguments) > 1:
            text = bare_text(call.arguments[1])
            if text.endswith("bin/activate"):
                self.activated = place_of(text.removesuffix("/bin/activate") or "/", self.directory)

    def _call(self, call: Call) -> None:
        """A command that is no package manager: environments that are moved lie where nobody knows."""
        if call.name in ("cp", "mv", "ln", "rsync"):
            words = [bare_text(word) for word in call.arguments[1:]]
            if any(not _ENVIRONMENTS.isdisjoint(word.lower().split("/")) for word in words):
                self.state[:] = [one._replace(place=None) if one.kind == "environment" else one for one in self.state]
                if any(one.type == "bind" for one in self.instruction.mounts):
                    self._doubt("what is copied may hold distributions")
        if call.name is not None and _PYTHON.match(call.name):
            words = [bare_text(word) for word in call.arguments[1:]]
            if words[:2] == ["-m", "build"] or "setup.py" in words or words[:2] == ["-m", "conda"]:
                self._doubt("a build of the project may install anything")
            elif words[:1] == ["-c"] and re.search(_STARTS_OTHERS, " ".join(words[1:2])):
                self._doubt("code of this RUN may install anything")
        elif call.name not in _SAYING and any(bare_text(word) in _HANDED for word in call.arguments[1:]):
            self._doubt("a command of this RUN may install anything")  # `find -exec pip install -r {} +`

    def _system(self, step: Step) -> None:
        if step.action != "install":
            return
        for package in step.packages:
            name = package.name or ""
            named = name in ("uvicorn", "gunicorn", "celery", "alembic", "supervisor")
            if named or (re.match(r"python3?-|py3-", name) and not re.fullmatch(_INTERPRETERS, name)):
                self._doubt(f"the package `{name}` brings distributions")

    # -- Python installers

    def _step(self, call: Call, step: Step, instead: Step | None = None) -> None:
        if step.has("--dry-run", "--help", "--version") or (step.manager == "pip" and step.action == "lock"):
            if step.action == "lock":
                self._export(call, step)
            return
        if step.manager == "uv" and step.action == "other" and step.subcommand == "run":
            self._doubt("`uv run` syncs the project as it runs") if not step.has("--no-sync", "--no-project") else None
            return
        if step.manager == "hatch" and step.subcommand in ("run", "shell", "test"):
            self._doubt("Hatch makes the environment that it runs in")
            return
        if step.action == "remove":
            self._remove(step)
        elif step.action in ("export", "lock"):
            self._export(call, step)
        elif step.action == "download":
            folder = next((one.value for one in step.options if one.name in ("--wheel-dir", "--dest")), ".")
            held = self._outcome(step).contents
            self.state.append(Held(place_of(folder, self.directory), "wheels", held))
        elif step.action in ("install", "sync", "upgrade"):
            self._install(call, step, instead)

    def _install(self, call: Call, step: Step, instead: Step | None) -> None:
        """What a step installs; `instead` is the one that the RUN makes where it does not make this one."""
        if step.conditional and self._is_met(step):
            step = step._replace(conditional=False)
        outcome = self._outcome(step)
        contents = outcome.contents.uncertain if step.conditional else outcome.contents
        if instead is not None:
            contents = of_both(self._outcome(instead).contents, outcome.contents)
        place = self._place(call, step) if step.manager != "hatch" else self._hatch_place(step, outcome)
        replaces = step.action == "sync" and not step.conditional and not step.has("--inexact")
        if replaces and step.manager == "uv" and place is not None and not contents.doubts:
            # `uv sync` takes away what it would not install.
            self.state[:] = [one for one in self.state if one.place != place or one.kind != "environment"]
        python = self._python_for(step)
        self.state.append(Held(place, "environment", contents, python if step.manager != "uv" or python else None))
        folder = next((one.value for one in step.options if one.name in ("--project", "--directory")), ".")
        self.build.steps.append(
            Installation(
                stage=self.stage,
                run=self.instruction,
                step=step,
                python=python,
                directory=place_of(folder, self.directory),
                contents=contents,
                projects=outcome.projects,
                groups=outcome.groups,
                exact=outcome.exact,
                place=place,
                find=self._site(step).file,
                listed=outcome.listed,
                hatch=outcome.hatch,
            )
        )

    def _is_met(self, step: Step) -> bool:
        """Whether a step hangs on nothing but a file, and that is there."""
        place = place_of(needed_file(step), self.directory)
        return place is not None and isinstance(self._site(step).file(place), Placed)

    def _outcome(self, step: Step) -> Outcome:
        return outcome_of(step, self._site(step), Wheels(self._wheels()))

    def _site(self, step: Step) -> Site:
        return Site(
            self.build.manifests,
            self.build.image,
            self.stage,
            self.instruction,
            directory=self.directory,
            python=self._python_for(step),
            made=self._made,
        )

    def _python_for(self, step: Step) -> str | None:
        chosen = step.option("--python")
        value = chosen.value if chosen is not None else None
        if chosen is None:
            pair = self.stage.variable("UV_PYTHON", before=self.instruction) if step.manager == "uv" else None
            here = step.manager == "uv" and "UV_PYTHON" in step.environment
            if pair is None and not here:
                return self.python
            value = step.environment["UV_PYTHON"] if here or pair is None else pair.value
        found = re.fullmatch(r"(?:cp|python|cpython@?)?(3\.[0-9]+)(\.[0-9]+)?", value or "")
        return found[1] if found else None

    def _made(self, place: str) -> tuple[Distributions, tuple[Group, ...]] | None:
        held = [(one.contents, one.groups) for one in self.state if one.kind == "file" and one.place == place]
        if held:
            return held[-1]
        for mount in self.instruction.mounts:
            for one in self._mounted(mount.options, mount.target):
                if one.kind == "file" and one.place == place:
                    return one.contents, one.groups
        return None

    def _wheels(self) -> Iterator[tuple[str | None, Distributions]]:
        yield from ((one.place, one.contents) for one in self.state if one.kind == "wheels")
        for mount in self.instruction.mounts:
            yield from ((one.place, one.contents) for one in self._mounted(mount.options, mount.target))

    def _mounted(self, options: Mapping[str, str], target: str | None) -> Iterator[Held]:
        """What a bind mount of another stage brings for the time of the RUN."""
        name = options.get("from")
        other = self.stage.dockerfile.stage(name) if name else None
        place = place_of(target, self.directory) if target else None
        if other is None or place is None or other.index >= self.stage.index:
            return
        source = place_of(options.get("source") or options.get("src") or "/", "/") or "/"
        for held in self.build.after(other):
            if held.place is not None and _within(held.place, source):
                yield held._replace(place=place.rstrip("/") + held.place[len(source.rstrip("/")) :])

    def _remove(self, step: Step) -> None:
        names = {name.lower().replace("_", "-") for name in step.names}
        changed = []
        for held in self.state:
            found = {name: one for name, one in held.contents.found.items() if name not in names}
            gone = names.intersection(held.contents.found)
            if gone and held.kind == "environment":
                contents = Distributions(
                    found,
                    possible=held.contents.possible | gone,
                    doubts=held.contents.doubts,
                    followed=held.contents.followed,
                )
                changed.append(held._replace(contents=contents))
            else:
                changed.append(held)
        self.state[:] = changed

    def _export(self, call: Call, step: Step) -> None:
        """`poetry export -o requirements.txt`, `uv pip compile … > requirements.txt`: what the file will hold."""
        output = step.option("--output", "--output-file", "-o")
        target = output.value if output is not None else None
        if target is None and call.command is not None:
            for redirect in call.command.redirects:
                if redirect.operator in (">", ">|", ">>") and redirect.target is not None:
                    target = redirect.target.value
        place = place_of(target, self.directory)
        if place is None:
            return
        groups: tuple[Group, ...] = ()
        if step.action == "export" and (step.manager == "pip" or step.subcommand.endswith("freeze")):
            contents = NOTHING
            for held in self.state:
                contents = contents.joined(held.contents) if held.kind == "environment" else contents
        elif (step.action == "lock" and step.manager not in ("pip", "uv")) or (
            step.action == "lock" and step.manager == "uv" and not step.program.endswith(" pip")
        ):
            return
        else:
            outcome = self._outcome(step)
            contents, groups = outcome.contents, outcome.groups
        self.state.append(Held(place, "file", contents.uncertain if step.conditional else contents, groups=groups))

    def _place(self, call: Call, step: Step) -> str | None:
        """The directory of the environment that a step works on; None when it cannot be told."""
        self.given = step.environment
        target = step.option("--target", "--prefix", "--root")
        if target is not None:
            return place_of(target.value, self.directory)
        if step.manager == "pipx" or step.program.endswith(" tool"):
            return None
        if step.manager == "uv" and not step.program.endswith(" pip"):
            return self._uv_place(step)
        if step.manager == "poetry":
            return self._poetry_place()
        if step.manager == "pdm":
            return self._pdm_place(step)
        if step.manager == "pipenv" and not step.has("--system"):
            inside = (self._value("PIPENV_VENV_IN_PROJECT") or "").lower() in ("1", "true", "yes", "on")
            return place_of(".venv", self.directory) if inside and self.activated is None else None
        python = step.option("--python")
        if python is not None:
            return None
        program = call.arguments[0].value
        if program is not None and "/bin/" in program:
            prefix = place_of(program.rpartition("/bin/")[0] or "/", self.directory)
            return _SYSTEM if prefix in ("/usr", "/usr/local", "/") else prefix
        if program is None:
            return None
        if step.has("--user") or self._value("PIP_USER") in ("1", "true", "yes", "on"):
            return self._user_place()
        if self._value("PIP_TARGET") or self._value("PIP_PREFIX"):
            return place_of(self._value("PIP_TARGET") or self._value("PIP_PREFIX"), self.directory)
        if step.manager == "uv":
            if step.has("--system") or self._value("UV_SYSTEM_PYTHON") in ("1", "true"):
                return self.activated or _SYSTEM
            chosen = self.activated or self._value("VIRTUAL_ENV")
            return place_of(chosen, self.directory) if chosen else place_of(".venv", self.directory)
        return self._active()

    def _active(self) -> str | None:
        """The environment whose `bin` comes first on PATH."""
        if "PATH" in self.given:
            return None
        if self.activated is not None:
            return self.activated
        pair = self.stage.variable("PATH", before=self.instruction)
        if pair is None:
            return _SYSTEM
        first = pair.raw.strip("\"'").partition(":")[0]
        found = re.fullmatch(r"\$\{?([A-Za-z_]+)\}?(/.*)?", first)
        if found:
            if found[1] == "PATH":
                return _SYSTEM if pair.raw.count("$") == 1 else None
            value = self._value(found[1])
            first = value + (found[2] or "") if value else ""
        if first.endswith("/bin") and "$" not in first:
            prefix = first.removesuffix("/bin") or "/"
            if prefix.endswith((".local", ".cargo", "poetry")):
                return _SYSTEM
            return _SYSTEM if prefix in ("/usr", "/usr/local", "/") else place_of(prefix, self.directory)
        return None

    def _value(self, name: str) -> str | None:
        """What a variable holds for the step, which may have it in front of its command (`PIP_USER=1 pip install`)."""
        if name in self.given:
            return self.given[name]
        pair = self.stage.variable(name, before=self.instruction)
        return pair.value if pair is not None else None

    def _is_given(self, name: str) -> bool:
        return name in self.given or self.stage.variable(name, before=self.instruction) is not None

    def _user_place(self) -> str | None:
        base = self._value("PYTHONUSERBASE")
        if base:
            return base
        users = [one for stage in self.stage.lineage for one in stage.instructions if isinstance(one, User)]
        before = [one for one in users if one.span.start < self.instruction.span.start]
        if not before or before[-1].user.value in ("root", "0"):
            return "/root/.local"
        name = before[-1].user.value
        return f"/home/{name.partition(':')[0]}/.local" if name else None

    def _uv_place(self, step: Step) -> str | None:
        chosen = self._value("UV_PROJECT_ENVIRONMENT")
        if step.has("--active"):
            chosen = self.activated or self._value("VIRTUAL_ENV") or chosen
        folder = next((one.value for one in step.options if one.name in ("--project", "--directory")), ".")
        home = place_of(folder, self.directory)
        if self._is_given("UV_PROJECT_ENVIRONMENT") and not chosen:
            return None
        place = place_of(chosen or ".venv", home)
        return _SYSTEM if place in ("/usr", "/usr/local") else place

    def _hatch_place(self, step: Step, outcome: Outcome) -> str | None:
        from dockerlint_fastapi.assemble.hatch import place_of_environment  # noqa: PLC0415 - few use it

        self.given = step.environment
        if any("dirs." in one.text for one in self.stage.of(Run)):
            return None  # `hatch config set dirs.env.virtual .hatch`
        user = None if self._is_given("HOME") or self._is_given("PYTHONUSERBASE") else self._user_place()
        return place_of_environment(step, self._site(step), outcome.hatch, user)

    def _pdm_place(self, step: Step) -> str | None:
        """The active environment, else `.venv` in the project; None when PDM is told to do otherwise."""
        if step.has("-g", "--global", "--venv", "--no-venv") or self._is_given("PDM_USE_VENV"):
            return None
        if self.build.tells_pdm(self.stage):
            return None
        folder = next((one.value for one in step.options if one.name == "--project"), ".")
        chosen = self.activated or self._value("VIRTUAL_ENV") or ".venv"
        return place_of(chosen, place_of(folder, self.directory))

    def _poetry_place(self) -> str | None:
        script = self.build.told_to_poetry(self.stage, self.instruction)
        create = (self._value("POETRY_VIRTUALENVS_CREATE") or "").lower()
        if create in ("false", "0") or re.search(r"virtualenvs\.create\s+[\"']?false", script):
            return self._active()
        inside = (self._value("POETRY_VIRTUALENVS_IN_PROJECT") or "").lower()
        if inside in ("true", "1") or re.search(r"virtualenvs\.in-project\s+[\"']?true", script):
            return place_of(".venv", self.directory)
        return None


def _python_of(base: BaseImage | None) -> str | None:
    """The minor version of Python in a base image; None when its name does not say it."""
    version = base.python_version if base is not None else None
    found = _MINOR.match(version or "")
    return found[0] if found else None
