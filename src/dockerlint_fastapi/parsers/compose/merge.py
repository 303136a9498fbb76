"""Several compose documents as the one model that Compose makes of them: overlays, `extends`, `include`, `!reset`.

The rules per key are those of compose-go's `override` package (2026-07). A merged mapping or sequence holds nodes of
several files; each keeps its own span. Left out, because nothing asks for it: the pairing of `ipam.config` entries by
subnet (they are appended), and the merging of `x-` extensions at the top (the later one counts).
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable
from collections.abc import Mapping as MappingType
from collections.abc import Sequence as SequenceType
from types import MappingProxyType

from dockerlint_fastapi.model.compose import (
    ComposeFile,
    Entry,
    Mapping,
    Node,
    Scalar,
    Sequence,
    Setting,
    mount,
    port,
    setting,
)
from dockerlint_fastapi.model.environment.interpolation import Lookup, Variables, in_file, unknown
from dockerlint_fastapi.parsers.compose.services import services_of
from dockerlint_fastapi.parsers.compose.structure import structure_problems
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Problem

Load = Callable[[str], ComposeFile | None]
"""What reads another compose file by its path from the project's root; None when there is none to be read."""

Environ = Callable[[SequenceType[str], Lookup], Lookup]
"""What reads env files: the lookup of a set of files by their paths from the project's root, over another lookup."""

MAX_ENTRIES = 1_000_000  # what one merging looks at; a chain of thousands of `extends` would grow without end
MAX_CHAIN = 50  # services that extend each other, and files that include each other

_CLEARING = frozenset(("!reset", "!override"))  # the tags of a later file that take a setting away
RESOURCES = ("services", "volumes", "networks", "secrets", "configs", "models")


class _Place(NamedTuple):
    """What merging has to know of a place in the model: its rule, and the places below it (`*` for any key)."""

    rule: str = ""
    below: MappingType[str, _Place] = MappingProxyType({})

    def child(self, key: str) -> _Place:
        """The place under a key."""
        return self.below.get(key) or self.below.get("*") or _ELSEWHERE


_ELSEWHERE = _Place()
_KEYED = _Place("keyed")  # `NAME=value` lists and mappings are the same thing
_REPLACED = _Place("replaced")
_PAIRS = _Place("", {"*": _REPLACED})  # an empty value is one too: it takes the variable from the host
_APPENDED = _Place("appended")  # a string counts as a list of one
_NAMED = _Place("unique-name")
_BUILD = _Place(
    "build",
    {
        "args": _KEYED,
        "labels": _KEYED,
        "additional_contexts": _KEYED,
        "extra_hosts": _Place("hosts"),
        "tags": _NAMED,
    },
)
_SERVICE = _Place(
    "",
    {
        "annotations": _KEYED,
        "build": _BUILD,
        "cap_add": _NAMED,
        "cap_drop": _NAMED,
        "command": _REPLACED,
        "configs": _Place("unique-config"),
        "depends_on": _Place("depends"),
        "deploy": _Place("", {"labels": _KEYED}),
        "devices": _Place("unique-device"),
        "dns": _Place("appended-name"),
        "dns_opt": _Place("appended-name"),
        "dns_search": _Place("appended-name"),
        "entrypoint": _REPLACED,
        "env_file": _Place("env-file"),
        "environment": _KEYED,
        "expose": _Place("unique-text"),
        "extra_hosts": _Place("hosts"),
        "healthcheck": _Place("", {"test": _REPLACED}),
        "label_file": _APPENDED,
        "labels": _KEYED,
        "links": _NAMED,
        "logging": _Place("logging"),
        "models": _Place("named"),
        "networks": _Place("named", {"*": _Place("", {"aliases": _NAMED, "link_local_ips": _NAMED})}),
        "ports": _Place("unique-port"),
        "profiles": _NAMED,
        "secrets": _Place("unique-secret"),
        "sysctls": _KEYED,
        "tmpfs": _Place("appended-name"),
        "ulimits": _Place("", {"*": _REPLACED}),
        "volumes": _Place("unique-volume"),
    },
)
_ROOT = _Place(
    "",
    {
        "services": _Place("", {"*": _SERVICE}),
        "networks": _Place("", {"*": _Place("", {"labels": _KEYED})}),
        "volumes": _Place("", {"*": _Place("", {"labels": _KEYED})}),
    },
)


