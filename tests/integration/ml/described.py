"""Stored datasets as parts of a cohort."""

from __future__ import annotations

from vitrina.ml.choices import Dataset
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source


def describe(path):
    source = open_source(path)
    return Dataset(name=path.name, source=source, content=find_reader(source).read_content(source))
