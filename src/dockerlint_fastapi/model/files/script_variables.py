"""Files that a shell script writes by a variable: `KEY_FILE="$DIR/key"`, and `openssl rand -hex 32 > "$KEY_FILE"`."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

_ASSIGNED: Final = (
    r"(?m)^[ \t]*(?:(?:export|readonly|declare|local)[ \t]+)?(\w+)=([\"']?)([\w./${}-]+)\2[ \t]*(?:#[^\n]*)?$"
)
_NAMED: Final = r"\$(?:(\w+)|\{(\w+)\})"
_ROUNDS: Final = 4  # of names that stand for names
# A function with what stands in it, as far as its end stands at the margin.
_FUNCTION: Final = r"(?m)^(?:function[ \t]+)?([\w-]+)[ \t]*(?:\(\))?[ \t]*\{\n([\s\S]*?)^\}"
_PROGRAMS: Final = r"\b(?:tee|touch|cp|mv|install|openssl|curl|wget)\b[^\n|;&]*[ \t]"


def written_by_variable(text: str, at: int) -> str | None:
    """The path that an assignment gives to a name, when the script writes to that; `at` is where the path's last part
    begins. None where it is no such assignment, another one gives the name something else, or a part is not known.
    """
    line = text[text.rfind("\n", 0, at) + 1 :].partition("\n")[0]
    found = re.match(_ASSIGNED, line)
    if found is None or not _is_written(text, found[1]):
        return None
    values: dict[str, str | None] = {}
    for name, _, value in re.findall(_ASSIGNED, text):
        values[name] = value if values.get(name, value) == value else None
    return _resolved(found[3], values) if values.get(found[1]) is not None else None


def _resolved(value: str, values: Mapping[str, str | None]) -> str | None:
    for _ in range(_ROUNDS):
        names = {one or other for one, other in re.findall(_NAMED, value)}
        if not names:
            return value if "$" not in value else None
        if any(values.get(name) is None for name in names):
            return None
        value = re.sub(_NAMED, lambda one: values[one[1] or one[2]] or "", value)
    return None


def _is_written(text: str, name: str) -> bool:
    """Whether a redirection or a program writes to the file that a name has, or a function of the script to which that
    is handed as its first argument.
    """
    spelled = rf"[\"']?\$(?:{name}\b|\{{{name}\}})[\"']?"
    if re.search(rf"(?:>[ \t]*|{_PROGRAMS}){spelled}", text) is not None:
        return True
    for function, body in re.findall(_FUNCTION, text):
        if re.search(rf"(?m)^[ \t]*{re.escape(function)}[ \t]+{spelled}", text) is None:
            continue
        own = re.search(r"(?m)^[ \t]*(?:local[ \t]+)?(\w+)=[\"']?\$\{?1\b", body)
        names = "|".join(("1", own[1]) if own is not None else ("1",))
        if re.search(rf"(?:>[ \t]*|{_PROGRAMS})[\"']?\$\{{?(?:{names})\b", body) is not None:
            return True
    return False