def merge_documents(documents: Iterable[Node]) -> Mapping | None:
    """The documents of one file, each laid over the one before, as Compose reads them; None when none is a mapping."""
    return _Merger(None, unknown, None).documents(documents)


def merge_files(
    files: SequenceType[ComposeFile],
    load: Load | None = None,
    lookup: Lookup = unknown,
    environ: Environ | None = None,
) -> ComposeFile:
    """The model of `docker compose -f first -f second …`, with `include` and `extends` resolved.

    `lookup` knows the variables that Compose runs with; `environ` reads the env files of `include`, whose variables
    only the included files see. `load` gets the path of an included or extended file from the project's root. The
    result's `problems` are those that only the whole shows: what cannot be merged, circles, and keys left empty.
    `incomplete` is True when something could not be read.
    `files` must not be empty.
    """
    merger = _Merger(load, lookup, environ)
    for file in files:
        merger.lookup.add(file.source.path, lookup)
    merged = ComposeFile(files[0].source)
    merged.lookup = merger.lookup
    merged.root = merger.model(files, posixpath.dirname(files[0].source.path), ())
    merged.documents = (merged.root,) if merged.root is not None else ()
    merged.files = tuple(merger.files)
    merged.directories = merger.directories
    merged.incomplete = merger.incomplete or any(file.root is None for file in merged.files)
    merged.services = services_of(merged)
    problems = list(merger.problems)
    if merged.root is not None and not merged.incomplete:
        known = {problem for file in merged.files for problem in file.problems}
        problems.extend(problem for problem in structure_problems(merged.root, complete=True) if problem not in known)
    merged.problems = tuple(dict.fromkeys(problems))
    return merged


class _Scope(NamedTuple):
    """Where an `extends` looks: the services of one file, its path, the folder of relative paths, what is resolved."""

    services: Mapping
    path: str
    directory: str
    resolved: dict[tuple[str, str], Node]


