"""`healthcheck:` of a service: the test and its times."""

from __future__ import annotations

from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.model.compose.nodes import Mapping, Node, Scalar, Sequence
from dockerlint_fastapi.model.compose.settings import Setting, flag, setting
from dockerlint_fastapi.model.environment.interpolation import Lookup
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span


class Healthcheck(NamedTuple):
    """`healthcheck:`. `form` is CMD, CMD-SHELL or NONE; None when there is no test, or none that can be told.

    CMD: `arguments` are the words behind it. CMD-SHELL and a test that is a string: `script` is the shell's text.
    """

    form: str | None
    arguments: tuple[Argument, ...]
    script: Setting | None
    script_scalar: Scalar | None
    test: Node | None
    disable: bool | None  # False when absent
    interval: Setting | None
    timeout: Setting | None
    retries: Setting | None
    start_period: Setting | None
    start_interval: Setting | None
    span: Span  # the key

    @property
    def disabled(self) -> bool | None:
        """Whether it switches the image's health check off."""
        return True if self.form == "NONE" else self.disable


def healthcheck(key: Span, body: Mapping, lookup: Lookup) -> Healthcheck:
    """A `healthcheck:`; `key` is where it stands."""
    test = body.get("test")
    form: str | None = None
    arguments: tuple[Argument, ...] = ()
    script: Scalar | None = None
    if isinstance(test, Scalar) and test.value is not None:
        form, script = "CMD-SHELL", test
    elif isinstance(test, Sequence) and test.items:
        words = [(item, setting(item, lookup)) for item in test if isinstance(item, Scalar)]
        first = words[0][1].value if words and words[0][1] else None
        form = first if first in ("CMD", "CMD-SHELL", "NONE") else None
        arguments = tuple(Argument(made.value if made else None, item.span.text, item.span) for item, made in words[1:])
        if form == "CMD-SHELL" and len(words) > 1:
            script = words[1][0]
    return Healthcheck(
        form,
        arguments,
        setting(script, lookup),
        script,
        test,
        flag(body, "disable", lookup, absent=False),
        setting(body.get("interval"), lookup),
        setting(body.get("timeout"), lookup),
        setting(body.get("retries"), lookup),
        setting(body.get("start_period"), lookup),
        setting(body.get("start_interval"), lookup),
        key,
    )
