"""From the bytes that parsers count to the characters that spans count."""

from __future__ import annotations


class Offsets:
    """The places of a text in both counts."""

    def __init__(self, text: str) -> None:
        self.encoded = text.encode("utf-8", "surrogatepass")
        # Of most texts both are the same.
        self._starts = None if text.isascii() else _starts(text)

    def character(self, byte: int) -> int:
        """Which character begins at this byte of the UTF-8 form, or contains it."""
        if self._starts is None:
            return byte
        return self._starts[min(byte, len(self._starts) - 1)]


def _starts(text: str) -> list[int]:
    """For each byte, and the end, the number of its character."""
    lengths = [len(character.encode("utf-8", "surrogatepass")) for character in text]
    numbers = [number for number, length in enumerate(lengths) for _ in range(length)]
    return [*numbers, len(text)]
