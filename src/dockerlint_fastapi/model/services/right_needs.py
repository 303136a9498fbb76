"""What a service needs the host's rights, devices and files for, where the project tells: a comment beside the setting,
a device or folder of the host that it gets, what its image installs, or its own name.
"""

from __future__ import annotations

import re

from dockerlint_fastapi.model.dockerfile import Run
from dockerlint_fastapi.model.evidence import tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.source import Source, Span

# A comment that gives a reason, one that says that the setting should not be there, and what is commented out.
_REASON: Final = r"(?i)\b(?:need(?:s|ed)?|require[sd]?|necessary|must|allows?|access|enables?|because|so that|for|to)\b"
_REGRET: Final = r"(?i)\b(?:todo|fixme|hack|remove|insecure|dangerous|avoid|debug\w*|not recommended|only in dev\w*)\b"
_ENTRY: Final = r"- |[\w.-]+:(?:\s|\Z)"
# Programs and libraries that work on networks, and on devices, file systems or processes of the host, as apt and PyPI
# name them; browsers, whose sandbox wants SYS_ADMIN or another filter.
_ON_NETWORKS: Final = frozenset(
    "iptables nftables wireguard-tools openvpn tcpdump tshark nmap arp-scan avahi-daemon hostapd dnsmasq ethtool bluez "
    "libpcap0.8 libpcap-dev scapy pyroute2 zeroconf python-nmap wakeonlan async-upnp-client pychromecast soco bleak "
    "bluepy pybluez pcapy".split()
)
_ON_THE_HOST: Final = frozenset(
    "cifs-utils nfs-common fuse fuse3 sshfs rclone davfs2 s3fs nsjail bubblewrap firejail kmod lvm2 cryptsetup "
    "usbutils libusb-1.0-0 v4l-utils pigpio docker.io docker-ce podman buildah bpfcc-tools strace gdb chromium "
    "chromium-browser google-chrome-stable fusepy pyfuse3 pyserial pyserial-asyncio pyusb hidapi rpi-gpio gpiozero "
    "lgpio smbus smbus2 spidev evdev pyudev picamera2 adafruit-blinka py-spy docker playwright patchright selenium "
    "pyppeteer undetected-chromedriver".split()
)
_NAMES: Final = frozenset(
    "vpn wireguard tunnel dind sandbox sandboxes runner judge nsjail packet sniffer capture pcap usb serial camera "
    "zigbee bluetooth ble gpio fuse rclone firewall iptables dhcp mdns probe scanner".split()
)
# What of the host a service gets beside the right that goes with it.
_BUSES: Final = r"/lib/modules|(?:/var)?/run/dbus(?:/.*)?"
_BESIDE: Final = {
    "network": rf"/dev/net/tun|{_BUSES}",
    "privileged": rf"/dev(?:/(?!shm|null|u?random).*)?|/sys(?:/.*)?|/run/udev(?:/.*)?|{_BUSES}",
}


def reason(setting: Span) -> Span | None:
    """The comment that says why, behind a setting, or right above it or its key."""
    source, number = setting.source, setting.line
    behind = source.line(setting.end_line).rpartition(" #")
    if behind[1] and _says(behind[2]):
        return setting
    return next((source.line_span(one) for one in _above(source, number) if _says(source.line(one))), None)


def use(container: Container, devices: frozenset[str], kind: str) -> Span | None:
    """A sign that a service works on the host, or, for the kind `network`, on its network: a device or folder that it
    gets of the host, what its image installs, or its name.
    """
    service, image = container.service, container.image
    if service is None:
        return None
    beside = _BESIDE.get(kind)
    if beside is not None and any(re.fullmatch(beside, one) for one in devices):
        return service.key_span("devices")
    for mount in service.volumes if beside is not None else ():
        if mount.source is not None and re.fullmatch(beside or "", mount.source.text.rstrip("/")):
            return mount.span
    if not _NAMES.isdisjoint(tokens(service.name)):
        return service.span
    if image is None:
        return None
    works = _ON_NETWORKS if kind == "network" else _ON_NETWORKS | _ON_THE_HOST
    for run in (run for stage in image.lineage for run in stage.of(Run)):
        for step in image.steps_of(run):
            if step.action == "install" and any(package.name in works for package in step.packages):
                return step.head
    known = not works.isdisjoint(image.distributions.found)
    return image.installed.steps[-1].step.head if known and image.installed.steps else None


def _above(source: Source, number: int) -> Iterator[int]:
    """The lines of comments right above a line, and right above the key that it stands under."""
    depth, climbed = _indent(source.line(number)), not source.line(number).lstrip().startswith("-")
    for above in range(number - 1, 0, -1):
        line = source.line(above)
        text = line.strip()
        if text.startswith("#"):
            yield above
        elif not climbed and text.endswith(":") and _indent(line) <= depth:
            climbed = True
        else:
            return


def _says(comment: str) -> bool:
    text = comment.strip().lstrip("# ")
    return re.match(_ENTRY, text) is None and bool(re.search(_REASON, text)) and not re.search(_REGRET, text)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
