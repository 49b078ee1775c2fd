"""The code that is running: a script, a notebook or a function, with its key and its source."""

from __future__ import annotations

import getpass
import inspect
import json
import os
import sys
import textwrap
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitrina.api.tracking.git import find_checkout
from vitrina.errors import InputError
from vitrina.model.run import TransformDraft

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitrina.model.run import TransformKind

CELL_MARK = "# %%"
"""Between cells, as Jupytext and editors write them: https://jupytext.readthedocs.io/en/latest/formats-scripts.html"""


def describe_main(
    *,
    key: str | None = None,
    kind: TransformKind | None = None,
    description: str | None = None,
    reference: str | None = None,
) -> TransformDraft:
    """The script or notebook that this process runs.

    A script's source is its file. A notebook's is the code of its file where the file is known, that is in Jupyter and
    VS Code; else the cells that were run, once they all were.

    Args:
        key: Its name; the file's path below the root of its git repository, else the file's name, unless given.
        kind: ``script`` or ``notebook``, as found, unless given.
        description: Free text.
        reference: Where the code also lies.

    Raises:
        InputError: It has no file to be named after, and no key was given.
    """
    shell = find_shell()
    path = find_main_file(shell)
    name = key or (build_key(path) if path else None)
    if name is None:
        raise InputError(
            "track-unnamed",
            "This code lies in no file that could name it.",
            hint='Name it: vt.track(key="analysis/segment.py").',
        )
    checkout = find_checkout(path) if path else None
    return TransformDraft(
        key=name,
        kind=kind or ("notebook" if shell is not None else "script"),
        created_by=getpass.getuser(),
        description=description,
        source=None if path is None and shell is not None else read_main_source(path, shell),  # known at the end
        reference=reference,
        git_commit=checkout.commit if checkout else None,
    )


def describe_function(function: Callable[..., object], *, key: str | None = None) -> TransformDraft:
    """A function; its key is its qualified name, below that of its script when it is defined in one."""
    module, name = function.__module__, function.__qualname__
    path = _find_file(function)
    if key is None:
        home = build_key(path) + ":" if module == "__main__" and path else f"{module}."
        key = home + name
    checkout = find_checkout(path) if path else None
    return TransformDraft(
        key=key,
        kind="function",
        created_by=getpass.getuser(),
        description=(inspect.getdoc(function) or "").partition("\n")[0] or None,
        source=_read_function(function),
        git_commit=checkout.commit if checkout else None,
    )


def find_shell() -> Any:
    """IPython's shell when this code runs in a notebook or a console of it, else None."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None or _has_file(sys.modules["__main__"]) else ipython.get_ipython()


def find_main_file(shell: Any) -> Path | None:
    """The file of the script or notebook, None when it is not known."""
    if shell is None:
        main = sys.modules["__main__"]
        return Path(str(main.__file__)).absolute() if _has_file(main) else None
    # VS Code tells the kernel: https://github.com/microsoft/vscode-jupyter/pull/8531; Jupyter sets the other one:
    # https://jupyter-server.readthedocs.io/en/latest/other/changelog.html (2.0.0)
    named = shell.user_ns.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME") or ""
    path = Path(named)
    return path.absolute() if path.suffix == ".ipynb" and path.is_file() else None


def build_key(path: Path) -> str:
    """A file's path below the root of its git repository; elsewhere its name."""
    checkout = find_checkout(path)
    resolved = path.resolve()
    if checkout and resolved.is_relative_to(checkout.root.resolve()):
        return resolved.relative_to(checkout.root.resolve()).as_posix()
    return path.name


def read_main_source(path: Path | None, shell: Any) -> str | None:
    """The source of the script or notebook; None where there is none."""
    if path is not None:
        try:
            return parse_notebook(path.read_text(encoding="utf-8")) if shell is not None else _read_python(path)
        except (OSError, ValueError, SyntaxError):
            if shell is None:
                return None
    if shell is None:
        return None
    return join_cells([cell for cell in shell.user_ns.get("In", ()) if cell])


def parse_notebook(text: str) -> str:
    """The code of a notebook's file as a script with marks between cells.

    Source: https://nbformat.readthedocs.io/en/latest/format_description.html

    Raises:
        ValueError: It is no notebook.
    """
    try:
        cells = json.loads(text)["cells"]
        sources = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
        return join_cells(["".join(source) for source in sources])
    except (KeyError, TypeError) as err:
        raise ValueError("not a notebook") from err


def join_cells(cells: list[str]) -> str:
    """Cells as one script."""
    return "\n".join(f"{CELL_MARK}\n{cell.rstrip()}\n" for cell in cells)


def _has_file(module: Any) -> bool:
    return bool(getattr(module, "__file__", None))


def _read_python(path: Path) -> str:
    with tokenize.open(path) as file:  # in the encoding that the file declares
        return file.read()


def _read_function(function: Callable[..., object]) -> str | None:
    try:
        return textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError, SyntaxError):  # made by exec, or its file is gone
        return None


def _find_file(function: Callable[..., object]) -> Path | None:
    try:
        path = Path(inspect.getfile(function))
    except TypeError:
        return None
    return path.absolute() if path.is_file() else None
