r"""The text of a file as a report may hand it on: a star for each character of a secret, so that places stay.

A log goes to other people and other machines, and must not carry the secret that it warns of. What is a secret is what
the rules take for one by its name (`model.secrets`) or by its form (`secret_tokens`), wherever it stands, in comments
too; of a file that is there to hold secrets nothing is left but the names of variables. Where a value ends is not
always certain in a text that is no longer parsed: then more is hidden rather than less.
"""

from __future__ import annotations

import re

from dockerlint_fastapi.model.secrets import holds_a_secret, is_made_up, names_a_secret, passwords_in_urls
from dockerlint_fastapi.model.secrets.secret_copies import kind_of
from dockerlint_fastapi.model.secrets.secret_tokens import tokens
from dockerlint_fastapi.parsers.dotenv import parse_env_file
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.reporters.visible import harmless

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerlint_fastapi.source import Source

STAR = "*"
UNSEEN = "\ufffd"  # in place of what prints nothing, or acts upon what shows it

_PLAIN = pattern(r"[\t\n -~]*(?:\r\n[\t\n -~]*)*\Z")
_SECRET = pattern(r"api_?key|auth|credential|key|pass|pwd|pword|secret|token", re.IGNORECASE)
_CAMEL = pattern(r"(?<=[a-z0-9])(?=[A-Z])")
_LONGEST_NAME = 100  # characters on either side of the word that announces a secret
_LONGEST = 2_000  # characters of a value that are looked at, so that no text takes time that grows with its square
_NAME_CHARS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")

# What may stand between a name and its value.
_ASSIGNS = pattern(r"[ \t]*(?P<sign>:=|=>|==|=|:)[ \t]*")
_NEXT_ITEM = pattern(
    r"[ \t]*,[ \t]*(?:\w+[ \t]*=[ \t]*)?(?=[rbfRBF]{0,2}[\"'])"
)  # `"--password", "x"`, `getenv("TOKEN", "x")`
_NEXT_LINE_ITEM = pattern(r"[ \t]*\r?\n[ \t]*-[ \t]+")  # two items of a YAML list
_BEHIND_FLAG = pattern(r"(?:[ \t]|\\\r?\n)+(?!-)")
_DEFAULT = pattern(r":?[-=]")
_BLOCK = pattern(r"[|>][-+0-9]{0,2}[ \t]*(?:#[^\n]*)?\r?\n")
_ENV_LINE = pattern(r"[ \t]*(?:ENV|LABEL)[ \t]+\Z", re.IGNORECASE)
_LIST_LINE = pattern(r"[ \t]*-[ \t]+\Z")

# What a value is made of. Each eats as much as it can and never goes back.
_WORD = pattern(r"(?:[^\s\"'\\]|\\\r?\n[ \t]*|\\.|\"(?:[^\"\\]|\\.)*(?:\"|\Z)|'[^']*(?:'|\Z))+", re.DOTALL)
_DOUBLE = pattern(r"(?:[^\"\\]|\\.)*", re.DOTALL)
_SINGLE = pattern(r"(?:[^'\\]|\\.)*", re.DOTALL)
_OPENING = pattern(r"[rbfuRBFU]{0,2}(\"\"\"|'''|\"|')")
_REFERENCES = pattern(r"(?:\$\w+|\$\{\w+(?::?\?[^{}]*)?\}|\$\{\{[^{}]*\}\}|\$\(.*|`.*)+\Z", re.DOTALL)
_GOES_ON = pattern(r"[ \t]*(?:[:=,]|or\b)")
_STARS = pattern(r"\*{6,}")
_MOST_LITERALS = 8  # of one statement of Python
_MOST = 200  # words of a file that are looked for elsewhere
_BRACE = pattern(r"[{}]")
_VARIABLE = pattern(r"[A-Za-z]\w*\Z")
_LOOKED_UP = pattern(r"(?:get\w*\(|\[)\s{0,4}\Z")
_CODE = pattern(r"[^\"'()\[\]{}#,\n]+")  # of Python, up to the next sign that matters here
_CODE_ENDINGS = (".py", ".pyi", ".yaml", ".yml", ".toml", ".sh", ".md", "dockerfile")
_AGAIN = 8  # characters of a secret that is hidden where it stands without a name too
_MARKS = " \t\r\n\"',;()[]{}\\"

