"""Secret files that COPY and ADD name on purpose: `COPY .env .`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from dockerlint_fastapi.model.context.glob import spelled
from dockerlint_fastapi.model.context.passage import place_of
from dockerlint_fastapi.model.context.stowaways import is_environment_file, is_harmless
from dockerlint_fastapi.model.dockerfile import Transfer
from dockerlint_fastapi.model.evidence import setting_of_name
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.context.image_build import ImageBuild
    from dockerlint_fastapi.model.context.passage import Passage
    from dockerlint_fastapi.model.dockerfile import Stage, Word
    from dockerlint_fastapi.model.image import Image

# Words of a name that make it an example, or a public certificate.
_HARMLESS = frozenset(
    "ca cacert cert certs chain crt default defaults dist enc encrypted example examples fullchain gpg keyring pub"
    " public rds root sample schema template test tests tmpl tpl".split()
)
_KEYRINGS = ("/etc/apt/", "/usr/share/keyrings", "/etc/yum", "/etc/pki", "/etc/apk/keys")
# Where the certificates lie that a system believes, each without its key, and what that of an authority is called.
_TRUSTED = ("/etc/ssl/certs", "/usr/local/share/ca-certificates", "/usr/share/ca-certificates", "/etc/ca-certificates")
_AUTHORITY = r"(?:.*[-_.])?(?:\w{0,20}root[-_]?ca\d*|ca[-_]?(?:bundle|root))(?:[-_.].*)?\.pem"
_KEY = r"id_(?:rsa|dsa|ecdsa|ed25519)\*?"
_LOGIN = frozenset((".netrc", "_netrc", ".pypirc", ".git-credentials", ".pgpass", ".aws"))
_ACCOUNT = r"(?:.*[-_.])?(?:credentials?|service[-_]?account(?:[-_]key)?|client[-_]secrets?)(?:[-_.*].*)?\.json"


class SecretCopy(NamedTuple):
    """A source of COPY or ADD that names a secret file: as written, and where. `shipped` is False when its stage is
    only copied from; `kind` is `environment`, `key` or `login`. `made_up` tells that it is in the repository, and that
    all of its secrets are stand-ins; `committed` that it is a key or a login that is there for everybody who has that.
    """

    words: str
    span: Span
    kind: str
    shipped: bool
    instruction: Transfer
    made_up: bool = False
    committed: bool = False


@lru_cache(maxsize=4096)
def kind_of(path: str) -> str | None:
    """What a path, or a pattern of COPY, that names a secret file is; None for any other."""
    parts = [part for part in path.lower().split("/") if part not in ("", ".")]
    name = parts[-1] if parts else ""
    name = spelled(name) or name  # `.en[v]` is how `.env` is copied where it is there
    if name in _LOGIN or ".aws" in parts:
        return "login"
    words = {word for word in re.split(r"[^a-z0-9]+", name) if word}
    if re.fullmatch(_KEY, name):
        return "key"
    if not _HARMLESS.isdisjoint(words):
        return None
    # `.env*` and `.env?` match `.env`; `.env.*` is named for what stands behind it
    if is_environment_file(name) or name in (".env*", ".env?", ".env.*", "*.env"):
        return "environment"
    if name.endswith((".pem", ".key")):
        return "key" if "key" in name or re.fullmatch(_AUTHORITY, name) is None else None
    return "login" if re.fullmatch(_ACCOUNT, name) else None


def secret_copies(image: Image) -> Iterator[SecretCopy]:
    """The secret files that an image copies by name, in file order; not what the ignore file keeps from it."""
    for stage in sorted((*image.lineage, *image.builders), key=lambda stage: stage.index):
        for instruction in stage.of(Transfer):
            for source in instruction.sources:
                kind = kind_of(source.value) if source.value else None
                target = instruction.destination.value or ""
                if kind is None or target.startswith(_KEYRINGS) or _is_believed(source.value or "", target):
                    continue
                local = instruction.from_ is None
                if instruction.from_ is not None:
                    if not _is_stage(image, instruction.from_.value):
                        continue
                elif not _reaches(image, stage, instruction, source.span, kind):
                    continue
                yield SecretCopy(
                    f"{instruction.keyword} {source.text}",
                    source.span,
                    kind,
                    stage in image.lineage,
                    instruction,
                    local and kind == "environment" and _is_made_up(image, instruction, source.span),
                    kind != "environment" and _is_committed(image, instruction, source),
                )


def _is_believed(source: str, target: str) -> bool:
    """Whether a file goes where a system keeps the certificates that it believes, and is by its name no key."""
    return target.startswith(_TRUSTED) and source.endswith(".pem") and "key" not in source.rpartition("/")[2].lower()


def _is_made_up(image: Image, instruction: Transfer, source: Span) -> bool:
    """Whether every file that is meant is in the repository, with stand-ins for secrets alone, and not for production:
    there a word that sounds like one may be the true one.
    """
    if setting_of_name(source.text.rpartition("/")[2]) == "production":
        return False
    passage = next((one for one in image.passages if one.instruction is instruction and one.span == source), None)
    builds = [one for one in image.builds if one.certain]
    found = [(build, path) for build in builds for path in (build.matches(passage) if passage is not None else ())]
    return bool(found) and all(
        build.is_committed(path) and any(one.path == path and one.made_up for one in build.secret_files)
        for build, path in found
    )


def _is_committed(image: Image, instruction: Transfer, source: Word) -> bool:
    """Whether the files that are meant are all in the repository."""
    found = _origins(image, instruction, source)
    return bool(found) and all(build.is_file(path) and build.is_committed(path) for build, path in found)


def _origins(image: Image, instruction: Transfer, source: Word) -> list[tuple[ImageBuild, str]]:
    """The files of build contexts that a COPY names, there or not; for one from a stage what that copied to the place,
    with its directory too.
    """
    builds = [one for one in image.builds if one.certain]
    if instruction.from_ is None:
        named = [one for one in image.passages if one.instruction is instruction and one.span == source.span]
        pairs = [(build, one) for build in builds for one in named if one.source]
        return [(build, path) for build, one in pairs for path in build.matches(one) or (one.source or "",)]
    stage = image.dockerfile.stage(instruction.from_.value) if instruction.from_.value else None
    place = place_of(source.value, None)
    if stage is None or place is None:
        return []
    passages = [one for one in image.passages if one.copies and one.stage in stage.lineage]
    origins = {origin for one in passages if (origin := one.origin(place)) and one.takes(origin)}
    return [(build, path) for build in builds for path in origins if build.is_file(path)]


def is_needed(image: Image, copy: SecretCopy) -> bool:
    """Whether something in the image certainly reads what is copied, and nothing else brings it."""
    word = next(one for one in copy.instruction.sources if one.span == copy.span)
    return any(build.needs(path) for build, path in _origins(image, copy.instruction, word))


def _is_stage(image: Image, name: str | None) -> bool:
    return name is not None and image.dockerfile.stage(name) is not None


def _keeps_out(build: ImageBuild, passage: Passage) -> bool:
    """Whether the file that a pattern is named for, `.env` of `.env*`, is left out, and nothing that is there and sent
    is a secret by its name.
    """
    source = passage.source or ""
    named = spelled(source) or source.rstrip("*?")
    if build.ignore is None or not build.ignore.prunes(named):
        return False
    return not any(kind_of(one) for one in build.matches(passage) if build.sends(one))


def _reaches(image: Image, stage: Stage, instruction: Transfer, source: Span, kind: str) -> bool:
    """Whether what is named may be sent to the build and be secret: no ignore file leaves it out (the build stops
    then), and where the file is there, its text does not say otherwise.
    """
    passage = next(
        (one for one in image.passages if one.stage is stage and one.instruction is instruction and one.span == source),
        None,
    )
    if passage is None or not passage.source:
        return False
    builds = [one for one in image.builds if one.certain]
    if builds and all(build.unsent(passage) is not None for build in builds):
        return False
    if passage.glob is not None and builds and all(_keeps_out(build, passage) for build in builds):
        return False
    texts = [text for build in builds if build.is_file(passage.source) and (text := build.text_of(passage.source))]
    if kind == "key" and texts:
        return any(b"PRIVATE KEY" in text.data for text in texts)
    if kind == "environment" and builds and all(is_harmless(build, passage.source) for build in builds):
        return False
    if kind == "environment" and passage.source.rpartition("/")[2] != ".env" and passage.glob is None:
        # `.env.production` of a front end holds what every visitor gets
        found = {one.path for build in builds for one in build.secret_files if one.sure}
        return image.python is True or passage.source in found
    return True


def named_twice(image: Image) -> dict[str, list[tuple[Span, Span]]]:
    """The secret files that are there and that a COPY of a directory takes along, while another COPY of that stage, or
    one from that stage, names them: by path, where the directory stands, and where the name.
    """
    told = {one.span for one in image.secret_copies}
    there = {one.path for build in image.builds if build.certain for one in build.secret_files} if told else set()
    passages = [one for one in image.passages if one.copies] if there else []
    found = _handed_on(image, there, passages) if there else {}
    for named in passages:
        if named.span not in told or named.source not in there or named.source is None:
            continue
        for other in passages:
            wide = other.stage is named.stage and other.source != named.source and not other.names_a_secret
            if wide and other.takes(named.source):
                found.setdefault(named.source, []).append((other.span, named.span))
    return found


def _handed_on(image: Image, there: set[str], passages: list[Passage]) -> dict[str, list[tuple[Span, Span]]]:
    """What COPY takes by name from a stage that has it from the copy of a directory."""
    found: dict[str, list[tuple[Span, Span]]] = {}
    for copy in image.secret_copies:
        name = copy.instruction.from_.value if copy.instruction.from_ is not None else None
        stage = image.dockerfile.stage(name) if name else None
        word = next(one for one in copy.instruction.sources if one.span == copy.span)
        place = place_of(word.value, None)
        if stage is None or place is None:
            continue
        for other in passages:
            path = other.origin(place) if other.stage in stage.lineage and not other.names_a_secret else None
            if path in there and path is not None and other.takes(path):
                found.setdefault(path, []).append((other.span, copy.span))
    return found
