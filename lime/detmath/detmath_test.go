package detmath

import (
	"math"
	"math/rand/v2"
	"testing"
)

// ulps returns how many float64 steps a and b lie apart.
func ulps(a, b float64) float64 {
	return math.Abs(a-b) / (math.Nextafter(math.Abs(b), math.Inf(1)) - math.Abs(b))
}

// The standard library's functions are within a unit or a few in the last place of the true value.
func TestElementaryFunctionsAgreeWithTheStandardLibrary(t *testing.T) {
	x := rand.New(rand.NewPCG(9, 0))
	for range 200_000 {
		u := x.Float64()
		for _, c := range []struct {
			name      string
			got, want float64
			limit     float64
		}{
			{"exp", Exp(-u), math.Exp(-u), 2},                            // that of amd64 is up to 1.5 off
			{"exp", Exp(700 * (u - 0.5)), math.Exp(700 * (u - 0.5)), 20}, // amd64's own is off by several there
			{"log", Log(u + 1e-300), math.Log(u + 1e-300), 2},
			{"cbrt", Cbrt(u + 1e-9), math.Cbrt(u + 1e-9), 2},
		} {
			if ulps(c.got, c.want) > c.limit {
				t.Fatalf("%s at u=%v: %v, want %v", c.name, u, c.got, c.want)
			}
		}
	}
}

// Expected values: Python's decimal module with 60 digits, rounded once.
func TestExponentialIsNearlyCorrectlyRounded(t *testing.T) {
	for _, c := range [][2]float64{
		{-585.3697134571685, 5.986370226888231e-255},
		{-101.7, 6.795965890434008e-45},
		{-33.25, 3.628344178047045e-15},
		{-7.5, 0.0005530843701478336},
		{-1.0, 0.36787944117144233},
		{-0.3, 0.7408182206817179},
		{-0.01, 0.9900498337491681},
		{-1e-09, 0.999999999},
		{0.7, 2.0137527074704766},
		{123.456, 4.132944352778106e+53},
	} {
		if got := Exp(c[0]); got != c[1] {
			t.Errorf("exp(%v) = %v, want %v", c[0], got, c[1])
		}
	}
}

func TestExponentialAtItsEdges(t *testing.T) {
	if Exp(0) != 1 || Exp(math.Copysign(0, -1)) != 1 {
		t.Error("exp(0) must be exactly 1: a pixel's own term")
	}
	if Exp(1) != math.E || ulps(Exp(-1), 1/math.E) > 1 {
		t.Error("exp(1)", Exp(1))
	}
	if Exp(-709) != 0 || Exp(math.Inf(-1)) != 0 || !math.IsInf(Exp(710), 1) || !math.IsNaN(Exp(math.NaN())) {
		t.Error("exp out of range")
	}
	if Log(1) != 0 || Log(2) != math.Ln2 {
		t.Error("log", Log(1), Log(2))
	}
}
