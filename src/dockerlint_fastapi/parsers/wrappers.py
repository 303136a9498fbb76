"""Programs that only start another program: their options, and where the other program begins.

A table of facts. Options are listed as written; an option that is not listed makes the wrapper unreadable, because
whether the next word is its value cannot be told.
"""

from __future__ import annotations

from collections.abc import Mapping

from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


def word_set(text: str) -> frozenset[str]:
    """The words of a text as a set."""
    return frozenset(text.split())


class Wrapper(NamedTuple):
    """One wrapper: what may stand between its name and the program that it starts."""

    flags: frozenset[str] = frozenset()  # options without a value
    valued: frozenset[str] = frozenset()  # options with one
    operands: int = 0  # words after the options: timeout's duration, gosu's user
    assigns: bool = False  # then NAME=value words
    dashes: bool = False  # the program stands behind a literal `--`, whatever comes before
    python: bool = False  # the program is a Python file, or a module after `-m`
    any_valued: bool = False  # every `--option` that is not a flag takes a value
    unreadable: frozenset[str] = frozenset()  # with these no program is started, or none that can be told
    opaque: bool = False  # it may set variables of its own
    opaque_with: frozenset[str] = frozenset()  # it does so with one of these options
    clears_with: frozenset[str] = frozenset()  # with one of these the environment is emptied
    command: str = ""  # the option that holds a shell command in place of the words (`su -c`)
    subcommands: Mapping[str, Wrapper] | None = None  # `uv run`: the options above come before the subcommand


_UV_GLOBAL_FLAGS: Final = (
    "-n --no-cache --no-cache-dir --managed-python --no-managed-python --allow-python-downloads "
    "--no-python-downloads -q --quiet -v --verbose --no-color --native-tls --no-native-tls --system-certs "
    "--no-system-certs --offline --no-offline --preview --no-preview --isolated --show-settings --no-progress "
    "--no-installer-metadata --no-config "
)
_UV_GLOBAL_VALUED: Final = (
    "--cache-dir --python-preference --python-fetch --python-downloads --color --allow-insecure-host --trusted-host "
    "--preview-features --preview-feature --directory --project --config-file "
)
_UV_RESOLVER_VALUED: Final = (
    "--index --default-index -i --index-url --extra-index-url -f --find-links -P --upgrade-package --upgrade-group "
    "--reinstall-package --index-strategy --keyring-provider -C --config-setting --config-settings "
    "--config-settings-package --exclude-newer --exclude-newer-package --link-mode --resolution --prerelease "
    "--fork-strategy --no-build-isolation-package --no-build-package --no-binary-package --no-sources-package "
    "--refresh-package -p --python --python-platform --env-file -w --with --with-editable --with-requirements "
    "--torch-backend "
)
_UV_RESOLVER_FLAGS: Final = (
    "--no-index -U --upgrade --no-upgrade --reinstall --force-reinstall --no-reinstall --pre --no-build-isolation "
    "--build-isolation --no-build --build --no-binary --binary --no-sources --sources --refresh --no-refresh "
    "--compile-bytecode --compile --no-compile-bytecode --no-compile --no-env-file "
)

