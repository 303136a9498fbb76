r"""The line hashes by which GitHub code scanning knows an alert again when lines above it come and go.

GitHub reads one partial fingerprint, `primaryLocationLineHash`. When an upload lacks it, its upload action computes it
from the checkout (github/codeql-action, `src/fingerprints.ts`); uploads through the API go without. The value here is
the same one, so both ways lead to the same alerts.

The hash of a line is taken over the first 100 UTF-16 code units from the line's start that are neither blank nor tab,
on through the following lines; line endings of every kind count as one `\\n`, the end of the file as 0xFFFF and what is
missing after it as 0. It is the polynomial with base 37 over these units, modulo 2**64, in hexadecimal. A colon and a
number follow: the how manieth line of the file with that hash it is.
"""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from itertools import accumulate

BLOCK = 100
BASE = 37
MASK = (1 << 64) - 1
LEADING = pow(BASE, BLOCK, 1 << 64)
END_OF_FILE = 0xFFFF
LINE_FEED = 0x0A
UTF_16 = f"utf-16-{sys.byteorder[0]}e"  # an array of unsigned shorts reads the machine's own byte order


def line_hashes(data: bytes) -> list[str]:
    """The fingerprint of each line of a file, the first line's first; bytes that are not UTF-8 count as U+FFFD.

    A lone carriage return ends a line here, as it does for GitHub.
    """
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").replace(" ", "").replace("\t", "")
    units = array("H", text.encode(UTF_16))
    units.extend([END_OF_FILE, *[0] * BLOCK])
    # prefix[i] is the polynomial over all units before i, so a block's own is a difference of two of them
    prefix = array("Q", accumulate(units, lambda total, unit: (total * BASE + unit) & MASK, initial=0))
    starts = [0, *(at + 1 for at, unit in enumerate(units) if unit == LINE_FEED)]
    seen: Counter[int] = Counter()
    hashes: list[str] = []
    for start in starts:
        value = (prefix[start + BLOCK] - prefix[start] * LEADING) & MASK
        seen[value] += 1
        hashes.append(f"{value:x}:{seen[value]}")
    return hashes
