"""Content codings: `Accept-Encoding` as RFC 9110, 12.5.3 has it, and what comes back is what was meant."""

import gzip

import pytest
import zstandard

from app.api import encodings

CHOICES = [
    (None, None, "no header: any coding would do, but old clients know none"),
    ("", None, "an empty one wants none"),
    ("gzip", "gzip", "one that is spoken here"),
    ("zstd", "zstd", "the other"),
    ("br", None, "one that is not"),
    ("gzip, deflate, br, zstd", "zstd", "what browsers send: the best of equals"),
    ("gzip, deflate, br", "gzip", "what they sent for long"),
    ("gzip;q=0", None, "refused"),
    ("gzip;q=0, zstd", "zstd", "one refused, another not"),
    ("gzip;q=0.0, *", "zstd", "anything but this one"),
    ("zstd;q=0, *;q=0.5", "gzip", "anything but the best"),
    ("*", "zstd", "anything"),
    ("*;q=0", None, "nothing, not even the answer as it is, which it gets all the same"),
    ("identity;q=0", None, "the answer as it is refused, and nothing else named: sent all the same"),
    ("identity;q=0, gzip", "gzip", "the same with a way out"),
    ("identity;q=0, *", "zstd", "the same in general"),
    ("identity", None, "as it is"),
    ("identity, gzip;q=0.5", None, "rather as it is"),
    ("identity;q=0.5, gzip;q=0.8", "gzip", "rather encoded"),
    ("identity;q=0.5, *;q=0.5", "zstd", "no preference: the smaller"),
    ("gzip;q=1.0, zstd;q=0.9", "gzip", "the client's preference goes before ours"),
    ("gzip;q=0.001", "gzip", "hardly, but rather than not at all"),
    ("GZIP", "gzip", "names are the same in capitals"),
    ("x-gzip", "gzip", "an old name of the same (RFC 9110, 8.4.1.3)"),
    ("x-gzip;q=0", None, "an old name refused"),
    (" gzip\t;\tq=0.5 ,zstd ; Q=0.1", "gzip", "white space, and a capital Q"),
    ("gzip;q=2", None, "no weight: not looked at"),
    ("gzip;q=-1", None, "no weight either"),
    ("gzip;q=0.1234", None, "more digits than there may be"),
    ("gzip;level=9", None, "a parameter that is none"),
    ("gzip;q=0.5;q=1", None, "two weights"),
    (";q=1", None, "a weight of nothing"),
    (",,gzip,,", "gzip", "empty members of a list are allowed (RFC 9110, 5.6.1)"),
    ("gzip, gzip;q=0", "gzip", "twice: the first counts"),
    ("gzipped", None, "a name that only begins like one"),
    ("\xff\xfe", None, "bytes"),
    ("," * 10_000, None, "long"),
]


@pytest.mark.parametrize(("accepted", "chosen"), [pytest.param(a, c, id=why) for a, c, why in CHOICES])
def test_the_coding_is_the_one_that_the_client_takes_best(accepted: str | None, chosen: str | None) -> None:
    assert encodings.choose(accepted) == chosen


@pytest.mark.parametrize("body", [b"", b"a", b"timeline " * 1000])
def test_an_encoded_body_is_the_body(body: bytes) -> None:
    assert gzip.decompress(encodings.encode("gzip", body)) == body
    assert zstandard.ZstdDecompressor().decompressobj().decompress(encodings.encode("zstd", body)) == body


@pytest.mark.parametrize("coding", encodings.ENCODERS)
def test_the_same_body_is_encoded_to_the_same_bytes(coding: str) -> None:
    body = b"timeline " * 1000
    assert encodings.encode(coding, body) == encodings.encode(coding, body)
    assert len(encodings.encode(coding, body)) < len(body) / 10


@pytest.mark.parametrize(
    ("media_type", "compressible"),
    [
        ("application/json", True),
        ("application/problem+json", True),
        ("application/jsonl", True),
        ("application/geo+json; charset=utf-8", True),
        ("text/html; charset=utf-8", True),
        ("Text/CSV", True),
        ("application/atom+xml", True),
        ("image/svg+xml", True),
        ("text/calendar", True),
        ("application/x-bibtex", True),
        ("image/png", False),
        ("application/zip", False),
        ("application/octet-stream", False),
        ("", False),
    ],
)
def test_texts_are_encoded_and_what_is_compressed_already_is_not(media_type: str, compressible: bool) -> None:
    assert encodings.is_compressible(media_type) == compressible
