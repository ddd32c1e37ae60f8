"""The words: immutable values that every other layer speaks in."""
