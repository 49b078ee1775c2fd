"""Whether the viewer can show a dataset, and what its automatic view leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.gateway.vitessce.plan import Urls
from vitrina.gateway.vitessce.view import plan_view

if TYPE_CHECKING:
    from vitrina.model.content import Content
    from vitrina.model.finding import Finding


def check_view(content: Content) -> list[Finding]:
    """What a user should know before opening the viewer; an ``error`` means that there is nothing to open."""
    return list(plan_view(content, Urls(data="", zarr="")).findings)
