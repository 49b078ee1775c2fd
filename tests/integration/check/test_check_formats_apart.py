"""Files that libraries of C read are checked in a process of their own, which may hang or crash without harm."""

import sys

import pytest
from formats_datasets import write_h5ad

from vitrina.checks.formats.anndata import check_anndata, check_anndata_here
from vitrina.checks.formats.apart import check_apart
from vitrina.errors import UnreadableError
from vitrina.readers.source import open_source


@pytest.fixture
def source(tmp_path):
    (tmp_path / "cells.h5ad").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    return open_source(tmp_path / "cells.h5ad")


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("import time; time.sleep(60)", "did not go on"),
        ("import os; os.kill(os.getpid(), 11)", "ended with -11"),
        ("raise SystemExit(3)", "ended with 3"),
        ("print('this is no result')", "ended with 0"),
    ],
)
def test_a_process_that_hangs_or_crashes_is_a_finding(source, code, what):
    checked = check_apart(
        "anndata", source, is_metadata_only=False, command=[sys.executable, "-c", code], silence_s=0.5
    )
    assert [one.code for one in checked.findings] == ["library-failed"]
    assert what in checked.findings[0].message


def test_a_process_that_is_slow_but_alive_is_waited_for(source):
    code = (
        "import sys, time\n"
        "for _ in range(8): print(flush=True); time.sleep(0.25)\n"
        'print(\'{"kind": "anndata", "version": "0.1.0", "findings": []}\')'
    )
    checked = check_apart("anndata", source, is_metadata_only=False, command=[sys.executable, "-c", code], silence_s=1)
    assert (checked.kind, checked.version, checked.findings) == ("anndata", "0.1.0", ())


def test_what_cannot_be_read_there_cannot_be_read_here(source):
    with pytest.raises(UnreadableError) as caught:
        check_anndata(source)
    assert caught.value.code == "hierarchy-damaged"
    assert caught.value.where == str(source.path)


def test_the_findings_are_the_same_as_in_this_process(tmp_path):
    import h5py

    path = tmp_path / "cells.h5ad"
    write_h5ad(path)
    with h5py.File(path, "r+") as file:
        file["obs/cell_type/codes"][0] = 100
        del file["var/mean"]
    apart = check_anndata(open_source(path))
    assert apart == check_anndata_here(open_source(path))
    assert {one.code for one in apart.findings} == {"codes-out-of-range", "column-missing"}
