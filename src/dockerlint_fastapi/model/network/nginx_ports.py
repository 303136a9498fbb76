"""On which ports nginx listens, in an image that is built on the official one with a configuration of the project.

The image's `nginx.conf` takes in `/etc/nginx/conf.d/*.conf`, of which the image brings `default.conf`, for port 80
(github.com/nginx/docker-nginx). `listen` is an address, a port or both, with port 80 where it names none
(nginx.org/en/docs/http/ngx_http_core_module.html#listen).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.command import Value
from dockerlint_fastapi.model.dockerfile import Run
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.model.network.listening import Listening
from dockerlint_fastapi.pattern import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.context.passage import Passage
    from dockerlint_fastapi.model.image import Image

_FOLDER: Final = "/etc/nginx"
_MAIN: Final = "/etc/nginx/nginx.conf"
_SERVERS: Final = "/etc/nginx/conf.d"
_DEFAULT: Final = "/etc/nginx/conf.d/default.conf"
_PROGRAMS: Final = frozenset(("nginx", "nginx-debug", "docker-entrypoint.sh"))
_NO_TCP: Final = frozenset(("quic", "udp"))
_COMMENT: Final = pattern(r"(?m)(?:^|(?<=[\s;{}]))#[^\n]*")
_LISTEN: Final = pattern(r"(?:^|(?<=[\s;{}]))listen[ \t]+([^;{}]{1,200});")
_BLOCK: Final = pattern(r"(?:^|(?<=[\s;{}]))server\s*\{|[{}]")
_INCLUDE: Final = pattern(r"(?:^|(?<=[\s;{}]))include\s+([^;]+);")
# What is taken in everywhere and holds no server.
_HARMLESS: Final = r"(?:/etc/nginx/)?(?:mime\.types|\w+_params|modules/\*\.conf)|/usr/share/nginx/modules/\*\.conf"
_TAKES_SERVERS: Final = r"(?:/etc/nginx/)?conf\.d/(?:\*|default)\.conf"
_ADDRESS: Final = r"(?:(?:\[([0-9a-fA-F:]+)\]|\*|([A-Za-z0-9.-]*[A-Za-z.][A-Za-z0-9.-]*))(?::(\d{1,5}))?|(\d{1,5}))"
# In a RUN on nginx's files what changes no port: rights, users, and leaving the default out.
_CHANGES: Final = (
    r"\blisten\b|\binclude\b|\benvsubst\b|>+[ ]*/etc/nginx"
    r"|\b(?:cp|mv|ln|tee|cat|echo|printf|curl|wget|tar|git)\b[^\n]{0,500}/etc/nginx"
)


def nginx_listening(container: Container) -> Listening | None:
    """Where the nginx of a container listens; None when it runs none, or that cannot be told."""
    image = container.image
    if image is None or image.base is None or image.base.family != "nginx" or container.companions:
        return None
    words = {one.value for program in container.programs for one in program.argv}
    if not {one.name for one in container.programs} <= _PROGRAMS or None in words or "-c" in words:
        return None
    places = _own_places(container, image)
    if places == ():
        span = image.lineage[0].from_.image.span
        return Listening(frozenset((80,)), Value("80", None, "default"), "nginx", span)
    texts = [container.file_at(place) for place in places or ()]
    if not places or not all(isinstance(one, Placed) for one in texts):
        return None
    ports: dict[int, Value] = {}
    for placed in texts:
        found = _ports_of(placed) if isinstance(placed, Placed) else None
        if found is None:
            return None
        ports.update({number: value for number, value in found.items() if number not in ports})
    if not ports:
        return None
    first = next(iter(ports.values()))
    assert first.span is not None  # noqa: S101 - each is written in a file
    return Listening(frozenset(ports), first, "nginx", first.span)


def _own_places(container: Container, image: Image) -> tuple[str, ...] | None:
    """The places of the project's files that are nginx's whole configuration, none where that is what the image brings;
    None when there may be others.
    """
    if any(one.target is None or _is_near(one.target) for one in container.covers):
        return None
    stages = set(image.lineage)
    if any(one.from_ is not None and _may_be_near(one.destination.value) for one in image.transfers):
        return None
    removed = False
    for run in image.every(Run):
        if "nginx" in run.text and (re.search(_CHANGES, run.text) or run.heredocs):
            return None
        removed = removed or ("conf.d" in run.text and re.search(r"\brm\b", run.text) is not None)
    places: list[str] = []
    for passage in image.passages:
        if passage.stage not in stages or not passage.copies:
            continue
        place = _place_of(passage)
        if place is None and (passage.target is None or _is_near(passage.target)):
            return None
        if place is not None and _is_near(place):
            places.append(place)
    main = next((container.file_at(one) for one in places if one == _MAIN), None)
    if isinstance(main, Placed) and not _takes_servers(main.text):
        return (_MAIN,)
    if not places and not removed:
        return None if _runs_scripts(image) else ()
    known = removed or _DEFAULT in places
    return tuple(dict.fromkeys(places)) if known and all(_is_read(one) for one in places) else None


def _runs_scripts(image: Image) -> bool:
    """Whether scripts of the project may write a configuration, in the build or at the start."""
    copied = any((one.target or "/docker-entrypoint.d").startswith("/docker-entrypoint.d") for one in image.passages)
    return copied or any(".sh" in run.text for run in image.every(Run))


def _is_near(place: str) -> bool:
    """Whether a place holds nginx's configuration, or lies in it."""
    inside = f"{place.rstrip('/')}/"
    return inside.startswith(f"{_FOLDER}/") or f"{_FOLDER}/".startswith(inside)


