"""Parquet files, judged by their footers."""
