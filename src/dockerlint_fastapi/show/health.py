"""The health check of a container, and what it asks for."""

from __future__ import annotations

from dockerlint_fastapi.show.commands import test_of, test_of_compose, text_of
from dockerlint_fastapi.show.description import HealthCheck, Place, Request, Timing
from dockerlint_fastapi.show.masking import masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi import model
    from dockerlint_fastapi.model.bases.base_image import BaseImage
    from dockerlint_fastapi.model.dockerfile import Healthcheck
    from dockerlint_fastapi.model.health import probe


def health_check_of(container: model.Container, base: BaseImage | None) -> HealthCheck | None:
    """The health check in force; None when that cannot be told."""
    check = container.service.healthcheck if container.service is not None else None
    own = _of_instruction(container, base)
    if check is None:
        return own
    place = Place.of(check.span)
    if check.disabled is None:
        return None
    if check.disabled:
        return HealthCheck("off", "compose", None, None, None, None, place)
    given = (check.interval, check.timeout, check.retries, check.start_period, check.start_interval)
    above = own.timing if own is not None and own.timing is not None else Timing(*(None,) * 5)
    # Docker fills each of them from the image when compose does not give it.
    timing = Timing(*(text_of(one) if one is not None else old for one, old in zip(given, above, strict=True)))
    if check.test is None:
        return own if own is None or own.state != "set" else own._replace(timing=timing)
    form, test = test_of_compose(check)
    return HealthCheck("set", "compose", form, test, _requests(container), timing, place)


def _of_instruction(container: model.Container, base: BaseImage | None) -> HealthCheck | None:
    image = container.image
    found: Healthcheck | None = image.healthcheck if image is not None else None
    if found is None:
        inherits = image.inherits_healthcheck if image is not None else base.healthcheck if base is not None else None
        state = {True: "inherited", False: "none"}.get(inherits) if inherits is not None else None
        return None if state is None else HealthCheck(state, None, None, None, None, None, None)
    place = Place.of(found.span)
    if found.command is None:
        return HealthCheck("off", "HEALTHCHECK", None, None, None, None, place)
    names = ("interval", "timeout", "retries", "start-period", "start-interval")
    flags = (found.flag(name) for name in names)
    timing = Timing(*(None if flag is None else flag.value or flag.raw for flag in flags))
    form, test = test_of(found.command)
    return HealthCheck("set", "HEALTHCHECK", form, test, _requests(container), timing, place)


def _requests(container: model.Container) -> tuple[Request, ...] | None:
    """What its health check asks for."""
    asked = container.probe.requests if container.probe is not None else None
    return None if asked is None else tuple(_request(one) for one in asked)


def _request(one: probe.Request) -> Request:
    host = one.host.text if one.host is not None else "?"
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    port = f":{one.port.text}" if one.port is not None else ":?"
    if one.scheme == "tcp":
        return Request(None, f"tcp://{host}{port}", Place.of(one.span))
    if one.port is not None and one.port.origin == "default":
        port = ""
    # A path that a variable gives may be a secret token.
    path = one.path.text if one.path is not None and one.path.origin != "environment" else "/?"
    method = one.method.text if one.method is not None else "?"
    return Request(method, masked(f"{one.scheme or '?'}://{host}{port}{path}"), Place.of(one.span))
