"""Texts as they are stored: compressed, each by itself, with the help of what documents have in common.

Zstandard frames (RFC 8878) with a checksum, which name their dictionary. What it has packed needs it for ever: another
one gets another number, and stands beside it.
"""

import threading
from pathlib import Path

from zstandard import ZstdCompressionDict, ZstdCompressor, ZstdDecompressor, ZstdError

from app.errors import Corrupt

LEVEL = 3
"""Of 22; more takes several times as long for a tenth less."""
_DICTIONARY = ZstdCompressionDict(Path(__file__).with_name("documents-1.zdict").read_bytes())


class _Tools(threading.local):
    """One of each for a thread: neither may be used by two at once."""

    def __init__(self) -> None:
        self.pack = ZstdCompressor(LEVEL, dict_data=_DICTIONARY, write_checksum=True).compress
        self.unpack = ZstdDecompressor(dict_data=_DICTIONARY).decompress


_tools = _Tools()


def packed(text: str) -> bytes:
    return _tools.pack(text.encode())


def unpacked(content: bytes) -> bytes:
    """The text in UTF-8; `Corrupt` where the content was damaged."""
    try:
        return _tools.unpack(content)
    except ZstdError as error:
        raise Corrupt(f"a text in it cannot be unpacked: {error}") from error
