"""The server as one ASGI application: by its first part, a path goes to a plane, to the API or to the web app."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Coroutine, Iterable, Mapping
from functools import partial
from importlib.metadata import version as get_version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vitrina.errors import VitrinaError
from vitrina.server.api import build_api
from vitrina.server.assets import ROOT, Assets
from vitrina.server.changes import ChangeWatch
from vitrina.server.csp import BARE_POLICY
from vitrina.server.data import DataPlane
from vitrina.server.hosts import build_names, describe_refusal, is_allowed
from vitrina.server.known import Known, KnownArtifacts
from vitrina.server.origins import METHODS, OPEN_HEADERS, build_preflight_reply
from vitrina.server.problem import build_problem, build_problem_reply, describe_error, describe_unexpected
from vitrina.server.reply import Answer, HeaderList, Reply, send_reply, settle
from vitrina.server.request import Request
from vitrina.server.work import RETRY_AFTER_S, BusyError, GoneError, Work
from vitrina.server.zarr import ZARR_FORMATS, ZarrPlane

if TYPE_CHECKING:
    from vitrina.verbs.instance import Instance

SAFE_HEADERS: HeaderList = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
"""On every answer."""

_BARE = (b"content-security-policy", BARE_POLICY.encode())
_BYTES_HEADERS = [*OPEN_HEADERS, *SAFE_HEADERS, (b"content-security-policy", b"default-src 'none'; sandbox")]
_API_HEADERS = [*SAFE_HEADERS, _BARE]

_log = logging.getLogger(__name__)


class Plane(Protocol):
    """Part of the server that answers a GET or HEAD, or raises a VitrinaError."""

    def answer(self, request: Request) -> Answer:
        """The answer to a GET or HEAD."""


def build_app(instance: Instance, *, hosts: Iterable[str] = (), server_id: str | None = None, web: Path = ROOT) -> App:
    """The server of an instance.

    Args:
        instance: What is served.
        hosts: Names that the Host header may have, besides those in the settings.
        server_id: Told by ``/api/v1/health``; drawn when None.
        web: Folder of the built web app.
    """
    version = get_version("vitrina")
    settings = instance.settings

    def load(uid: str) -> Known:
        artifact = instance.show(uid)
        return Known(artifact, instance.store_for(artifact), instance.is_managed(artifact))

    artifacts, work = KnownArtifacts(load, ChangeWatch(instance)), Work()
    return App(
        names=build_names((*settings.allowed_hosts, *hosts), settings.public_url),
        data=DataPlane(artifacts),
        zarr={
            zarr_format: ZarrPlane(
                artifacts,
                find_tree=partial(instance.find_tree, zarr_format=zarr_format),
                open_tree=partial(instance.open_tree, zarr_format=zarr_format),
                work=work,
                version=version,
            )
            for zarr_format in ZARR_FORMATS
        },
        assets=Assets(web),
        api=build_api(instance, version=version, server_id=server_id or secrets.token_hex(8)),
        on_shutdown=work.close,
    )


class App:
    """Sends each request to the part that answers it, and turns errors into answers.

    Args:
        names: What the Host header may name.
        data: Answers ``/data/``.
        zarr: By format of Zarr: 2 answers ``/zarr/``, 3 ``/zarr3/``.
        assets: Answers everything else.
        api: Answers ``/api/``.
        on_shutdown: Called when the server stops.
    """

    def __init__(
        self,
        *,
        names: frozenset[str],
        data: Plane,
        zarr: Mapping[int, Plane],
        assets: Plane,
        api: ASGIApp,
        on_shutdown: Callable[[], object],
    ) -> None:
        self._names = names
        self._planes = {b"/data/": data, b"/zarr/": zarr[2], b"/zarr3/": zarr[3]}
        self._assets = assets
        self._api = api
        self._on_shutdown = on_shutdown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _answer_lifespan(receive, send, self._on_shutdown)
            return
        if scope["type"] != "http":
            return
        try:
            await self._answer(scope, receive, send)
        except GoneError:
            return
        except Exception:
            _log.exception("%s %s failed", scope["method"], scope["path"])
            raise

    def reply_to(self, method: str, raw_path: bytes, headers: HeaderList, receive: Receive) -> Answer | None:
        """The answer to a request, None for what the API answers."""
        named = dict(headers)
        host = named.get(b"host", b"")
        if not is_allowed(host, self._names):
            return _refuse(host)
        request = Request(method, raw_path, named, receive)
        plane = self._planes.get(raw_path[: raw_path.find(b"/", 1) + 1])
        if plane is not None:
            return _ask(plane, request, _BYTES_HEADERS)
        if raw_path == b"/api" or raw_path.startswith(b"/api/"):
            return None
        return _ask(self._assets, request, SAFE_HEADERS)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self.reply_to(scope["method"], scope["raw_path"], scope["headers"], receive)
        if answer is None:
            await _call_api(self._api, scope, receive, send)
        else:
            await send_reply(await settle(answer), scope, receive, send)


def _refuse(host: bytes) -> Reply:
    reply = build_problem_reply(describe_refusal(host))
    reply.headers.extend(_API_HEADERS)
    return reply


def _ask(plane: Plane, request: Request, headers: HeaderList) -> Answer:
    """The answer of a plane with our headers; whatever goes wrong becomes a problem."""
    try:
        answer = plane.answer(request) if request.method in {"GET", "HEAD"} else _answer_other(request.method)
    except Exception as err:  # noqa: BLE001 # the last line of defence
        answer = _explain(err, request)
    if not isinstance(answer, Reply):
        return _wait(answer, request, headers)
    answer.headers.extend(headers)
    return answer


async def _wait(making: Coroutine[Any, Any, Reply], request: Request, headers: HeaderList) -> Reply:
    """An answer that has to be waited for.

    Raises:
        GoneError: The client left.
    """
    try:
        reply = await making
    except GoneError:
        raise
    except Exception as err:  # noqa: BLE001 # the last line of defence
        reply = _explain(err, request)
    reply.headers.extend(headers)
    return reply


def _answer_other(method: str) -> Reply:
    """The answer to what is neither GET nor HEAD."""
    if method == "OPTIONS":
        return build_preflight_reply()
    problem = build_problem(405, "method-not-allowed", f"{method} is not possible here: only GET and HEAD.")
    reply = build_problem_reply(problem)
    reply.headers.append((b"allow", METHODS))
    return reply


def _explain(error: Exception, request: Request) -> Reply:
    """What is told of an error: of one that nobody foresaw it is logged, and nothing of its inside told."""
    if isinstance(error, VitrinaError):
        return build_problem_reply(describe_error(error))
    if isinstance(error, BusyError):
        return _build_busy_reply()
    _log.error("%s %s failed", request.method, request.raw_path.decode("latin-1"), exc_info=error)
    return build_problem_reply(describe_unexpected())


def _build_busy_reply() -> Reply:
    reply = build_problem_reply(
        build_problem(
            503,
            "server-busy",
            "The server makes as many chunks as it can, and too many others wait.",
            hint=f"Ask again in {RETRY_AFTER_S} seconds.",
        )
    )
    reply.headers.append((b"retry-after", b"%d" % RETRY_AFTER_S))
    return reply


async def _call_api(api: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Pass a request on to FastAPI, with our headers on its answer."""
    is_answered = False

    async def send_safely(message: Message) -> None:
        nonlocal is_answered
        if message["type"] == "http.response.start":
            is_answered = True
            given = {name for name, _ in message["headers"]}
            ours = [*_API_HEADERS, (b"cache-control", b"no-store")]
            message["headers"] = [*message["headers"], *(header for header in ours if header[0] not in given)]
        await send(message)

    try:
        await api(scope, receive, send_safely)
    except Exception:
        if not is_answered:  # FastAPI answers and logs what its handlers raise, then raises it again
            raise


async def _answer_lifespan(receive: Receive, send: Send, on_shutdown: Callable[[], object]) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            on_shutdown()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
