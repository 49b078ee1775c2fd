"""Start-up time is a contract, held by which modules are loaded rather than by a clock."""

import json
import subprocess
import sys

import pytest

HEAVY = {
    "PIL", "alembic", "anndata", "dask", "fastapi", "geopandas", "h5py", "imagecodecs", "numpy", "pandas", "pyarrow",
    "pydantic", "rich", "scipy", "shapely", "spatialdata", "sqlalchemy", "starlette", "tifffile", "uvicorn", "xarray",
    "zarr",
}  # fmt: skip

PROGRAMS = {
    "import vitrina": "import vitrina",
    "vitrina --help": "from vitrina.cli.main import cli; cli.main(['--help'], standalone_mode=False)",
    "vitrina --version": "from vitrina.cli.main import cli; cli.main(['--version'], standalone_mode=False)",
    "import the notebook door": "import vitrina as vt; vt.Artifact, vt.DB, vt.connect, vt.init",
    "import the reader registry": "import vitrina.readers.registry",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_nothing_heavy_is_imported_to_start(program):
    listing = "import sys, json; print('MODULES' + json.dumps([m.split('.')[0] for m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", f"{program}; {listing}"], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout.rsplit("MODULES", 1)[1]))
    assert loaded & HEAVY == set()


def test_every_verb_in_the_help_has_its_command():
    from vitrina.cli.main import VERBS, cli

    for verb in VERBS:
        command = cli.get_command(None, verb)
        assert command is not None
        assert command.name == verb
        assert command.help
