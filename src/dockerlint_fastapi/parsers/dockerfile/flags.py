"""Flags of instructions: which each one takes, and what Docker refuses in them. `--mount` has its own module."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.dockerfile import Flag
from dockerlint_fastapi.parsers.dockerfile.suggestions import choice
from dockerlint_fastapi.parsers.dockerfile.words import Stretch
from dockerlint_fastapi.source import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


BOOL, STRING, STRINGS = "bool", "string", "strings"  # kinds of flags; only the last may be repeated
FLAGS: Final[dict[str, dict[str, str]]] = {
    "ADD": {
        "checksum": STRING,
        "chmod": STRING,
        "chown": STRING,
        "exclude": STRINGS,
        "keep-git-dir": BOOL,
        "link": BOOL,
        "unpack": BOOL,
    },
    "COPY": {"chmod": STRING, "chown": STRING, "exclude": STRINGS, "from": STRING, "link": BOOL, "parents": BOOL},
    "FROM": {"platform": STRING},
    "HEALTHCHECK": {
        "interval": STRING,
        "retries": STRING,
        "start-interval": STRING,
        "start-period": STRING,
        "timeout": STRING,
    },
    "RUN": {"device": STRINGS, "mount": STRINGS, "network": STRING, "security": STRING},
}
EXPANDED_FLAGS = frozenset({"chmod", "chown", "checksum", "platform"})

# Patterns stay text: compiling them costs start-up time, and most files need none of them.
_DURATION = r"([-+]?)((?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+|0)\Z"
_DURATION_PART = r"([0-9]*\.?[0-9]*)(ns|us|µs|μs|ms|s|m|h)"
_INTEGER = r"[-+]?[0-9]+\Z"
_NANOSECONDS = {"ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "m": 6e10, "h": 3.6e12}


def wrong_flag(keyword: str, flags: tuple[Flag, ...], stretches: list[Stretch]) -> Problem | None:
    """The first flag that an instruction does not take; `stretches` are the flags without their quotes."""
    known = FLAGS.get(keyword, {})
    seen: set[str] = set()
    for flag, stretch in zip(flags, stretches, strict=True):
        kind = known.get(flag.name)
        has_value = "=" in stretch.value
        value = stretch.value.partition("=")[2]
        if kind is None:
            return Problem(flag.span, f"{keyword} has no flag `--{flag.name}`", choice(flag.name, known, "--"))
        if flag.name in seen and kind != STRINGS:
            return Problem(flag.span, f"flag `--{flag.name}` is given twice", "it once")
        if kind == BOOL:
            if has_value and value.lower() not in ("true", "false"):
                return Problem(flag.span, f"`{value}` is no value for `--{flag.name}`", "`true` or `false`")
        elif not has_value:
            return Problem(flag.span, f"flag `--{flag.name}` needs a value", f"`--{flag.name}=…`")
        seen.add(flag.name)
    return None


def wrong_setting(flag: Flag) -> Problem | None:
    """What is wrong with the network or the security mode of a RUN."""
    if flag.name == "network" and flag.value is not None and flag.value not in ("default", "none", "host"):
        return Problem(flag.span, f"`{flag.value}` is no network mode", "`default`, `none` or `host`")
    if flag.name == "security" and flag.value is not None and flag.value not in ("insecure", "sandbox"):
        return Problem(flag.span, f"`{flag.value}` is no security mode", "`sandbox` or `insecure`")
    return None


def wrong_time(flag: Flag) -> Problem | None:
    """What is wrong with a duration of a HEALTHCHECK, or with its number of retries."""
    if flag.name not in FLAGS["HEALTHCHECK"] or not flag.value:
        return None
    return _wrong_retries(flag, flag.value) if flag.name == "retries" else _wrong_duration(flag, flag.value)


def _wrong_duration(flag: Flag, value: str) -> Problem | None:
    found = re.match(_DURATION, value)
    if found is None:
        return Problem(flag.span, f"`{value}` is no duration", "a number with a unit, such as `30s` or `1m30s`")
    amount = sum(
        float(number) * _NANOSECONDS[unit]
        for number, unit in re.findall(_DURATION_PART, found.group(2))
        if number != "."
    )
    if amount and (amount < 1e6 or found.group(1) == "-"):
        return Problem(flag.span, f"`--{flag.name}` cannot be less than one millisecond", "at least `1ms`")
    return None


def _wrong_retries(flag: Flag, value: str) -> Problem | None:
    if not re.match(_INTEGER, value) or len(value) > 11 or abs(int(value)) >= 2**31:
        return Problem(flag.span, f"`{value}` is no number", "a whole number")
    if int(value) < 0:
        return Problem(flag.span, "`--retries` cannot be negative", "0 or more")
    return None
