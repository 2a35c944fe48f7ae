#!/bin/sh
# Install what the tests need, from Debian's packages, where it is missing: the
# browsers that the end-to-end tests drive (CHROMIUM and FIREFOX name other
# programs), with a font for them to draw with, and the assembler of the kernels.
set -eu
missing=""
[ -x "${CHROMIUM:-/usr/bin/chromium}" ] || missing="$missing chromium fonts-dejavu-core"
[ -x "${FIREFOX:-/usr/bin/firefox-esr}" ] || missing="$missing firefox-esr fonts-dejavu-core"
command -v wat2wasm >/dev/null || missing="$missing wabt"
[ -z "$missing" ] && exit 0
as_root=""
[ "$(id -u)" = 0 ] || as_root=sudo
echo "installing$missing"
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
