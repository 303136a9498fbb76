"""`functools.cached_property`, without the lock that Python 3.11 takes at each first question, and what it looks up
before that: models of Dockerfiles are asked some thirty such questions for each file, in one thread.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from functools import cached_property
else:

    class cached_property:  # noqa: N801 - as the standard library calls it
        """A question whose answer an object keeps among its attributes, where it is found from then on."""

        def __init__(self, ask: Callable[[object], object]) -> None:
            self._ask = ask
            self.__doc__ = ask.__doc__

        def __set_name__(self, owner: type, name: str) -> None:
            self._name = name

        def __get__(self, instance: object, owner: type | None = None) -> object:
            """The answer, asked for now; of the class itself, this description."""
            if instance is None:
                return self
            answer = instance.__dict__[self._name] = self._ask(instance)
            return answer


__all__ = ["cached_property"]
