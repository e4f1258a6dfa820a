"""Keyed draws and row ids: every value is a hash of (seed, purpose, row, slot), never the state of a stream.

Ids are arrays of 16 raw bytes (``S16``); keys are the 64-bit digests of ids that draws start from.
A toolkit id is a version-8 UUID that can be told at sight and put in order:

    5eed O LLLLLLL 8 SSS V…        O origin (0 base row, 1 gap row), L locality, S slot, V…: 62 bits of digest

The locality is handed down from subject to child, so the rows of one owner lie together in every
index, and a base row tells its owner's ordinal. Changing anything here re-writes everybody's fixtures.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.bytes_]
Keys = NDArray[np.uint64]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Slots = int | NDArray[Any]

BASE, GAP = 0, 1
LOCALITY_BITS = 28
_MARK = 0x5EED
_LAST_SLOT = 0xFFF
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_SHIFT_1, _SHIFT_2, _SHIFT_3 = np.uint64(30), np.uint64(27), np.uint64(31)
_BLOCK = 1 << 16
_ROOT_OF_3 = 1.7320508075688772
_LOCALITY_MASK = np.uint64((1 << LOCALITY_BITS) - 1)


@lru_cache(maxsize=4096)
def salt(*parts: str) -> np.uint64:
    """The 64-bit BLAKE2b digest of the parts: the same in every process and on every machine."""
    digest = blake2b("\x1f".join(parts).encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "big"))


def mix(values: Keys) -> Keys:
    """The splitmix64 finaliser (Steele, Lea, Flood, OOPSLA 2014), element by element."""
    mixed = values + _GOLDEN
    mixed ^= mixed >> _SHIFT_1
    mixed *= _MIX_1
    mixed ^= mixed >> _SHIFT_2
    mixed *= _MIX_2
    mixed ^= mixed >> _SHIFT_3
    return mixed


def slices(count: int, size: int) -> Iterator[slice]:
    """So many rows in slices of this size, the last one shorter."""
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def blocks(count: int) -> Iterator[slice]:
    """So many keys in blocks, so that what is in between when they are worked on lies in a processor's cache."""
    return slices(count, _BLOCK)


def halves(ids: Ids) -> tuple[Keys, Keys]:
    """The first and the last eight bytes of each id as numbers, which sort as the ids do."""
    pairs = np.ascontiguousarray(ids).view(">u8").reshape(-1, 2).astype(np.uint64)
    return pairs[:, 0], pairs[:, 1]


def _join(high: Keys, low: Keys) -> Ids:
    pairs = np.empty((len(high), 2), dtype=">u8")
    pairs[:, 0], pairs[:, 1] = high, low
    return pairs.view("S16").reshape(-1)


def keys_of(ids: Ids) -> Keys:
    """One 64-bit key for each id, whoever made the id."""
    keys = np.empty(len(ids), dtype=np.uint64)
    for part in blocks(len(ids)):
        high, low = halves(ids[part])
        keys[part] = mix(high ^ mix(low))
    return keys


def ids_of(rows: Iterable[uuid.UUID]) -> Ids:
    """The ids of UUID objects as an array of raw bytes."""
    return np.frombuffer(b"".join(row.bytes for row in rows), dtype="S16")


def uuids_of(ids: Ids) -> list[uuid.UUID]:
    """UUID objects for an array of ids."""
    raw = np.ascontiguousarray(ids).tobytes()
    return [uuid.UUID(bytes=raw[at : at + 16]) for at in range(0, len(raw), 16)]


def hexes_of(ids: Ids) -> list[str]:
    """The ids as 32 hexadecimal digits each."""
    digits = np.ascontiguousarray(ids).astype("S16").tobytes().hex()
    return [digits[at : at + 32] for at in range(0, len(digits), 32)]


def names_of(ids: Ids) -> list[str]:
    """The ids as people and addresses write them, 36 characters each."""
    return [f"{x[:8]}-{x[8:12]}-{x[12:16]}-{x[16:20]}-{x[20:]}" for x in hexes_of(ids)]


def is_seeded(ids: Ids) -> Bools:
    """Which ids were made by this toolkit."""
    high, _ = halves(ids)
    return ((high >> np.uint64(48)) == _MARK) & (((high >> np.uint64(12)) & np.uint64(15)) == 8)


def is_base(ids: Ids) -> Bools:
    """Which ids belong to base rows, those that the mode sizes ask for."""
    high, _ = halves(ids)
    return is_seeded(ids) & (((high >> np.uint64(44)) & np.uint64(15)) == BASE)


def locality_of(ids: Ids) -> Ints:
    """The locality in a toolkit id; for any other id, bits of its key."""
    high, _ = halves(ids)
    own = (high >> np.uint64(16)) & _LOCALITY_MASK
    other = keys_of(ids) >> np.uint64(64 - LOCALITY_BITS)
    return np.where(is_seeded(ids), own, other).astype(np.int64)


def slots_of(ids: Ids) -> Ints:
    """The slot in a toolkit id: which of its subject's rows it is; 4,095 for those beyond."""
    high, _ = halves(ids)
    return (high & np.uint64(_LAST_SLOT)).astype(np.int64)


