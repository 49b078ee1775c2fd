"""``python -m vitrina``."""

from vitrina.cli.main import main

main()
