"""The public names are pinned: adding one is a decision, removing one breaks users."""

import vitrina


def test_the_package_exports_exactly_these_names():
    assert dir(vitrina) == [
        "Artifact",
        "CellLine",
        "CellType",
        "Collection",
        "DB",
        "DevelopmentalStage",
        "Disease",
        "Ethnicity",
        "ExperimentalFactor",
        "Feature",
        "Gene",
        "Organism",
        "Project",
        "Run",
        "Schema",
        "Sex",
        "Storage",
        "Tissue",
        "Transform",
        "ULabel",
        "User",
        "View",
        "check",
        "connect",
        "convert",
        "curators",
        "errors",
        "finish",
        "flow",
        "init",
        "save_vitessce_config",
        "step",
        "track",
    ]


def test_every_public_name_resolves():
    for name in vitrina.__all__:
        assert getattr(vitrina, name).__name__.rpartition(".")[2] == name


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(vitrina, "no_such_name")
