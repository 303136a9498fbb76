"""Ways of writing a Dockerfile that Docker still accepts and advises against."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.dockerfile import Env, Expose, From, Instruction, Label, Maintainer, Pair, Stage
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.dockerfile import Dockerfile

_ARCHITECTURES: Final = r"amd64|arm64|x86|x86_64|aarch64|armv?[67]|i386|ppc64le|s390x|riscv64"
_COMMENT_SPEAKS: Final = rf"(?i)platform|architecture|{_ARCHITECTURES}|\barm\b|apple|\bm[1234]\b|wheel|rosetta|qemu"


# What is fetched for one architecture is named for it: `google-chrome-stable_current_amd64.deb`, `/linux/x86_64/`.
_SAME: Final = {"amd64": r"amd64|x86[_-]64|x64|linux64", "arm64": r"arm64|aarch64"}
_FETCHES: Final = r"https?://|\b(?:dpkg|curl|wget|gdebi)\b"

_HABITS: Final = frozenset(("as", "case", "pair"))


class LegacyForm(NamedTuple):
    """One outdated form.

    `kind`: `pair` (ENV or LABEL with a space), `swallow` (such an ENV that takes others for its value), `maintainer`,
    `as` (not in the case of its FROM), `case` (a keyword in another case than the rest), `empty` (an empty line in a
    continued instruction), `protocol` (capitals in EXPOSE), `frontend` (ENV DEBIAN_FRONTEND), `platform` (a FROM for
    one architecture). `text` is what is written, `modern` what to write in the place of `span`, None where that takes
    thought. `swallowed` are the names that are never set.
    """

    kind: str
    text: str
    span: Span
    modern: str | None
    swallowed: tuple[str, ...] = ()


def legacy_forms(dockerfile: Dockerfile) -> Iterator[tuple[LegacyForm, ...]]:
    """The outdated forms in a file, in order. What is one habit throughout a file stands together."""
    found = [*_keywords(dockerfile)]
    found += [LegacyForm("empty", "", problem.span, None) for problem in dockerfile.warnings]
    for stage in dockerfile.stages:
        found += _of_from(stage)
        for kind in (Env, Label, Maintainer, Expose):
            for instruction in stage.of(kind):
                found += _of_instruction(instruction)
    habits: dict[str, list[LegacyForm]] = {}
    groups: list[list[LegacyForm]] = []
    for form in sorted(found, key=lambda form: form.span.start):
        if form.kind in habits:
            habits[form.kind].append(form)
        else:
            groups.append([form])
            if form.kind in _HABITS:
                habits[form.kind] = groups[-1]
    yield from map(tuple, groups)


def _of_instruction(instruction: Instruction) -> Iterator[LegacyForm]:
    if isinstance(instruction, Env) and any(_is_silencer(pair) for pair in instruction.pairs):
        yield from (
            LegacyForm("frontend", pair.name, pair.span, None) for pair in instruction.pairs if _is_silencer(pair)
        )
    elif isinstance(instruction, (Env, Label)) and instruction.legacy:
        pair = instruction.pairs[0]
        swallowed = swallowed_names(instruction) if isinstance(instruction, Env) else ()
        if swallowed:
            yield LegacyForm("swallow", f"{instruction.keyword} {pair.name}", pair.name_span, None, swallowed)
            return
        yield LegacyForm("pair", f"{instruction.keyword} {pair.name}", pair.span, _modern_pair(pair))
    elif isinstance(instruction, Maintainer):
        name = instruction.text.strip().strip("\"'")
        plain = re.search(r"[\"\\$\n]", name) is None and "\n" not in instruction.span.text
        modern = f'LABEL org.opencontainers.image.authors="{name}"' if plain else None
        yield LegacyForm("maintainer", name, instruction.span, modern)
    elif isinstance(instruction, Expose):
        for word in instruction.ports:
            port, slash, protocol = word.text.partition("/")
            if slash and protocol != protocol.lower() and "$" not in protocol:
                yield LegacyForm("protocol", word.text, word.span, f"{port}/{protocol.lower()}")


def swallowed_names(env: Env) -> tuple[str, ...]:
    """The names that are written as `NAME=` in the value of an ENV of the old form, `ENV A 1 B=2`, and so never set."""
    if not env.legacy:
        return ()
    first, *words = env.pairs[0].raw.split() or ("=",)
    if "=" in first or first.startswith(("-", '"', "'")):
        return ()  # what is meant is a value of such words
    return tuple(match[1] for word in words if (match := re.match(r"([A-Z_][A-Z0-9_]+)=", word)))


def _is_silencer(pair: Pair) -> bool:
    return pair.name == "DEBIAN_FRONTEND" and pair.value == "noninteractive"


def _modern_pair(pair: Pair) -> str | None:
    """`name=value`, quoted where the value holds blanks; None where that would need escapes."""
    raw, name = pair.raw.strip(), pair.name_span.text
    if "\n" in pair.span.text or "\\" in raw or not raw:
        return None
    if not re.search(r"[\s\"']", raw):
        return f"{name}={raw}"
    if re.fullmatch(r'"[^"]*"|\'[^\']*\'', raw):
        return f"{name}={raw}"
    return f'{name}="{raw}"' if not re.search(r"[\"']", raw) else None


def _keywords(dockerfile: Dockerfile) -> Iterator[LegacyForm]:
    """The keywords that are written in another case than most: all capitals, or all small."""
    written = [one.keyword_span for one in dockerfile.instructions]
    texts = [span.text for span in written]
    upper = sum(text.isupper() for text in texts)
    small = sum(text.islower() for text in texts)
    if upper == len(texts) or small == len(texts):
        return
    most_small = small > upper
    for span, text in zip(written, texts, strict=True):
        modern = text.lower() if most_small else text.upper()
        if text != modern and "\n" not in text:
            yield LegacyForm("case", text, span, modern)


def _of_from(stage: Stage) -> Iterator[LegacyForm]:
    from_ = stage.from_
    if from_.name is not None:
        match = re.search(r"\b(as)\b\s+\S+\s*\Z", from_.text, re.IGNORECASE)
        keyword = from_.keyword_span.text
        if match is not None and keyword.isupper() != match[1].isupper() and (keyword.isupper() or keyword.islower()):
            modern = "AS" if keyword.isupper() else "as"
            yield LegacyForm("as", match[1], from_.locate(*match.span(1)), modern)
    if from_.platform is not None and _is_fixed(from_, stage):
        yield LegacyForm("platform", from_.platform.raw, from_.platform.span, None)


def _fetches_for(stage: Stage, platform: str) -> bool:
    """Whether a step of a stage fetches or installs a file that is named for the architecture of a platform: on another
    the build would break.
    """
    names = next((words for name, words in _SAME.items() if name in platform or re.search(words, platform)), None)
    if names is None:
        return False
    named = rf"(?<![a-z0-9])(?:{names})(?![a-z0-9])"
    steps = (one.text for one in stage.instructions if one.keyword in ("RUN", "ADD"))
    return any(re.search(named, text) is not None and re.search(_FETCHES, text) is not None for text in steps)


def _is_fixed(from_: From, stage: Stage) -> bool:
    """Whether a FROM is for one architecture, and nobody says why: no comment above it, and not the stage's name."""
    platform = from_.platform
    if platform is None or "$" in platform.raw or re.search(_ARCHITECTURES, platform.raw) is None:
        return False
    if re.search(_ARCHITECTURES, f"{stage.name or ''} {from_.image.text}"):
        return False
    if "lambda" in from_.image.text or "sam/build-" in from_.image.text:  # a Lambda has one architecture
        return False
    if _fetches_for(stage, platform.raw):
        return False
    source, line = from_.span.source, from_.span.line - 1
    while line > 0 and source.line(line).lstrip().startswith("#"):
        if re.search(_COMMENT_SPEAKS, source.line(line)):
            return False
        line -= 1
    return True
