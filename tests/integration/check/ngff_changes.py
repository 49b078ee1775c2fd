"""What can be done to a store in memory to break it."""


def put(path, value):
    """Set a value in the OME-Zarr block of the root; ``DELETE`` removes it."""
    return lambda store: _put(store.block(), path, value)


def put_in(node, path, value):
    return lambda store: _put(store.block(node), path, value)


def put_array(node, path, value):
    return lambda store: _put(store.array(node), path, value)


def drop(node):
    return lambda store: store.delete(node)


DELETE = object()
MS = "multiscales/0"
TR = f"{MS}/datasets/0/coordinateTransformations"
SCALE = {"type": "scale", "scale": [1.0] * 5}
SHIFT = {"type": "translation", "translation": [0.0] * 5}


def _put(target, path, value):
    *parents, last = [int(part) if part.isdecimal() else part for part in path.split("/")]
    for part in parents:
        target = target[part]
    if value is DELETE:
        del target[last]
    elif callable(value):
        target[last] = value(target[last])
    else:
        target[last] = value


def swap_entries(i, j):
    def swap(values):
        values = list(values)
        values[i], values[j] = values[j], values[i]
        return values

    return swap


def change_dtype(node, v2, v3):
    return lambda store: store.array(node).update({"data_type": v3} if store.is_v3 else {"dtype": v2})


def drop_dimension(node):
    """One dimension less."""

    def flatten(store):
        array = store.array(node)
        array["shape"] = array["shape"][1:]
        if store.is_v3:
            grid = array["chunk_grid"]["configuration"]
            grid["chunk_shape"] = grid["chunk_shape"][1:]
            array["dimension_names"] = array["dimension_names"][1:]
        else:
            array["chunks"] = array["chunks"][1:]

    return flatten


def drop_multiscales(store):
    del store.block("labels/cells")["multiscales"]
