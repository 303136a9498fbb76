"""A setting of one environment that the image fixes."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
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
        yield Finding.at(setting.pair, message, severity="warning" if setting.reaches else "info")
