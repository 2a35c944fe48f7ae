package onnxruntime

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// Side is the width and height of the pictures.
const Side = 224

// Network is a classifier of one picture. It is safe for concurrent use.
type Network struct {
	// Size is what it holds and takes, as far as the file tells.
	Size
	// Classes is how many numbers it answers: logits or probabilities.
	Classes int

	runtime *Runtime
	file    []byte
	number  int
	dims    []int // of the input
	last    bool  // the channels come last
}

// Load reads a classifier of one 224 x 224 picture of three channels: its input is
// declared as float32 of shape [N][3][224][224] or [N][224][224][3], where N may be
// 1 or left open, as may the sides. It refuses others, and files that ONNX Runtime
// refuses.
func (r *Runtime) Load(file []byte) (*Network, error) {
	if err := check(file); err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.last++
	n := &Network{runtime: r, file: file, number: r.last}
	r.mu.Unlock()
	err := r.with(func(p *process) error {
		declared, err := n.loadInto(p)
		if err != nil {
			return err
		}
		if err := n.readShape(declared); err != nil {
			return fmt.Errorf("the network cannot be run: %w", err)
		}
		answer, numbers, err := n.run(p, make([]float32, Side*Side*3))
		if err != nil {
			return err
		}
		if err := checkOutput(answer.Outputs[0], numbers); err != nil {
			return fmt.Errorf("the network cannot be run: %w", err)
		}
		n.Classes = len(numbers)
		return n.measure(p)
	})
	if err != nil {
		return nil, err
	}
	return n, nil
}

// check refuses what is no ONNX file, before anything is started for it.
func check(file []byte) error {
	graph := false
	err := eachField(file, func(number protowire.Number, kind protowire.Type, _ []byte) {
		graph = graph || (number == graphField && kind == protowire.BytesType)
	})
	if err == nil && !graph {
		err = errors.New("it holds no graph")
	}
	if err != nil {
		return fmt.Errorf("not a readable ONNX file: %w", err)
	}
	return nil
}

// loadInto gives the network to a process and returns what the file declares.
func (n *Network) loadInto(p *process) (reply, error) {
	declared, _, err := p.exchange(request{Do: "load", Network: n.number}, n.file)
	if err != nil {
		switch {
		case p.broken:
		case strings.Contains(err.Error(), "external data file"):
			err = errors.New("the network's weights are in another file beside it; expected one file with all of them (PyTorch's exporter: external_data=False)")
		default:
			err = fmt.Errorf("ONNX Runtime cannot read the network: %w", err)
		}
		return declared, err
	}
	p.holds[n.number] = true
	return declared, nil
}

// readShape finds out how the network reads a picture, and fixes the sizes that the
// file leaves open.
func (n *Network) readShape(declared reply) error {
	if len(declared.Inputs) != 1 {
		return fmt.Errorf("it has %d inputs%s; expected one picture", len(declared.Inputs), names(declared.Inputs))
	}
	if len(declared.Outputs) != 1 {
		return fmt.Errorf("it has %d outputs%s; expected one", len(declared.Outputs), names(declared.Outputs))
	}
	in := declared.Inputs[0]
	if in.Type != "float32" {
		return fmt.Errorf("its input holds %s; expected float32", in.Type)
	}
	for _, dims := range [][]int{{1, 3, Side, Side}, {1, Side, Side, 3}} {
		channels, fits := slices.Index(dims, 3), len(in.Dims) == len(dims)
		for i := 0; fits && i < len(dims); i++ {
			fits = in.Dims[i] == dims[i] || (in.Dims[i] < 0 && i != channels)
		}
		if fits {
			n.dims, n.last = dims, channels == 3
			return nil
		}
	}
	return fmt.Errorf("its input has shape %s; expected [1 3 %d %d] or [1 %d %d 3], where ? is left open and may be anything but the 3", shape(in.Dims), Side, Side, Side, Side)
}

// names lists values by name, in brackets.
func names(values []value) string {
	if len(values) == 0 {
		return ""
	}
	var list []string
	for _, v := range values {
		list = append(list, v.Name)
	}
	return fmt.Sprintf(" (%s)", strings.Join(list, ", "))
}

func shape(dims []int) string {
	var list []string
	for _, d := range dims {
		if d < 0 {
			list = append(list, "?")
		} else {
			list = append(list, fmt.Sprint(d))
		}
	}
	return "[" + strings.Join(list, " ") + "]"
}

// checkOutput refuses what is no row of numbers.
func checkOutput(out value, numbers []float32) error {
	if out.Type != "float32" {
		return fmt.Errorf("its output holds %s; expected float32", out.Type)
	}
	if len(numbers) != slices.Max(append(slices.Clone(out.Dims), 1)) {
		return fmt.Errorf("its output has shape %s; expected one row of numbers, one for each class", shape(out.Dims))
	}
	return nil
}

// Run classifies one picture, [Side][Side][3], and writes Classes numbers to out.
func (n *Network) Run(picture, out []float32) error {
	if len(picture) != Side*Side*3 {
		return fmt.Errorf("the picture has %d values; expected %d x %d x 3", len(picture), Side, Side)
	}
	if len(out) != n.Classes {
		return fmt.Errorf("there is room for %d numbers; expected %d", len(out), n.Classes)
	}
	_, err := n.classify(picture, out)
	return err
}

// Time classifies one picture, [Side][Side][3], and returns how many milliseconds ONNX
// Runtime took for it, without what it takes to hand picture and answer over.
func (n *Network) Time(picture []float32) (float64, error) {
	if len(picture) != Side*Side*3 {
		return 0, fmt.Errorf("the picture has %d values; expected %d x %d x 3", len(picture), Side, Side)
	}
	return n.classify(picture, make([]float32, n.Classes))
}

// classify writes the answer for a picture to out and returns how many milliseconds
// it took.
func (n *Network) classify(picture, out []float32) (milliseconds float64, err error) {
	err = n.runtime.with(func(p *process) error {
		if !p.holds[n.number] {
			if _, err := n.loadInto(p); err != nil {
				return err
			}
		}
		answer, numbers, err := n.run(p, picture)
		if err != nil {
			return err
		}
		if copied := copy(out, numbers); copied != len(out) || copied != len(numbers) {
			return fmt.Errorf("the network answers %d numbers for this picture; expected %d", len(numbers), n.Classes)
		}
		milliseconds = answer.Milliseconds
		return nil
	})
	return milliseconds, err
}

// run runs the network in a process that holds it, and returns its first output.
func (n *Network) run(p *process, picture []float32) (reply, []float32, error) {
	answer, payload, err := p.exchange(request{Do: "run", Network: n.number, Dims: n.dims}, n.encode(picture))
	if err != nil {
		if !p.broken {
			err = fmt.Errorf("ONNX Runtime cannot run the network: %w", err)
		}
		return answer, nil, err
	}
	numbers := make([]float32, len(payload)/4)
	for i := range numbers {
		numbers[i] = math.Float32frombits(binary.LittleEndian.Uint32(payload[4*i:]))
	}
	return answer, numbers, nil
}

// encode returns a picture in the network's order of channels, as bytes.
func (n *Network) encode(picture []float32) []byte {
	data := make([]byte, 4*len(picture))
	for i, v := range picture {
		at := i
		if !n.last {
			at = i%3*Side*Side + i/3
		}
		binary.LittleEndian.PutUint32(data[4*at:], math.Float32bits(v))
	}
	return data
}
