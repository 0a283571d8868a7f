"""State as bytes: a msgpack map of plain values and packed arrays, exact to the last bit."""

from __future__ import annotations

import zlib
from typing import Any

import msgspec
import numpy as np

_ARRAY = 1
_PACKED_ARRAY = 2
_WORTH_PACKING = 512  # bytes
_QUICK = 1
FORMAT = 1


class SnapshotError(Exception):
    """These bytes are no snapshot that this version can read."""


def pack(state: dict[str, Any]) -> bytes:
    """Write a state."""
    return _encoder.encode({"format": FORMAT, **state})


def unpack(snapshot: bytes) -> dict[str, Any]:
    """Read a state; its arrays are fresh and writable.

    Raises:
        SnapshotError: the bytes are damaged or of another format.
    """
    try:
        state = _decoder.decode(snapshot)
    except (msgspec.DecodeError, ValueError, TypeError, zlib.error) as error:
        raise SnapshotError(f"unreadable snapshot of {len(snapshot)} bytes: {error}") from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise SnapshotError(f"snapshot of {len(snapshot)} bytes: expected format {FORMAT}")
    return state


def unpack_of(device: str, version: int | None, snapshot: bytes) -> dict[str, Any]:
    """Read the state of a device that was judged by this version of its model, or by none.

    Raises:
        SnapshotError: the bytes are damaged, or belong to another device, model or format.
    """
    state = unpack(snapshot)
    if state["device"] != device or state["version"] != version:
        raise SnapshotError(
            f"snapshot of {state['device']!r} with model {state['version']}: expected {device!r} with {version}"
        )
    return state


def _to_ext(value: object) -> msgspec.msgpack.Ext:
    if not isinstance(value, np.ndarray):
        raise TypeError(f"{type(value).__name__} in a snapshot")
    head = f"{value.dtype.str}#{','.join(map(str, value.shape))}#".encode()
    content = np.ascontiguousarray(value).tobytes()
    if len(content) >= _WORTH_PACKING:
        packed = zlib.compress(_shuffled(content, value.itemsize), _QUICK)
        if len(packed) < len(content):
            return msgspec.msgpack.Ext(_PACKED_ARRAY, head + packed)
    return msgspec.msgpack.Ext(_ARRAY, head + content)


def _from_ext(code: int, content: memoryview) -> np.ndarray[Any, Any]:
    if code not in {_ARRAY, _PACKED_ARRAY}:
        raise ValueError(f"extension {code}")
    kind, shape, values = bytes(content).split(b"#", 2)
    dtype = np.dtype(kind.decode())
    sides = [int(side) for side in shape.split(b",") if side]
    if code == _PACKED_ARRAY:
        values = _unshuffled(zlib.decompress(values), dtype.itemsize)
    return np.frombuffer(values, dtype=dtype).reshape(sides).copy()


def _shuffled(content: bytes, size: int) -> bytes:
    """Bring the first bytes of all numbers together, then the second ones ...: those are alike, and pack well."""
    return np.frombuffer(content, np.uint8).reshape(-1, size).T.tobytes()


def _unshuffled(content: bytes, size: int) -> bytes:
    return np.frombuffer(content, np.uint8).reshape(size, -1).T.tobytes()


_encoder = msgspec.msgpack.Encoder(enc_hook=_to_ext)
_decoder = msgspec.msgpack.Decoder(ext_hook=_from_ext)