_KEY_BEGIN, _KEY, _KEY_END = "-----BEGIN", "PRIVATE KEY", "-----END"
_CREDENTIALS = (
    (r"(?i)\b(?:bearer|basic)[ \t]+([A-Za-z0-9._~+/=-]{8,})", None),
    (r"(?i)\bhttps?://([^\s/?#\"'<>:@]{8,})@", None),  # a token in place of the user
    (r"(?<![\w-])(?:-u|--user|--proxy-user)[=\s\"',]{0,4}[^\s:\"'=/,]+:([^\s\"']+)", None),
    (r"(?<![\w-])-p[ \t]?([^\s\"',]+)", "mysql mariadb sshpass"),
    (r"(?<![\w-])-p[ \t\"',]{1,5}([^\s\"',]+)", "sshpass docker"),
    (r"(?<![\w-])-a[\s\"',]{1,5}([^\s\"',]+)", "redis-cli valkey-cli keydb-cli"),
    (r"(?<![\w.-])[\w.-]{1,64}:([^\s\"'|\\]+)", "chpasswd"),
    (r"\bIDENTIFIED[ \t]+BY[ \t]+[\"']([^\"'\n]+)", "IDENTIFIED"),
    (r"(?i)\bPASSWORD[ \t]+[\"']([^\"'\n]+)", "PASSWORD password"),
)  # fmt: skip


def shown(source: Source) -> str:
    """The text of a file, of the same length, with the same line ends, without its secrets and without characters that
    a viewer would obey.
    """
    text = source.text
    done = 0
    pieces: list[str] = []
    for low, end in sorted(secrets(source)):
        start = max(low, done)
        if start < end:
            pieces += (text[done:start], _starred(text[start:end]))
            done = end
    if not pieces:
        return printable(text)
    told = "".join(pieces) + text[done:]
    for word in hidden(text, told, _AGAIN):
        if word in told and not is_made_up(word):
            told = told.replace(word, STAR * len(word))
    return printable(told)


def hidden(text: str, told: str, shortest: int) -> tuple[str, ...]:
    """The words of a text that are stars in what is told of it, the longest first, and none that is too short to be
    known for the same elsewhere.
    """
    found: set[str] = set()
    for stars in _STARS.finditer(told):
        word = text[stars.start() : stars.end()]
        if len(word) >= shortest and word.strip(STAR) and len(found) < _MOST:
            found.add(word)
    return tuple(sorted(found, key=lambda word: (-len(word), word)))


def printable(text: str) -> str:
    """A text with U+FFFD for each character that prints nothing of its own; line ends and tabs stay."""
    if _PLAIN.match(text):
        return text
    kept = "".join(char if char in "\n\t\r" or harmless(char) else UNSEEN for char in text)
    return re.sub(r"\r(?!\n)", UNSEEN, kept)  # alone it would be a line end for others, and is none here


def _starred(text: str) -> str:
    return re.sub(r"[^\s]", STAR, text)


def secrets(source: Source) -> Iterator[tuple[int, int]]:
    """Where the secrets of a file stand; they may overlap."""
    if (kind := kind_of_secrets(source)) is not None:
        yield from _all_but_names(source) if kind == "environment" else [(0, len(source.text))]
        return
    text = source.text
    yield from (one.span[1:] for one in tokens(source) if not one.span.text.startswith(_KEY_BEGIN))
    yield from _private_keys(text)
    yield from (place for place in passwords_in_urls(text) if not _refers(text[slice(*place)]))
    yield from _behind_names(text, python=source.path.endswith((".py", ".pyi")))
    yield from _behind_options(text)


def kind_of_secrets(source: Source) -> str | None:
    """What a file that is there to hold secrets holds: `environment`, `key`, `login`; None for any other file."""
    if source.private:
        return "environment"
    *folders, name = source.path.lower().split("/")
    if not name.endswith(_CODE_ENDINGS):
        if not {"env", "envrc"}.isdisjoint(name.split(".")):
            return "environment"  # examples of one too: what stands in them is often what runs
        if not {"secrets", ".secrets"}.isdisjoint(folders):
            return "key"
    return kind_of(source.path)


