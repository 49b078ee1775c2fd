#!/bin/sh
# The browser tests need Chromium: finds it, installs it where that needs no question, else says what to install.
for program in "$CHROMIUM" chromium chromium-browser google-chrome; do
    [ -n "$program" ] && command -v "$program" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing Chromium for the browser tests"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } >/dev/null 2>&1 && exit 0
fi
echo "The browser tests need Chromium. Install it (Debian: apt-get install chromium), or set CHROMIUM to its path." >&2
exit 1
