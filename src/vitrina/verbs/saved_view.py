"""Save a state of the viewer, and show it again."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any

from vitrina.errors import InputError
from vitrina.model.collection import CollectionDraft
from vitrina.model.view import View, ViewDraft

if TYPE_CHECKING:
    from vitrina.model.page import Page
    from vitrina.verbs.instance import Instance

MAX_NAME_CHARS = 200


def save_view(
    instance: Instance,
    config: object,
    *,
    subject_uid: str | None = None,
    name: str | None = None,
    description: str | None = None,
) -> View:
    """Save a Vitessce configuration as a view that holds no addresses.

    Args:
        instance: Where it is saved.
        config: JSON values, or a ``VitessceConfig`` of vitessce-python, over artifacts of this instance.
        subject_uid: The artifact or collection that it is a view of. Unless given, it is the one artifact that is
            shown, or a collection of all that are, made under the view's name when it is not there.
        name: Shown in the hub; the configuration's own unless given.
        description: Shown in the viewer.

    Raises:
        InputError: It is no configuration, shows nothing, or shows data that is no artifact.
        NotFoundError: It shows an artifact that this instance does not have.
    """
    from vitrina.gateway.vitessce.placeholders import pack_config

    to_dict = getattr(config, "to_dict", None)
    packed = pack_config(to_dict(base_url="") if callable(to_dict) else config)
    if not packed.uids:
        raise InputError("view-empty", "The view shows no artifact.", hint="Add a dataset to the configuration.")
    shown = [instance.show(uid) for uid in packed.uids]
    title = (name or str(packed.config.get("name") or "") or shown[0].key).strip()[:MAX_NAME_CHARS]
    saved = {**packed.config, "name": title}
    if description is not None:
        saved["description"] = description
    if subject_uid is None and len(shown) == 1:
        subject_uid = shown[0].uid
    elif subject_uid is None:
        members = CollectionDraft(key=title, artifact_uids=packed.uids, created_by=getpass.getuser())
        subject_uid = instance.catalog.collections.add(members).uid
    draft = ViewDraft(name=title, subject_uid=subject_uid, config=saved, created_by=getpass.getuser())
    return instance.catalog.views.add(draft)


def get_saved_view(instance: Instance, uid: str) -> View:
    """The view with a uid.

    Raises:
        NotFoundError: There is none.
    """
    return instance.catalog.views.get(uid)


def find_views(
    instance: Instance, *, subject_uid: str | None = None, limit: int = 50, cursor: str | None = None
) -> Page[View]:
    """A page of the views, newest first; those of one artifact or collection when its uid is given.

    Raises:
        InputError: The cursor is malformed.
    """
    return instance.catalog.views.find(subject_uid=subject_uid, limit=limit, cursor=cursor)


def build_saved_view(instance: Instance, view: View, base_url: str) -> dict[str, Any]:
    """The configuration of a view, with addresses.

    Args:
        instance: Where the view is.
        view: What is shown.
        base_url: Scheme, host and port of the server, without a slash at the end.
    """
    del instance
    from vitrina.gateway.vitessce.placeholders import unpack_config

    return unpack_config(view.config, base_url)
