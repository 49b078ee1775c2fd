"""Dtypes as Python objects, as LaminDB takes them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from vitrina.api.dtypes import build_dtype, build_registry_field
from vitrina.errors import InputError
from vitrina.model.dtype import RegistryField


class Tissue:
    """Known by its name, as the registries are."""


class CellType:
    """Another one."""


class Feature:
    """What members of a schema are unless it says otherwise."""


@pytest.mark.parametrize(
    ("dtype", "text"),
    [
        (float, "float"),
        (int, "int"),
        (str, "str"),
        (bool, "bool"),
        (dict, "dict"),
        (date, "date"),
        (datetime, "datetime"),
        (Path, "path"),
        (object, "object"),
        (list[str], "list[str]"),
        ("cat[bionty.Tissue]", "cat[Tissue]"),
        (Tissue, "cat[Tissue]"),
        (RegistryField(registry="Tissue", name="ontology_id"), "cat[Tissue.ontology_id]"),
        ([Tissue, CellType], "cat[Tissue|CellType]"),
        (Tissue | CellType, "cat[Tissue|CellType]"),
        (list[Tissue], "list[cat[Tissue]]"),
    ],
)
def test_python_objects_name_dtypes(dtype, text):
    assert build_dtype(dtype) == text


@pytest.mark.parametrize("dtype", [3, None, set, Path("/a"), [Tissue, 3]])
def test_other_objects_are_refused(dtype):
    with pytest.raises(InputError) as caught:
        build_dtype(dtype)
    assert caught.value.code == "dtype-unknown"


@pytest.mark.parametrize(
    ("itype", "text"),
    [
        ("bionty.Gene.symbol", "bionty.Gene.symbol"),  # the catalog makes it canonical
        (Tissue, "Tissue"),
        (Feature, "Feature"),
        (RegistryField(registry="Gene", name="ensembl_gene_id"), "Gene.ensembl_gene_id"),
    ],
)
def test_names_in_a_slot_are_of_a_registry(itype, text):
    assert build_registry_field(itype) == text
