"""Everything that Vitrina raises, and the codes it uses.

    VitrinaError             code, message, hint, where      HTTP   exit
      InputError             the caller is wrong             400    2    also ValueError
      NotFoundError          absent, or ambiguous            404    3    also LookupError
      ConflictError          exists, or changed meanwhile    409    4
      DeniedError            not allowed                     403    5    also PermissionError
      DataError              stored data breaks a spec       422    1    also ValueError; carries findings
        ValidationError      data breaks the user's schema   422    1
        UnreadableError      the bytes cannot be read        422    2
      UnsupportedError       valid, but not built            501    6
      StorageError           bytes could not move            502    7    also OSError
      MissingExtraError      an extra is not installed       501    6    also ImportError

A class says what a handler would do; ``code`` names the exact failure and is the same string in Python, JSON and
TypeScript. Codes are only ever added. The message says what, where, found and expected; the hint says the next step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.model.finding import Finding

EXIT_INTERRUPTED = 130


class VitrinaError(Exception):
    """Base of every error that Vitrina raises on purpose.

    Args:
        code: Stable name of the exact failure, in kebab case (``chunk-out-of-range``).
        message: One sentence: what, where, what was found, what was expected.
        hint: The next step, or None when there is none.
        where: Path, key or reference that the failure is about.
    """

    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, message: str, *, hint: str | None = None, where: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.where = where

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class InputError(VitrinaError, ValueError):
    """The caller asked for something that makes no sense."""

    http_status = 400
    exit_code = 2


class NotFoundError(VitrinaError, LookupError):
    """What was asked for is absent, or the reference fits several things."""

    http_status = 404
    exit_code = 3


class ConflictError(VitrinaError):
    """It exists already, or it changed meanwhile."""

    http_status = 409
    exit_code = 4


class DeniedError(VitrinaError, PermissionError):
    """The user may not do this."""

    http_status = 403
    exit_code = 5


class DataError(VitrinaError, ValueError):
    """Data breaks a specification or a schema.

    Args:
        code: See VitrinaError.
        message: See VitrinaError.
        findings: What exactly is wrong, worst first.
        hint: See VitrinaError.
        where: See VitrinaError.
    """

    http_status = 422
    exit_code = 1

    def __init__(
        self,
        code: str,
        message: str,
        *,
        findings: Sequence[Finding] = (),
        hint: str | None = None,
        where: str | None = None,
    ) -> None:
        super().__init__(code, message, hint=hint, where=where)
        self.findings = tuple(findings)


class ValidationError(DataError):
    """A dataset does not satisfy the schema it was held against; as text, with all of its errors."""

    def __str__(self) -> str:
        errors = (one for one in self.findings if one.severity == "error")
        lines = [f"{one.path}: {one.message}{f' {one.fix}' if one.fix else ''}" for one in errors]
        return "\n  ".join([super().__str__(), *lines])


class UnreadableError(DataError):
    """The bytes are truncated, damaged, or not what they claim to be."""

    exit_code = 2


class UnsupportedError(VitrinaError):
    """The request is valid, but this is not built (yet)."""

    http_status = 501
    exit_code = 6


class StorageError(VitrinaError, OSError):
    """Bytes could not be moved, read or written."""

    http_status = 502
    exit_code = 7


class MissingExtraError(VitrinaError, ImportError):
    """A part needs an optional dependency that is not installed."""

    http_status = 501
    exit_code = 6
