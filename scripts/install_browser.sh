#!/bin/sh
# The page tests drive Debian's Chromium; poppler-utils turns PDF pages into pictures.
set -eu
command -v chromium >/dev/null 2>&1 && command -v pdftoppm >/dev/null 2>&1 && exit 0
echo "Setting up: Chromium and poppler-utils from Debian (once) …"
if [ "$(id -u)" -ne 0 ]; then
  echo "error: chromium or pdftoppm is missing; install them: apt-get install chromium poppler-utils" >&2
  exit 2
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium poppler-utils >/dev/null