_UV: Final = Wrapper(
    flags=word_set(_UV_GLOBAL_FLAGS),
    valued=word_set(_UV_GLOBAL_VALUED),
    subcommands={
        "run": Wrapper(
            flags=word_set(
                _UV_GLOBAL_FLAGS
                + _UV_RESOLVER_FLAGS
                + "--all-extras --no-all-extras --dev --no-dev --only-dev --no-default-groups --all-groups -m --module "
                "--editable --no-editable --inexact --no-exact --exact --active --no-active --no-sync --locked "
                "--frozen -s --script --gui-script --all-packages --no-project --no_workspace --show-resolution"
            ),
            valued=word_set(
                _UV_GLOBAL_VALUED
                + _UV_RESOLVER_VALUED
                + "--extra --no-extra --group --no-group --only-group --package --no-editable-package "
                "--max-recursion-depth"
            ),
            python=True,
            opaque_with=word_set("--env-file"),
        ),
        "tool": Wrapper(
            subcommands={
                "run": Wrapper(
                    flags=word_set(_UV_GLOBAL_FLAGS + _UV_RESOLVER_FLAGS + "--lfs"),
                    valued=word_set(_UV_GLOBAL_VALUED + _UV_RESOLVER_VALUED + "--from -c --constraints -b --overrides"),
                    opaque_with=word_set("--env-file"),
                )
            }
        ),
    },
)
_POETRY: Final = Wrapper(
    flags=word_set("-q --quiet -v -vv -vvv --verbose -n --no-interaction --no-plugins --no-cache --ansi --no-ansi"),
    valued=word_set("-C --directory -P --project"),
    subcommands={"run": Wrapper(flags=word_set("-q --quiet -v -vv -vvv --verbose -n --no-interaction --no-plugins"))},
)
_CONDA: Final = Wrapper(
    flags=word_set("-v --verbose"),
    subcommands={
        "run": Wrapper(
            flags=word_set("-v --verbose --dev --debug-wrapper-scripts --no-capture-output --live-stream"),
            valued=word_set("-n --name -p --prefix --cwd"),
        )
    },
)
_MICROMAMBA: Final = Wrapper(
    flags=word_set("-v --verbose -q --quiet -y --yes --no-rc --no-env"),
    valued=word_set("-r --root-prefix --rc-file --log-level"),
    subcommands={
        "run": Wrapper(
            flags=word_set("-d --detach --clean-env -v --verbose -q --quiet --no-rc --no-env"),
            valued=word_set("-n --name -p --prefix --cwd -e --env --label -a --attach -r --root-prefix"),
            opaque_with=word_set("-e --env"),
            clears_with=word_set("--clean-env"),
        )
    },
)
_BEHIND_DASHES: Final = Wrapper(dashes=True)
_SECRETS: Final = Wrapper(dashes=True, opaque=True)
_TINI: Final = Wrapper(flags=word_set("-s -v -w -g"), valued=word_set("-p -e"), unreadable=word_set("-h -l --version"))
_USER_FIRST: Final = Wrapper(operands=1)
_SU: Final = Wrapper(
    flags=word_set("- -l --login -m -p --preserve-environment -f --fast -P --pty -T --no-pty"),
    valued=word_set("-c --command --session-command -s --shell -g --group -G --supp-group -w --whitelist-environment"),
    command="-c",
)
_ENV: Final = Wrapper(
    flags=word_set("-i --ignore-environment - -v --debug --default-signal --ignore-signal --block-signal"),
    valued=word_set("-u --unset -C --chdir -a --argv0"),
    assigns=True,
    unreadable=word_set("-S --split-string -0 --null --help --version"),
    clears_with=word_set("-i --ignore-environment -"),
)

