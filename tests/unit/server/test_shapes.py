from __future__ import annotations

from dataclasses import fields

from serving import build_artifact

from vitrina.errors import DataError
from vitrina.model.artifact import Artifact
from vitrina.model.finding import Finding
from vitrina.model.jsonable import build_json
from vitrina.server.problem import build_problem_json, describe_error
from vitrina.server.shapes import ArtifactOut, build_artifact_out


def test_the_api_sends_every_field_of_the_record_with_the_same_type():
    record = {field.name: field.type for field in fields(Artifact)}
    sent = {field.name: field.type for field in fields(ArtifactOut)}
    assert record.items() <= sent.items()
    assert sent.keys() - record.keys() == {"version", "basename", "viewer", "annotations"}


def test_an_artifact_is_viewable_unless_a_finding_is_an_error():
    info = Finding(code="a", severity="info", path="#", message="Note.")
    error = Finding(code="b", severity="error", path="#", message="Stop.")
    assert build_artifact_out(build_artifact(), [info]).viewer.ready
    assert not build_artifact_out(build_artifact(), [info, error]).viewer.ready


def test_the_json_of_an_artifact_extends_that_of_the_record():
    artifact = build_artifact()
    sent = build_json(build_artifact_out(artifact, []))
    assert build_json(artifact).items() <= sent.items()
    assert (sent["version"], sent["basename"]) == ("0001", "lung.zarr")


def test_a_problem_carries_the_findings_of_bad_data():
    finding = Finding(code="axes-order", severity="error", path="0#/axes", message="Wrong order.", fix="Sort them.")
    problem = build_problem_json(describe_error(DataError("metadata-invalid", "Broken.", findings=[finding])))
    assert (problem["status"], problem["code"]) == (422, "metadata-invalid")
    assert problem["findings"] == [
        {"code": "axes-order", "severity": "error", "path": "0#/axes", "message": "Wrong order.", "fix": "Sort them."}
    ]
