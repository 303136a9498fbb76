"""A rule is a page and a function: `rules/<name>.md` beside `rules/<name>.py`.

Built-in rules, `--rules DIR` and installed packages come through this one door. The function's first
parameter says by its annotation which nodes it wants. The page is read only when something asks for it.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import re
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from dockerlint_fastapi.finding import SEVERITIES, Finding

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
_FIELDS = ("severity", "category", "help", "guide", "sources", "since")


class RuleError(Exception):
    """A rule folder that cannot be used; the message says which file and why."""


class Page(NamedTuple):
    """A rule's page: its front matter, and the Markdown below it."""

    severity: str
    category: str
    help: str
    guide: tuple[str, ...]
    sources: tuple[str, ...]
    since: str
    title: str
    summary: str
    markdown: str


def read_page(path: str) -> Page:
    """The page at a path. Raises RuleError when the front matter is not as `docs/writing-rules.md` says."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"{path}: cannot be read: {error}") from error
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
    return Page(
        severity=single["severity"],
        category=single["category"],
        help=single["help"],
        guide=several.get("guide", ()),
        sources=several.get("sources", ()),
        since=single["since"],
        title=title[1],
        summary=" ".join(paragraph[0].split()) if paragraph else "",
        markdown=body,
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
        fields[key] = text.strip() or ()
    for name in ("guide", "sources"):
        if isinstance(value := fields.get(name), str):
            fields[name] = tuple(part.strip() for part in value.split(",") if part.strip())
    return fields


class Rule:
    """One rule. `check` yields findings for a node; `nodes` are the types it wants; `options` its Options class, or None."""

    __slots__ = ("_page", "built_in", "check", "name", "nodes", "options", "page_path")

    def __init__(self, directory: str, stem: str) -> None:
        self.name = stem.replace("_", "-")
        self.page_path = os.path.join(directory, stem + ".md")
        self.built_in = directory == BUILT_IN
        self._page: Page | None = None
        module = _load(os.path.join(directory, stem + ".py"))
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
    def markdown(self) -> str:
        """See RuleInfo."""
        return self.page.markdown

    @property
    def url(self) -> str:
        """See RuleInfo. A rule from elsewhere is read where it lies."""
        stem = os.path.basename(self.page_path)
        return PAGES_URL + stem if self.built_in else stem

    def configured(self, values: Mapping[str, object]) -> Any:
        """The rule's Options with values from the configuration. Raises RuleError for a key or type it does not have."""
        if self.options is None:
            if values:
                raise RuleError(f"the rule `{self.name}` has no options, so `{next(iter(values))}` means nothing")
            return None
        defaults: dict[str, Any] = self.options._field_defaults
        for key, value in values.items():
            wanted = defaults.get(key.replace("-", "_"))
            if key.replace("-", "_") not in defaults:
                raise RuleError(f"the rule `{self.name}` has no option `{key}`; it has {', '.join(defaults)}")
            given = tuple(value) if isinstance(value, list) else value
            if type(given) is not type(wanted):
                raise RuleError(f"the option `{key}` of `{self.name}` is {_kind(wanted)}, not {value!r}")
        return self.options(
            **{
                key.replace("-", "_"): tuple(value) if isinstance(value, list) else value
                for key, value in values.items()
            }
        )


def _kind(value: object) -> str:
    return {"tuple": "a list", "bool": "true or false", "int": "a number", "str": "a text"}[type(value).__name__]


def _load(path: str) -> types.ModuleType:
    """The module at a path, by no import name that anyone could import; its bytecode is cached as usual."""
    name = "dlf_rule_" + os.path.basename(path)[:-3]
    loader = importlib.machinery.SourceFileLoader(name, path)
    spec = importlib.util.spec_from_loader(name, loader)
    if spec is None:
        raise RuleError(f"{path}: is no Python file")
    module = importlib.util.module_from_spec(spec)
    try:
        loader.exec_module(module)
    except Exception as error:
        raise RuleError(f"{path}: cannot be loaded: {type(error).__name__}: {error}") from error
    return module


def _subscription(check: types.FunctionType, path: str) -> tuple[tuple[type, ...], Any]:
    """The node types of the first parameter, and the Options type of the second."""
    code = check.__code__
    names = code.co_varnames[: code.co_argcount]
    if not 1 <= len(names) <= 2:  # noqa: PLR2004
        raise RuleError(f"{path}: `check` takes a node, and perhaps `options: Options`")
    annotation = check.__annotations__.get(names[0])
    nodes = annotation.__args__ if isinstance(annotation, types.UnionType) else (annotation,)
    if not all(isinstance(node, type) for node in nodes):
        raise RuleError(f"{path}: the first parameter of `check` is annotated with the nodes that it wants")
    return nodes, check.__annotations__.get(names[1]) if len(names) > 1 else None


def load_rules(directories: Sequence[str] = ()) -> tuple[Rule, ...]:
    """The built-in rules and those of further folders, sorted by name. Raises RuleError."""
    rules: dict[str, Rule] = {}
    for directory in (BUILT_IN, *directories):
        try:
            files = set(os.listdir(directory))
        except OSError as error:
            raise RuleError(f"{directory}: cannot be read as a folder of rules: {error.strerror}") from error
        stems = sorted(name[:-3] for name in files if name.endswith(".py") and not name.startswith((".", "_", "test_")))
        if not stems:
            raise RuleError(f"{directory}: holds no rule (a rule is `name.py` with its page `name.md`)")
        for stem in stems:
            if stem + ".md" not in files:
                raise RuleError(f"{directory}/{stem}.py: has no page `{stem}.md` beside it")
            rule = Rule(directory, stem)
            if rule.name in rules:
                raise RuleError(f"{directory}/{stem}.py: a rule named `{rule.name}` exists already")
            rules[rule.name] = rule
    return tuple(rules[name] for name in sorted(rules))
