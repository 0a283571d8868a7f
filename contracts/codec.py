"""Bytes to messages and back; everything that is wrong with a payload is found here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from contracts.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_PAYLOAD_BYTES = 65_536
MAX_DEPTH = 16

_T = TypeVar("_T", bound=msgspec.Struct)
_encoder = msgspec.json.Encoder()
_any_decoder = msgspec.json.Decoder()
_decoders: dict[type[msgspec.Struct], msgspec.json.Decoder[Any]] = {}


def encode(message: msgspec.Struct) -> bytes:
    """Write a message as UTF-8 JSON, times as RFC 3339 UTC."""
    return _encoder.encode(message)


def decode(payload: bytes, message_type: type[_T], limit: int = MAX_PAYLOAD_BYTES) -> _T:
    """Read a message of ours of at most `limit` bytes; unknown fields are ignored.

    Raises:
        DecodeError: the payload is not such a message; it keeps the raw bytes.
    """
    checked_size(payload, limit)
    decoder = _decoders.get(message_type)
    if decoder is None:
        decoder = _decoders[message_type] = msgspec.json.Decoder(message_type)
    try:
        message: _T = decoder.decode(payload)
    except msgspec.ValidationError as error:
        field, expected = _located(str(error))
        raise DecodeError("invalid", field=field, expected=expected, payload=payload) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_json(error, payload) from error
    return message


def decode_object(payload: bytes) -> dict[str, Any]:
    """Read any JSON object, strictly: UTF-8, bounded in size and depth, no duplicate keys, no NaN, nothing behind it.

    Raises:
        DecodeError: the payload is no such object.
    """
    checked_size(payload)
    try:
        decoded = _any_decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise _not_json(error, payload) from error
    if not isinstance(decoded, dict):
        raise DecodeError("not_an_object", value=decoded, expected="a JSON object", payload=payload)
    pairs, colons = _pairs_and_colons(decoded, payload)
    # Every pair has one colon outside of text: a surplus means that an equal key was swallowed, or an escaped colon.
    if payload.count(b":") != pairs + colons:
        _refuse_duplicates(payload)
    return decoded


def checked_size(payload: bytes, limit: int = MAX_PAYLOAD_BYTES) -> bytes:
    """Return the payload, or refuse it when it is longer than `limit` bytes, 64 KiB by default.

    Raises:
        DecodeError: it is longer.
    """
    if len(payload) > limit:
        expected = f"at most {limit} bytes"
        raise DecodeError("too_large", value=len(payload), expected=expected, payload=payload)
    return payload


def _not_json(error: Exception, payload: bytes) -> DecodeError:
    if isinstance(error, UnicodeDecodeError):
        return DecodeError("not_utf8", expected="UTF-8 text", payload=payload)
    if isinstance(error, RecursionError):
        return DecodeError("too_deep", expected=f"at most {MAX_DEPTH} levels of nesting", payload=payload)
    return DecodeError("not_json", value=payload[:80], expected=f"JSON ({error})", payload=payload)


def _located(text: str) -> tuple[str, str]:
    """Split msgspec's "Expected `int`, got `str` - at `$.seq`" into the field and the rest."""
    expected, _, where = text.partition(" - at `")
    return where.rstrip("`").removeprefix("$").removeprefix("."), expected.removeprefix("Expected ")


def _pairs_and_colons(root: dict[str, Any], payload: bytes) -> tuple[int, int]:
    pairs = colons = 0
    for depth, value in _walk(root):
        if depth > MAX_DEPTH:
            raise DecodeError("too_deep", expected=f"at most {MAX_DEPTH} levels of nesting", payload=payload)
        if isinstance(value, dict):
            pairs += len(value)
            colons += sum(key.count(":") for key in value)
        elif isinstance(value, str):
            colons += value.count(":")
    return pairs, colons


def _walk(root: object) -> Iterator[tuple[int, object]]:
    waiting: list[tuple[int, object]] = [(1, root)]
    while waiting:
        depth, value = waiting.pop()
        yield depth, value
        if isinstance(value, dict):
            waiting.extend((depth + 1, child) for child in value.values())
        elif isinstance(value, list):
            waiting.extend((depth + 1, child) for child in value)


def _refuse_duplicates(payload: bytes) -> None:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        seen = dict(items)
        if len(seen) != len(items):
            keys = [key for key, _ in items]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise DecodeError("duplicate_key", field=twice, expected="every key once", payload=payload)
        return seen

    json.loads(payload, object_pairs_hook=pairs, parse_int=float)
