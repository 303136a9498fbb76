"""A rule is a page and a function: `rules/<name>.md` beside `rules/<name>.py`.

Built-in rules, `--rules DIR` and installed packages come through this one door. The function's first
parameter says by its annotation which nodes it wants. The page is read only when something asks for it.
"""

from __future__ import annotations

import os
import re
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache

from dockerlint_fastapi.bytecode import Loader
from dockerlint_fastapi.finding import SEVERITIES, Finding
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_HERE = os.path.dirname(os.path.abspath(__file__))
# Inside an installed package, or beside `src` in a checkout (also an editable install).
BUILT_IN = next(
    path
    for path in (os.path.join(_HERE, "rules"), os.path.join(os.path.dirname(os.path.dirname(_HERE)), "rules"))
    if os.path.isdir(path)
)
PAGES_URL = "https://github.com/dockerlint-fastapi/dlf/blob/main/rules/"

CATEGORIES: Mapping[str, str] = {
    "server": "Server command",
    "signals": "Signals and process 1",
    "layers": "Layer order and caching",
    "dependencies": "Dependency installation",
    "base-image": "Base image",
    "image-size": "Multi-stage builds and image size",
    "health": "Health checks",
    "network": "Ports and binding",
    "secrets": "Environment and secrets",
    "context": "Build context and .dockerignore",
    "users": "Users and permissions",
    "dockerfile": "Dockerfile correctness",
    "compose": "Compose structure and validity",
    "services": "Compose services",
    "compose-security": "Compose security",
    "deployment": "Across files",
    "dlf": "The linter itself",
}
_CODE = r"[A-Z]{2,8}[0-9]{3,6}"
_FIELDS = ("code", "severity", "category", "help", "guide", "sources", "since", "supersedes", "preview")
OWN_CODES = "DLF"
"""What the codes of built-in rules begin with, and those of no other rule (docs/versioning.md)."""


class RuleError(Exception):
    """A rule folder that cannot be used; the message says which file and why."""


class OptionsError(RuleError):
    """Options in the configuration that a rule does not have; the message says which."""


class Page(NamedTuple):
    """A rule's page: its front matter, and the Markdown below it.

    `supersedes` names the rules that stay silent where this one speaks of the same fault. `preview` marks a rule that
    is not yet part of the contract (docs/versioning.md). `code` is the short name that consumers of SARIF expect,
    `DLF015`; rules from elsewhere need none.
    """

    severity: str
    category: str
    help: str
    guide: tuple[str, ...]
    sources: tuple[str, ...]
    since: str
    supersedes: tuple[str, ...]
    title: str
    summary: str
    markdown: str
    preview: bool = False
    code: str = ""


