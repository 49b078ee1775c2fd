"""Schemas that come with Vitrina, as data."""
