#!/bin/sh
# Install what the tests need, from Debian's packages, where it is missing.
#
#   packages.sh assembler   wat2wasm, with which a test assembles the kernels anew;
#                           where it cannot be had, that test says that it is left out
#   packages.sh browsers    the browsers that the end-to-end tests drive: those of
#                           BROWSERS, else all; CHROMIUM, FIREFOX and WEBKIT_DRIVER are
#                           the paths of other programs. With a font for them to draw
#                           with, and a screen for WebKit
#
# Where nothing is missing, or a program is named by its path, no package manager is
# needed.
set -eu
missing=""
browser() { # NAME PATH PACKAGES...
  case " ${BROWSERS:-chromium firefox webkit} " in *" $1 "*) ;; *) return 0 ;; esac
  path=$2
  shift 2
  [ -x "$path" ] || missing="$missing $* fonts-dejavu-core"
}
case "${1:-}" in
  assembler)
    command -v wat2wasm >/dev/null || missing=" wabt"
    ;;
  browsers)
    browser chromium "${CHROMIUM:-/usr/bin/chromium}" chromium
    browser firefox "${FIREFOX:-/usr/bin/firefox-esr}" firefox-esr
    browser webkit "${WEBKIT_DRIVER:-/usr/bin/WebKitWebDriver}" webkit2gtk-driver
    command -v Xvfb >/dev/null || browser webkit "" xvfb
    ;;
  *)
    echo "usage: packages.sh assembler | browsers" >&2
    exit 2
    ;;
esac
[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null; then
  echo "there is no apt-get to install Debian's packages:$missing" >&2
  [ "$1" = assembler ] && exit 0
  echo "install them by other means; CHROMIUM, FIREFOX and WEBKIT_DRIVER name browsers that lie elsewhere" >&2
  exit 1
fi
as_root=""
[ "$(id -u)" = 0 ] || as_root=sudo
echo "installing$missing"
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
