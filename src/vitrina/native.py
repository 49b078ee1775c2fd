"""Machine code of loops that are written in Python: numba makes it once, and llvmlite loads it from a file.

numba keeps what it has compiled too, but to load it again it has to be imported whole, which takes a second of
processor time in each process; llvmlite alone, on which numba is built, takes a twentieth of that. So the machine code
that numba has made of a loop is taken out of its module, without what calls it from Python, and is called through
ctypes, which lets other threads run meanwhile.

Source: https://numba.readthedocs.io/en/stable/developer/architecture.html (calling convention, data models of arrays
and tuples); what numba has made is compared with that before it is kept.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from vitrina.caches import get_user_caches

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np

    type Loop = Callable[..., None]

_NAME = "vitrina_loop"
_RETURNED = {0, -2}
"""Status of a function that returns something, or None."""

_DIGEST_BYTES = 32


class Kind(NamedTuple):
    """What is asked of an argument.

    Attributes:
        dtype: Of an array; None for a tuple of integers.
        size: Dimensions of an array, numbers of a tuple.
        is_contiguous: Whether the array is in C order without gaps.
        is_written: Whether it must be writeable.
    """

    dtype: np.dtype[Any] | None
    size: int
    is_contiguous: bool = False
    is_written: bool = False

    def accepts(self, argument: Any) -> bool:
        """Whether an argument is of this kind."""
        if self.dtype is None:
            return isinstance(argument, tuple) and len(argument) == self.size
        if argument.dtype != self.dtype or argument.ndim != self.size:
            return False
        flags = argument.flags
        return bool(flags.aligned and flags.c_contiguous >= self.is_contiguous and flags.writeable >= self.is_written)

    @property
    def llvm_types(self) -> list[str]:
        """Of the values that numba passes: an array is its owners, sizes, address, shape and strides."""
        if self.dtype is None:
            return ["i64"] * self.size
        return ["ptr", "ptr", "i64", "i64", "ptr", *["i64"] * (2 * self.size)]


def find_kinds(like: tuple[Any, ...]) -> tuple[Kind, ...]:
    """The kinds of arguments of which these are samples."""
    return tuple(
        Kind(None, len(one))
        if isinstance(one, tuple)
        else Kind(one.dtype, one.ndim, one.flags.c_contiguous, one.flags.writeable)
        for one in like
    )


class NativeLoop:
    """A loop that can be called.

    Args:
        code: From ``build_code``, whole and for this machine: anything else ends the process.
        kinds: What it was built for.
    """

    def __init__(self, code: bytes, kinds: tuple[Kind, ...]) -> None:
        import llvmlite.binding as llvm

        _initialize(llvm)
        self._kinds = kinds
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _build_target_machine(llvm))
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        types = chain.from_iterable(kind.llvm_types for kind in kinds)
        arguments = [ctypes.c_void_p if one == "ptr" else ctypes.c_int64 for one in types]
        prototype = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *arguments)
        self._function = prototype(self._engine.get_function_address(_NAME))

    def accepts(self, arguments: tuple[Any, ...]) -> bool:
        """Whether the code was built for arguments like these."""
        return all(kind.accepts(one) for kind, one in zip(self._kinds, arguments, strict=True))

    def __call__(self, *arguments: Any) -> None:
        """Run it; other threads run meanwhile."""
        result, error = ctypes.c_void_p(), ctypes.c_void_p()
        values: list[int | None] = []
        for one in arguments:
            if isinstance(one, tuple):
                values += one
            else:
                address = one.__array_interface__["data"][0]
                values += (None, None, one.size, one.itemsize, address, *one.shape, *one.strides)
        status = self._function(ctypes.addressof(result), ctypes.addressof(error), *values)
        if status not in _RETURNED:
            raise RuntimeError(f"a compiled loop failed with status {status}")


def load_loop(loop: Loop, like: tuple[Any, ...]) -> NativeLoop:
    """A loop as machine code: what was kept by an earlier process, else newly built, and kept.

    Args:
        loop: Takes arrays and tuples of integers, and gives nothing back.
        like: Samples of its arguments. What is contiguous or writeable here must be so in every call.

    Raises:
        ImportError: numba or llvmlite is missing.
        Exception: numba cannot compile it.
    """
    import llvmlite.binding as llvm

    kinds = find_kinds(like)
    path = get_user_caches() / "loops" / f"{loop.__name__}-{_compute_key(loop, kinds, llvm)}"
    code = _read(path)
    if code is None:
        code = build_code(loop, like)
        _keep(path, code)
    return NativeLoop(code, kinds)


def build_code(loop: Loop, like: tuple[Any, ...]) -> bytes:
    """The machine code of a loop for this machine, as an object file with one function; takes some seconds.

    Raises:
        RuntimeError: numba passes arguments otherwise than is known here, or the loop needs something of numba.
    """
    import llvmlite.binding as llvm
    import numba

    compiled: Any = numba.njit(nogil=True)(loop)
    signature = tuple(map(numba.typeof, like))
    compiled.compile(signature)
    function_name = compiled.overloads[signature].fndesc.llvm_func_name
    _initialize(llvm)
    machine = _build_target_machine(llvm)
    module = llvm.parse_assembly(compiled.inspect_llvm(signature))
    for other in chain(module.functions, module.global_variables):
        if not other.is_declaration and other.name != function_name:
            other.linkage = "internal"
    passes = llvm.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    passes.add_strip_dead_prototype_pass()
    passes.run(module, llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options()))
    function = module.get_function(function_name)
    passed = [str(argument.type) for argument in function.arguments]
    needed = [one.name for one in module.functions if one.is_declaration and not one.name.startswith("llvm.")]
    expected = ["ptr", "ptr", *chain.from_iterable(kind.llvm_types for kind in find_kinds(like))]
    if passed != expected or needed:
        raise RuntimeError(f"{loop.__name__} takes {', '.join(passed)} and needs {', '.join(needed) or 'nothing'}")
    function.name = _NAME
    code: bytes = machine.emit_object(module)
    return code


def _initialize(llvm: Any) -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


def _build_target_machine(llvm: Any) -> Any:
    target = llvm.Target.from_default_triple()
    cpu, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    return target.create_target_machine(cpu=cpu, features=features, opt=3, jit=True)


def _compute_key(loop: Any, kinds: tuple[Kind, ...], llvm: Any) -> str:
    """Another key for everything that makes other code: the loop, its arguments, the compiler, the processor."""
    own = loop.__code__
    parts = (
        own.co_code,
        own.co_consts,
        own.co_names,
        [(one.dtype and one.dtype.str, *one[1:]) for one in kinds],
        llvm.llvm_version_info,
        llvm.get_process_triple(),
        llvm.get_host_cpu_name(),
        sorted(llvm.get_host_cpu_features().items()),
    )
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def _compute_digest(code: bytes) -> bytes:
    return hashlib.blake2b(code, digest_size=_DIGEST_BYTES).digest()


def _read(path: Path) -> bytes | None:
    """What was kept; None when there is nothing whole."""
    try:
        kept = path.read_bytes()
    except OSError:
        return None
    digest, code = kept[:_DIGEST_BYTES], kept[_DIGEST_BYTES:]
    return code if digest == _compute_digest(code) else None


def _keep(path: Path, code: bytes) -> None:
    """Keep code for other processes, where we may write; it appears whole or not at all."""
    own = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        own.write_bytes(_compute_digest(code) + code)
        own.replace(path)
