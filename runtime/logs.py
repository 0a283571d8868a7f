"""Structured logs: lines for people on a terminal, JSON in containers."""

from __future__ import annotations

import logging
import sys
from typing import Any, Literal

import structlog

LogFormat = Literal["auto", "console", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]


def get_logger(name: str) -> Any:  # noqa: ANN401 - structlog's own lazy proxy
    """Return a logger whose lines carry this name."""
    return structlog.get_logger(source=name)


def configure_logs(level: LogLevel = "info", log_format: LogFormat = "auto") -> None:
    """Write logs to standard error; `auto` means lines for people when that is a terminal, else JSON."""
    json_lines = log_format == "json" or (log_format == "auto" and not sys.stderr.isatty())
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if json_lines
        else structlog.dev.ConsoleRenderer(
            exception_formatter=structlog.dev.plain_traceback  # the other ones show locals, secrets among them
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if json_lines else structlog.processors.StackInfoRenderer(),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,  # standard error may be another one later
    )
