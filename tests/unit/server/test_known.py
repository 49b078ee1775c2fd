from __future__ import annotations

import pytest
from serving import OTHER_UID, UID, build_artifact

from vitrina.errors import NotFoundError
from vitrina.server import known as module
from vitrina.server.known import Known, KnownArtifacts

pytestmark = pytest.mark.anyio


class Catalog:
    def __init__(self):
        self.uids = {UID, OTHER_UID}
        self.n_lookups = 0
        self.change_number = 0

    def load(self, uid):
        self.n_lookups += 1
        if uid not in self.uids:
            raise NotFoundError("artifact-missing", f"There is no {uid}.")
        return Known(build_artifact(uid), None, is_managed=True)


async def test_an_artifact_is_looked_up_once():
    catalog = Catalog()
    artifacts = KnownArtifacts(catalog.load)
    assert await artifacts.get(UID) is await artifacts.get(UID)
    assert catalog.n_lookups == 1


async def test_a_deleted_artifact_is_forgotten_when_the_change_number_moves():
    catalog = Catalog()
    artifacts = KnownArtifacts(catalog.load, lambda: catalog.change_number)
    await artifacts.get(UID)
    catalog.uids.remove(UID)
    catalog.change_number += 1
    with pytest.raises(NotFoundError):
        await artifacts.get(UID)


async def test_what_is_missing_is_looked_up_again():
    catalog = Catalog()
    catalog.uids.clear()
    artifacts = KnownArtifacts(catalog.load)
    with pytest.raises(NotFoundError):
        await artifacts.get(UID)
    catalog.uids.add(UID)
    assert (await artifacts.get(UID)).artifact.uid == UID


async def test_a_key_that_looks_like_a_uid_gives_no_other_artifact():
    artifacts = KnownArtifacts(lambda _: Known(build_artifact(OTHER_UID), None, is_managed=True))
    with pytest.raises(NotFoundError):
        await artifacts.get(UID)


async def test_the_oldest_is_forgotten_first(monkeypatch):
    monkeypatch.setattr(module, "MAX_KNOWN", 1)
    catalog = Catalog()
    artifacts = KnownArtifacts(catalog.load)
    for uid in (UID, OTHER_UID, OTHER_UID, UID):
        await artifacts.get(uid)
    assert catalog.n_lookups == 3
