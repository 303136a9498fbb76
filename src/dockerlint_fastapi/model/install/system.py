"""How the package managers of distributions read their command lines: apt, apk, dnf, zypper, dpkg, rpm."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.model.install.call import Call, bare_text
from dockerlint_fastapi.model.install.options import grammar_of, parse_options
from dockerlint_fastapi.model.install.step import Package, Step, literal_head, make_step
from dockerlint_fastapi.pattern import pattern

_APT = grammar_of(
    "--option --target-release --config-file --host-architecture --build-profiles --with-source --solver --snapshot"
    " -o -t -c -a -P -S",
    "-o=--option -t=--target-release --default-release=--target-release -c=--config-file -y=--yes"
    " --assume-yes=--yes -q=--quiet"
    " -d=--download-only -f=--fix-broken -m=--ignore-missing --fix-missing=--ignore-missing -s=--simulate"
    " --dry-run=--simulate"
    " -a=--host-architecture -P=--build-profiles -U=--update",
)
_APK = grammar_of(
    "--virtual --root --repository --keys-dir --repositories-file --wait --arch --cache-dir --cache-max-age --timeout"
    " --progress-fd -t -p -X",
    "-t=--virtual -p=--root -X=--repository -q=--quiet -U=--update-cache -u=--upgrade -f=--force -i=--interactive",
)
_DNF = grammar_of(
    "--config --exclude --enablerepo --disablerepo --repo --repoid --setopt --installroot --releasever"
    " --repofrompath --advisory"
    " --forcearch --rpmverbosity --comment --disableexcludes --destdir --downloaddir --color --debuglevel"
    " --errorlevel -c -x -d -e",
    "-y=--assumeyes -q=--quiet -c=--config -x=--exclude -C=--cacheonly -b=--best",
)
_ZYPPER = grammar_of(
    "--repo --from --root --type --config --plus-repo --reposd-dir -r -t -p",
    "-y=--no-confirm -n=--non-interactive -l=--auto-agree-with-licenses -r=--repo -t=--type",
)
_DPKG = grammar_of("--root --admindir --instdir", "-i=--install -r=--remove -P=--purge")
_APT_ACTIONS = {
    "install": "install",
    "reinstall": "install",
    "build-dep": "install",
    "satisfy": "install",
    "update": "update",
    "upgrade": "upgrade",
    "dist-upgrade": "upgrade",
    "full-upgrade": "upgrade",
    "safe-upgrade": "upgrade",
    "dselect-upgrade": "upgrade",
    "remove": "remove",
    "purge": "remove",
    "autoremove": "remove",
    "autopurge": "remove",
    "auto-remove": "remove",
    "clean": "clean",
    "autoclean": "clean",
    "dist-clean": "clean",
    "distclean": "clean",
    "download": "download",
}
_DNF_ACTIONS = {
    "install": "install",
    "in": "install",
    "localinstall": "install",
    "reinstall": "install",
    "groupinstall": "install",
    "builddep": "install",
    "update": "upgrade",
    "upgrade": "upgrade",
    "up": "upgrade",
    "dup": "upgrade",
    "upgrade-minimal": "upgrade",
    "update-minimal": "upgrade",
    "distro-sync": "upgrade",
    "makecache": "update",
    "check-update": "update",
    "remove": "remove",
    "rm": "remove",
    "erase": "remove",
    "autoremove": "remove",
    "clean": "clean",
    "download": "download",
}
_ZYPPER_ACTIONS = _DNF_ACTIONS | {
    "refresh": "update",
    "ref": "update",
    "cc": "clean",
    "patch": "upgrade",
    "dist-upgrade": "upgrade",
}
_APK_ACTIONS = {
    "add": "install",
    "del": "remove",
    "update": "update",
    "upgrade": "upgrade",
    "fetch": "download",
    "cache": "clean",
}


# Behind the name of a system package: a version, a release, an architecture, a repository.
_SYSTEM_NAME = pattern(r"[A-Za-z0-9][A-Za-z0-9.+_-]*?(?=[=<>~@:/]|\Z)")
_BEHIND_NAME = pattern(r"[=<>~@:/]")
_WHOLE_NAME = pattern(r"[A-Za-z0-9.][A-Za-z0-9.+_-]*\Z")


def _system_package(argument: Argument) -> Package:
    text = bare_text(argument).removeprefix("!")
    if argument.value is not None:
        head = _BEHIND_NAME.split(text, maxsplit=1)[0]
        return Package(head if _WHOLE_NAME.match(head) else None, argument)
    # `libpq5=$VERSION`: the name is certain as long as the expansion stands behind a separator.
    head, separator = literal_head(text, "=<>~@:/")
    return Package(head if separator and _WHOLE_NAME.match(head) else None, argument)


def _is_file(text: str, *endings: str) -> bool:
    return text.startswith(("./", "../", "/")) or text.endswith(endings)


_STANDS_FOR = {"pip": "python3-pip"}  # virtual: that alone provides it in Debian and Ubuntu (`apt-cache showpkg pip`)


def _debian_package(argument: Argument) -> Package:
    package = _system_package(argument)
    real = _STANDS_FOR.get(package.name or "")
    return package if real is None else package._replace(name=real)


def read_apt(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    """`apt-get`, `apt`, `aptitude`."""
    parsed = parse_options(rest, _APT)
    if not parsed.operands:
        return None
    word, operands = parsed.operands[0], parsed.operands[1:]
    action = _APT_ACTIONS.get(word.value or "", "other")
    local = [argument for argument in operands if _is_file(bare_text(argument), ".deb")]
    packages = [_debian_package(argument) for argument in operands if not _is_file(bare_text(argument), ".deb")]
    whole = action != "install" or (
        word.value != "build-dep" and all(package.name or package.word.value is None for package in packages)
    )
    return make_step(
        call,
        manager,
        program,
        action,
        subcommand=(word,),
        parsed=parsed,
        packages=packages,
        local=local,
        complete=whole,
    )


def read_apk(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    """`apk`."""
    parsed = parse_options(rest, _APK)
    if not parsed.operands:
        return None
    word, operands = parsed.operands[0], parsed.operands[1:]
    action = _APK_ACTIONS.get(word.value or "", "other")
    local = [argument for argument in operands if bare_text(argument).endswith(".apk")]
    named = (argument for argument in operands if not bare_text(argument).endswith(".apk"))
    packages = [_system_package(argument) for argument in named if not bare_text(argument).startswith("!")]
    return make_step(call, manager, program, action, subcommand=(word,), parsed=parsed, packages=packages, local=local)


def read_rpm_family(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    """`dnf`, `yum`, `microdnf`, `zypper`."""
    grammar, actions = (_ZYPPER, _ZYPPER_ACTIONS) if manager == "zypper" else (_DNF, _DNF_ACTIONS)
    parsed = parse_options(rest, grammar)
    if not parsed.operands:
        return None
    word, operands = parsed.operands[0], parsed.operands[1:]
    action = actions.get(word.value or "", "other")
    subcommand = [word]
    if word.value in ("group", "groups") and operands and operands[0].value == "install":
        action, subcommand, operands = "install", [word, operands[0]], operands[1:]
    if manager == "zypper" and word.value == "update":
        action = "upgrade"
    local = [argument for argument in operands if _is_file(bare_text(argument), ".rpm")]
    packages = [_system_package(argument) for argument in operands if not _is_file(bare_text(argument), ".rpm")]
    groups = word.value in ("groupinstall", "group", "groups", "builddep") or any(
        bare_text(one).startswith("@") for one in operands
    )
    return make_step(
        call,
        manager,
        program,
        action,
        subcommand=subcommand,
        parsed=parsed,
        packages=packages,
        local=local,
        complete=not groups,
    )


def read_archive(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    """`dpkg -i file.deb`, `rpm -i file.rpm`."""
    text = [bare_text(argument) for argument in rest]
    install = any(one in ("--install", "--upgrade", "--unpack") or re.match(r"-[a-zA-Z]*[iUF]", one) for one in text)
    if manager == "dpkg":
        install = any(one in ("-i", "--install", "--unpack") or re.match(r"-[A-Z]*i", one) for one in text)
    if any(one in ("-q", "-qa", "--query", "--import") for one in text):
        install = False
    remove = any(one in ("-r", "-P", "-e", "--remove", "--purge", "--erase") for one in text)
    parsed = parse_options(rest, _DPKG)
    subcommand = next((argument for argument in rest if bare_text(argument).startswith("-")), None)
    action = "install" if install else "remove" if remove else "other"
    return make_step(
        call,
        manager,
        program,
        action,
        subcommand=(subcommand,) if subcommand else (),
        parsed=parsed,
        packages=[_system_package(one) for one in parsed.operands] if action == "remove" else (),
        local=parsed.operands if install else (),
    )
