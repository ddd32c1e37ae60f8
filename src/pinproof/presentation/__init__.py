"""Values become text or JSON here: never asks, never decides."""
