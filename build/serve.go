package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
)

// servePage serves the folder dir on address; on a free port where that one is
// taken. It returns only with an error.
func servePage(dir, address string) error {
	listener, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		host, _, _ := net.SplitHostPort(address)
		listener, err = net.Listen("tcp", net.JoinHostPort(host, "0"))
	}
	if err != nil {
		return err
	}
	host, port, _ := net.SplitHostPort(listener.Addr().String())
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() || ip.IsLoopback() {
		host = "localhost"
	}
	fmt.Printf("Open http://%s/ (Ctrl-C ends)\n", net.JoinHostPort(host, port))
	return http.Serve(listener, http.FileServer(http.Dir(dir)))
}
