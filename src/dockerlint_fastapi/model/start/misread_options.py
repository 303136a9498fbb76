"""Words on a server's command line that it does not understand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dockerlint_fastapi.data import table
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from dockerlint_fastapi.model.command import Argument, Server

_QUOTES: Final = ("'", '"')
# Options whose value may well begin and end with a quote.
_QUOTABLE: Final = frozenset(("access-logformat", "access-log-fmt", "log-fmt", "header", "env"))
_IMPORT_STRING: Final = r"[^\W\d][\w.]*:[^\W\d][\w.]*"
_LEAST: Final = 4  # letters of a word that may be a misspelt option


class MisreadOption(NamedTuple):
    """One word that the server refuses, or takes literally.

    `kind` is `foreign` (another server's; `meant` is what this one has, or ""), `development` (of `fastapi run`, given
    to `fastapi dev`), `misspelt` (`meant` is the option), `ambiguous` (several begin like that), `valued` (a flag with
    a value), `quoted` (the quotes in `written` are part of the value, since no shell takes them away) or
    `import-string` (`fastapi run` wants a path; `meant` is that of the module).
    """

    kind: str
    written: str
    span: Span
    meant: str


def misread_options(server: Server) -> Iterator[MisreadOption]:
    """What a server certainly misreads. Any other unknown option may be one of a newer version, and is left alone."""
    if server.call is not None:
        return
    facts: Mapping[str, Any] = table(f"servers/{server.kind}")
    own: Mapping[str, Any] = facts.get(server.subcommand, {}) if server.subcommand else facts
    for argument in server.unknown_options:
        found = _refused(server, own, argument)
        if found is not None:
            yield found
    yield from _import_string(server)
    for name, value in server.options.items():
        text = value.text
        literal = len(text) > 1 and text[0] == text[-1] and text[0] in _QUOTES
        if literal and value.origin == "option" and value.span is not None and name not in _QUOTABLE:
            yield MisreadOption("quoted", text, value.span, f"--{name}")


def _import_string(server: Server) -> Iterator[MisreadOption]:
    """`fastapi run app.main:app`: there is hardly a file of that name."""
    app = server.app
    if server.kind != "fastapi" or app is None or app.span is None or app is server.options.get("entrypoint"):
        return
    if re.fullmatch(_IMPORT_STRING, app.text):
        path = app.text.partition(":")[0].replace(".", "/") + ".py"
        yield MisreadOption("import-string", app.text, app.span, path)


def _refused(server: Server, own: Mapping[str, Any], argument: Argument) -> MisreadOption | None:
    """Why an option is refused; None when that is only because it is not known here."""
    value = argument.value or argument.text
    written, equals, _ = value.partition("=")
    if not written.startswith("--"):
        written = written[:2]
    span = argument.span
    if span.text.startswith(written):
        span = Span(span.source, span.start, span.start + len(written))
    known = _long_names(own)
    if equals and written in known:
        return MisreadOption("valued", written, argument.span, written)
    foreign: Mapping[str, str] = table("foreign_options").get(server.kind, {})
    if written in foreign:
        return MisreadOption("foreign", written, span, foreign[written])
    if server.subcommand == "dev" and written in _long_names(table("servers/fastapi")["run"]):
        return MisreadOption("development", written, span, "")
    longer = [one for one in known if one.startswith(written)]
    if server.kind in ("gunicorn", "hypercorn") and len(longer) > 1:  # argparse takes beginnings
        return MisreadOption("ambiguous", written, span, longer[0])
    near = _near(written, known)
    return MisreadOption("misspelt", written, span, near) if near is not None else None


def _long_names(own: Mapping[str, Any]) -> tuple[str, ...]:
    """The long spellings of a server's options."""
    names = [f"--{name}" for key in ("flags", "values", "repeated", "optional", "ending") for name in own.get(key, ())]
    names += [f"--{no}{name}" for name in own.get("switches", ()) for no in ("", "no-")]
    return (*names, *(name for name in own.get("aliases", ()) if name.startswith("--")))


def _near(written: str, known: tuple[str, ...]) -> str | None:
    """The one option that was certainly meant: it differs by hyphens, by its end, or by one letter."""
    bare = _letters(written)
    if not written.startswith("--") or len(bare) < _LEAST:
        return None
    for alike in (_same_letters, _same_beginning, _one_letter_off):
        found = [one for one in known if alike(bare, _letters(one))]
        if len(found) == 1:
            return found[0]
        if found:
            return None
    return None


def _letters(option: str) -> str:
    return option.replace("-", "").replace("_", "").lower()


def _same_letters(one: str, other: str) -> bool:
    return one == other


def _same_beginning(one: str, other: str) -> bool:
    return other.startswith(one)


def _one_letter_off(one: str, other: str) -> bool:
    """Whether one letter more, less, changed or swapped with its neighbour makes one of the other."""
    short, long = sorted((one, other), key=len)
    at = 0
    while at < len(short) and short[at] == long[at]:
        at += 1
    if len(long) - len(short) == 1:
        return short[at:] == long[at + 1 :]
    swapped = short[at + 1 : at + 2] == long[at : at + 1] and short[at : at + 1] == long[at + 1 : at + 2]
    return len(long) == len(short) and (
        short[at + 1 :] == long[at + 1 :] or (swapped and short[at + 2 :] == long[at + 2 :])
    )
