"""What clients get of buffers, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Literal

from detector.http.answers import Answer


class BufferCreated(Answer):
    """A new buffer."""

    object: Literal["buffer_created"]
    buffer_id: str
    window_size: int
    status: Literal["created"]


class BufferStats(Answer):
    """What a buffer holds."""

    buffer_id: str
    size: int
    window_size: int
    columns: list[str]
    numeric_columns: list[str]
    memory_bytes: int
    append_count: int
    avg_append_ms: float


class BufferList(Answer):
    """All buffers."""

    object: Literal["list"]
    data: list[BufferStats]
    total: int


class BufferDeleted(Answer):
    """A buffer that is gone."""

    deleted: bool
    buffer_id: str


class BufferCleared(Answer):
    """A buffer that is empty now."""

    cleared: bool
    buffer_id: str
    size: int


class Appended(Answer):
    """What a buffer holds after an append."""

    object: Literal["append_result"]
    buffer_id: str
    appended: int
    buffer_size: int
    avg_append_ms: float


class Table(Answer):
    """Records of a buffer, oldest first."""

    object: Literal["polars_data"]
    buffer_id: str
    rows: int
    columns: list[str]
    data: list[dict[str, Any]]
