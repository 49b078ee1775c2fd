"""Stored data as the web sees it: virtual Zarr trees, automatic views for Vitessce, thumbnails."""
