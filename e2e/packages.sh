#!/bin/sh
# Install what the tests need, from Debian's packages, where it is missing: the
# browsers that the end-to-end tests drive (CHROMIUM, FIREFOX and WEBKIT_DRIVER name
# other programs), with a font for them to draw with and a screen for WebKit, and the
# assembler of the kernels.
set -eu
missing=""
[ -x "${CHROMIUM:-/usr/bin/chromium}" ] || missing="$missing chromium fonts-dejavu-core"
[ -x "${FIREFOX:-/usr/bin/firefox-esr}" ] || missing="$missing firefox-esr fonts-dejavu-core"
[ -x "${WEBKIT_DRIVER:-/usr/bin/WebKitWebDriver}" ] || missing="$missing webkit2gtk-driver fonts-dejavu-core"
command -v Xvfb >/dev/null || missing="$missing xvfb"
command -v wat2wasm >/dev/null || missing="$missing wabt"
[ -z "$missing" ] && exit 0
as_root=""
[ "$(id -u)" = 0 ] || as_root=sudo
echo "installing$missing"
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
