"""What a request's application is wired to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request

if TYPE_CHECKING:
    from vitrina.verbs.instance import Instance


def get_instance(request: Request) -> Instance:
    """The instance that the API serves."""
    instance: Instance = request.app.state.instance
    return instance


def build_base_url(request: Request) -> str:
    """Scheme, host and port under which the client reaches the server, without a slash at the end.

    The instance's public address wins; the Host header was checked before the request came here.
    """
    public_url = get_instance(request).settings.public_url
    if public_url:
        return public_url.rstrip("/")
    return f"{request.url.scheme}://{request.headers['host']}"
