"""A JMESPath as profiles use it."""

from __future__ import annotations

from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError


class Path:
    """A compiled JMESPath that finds nothing rather than fail."""

    __slots__ = ("_expression",)

    def __init__(self, text: str) -> None:
        self._expression = jmespath.compile(text)

    def find(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        """Return what stands there, None when there is nothing."""
        try:
            return self._expression.search(value)
        except (JMESPathError, TypeError, ValueError, RecursionError, ArithmeticError):
            return None