def read_page(path: str) -> Page:
    """The page at a path. Raises RuleError when the front matter is not as `docs/writing-rules.md` says."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read().removeprefix("\ufeff")
    except OSError as error:
        raise RuleError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise RuleError(f"{path}: is not UTF-8 (byte {error.start})") from error
    lines = text.split("\n")
    if lines[0] != "---" or "---" not in lines[1:]:
        raise RuleError(f"{path}:1: a page begins with front matter between two `---` lines")
    end = lines.index("---", 1)
    fields = _front_matter(path, lines[1:end])
    body = "\n".join(lines[end + 1 :]).strip() + "\n"
    title = re.search(r"^# (.+)$", body, re.MULTILINE)
    if not title:
        raise RuleError(f"{path}:{end + 2}: a page has a heading `# …` that names the fault")
    paragraph = re.search(r"\S(?:.|\n(?!\n))*", body[title.end() :])
    single = {name: value for name, value in fields.items() if isinstance(value, str)}
    several = {name: value for name, value in fields.items() if not isinstance(value, str)}
    for name in ("severity", "category", "help", "since"):
        if name not in single:
            raise RuleError(f"{path}:1: the front matter lacks `{name}:`")
    if single["severity"] not in SEVERITIES:
        raise RuleError(f"{path}:1: severity is one of {', '.join(reversed(SEVERITIES))}, not `{single['severity']}`")
    if single["category"] not in CATEGORIES:
        raise RuleError(f"{path}:1: category is one of {', '.join(CATEGORIES)}, not `{single['category']}`")
    if fields.get("preview", "false") not in ("true", "false"):
        raise RuleError(f"{path}:1: preview is `true` or `false`, not `{single.get('preview', '')}`")
    code = single.get("code", "")
    if not re.fullmatch(_CODE, code) and "code" in fields:
        raise RuleError(f"{path}:1: a code is upper case letters and a number, as `ACME001`, not `{code}`")
    if code.startswith(OWN_CODES) and os.path.dirname(path) != BUILT_IN:
        raise RuleError(f"{path}:1: codes of {OWN_CODES} are those of dlf's own rules: choose other letters")
    return Page(
        severity=single["severity"],
        category=single["category"],
        help=single["help"],
        guide=several.get("guide", ()),
        sources=several.get("sources", ()),
        since=single["since"],
        supersedes=several.get("supersedes", ()),
        title=title[1],
        summary=" ".join(paragraph[0].split()) if paragraph else "",
        markdown=body,
        preview=fields.get("preview") == "true",
        code=code,
    )


def _front_matter(path: str, lines: Sequence[str]) -> dict[str, str | tuple[str, ...]]:
    """`key: value`, and `key:` with `- item` lines below it; nothing else of YAML is needed, and it costs no import."""
    fields: dict[str, str | tuple[str, ...]] = {}
    key = ""
    for number, line in enumerate(lines, start=2):
        if line.startswith("  - "):
            value = fields.get(key)
            if not isinstance(value, tuple):
                raise RuleError(f"{path}:{number}: a `- item` line belongs under a key that has no value of its own")
            fields[key] = (*value, line[4:].strip())
            continue
        key, colon, text = line.partition(":")
        if not colon or key not in _FIELDS:
            raise RuleError(f"{path}:{number}: expected one of {', '.join(_FIELDS)}, not `{line}`")
        if key in fields:
            raise RuleError(f"{path}:{number}: `{key}` stands here for the second time")
        fields[key] = text.strip() or ()
    for name in ("guide", "sources", "supersedes"):
        if isinstance(value := fields.get(name), str):
            fields[name] = tuple(part.strip() for part in value.split(",") if part.strip())
    return fields


class Rule:
    """One rule. `check` yields findings for a node, `nodes` are the types it wants, `options` its Options or None."""

    __slots__ = ("_page", "built_in", "check", "name", "nodes", "options", "page_path")

    def __init__(self, directory: str, stem: str) -> None:
        self.name = stem.replace("_", "-")
        path = os.path.join(directory, stem)
        self.page_path = f"{path}.md"
        self.built_in = directory == BUILT_IN
        self._page: Page | None = None
        module = _load(f"{path}.py", f"dlf rule {stem}")
        check = getattr(module, "check", None)
        if not isinstance(check, types.FunctionType):
            raise RuleError(f"{module.__file__}: defines no function `check`")
        self.check: Callable[..., Iterator[Finding]] = check
        self.nodes, self.options = _subscription(check, str(module.__file__))

    def __repr__(self) -> str:
        return f"Rule({self.name!r})"

    @property
    def page(self) -> Page:
        """The page, read when first asked for."""
        if self._page is None:
            self._page = read_page(self.page_path)
        return self._page

    @property
    def title(self) -> str:
        """See RuleInfo."""
        return self.page.title

    @property
    def summary(self) -> str:
        """See RuleInfo."""
        return self.page.summary

    @property
    def severity(self) -> str:
        """See RuleInfo."""
        return self.page.severity

    @property
    def category(self) -> str:
        """See RuleInfo."""
        return self.page.category

    @property
    def help(self) -> str:
        """See RuleInfo."""
        return self.page.help

    @property
    def guide(self) -> tuple[str, ...]:
        """See RuleInfo."""
        return self.page.guide

    @property
    def sources(self) -> tuple[str, ...]:
        """See RuleInfo."""
        return self.page.sources

    @property
    def since(self) -> str:
        """See RuleInfo."""
        return self.page.since

    @property
    def supersedes(self) -> tuple[str, ...]:
        """The rules that stay silent where it speaks of the same fault."""
        return self.page.supersedes

    @property
    def preview(self) -> bool:
        """See RuleInfo."""
        return self.page.preview

    @property
    def code(self) -> str:
        """See RuleInfo."""
        return self.page.code

    @property
    def markdown(self) -> str:
        """See RuleInfo."""
        return self.page.markdown

    @property
    def url(self) -> str:
        """See RuleInfo. A rule from elsewhere is read where it lies."""
        stem = os.path.basename(self.page_path)
        return PAGES_URL + stem if self.built_in else stem

    def configured(self, values: Mapping[str, object]) -> Any:
        """The rule's Options with values from the configuration. Raises OptionsError for a key or type that it does not
        have.
        """
        if self.options is None:
            for key in values:
                raise OptionsError(f"the rule `{self.name}` has no options, so `{key}` means nothing")
            return None
        defaults: dict[str, Any] = self.options._field_defaults
        chosen: dict[str, object] = {}
        for key, value in values.items():
            name = key.replace("-", "_")
            if name not in defaults:
                known = ", ".join(f"`{one.replace('_', '-')}`" for one in defaults)
                raise OptionsError(f"the rule `{self.name}` has no option `{key}`; it has {known}")
            chosen[name] = given = tuple(value) if isinstance(value, list) else value
            if not _fits(given, defaults[name]):
                raise OptionsError(
                    f"the option `{key}` of `{self.name}` is {_kind(defaults[name])}, not {_shown(value)}"
                )
        return self.options(**chosen)


class Names(frozenset[str]):
    """The names of rules. A rule may be called by its code too, `DLF015`; pages are read when somebody does."""

    _codes: Mapping[str, str] | None = None

    def __new__(cls, rules: Iterable[Rule]) -> Names:  # noqa: PYI034 - `Self` is of `typing`
        """The names of these rules."""
        rules = tuple(rules)
        names = super().__new__(cls, (rule.name for rule in rules))
        names._rules = rules
        return names

    _rules: tuple[Rule, ...]

    @property
    def codes(self) -> Mapping[str, str]:
        """The names by the codes. Of two rules from elsewhere that share a code it leads to neither."""
        if self._codes is None:
            codes: dict[str, str] = {}
            for rule in self._rules:
                codes[rule.code] = "" if rule.code in codes else rule.name
            self._codes = {code: name for code, name in codes.items() if code and name}
        return self._codes

    def name_of(self, word: str) -> str:
        """The name of the rule whose code a word is; any other word as it is."""
        # No name is written in upper case, so nothing that is no code costs more than this look.
        return self.codes.get(word, word) if word.isupper() and word not in self else word


def near_code(word: str, codes: Iterable[str]) -> str | None:
    """The code that was meant by a word that looks like one: `dlf15`, `DLF0155`."""
    letters = word.rstrip("0123456789")
    if letters == word or not letters.isalpha() or not letters.isascii():
        return None
    from difflib import get_close_matches  # noqa: PLC0415 - only a wrong code needs it

    known = sorted(codes)
    exact = f"{letters.upper()}{word[len(letters) :].lstrip('0'):0>3}"
    return exact if exact in known else next(iter(get_close_matches(word.upper(), known, 1, 0.75)), None)


_KINDS: Mapping[type, str] = {bool: "true or false", int: "a number", float: "a number", str: "a text"}


def _kind(default: object) -> str | None:
    """What an option with that default takes, for a message; None for a default that no configuration can replace."""
    if not isinstance(default, tuple):
        return _KINDS.get(type(default))
    kinds = {type(one) for one in default} or {str}
    return (
        f"a list of {_KINDS[kinds.pop()].removeprefix('a ')}s" if len(kinds) == 1 and kinds <= _KINDS.keys() else None
    )


def _fits(given: object, default: object) -> bool:
    """Whether a value has the type of an option's default; a whole number is a number too."""
    if isinstance(given, tuple) and isinstance(default, tuple):
        return all(_fits(one, default[0] if default else "") for one in given)
    return type(given) is type(default) or (type(given) is int and type(default) is float)