class _Merger:
    """One merging, with what it came across."""

    def __init__(self, load: Load | None, lookup: Lookup, environ: Environ | None) -> None:
        self.load = load
        self.environ = environ
        self.lookup = Variables(lookup)
        self.problems: list[Problem] = []
        self.files: list[ComposeFile] = []
        self.incomplete = False
        self.made: dict[tuple[int, int, int], Node] = {}
        self.kept: list[object] = []  # what `made` knows by its id must live as long
        self.clean: dict[int, Node] = {}
        self.looked_at = 0
        self.models: dict[tuple[str, ...], Mapping | None] = {}  # of included files, by their paths and folder
        self.directories: dict[str, str | None] = {}  # where relative paths start, by file; None for two places

    # Files

    def documents(self, documents: Iterable[Node]) -> Mapping | None:
        """Documents laid over each other."""
        root: Mapping | None = None
        for document in documents:
            if isinstance(document, Mapping):
                merged = self.without_resets(self.merge(root, document, _ROOT) if root is not None else document)
                root = merged if isinstance(merged, Mapping) else root
        return root

    def model(self, files: SequenceType[ComposeFile], directory: str, trail: tuple[str, ...]) -> Mapping | None:
        """Files laid over each other, each with its includes and extensions. Relative paths start at `directory`."""
        documents: list[Node] = []
        for file in files:
            if file not in self.files:
                self.files.append(file)
            self.starts_at(file.source.path, directory)
            for document in file.documents if file.root is not None else ():
                if isinstance(document, Mapping):
                    included = self.with_includes(document, directory, (*trail, file.source.path))
                    documents.append(self.with_extensions(included, file.source.path, directory))
        return self.documents(documents)

    def starts_at(self, path: str, directory: str) -> None:
        """Notes where the relative paths of a file start: one file that is used in two ways has no one place."""
        folder = posixpath.normpath(directory) if directory else ""
        folder = "" if folder == "." else folder
        self.directories[path] = folder if self.directories.get(path, folder) == folder else None

    def read(self, path: str) -> ComposeFile | None:
        """Another file of the project; it makes the model incomplete when it cannot be read."""
        if "://" in path or path.startswith(("git@", "oci:", "/", "~")):
            file = None
        else:
            known = posixpath.normpath(path)
            file = next((file for file in self.files if file.source.path == known), None)
            if file is None and self.load is not None and not known.startswith(".."):
                file = self.load(known)
        if file is None or file.root is None:
            self.incomplete = True
            return None
        if file not in self.files:
            self.files.append(file)
        return file

    # include

    def with_includes(self, document: Mapping, directory: str, trail: tuple[str, ...]) -> Mapping:
        """A document with what it includes brought in; what it says itself wins."""
        node = document.get("include")
        if not isinstance(node, Sequence):
            return document
        for item in node:
            imported = self.included(item, directory, trail)
            if imported is not None:
                document = self.imported(imported, document)
        return _without(document, "include")

    def included(self, item: Node, directory: str, trail: tuple[str, ...]) -> Mapping | None:
        """The model that one entry of `include:` stands for."""
        if len(trail) > MAX_CHAIN:
            self.incomplete = True
            return None
        named = item.get("path") if isinstance(item, Mapping) else item
        nodes = named.items if isinstance(named, Sequence) else (named,) if named is not None else ()
        paths = [made.value if (made := setting(node, self.lookup)) else None for node in nodes]
        files: list[ComposeFile] = []
        for path in paths:
            if path is None:
                self.incomplete = True
                return None
            other = self.read(posixpath.join(directory, path))
            if other is None:
                return None
            if other.source.path in trail:
                self.problems.append(
                    Problem(
                        item.place,
                        f"`include` goes in a circle: {' -> '.join((*trail, other.source.path))}",
                        "no circle",
                    )
                )
                return None
            files.append(other)
        if not files:
            return None
        below = posixpath.dirname(files[0].source.path)
        own = setting(item.get("project_directory"), self.lookup) if isinstance(item, Mapping) else None
        if own is not None and own.value is not None:
            below = posixpath.normpath(posixpath.join(directory, own.value))
        lookup = self.included_lookup(item, directory, below)
        for file in files:
            self.lookup.add(file.source.path, lookup)
        key = (*(file.source.path for file in files), below)
        if key not in self.models:
            self.models[key] = self.model(files, "" if below == "." else below, trail)
        return self.models[key]

    def included_lookup(self, item: Node, directory: str, below: str) -> Lookup:
        """The variables of included files: those of the file that includes them, then those of the env files that the
        entry names, or of the `.env` in the folder of the included model (compose-go, loader/include.go).
        """
        above = in_file(self.lookup, item.span.source.path)
        if self.environ is None:
            return above
        node = item.get("env_file") if isinstance(item, Mapping) else None
        if node is None:
            return self.environ((posixpath.join(below, ".env"),), above)
        paths: list[str] = []
        for one in node.items if isinstance(node, Sequence) else (node,):
            made = setting(one, self.lookup)
            if made is None or made.value is None or made.value.startswith(("/", "~")):
                if made is None or made.value != "/dev/null":  # which says that there is none
                    return unknown
                continue
            paths.append(posixpath.normpath(posixpath.join(directory, made.value)))
        return self.environ(paths, above) if paths else above

    def imported(self, source: Mapping, target: Mapping) -> Mapping:
        """A document with the resources of an included model, its own entries laid over them."""
        entries = {entry.key.text: entry for entry in target.entries}
        for kind in RESOURCES:
            theirs = source.entry(kind)
            if theirs is None or not isinstance(theirs.value, Mapping):
                continue
            ours = entries.get(kind)
            if ours is None or not isinstance(ours.value, Mapping):
                entries[kind] = theirs
            else:
                entries[kind] = ours._replace(value=self.mappings(theirs.value, ours.value, _ROOT.child(kind)))
        return Mapping.of(entries.values(), target.span)

    # extends

    def with_extensions(self, document: Mapping, path: str, directory: str) -> Mapping:
        """A document whose services hold what they extend."""
        services = document.get("services")
        if not isinstance(services, Mapping):
            return document
        if not any(isinstance(entry.value, Mapping) and entry.value.entry("extends") for entry in services):
            return document
        scope = _Scope(services, path, directory, {})
        merged = Mapping.of(
            (entry._replace(value=self.extended(entry.key.text, scope, ())) for entry in services), services.span
        )
        return Mapping.of(
            (entry._replace(value=merged) if entry.key.text == "services" else entry for entry in document),
            document.span,
        )

    def extended(self, name: str, scope: _Scope, trail: tuple[tuple[str, str], ...]) -> Node:
        """One service with what it extends beneath its own settings."""
        entry = scope.services.entry(name)
        if entry is None:
            return Mapping.of((), scope.services.span)
        body = entry.value
        node = body.get("extends") if isinstance(body, Mapping) else None
        if node is None or not isinstance(body, Mapping):
            return body
        me = (scope.path, name)
        if me not in scope.resolved:
            own = _without(body, "extends")
            base = self.extension_base(node, scope, (*trail, me))
            scope.resolved[me] = self.mappings(base, own, _SERVICE) if isinstance(base, Mapping) else own
        return scope.resolved[me]

    def extension_base(self, node: Node, scope: _Scope, trail: tuple[tuple[str, str], ...]) -> Node | None:
        """The service that an `extends:` names, itself extended; None when there is none to be had."""
        named = setting(node.get("service") if isinstance(node, Mapping) else node, self.lookup)
        elsewhere: Setting | None = setting(node.get("file"), self.lookup) if isinstance(node, Mapping) else None
        if named is None:
            return None
        if named.value is None or len(trail) > MAX_CHAIN or (elsewhere is not None and elsewhere.value is None):
            self.incomplete = True
            return None
        if elsewhere is not None and elsewhere.value is not None:
            other = self.read(posixpath.join(scope.directory, elsewhere.value))
            services = other.root.get("services") if other is not None and other.root is not None else None
            if other is None or not isinstance(services, Mapping):
                return None
            path = other.source.path
            scope = scope._replace(services=services, path=path, directory=posixpath.dirname(path))
            self.starts_at(path, scope.directory)
            self.lookup.add(path, in_file(self.lookup, node.span.source.path))
        if (scope.path, named.value) in trail:
            circle = " -> ".join(name for _, name in (*trail, ("", named.value)))
            self.problems.append(Problem(node.place, f"`extends` goes in a circle: {circle}", "no circle"))
            return None
        return self.extended(named.value, scope, trail) if scope.services.entry(named.value) is not None else None

    # Nodes

    def merge(self, base: Node, over: Node, place: _Place) -> Node:
        """One value laid over another. Shared values are merged once, so that aliases of aliases cost nothing."""
        key = (_content(base), _content(over), id(place))
        if key not in self.made:
            self.kept.append((base, over))
            self.made[key] = self.merged(base, over, place)
        return self.made[key]

    def merged(self, base: Node, over: Node, place: _Place) -> Node:
        """One value laid over another by the rule of the place."""
        rule = place.rule
        if rule == "replaced":
            return over
        if _null(over):
            return base
        if rule == "keyed":
            return self.keyed(base, over)
        if rule in ("named", "depends"):
            started = rule == "depends"
            return self.collections(
                _names_to_mapping(base, started=started), _names_to_mapping(over, started=started), place
            )
        if rule == "build":
            return self.collections(_context_to_mapping(base), _context_to_mapping(over), place)
        if rule == "logging" and isinstance(base, Mapping) and isinstance(over, Mapping):
            drivers = [made.text if (made := node.scalar("driver")) else None for node in (base, over)]
            return over if None not in drivers and drivers[0] != drivers[1] else self.mappings(base, over, place)
        if rule in ("appended", "appended-name", "env-file"):
            base, over = _to_sequence(base), _to_sequence(over)
        if rule == "hosts" and isinstance(base, Mapping) is not isinstance(over, Mapping):
            base, over = _pairs_to_sequence(base), _pairs_to_sequence(over)
        return self.collections(base, over, place)

    def collections(self, base: Node, over: Node, place: _Place) -> Node:
        """Mappings merged, sequences appended, anything else replaced."""
        if isinstance(base, Mapping) and isinstance(over, Mapping):
            return self.mappings(base, over, place)
        if isinstance(base, Sequence) and isinstance(over, Sequence):
            return Sequence.of(self.unique((*base.items, *over.items), place.rule), base.span)
        if isinstance(base, Scalar):
            return over
        what = ("a mapping", "a list") if isinstance(base, Mapping) else ("a list", "a mapping")
        there = base.span.source.path
        self.problems.append(
            Problem(over.place, f"this cannot be laid over {what[0]} (`{there}`, line {base.span.line})", what[0])
        )
        return over

    def mappings(self, base: Mapping, over: Mapping, place: _Place) -> Mapping:
        """Two mappings as one; a key keeps the place in the order that the base gives it."""
        self.looked_at += len(base.entries) + len(over.entries)
        if self.looked_at > MAX_ENTRIES:
            self.incomplete = True
            return over
        entries = {entry.key.text: entry for entry in reversed(base.entries)}
        entries = dict(reversed(entries.items()))
        cleared = base.cleared | over.cleared
        for entry in reversed({entry.key.text: entry for entry in reversed(over.entries)}.values()):
            key, value = entry.key.text, entry.value
            below = entries.get(key)
            if value.tag in _CLEARING:
                cleared |= {key}
            if value.tag == "!reset":
                entries.pop(key, None)
            elif below is None or value.tag == "!override" or (place is _ROOT and key.startswith("x-")):
                entries[key] = entry
            else:
                merged = self.merge(below.value, value, place.child(key))
                if merged is below.value:
                    continue
                # where the later file replaces the value, the entry is the later file's
                entries[key] = entry if merged is value else below._replace(value=merged)
        result = Mapping.of(entries.values(), base.span)
        result.cleared = cleared
        return result

    def keyed(self, base: Node, over: Node) -> Node:
        """`NAME=value` lists and mappings as one of them: a mapping when either is one."""
        if isinstance(base, Sequence) and isinstance(over, Sequence):
            return Sequence.of(self.unique((*base.items, *over.items), "unique-name"), base.span)
        first, second = _pairs_to_mapping(base), _pairs_to_mapping(over)
        if isinstance(first, Mapping) and isinstance(second, Mapping):
            return self.mappings(first, second, _PAIRS)
        return over

    def unique(self, items: Iterable[Node], rule: str) -> list[Node]:
        """The items of a merged list; of two that mean the same the later one stands at the earlier one's place."""
        found: list[Node] = []
        at: dict[str, int] = {}
        for item in items:
            key = self.identity(item, rule)
            if key is not None and key in at:
                found[at[key]] = item
            else:
                if key is not None:
                    at[key] = len(found)
                found.append(item)
        return found

    def identity(self, item: Node, rule: str) -> str | None:
        """What tells an item of a list from another one; None when each stands for itself."""
        text = item.text if isinstance(item, Scalar) else None
        if rule in ("unique-name", "appended-name"):
            return text.partition("=")[0] if text is not None else None
        if rule in ("unique-text", "hosts"):
            return text
        if rule == "unique-device" and text is not None:
            parts = text.split(":")
            return parts[1] if len(parts) > 1 else parts[0]
        if rule in ("unique-volume", "unique-device"):
            mounted = mount(item, self.lookup)
            return mounted.target.value or mounted.target.text if mounted and mounted.target else text
        if rule == "unique-port":
            return self.port_identity(item)
        if rule in ("unique-secret", "unique-config"):
            folder = "/run/secrets/" if rule == "unique-secret" else "/"
            if not isinstance(item, Mapping):
                return folder + text if text is not None else None
            target, source = item.scalar("target"), item.scalar("source")
            return target.text if target else folder + source.text if source else None
        if rule == "env-file":
            path = item.scalar("path") if isinstance(item, Mapping) else None
            return path.text if path else text
        return None

    def port_identity(self, item: Node) -> str | None:
        """Host address, published port, container port and protocol; a part that cannot be told by its text."""
        made = port(item, self.lookup)
        if made is None:
            return None
        parts = [
            (part.value if part.value is not None else part.text) if part else ""
            for part in (made.host_ip, made.published, made.target)
        ]
        return "\0".join((parts[0] or "0.0.0.0", *parts[1:], made.protocol or ""))  # noqa: S104

    def without_resets(self, node: Node) -> Node:
        """A value with every `!reset` below it gone; the same object when there was none."""
        if isinstance(node, Scalar):
            return node
        key = _content(node)
        if key in self.clean:
            return self.clean[key]
        self.kept.append(node)
        result = node
        if isinstance(node, Mapping):
            entries = [entry for entry in node.entries if entry.value.tag != "!reset"]
            cleaned = [self.without_resets(entry.value) for entry in entries]
            if len(entries) != len(node.entries) or any(
                new is not entry.value for entry, new in zip(entries, cleaned, strict=True)
            ):
                result = Mapping.of(
                    (entry._replace(value=new) for entry, new in zip(entries, cleaned, strict=True)), node.span
                )
                gone = (entry.key.text for entry in node.entries if entry.value.tag == "!reset")
                result.cleared = node.cleared.union(gone)
        elif isinstance(node, Sequence):
            kept = [item for item in node.items if item.tag != "!reset"]
            cleaned = [self.without_resets(item) for item in kept]
            if len(kept) != len(node.items) or any(new is not item for item, new in zip(kept, cleaned, strict=True)):
                result = Sequence.of(cleaned, node.span)
        if result is not node:
            result.tag, result.anchor, result.use = node.tag, node.anchor, node.use
        self.clean[key] = result
        return result


