"""Ways to break one MUST of the specification in an otherwise valid store, and the code that names each.

A break is ``(kind of store, version, name, what is done to it, code)``. The store is a ``Store`` of ``ngff_stores``.
"""

from ngff_breaks_images import IMAGE, IMAGE_04, IMAGE_05
from ngff_breaks_new import IMAGE_06, SCENE
from ngff_breaks_plates import COLLECTION, NUMBERED, PLATE


def list_breaks():
    """Each break with the kind of store that it is for."""
    kinds = {
        ("image", "0.4"): IMAGE + IMAGE_04,
        ("image", "0.5"): IMAGE + IMAGE_05,
        ("plate", "0.4"): PLATE,
        ("plate", "0.5"): PLATE,
        ("collection", "0.4"): COLLECTION,
        ("collection", "0.5"): COLLECTION,
        ("numbered", "0.4"): NUMBERED,
        ("numbered", "0.5"): NUMBERED,
        ("stack", "0.6"): IMAGE_06,
        ("scene", "0.6"): SCENE,
    }
    return [(kind, version, *entry) for (kind, version), entries in kinds.items() for entry in entries if entry[2]]
