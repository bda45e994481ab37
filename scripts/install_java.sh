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
export DEBIAN_FRONTEND=noninteractive
for java in openjdk-17-jre-headless default-jre-headless; do  # newer Debians have no 17
  apt-get install -y -qq --no-install-recommends "$java" >/dev/null && exit 0
done
exit 2
