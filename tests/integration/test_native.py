"""Machine code of loops: what is kept of it, what is made anew, and what is refused."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from vitrina import native
from vitrina.native import NativeLoop, build_code, find_kinds, load_loop


def add(numbers, out, start, size):
    for i in range(size[0]):
        for j in range(size[1]):
            out[start[0] + i, start[1] + j] += numbers[i, j]


def multiply(numbers, out, start, size):
    for i in range(size[0]):
        for j in range(size[1]):
            out[start[0] + i, start[1] + j] *= numbers[i, j]


def make_like(dtype="uint16"):
    numbers = np.zeros((1, 1), dtype)
    numbers.flags.writeable = False
    return numbers, np.zeros((2, 2), dtype)[:, :1], (0, 0), (1, 1)


@pytest.fixture(autouse=True)
def kept(monkeypatch, tmp_path):
    """Where code is kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "vitrina" / "loops"


@cache
def build_once(loop, dtype, is_contiguous):
    """The code of a loop, which takes numba a second or two."""
    numbers, out, start, size = make_like(dtype)
    return build_code(loop, (numbers, out.copy() if is_contiguous else out, start, size))


@pytest.fixture(autouse=True)
def built(monkeypatch):
    """What was asked to be built, by name."""
    names = []

    def build(loop, like):
        names.append(loop.__name__)
        return build_once(loop, like[1].dtype.name, like[1].flags.c_contiguous)

    monkeypatch.setattr(native, "build_code", build)
    return names


def run(loop):
    out = np.full((4, 5), 7, np.uint16)
    loop(np.arange(6, dtype=np.uint16).reshape(2, 3), out, (1, 2), (2, 3))
    return out


def test_a_loop_is_built_once_and_kept(kept, built):
    """Expected: NumPy."""
    expected = np.full((4, 5), 7, np.uint16)
    expected[1:3, 2:5] += np.arange(6, dtype=np.uint16).reshape(2, 3)
    for _ in range(2):
        np.testing.assert_array_equal(run(load_loop(add, make_like())), expected)
    assert built == ["add"]
    assert len(list(kept.iterdir())) == 1


def test_numba_is_not_imported_for_what_is_kept(kept):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_native import add, load_loop, make_like, run\n"
        "print(run(load_loop(add, make_like())).sum(), 'numba' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(Path(__file__).parent)]
    printed = [subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() for _ in range(2)]
    assert printed == [["155", "True"], ["155", "False"]]


def test_another_loop_another_type_and_another_layout_have_code_of_their_own(kept, built):
    numbers, out, start, size = make_like()
    load_loop(add, make_like())
    load_loop(multiply, make_like())
    load_loop(add, make_like("uint8"))
    load_loop(add, (numbers, out.copy(), start, size))
    assert built == ["add", "multiply", "add", "add"]
    assert len(list(kept.iterdir())) == 4


@pytest.mark.parametrize("length", [0, 20, 500])
def test_what_is_kept_and_not_whole_is_built_anew(kept, built, length):
    load_loop(add, make_like())
    (file,) = kept.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:length])
    assert run(load_loop(add, make_like()))[1, 3] == 8
    assert built == ["add", "add"]
    (file,) = kept.iterdir()
    assert len(file.read_bytes()) == len(whole)


def test_where_nothing_may_be_kept_it_is_built_all_the_same(monkeypatch, tmp_path):
    blocked = tmp_path / "a-file"
    blocked.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert run(load_loop(add, make_like()))[1, 3] == 8
    assert blocked.read_bytes() == b""


def fixed(array):
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    ("numbers", "out", "start", "is_accepted"),
    [
        (np.zeros((2, 2), "u2"), np.zeros((2, 2), "u2"), (0, 0), True),
        (fixed(np.zeros((2, 2), "u2")), np.zeros((2, 4), "u2")[:, ::2], (0, 0), True),
        (np.zeros((2, 4), "u2")[:, ::2], np.zeros((2, 2), "u2"), (0, 0), False),
        (np.zeros((2, 2), "u2"), fixed(np.zeros((2, 2), "u2")), (0, 0), False),
        (np.zeros((2, 2), "i2"), np.zeros((2, 2), "u2"), (0, 0), False),
        (np.zeros((2, 2), ">u2"), np.zeros((2, 2), "u2"), (0, 0), False),
        (np.zeros(4, "u2"), np.zeros((2, 2), "u2"), (0, 0), False),
        (np.zeros((2, 2), "u2"), np.zeros((2, 2), "u2"), (0, 0, 0), False),
        (np.zeros(9, "u1")[1:].view("u2").reshape(2, 2), np.zeros((2, 2), "u2"), (0, 0), False),
    ],
    ids=["own", "views", "gaps", "read-only", "type", "bytes swapped", "dimensions", "numbers", "unaligned"],
)
def test_arguments_must_be_as_the_samples_were(numbers, out, start, is_accepted):
    assert load_loop(add, make_like()).accepts((numbers, out, start, (1, 1))) is is_accepted


def fill(out):
    out[:] = np.arange(len(out))


def test_a_loop_that_needs_something_of_numba_is_refused():
    with pytest.raises(RuntimeError, match=r"fill takes .* and needs NRT_"):
        build_code(fill, (np.zeros(3),))


def divide(numbers, divisors):
    for i in range(len(numbers)):
        numbers[i] //= divisors[i]


def test_a_loop_that_fails_says_so():
    like = np.zeros(1, int), np.zeros(1, int)
    loop = NativeLoop(build_code(divide, like), find_kinds(like))
    numbers = np.array([6, 8])
    loop(numbers, np.array([2, 4]))
    assert numbers.tolist() == [3, 2]
    with pytest.raises(RuntimeError, match="failed"):
        loop(numbers, np.array([0, 1]))
