"""Ingest: curated files in, documents out. The only writer of the database.

files.read ─→ check.check ─→ render.render ─→ publish.publish        in one transaction, under the write lock
"""