def _shown(value: object) -> str:
    """A value as TOML writes it, or nearly."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _load(path: str, name: str) -> types.ModuleType:
    """The module at a path, by a name that no `import` can meet; its bytecode is cached as usual."""
    loader = Loader(name, path)
    module = types.ModuleType(name)
    module.__file__, module.__loader__ = path, loader
    sys.modules[name] = module  # where the standard library looks for the names in annotations of classes
    try:
        loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise RuleError(f"{path}: cannot be loaded: {type(error).__name__}: {error}{line_in(path, error)}") from error
    return module


def line_in(path: str, error: BaseException) -> str:
    """The line of a file that an exception came through last, in brackets; empty when it did not, or says so itself."""
    line = 0
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == path:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return f" (line {line})" if line and not isinstance(error, SyntaxError) else ""


def _subscription(check: types.FunctionType, path: str) -> tuple[tuple[type, ...], Any]:
    """The node types of the first parameter, and the Options type of the second."""
    code = check.__code__
    names = code.co_varnames[: code.co_argcount]
    if not 1 <= len(names) <= 2 or code.co_kwonlyargcount:
        raise RuleError(f"{path}: `check` takes a node, and perhaps `options: Options`")
    annotations: Mapping[str, Any] = check.__annotations__
    if any(isinstance(one, str) for one in annotations.values()):  # `from __future__ import annotations`
        from typing import get_type_hints  # noqa: PLC0415 - no built-in rule needs it

        try:
            annotations = get_type_hints(check)
        except Exception as error:
            raise RuleError(f"{path}: the annotations of `check` cannot be resolved: {error}") from error
    annotation = annotations.get(names[0])
    nodes = _members(annotation)
    if not all(isinstance(node, type) for node in nodes):
        raise RuleError(f"{path}: the first parameter of `check` is annotated with the nodes that it wants")
    for node in nodes:
        if not _is_node(node):
            raise RuleError(
                f"{path}: `check` would never be called: no node is a `{node.__name__}`; ask for an instruction, a"
                " `Stage`, a `Dockerfile`, an `Image`, a `Container`, a `ComposeFile`, a `BuildContext`, a"
                " `Deployment` or the `Project`"
            )
    return nodes, _options(annotations.get(names[1]), path) if len(names) > 1 else None


def _members(annotation: object) -> tuple[Any, ...]:
    """The types that an annotation names: those of a union, or itself alone."""
    if isinstance(annotation, type):
        return (annotation,)
    if isinstance(annotation, types.UnionType):
        return annotation.__args__
    from typing import Union, get_args, get_origin  # noqa: PLC0415 - no built-in rule needs it

    return get_args(annotation) if get_origin(annotation) is Union else (annotation,)


@cache
def _is_node(wanted: type) -> bool:
    """Whether the engine ever calls a rule with that type, or with one that it is a base of."""
    from dockerlint_fastapi import model  # noqa: PLC0415 - rules import it, `dlf --help` does without

    nodes = (
        model.Instruction, model.Stage, model.Dockerfile, model.ComposeFile, model.Image, model.Container,
        model.BuildContext, model.Deployment, model.Project,
    )  # fmt: skip
    return issubclass(wanted, nodes) or any(issubclass(node, wanted) for node in nodes)


def _options(annotation: object, path: str) -> Any:
    """The Options class that annotates the second parameter."""
    defaults = getattr(annotation, "_field_defaults", None)
    if not isinstance(annotation, type) or defaults is None:
        raise RuleError(
            f"{path}: the second parameter of `check` is annotated with `Options`, a NamedTuple in that file"
        )
    for field in getattr(annotation, "_fields", ()):
        if field not in defaults:
            raise RuleError(f"{path}: the option `{field}` has no default")
        if _kind(defaults[field]) is None:
            raise RuleError(
                f"{path}: the default of the option `{field}` is nothing that a configuration holds: true or false,"
                " a number, a text, or a tuple of texts or numbers"
            )
    return annotation


def load_rules(directories: Sequence[str] = ()) -> tuple[Rule, ...]:
    """The built-in rules and those of further folders, sorted by name. Raises RuleError."""
    rules: dict[str, Rule] = {}
    well_named = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*").fullmatch
    for directory in (BUILT_IN, *directories):
        try:
            files = set(os.listdir(directory))
        except OSError as error:
            raise RuleError(f"{directory}: cannot be read as a folder of rules: {error.strerror}") from error
        stems = sorted(name[:-3] for name in files if name.endswith(".py") and not name.startswith((".", "_", "test_")))
        if not stems:
            raise RuleError(f"{directory}: holds no rule (a rule is `name.py` with its page `name.md`)")
        folder = os.path.join(directory, "")
        for stem in stems:
            if not well_named(stem):
                raise RuleError(f"{folder}{stem}.py: a rule is named in lower case words with `_` between them")
            name = stem.replace("_", "-")
            if name in CATEGORIES or name == "all":
                raise RuleError(f"{folder}{stem}.py: `{name}` is the name of a whole category, which no rule can have")
            if stem + ".md" not in files:
                raise RuleError(f"{folder}{stem}.py: has no page `{stem}.md` beside it")
            if name in rules:
                raise RuleError(f"{folder}{stem}.py: a rule named `{name}` exists already ({rules[name].page_path})")
            rules[name] = Rule(directory, stem)
    return tuple(rules[name] for name in sorted(rules))
