"""What is made in the folder of a build before the build, and that the image starts: packages and pages of Node."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.dockerfile import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.image import Image

# Whatever starts what npm has installed, and whatever may call npm in a RUN.
_NODE = r"(?<![\w./-])(?:node|npm|npx|pnpm|pnpx|yarn|bun|bunx|next|nuxt|pm2)(?![\w.-])"
_MAY_INSTALL = (
    r"(?<![\w-])(?:npm|pnpm|yarn|bun|corepack|make|turbo|nx|rush|lerna|ash|bash|sh)(?![\w-])|\.(?:sh|js|mjs)\b"
)
_MAY_BUILD = r"\b(?:build|generate|compile|make)\b|\.(?:sh|js|mjs)\b"


def built_before(image: Image) -> frozenset[str]:
    """The names of directories that an image gets from the folder alone, and starts from: `node_modules` where no RUN
    may install anything, `.next` where none may build. Empty when it starts nothing of Node.
    """
    started = [one.start_span.text for one in image.containers if one.start_span is not None]
    if not any(re.search(_NODE, text) for text in started):
        return frozenset()
    stages = (*image.lineage, *image.builders)
    runs = [one.text for stage in stages for one in stage.instructions if isinstance(one, Run)]
    found = [] if any(re.search(_MAY_INSTALL, text) for text in runs) else ["node_modules"]
    return frozenset(found if any(re.search(_MAY_BUILD, text) for text in runs) else (*found, ".next"))
