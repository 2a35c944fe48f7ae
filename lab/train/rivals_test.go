package train_test

import "testing"

func TestRivals(t *testing.T) {
	if python := python(t); python != "" {
		run(t, python, "-m", "unittest", "test_rivals")
	}
}
