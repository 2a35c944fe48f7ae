package main

import "allnet/build/toolchain"

var targets []toolchain.Target

func writeRelease(root, out, tag string, targets []toolchain.Target) error { return nil }
