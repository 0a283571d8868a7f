"""What the site knows of its devices: notes per class, from a file that the user writes."""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta, Struct

from explainer.errors import SiteNotesError

if TYPE_CHECKING:
    from pathlib import Path

_NUMBER_AT_END = re.compile(r"[\s_\-./]*\d+$")
_CURE = "expected [[class]] tables with name, devices (a list of patterns such as 'pump-*') and notes"


class DeviceClass(Struct, frozen=True, forbid_unknown_fields=True):
    """Devices of one kind: what they are, their limits, their known quirks."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    devices: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=128)], ...], Meta(min_length=1)]
    notes: Annotated[str, Meta(min_length=1, max_length=1500)]


class SiteNotes(Struct, frozen=True, forbid_unknown_fields=True):
    """The classes of one file, the first that fits a device counts."""

    classes: tuple[DeviceClass, ...] = msgspec.field(default=(), name="class")

    def class_of(self, device: str) -> DeviceClass | None:
        """Return the class of a device, None where no pattern fits."""
        return next((one for one in self.classes if any(fnmatchcase(device, p) for p in one.devices)), None)

    def class_name(self, device: str) -> str:
        """Name a device's class; without one in the file, by its name without the number at its end."""
        found = self.class_of(device)
        return found.name if found is not None else _NUMBER_AT_END.sub("", device) or device

    def notes_for(self, device: str) -> str | None:
        """Return the notes on a device, None where there are none."""
        found = self.class_of(device)
        return None if found is None else f"{found.name}: {' '.join(found.notes.split())}"


def load_site(path: Path | None) -> SiteNotes:
    """Read and check a file of notes; none gives no notes.

    Raises:
        SiteNotesError: it cannot be read or a field is wrong; the error names file, place and what was expected.
    """
    if path is None:
        return SiteNotes()
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), SiteNotes)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SiteNotesError(f"site notes in {path}: {error}; {_CURE}") from error
