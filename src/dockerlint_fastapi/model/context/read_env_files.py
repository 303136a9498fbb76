"""Env files that the code in an image reads where only a COPY can put them: `load_dotenv(BASE_DIR / ".env.token")`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.context.env_reading import code_of, is_bare
from dockerlint_fastapi.model.dockerfile import Env
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Source, Span
from dockerlint_fastapi.tree import normal, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.context.image_build import ImageBuild

# What is handed to a reader of env files, up to the end of a first argument; a name is resolved where it is assigned.
_CALL: Final = (
    r"(?m)^[^#\n]*?(?:\b(?:load_dotenv|dotenv_values)\(\s*(?:dotenv_path[ \t]*=[ \t]*)?"
    r"|\benv_file[\"']?[ \t]*[=:][ \t]*)([^\n]{0,300})"
)
_NAME: Final = r"[rRuU]?([\"'])((?:[\w.-]+/)*[\w.-]*\.env[\w.-]*)\1"
_PLAIN: Final = rf"{_NAME}[ \t]*(?:[,)]|$)"
_BELOW: Final = rf"([^,\"'\n]+?)[ \t]*/[ \t]*{_NAME.replace('1', '2')}"
_JOINED: Final = rf"os\.path\.join\(([^,\n]+),[ \t]*{_NAME.replace('1', '2')}\)"
_SPELT: Final = r"[\"'](?:\./)*\w[\w.-]*/(?:[\w.-]+/)*\.env[\"']"
_WORD: Final = r"(\w+)[ \t]*(?:[,)]|$)"
# All that an expression may hold that leads from the file itself to a folder above.
_UPWARDS: Final = (
    r"(?:pathlib\.|os\.path\.|Path\b|str\b|__file__|resolve\b|absolute\b|abspath\b|realpath\b|dirname\b"
    r"|\.parents\[\d\]|\.parent\b|[().\s])+"
)


class ReadFile(NamedTuple):
    """An env file of a build's context that code reads: its path there, and the place in the code. `spelt` tells
    whether that spells out the folder (`load_dotenv("app/jobs/.env")`).
    """

    path: str
    span: Span
    spelt: bool = False


def read_env_files(build: ImageBuild) -> Iterator[ReadFile]:
    """The env files that code in the image reads by their names where a COPY takes them, while some container of the
    image gets its variables in no other way.
    """
    containers = build.image.containers
    services = [one for one in containers if one.service is not None]
    bare = [one for one in services or containers if is_bare(one)]
    if not bare or _gets_arguments(build):
        return
    directories = {one.directory for one in bare}
    directory = directories.pop() if len(directories) == 1 else None
    for path, source in code_of(build):
        if ".env" not in source.text:
            continue
        for found in re.finditer(_CALL, source.text):
            for place in _places(build, path, source, found[1], directory):
                span = source.span(found.start(1), found.start(1) + len(found[1].rstrip(" \t\r,)")))
                yield ReadFile(place, span, re.match(_SPELT, found[1]) is not None)


def _gets_arguments(build: ImageBuild) -> bool:
    """Whether variables of the image are filled by whoever builds it: `ENV DB_PASSWORD=${DB_PASSWORD}`."""
    pairs = (pair for env in build.image.every(Env) for pair in env.pairs)
    return any(re.search(rf"\$\{{?{re.escape(pair.name)}\b", pair.raw) and "PATH" not in pair.name for pair in pairs)


def _places(build: ImageBuild, path: str, source: Source, written: str, directory: str | None) -> Iterator[str]:
    """Where in the context the file lies that a text names, in the code of a file."""
    word = re.match(_WORD, written)
    if word is not None:
        written = _assigned(source.text, word[1]) or ""
    plain = re.match(_PLAIN, written)
    if plain is not None:
        inside = normal(f"{directory}/{plain[2]}".lstrip("/")) if directory is not None else None
        origins = (one.origin(f"/{inside}") for one in build.image.passages if one.copies) if inside else ()
        # a COPY of a file takes none that would lie below it
        yield from (one for one in origins if one and ("/" not in one or build.is_dir(parent(one))))
        return
    below = re.match(_BELOW, written) or re.match(_JOINED, written)
    up = _upwards(source.text, below[1]) if below is not None else None
    if below is None or not up:
        return
    folder = path
    for _ in range(up):
        if not folder:
            return
        folder = parent(folder)
    place = normal(f"{folder}/{below[3]}".lstrip("/"))
    # what comes along with the code lies beside it in the image as well
    if place and any(one.copies and one.takes(path) and one.takes(place) for one in build.image.passages):
        yield place


def _upwards(text: str, expression: str) -> int | None:
    """How many steps above its file an expression leads: 1 for its folder. None when that cannot be told."""
    expression = expression.strip()
    if re.fullmatch(r"\w+", expression):
        expression = _assigned(text, expression) or ""
    if "__file__" not in expression or re.fullmatch(_UPWARDS, expression) is None:
        return None
    above = sum(int(one) + 1 for one in re.findall(r"\.parents\[(\d)\]", expression))
    return above + len(re.findall(r"\.parent\b", expression)) + expression.count("dirname(")


def _assigned(text: str, name: str) -> str | None:
    """What a name gets at the only place where a text assigns it."""
    found = re.findall(rf"(?m)^[ \t]*{name}[ \t]*(?::[^=\n]*)?=[ \t]*([^=\n#][^\n#]*)", text)
    return found[0].strip() if len(found) == 1 else None
