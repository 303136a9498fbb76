"""Instructions that give names values: ENV, LABEL and ARG."""

from __future__ import annotations

from dockerlint_fastapi.model.dockerfile import Arg, Env, Label, Pair
from dockerlint_fastapi.parsers.dockerfile.clause import Clause, RefusedError
from dockerlint_fastapi.parsers.dockerfile.stages import Stages
from dockerlint_fastapi.parsers.dockerfile.words import first_blank, quoted_words


def env(clause: Clause, stages: Stages) -> Env:
    """ENV. Every value sees the variables as they were before the line."""
    pairs, legacy = _pairs(clause)
    made = clause.fill(Env())
    made.pairs, made.legacy = pairs, legacy
    if not clause.onbuild and stages.scope is not None:
        for pair in pairs:
            stages.scope.set_env(pair.name, pair.value)
    return made


def label(clause: Clause) -> Label:
    """LABEL."""
    pairs, legacy = _pairs(clause)
    made = clause.fill(Label())
    made.pairs, made.legacy = pairs, legacy
    return made


def arg(clause: Clause, stages: Stages) -> Arg:
    """ARG. A value sees the names to its left."""
    text = clause.line.text
    words = quoted_words(text, clause.parts.start, clause.parts.end, clause.escape)
    if not words:
        raise RefusedError(clause.keyword_span, "ARG needs a name", "`ARG name` or `ARG name=default`")
    made = clause.fill(Arg(), checked=False)
    pairs: list[Pair] = []
    for start, end, word in words:
        equals = word.find("=")
        if equals == 0:
            raise RefusedError(clause.span(start, end), "ARG needs a name before `=`", "`name=default`")
        assigned = equals > 0
        name = word[:equals] if assigned else word
        name_end = start + len(name)
        raw = text[name_end + 1 : end] if assigned else ""
        value = clause.value(raw, name_end + 1) if assigned else None
        if not clause.onbuild:
            value = stages.declare(name, value, assigned=assigned)
        pairs.append(
            Pair(
                name,
                value,
                assigned,
                raw,
                clause.span(start, end),
                clause.span(start, name_end),
                clause.span(name_end + assigned, end) if assigned else clause.span(name_end, name_end),
            )
        )
    made.pairs = tuple(pairs)
    return made


def _pairs(clause: Clause) -> tuple[tuple[Pair, ...], bool]:
    """The pairs of ENV or LABEL, and whether the form is the old one with a space."""
    text, keyword = clause.line.text, clause.keyword
    start, end = clause.parts.start, clause.parts.end
    words = quoted_words(text, start, end, clause.escape)
    if not words:
        raise RefusedError(clause.keyword_span, f"{keyword} needs an argument", f"`{keyword} name=value`")
    if "=" not in words[0].value:
        gap = first_blank(text, start, end)
        if gap is None:
            raise RefusedError(clause.behind, f"{keyword} needs a name and a value", f"`{keyword} name=value`")
        return (_pair(clause, start, gap[0], gap[1], end),), True
    for word in words:
        if "=" not in word.value:
            raise RefusedError(
                clause.span(word.start, word.end),
                f"`{word.value}` has no `=`",
                f"`{keyword} name=value name=value`",
            )
    pairs: list[Pair] = []
    for word in words:
        equals = word.start + word.value.index("=")
        if equals == word.start:
            raise RefusedError(clause.span(word.start, word.end), f"{keyword} needs a name before `=`", "`name=value`")
        pairs.append(_pair(clause, word.start, equals, equals + 1, word.end))
    return tuple(pairs), False


def _pair(clause: Clause, start: int, name_end: int, value_start: int, end: int) -> Pair:
    """One name and value of ENV or LABEL; both are expanded."""
    text = clause.line.text
    name, raw = text[start:name_end], text[value_start:end]
    expanded = clause.value(name, start)
    return Pair(
        name if expanded is None else expanded,
        clause.value(raw, value_start),
        assigned=True,
        raw=raw,
        span=clause.span(start, end),
        name_span=clause.span(start, name_end),
        value_span=clause.span(value_start, end),
    )
