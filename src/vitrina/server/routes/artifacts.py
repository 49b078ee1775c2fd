"""``/artifacts``: the datasets of the catalog."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Header, Query
from starlette.requests import Request
from starlette.responses import Response

from vitrina.errors import NotFoundError
from vitrina.model.annotation import Annotations
from vitrina.model.artifact import Artifact
from vitrina.model.overrides import Overrides
from vitrina.model.page import Page
from vitrina.server.parts import has_etag
from vitrina.server.query import parse_filters
from vitrina.server.shapes import ArtifactOut, OverridesIn, ReportOut, build_artifact_out
from vitrina.server.wired import get_instance
from vitrina.storage.keys import check_key
from vitrina.storage.store import Entry

if TYPE_CHECKING:
    from vitrina.verbs.instance import Instance

router = APIRouter(tags=["artifacts"])


@router.get("/artifacts")
def find_artifacts(
    request: Request,
    q: Annotated[str, Query(description="Words that must all occur.")] = "",
    order: Annotated[str, Query(description="A field, with `-` for descending, or `relevance`.")] = "relevance",
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
    include: Annotated[str, Query(description="`annotations` for labels and feature values.")] = "",
    exact: Annotated[bool, Query(description="Take terms literally, without synonyms and terms below.")] = False,
    facets: Annotated[str, Query(description="Names separated by commas, `all` or `none`.")] = "all",
    facet_values: Annotated[int, Query(ge=1, le=1000, description="The most frequent values of each facet.")] = 20,
) -> Page[ArtifactOut]:
    """Artifacts that match: the most relevant first, or what was added last when there is no `q`.

    Every other parameter is a filter: `format=anndata`, `tissue=lung`, repeated for any of several values,
    `size_bytes__gt=1000` and its kin for comparisons. A term is known by its name, synonyms, ontology id or uid, and
    finds what is labelled with one below it too. Facets count all hits, and not only those of the page.
    """
    instance = get_instance(request)
    page = instance.find(
        q,
        where=parse_filters(request.query_params.multi_items()),
        order=order,
        limit=limit,
        cursor=cursor,
        is_exact=exact,
        facets=_parse_facets(facets),
        n_facet_values=facet_values,
    )
    annotations = instance.read_many_annotations(page.items) if include else {}
    return Page(
        items=tuple(_build_out(instance, artifact, annotations.get(artifact.uid)) for artifact in page.items),
        total=page.total,
        next_cursor=page.next_cursor,
        facets=page.facets,
        hints=page.hints,
    )


@router.get("/artifacts/{uid}/files")
def list_files(
    request: Request,
    uid: str,
    folder: Annotated[str, Query(description="Path inside the artifact, empty for its root.")] = "",
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
) -> Page[Entry]:
    """What lies directly in a folder of an artifact, sorted by name."""
    instance = get_instance(request)
    entries = instance.list_files(instance.show(uid), check_key(folder) if folder else "")
    rest = [entry for entry in entries if cursor is None or entry.name > cursor]
    next_cursor = rest[limit - 1].name if len(rest) > limit else None
    return Page(items=tuple(rest[:limit]), total=len(entries), next_cursor=next_cursor)


@router.get("/artifacts/{uid}/versions")
def list_versions(request: Request, uid: str) -> Page[ArtifactOut]:
    """All versions of the dataset that an artifact is one of, newest first; those in the trash are left out."""
    instance = get_instance(request)
    versions = [one for one in reversed(instance.list_versions(instance.show(uid))) if one.trashed_at is None]
    return Page(items=tuple(_build_out(instance, one, None) for one in versions), total=len(versions))


@router.get(
    "/artifacts/{uid}/thumbnail",
    response_class=Response,
    responses={200: {"content": {"image/webp": {}}, "description": "A small picture"}},
)
def read_thumbnail(request: Request, uid: str, if_none_match: Annotated[str, Header()] = "") -> Response:
    """A small picture of an artifact; 404 when there is nothing to draw."""
    instance = get_instance(request)
    artifact = instance.show(uid)
    picture = instance.read_thumbnail(artifact)
    if picture is None:
        raise NotFoundError("thumbnail-missing", f"There is no picture of {artifact.key}.", where=artifact.uid)
    etag = f'"{hashlib.blake2b(picture, digest_size=16).hexdigest()}"'
    headers = {"etag": etag, "cache-control": "private, no-cache"}
    if has_etag(if_none_match.encode("latin-1"), etag.encode(), is_weak=True):
        return Response(status_code=304, headers=headers)
    return Response(picture, media_type="image/webp", headers=headers)


@router.get("/artifacts/{uid}/check")
def check_artifact(
    request: Request,
    uid: str,
    purpose: Annotated[
        Literal["specification", "viewer"], Query(description="Against its specification, or for the viewer.")
    ] = "specification",
    metadata_only: Annotated[bool, Query(description="Look at metadata documents alone.")] = False,
    strict: Annotated[bool, Query(description="What should hold must hold: warnings are errors.")] = False,
) -> ReportOut:
    """Check the stored bytes of an artifact now."""
    instance = get_instance(request)
    report = instance.check_artifact(
        instance.show(uid), purpose=purpose, is_metadata_only=metadata_only, is_strict=strict
    )
    return ReportOut(
        source=report.source,
        valid=report.is_valid,
        version=report.version,
        kind=report.kind,
        findings=report.findings,
    )


@router.get("/artifacts/{uid}/overrides")
def show_overrides(request: Request, uid: str) -> Overrides:
    """What people know better than the file of an artifact, with who said it last."""
    return get_instance(request).show(uid).overrides


@router.put("/artifacts/{uid}/overrides")
def set_overrides(request: Request, uid: str, said: OverridesIn) -> Overrides:
    """Say this of the elements of an artifact in place of all that was said; no byte changes."""
    instance = get_instance(request)
    return instance.set_overrides(instance.show(uid), said.elements).overrides


@router.delete("/artifacts/{uid}/overrides")
def clear_overrides(request: Request, uid: str) -> Overrides:
    """Go back to what the file says."""
    instance = get_instance(request)
    return instance.clear_overrides(instance.show(uid)).overrides


@router.get("/artifacts/{ref:path}")
def show_artifact(request: Request, ref: str) -> ArtifactOut:
    """One artifact by uid, by the first characters of it, by key, or by `key@version`."""
    instance = get_instance(request)
    artifact = instance.show(ref)
    return _build_out(instance, artifact, instance.read_annotations(artifact))


def _build_out(instance: Instance, artifact: Artifact, annotations: Annotations | None) -> ArtifactOut:
    return build_artifact_out(artifact, instance.check_view(artifact), annotations)


def _parse_facets(text: str) -> Collection[str] | Literal["all"]:
    if text == "all":
        return "all"
    return () if text == "none" else tuple(name.strip() for name in text.split(","))
