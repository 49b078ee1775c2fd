"""The TypeScript types are made from a committed copy of the API's description; this holds the copy to the API."""

import json
from pathlib import Path

from vitrina.server.api import build_api

COPY = Path(__file__).resolve().parents[3] / "web" / "openapi.json"


def test_the_committed_openapi_document_is_that_of_the_api():
    document = build_api(None, version="0.1.0").openapi()
    assert json.loads(COPY.read_text(encoding="utf-8")) == document, (
        "the API changed: write json.dumps(document, indent=2) to web/openapi.json and run `npm run gen` in web/"
    )
