"""YAML in which every scalar is text, read with the position of each node.

Built on the parser's events and not on its loaders: they guess types (`12:30` becomes 750, `NO` false), let the
last of two equal keys win, expand aliases without bound, and recurse as deep as a file asks.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from app.errors import shown
from app.ingest.faults import Fault, Faulty, Steps

Node = str | list["Node"] | dict[str, "Node"]
Positions = dict[Steps, tuple[int, int]]

DEEPEST = 20

# The parser of libyaml where PyYAML was built with it: thirty times as fast, and only its loaders recurse.
_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(path: Path, shown_path: Path) -> tuple[Node, Positions]:
    """The file's content and where each node begins (line and column from 1); `Faulty` where it is not plain YAML."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        message = "is not UTF-8 here; save the file as UTF-8"
        raise Faulty([Fault(shown_path, *_after(before.decode()), "", message)]) from error
    except OSError as error:
        raise Faulty([Fault(shown_path, 1, 1, "", f"cannot be read: {error.strerror}")]) from error
    return _Composer(shown_path).compose(text)


class _Composer:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.positions: Positions = {}

    def compose(self, text: str) -> tuple[Node, Positions]:
        try:
            events = iter(yaml.parse(text, Loader=_PARSER))
            for event in events:
                if isinstance(event, yaml.DocumentStartEvent):
                    node = self._node(next(events), events, ())
                    self._end(events)
                    return node, self.positions
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            words = error.problem or error.context or "is not YAML"
            raise Faulty([Fault(self.file, line, column, "", f"is not YAML: {words}")]) from error
        except yaml.reader.ReaderError as error:
            # Whether it counts bytes or characters depends on how the parser was built: look the character up.
            position = _after(text[: text.index(chr(error.character))])
            message = f"the character U+{error.character:04X} is not allowed; write plain text"
            raise Faulty([Fault(self.file, *position, "", message)]) from error
        raise Faulty([Fault(self.file, 1, 1, "", "is empty; write at least one record, or remove the file")])

    def _end(self, events: Iterator[Any]) -> None:
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                raise self._fault(event, "a second document begins here; a file holds one")

    def _node(self, event: Any, events: Iterator[Any], steps: Steps) -> Node:
        self._refuse_the_clever(event)
        if len(steps) > DEEPEST:
            raise self._fault(event, f"is nested more than {DEEPEST} deep")
        self.positions.setdefault(steps, _position(event))
        if isinstance(event, yaml.ScalarEvent):
            return str(event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, steps)
        return self._mapping(events, steps)

    def _sequence(self, events: Iterator[Any], steps: Steps) -> list[Node]:
        nodes: list[Node] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            nodes.append(self._node(event, events, (*steps, len(nodes))))
        return nodes

    def _mapping(self, events: Iterator[Any], steps: Steps) -> dict[str, Node]:
        nodes: dict[str, Node] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            self._refuse_the_clever(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise self._fault(event, "a key must be a plain word")
            key = str(event.value)
            if key in nodes:
                raise self._fault(event, f"the key {shown(key)} stands here a second time; write it once")
            self.positions[(*steps, key)] = _position(event)
            nodes[key] = self._node(next(events), events, (*steps, key))
        return nodes

    def _refuse_the_clever(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise self._fault(event, f"aliases such as *{event.anchor} are not read; write the value out")
        if event.anchor is not None:
            raise self._fault(event, f"anchors such as &{event.anchor} are not read; remove it")
        if event.tag is not None:
            raise self._fault(event, f"tags such as {shown(event.tag)} are not read; every value is plain text")

    def _fault(self, event: Any, message: str) -> Faulty:
        return Faulty([Fault(self.file, *_position(event), "", message)])


def _after(text: str) -> tuple[int, int]:
    """The position that follows a text."""
    return text.count("\n") + 1, len(text) - text.rfind("\n")


def _position(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1
