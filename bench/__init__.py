"""Measurements of this project beside its peers: `uv run --group bench python -m bench`."""