def _all_but_names(source: Source) -> Iterator[tuple[int, int]]:
    """All of an env file but the names of its variables and the signs behind them."""
    text = source.text
    at = 0
    for assignment in parse_env_file(source).assignments:
        name = assignment.name_span
        line = text.rfind("\n", 0, name.start) + 1
        # behind the closing quote of a value Compose reads one more assignment, where others read a value
        named = text[line : name.start].strip() in ("", "export") and text[name.end : name.end + 1] in ("=", ":")
        if line >= at and named:
            yield at, line
            at = name.end + 1
    yield at, len(text)


def _private_keys(text: str) -> Iterator[tuple[int, int]]:
    """The inside of each block that holds a private key."""
    at = text.find(_KEY_BEGIN)
    while at >= 0:
        head = text.find(_KEY, at, at + 60)
        end = text.find(_KEY_END, at)
        end = len(text) if end < 0 else end
        if 0 <= head < end:
            yield head + len(_KEY), end
        at = text.find(_KEY_BEGIN, end)


def _behind_names(text: str, *, python: bool) -> Iterator[tuple[int, int]]:
    """The values behind names of secrets: assignments of every kind, options, defaults of variables."""
    done = 0
    known: dict[str, bool] = {}
    for match in _SECRET.finditer(text):
        if match.start() < done:
            continue
        start, end = match.span()
        while start > done and match.start() - start < _LONGEST_NAME and text[start - 1] in _NAME_CHARS:
            start -= 1
        while end < len(text) and end - match.end() < _LONGEST_NAME and text[end] in _NAME_CHARS:
            end += 1
        done = end
        name = text[start:end].rstrip("-.")
        if name not in known:
            known[name] = names_a_secret(name) or names_a_secret(_CAMEL.sub("_", name))
        if not known[name]:
            continue
        for low, high in _values(text, start, start + len(name), python=python):
            value = text[low : min(high, low + _LONGEST // 4)]
            if python and _VARIABLE.match(value) and _LOOKED_UP.search(text, max(0, low - 12), low - 1):
                continue  # `os.environ["SECRET_KEY"]`
            if value and _is_secret(name, value):
                yield low, high
                done = max(done, high)


def _is_secret(name: str, value: str) -> bool:
    """Whether a value, as it is written, is more than a reference to one and can be what the name announces."""
    bare = value.strip(_MARKS)
    return bool(bare) and not _refers(value.strip(" \t\r\n\"',;")) and holds_a_secret(name, bare)


def _refers(value: str) -> bool:
    return value[:1] in "$`" and _REFERENCES.match(value) is not None


def _values(text: str, start: int, end: int, *, python: bool) -> Iterator[tuple[int, int]]:
    """Where what is behind a name stands."""
    before = text[max(0, start - 2) : start]
    if before.endswith("$") or before == "${":
        if before == "${" and (operator := _DEFAULT.match(text, end)):
            yield operator.end(), _closing(text, operator.end())
        return
    quote = before[-1:] if before[-1:] in ("'", '"') else ""
    closed = bool(quote) and text[end : end + 1] == quote
    at = end + closed
    if python:
        while closed and text[at : at + 1] in ("]", ")"):  # `os.environ["TOKEN"] = "x"`
            at += 1
        if _GOES_ON.match(text, at):
            yield from _literals(text, at, within=closed and text[at : at + 1] == ",")
        return
    low = max(0, start - _LONGEST_NAME)
    line = text[text.rfind("\n", low, start) + 1 if "\n" in text[low:start] else low : start - len(quote)]
    if sign := _ASSIGNS.match(text, at):
        loose = sign[0] != sign["sign"] or ":" in sign["sign"]
        inside = quote if quote and not closed else ""
        yield from _assigned(text, sign.end(), inside, whole=loose or _LIST_LINE.match(line) is not None, line=start)
    elif closed and (comma := _NEXT_ITEM.match(text, at)):
        yield _quoted(text, comma.end()) or (at, at)
    elif text[start] == "-":
        yield from _of_flag(text, at)
    elif _ENV_LINE.match(line) and text[at : at + 1] in " \t":
        yield at, _line_end(text, at)


def _of_flag(text: str, at: int) -> Iterator[tuple[int, int]]:
    """The value behind an option: the next word, or the next item of a list."""
    item = _NEXT_LINE_ITEM.match(text, at)
    gap = item or _BEHIND_FLAG.match(text, at)
    if gap is not None:
        yield _quoted(text, gap.end()) or _eaten(_WORD, text, gap.end())


def _assigned(text: str, at: int, inside: str, *, whole: bool, line: int) -> Iterator[tuple[int, int]]:
    """The value that begins at a place: quoted, a block of YAML, the rest of the line, or a word."""
    if inside:
        yield _eaten(_SINGLE if inside == "'" else _DOUBLE, text, at)
    elif block := _BLOCK.match(text, at):
        yield block.end(), _block_end(text, line, block.end())
    elif quoted := _quoted(text, at):
        yield quoted
        behind = quoted[1] + 1
        if text[behind : behind + 1] not in (",", ";", ")", "]", "}", ":", ""):
            yield _eaten(_WORD, text, behind)
    elif whole:
        end = _line_end(text, at)
        if at < end:
            yield at, end
        else:  # a value on the line below its key, which is no key itself
            below = _line_end(text, min(end + 1, len(text)))
            if not re.match(r"\s*(?:-|[\w\"'.-]+[ \t]*[:=]|#)", text[end + 1 : below]):
                yield min(end + 1, len(text)), max(below, end)
    else:
        yield _eaten(_WORD, text, at)


def _eaten(what: re.Pattern[str], text: str, at: int) -> tuple[int, int]:
    """From a place on as far as it is made of something; of what is too long for that the rest of the line too."""
    match = what.match(text, at, at + _LONGEST)
    end = match.end() if match else at
    return at, end if end < at + _LONGEST else _line_end(text, end)


def _quoted(text: str, at: int) -> tuple[int, int] | None:
    """The inside of the quoted text that begins at a place; to the end when nothing closes it."""
    opening = _OPENING.match(text, at)
    if opening is None:
        return None
    if len(opening[1]) > 1:
        end = text.find(opening[1], opening.end())
        return opening.end(), len(text) if end < 0 else end
    return _eaten(_SINGLE if opening[1] == "'" else _DOUBLE, text, opening.end())


def _literals(text: str, at: int, *, within: bool) -> Iterator[tuple[int, int]]:
    """The string literals of the statement that goes on at a place; of the brackets that it stands in when `within`."""
    depth = 0
    last = min(len(text), at + _LONGEST // 4)
    literals = 0
    while at < last and literals < _MOST_LITERALS:
        char = text[at]
        if quoted := _quoted(text, at) if char in "\"'" else None:
            yield quoted
            literals += 1
            at = quoted[1] + (3 if text[quoted[1] : quoted[1] + 3] in ('"""', "'''") else 1)
            continue
        depth += (char in "([{") - (char in ")]}")
        if depth < 0 or (char in ",\n" and depth == 0 and not within):
            return
        if char == "#":
            at = _line_end(text, at)
        else:
            code = _CODE.match(text, at, last)
            at = code.end() if code else at + 1


def _block_end(text: str, line: int, at: int) -> int:
    """Where an indented block ends that begins at a place, below the line of another."""
    before = text[text.rfind("\n", max(0, line - _LONGEST_NAME), line) + 1 : line]
    indent = len(before) - len(before.lstrip(" -"))
    while at < len(text):
        end = _line_end(text, at)
        row = text[at:end]
        if row.strip() and len(row) - len(row.lstrip(" ")) <= indent:
            return at
        at = end + 1
    return len(text)


def _closing(text: str, at: int) -> int:
    """The brace that closes `${`, on the same line."""
    depth = 0
    end = _line_end(text, at)
    for brace in _BRACE.finditer(text, at, min(end, at + _LONGEST // 4)):
        depth += 1 if brace[0] == "{" else -1
        if depth < 0:
            return brace.start()
    return end


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _behind_options(text: str) -> Iterator[tuple[int, int]]:
    """What programs take as a password without a name that says so."""
    for expression, programs in _CREDENTIALS:
        if programs is None:
            places = re.finditer(expression, text)
            yield from (match.span(1) for match in places if not _refers(match[1]))
            continue
        for program in programs.split():
            at = text.find(program)
            while at >= 0:
                begin, end = text.rfind("\n", 0, at) + 1, _line_end(text, at)
                for match in re.compile(expression).finditer(text, begin, end):
                    if not _refers(match[1]):
                        yield match.span(1)
                at = text.find(program, end)
