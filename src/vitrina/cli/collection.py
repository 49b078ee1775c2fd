"""``vitrina collection``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from vitrina.cli.output import json_option, print_artifacts, print_json

if TYPE_CHECKING:
    from vitrina.model.collection import Collection


@click.group("collection")
def command() -> None:
    """Frozen sets of artifacts, in versions under a key."""


@command.command("create")
@click.argument("key", metavar="KEY")
@click.argument("refs", metavar="REF...", nargs=-1, required=True)
@click.option("--description", metavar="TEXT", help="A sentence about it.")
@json_option
@click.pass_obj
def create(named: str | None, key: str, refs: tuple[str, ...], description: str | None, as_json: bool) -> None:
    """Make a collection of artifacts; a known KEY gets a new version, unless one of its versions is the same set."""
    from vitrina.model.jsonable import build_json
    from vitrina.verbs.connect import connect

    instance = connect(named)
    uids = [instance.show(ref).uid for ref in refs]
    collection = instance.add_collection(uids, key=key, description=description)
    if as_json:
        print_json(build_json(collection))
    else:
        _print(collection)


@command.command("list")
@click.option("--all-versions", is_flag=True, help="Older versions too.")
@json_option
@click.pass_obj
def list_all(named: str | None, all_versions: bool, as_json: bool) -> None:
    """List collections, newest first."""
    from vitrina.model.jsonable import build_json
    from vitrina.verbs.connect import connect

    collections = connect(named).list_collections(latest_only=not all_versions)
    if as_json:
        print_json([build_json(collection) for collection in collections])
        return
    for collection in collections:
        _print(collection)
    if not collections:
        click.echo("There are no collections. Next: vitrina collection create KEY REF...")


@command.command("show")
@click.argument("ref", metavar="REF")
@json_option
@click.pass_obj
def show(named: str | None, ref: str, as_json: bool) -> None:
    """List the artifacts of a collection. REF is a key, KEY@0001 for a version, a uid, or the start of one."""
    from vitrina.model.jsonable import build_json
    from vitrina.verbs.connect import connect

    instance = connect(named)
    collection = instance.get_collection(ref)
    if as_json:
        print_json(build_json(collection))
        return
    _print(collection)
    if collection.description:
        click.echo(f"  {collection.description}")
    print_artifacts(instance.list_collected(collection))


@command.command("delete")
@click.argument("ref", metavar="REF")
@click.pass_obj
def delete(named: str | None, ref: str) -> None:
    """Remove one version of a collection; its artifacts stay."""
    from vitrina.verbs.connect import connect

    instance = connect(named)
    collection = instance.delete_collection(instance.get_collection(ref))
    click.echo(f"removed {collection.uid}  {collection.key}@{collection.version}")


def _print(collection: Collection) -> None:
    n_artifacts = len(collection.artifact_uids)
    click.echo(
        f"{collection.uid}  {collection.key}@{collection.version}  "
        f"{n_artifacts:,} artifact{'' if n_artifacts == 1 else 's'}"
    )
