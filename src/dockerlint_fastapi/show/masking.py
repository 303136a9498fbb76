"""Commands without the literal secrets in them: what is shown may end in a README or an issue."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.secrets import holds_a_secret, names_a_secret, passwords_in_urls

HIDDEN = "***"

# `--password=x`, `--password x`, `PASSWORD=x`, each as a word of a script or as the whole word.
_NAMED = r"(?<![\w$-])(--?[A-Za-z][\w-]*(?:=|[ \t]+)|[A-Za-z_]\w*=)(?P<quote>[\"']?)([^\s\"';&|]+)(?P=quote)"
# The clients that take a password behind a short option, and how they write it.
_SHORT = (
    (r"\b(?:mysql|mysqladmin|mysqldump|mariadb|mariadb-admin)\b", r"(?<!\S)-p([\"']?)([^\s\"';&|]+)\1", 2),
    (r"\b(?:redis-cli|valkey-cli|keydb-cli)\b", r"(?<!\S)-a[ \t]+([\"']?)([^\s\"';&|]+)\1", 2),
)


def masked(text: str) -> str:
    """A script without its literal secrets. What comes from a variable is none, and stays."""
    hidden = list(passwords_in_urls(text))
    for match in re.finditer(_NAMED, text):
        name = match[1].rstrip("= \t")
        if names_a_secret(name) and holds_a_secret(name, match[3]) and not match[3].startswith("-"):
            hidden.append(match.span(3))
    for clients, option, group in _SHORT:
        if re.search(clients, text):
            hidden.extend(match.span(group) for match in re.finditer(option, text))
    pieces: list[str] = []
    done = 0
    for start, end in sorted(hidden):
        if start >= done and "$" not in text[start:end]:
            pieces += (text[done:start], HIDDEN)
            done = end
    return "".join(pieces) + text[done:]


def masked_words(words: list[str]) -> list[str]:
    """The same for the words of a command in exec form."""
    shown = [masked(word) for word in words]
    line = " ".join(words)
    mysql, redis = (re.search(clients, line) is not None for clients, _, _ in _SHORT)
    for at, word in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else ""
        flagged = word.startswith("-") and "=" not in word and not any(char.isspace() for char in word)
        if not flagged:
            continue
        named = names_a_secret(word) and holds_a_secret(word, following) and not following.startswith("-")
        client = redis and word == "-a"
        if following and (named or client) and "$" not in following:
            shown[at + 1] = HIDDEN
        if mysql and re.match(r"-p.", word) and "$" not in word:
            shown[at] = "-p" + HIDDEN
    return shown
