"""Options of package managers: the grammar of each command line, and what it makes of the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.model.install.call import EXPANSION, bare_text
from dockerlint_fastapi.record import NamedTuple


class Option(NamedTuple):
    """An option as given: its long name where it has one, its value (None for a flag, or when it cannot be told)."""

    name: str
    value: str | None
    word: Argument
    value_word: Argument | None  # the word that holds the value: `word` itself for `--name=value`


class Grammar(NamedTuple):
    """How a manager reads its command line. Names carry their dashes."""

    values: frozenset[str]  # options that take a value
    long: Mapping[str, str]  # short name (and synonyms) -> the name under which it is kept
    abbreviations: frozenset[str] = frozenset()  # long options that may be cut short, as Python's optparse allows


class Parsed(NamedTuple):
    """A command line taken apart."""

    options: tuple[Option, ...]
    operands: tuple[Argument, ...]
    complete: bool  # False when a word that cannot be told may be options or operands of any number


def grammar_of(values: str, long: str = "", abbreviations: str = "") -> Grammar:
    """A grammar from lists of words: options with a value, `-s=--long` pairs, options that may be cut short."""
    pairs = (pair.split("=") for pair in long.split())
    return Grammar(frozenset(values.split()), dict(pairs), frozenset(abbreviations.split()))


def parse_options(arguments: Sequence[Argument], grammar: Grammar) -> Parsed:
    """The options and operands of a command line, behind the program."""
    options: list[Option] = []
    operands: list[Argument] = []
    waiting: tuple[str, Argument] | None = None  # an option whose value is the next word
    complete = True
    only_operands = False
    for argument in arguments:
        text = bare_text(argument)
        if waiting is not None:
            options.append(Option(waiting[0], argument.value, waiting[1], argument))
            waiting = None
        elif only_operands or text in ("", "-") or not text.startswith("-"):
            # An unquoted `$packages` may be several words, also options.
            operands.append(argument)
        elif text == "--":
            only_operands = True
        elif text.startswith("--"):
            name, equals, value = text.partition("=")
            if argument.value is None and EXPANSION.search(name):
                complete = False
                continue
            name = _long_name(name, grammar)
            if equals:
                options.append(Option(name, value if argument.value is not None else None, argument, argument))
            elif name in grammar.values:
                waiting = name, argument
            else:
                options.append(Option(name, None, argument, None))
        else:
            waiting = _parse_cluster(argument, text, grammar, options)
    if waiting is not None:
        options.append(Option(waiting[0], None, waiting[1], None))
    return Parsed(tuple(options), tuple(operands), complete)


def _parse_cluster(
    argument: Argument, text: str, grammar: Grammar, options: list[Option]
) -> tuple[str, Argument] | None:
    """`-yqq`, `-rfile`, `-q=2`: appends to `options`; the option that waits for the next word, if one does."""
    for at in range(1, len(text)):
        letter = "-" + text[at]
        name = grammar.long.get(letter, letter)
        rest = text[at + 1 :].removeprefix("=")
        if letter in grammar.values or name in grammar.values:
            if not rest:
                return name, argument
            options.append(Option(name, rest if argument.value is not None else None, argument, argument))
            return None
        options.append(Option(name, None, argument, None))
        if text[at + 1 : at + 2] == "=" or not text[at].isalnum():
            return None
    return None


def _long_name(name: str, grammar: Grammar) -> str:
    if name in grammar.long:
        return grammar.long[name]
    if grammar.abbreviations and name not in grammar.abbreviations:
        candidates = [known for known in grammar.abbreviations if known.startswith(name)]
        if len(candidates) == 1:
            return grammar.long.get(candidates[0], candidates[0])
    return name


def values_of(parsed: Parsed, *names: str) -> tuple[Argument, ...]:
    """The values of these options as arguments, each with the value alone as its text."""
    found: list[Argument] = []
    for option in parsed.options:
        if option.name in names and option.value_word is not None:
            word = option.value_word
            if word is option.word:  # `--name=value`, `-rvalue`
                _, equals, text = bare_text(word).partition("=")
                text = text if equals and bare_text(word).startswith("--") else (option.value or bare_text(word)[2:])
                word = Argument(option.value, text, word.span)
            found.append(word)
    return tuple(found)
