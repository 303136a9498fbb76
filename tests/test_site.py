"""docs/ as a site: every link and anchor leads somewhere, every page is reached from the index, the picture is one."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    [*ROOT.glob("*.md"), *DOCS.glob("*.md"), *ROOT.glob("rules/*.md"), ROOT / "fixtures/plugin-example/README.md"]
)
MARKDOWN = MarkdownIt("commonmark").enable("table")
SVG = "{http://www.w3.org/2000/svg}"


def links(path: Path) -> list[str]:
    """Where the links and images of a page lead, as a reader of Markdown sees them."""
    found = []
    for token in MARKDOWN.parse(path.read_text(encoding="utf-8")):
        for child in token.children or ():
            target = child.attrs.get("href", child.attrs.get("src"))
            if target is not None:
                found.append(str(target))
        if token.type == "html_block":
            found += re.findall(r'(?:href|src|srcset)="([^"]+)"', token.content)
    return found


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    seen: dict[str, int] = {}
    found = set()
    tokens = MARKDOWN.parse(path.read_text(encoding="utf-8"))
    for before, token in pairwise(tokens):
        if before.type == "heading_open":
            text = "".join(child.content for child in token.children or ())
            slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            number = seen.get(slug, 0)
            seen[slug] = number + 1
            found.add(f"{slug}-{number}" if number else slug)
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in links(path):
        if re.match(r"[a-z]+:", target):
            assert target.startswith("https://"), target
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), target
        assert there.is_relative_to(ROOT), target
        if anchor:
            assert anchor in anchors(there), target


def test_every_page_is_reached_from_the_index() -> None:
    reached, waiting = set(), [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        targets = (target.partition("#")[0] for target in links(page) if not re.match(r"[a-z]+:", target))
        waiting += [there for target in targets if (there := (page.parent / target).resolve()).suffix == ".md"]
    assert set(DOCS.glob("*.md")) - reached == set()
    assert set(ROOT.glob("rules/*.md")) - reached == set()


def test_the_picture_is_text_that_reads_in_light_and_dark() -> None:
    text = (DOCS / "picture.svg").read_text(encoding="utf-8")
    root = ET.fromstring(text)  # noqa: S314 - our own file
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {"svg", "title", "style", "rect", "text"}
    assert "prefers-color-scheme:dark" in text
    assert "url(" not in text
    assert "<script" not in text
    words = " ".join(one.text or "" for one in root.iter(f"{SVG}text"))
    assert "error[shell-form-cmd]" in words
    assert "\x1b" not in text
    right = max(float(one.get("x", 0)) + float(one.get("textLength", 0)) for one in root.iter(f"{SVG}text"))
    assert right < float(root.get("width", 0))
    assert max(float(one.get("y", 0)) for one in root.iter(f"{SVG}text")) < float(root.get("height", 0))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2."""

    def light(color: str) -> float:
        parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    brighter, darker = sorted((light(one), light(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_the_colours_of_the_picture_can_be_read() -> None:
    style = re.search(
        r"<style>\n(.*)\n@media\(.*?\)\{(.*)\}\n</style>", (DOCS / "picture.svg").read_text(encoding="utf-8")
    )
    assert style
    for rules in style.groups():
        ground = re.search(r"rect\{fill:(#\w{6})", rules)
        assert ground
        for color in re.findall(r"(?:text|\.c\d+)\{[^}]*?fill:(#\w{6})", rules):
            assert contrast(color, ground[1]) >= 4.5, color
