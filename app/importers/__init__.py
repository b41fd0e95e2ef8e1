"""Importers: a file each that turns another's export into our records. The registry is at the foot."""
