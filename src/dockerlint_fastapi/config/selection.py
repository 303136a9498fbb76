"""Which rules are on: names, categories and `all`, from the configuration and then from the command line.

As in ruff the more specific word wins, whatever the order: a rule's name over its category, a category over `all`.
A `select` on the command line starts afresh, so that `--select NAME` runs that rule and nothing else.
"""

from __future__ import annotations

from dockerlint_fastapi.config import ConfigError, did_you_mean
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.rule import Names, near_code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from dockerlint_fastapi.rule import Rule

ALL = "all"
SYNTAX = ("compose-syntax", "dockerfile-syntax")
"""Rules that stay on unless they are ignored by name: a file that cannot be read must not look as if it had passed."""


class Layer(NamedTuple):
    """What one place says. `select` is None when it does not say."""

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    @property
    def coded(self) -> bool:
        """Whether a word of it may be a rule's code."""
        return any(map(str.isupper, (*(self.select or ()), *self.extend_select, *self.ignore)))

    def decoded(self, names: Names) -> Layer:
        """The same with the names of the rules that it calls by their codes."""
        select, extend_select, ignore = (None if words is None else tuple(map(names.name_of, words)) for words in self)
        return Layer(select, extend_select or (), ignore or ())


def name_of(word: str, rules: Collection[str]) -> str:
    """The name of the rule whose code a word is, where the codes can be asked for; else the word itself."""
    return rules.name_of(word) if isinstance(rules, Names) else word


def check_selector(selector: str, rules: Collection[str], categories: Collection[str]) -> None:
    """Raises ConfigError when a word is neither a rule, by its name or its code, nor a category, nor `all`."""
    if name_of(selector, rules) in rules or selector in categories or selector == ALL:
        return
    codes = rules.codes if isinstance(rules, Names) else ()
    raise ConfigError(f"there is no rule or category `{selector}`{meant(selector, {*rules, *categories, ALL}, codes)}")


def meant(name: str, names: Collection[str], codes: Collection[str] = ()) -> str:
    """A suggestion for an unknown name. The names of hadolint's and BuildKit's rules lead to ours."""
    from dockerlint_fastapi.suppress import BUILDKIT, HADOLINT  # noqa: PLC0415 - only a wrong name needs it

    for key, ours in (*HADOLINT.items(), *BUILDKIT.items()):
        if key.lower() == name.lower() and (known := sorted(ours & set(names))):
            return f" (did you mean `{known[0]}`?)"
    close = near_code(name, codes)
    return f" (did you mean `{close}`?)" if close else did_you_mean(name, names)


def rules_of(selector: str, rules: Iterable[Rule]) -> frozenset[str]:
    """The names of the rules that a selector stands for, no code. Pages are read only for a category."""
    rules = tuple(rules)
    if selector == ALL:
        return frozenset(rule.name for rule in rules)
    if any(rule.name == selector for rule in rules):
        return frozenset({selector})
    return frozenset(rule.name for rule in rules if rule.category == selector)


def decoded(rules: Sequence[Rule], layers: Iterable[Layer]) -> tuple[Layer, ...]:
    """The layers with names for codes. Pages are read only when a word may be a code."""
    layers = tuple(layers)
    if not any(layer.coded for layer in layers):
        return layers
    names = Names(rules)
    return tuple(layer.decoded(names) for layer in layers)


def chosen(rules: Sequence[Rule], layers: Iterable[Layer]) -> frozenset[str]:
    """The names of the rules that are on, when all are at first and each layer in turn has its say."""
    layers = decoded(rules, layers)
    names = {rule.name for rule in rules}
    on = set(names)
    ignored_by_name: set[str] = set()
    for layer in layers:
        if layer.select is not None:
            on = set()
            ignored_by_name = set()

        def level(selector: str) -> int:
            return 2 if selector in names else selector != ALL

        for specificity in range(3):
            for selector in (*(layer.select or ()), *layer.extend_select):
                if level(selector) == specificity:
                    on |= rules_of(selector, rules)
            for selector in layer.ignore:
                if level(selector) == specificity:
                    on -= rules_of(selector, rules)
        ignored_by_name.update(names.intersection(layer.ignore))
    return frozenset(on | (names.intersection(SYNTAX) - ignored_by_name))


def named(rules: Sequence[Rule], layers: Iterable[Layer]) -> frozenset[str]:
    """The names of the rules that are selected one by one, not by a category or `all`."""
    words: set[str] = set()
    for layer in decoded(rules, layers):
        if layer.select is not None:
            words = set(layer.select)
        words.update(layer.extend_select)
    return frozenset(rule.name for rule in rules if rule.name in words)


def severities(table: Mapping[str, str], rules: Sequence[Rule]) -> Mapping[str, str]:
    """Severities by rule name, from a table that may speak of categories and of `all`: the more specific word wins."""
    names = {rule.name for rule in rules}
    if table.keys() <= names:
        return table
    found: dict[str, str] = dict.fromkeys(names, table[ALL]) if ALL in table else {}
    for selector, severity in table.items():
        if selector not in names and selector != ALL:
            found.update(dict.fromkeys(rules_of(selector, rules), severity))
    found.update((name, severity) for name, severity in table.items() if name in names)
    return found
