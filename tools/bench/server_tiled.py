"""Serve one Zarr array by tiled: ``server_tiled.py FOLDER PORT``; runs in an environment of its own."""

from __future__ import annotations

import sys

import uvicorn
import zarr
from tiled.adapters.array import ArrayAdapter
from tiled.adapters.mapping import MapAdapter
from tiled.config import Authentication
from tiled.server.app import build_app

if __name__ == "__main__":
    array = zarr.open_array(sys.argv[1], path="0", mode="r")
    chunks = tuple((size,) * (whole // size) for size, whole in zip(array.chunks, array.shape, strict=True))
    tree = MapAdapter({"noise": ArrayAdapter.from_array(array, chunks=chunks)})
    app = build_app(tree, authentication=Authentication(allow_anonymous_access=True))
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False)
