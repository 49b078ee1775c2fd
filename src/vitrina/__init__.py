"""Vitrina."""