def make_ids(table: str, origin: int, subject_keys: Keys, locality: Ints, slot: Slots, attempt: Slots = 0) -> Ids:
    """Ids that follow from the table, the subject's key and the slot; the seed has no part in identity."""
    slots, tries = (np.broadcast_to(np.asarray(one, dtype=np.uint64), subject_keys.shape) for one in (slot, attempt))
    digest = mix(mix(mix(subject_keys ^ salt("id", table, str(origin))) + slots) + tries)
    high = np.full(subject_keys.shape, (_MARK << 48) | (origin << 44) | (8 << 12), dtype=np.uint64)
    high |= (locality.astype(np.uint64) & _LOCALITY_MASK) << np.uint64(16)
    high |= np.minimum(slots, np.uint64(_LAST_SLOT))
    low = (digest >> np.uint64(2)) | np.uint64(0b10 << 62)
    return _join(high, low)


def id_range(origin: int) -> tuple[uuid.UUID, uuid.UUID]:
    """The first and the last UUID that a row of this origin can have."""
    first = ((_MARK << 48) | (origin << 44)) << 64
    last = (((_MARK << 48) | (origin << 44) | (1 << 44) - 1) << 64) | (1 << 64) - 1
    return uuid.UUID(int=first), uuid.UUID(int=last)


def seeded_range() -> tuple[uuid.UUID, uuid.UUID]:
    """The first and the last UUID that a row of this toolkit can have."""
    return id_range(BASE)[0], id_range(GAP)[1]


def along(quantiles: tuple[float, ...], ranks: Floats) -> Floats:
    """The value at each rank (0 to 1) of the distribution with these equally spaced quantiles, linear between them."""
    ends, values, slopes = _line(quantiles)
    at = (ranks * (len(quantiles) - 1)).astype(np.intp)
    return np.asarray(slopes[at] * (ranks - ends[at]) + values[at])


def interpolate(at: float, ends: Floats, values: Floats) -> float:
    """The value at a place on the line through these points, whose ends go on level.

    As in `along`, product and sum are rounded one by one: within one C function a compiler may fuse them, and then the
    last bit is another, as np.interp's is on some machines.
    """
    at = min(max(at, float(ends[0])), float(ends[-1]))
    left = int(np.searchsorted(ends, at, side="right")) - 1
    return float(_slopes(ends, values)[left]) * (at - float(ends[left])) + float(values[left])


@cache
def _line(quantiles: tuple[float, ...]) -> tuple[Floats, Floats, Floats]:
    ends, values = np.linspace(0.0, 1.0, len(quantiles)), np.array(quantiles, dtype=np.float64)
    return ends, values, _slopes(ends, values)


def _slopes(ends: Floats, values: Floats) -> Floats:
    return np.append(np.diff(values) / np.diff(ends), 0.0)


@dataclass(frozen=True)
class Draws:
    """Values drawn for rows: a function of the seed, the purpose, the row's key and the slot."""

    seed: str

    def bits(self, purpose: str, keys: Keys, slot: Slots = 0) -> Keys:
        """64 random bits a key."""
        slots = np.asarray(slot)
        if np.ndim(keys) == 1 and len(keys) > _BLOCK and slots.shape in ((), keys.shape):
            drawn = np.empty(len(keys), dtype=np.uint64)
            for part in blocks(len(keys)):
                drawn[part] = self.bits(purpose, keys[part], slots[part] if slots.ndim else slots)
            return drawn
        with np.errstate(over="ignore"):
            return mix(mix(keys ^ salt(self.seed, purpose)) + slots.astype(np.uint64) * _GOLDEN)

    def unit(self, purpose: str, keys: Keys, slot: Slots = 0) -> Floats:
        """Uniform numbers in [0, 1)."""
        bits = self.bits(purpose, keys, slot)
        bits >>= np.uint64(11)
        return np.asarray(bits * 2.0**-53, dtype=np.float64)

    def below(self, purpose: str, keys: Keys, limit: int | NDArray[Any], slot: Slots = 0) -> Ints:
        """Uniform integers in [0, limit); limit may differ from row to row and is at most 2**32."""
        high = self.bits(purpose, keys, slot) >> np.uint64(32)
        return ((high * np.asarray(limit, dtype=np.uint64)) >> np.uint64(32)).astype(np.int64)

    def chance(self, purpose: str, keys: Keys, probability: float | Floats, slot: Slots = 0) -> Bools:
        """True with the given probability."""
        return self.unit(purpose, keys, slot) < probability

    def bell(self, purpose: str, keys: Keys) -> Floats:
        """About normal, mean 0, deviation 1, within ±3.5: four uniforms added, so the same bits everywhere."""
        total = sum(self.unit(purpose, keys, step) for step in range(4))
        return np.asarray((total - 2.0) * _ROOT_OF_3, dtype=np.float64)

    def along(self, purpose: str, keys: Keys, quantiles: tuple[float, ...], slot: Slots = 0) -> Floats:
        """A draw from the distribution with these equally spaced quantiles, linear between them."""
        return along(quantiles, self.unit(purpose, keys, slot))
