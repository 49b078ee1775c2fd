"""Keys over HTTP: whatever is asked for, nothing but the artifact's own bytes is answered."""

import asyncio

import pytest
from hostile_files import SECRET, write_image, write_secret
from hypothesis import given, settings
from hypothesis import strategies as st
from serving import ask

from vitrina.server.app import build_app
from vitrina.verbs.init import init

PLANES = ("data", "zarr", "zarr3")
PARTS = st.one_of(
    st.sampled_from([
        "..", "%2e%2e", "%2E.", ".%2e", "..%2f", "%2f", "%5c..", "..%5c", "\\..", "%00", "0%00", "", ".", "%2e", "~",
        "%7e", "C:", "file:", "%252e%252e", "%c0%ae%c0%ae", "%ff", "%u002e", "..;", "a" * 300, "0", "0.0", ".zattrs",
        ".zarray", "theirs.zarr", "secret.zarr", "catalog.sqlite", ".vitrina", "settings.toml", "etc", "passwd", "%0a",
        "%0d%0a", "%", "%2", "?", "%3f", "%23", "c", "zarr.json", "%e2%80%ae", "*", "[", "]", "$(x)", "`x`",
    ]),
    st.text(st.characters(codec="ascii", exclude_characters="?#"), max_size=12),
)  # fmt: skip


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    instance = init(folder / "lab").instance
    write_secret(folder / "secret.zarr")
    secret = instance.add(folder / "secret.zarr").artifact
    theirs = instance.add(write_image(folder / "theirs.zarr")).artifact
    (folder / "lab" / "data" / "outside").write_bytes(SECRET.tobytes())
    (folder / "lab" / "data" / theirs.uid / "beside").write_bytes(SECRET.tobytes())
    return build_app(instance), theirs, secret


def get(app, target):
    return asyncio.run(ask(app, target.replace("\\", "%5c").replace(" ", "%20")))


def list_own(artifact, plane):
    """What the artifact has at the keys that are there, by hand."""
    own = {"0/0.0": bytes(64)}
    return {f"{artifact.basename}/{key}" if plane == "data" else key: value for key, value in own.items()}


@settings(max_examples=150)
@given(
    plane=st.sampled_from(PLANES), parts=st.lists(PARTS, max_size=8), prefix=st.sampled_from(["", "theirs.zarr/", "0/"])
)
def test_no_key_leads_out_of_the_artifact(lab, plane, parts, prefix):
    app, theirs, _ = lab
    answer = get(app, f"/{plane}/{theirs.uid}/{prefix}{'/'.join(parts)}")
    assert answer.status in {200, 400, 404}
    assert SECRET.tobytes() not in answer.body
    assert b"Traceback" not in answer.body
    if answer.status != 200:
        assert answer.json["code"] in {"key-malformed", "key-missing", "file-missing", "artifact-missing"}


CLIMBS = [
    "../beside",
    "../../outside",
    "%2e%2e/beside",
    "..%2fbeside",
    "0/../../beside",
    "/beside",
    "./../beside",
    "..%5cbeside",
]


@pytest.mark.parametrize("climb", CLIMBS)
@pytest.mark.parametrize("plane", PLANES)
def test_keys_that_climb_are_malformed(lab, plane, climb):
    app, theirs, _ = lab
    prefix = f"{theirs.basename}/" if plane == "data" else ""
    answer = get(app, f"/{plane}/{theirs.uid}/{prefix}{climb}")
    assert (answer.status, answer.json["code"]) == (400, "key-malformed")


@pytest.mark.parametrize("length", [4096, 4097, 100_000])
def test_keys_of_any_length_are_answered(lab, length):
    app, theirs, _ = lab
    for plane in PLANES:
        answer = get(app, f"/{plane}/{theirs.uid}/{'a' * length}")
        assert answer.status in {400, 404}
        assert len(answer.body) < 2000


def test_without_the_grammar_of_keys_the_bytes_beside_are_answered(lab, monkeypatch):
    app, theirs, _ = lab
    for module in ("vitrina.server.paths", "vitrina.storage.layout", "vitrina.gateway.stored_tree"):
        monkeypatch.setattr(f"{module}.check_key", lambda key: key)
    monkeypatch.setattr("vitrina.storage.local.check_local_key", lambda key: key)
    answer = get(app, f"/data/{theirs.uid}/{theirs.basename}/../beside")
    assert (answer.status, answer.body) == (200, SECRET.tobytes())
    answer = get(app, f"/zarr/{theirs.uid}/../beside")
    assert (answer.status, answer.body) == (200, SECRET.tobytes())


def test_a_uid_alone_gives_nothing_of_another_artifact(lab):
    app, theirs, secret = lab
    answer = get(app, f"/data/{theirs.uid}/{secret.basename}/0/0.0")
    assert (answer.status, answer.json["code"]) == (404, "file-missing")
    answer = get(app, f"/data/{secret.uid}/{secret.basename}/0/0.0")
    assert answer.body == SECRET.tobytes()
