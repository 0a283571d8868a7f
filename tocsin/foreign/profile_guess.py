"""The profile file that a survey suggests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tocsin.terminal import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.foreign.survey import Survey

_MOST_NAMED = 200


def guessed_profiles(survey: Survey, strip: tuple[str, ...] = ()) -> str:
    """Write a YAML file: the filters under which devices were found, and a start for what could not be read."""
    return "\n".join(_lines(survey, strip)) + "\n"


def _lines(survey: Survey, strip: tuple[str, ...]) -> Iterator[str]:
    yield "# yaml-language-server: $schema=profiles.schema.json"
    yield "# What Tocsin listens to beside its own topics. `tocsin try TOPIC PAYLOAD --profiles THIS_FILE` tries it."
    yield "mqtt:"
    yield "  subscribe:" if survey.roots else "  subscribe: []"
    for topic_filter, languages in sorted(survey.roots.items()):
        yield f"    - {json.dumps(topic_filter, ensure_ascii=False)}  # {', '.join(sorted(languages))}"
    if strip:
        yield f"  strip_prefix: {json.dumps(list(strip), ensure_ascii=False)}"
    yield "limits: {devices: " + str(max(500, 2 * len(survey.devices))) + ", metrics_per_device: 200}"
    yield ""
    yield f"# {counted(len(survey.devices), 'device')} found:"
    for name, seen in list(survey.in_order())[:_MOST_NAMED]:
        yield f"#   {printable(name)} ({seen.language}, {counted(len(seen.metrics), 'metric')})"
    csv = [topic for topic, problem in survey.problems.items() if "columns" in problem.reason]
    if csv:
        yield ""
        yield "profiles:  # name the columns of these, and delete what is wrong"
        for number, topic in enumerate(csv[:20], start=1):
            count = survey.problems[topic].sample.count(b",") + 1
            columns = ", ".join(f"value{index}" for index in range(1, count + 1))
            pattern = "/".join(printable(level) for level in topic.split("/"))
            yield f"  - {{name: csv-{number}, topic: {json.dumps(pattern)}, payload: csv, columns: [{columns}]}}"
