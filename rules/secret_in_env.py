from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.dockerfile import Env, Label
from dockerlint_fastapi.model.secrets import holds_a_secret, names_a_secret


def check(image: Image) -> Iterator[Finding]:
    builders = [one for stage in image.builders for one in stage.instructions]
    for instruction in (*image.instructions, *builders):
        if not isinstance(instruction, Env | Label):
            continue
        shipped = instruction not in builders and not image.development
        for pair in instruction.pairs:
            if (
                names_a_secret(pair.name)
                and pair.value is not None
                and "$" not in pair.raw
                and holds_a_secret(pair.value)
            ):
                yield Finding.at(
                    pair,
                    f"`{pair.name}` is written into the image, where `docker inspect` and every layer show it for ever",
                    severity="error" if shipped else "warning",
                )
