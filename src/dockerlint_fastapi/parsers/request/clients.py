"""The command lines of curl, wget and netcat, as far as they say what is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint_fastapi.model.command import Program, Value
from dockerlint_fastapi.model.environment.interpolation import PLACEHOLDER
from dockerlint_fastapi.model.health.probe import Request
from dockerlint_fastapi.parsers.request.address import GET, connection, url
from dockerlint_fastapi.parsers.request.expansion import Text
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


class _Option(NamedTuple):
    """One option as given: its name with dashes, and its value; or an operand, whose name is ""."""

    name: str
    value: Text | None


class _Syntax(NamedTuple):
    """Which options of a client take a value."""

    short: str
    long: frozenset[str]


# curl(1); a long option that is not here takes none
_CURL: Final = _Syntax(
    "AbcCdDeEFHKmoPQrtTuUwxXyYz",
    frozenset(
        "user-agent cookie cookie-jar continue-at data data-ascii data-binary data-raw data-urlencode dump-header "
        "referer cert form form-string header config max-time output ftp-port quote range telnet-option upload-file "
        "user proxy-user write-out proxy request speed-limit speed-time time-cond url retry retry-delay retry-max-time "
        "connect-timeout cacert capath key cert-type key-type max-filesize max-redirs interface resolve connect-to "
        "unix-socket abstract-unix-socket json limit-rate noproxy preproxy socks5 socks5-hostname socks4 socks4a "
        "proto proto-default proto-redir oauth2-bearer dns-servers doh-url keepalive-time local-port pass pinnedpubkey "
        "rate ciphers tls13-ciphers tls-max trace trace-ascii stderr output-dir aws-sigv4 netrc-file url-query "
        "variable expect100-timeout happy-eyeballs-timeout-ms etag-compare etag-save".split()
    ),
)
# GNU wget and BusyBox's
_WGET: Final = _Syntax(
    "eoaiBtOTwQPUlARDIXY",
    frozenset(
        "execute output-file append-output input-file base tries output-document timeout dns-timeout connect-timeout "
        "read-timeout wait waitretry quota directory-prefix user-agent level accept reject domains header user "
        "password http-user http-password post-data post-file method body-data body-file ca-certificate "
        "ca-directory certificate private-key bind-address limit-rate referer max-redirect config start-pos "
        "secure-protocol save-cookies load-cookies retry-on-http-error".split()
    ),
)
_NC: Final = _Syntax(
    "wipsqxXOTmMIGVeco", frozenset(("wait", "source", "source-port", "proxy", "idle-timeout", "delay"))
)


def _options(words: list[Text], syntax: _Syntax) -> Iterator[_Option]:
    """A command line as its options and operands, by the rules of getopt."""
    at = 0
    ended = False
    while at < len(words):
        word = words[at]
        value = word.value
        at += 1
        if ended or len(value) < 2 or not value.startswith("-"):
            yield _Option("", word)
        elif value == "--":
            ended = True
        elif value.startswith("--"):
            name, equals, rest = value.partition("=")
            if equals:
                yield _Option(name, word.slice(len(value) - len(rest)))
            elif name[2:] in syntax.long and at < len(words):
                yield _Option(name, words[at])
                at += 1
            else:
                yield _Option(name, None)
        else:
            for place, letter in enumerate(value[1:], 2):
                if letter not in syntax.short:
                    yield _Option(f"-{letter}", None)
                    continue
                if place < len(value):
                    yield _Option(f"-{letter}", word.slice(place))
                elif at < len(words):
                    yield _Option(f"-{letter}", words[at])
                    at += 1
                break


def _requests(addresses: list[Text], program: Program, method: Value | None) -> tuple[Request, ...] | None:
    """The requests for some addresses. A word of which nothing is known may be an option as well as an address."""
    certain = [text for text in addresses if not text.value.startswith(PLACEHOLDER)] or addresses
    found = [url(text, program, method) for text in certain]
    return tuple(one for one in found if one is not None) if found and None not in found else None


_ELSEWHERE: Final = frozenset(
    "--unix-socket --abstract-unix-socket -x --proxy --preproxy --connect-to --resolve -K --config --proto-default "
    "--socks4 --socks4a --socks5 --socks5-hostname".split()
)
_SENDS: Final = frozenset("-d --data --data-ascii --data-binary --data-raw --data-urlencode --json -F --form".split())


def curl(program: Program, words: list[Text]) -> tuple[Request, ...] | None:
    """What curl asks for; None when it goes by way of something else (a proxy, a unix socket, a file of options)."""
    method: Value | None = GET
    addresses: list[Text] = []
    chosen = False
    for name, value in _options(words, _CURL):
        if name in _ELSEWHERE:
            return None
        if name in ("", "--url") and value is not None:
            addresses.append(value)
        elif name in ("-X", "--request") and value is not None:
            method, chosen = value.part(0, len(value.value)), True
        elif name in ("-I", "--head") and not chosen:
            method = Value("HEAD", None, "option")
        elif name in _SENDS and not chosen:
            method = Value("POST", None, "option")
    return _requests(addresses, program, method)


def wget(program: Program, words: list[Text]) -> tuple[Request, ...] | None:
    """What wget asks for. Which method `--spider` uses depends on which wget it is."""
    method: Value | None = GET
    addresses: list[Text] = []
    for name, value in _options(words, _WGET):
        if name in ("-i", "--input-file", "-e", "--execute", "-B", "--base", "--config"):
            return None
        if name == "" and value is not None:
            addresses.append(value)
        elif name == "--method" and value is not None:
            method = value.part(0, len(value.value))
        elif name in ("--post-data", "--post-file"):
            method = Value("POST", None, "option")
        elif name == "--spider":
            method = None
    return _requests(addresses, program, method)


def nc(program: Program, words: list[Text]) -> tuple[Request, ...] | None:
    """Where netcat connects to; None when it listens, and for what is not TCP."""
    operands: list[Text] = []
    for name, value in _options(words, _NC):
        if name in ("-l", "-u", "-U", "-x", "--listen", "--udp", "--unixsock", "--proxy"):
            return None
        if name == "" and value is not None:
            operands.append(value)
    return (connection(operands[0], operands[1], program),) if len(operands) == 2 else None
