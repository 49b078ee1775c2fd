"""Tiles around cells: which there are, how they are split, and loaders over them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vitrina.errors import InputError, NotFoundError
from vitrina.ml.loader import DEFAULT_MEMORY_BYTES, Loader
from vitrina.ml.plan import Blocks, plan_blocks
from vitrina.ml.sampler import build_balanced, count_weights
from vitrina.ml.split import check_fractions, plan_parts, split_blocks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from vitrina.ml.columns import Column, Genes
    from vitrina.ml.layer import Layer
    from vitrina.ml.loader import Allocate
    from vitrina.ml.place import Places
    from vitrina.ml.record import Recorder
    from vitrina.ml.sampler import Sampler, WeightedSampler
    from vitrina.ml.slide import Slide
    from vitrina.pyramid.source import Pixels

    type Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tiles:
    """Square tiles of equal size around the cells of many slides. Never changed; splits and subsets are new ones.

    Attributes:
        slides: Where the pixels come from.
        places: Where they lie.
        rows: Row of each tile in the columns and genes.
        instances: Id of the cell of each tile in its dataset.
        pixel_size_um: Of all tiles; None where every slide keeps its own.
        channels: Their names.
        dtype: Of the pixels.
        pad_value: Of pixels outside of the image.
        columns: What is known of the cells, by name.
        genes: Expression of the cells; None unless asked for.
        history: How they were chosen, step by step, as JSON values.
        recorder: What records trainings in the catalog they come from; None without one.
    """

    slides: tuple[Slide, ...]
    places: Places
    rows: Ints
    instances: npt.NDArray[Any]
    channels: tuple[str, ...]
    dtype: np.dtype[Any]
    pixel_size_um: float | None = None
    pad_value: float = 0
    columns: Mapping[str, Column] = field(default_factory=dict)
    genes: Genes | None = None
    history: tuple[Mapping[str, Any], ...] = ()
    recorder: Recorder | None = None

    def __len__(self) -> int:
        return len(self.places)

    @property
    def size_px(self) -> int:
        """Side of the tiles."""
        return self.places.size_px

    @property
    def n_channels(self) -> int:
        """Channels of a tile."""
        return len(self.channels)

    @property
    def image_layers(self) -> tuple[Layer, ...]:
        """The pixels of each slide."""
        return tuple(slide.image for slide in self.slides)

    @property
    def mask_layers(self) -> tuple[Layer, ...]:
        """The label image of each slide; empty without masks."""
        return tuple(slide.mask for slide in self.slides if slide.mask is not None)

    @property
    def mask_dtype(self) -> np.dtype[Any] | None:
        """Type of the label ids; None without masks."""
        layers = self.mask_layers
        return np.result_type(*(layer.dtype for layer in layers)) if layers else None

    def batches(
        self,
        batch_size: int = 32,
        *,
        shuffle: bool = True,
        seed: int = 0,
        sampler: Sampler | None = None,
        drop_last: bool = False,
        part: int = 0,
        n_parts: int = 1,
        memory_bytes: int = DEFAULT_MEMORY_BYTES,
        threads: int = 2,
        prefetch: int = 4,
        reuse_buffers: bool = False,
        allocate: Allocate | None = None,
    ) -> Loader:
        """A loader of batches; each ``for`` loop over it is one epoch.

        Args:
            batch_size: Tiles per batch.
            shuffle: Whether the order is random; otherwise neighbours come together, the same way every epoch.
            seed: Of the random order and of the sampler; every epoch has its own order.
            sampler: Which tiles an epoch takes; each once unless given.
            drop_last: Leave out the last batch when it is smaller, and let all parts have equally many batches.
            part: Number of this process, or ``rank * n_workers + worker``.
            n_parts: Of processes; together they read each tile once, and no tile is read by two.
            memory_bytes: For decoded chunks. The more, the better tiles of different places are mixed.
            threads: That decode and copy; 0 does it when the batch is asked for.
            prefetch: Batches that are made ahead.
            reuse_buffers: Give the same memory again: a batch is valid until the second one after it is asked for.
            allocate: Makes the memory of batches from shape and dtype, such as pinned memory.

        Raises:
            InputError: An option makes no sense, or the memory does not hold the chunks of one tile.
        """
        return Loader(
            self,
            batch_size,
            shuffle=shuffle,
            seed=seed,
            sampler=sampler,
            drop_last=drop_last,
            part=part,
            n_parts=n_parts,
            memory_bytes=memory_bytes,
            threads=threads,
            prefetch=prefetch,
            reuse_buffers=reuse_buffers,
            allocate=allocate,
        )

    def subset(self, chosen: npt.ArrayLike, *, because: Mapping[str, Any] | None = None) -> Tiles:
        """Some of the tiles.

        Args:
            chosen: Numbers of tiles, or a boolean per tile.
            because: What is kept of the reason, as JSON values.
        """
        picked = np.asarray(chosen)
        ids = np.flatnonzero(picked) if picked.dtype == bool else picked.astype(np.int64)
        step = {"step": "subset", "n_tiles": len(ids), "hash": _hash(ids)} if because is None else dict(because)
        return replace(
            self,
            places=self.places.take(ids),
            rows=self.rows[ids],
            instances=self.instances[ids],
            history=(*self.history, step),
        )

    def split(self, fractions: Sequence[float], *, by: str = "slide", seed: int = 0) -> tuple[Tiles, ...]:
        """Parts that hold whole samples, about the wanted fractions of the tiles, in the order of the fractions.

        Args:
            fractions: One per part, such as ``(0.7, 0.15, 0.15)``.
            by: ``slide``, something that is said of whole slides, or a column with one value per slide (``donor``).
            seed: Of the random choice.

        Raises:
            NotFoundError: Nothing is called so.
            InputError: A slide has several values, so that neighbours would come into different parts, or there are
                fewer values than parts.
        """
        wanted = check_fractions(fractions)
        names, group_of_slide = self._group_slides(by)
        part_of = plan_parts(group_of_slide[self.places.slide_of], len(names), fractions, np.random.default_rng(seed))
        part_of_tile = part_of[group_of_slide][self.places.slide_of]
        return tuple(
            self.subset(
                part_of_tile == part,
                because={
                    "step": "split",
                    "by": by,
                    "seed": seed,
                    "fractions": list(fractions),
                    "part": part,
                    "values": sorted(names[group] for group in np.flatnonzero(part_of == part)),
                },
            )
            for part in range(len(wanted))
        )

    def split_blocks(
        self,
        fractions: Sequence[float],
        *,
        block_px: int | None = None,
        gap_px: int | None = None,
        seed: int = 0,
    ) -> tuple[Tiles, ...]:
        """Parts of every slide, square by square, with a gap: no pixel of one part's tiles is in those of another.

        Tiles too near to a square of another part are in none.

        Args:
            fractions: One per part.
            block_px: Side of a square; eight tiles unless given.
            gap_px: Between tiles of different parts; as wide as a tile unless given.
            seed: Of the random choice.

        Raises:
            InputError: The squares are too small for the tiles and the gap.
        """
        block = 8 * self.size_px if block_px is None else block_px
        gap = self.size_px if gap_px is None else gap_px
        part_of = split_blocks(
            self.places,
            block_px=block,
            gap_px=gap,
            fractions=fractions,
            rng=np.random.default_rng(seed),
        )
        told = {"step": "split-blocks", "seed": seed, "fractions": list(fractions), "block_px": block, "gap_px": gap}
        return tuple(self.subset(part_of == part, because={**told, "part": part}) for part in range(len(fractions)))

    def get_values(self, column: str) -> npt.NDArray[Any]:
        """A column for each tile; codes for categories.

        Raises:
            NotFoundError: There is no such column.
        """
        values: npt.NDArray[Any] = self._get_column(column).data[self.rows]
        return values

    def get_categories(self, column: str) -> tuple[str, ...]:
        """Names of the codes of a column.

        Raises:
            NotFoundError: There is no such column.
            InputError: It holds numbers.
        """
        categories = self._get_column(column).categories
        if categories is None:
            raise InputError("column-numeric", f"The column {column!r} holds numbers, no categories.", where=column)
        return categories

    def count_class_weights(self, column: str) -> npt.NDArray[np.float64]:
        """A weight per category, inverse to how often it occurs among the tiles, for a loss."""
        return count_weights(self.get_values(column), len(self.get_categories(column)))

    def build_balanced_sampler(self, column: str, n_drawn: int | None = None) -> WeightedSampler:
        """A sampler that takes each category of a column equally often."""
        self.get_categories(column)
        return build_balanced(self.get_values(column), n_drawn)

    def read(self, number: int) -> Pixels:
        """One tile, channels x height x width; for a look, since many are read faster in batches."""
        loader = self.subset([number]).batches(1, threads=0)
        pixels: Pixels = next(iter(loader)).pixels[0]
        return pixels

    def plan_blocks(self, window_bytes: int) -> Blocks:
        """Which tiles lie together; see ``plan.plan_blocks``."""
        kinds: list[tuple[tuple[Layer, ...], np.dtype[Any]]] = [(self.image_layers, self.dtype)]
        if self.mask_dtype is not None:
            kinds.append((self.mask_layers, self.mask_dtype))
        grids = [[layers[number].build_grid(dtype) for layers, dtype in kinds] for number in range(len(self.slides))]
        return plan_blocks(self.places, grids, window_bytes)

    def describe(self) -> dict[str, Any]:
        """What they are, as JSON values: sizes, channels, datasets, how they were chosen, and a hash of all tiles."""
        used = np.unique(self.places.slide_of)
        return {
            "n_tiles": len(self),
            "size_px": self.size_px,
            "pixel_size_um": self.pixel_size_um,
            "channels": list(self.channels),
            "columns": list(self.columns),
            "genes": [] if self.genes is None else list(self.genes.names),
            "slides": [self.slides[number].uid or self.slides[number].name for number in used],
            "history": [dict(step) for step in self.history],
            "hash": self.hash,
        }

    @property
    def hash(self) -> str:
        """SHA-256 over the places of all tiles and the names of their slides."""
        places = self.places
        names = json.dumps([[slide.name, slide.hash] for slide in self.slides])
        return _hash(places.slide_of, places.y0, places.x0, np.array([places.size_px]), first=names.encode())

    def list_uids(self) -> tuple[str, ...]:
        """Artifacts of which there are tiles."""
        used = (self.slides[number].uid for number in np.unique(self.places.slide_of))
        return tuple(dict.fromkeys(uid for uid in used if uid is not None))

    def close(self) -> None:
        """Close what is open; it opens again when it is read."""
        for layer in (*self.image_layers, *self.mask_layers):
            layer.close()

    def __repr__(self) -> str:
        size = f" of {self.pixel_size_um:g} um" if self.pixel_size_um else ""
        return (
            f"Tiles({len(self):,} tiles of {self.size_px} x {self.size_px} pixels{size}, {self.n_channels} channels, "
            f"{len(np.unique(self.places.slide_of))} slides)"
        )

    def _get_column(self, name: str) -> Column:
        if name not in self.columns:
            known = ", ".join(self.columns) or "none"
            raise NotFoundError(
                "column-missing",
                f"The tiles have no column {name!r}; these were read: {known}.",
                hint=f"Pass columns=[{name!r}] when the tiles are made.",
                where=name,
            )
        return self.columns[name]

    def _group_slides(self, by: str) -> tuple[list[str], Ints]:
        """Names of the groups, and the group of each slide; slides with the same bytes share a group."""
        values = [self._find_group(number, by) for number in range(len(self.slides))]
        parent: dict[str, str] = {value: value for value in values}

        def find(value: str) -> str:
            while parent[value] != value:
                value = parent[value]
            return value

        of_hash: dict[str, str] = {}
        for slide, value in zip(self.slides, values, strict=True):
            if slide.hash is not None:
                parent[find(value)] = find(of_hash.setdefault(slide.hash, value))
        used = set(np.unique(self.places.slide_of).tolist())
        names = sorted({find(value) for number, value in enumerate(values) if number in used})
        index = {name: number for number, name in enumerate(names)}
        return names, np.array([index.get(find(value), 0) for value in values], np.int64)

    def _find_group(self, number: int, by: str) -> str:
        slide = self.slides[number]
        if by == "slide":
            return slide.name
        if by in slide.labels:
            return slide.labels[by]
        column = self._get_column(by)
        found = np.unique(column.data[self.rows[self.places.slide_of == number]])
        if len(found) > 1:
            raise InputError(
                "split-leaks",
                f"{slide.name} has {len(found)} values of {by!r}: neighbouring tiles, which share pixels, would come "
                "into different parts.",
                hint="Split by slide or donor, or with split_blocks.",
                where=by,
            )
        if not len(found):
            return ""
        return str(found[0]) if column.categories is None else column.categories[int(found[0])]


def _hash(*arrays: npt.NDArray[Any], first: bytes = b"") -> str:
    digest = hashlib.sha256(first)
    for array in arrays:
        digest.update(np.ascontiguousarray(array, "<i8").tobytes())
    return digest.hexdigest()