def _content(node: Node) -> int:
    """The identity of what a node holds, which an alias shares with its anchor."""
    if isinstance(node, Mapping):
        return id(node.entries) if node.entries else id(node)
    if isinstance(node, Sequence):
        return id(node.items) if node.items else id(node)
    return id(node)


def _null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _without(mapping: Mapping, key: str) -> Mapping:
    result = Mapping.of((entry for entry in mapping.entries if entry.key.text != key), mapping.span)
    result.cleared = mapping.cleared
    return result


def _to_sequence(node: Node) -> Node:
    return Sequence.of((node,), node.span) if isinstance(node, Scalar) and not _null(node) else node


def _context_to_mapping(node: Node) -> Node:
    """`build: folder` as `build: {context: folder}`."""
    if not isinstance(node, Scalar):
        return node
    if _null(node):
        return Mapping.of((), node.span)
    key = Scalar("context", "context", node.span._replace(end=node.span.start))
    return Mapping.of((Entry(key, node, False, node.span),), node.span)


def _names_to_mapping(node: Node, *, started: bool) -> Node:
    """A list of names as a mapping from name to nothing, or to the settings that a short `depends_on` stands for."""
    if not isinstance(node, Sequence):
        return node
    entries: list[Entry] = []
    for item in node:
        if isinstance(item, Scalar):
            nowhere = item.span._replace(start=item.span.end)
            value: Node = Scalar("", None, nowhere)
            if started:
                settings: dict[str, str | bool] = {"condition": "service_started", "required": True}
                pairs = [
                    Entry(Scalar(key, key, nowhere), Scalar(str(held).lower(), held, nowhere), False, nowhere)
                    for key, held in settings.items()
                ]
                value = Mapping.of(pairs, nowhere)
            entries.append(Entry(item, value, False, item.span))
    return Mapping.of(entries, node.span)


