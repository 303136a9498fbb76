"""A setting of one environment that the image fixes."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image


def check(image: Image) -> Iterator[Finding]:
    """Speaks of the pair in ENV; not in images for development, where there is only one environment."""
    if image.development or not image.python:
        return
    for setting in image.hardcoded_settings:
        name = setting.pair.name
        if setting.reaches:
            message = f"`{name}` names a host of one environment: an image for another one has to be built anew"
        else:
            message = f"`{name}` is set for one environment in the image, which is meant to run in all of them"
        severity = "warning" if setting.reaches and not setting.replaced else "info"
        finding = Finding.at(setting.pair, message, severity=severity, pedantic=setting.replaced)
        gone = edits.dockerfile.without_variable(image.dockerfile, setting.env, setting.pair)
        yield finding.fixed_by(f"take `{name}` out of the image", gone, safe=False, names=f"environment:{name}")
