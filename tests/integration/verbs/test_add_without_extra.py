"""A file of a format whose extra is not installed is kept as it is, and the extra is named."""

import sys

from vitrina.readers.source import open_source
from vitrina.verbs.read_content import read_content


def test_what_needs_an_extra_is_stored_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "czifile", None)
    path = tmp_path / "scan.czi"
    path.write_bytes(b"ZISRAWFILE" + bytes(500))
    content = read_content(open_source(path))
    assert (content.format, content.elements) == ("file", ())
    (finding,) = content.findings
    assert (finding.code, finding.severity) == ("extra-missing", "warning")
    assert "vitrina[microscopes]" in finding.fix
