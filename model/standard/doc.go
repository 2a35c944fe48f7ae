// Package standard brings pictures of any camera to what a network learned from:
// even light, a white ground, one magnification, fields of one size. Every step says
// what it found and what it did, and can be switched off or told better.
package standard
