"""The words in which a fix names what it changes of what the assembled model says (docs/fixes.md)."""

from __future__ import annotations

# What the assembled model says of containers, stages and files, in the words by which a fix names what it changes.
ASPECTS = frozenset(
    (
        "arguments", "base", "build", "command", "dependencies", "environment", "exposed", "files", "health check",
        "labels", "mounts", "networks", "on build", "order", "ports", "resources", "restart", "secrets", "sent files",
        "server", "services", "settings", "shell", "stages", "steps", "stopping", "user", "workdir",
    )
)  # fmt: skip
HERE = "here"  # names whatever the setting or instruction says in which a finding stands

# What a key of a compose service says something of; that of any other key is a setting of its own name.
ASPECT_OF_KEY = {
    "build": "build",
    "command": "command",
    "configs": "secrets",
    "cpu_count": "resources",
    "cpus": "resources",
    "depends_on": "dependencies",
    "deploy": "resources",
    "dns": "networks",
    "entrypoint": "command",
    "env_file": "environment",
    "environment": "environment",
    "expose": "exposed",
    "extra_hosts": "networks",
    "healthcheck": "health check",
    "hostname": "networks",
    "image": "base",
    "init": "stopping",
    "labels": "labels",
    "links": "networks",
    "mem_limit": "resources",
    "memswap_limit": "resources",
    "network_mode": "networks",
    "networks": "networks",
    "ports": "ports",
    "restart": "restart",
    "secrets": "secrets",
    "stop_grace_period": "stopping",
    "stop_signal": "stopping",
    "tmpfs": "mounts",
    "user": "user",
    "volumes": "mounts",
    "volumes_from": "mounts",
    "working_dir": "workdir",
}
