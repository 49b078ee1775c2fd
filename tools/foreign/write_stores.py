"""Write small valid OME-Zarr stores with every foreign writer that the environment has.

Run it with the Python of the environment that ``make foreign-stores-env`` makes::

    build/foreign-env/bin/python tools/foreign/write_stores.py build/foreign-stores

``DIR/WRITER/NAME.zarr`` are the stores; ``DIR/stores.json`` lists them with the versions of the writers, and what could
not be written with the reason.
"""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import shutil
import sys
import warnings
from importlib.metadata import version as get_version
from pathlib import Path

MODULES = (
    "ome_zarr_py",
    "ngff_zarr_py",
    "ngio_py",
    "iohub_py",
    "bioio_py",
    "acquire",
    "ome_writers_py",
    "yaozarrs_py",
    "ome_zarr_io_py",
    "ome_zarr_models_py",
    "pyramid",
    "spatialdata_py",
)


def write_all(folder: Path, modules: tuple[str, ...]) -> dict[str, dict[str, object]]:
    """What each writer wrote, by the name of its package."""
    listed: dict[str, dict[str, object]] = {}
    for name in modules:
        module = importlib.import_module(f"writers.{name}")
        stores, failed = [], {}
        for job_name, job in module.JOBS.items():
            path = folder / module.PACKAGE / f"{job_name}.zarr"
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                job(path)
            except Exception as err:  # noqa: BLE001 (what a foreign writer cannot write is told, not counted)
                failed[job_name] = f"{type(err).__name__}: {err}"
                shutil.rmtree(path, ignore_errors=True)
                continue
            stores += [str(path), *(str(path / inner) for inner in getattr(module, "INNER", ()))]
        listed[module.PACKAGE] = {"version": get_version(module.PACKAGE), "stores": stores, "failed": failed}
        print(f"{module.PACKAGE}: {len(stores)} stores", file=sys.stderr)
    return listed


def main() -> int:
    """Write the stores; fails where a writer could not write one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("modules", nargs="*", default=MODULES, help="only these modules of tools/foreign/writers")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    folder = options.folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    listed = write_all(folder, tuple(options.modules))
    (folder / "stores.json").write_text(json.dumps(listed, indent=1), encoding="utf-8")
    for package, written in listed.items():
        for name, reason in written["failed"].items():
            print(f"{package} could not write {name}: {reason}", file=sys.stderr)
    return 1 if any(written["failed"] for written in listed.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
