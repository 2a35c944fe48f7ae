package train_test

import "testing"

func TestTheRivalsPythonTestsPass(t *testing.T) {
	if python := python(t); python != "" {
		run(t, python, "-m", "unittest", "test_rivals")
	}
}
