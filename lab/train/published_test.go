package train_test

import (
	"os/exec"
	"testing"
)

func TestThePublishedNetworksPythonTestsPass(t *testing.T) {
	python := python(t)
	if python == "" {
		return
	}
	if err := exec.Command(python, "-c", "import torchvision").Run(); err != nil {
		t.Skip("left out: the networks of the article's Table 6, because python3 has no torchvision")
	}
	run(t, python, "-m", "unittest", "test_published")
}
