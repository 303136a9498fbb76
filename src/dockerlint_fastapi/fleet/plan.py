"""How a run lints, as plain data that travels to every worker, and the hash by which a later run knows it again."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from dockerlint_fastapi import __version__
from dockerlint_fastapi.config.choices import Choices
from dockerlint_fastapi.fleet import FleetError

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_RULES = 20_000_000  # bytes of a folder of rules that is sent to the workers


class Plan(NamedTuple):
    """What the workers are told. `rules` are folders of rules, each as file names to base64 texts."""

    choices: Choices
    today: str
    rules: tuple[dict[str, str], ...] = ()
    plugins: bool = True
    seconds: float = 120.0  # that one repository may take
    memory: int = 2_000_000_000  # bytes that it may take

    @property
    def shown(self) -> dict[str, Any]:
        """What bears on the findings, for people and for the hash."""
        folders = [hashlib.sha256(json.dumps(one, sort_keys=True).encode()).hexdigest()[:16] for one in self.rules]
        chosen: dict[str, Any] = self.choices._asdict()
        return {"version": __version__, "today": self.today, **chosen, "rules": folders, "plugins": self.plugins}

    @property
    def hash(self) -> str:
        """Sixteen hexadecimal digits that change whenever findings might."""
        return hashlib.sha256(json.dumps(self.shown, sort_keys=True).encode()).hexdigest()[:16]

    def packed(self) -> str:
        """As JSON."""
        return json.dumps(
            [self.choices._asdict(), self.today, list(self.rules), self.plugins, self.seconds, self.memory]
        )


def unpacked(text: str) -> Plan:
    """The plan that `packed` made a text of."""
    choices, today, rules, plugins, seconds, memory = json.loads(text)
    values: dict[str, Any] = {key: tuple(one) if isinstance(one, list) else one for key, one in choices.items()}
    made = Choices(**values)
    return Plan(made, today, tuple(rules), plugins, seconds, memory)


def shipped(folders: Sequence[str]) -> tuple[dict[str, str], ...]:
    """Folders of rules as data: the workers of another machine do not have them. Raises FleetError."""
    sent: list[dict[str, str]] = []
    for folder in folders:
        files: dict[str, str] = {}
        total = 0
        try:
            for name in sorted(os.listdir(folder)):
                path = os.path.join(folder, name)
                if os.path.isfile(path) and not name.startswith("."):
                    total += os.path.getsize(path)
                    if total > MAX_RULES:
                        raise FleetError(f"--rules: {folder}: holds more than {MAX_RULES} bytes, too much to send")
                    with open(path, "rb") as file:
                        files[name] = base64.b64encode(file.read()).decode("ascii")
        except OSError as error:
            raise FleetError(f"--rules: {folder}: cannot be read: {error.strerror or error}") from error
        sent.append(files)
    return tuple(sent)