# Published scripts that wait for another service and then replace themselves by what stands behind `--`.
WAITING: Final = word_set(
    "wait-for-it.sh wait-for-it wait_for_it.sh wait_for_it wait-for wait-for.sh wait_for.sh waitforit.sh waitforit"
)
WRAPPERS: Final[Mapping[str, Wrapper]] = {
    # scheduling and sessions, coreutils and util-linux
    "env": _ENV,
    "nice": Wrapper(valued=word_set("-n --adjustment")),
    "nohup": Wrapper(),
    "time": Wrapper(
        flags=word_set("-p -v --verbose -a --append -q --quiet"), valued=word_set("-o --output -f --format")
    ),
    "timeout": Wrapper(
        flags=word_set("--preserve-status --foreground -f -p -v --verbose"),
        valued=word_set("-k --kill-after -s --signal"),
        operands=1,
    ),
    "stdbuf": Wrapper(valued=word_set("-i --input -o --output -e --error")),
    "setsid": Wrapper(flags=word_set("-c --ctty -f --fork -w --wait")),
    "ionice": Wrapper(flags=word_set("-t --ignore"), valued=word_set("-c --class -n --classdata")),
    "chroot": Wrapper(flags=word_set("--skip-chdir"), valued=word_set("--userspec --groups"), operands=1),
    "taskset": Wrapper(flags=word_set("-c --cpu-list -a --all-tasks"), operands=1),
    "xvfb-run": Wrapper(
        flags=word_set("-a --auto-servernum -l --listen-tcp"),
        valued=word_set(
            "-e --error-file -f --auth-file -n --server-num -p --xauth-protocol -s --server-args -w --wait"
        ),
    ),
    "busybox": Wrapper(),
    # process 1
    "tini": _TINI,
    "tini-static": _TINI,
    "docker-init": _TINI,
    "dumb-init": Wrapper(
        flags=word_set("-c --single-child -v --verbose"),
        valued=word_set("-r --rewrite"),
        unreadable=word_set("-h --help -V --version"),
    ),
    "catatonit": Wrapper(flags=word_set("-g -L"), unreadable=word_set("-P -h --help -V --version")),
    "my_init": Wrapper(dashes=True, opaque=True),
    "fixuid": Wrapper(flags=word_set("-q")),
    # users
    "gosu": _USER_FIRST,
    "su-exec": _USER_FIRST,
    "s6-setuidgid": _USER_FIRST,
    "chpst": Wrapper(
        flags=word_set("-v -P -0 -1 -2"), valued=word_set("-u -U -b -e -/ -C -n -l -L -m -d -o -p -f -c -t -r")
    ),
    "setpriv": Wrapper(
        flags=word_set("--init-groups --clear-groups --keep-groups --no-new-privs --nnp --reset-env"),
        valued=word_set(
            "--reuid --regid --ruid --euid --rgid --egid --groups --inh-caps --ambient-caps --bounding-set "
            "--securebits --pdeathsig --selinux-label --apparmor-profile --landlock-access --landlock-rule "
            "--seccomp-filter --ptracer"
        ),
        unreadable=word_set("-d --dump --list-caps -h --help -V --version"),
        opaque_with=word_set("--reset-env"),
    ),
    "runuser": Wrapper(
        flags=word_set("- -l --login -m -p --preserve-environment -f --fast -P --pty -T --no-pty"),
        valued=word_set(
            "-u --user -c --command --session-command -s --shell -g --group -G --supp-group -w --whitelist-environment"
        ),
        command="-c",
    ),
    "su": _SU,
    "sudo": Wrapper(
        flags=word_set(
            "-E -H -n -S -b -k -A -P -B -N --preserve-env --set-home --non-interactive --stdin --background "
            "--reset-timestamp --askpass --preserve-groups --bell --no-update"
        ),
        valued=word_set(
            "-u --user -g --group -p --prompt -C --close-from -h --host -T --command-timeout -U --other-user -r --role "
            "-t --type -D --chdir -R --chroot"
        ),
        assigns=True,
        unreadable=word_set(
            "-i --login -s --shell -e --edit -l --list -v --validate -K --remove-timestamp -V --version"
        ),
        opaque=True,
    ),
    # Python project managers
    "uv": _UV,
    "uvx": _UV.subcommands["tool"].subcommands["run"]
    if _UV.subcommands and _UV.subcommands["tool"].subcommands
    else _UV,
    "poetry": _POETRY,
    "pdm": Wrapper(
        flags=word_set("-q --quiet -v --verbose -n --non-interactive -I --ignore-python"),
        valued=word_set("-c --config"),
        subcommands={
            "run": Wrapper(
                flags=word_set(
                    "-q --quiet -v --verbose -g --global -s --site-packages --recreate -n --non-interactive"
                ),
                valued=word_set("-p --project --venv"),
                unreadable=word_set("-l --list -j --json"),
                python=True,
            )
        },
    ),
    "pipenv": Wrapper(
        flags=word_set("-q --quiet -v --verbose --clear --site-packages --no-site-packages"),
        valued=word_set("--python --pypi-mirror"),
        subcommands={"run": Wrapper(flags=word_set("-q --quiet -v --verbose --clear"), opaque=True)},
    ),
    "hatch": Wrapper(
        flags=word_set("-v --verbose -q --quiet --color --no-color --interactive --no-interactive"),
        valued=word_set("-e --env -p --project --data-dir --cache-dir --config"),
        subcommands={"run": Wrapper(opaque=True)},
    ),
    "rye": Wrapper(subcommands={"run": Wrapper(valued=word_set("--pyproject"), unreadable=word_set("-l --list"))}),
    "pixi": Wrapper(
        flags=word_set("-v --verbose -q --quiet --no-progress"),
        valued=word_set("--color"),
        subcommands={
            "run": Wrapper(
                flags=word_set("--locked --frozen --no-install --as-is -x --executable --clean-env --skip-deps"),
                valued=word_set("--manifest-path -e --environment"),
                opaque=True,
            )
        },
    ),
    "conda": _CONDA,
    "mamba": _CONDA,
    "micromamba": _MICROMAMBA,
    # instrumentation
    "opentelemetry-instrument": Wrapper(any_valued=True, unreadable=word_set("--version")),
    "splunk-py-trace": Wrapper(any_valued=True),
    "ddtrace-run": Wrapper(
        flags=word_set("-d --debug -p --profiling"), unreadable=word_set("-i --info -v --version -h")
    ),
    "newrelic-admin": Wrapper(
        subcommands={"run-program": Wrapper(), "run-python": Wrapper(python=True)},
    ),
    "coverage": Wrapper(
        subcommands={
            "run": Wrapper(
                flags=word_set("-a --append --branch -L --pylib -p --parallel-mode --timid -m --module"),
                valued=word_set("--concurrency --context --data-file --include --omit --source --rcfile --debug"),
                python=True,
            )
        }
    ),
    "debugpy": Wrapper(
        flags=word_set("--wait-for-client --log-to-stderr -m"),
        valued=word_set("--listen --connect --log-to --adapter-access-token --parent-session-pid"),
        unreadable=word_set("--pid -c --configure-qt --version -h --help"),
        python=True,
    ),
    "cProfile": Wrapper(flags=word_set("-m"), valued=word_set("-o --outfile -s --sort"), python=True),
    "pdb": Wrapper(flags=word_set("-m"), valued=word_set("-c --command"), python=True),
    "memray": Wrapper(
        flags=word_set("-v --verbose"),
        subcommands={
            "run": Wrapper(
                flags=word_set(
                    "-m --live --native --follow-fork --trace-python-allocators --aggregate -f --force -q --quiet "
                    "--no-compress"
                ),
                valued=word_set("-o --output --live-port --compress-on-exit"),
                unreadable=word_set("-c --live-remote"),
                python=True,
            )
        },
    ),
    "pyinstrument": Wrapper(
        flags=word_set("-m --show-all --timeline --unicode --no-unicode --color --no-color"),
        valued=word_set("-o --outfile -r --renderer -i --interval"),
        unreadable=word_set("-c --load --load-prev --from-path"),
        python=True,
    ),
    "py-spy": _BEHIND_DASHES,
    # restarting on change
    "watchmedo": Wrapper(
        flags=word_set("-q --quiet -v --verbose"),
        subcommands={
            "auto-restart": Wrapper(
                flags=word_set(
                    "-R --recursive -D --ignore-directories --debug-force-polling --restart-on-command-exit "
                    "--no-restart-on-command-exit -v --verbose -q --quiet"
                ),
                valued=word_set(
                    "-d --directory --directories -p --pattern --patterns -i --ignore-pattern --ignore-patterns "
                    "--timeout --interval --signal --kill-after --debounce-interval"
                ),
            )
        },
    ),
    "nodemon": _BEHIND_DASHES,
    # secrets and environment
    "doppler": Wrapper(subcommands={"run": _SECRETS._replace(command="--command")}),
    "infisical": Wrapper(subcommands={"run": _SECRETS._replace(command="--command")}),
    "chamber": Wrapper(subcommands={"exec": _SECRETS}),
    "aws-vault": Wrapper(subcommands={"exec": _SECRETS}),
    "op": Wrapper(subcommands={"run": _SECRETS}),
    "berglas": Wrapper(subcommands={"exec": _SECRETS}),
    "teller": Wrapper(subcommands={"run": _SECRETS}),
    "vault-env": Wrapper(opaque=True),
    "dotenv": Wrapper(
        valued=word_set("-f --file -q --quote -e --export"),
        subcommands={"run": Wrapper(flags=word_set("--override --no-override"), opaque=True)},
    ),
    # waiting for another service
    **dict.fromkeys(WAITING, _BEHIND_DASHES),
    "wait-port": _BEHIND_DASHES,
    "dockerize": Wrapper(
        flags=word_set(
            "-no-overwrite --no-overwrite -poll --poll -skip-tls-verify --skip-tls-verify "
            "-validate-cert --validate-cert"
        ),
        valued=word_set(
            "-wait --wait -timeout --timeout -template --template -stdout --stdout -stderr --stderr "
            "-wait-retry-interval --wait-retry-interval -wait-http-header --wait-http-header -env --env "
            "-env-section --env-section -env-header --env-header -delims --delims"
        ),
        unreadable=word_set("-version --version"),
        opaque_with=word_set("-env --env"),
    ),
}

# Modules that are the same program as a command of another name.
MODULES: Final[Mapping[str, str]] = {
    "fastapi_cli": "fastapi",
    "fastapi_cli.cli": "fastapi",
    "gunicorn.app.wsgiapp": "gunicorn",
    "hypercorn.__main__": "hypercorn",
    "uvicorn.__main__": "uvicorn",
    "uvicorn.main": "uvicorn",
    "granian.cli": "granian",
    "daphne.cli": "daphne",
    "newrelic.admin": "newrelic-admin",
    "opentelemetry.instrumentation.auto_instrumentation": "opentelemetry-instrument",
    "ddtrace.commands.ddtrace_run": "ddtrace-run",
}
