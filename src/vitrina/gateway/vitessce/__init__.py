"""The automatic view of a dataset, as the JSON configuration that Vitessce reads."""

from __future__ import annotations

from vitrina.gateway.vitessce.config import build_config
from vitrina.gateway.vitessce.view import plan_view

__all__ = ["build_config", "plan_view"]
