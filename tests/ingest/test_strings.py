"""Plain YAML and nothing else: every scalar is text, and what YAML does beyond that is refused where it stands."""

import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.ingest import strings
from app.ingest.faults import Faulty

SHOWN = Path("seeds/file.yaml")


def read(content: bytes | str, folder: Path) -> tuple[Any, strings.Positions]:
    path = folder / "file.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return strings.read(path, SHOWN)


def fault(content: bytes | str, folder: Path) -> str:
    with pytest.raises(Faulty) as caught:
        read(content, folder)
    return str(caught.value)


def test_every_scalar_is_the_text_that_was_written(tmp_path: Path) -> None:
    content = """\
- 12:30
- NO
- 0044
- 2023-09-20
- 2023-09-20T13:00
- 1e3
- 0x1F
- 1_000
- null
- ~
- ''
- .nan
- =
- "NO"
- 'it''s'
- >-
  folded
  text
- |
  kept
-
"""
    written = ["12:30", "NO", "0044", "2023-09-20", "2023-09-20T13:00", "1e3", "0x1F", "1_000", "null", "~", ""]
    written += [".nan", "=", "NO", "it's", "folded text", "kept\n", ""]
    assert read(content, tmp_path)[0] == written


def test_every_part_has_the_position_of_its_key_or_of_its_first_character(tmp_path: Path) -> None:
    node, positions = read("- id: a\n  names:\n    - {name: é, language: fr}\n    - b\n- c\n", tmp_path)
    assert node == [{"id": "a", "names": [{"name": "é", "language": "fr"}, "b"]}, "c"]
    assert positions == {
        (): (1, 1),
        (0,): (1, 3),
        (0, "id"): (1, 3),
        (0, "names"): (2, 3),
        (0, "names", 0): (3, 7),
        (0, "names", 0, "name"): (3, 8),
        (0, "names", 0, "language"): (3, 17),
        (0, "names", 1): (4, 7),
        (1,): (5, 3),
    }


READ = [
    ("a: b", {"a": "b"}, "no end of line"),
    ("\ufeffa: b\n", {"a": "b"}, "a byte order mark, as Windows writes it"),
    ("a: b\r\nc: d\r\n", {"a": "b", "c": "d"}, "the ends of lines of Windows"),
    ("---\na: b\n...\n", {"a": "b"}, "the marks of one document"),
    ("<<: {a: b}\n", {"<<": {"a": "b"}}, "a merge key is a key like any other; no record has it"),
    ("a: '*b'\n", {"a": "*b"}, "no alias: quoted"),
    ("a: 😀\n", {"a": "😀"}, "beyond the first plane"),
    ("? a\n", {"a": ""}, "a key without a value has the empty text"),
]


@pytest.mark.parametrize(("content", "node"), [pytest.param(c, n, id=why) for c, n, why in READ])
def test_what_is_plain_is_read(content: str, node: Any, tmp_path: Path) -> None:
    assert read(content, tmp_path)[0] == node


BOMB = "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 9)}]\n" for before, name in itertools.pairwise("abcdefghi")
)
REFUSED = [
    ("a: &x 1\nb: *x\n", "1:4: anchors such as &x are not read; remove it", "an anchor"),
    ("&x a: 1\n", "1:1: anchors such as &x are not read; remove it", "an anchor at a key"),
    ("a:\n  - *x\n", "2:5: aliases such as *x are not read; write the value out", "an alias"),
    ("*x : 1\n", "1:1: aliases such as *x are not read; write the value out", "an alias as a key"),
    ("a: &a [lol]\n" + BOMB, "1:4: anchors such as &a are not read; remove it", "a bomb of 9^8 texts"),
    ("a:\n  <<: *x\n", "2:7: aliases such as *x are not read; write the value out", "a merge of an alias"),
    ("a: !!int 1\n", "1:4: tags such as 'tag:yaml.org,2002:int' are not read; every value is plain text", "a tag"),
    ("a: !!python/object/apply:os.system [ls]\n",
     "1:4: tags such as 'tag:yaml.org,2002:python/object/apply:os.system' are not read; every value is plain text",
     "a tag that runs a command in unsafe loaders"),
    ("a: ! b\n", "1:4: tags such as '!' are not read; every value is plain text", "the tag that names no type"),
    ("a: 1\nb: 2\na: 3\n", "3:1: the key 'a' stands here a second time; write it once", "a key twice"),
    ("{a: 1, \"a\": 3}\n", "1:8: the key 'a' stands here a second time; write it once", "a key twice, once quoted"),
    ("? [a]\n: b\n", "1:3: a key must be a plain word", "a list as a key"),
    ("a: b\n---\nc: d\n", "2:1: a second document begins here; a file holds one", "a second document"),
    ("[" * 60_000, "1:22: is nested more than 20 deep", "60 kB of nested lists"),
    ("{a: " * 15_000, "1:85: is nested more than 20 deep", "60 kB of nested mappings"),
    ("- " * 30_000, "1:43: is nested more than 20 deep", "60 kB of nested dashes"),
    ("? " * 30_000, "1:3: a key must be a plain word", "60 kB of nested keys, which crash libyaml's loader"),
    ("", "1:1: is empty; write at least one record, or remove the file", "nothing"),
    ("# later\n", "1:1: is empty; write at least one record, or remove the file", "a comment alone"),
    ("a:\n\tb: c\n", "2:1: is not YAML: found character that cannot start any token", "a tab as indentation"),
    ("a: b: c\n", "1:5: is not YAML: mapping values are not allowed in this context", "a colon in plain text"),
    ("a: [b\n", "2:1: is not YAML: did not find expected ',' or ']'", "a list without its end"),
    ("a: @x\n", "1:4: is not YAML: found character that cannot start any token", "a reserved sign"),
    ('a: "\\ud83d"\n', "1:7: is not YAML: found invalid Unicode character escape code", "half of a surrogate pair"),
    ("%YAML 3.0\n---\na: b\n", "1:1: is not YAML: found incompatible YAML document", "a version that is not there"),
    ("a: b\né: \x07\n", "2:4: the character U+0007 is not allowed; write plain text", "a bell, after a wide character"),
    ("a: \x00\n", "1:4: the character U+0000 is not allowed; write plain text", "NUL"),
    ("a: é\né: é".encode() + b"\xe9\n", "2:5: is not UTF-8 here; save the file as UTF-8", "Latin-1 after UTF-8"),
    ("a: b".encode("utf-16"), "1:1: is not UTF-8 here; save the file as UTF-8", "UTF-16"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "message"), [pytest.param(c, m, id=why) for c, m, why in REFUSED])
def test_what_is_not_plain_is_refused_where_it_stands(content: bytes | str, message: str, tmp_path: Path) -> None:
    assert fault(content, tmp_path) == f"seeds/file.yaml:{message}"


def test_a_file_that_cannot_be_read_is_a_fault_of_that_file(tmp_path: Path) -> None:
    with pytest.raises(Faulty) as caught:
        strings.read(tmp_path, SHOWN)
    assert str(caught.value) == "seeds/file.yaml:1:1: cannot be read: Is a directory"


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
NODES = st.recursive(TEXTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3))


@given(NODES)
def test_what_another_program_wrote_as_plain_text_is_read_as_that_program_reads_it(node: Any) -> None:
    class Written(yaml.SafeDumper):
        """Writes every text in quotes where it could be taken for something else, and no anchors."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    content = yaml.dump(node, Dumper=Written, allow_unicode=False)
    composed = strings._Composer(SHOWN).compose(content)[0]
    assert composed == node
    assert composed == yaml.load(content, Loader=yaml.BaseLoader)
