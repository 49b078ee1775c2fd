"""A whole catalog as one file that every database can be filled from.

The file is a ZIP archive: ``manifest.json`` (see ``model.backup``) and, for each table, ``tables/{name}.jsonl``, one
row per line as a JSON array of the values in the order of the manifest's columns. Moments are ISO 8601 in UTC. A value
of a JSON column stands in a list of one, so that ``[null]``, a JSON null, is not ``null``, a value that is absent. Rows
are ordered by their keys and objects by their names, so equal catalogs have tables with equal hashes.
"""
