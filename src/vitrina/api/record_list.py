"""Short lists of features and schemas, with what a query offers: ``filter``, ``one``, ``to_dataframe``."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Self

from vitrina.errors import InputError, NotFoundError
from vitrina.model.expression import LOOKUPS, build_expression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd

    from vitrina.model.expression import Compare

_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "in": lambda found, wanted: found in wanted,
    "isnull": lambda found, wanted: (found is None) == wanted,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "contains": lambda found, wanted: wanted in found,
    "icontains": lambda found, wanted: wanted.casefold() in found.casefold(),
    "startswith": lambda found, wanted: found.startswith(wanted),
    "endswith": lambda found, wanted: found.endswith(wanted),
}


class RecordList[T](list[T]):
    """Records in order.

    Args:
        records: All of them; there are thousands at most.
        fields: Names of the attributes that make the columns of a table and that filters know.
    """

    def __init__(self, records: Iterable[T], fields: tuple[str, ...]) -> None:
        super().__init__(records)
        self._fields = fields

    def filter(self, **where: object) -> Self:
        """Those whose fields match: ``dtype="float"``, ``name__startswith="cell_"``.

        Raises:
            InputError: There is no such field.
        """
        conditions = [part for part in build_expression(where).parts if self._check(part)]
        return type(self)((one for one in self if all(_holds(one, part) for part in conditions)), self._fields)

    def all(self) -> Self:
        """Itself, as code written for Django expects."""
        return self

    def count(self, *values: T) -> int:
        """How many there are; with a value, how often it is among them."""
        return super().count(*values) if values else len(self)

    def first(self) -> T | None:
        """The first, None without one."""
        return self[0] if self else None

    def one(self) -> T:
        """The only one.

        Raises:
            NotFoundError: There is none, or several.
        """
        if len(self) != 1:
            code = "several-match" if self else "nothing-matches"
            raise NotFoundError(code, f"{len(self)} records match, and exactly one was asked for.")
        return self[0]

    def to_list(self, field: str | None = None) -> list[Any]:
        """The records, or one field of each."""
        return list(self) if field is None else [getattr(one, field) for one in self]

    def save(self) -> Self:
        """Save each of them, in order."""
        for one in self:
            one.save()  # type: ignore[attr-defined]  # all that is kept in such lists can be saved
        return self

    def to_dataframe(self, *, limit: int | None = None) -> pd.DataFrame:
        """A row per record, indexed by uid."""
        import pandas as pd

        rows = [[getattr(one, field) for field in self._fields] for one in self[:limit]]
        return pd.DataFrame(rows, columns=pd.Index(self._fields)).set_index("uid")

    def _check(self, condition: Any) -> bool:
        compare: Compare = condition
        if compare.name not in self._fields:
            raise InputError(
                "field-unknown",
                f"{compare.name!r} is not a field.",
                hint=f"Fields are {', '.join(self._fields)}; lookups such as __in are {', '.join(LOOKUPS)}.",
                where=compare.name,
            )
        return True


def _holds(record: object, condition: Any) -> bool:
    compare: Compare = condition
    found = getattr(record, compare.name)
    if found is None and compare.lookup not in ("exact", "in", "isnull"):
        return False
    return _TESTS[compare.lookup](found, compare.value)
