"""Which rules are on: names, categories and `all`, from the configuration and then from the command line.

As in ruff the more specific word wins, whatever the order: a rule's name over its category, a category over `all`.
A `select` on the command line starts afresh, so that `--select NAME` runs that rule and nothing else.
"""

from __future__ import annotations

from dockerlint_fastapi.config import ConfigError, did_you_mean
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from dockerlint_fastapi.report import RuleInfo

ALL = "all"
SYNTAX = ("compose-syntax", "dockerfile-syntax")
"""Rules that stay on unless they are ignored by name: a file that cannot be read must not look as if it had passed."""


class Layer(NamedTuple):
    """What one place says. `select` is None when it does not say."""

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


def check_selector(selector: str, rules: Collection[str], categories: Collection[str]) -> None:
    """Raises ConfigError when a word is neither a rule, nor a category, nor `all`."""
    if selector in rules or selector in categories or selector == ALL:
        return
    raise ConfigError(f"there is no rule or category `{selector}`{meant(selector, {*rules, *categories, ALL})}")


def meant(name: str, names: Collection[str]) -> str:
    """A suggestion for an unknown name. The names of hadolint's and BuildKit's rules lead to ours."""
    from dockerlint_fastapi.suppress import BUILDKIT, HADOLINT  # noqa: PLC0415 - only a wrong name needs it

    for key, ours in (*HADOLINT.items(), *BUILDKIT.items()):
        if key.lower() == name.lower() and (known := sorted(ours & set(names))):
            return f" (did you mean `{known[0]}`?)"
    return did_you_mean(name, names)


def rules_of(selector: str, rules: Iterable[RuleInfo]) -> frozenset[str]:
    """The names of the rules that a selector stands for. Pages are read only for a category."""
    rules = tuple(rules)
    if selector == ALL:
        return frozenset(rule.name for rule in rules)
    if any(rule.name == selector for rule in rules):
        return frozenset({selector})
    return frozenset(rule.name for rule in rules if rule.category == selector)


def chosen(rules: Sequence[RuleInfo], layers: Iterable[Layer]) -> frozenset[str]:
    """The names of the rules that are on, when all are at first and each layer in turn has its say."""
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


def named(rules: Iterable[RuleInfo], layers: Iterable[Layer]) -> frozenset[str]:
    """The names of the rules that are selected by just these names."""
    words: set[str] = set()
    for layer in layers:
        if layer.select is not None:
            words = set(layer.select)
        words.update(layer.extend_select)
    return frozenset(rule.name for rule in rules if rule.name in words)


def severities(table: Mapping[str, str], rules: Sequence[RuleInfo]) -> Mapping[str, str]:
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
