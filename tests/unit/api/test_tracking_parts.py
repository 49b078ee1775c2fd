"""The parts of tracking that need no instance."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrina.api.tracking.code import describe_function, join_cells, parse_notebook
from vitrina.api.tracking.ending import MAX_ERROR_CHARS, Ending, describe_ending
from vitrina.api.tracking.output import Tee, Transcript
from vitrina.api.tracking.parameters import MAX_TEXT_CHARS, bind_arguments, build_parameters


class TestTranscripts:
    @given(st.lists(st.text(max_size=9), max_size=20), st.integers(0, 20), st.integers(0, 20))
    def test_keep_the_beginning_and_the_end(self, parts, head, tail):
        transcript = Transcript(head, tail)
        for part in parts:
            transcript.write(part)
        whole = "".join(parts)
        dropped = len(whole) - head - tail
        if dropped <= 0:
            assert transcript.read() == whole
        else:
            gap = f"\n… {dropped:,} characters were left out here …\n"
            assert transcript.read() == whole[:head] + gap + (whole[-tail:] if tail else "")

    def test_a_tee_writes_to_both_until_it_is_stopped(self, capsys):
        import sys

        transcript = Transcript()
        tee = Tee(sys.stdout, transcript)
        print("a", file=tee)
        tee.writelines(["b", "c"])
        tee.stop()
        print("d", file=tee)
        assert capsys.readouterr().out == "a\nbcd\n"
        assert transcript.read() == "a\nbc"
        assert tee.encoding == sys.stdout.encoding


class _BrokenError(Exception):
    def __str__(self):
        raise RuntimeError


class TestEndings:
    @pytest.mark.parametrize(
        ("error", "ending"),
        [
            (None, Ending("completed")),
            (SystemExit(), Ending("completed")),
            (SystemExit(0), Ending("completed")),
            (SystemExit(2), Ending("errored", "exit code 2")),
            (SystemExit("why"), Ending("errored", "why")),
            (KeyboardInterrupt(), Ending("aborted", "KeyboardInterrupt")),
            (ValueError("a: b"), Ending("errored", "ValueError: a: b")),
            (ValueError(), Ending("errored", "ValueError")),
            (KeyError("x"), Ending("errored", "KeyError: 'x'")),
            (_BrokenError(), Ending("errored", "_BrokenError: its text cannot be read")),
        ],
    )
    def test_what_leaving_by_an_exception_means(self, error, ending):
        assert describe_ending(error) == ending

    def test_a_long_error_is_cut(self):
        assert len(describe_ending(ValueError("x" * 10**6)).error) == MAX_ERROR_CHARS + 1


class _Loud:
    def __repr__(self):
        raise RuntimeError


class TestParameters:
    def test_what_json_has_stays(self):
        values = {"a": 1, "b": 2.5, "c": "ü", "d": None, "e": True, "f": [1, {"g": ()}]}
        assert build_parameters(values) == {**values, "f": [1, {"g": []}]}

    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            (math.inf, "inf"),
            (math.nan, "nan"),
            (2**60, str(2**60)),
            (2**53 - 1, 2**53 - 1),
            ({1}, "{1}"),
            (int, "<class 'int'>"),
            (b"x", "b'x'"),
            ("a\0b\ud800", "a\ufffdb?"),
            ({1: 2}, {"1": 2}),
            (_Loud(), "<_Loud>"),
        ],
    )
    def test_everything_else_is_shown_as_python_shows_it(self, value, shown):
        assert build_parameters({"x": value}) == {"x": shown}

    def test_numpy_scalars_that_are_floats_become_plain(self):
        import numpy as np

        (found,) = build_parameters({"x": np.float64(0.5)}).values()
        assert (found, type(found)) == (0.5, float)

    def test_what_is_long_or_deep_is_cut(self):
        deep: list = []
        deep.append(deep)
        found = build_parameters({"text": "x" * 10**6, "many": list(range(10**5)), "deep": deep})
        assert len(found["text"]) == len(found["many"]) == MAX_TEXT_CHARS + 1
        assert len(json.dumps(found["deep"])) < 100

    def test_arguments_go_by_name_with_defaults(self):
        def function(a, b=2, *more, c=3, **named): ...

        assert bind_arguments(function, (1,), {}) == {"a": 1, "b": 2, "more": (), "c": 3}
        found = bind_arguments(function, (1, 5, 6), {"c": 4, "d": 7})
        assert found == {"a": 1, "b": 5, "more": (6,), "c": 4, "d": 7}

    def test_the_object_of_a_method_is_no_parameter(self):
        class Model:
            def fit(self, radius): ...

        assert bind_arguments(Model.fit, (Model(), 1), {}) == {"radius": 1}


class TestCode:
    def test_a_notebook_is_its_code(self):
        cells = [
            {"cell_type": "markdown", "source": ["# Title"]},
            {"cell_type": "code", "source": ["a = 1\n", "a"]},
            {"cell_type": "code", "source": "b = 2\n\n"},
        ]
        assert parse_notebook(json.dumps({"cells": cells})) == "# %%\na = 1\na\n\n# %%\nb = 2\n"

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"cells": [{}]}', '{"cells": 1}', '{"cells": [1]}'])
    def test_other_files_are_no_notebooks(self, text):
        with pytest.raises(ValueError):
            parse_notebook(text)

    def test_no_cells_give_no_code(self):
        assert join_cells([]) == ""

    def test_a_function_is_named_described_and_read(self):
        draft = describe_function(describe_ending)
        assert draft.key == "vitrina.api.tracking.ending.describe_ending"
        assert draft.kind == "function"
        assert draft.description == "What leaving code by an exception, or by none, means."
        assert draft.source.startswith("def describe_ending(")

    def test_a_function_without_source_is_still_named(self):
        names: dict = {"__name__": "made"}
        exec("def made(): ...", names)  # noqa: S102 - that is the case
        draft = describe_function(names["made"])
        assert (draft.key, draft.source, draft.git_commit) == ("made.made", None, None)