def _may_be_near(target: str | None) -> bool:
    return target is None or not target.startswith("/") or _is_near(target)


def _is_read(place: str) -> bool:
    """Whether nginx reads a file at a place among its configuration."""
    return place == _MAIN or (place.rpartition("/")[0] == _SERVERS and place.endswith(".conf"))


def _place_of(passage: Passage) -> str | None:
    """Where the one file arrives that a COPY takes; None when that cannot be told."""
    source, target = passage.source, passage.target
    if source is None or target is None or passage.glob is not None or passage.parents or "." not in source:
        return None
    if passage.folder:
        return f"{target.rstrip('/')}/{source.rpartition('/')[2]}"
    return target if target.endswith(".conf") else None


def _takes_servers(text: str) -> bool:
    found = _INCLUDE.findall(_COMMENT.sub("", text))
    return any(re.fullmatch(_TAKES_SERVERS, one.strip()) for one in found)


def _ports_of(placed: Placed) -> dict[int, Value] | None:
    """The ports in a file's `listen`s that are open to other containers; None when one cannot be told."""
    text = _COMMENT.sub(lambda one: " " * len(one[0]), placed.text)
    for one in _INCLUDE.findall(text):
        if not re.fullmatch(f"{_HARMLESS}|{_TAKES_SERVERS}", one.strip()):
            return None
    ports: dict[int, Value] = {}
    for body in _servers(text):
        listens = list(_LISTEN.finditer(text, *body))
        if not listens:
            return None  # 80, or 8000 without root's rights
        for listen in listens:
            words = listen[1].split()
            address = re.fullmatch(_ADDRESS, words[0])
            if words[0].startswith("unix:") or not _NO_TCP.isdisjoint(words):
                continue
            if address is None:
                return None
            host = address[1] or address[2] or ""
            if host in ("localhost", "::1") or host.startswith("127."):
                continue
            number = address[3] or address[4]
            at = listen.start(1) + (address.start(3) if address[3] else address.start(4) if number else 0)
            span = placed.locate(at, at + len(number or words[0]))
            ports.setdefault(int(number or 80), Value(number or "80", span, "file"))
    return ports


def _servers(text: str) -> Iterator[tuple[int, int]]:
    """Where the blocks of servers stand."""
    opened: list[int | None] = []  # for each block round the place, where it begins if it is a server's
    for found in _BLOCK.finditer(text):
        if found[0] != "}":
            opened.append(found.end() if found[0] != "{" else None)
        elif opened and (start := opened.pop()) is not None:
            yield start, found.start()
