package engine

import "fmt"

// Session runs a network on one picture at a time. It owns the buffers that
// this takes, so it is not safe for concurrent use: to use several cores, give
// each goroutine its own.
type Session struct {
	net     *Network
	maps    [2][]float32 // feature maps, read and written in turns
	scratch []float32    // of winograd
	rows    []int32      // 0, 1, …: the positions of the last feature map
	dense   *denseRun
	// features are the outputs of global average pooling.
	features []float32
}

// NewSession allocates the buffers of a session.
func (n *Network) NewSession() *Session {
	s := &Session{net: n, rows: make([]int32, n.pooled), dense: n.newDenseRun(1), features: make([]float32, n.Features())}
	var size [2]int
	for i, l := range n.convs {
		size[i%2] = max(size[i%2], l.ph*l.pw*l.out)
	}
	scratch := 0
	for _, l := range n.convs {
		scratch = max(scratch, l.scratch())
	}
	s.scratch = make([]float32, scratch)
	for i := range s.maps {
		s.maps[i] = make([]float32, size[i])
	}
	for i := range s.rows {
		s.rows[i] = int32(i)
	}
	return s
}

// Logits runs the network. input is [Height][Width][Channels]; out has one
// element a class and receives the logits, before softmax.
func (s *Session) Logits(input []float32, out []float32) error {
	n := s.net
	if want := n.Height() * n.Width() * n.Channels(); len(input) != want {
		return fmt.Errorf("engine: input has %d values, want %d (%dx%dx%d)", len(input), want, n.Height(), n.Width(), n.Channels())
	}
	if len(out) != n.Classes() {
		return fmt.Errorf("engine: room for %d logits, want %d", len(out), n.Classes())
	}
	x := input
	for i, l := range n.convs {
		y := s.maps[i%2][:l.ph*l.pw*l.out]
		l.run(y, x, s.scratch)
		x = y
	}
	averageRows(s.features, x, s.rows, float32(n.pooled))
	copy(s.dense.input(0), s.features)
	copy(out, s.dense.run(1))
	return nil
}

// Features are what global average pooling made of the last picture, one value a
// filter of the last convolution block; zeros before the first. They are the
// session's own: the next picture overwrites them.
func (s *Session) Features() []float32 { return s.features }
