"""Drawings, read again with an XML parser; and the tree for terminals, against its words."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from graphs import build_artifact, build_graph, build_run
from hypothesis import given
from hypothesis import strategies as st

from vitrina.errors import InputError
from vitrina.lineage.fold import MIN_FOLDED, N_SHOWN, fold_graph
from vitrina.lineage.html import draw_fragment, draw_page
from vitrina.lineage.style import COLOURS
from vitrina.lineage.svg import draw_svg
from vitrina.lineage.tree import MAX_LINES, draw_tree
from vitrina.lineage.words import clean, measure, shorten, split_key

SVG = "{http://www.w3.org/2000/svg}"
TOKENS = Path(__file__).resolve().parents[3] / "web" / "src" / "ui" / "tokens.css"


def parse(svg):
    return ET.fromstring(svg)  # noqa: S314 - our own drawing


def find_words(root, name):
    return [text.text for text in root.iter(f"{SVG}text") if text.get("class") == name]


class TestSvg:
    def test_shows_every_artifact_and_run_and_an_arrow_per_edge(self):
        root = parse(draw_svg(build_graph("a>r r>b c>r", root="b")))
        assert set(find_words(root, "vl-name")) == {"a.zarr", "b.zarr", "c.zarr", "r.py"}
        arrows = [path for path in root.iter(f"{SVG}path") if path.get("class") == "vl-edge"]
        assert len(arrows) == 3
        assert all(arrow.get("marker-end", "").startswith("url(#vl-tip-") for arrow in arrows)

    def test_artifacts_link_to_their_pages(self):
        svg = draw_svg(build_graph("a>r r>b"), base_url="https://hub.example.org/")
        links = {link.get("href") for link in parse(svg).iter(f"{SVG}a")}
        assert links == {"https://hub.example.org/a/a", "https://hub.example.org/a/b"}

    def test_without_a_hub_links_are_relative_to_the_host(self):
        assert [link.get("href") for link in parse(draw_svg(build_graph(""))).iter(f"{SVG}a")] == ["/a/a"]

    @pytest.mark.parametrize("base", ["javascript:alert(1)", "data:text/html,x", "hub.example.org"])
    def test_links_lead_nowhere_but_to_a_hub(self, base):
        with pytest.raises(InputError) as raised:
            draw_svg(build_graph(""), base_url=base)
        assert raised.value.code == "base-url-malformed"

    def test_has_a_name_and_a_description(self):
        root = parse(draw_svg(build_graph("a>r r>b")))
        labels = root.get("aria-labelledby").split()
        title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert labels == [title.get("id"), description.get("id")]
        assert title.text == "Lineage of data/a.zarr"
        assert description.text == "2 artifacts and 1 run, from left to right."

    def test_only_the_root_is_marked_and_old_and_trashed_ones_are_dashed(self):
        old, gone = build_artifact("b", is_latest=False), build_artifact("c", is_trashed=True)
        root = parse(draw_svg(build_graph("a>r r>b r>c", artifacts=[old, gone])))
        classes = {
            group.find(f"{SVG}title").text.split("\n")[0]: group.get("class").split() for group in root.iter(f"{SVG}g")
        }
        assert classes["data/a.zarr"] == ["vl-artifact", "vl-root"]
        assert classes["data/b.zarr"] == classes["data/c.zarr"] == ["vl-artifact", "vl-old"]

    @pytest.mark.parametrize("status", ["started", "completed", "errored", "aborted"])
    def test_the_state_of_a_run_is_a_colour_and_a_word(self, status):
        root = parse(draw_svg(build_graph("a>r", runs=[build_run("r", status=status)])))
        assert [dot.get("class") for dot in root.iter(f"{SVG}circle")] == [f"vl-{status}"]
        assert f"2026-01-31 · {status}" in find_words(root, "vl-quiet")

    def test_says_when_there_is_more(self):
        root = parse(draw_svg(build_graph("a>r", is_complete=False)))
        assert "There is more than is drawn here." in find_words(root, "vl-quiet")

    @given(st.text(min_size=1), st.text(max_size=20))
    def test_no_name_breaks_the_document_or_becomes_part_of_it(self, key, user):
        hostile = [build_artifact("a", key=f"<script>{key}&'\"]]>", format=f"<b>{user}"), build_artifact("b", key=key)]
        graph = build_graph("a>r r>b", artifacts=hostile, runs=[build_run("r", key=key, created_by=user)])
        root = parse(draw_svg(graph))
        tags = {element.tag.removeprefix(SVG) for element in root.iter()}
        assert tags <= {"svg", "title", "desc", "style", "defs", "marker", "path", "g", "rect", "circle", "text", "a"}

    def test_two_drawings_on_a_page_share_no_ids(self):
        both = draw_svg(build_graph("a>r")) + draw_svg(build_graph("b>r", root="b"))
        ids = re.findall(r' id="([^"]*)"', both)
        assert len(ids) == len(set(ids)) == 6

    def test_its_colours_are_those_of_the_hub(self):
        tokens = dict(re.findall(r"--([a-z-]+): light-dark\((#\w+, #\w+)\)", TOKENS.read_text(encoding="utf-8")))
        same = {"surface": "surface", "ink": "ink", "quiet": "quiet", "accent": "accent", "soft": "accent-soft"}
        same |= {"warning": "warning", "error": "error", "edge": "line-strong"}
        for ours, theirs in same.items():
            assert ", ".join(COLOURS[ours]) == tokens[theirs], ours

    def test_is_light_unless_the_reader_prefers_dark(self):
        svg = draw_svg(build_graph(""))
        light, dark = svg.split("@media (prefers-color-scheme:dark)")
        assert f"--vl-surface:{COLOURS['surface'][0]}" in light
        assert f"--vl-surface:{COLOURS['surface'][1]}" in dark

    def test_loads_nothing(self):
        svg = draw_svg(build_graph("a>r r>b"))
        assert "<script" not in svg
        assert re.findall(r"(?:src|href)=\"(?!/a/)[^\"]*\"|@import|url\((?!#)", svg) == []


class TestFolding:
    def test_many_outputs_of_one_run_become_a_few_and_a_stack(self):
        graph = build_graph("a>r " + " ".join(f"r>t{number:02d}" for number in range(20)))
        folded = fold_graph(graph)
        (stack,) = folded.stacks
        assert [item.uid for item in folded.artifacts] == ["a", *(f"t{number:02d}" for number in range(N_SHOWN))]
        assert len(stack.artifacts) == 20 - N_SHOWN
        words = find_words(parse(draw_svg(graph)), "vl-name")
        assert "14 more" in words
        assert "14 artifacts are drawn as stacks." in find_words(parse(draw_svg(graph)), "vl-quiet")

    def test_few_are_all_shown(self):
        graph = build_graph("a>r " + " ".join(f"r>t{number:02d}" for number in range(MIN_FOLDED - 1)))
        assert fold_graph(graph).stacks == ()

    def test_those_with_other_neighbours_and_the_root_stay(self):
        outputs = " ".join(f"r>t{number:02d}" for number in range(20))
        folded = fold_graph(build_graph(f"{outputs} t19>rr", root="t18"))
        kept = {item.uid for item in folded.artifacts}
        assert {"t18", "t19"} <= kept
        (stack,) = folded.stacks
        assert not {"t18", "t19"} & {item.uid for item in stack.artifacts}

    def test_edges_of_what_is_hidden_are_gone(self):
        folded = fold_graph(build_graph("a>r " + " ".join(f"r>t{number:02d}" for number in range(20))))
        shown = {item.uid for item in (*folded.artifacts, *folded.stacks)} | {"r"}
        assert len(folded.edges) == 1 + N_SHOWN + 1
        assert all({edge.source, edge.target} <= shown for edge in folded.edges)


class TestHtml:
    def test_a_page_is_whole_and_escapes_its_title(self):
        found = []

        class Reader(HTMLParser):
            def handle_starttag(self, tag, _attrs):
                found.append(tag)

        Reader().feed(draw_page(build_graph("a>r", artifacts=[build_artifact("a", key="<img src=x>")])))
        assert found[:3] == ["html", "meta", "meta"]
        assert "img" not in found
        assert "svg" in found

    def test_a_fragment_is_no_page(self):
        fragment = draw_fragment(build_graph("a>r"))
        assert fragment.startswith("<div")
        assert "<html" not in fragment


class TestTree:
    def test_tells_both_directions(self):
        text = draw_tree(build_graph("a>r1 r1>b b>r2 r2>c", root="b"))
        run = "[script 0001, run {}, completed, 2026-01-31 12:00 UTC by ada]"
        assert text.splitlines() == [
            "data/b.zarr  (SpatialData, 0001)",
            "came from:",
            f"└── code/r1.py  {run.format('r1')}",
            "    └── data/a.zarr  (SpatialData, 0001)",
            "went into:",
            f"└── code/r2.py  {run.format('r2')}",
            "    └── data/c.zarr  (SpatialData, 0001)",
        ]

    def test_says_when_nothing_was_recorded_and_when_there_is_more(self):
        lines = draw_tree(build_graph("", is_complete=False)).splitlines()
        assert lines[1:] == [
            "came from: nothing that was recorded",
            "went into: nothing that was recorded",
            "There is more than is told here.",
        ]

    def test_what_was_told_is_not_told_again(self):
        lines = draw_tree(build_graph("n>r0 r0>a a>r1 r1>b a>r2 r2>c b>r3 c>r3 r3>d", root="d")).splitlines()
        told = [line for line in lines if "data/a.zarr" in line]
        assert [line.endswith("(see above)") for line in told] == [False, True]
        assert sum("data/n.zarr" in line for line in lines) == 1

    def test_a_cycle_ends(self):
        assert len(draw_tree(build_graph("a>r r>a")).splitlines()) == 7

    def test_is_bounded(self):
        graph = build_graph("a>r " + " ".join(f"r>t{number}" for number in range(MAX_LINES + 5)))
        lines = draw_tree(graph).splitlines()
        assert len(lines) == MAX_LINES + 4
        assert lines[-1].startswith(f"… more than {MAX_LINES} lines")


class TestWords:
    def test_short_texts_stay(self):
        assert shorten("lung.zarr", 9) == "lung.zarr"

    @given(st.text(), st.floats(1, 40))
    def test_no_text_is_wider_than_its_room(self, text, width):
        assert measure(shorten(text, width)) <= width or measure(text) <= width

    def test_beginning_and_end_stay(self):
        assert shorten("a-very-long-name.h5ad", 12) == "a-very….h5ad"

    def test_wide_characters_count_twice(self):
        assert measure("细胞") == pytest.approx(3.8)

    @pytest.mark.parametrize(
        ("key", "parts"),
        [("a/b/c.zarr", ("c.zarr", "a/b")), ("c.zarr", ("c.zarr", "")), ("a/", ("a", "")), ("/", ("", ""))],
    )
    def test_a_key_is_a_name_in_a_folder(self, key, parts):
        assert split_key(key) == parts

    def test_what_turns_lines_around_or_breaks_xml_is_taken_out(self):
        assert clean("a\u202eb\x00c\nd") == "ab\ufffdc d"
