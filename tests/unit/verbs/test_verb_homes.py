"""The verbs that type checkers see are the ones that an instance has."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

from vitrina.verbs import instance as instance_module
from vitrina.verbs.homes import HOMES, STATIC
from vitrina.verbs.instance import Instance


def read_declared():
    """Verb by verb, what the class says to type checkers: its module, and whether it is static."""
    tree = ast.parse(Path(instance_module.__file__).read_text(encoding="utf-8"))
    modules = {
        alias.name: node.module.removeprefix("vitrina.verbs.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("vitrina.verbs.")
        for alias in node.names
    }
    (cls,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Instance")
    (block,) = (node for node in cls.body if isinstance(node, ast.If))
    assigns = [node for node in block.body if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)]
    return {node.targets[0].id: (modules[node.targets[0].id], isinstance(node.value, ast.Call)) for node in assigns}


def test_both_lists_are_the_same():
    assert read_declared() == {name: (home, name in STATIC) for name, home in HOMES.items()}


@pytest.mark.parametrize("name", HOMES)
def test_each_verb_is_where_it_is_said_to_be(name):
    assert callable(getattr(import_module(f"vitrina.verbs.{HOMES[name]}"), name))


def test_what_is_no_verb_is_no_attribute():
    with pytest.raises(AttributeError, match="nonsense"):
        object.__new__(Instance).nonsense  # noqa: B018 - looking it up is the point