def _pairs_to_sequence(node: Node) -> Node:
    """`name: address` as `- name=address`; a name with several addresses is several items."""
    if not isinstance(node, Mapping):
        return node
    items: list[Node] = []
    for entry in node:
        for value in entry.value.items if isinstance(entry.value, Sequence) else (entry.value,):
            if isinstance(value, Scalar):
                text = f"{entry.key.text}={value.text}"
                items.append(Scalar(text, text, entry.span if entry.span.source is value.span.source else value.span))
    return Sequence.of(items, node.span)


def _pairs_to_mapping(node: Node) -> Node:
    """`- NAME=value` as `NAME: value`."""
    if isinstance(node, Scalar) and _null(node):
        return Mapping.of((), node.span)
    if not isinstance(node, Sequence):
        return node
    entries: list[Entry] = []
    for item in node:
        if not isinstance(item, Scalar):
            continue
        name, equals, value = item.text.partition("=")
        key = Scalar(name, name, item.locate(0, len(name)))
        if equals:
            at = len(name) + 1
            held = Scalar(value, value, item.locate(at, len(item.text)), plain=False)
        else:
            held = Scalar("", None, item.span._replace(start=item.span.end))
        entries.append(Entry(key, held, False, item.span))
    return Mapping.of(entries, node.span)
