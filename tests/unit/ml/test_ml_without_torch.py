"""What does not need PyTorch works without it; what does says how to get it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from vitrina.errors import MissingExtraError

WITHOUT = """
import sys
for name in ("torch", "lightning", "annbatch"):
    sys.modules[name] = None
import vitrina.ml.cohort, vitrina.ml.remote, vitrina.ml.tiles, vitrina.ml.torch
from vitrina.errors import MissingExtraError
for name in vitrina.ml.torch.__all__:
    try:
        getattr(vitrina.ml.torch, name)
    except MissingExtraError as err:
        print(name, err.code, "vitrina[torch]" in err.hint)
"""


def test_without_the_extra_every_name_says_how_to_get_it():
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True)
    names = ["ArtifactCheckpoint", "ImageTilesDataset", "TileBatches", "TilesDataModule", "build_table_loader"]
    assert done.stdout.splitlines() == [f"{name} extra-missing True" for name in names]


def test_a_name_that_is_none_is_an_attribute_error():
    import vitrina.ml.torch

    with pytest.raises(AttributeError, match="Nothing"):
        _ = vitrina.ml.torch.Nothing
    assert issubclass(MissingExtraError, ImportError)
