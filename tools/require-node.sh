#!/bin/sh
# Says in one line what is missing when Node.js cannot build the web parts.
major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')
if [ -z "$major" ] || [ "$major" -lt 20 ]; then
    echo "The web parts need Node.js >= 20, and $([ -z "$major" ] && echo 'there is none' || echo "this is $(node --version)"). Install it (Debian: apt-get install nodejs npm) and run make again." >&2
    exit 1
fi
