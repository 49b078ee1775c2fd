"""Hand-made elements for tests of the rules about viewing."""

from __future__ import annotations

from vitrina.model.content import Axis, Channel, ImageElement, LabelsElement, Level

TYPES = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}


def make_levels(axes, *shapes, chunks=None):
    return tuple(
        Level(
            path=str(i),
            shape=shape,
            chunk_shape=tuple(min(a, b) for a, b in zip(chunks, shape, strict=True)) if chunks else None,
            scale=(1.0,) * len(axes),
            translation=(0.0,) * len(axes),
        )
        for i, shape in enumerate(shapes)
    )


def make_image(axes, *shapes, chunks=None, n_channels=2, dtype="uint16", is_rgb=False):
    return ImageElement(
        name="cells",
        path="",
        axes=tuple(Axis(name=a, type=TYPES[a]) for a in axes),
        dtype=dtype,
        levels=make_levels(axes, *shapes, chunks=chunks),
        channels=tuple(Channel(name=f"c{i}") for i in range(n_channels)),
        is_rgb=is_rgb,
    )


def make_labels(name="nuclei"):
    axes = "yx"
    return LabelsElement(
        name=name,
        path=f"labels/{name}",
        axes=tuple(Axis(name=a, type="space") for a in axes),
        dtype="int32",
        levels=make_levels(axes, (64, 64)),
    )


def list_codes(findings):
    return [finding.code for finding in findings]


def list_severities(findings):
    return [(finding.code, finding.severity) for finding in findings]
