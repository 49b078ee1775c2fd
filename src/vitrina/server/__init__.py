"""The HTTP door: a raw ASGI data plane for bytes, FastAPI for the API, files for the web app."""
