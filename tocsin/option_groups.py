"""Options that several commands have: declared once, handed to each command as one argument."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Any, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class OptionGroup:
    """Some options.

    Attributes:
        argument: of the command, that gets them.
        made: a dataclass with a field for each, all None unless given.
        options: typer's annotation of each field.
    """

    argument: str
    made: type[Any]
    options: Mapping[str, Any]

    def give_to(self, command: Callable[..., None]) -> Callable[..., None]:
        """Give a command these options in place of its argument."""
        hints = get_type_hints(command, localns=_Anything(), include_extras=True)
        parameters = signature(command).parameters
        own = [one.replace(annotation=hints[name]) for name, one in parameters.items() if name != self.argument]
        shared = [
            Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
            for name, annotation in self.options.items()
        ]

        @wraps(command)
        def with_options(**asked: Any) -> None:  # noqa: ANN401 - whatever the command declares
            made = self.made(**{field.name: asked.pop(field.name) for field in fields(self.made)})
            command(**{self.argument: made}, **asked)

        del with_options.__wrapped__  # its signature is not ours
        with_options.__signature__ = Signature([*own, *shared])  # type: ignore[attr-defined]
        with_options.__annotations__ = {one.name: one.annotation for one in (*own, *shared)}
        return with_options


class _Anything(dict[str, Any]):
    """Stands for the names of groups, which commands import for the type checker alone."""

    def __missing__(self, name: str) -> object:
        if name.endswith("Options"):
            return object
        raise KeyError(name)
