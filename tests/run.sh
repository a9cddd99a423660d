#!/bin/sh
# Set up this machine, build cenv with the address and undefined sanitizers, and run all tests.
#
#   tests/run.sh [CTEST-OPTION...]      for example: tests/run.sh -L unit
set -eu
cd "$(dirname "$0")/.."
. tests/lib/packages.sh

# shellcheck disable=SC2086 # lists of words
install_packages $cenv_build_packages $cenv_use_packages $cenv_test_packages

cmake --preset sanitize
cmake --build --preset sanitize --parallel "$(nproc)"
exec ctest --preset sanitize --parallel "$(nproc)" "$@"
