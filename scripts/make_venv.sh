#!/bin/sh
# make_venv.sh PYTHON FOLDER: a virtual environment, also on a Debian without python3-venv.
set -eu
python=$1
venv=$2
if ! command -v "$python" >/dev/null 2>&1; then
  echo "error: $python is not installed; passgenau needs Python 3.11 or newer (on Debian: apt-get install python3 python3-venv)" >&2
  exit 2
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "error: passgenau needs Python 3.11 or newer, $python is $("$python" -V 2>&1); name another: make run PYTHON=python3.11" >&2
  exit 2
fi
if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "error: Python's venv module is missing; install it: apt-get install python3-venv" >&2
    exit 2
  fi
  echo "Setting up: python3-venv from Debian (once) …"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
fi
echo "Setting up: a virtual environment in $venv …"
"$python" -m venv "$venv"
