#!/bin/sh
# The Spark tests need Java 17 or newer.
set -eu
command -v java >/dev/null 2>&1 && exit 0
[ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/java" ] && exit 0
echo "Setting up: Java 17 from Debian (once) …"
if [ "$(id -u)" -ne 0 ]; then
  echo "error: java is missing; install it: apt-get install openjdk-17-jre-headless" >&2
  exit 2
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless >/dev/null
