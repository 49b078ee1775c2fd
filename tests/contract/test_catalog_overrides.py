"""What the catalog must do with overrides on every database."""

from __future__ import annotations

import pytest

from vitrina.errors import InputError, NotFoundError
from vitrina.model.artifact import ArtifactDraft
from vitrina.model.content import Axis, Channel, Content, ImageElement, Level
from vitrina.model.overrides import NO_OVERRIDES, ElementOverrides, Overrides

SAID = ElementOverrides(path="", channel_names=("DAPI", "Actin"), pixel_size=(0.5, 0.25))


def build_content(n_channels=2):
    level = Level(
        path="0", shape=(n_channels, 64, 32), chunk_shape=None, scale=(1.0, 1.0, 1.0), translation=(0.0, 0.0, 0.0)
    )
    image = ImageElement(
        name="slide",
        path="",
        axes=tuple(Axis(name=name) for name in "cyx"),
        dtype="uint16",
        levels=(level,),
        channels=tuple(Channel(name=f"Channel {i}") for i in range(n_channels)),
    )
    return Content(format="tiff", container="tiff", elements=(image,))


def add(catalog, key="slide.tif", content=None):
    uid = catalog.reserve_uid(key)
    draft = ArtifactDraft(
        uid=uid,
        key=key,
        description=None,
        kind="dataset",
        hash="ab" * 32,
        size_bytes=1000,
        n_files=1,
        storage_url="file:///data",
        storage_key=f"{uid}/{key}",
        is_folder=False,
        created_by="ada",
        content=content or build_content(),
    )
    return catalog.add_artifact(draft)


def list_channels(artifact):
    return [channel.name for channel in artifact.content.elements[0].channels]


def test_what_was_said_is_in_the_content_with_who_said_it_and_when(catalog):
    artifact = add(catalog)
    said = catalog.overrides.set(artifact.uid, [SAID], "eve")
    now = catalog.get_artifact(artifact.uid)
    assert now.overrides == said == Overrides(elements=(SAID,), changed_at=said.changed_at, changed_by="eve")
    assert list_channels(now) == ["DAPI", "Actin"]
    assert now.content.elements[0].levels[0].scale == (1.0, 0.5, 0.25)
    assert now.hash == artifact.hash
    assert now.fingerprint not in {artifact.fingerprint, artifact.hash}


def test_what_is_said_later_takes_the_place_of_all_before(catalog):
    artifact = add(catalog)
    catalog.overrides.set(artifact.uid, [SAID], "eve")
    catalog.overrides.set(artifact.uid, [ElementOverrides(path="", unit="nm")], "ada")
    now = catalog.get_artifact(artifact.uid)
    assert (now.overrides.changed_by, list_channels(now)) == ("ada", ["Channel 0", "Channel 1"])
    assert catalog.overrides.set(artifact.uid, [ElementOverrides(path="")], "ada") == NO_OVERRIDES
    assert catalog.get_artifact(artifact.uid) == artifact


def test_what_does_not_fit_changes_nothing(catalog):
    artifact = add(catalog)
    catalog.overrides.set(artifact.uid, [SAID], "eve")
    before = catalog.change_number()
    with pytest.raises(InputError, match="3 names were given for 2 channels"):
        catalog.overrides.set(artifact.uid, [ElementOverrides(path="", channel_names=("a", "b", "c"))], "mal")
    assert catalog.change_number() == before
    assert catalog.get_artifact(artifact.uid).overrides.elements == (SAID,)
    assert [user.handle for user in catalog.list_users()] == ["ada", "eve"]


def test_nothing_is_said_of_what_is_not_there(catalog):
    with pytest.raises(NotFoundError):
        catalog.overrides.set("Z" * 20, [SAID], "eve")


def test_an_artifact_is_found_by_the_names_that_its_channels_got(catalog):
    artifact = add(catalog)
    assert catalog.find_artifacts("actin").total == 0
    catalog.overrides.set(artifact.uid, [SAID], "eve")
    (found,) = catalog.find_artifacts("actin").items
    assert list_channels(found) == ["DAPI", "Actin"]
    catalog.overrides.set(artifact.uid, [], "eve")
    assert catalog.find_artifacts("actin").total == 0


def test_a_new_version_inherits_what_still_fits(catalog):
    said = catalog.overrides.set(add(catalog).uid, [SAID], "eve")
    second = add(catalog)
    assert second.overrides == said
    assert catalog.get_artifact(second.uid) == second
    assert catalog.find_artifacts("actin").total == 1  # the latest version
    third = add(catalog, content=build_content(n_channels=5))
    assert (third.overrides, len(list_channels(third))) == (NO_OVERRIDES, 5)
    assert len(catalog.list_versions(second.uid[:16])[1].overrides.elements) == 1


def test_an_artifact_with_overrides_can_be_removed_for_good(catalog):
    artifact = add(catalog)
    catalog.overrides.set(artifact.uid, [SAID], "eve")
    catalog.trash.put(artifact.uid)
    catalog.trash.remove(artifact.uid)
    with pytest.raises(NotFoundError):
        catalog.get_artifact(artifact.uid)
