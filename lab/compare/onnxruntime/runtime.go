// Package onnxruntime runs other people's networks, from ONNX files of any
// operators, by ONNX Runtime: as the npm package onnxruntime-web (WebAssembly), in
// processes of Node that runtime.mjs serves. It is for comparisons; the project's
// own networks run on model/engine, which needs neither.
package onnxruntime

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

//go:embed runtime.mjs
var program string

// Errors of a machine on which ONNX Runtime cannot be started.
var (
	ErrNoNode    = errors.New("there is no program node where PATH leads: networks of other kinds than ALL-Net's run on ONNX Runtime, which needs it; install Node 20.15 or newer")
	ErrNoPackage = errors.New("there is no npm package onnxruntime-web in this folder or above it: networks of other kinds than ALL-Net's run on it; run `npm ci` in the project's folder e2e, or `npm install onnxruntime-web` in this folder")
)

// Runtime holds the processes in which networks run: as many as calculate at the
// same time, at most one for each core. It is safe for concurrent use.
type Runtime struct {
	ctx    context.Context
	find   func() (place, error) // where Node and the package are, looked up once
	places chan struct{}         // one for each process that may calculate

	mu      sync.Mutex
	idle    []*process // the one last used at the end
	running map[*process]bool
	last    int // number of the network that was read last
}

// place is where ONNX Runtime is.
type place struct{ node, folder, version string }

// New returns a runtime that needs Node and onnxruntime-web only when the first
// network is loaded. The package is looked for in node_modules of dir, of a folder
// above it, and of a folder e2e in one of these. The processes end with ctx or Close.
func New(ctx context.Context, dir string) *Runtime {
	return &Runtime{
		ctx:     ctx,
		find:    sync.OnceValues(func() (place, error) { return find(dir) }),
		places:  make(chan struct{}, runtime.GOMAXPROCS(0)),
		running: make(map[*process]bool),
	}
}

// Version is that of onnxruntime-web, or the error for which there is none.
func (r *Runtime) Version() (string, error) {
	at, err := r.find()
	return at.version, err
}

// find returns where ONNX Runtime is for programs in dir.
func find(dir string) (at place, err error) {
	if at.node, err = exec.LookPath("node"); err != nil {
		return at, ErrNoNode
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return at, err
	}
	for {
		for _, modules := range []string{"node_modules", "e2e/node_modules"} {
			at.folder = filepath.Join(dir, filepath.FromSlash(modules), "onnxruntime-web")
			data, err := os.ReadFile(filepath.Join(at.folder, "package.json"))
			if err != nil {
				continue
			}
			var about struct{ Version string }
			if err := json.Unmarshal(data, &about); err != nil {
				return at, fmt.Errorf("%s: package.json: %w", at.folder, err)
			}
			at.version = about.Version
			return at, nil
		}
		above := filepath.Dir(dir)
		if above == dir {
			return at, ErrNoPackage
		}
		dir = above
	}
}

// Close ends all processes.
func (r *Runtime) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for p := range r.running {
		p.end()
	}
	r.idle, r.running = nil, make(map[*process]bool)
}

// with calls use with a process that nobody else uses meanwhile. A process whose
// connection failed is not used again.
func (r *Runtime) with(use func(p *process) error) error {
	select {
	case <-r.ctx.Done():
		return r.ctx.Err()
	case r.places <- struct{}{}:
	}
	defer func() { <-r.places }()
	p, err := r.take()
	if err == nil {
		err = use(p)
		r.putBack(p)
	}
	// What fails because its process was ended was ended by ctx.
	if err != nil && r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	return err
}

func (r *Runtime) take() (*process, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if last := len(r.idle) - 1; last >= 0 {
		p := r.idle[last]
		r.idle = r.idle[:last]
		return p, nil
	}
	at, err := r.find()
	if err != nil {
		return nil, err
	}
	p, err := start(r.ctx, at)
	if err != nil {
		return nil, err
	}
	r.running[p] = true
	return p, nil
}

func (r *Runtime) putBack(p *process) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.broken {
		delete(r.running, p)
		return
	}
	r.idle = append(r.idle, p)
}

// process is one process of Node. It is not safe for concurrent use.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
	// said is what the process wrote to its standard error.
	said tail
	// broken is set once the process has ended or spoken out of turn.
	broken bool
	// holds are the numbers of the networks that it has read.
	holds map[int]bool
}

// request and reply are the headers of frames; see runtime.mjs.
type request struct {
	Do      string `json:"do"`
	Network int    `json:"network"`
	Dims    []int  `json:"dims,omitempty"`
}

type reply struct {
	Error           string
	Inputs, Outputs []value
	// Milliseconds is how long a network ran.
	Milliseconds float64
}

// value is an input or output; a size that the file leaves open is -1.
type value struct {
	Name, Type string
	Dims       []int
}

// maxHeader bounds an answer's header, so that what is no answer is not waited for.
const maxHeader = 1 << 24

func start(ctx context.Context, at place) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, at.node, "--input-type=module", "--eval", program, at.folder), holds: make(map[int]bool)}
	p.cmd.Stderr = &p.said
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.in, p.out = in, bufio.NewReaderSize(out, 1<<16)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start Node: %w", err)
	}
	hello, _, err := p.receive()
	if err == nil && hello.Error != "" {
		p.end()
		err = fmt.Errorf("onnxruntime-web cannot be used (%s): %s", at.folder, firstLine(hello.Error))
	}
	return p, err
}

func (p *process) end() {
	p.broken = true
	p.in.Close()
	p.cmd.Process.Kill() // an error means that it has ended
	p.cmd.Wait()
}

// exchange sends a request and waits for the answer.
func (p *process) exchange(r request, payload []byte) (reply, []byte, error) {
	header, err := json.Marshal(r)
	if err != nil {
		return reply{}, nil, err
	}
	if int64(len(payload)) > 1<<32-1 {
		return reply{}, nil, fmt.Errorf("it has %d bytes; expected less than 4 GiB", len(payload))
	}
	frame := binary.LittleEndian.AppendUint32(nil, uint32(len(header)))
	frame = binary.LittleEndian.AppendUint32(frame, uint32(len(payload)))
	frame = append(frame, header...)
	// What cannot be sent is said by the answer that does not come.
	if _, err := p.in.Write(frame); err == nil {
		p.in.Write(payload)
	}
	answer, numbers, err := p.receive()
	if err == nil && answer.Error != "" {
		err = errors.New(reason(answer.Error))
	}
	return answer, numbers, err
}

// receive reads an answer; an answer that says what failed is no error here.
func (p *process) receive() (answer reply, payload []byte, err error) {
	var lengths [8]byte
	if _, err := io.ReadFull(p.out, lengths[:]); err != nil {
		return answer, nil, p.ended(err)
	}
	header := binary.LittleEndian.Uint32(lengths[:])
	if header > maxHeader {
		return answer, nil, p.ended(errors.New("an answer with an impossible length"))
	}
	text := make([]byte, header)
	payload = make([]byte, binary.LittleEndian.Uint32(lengths[4:]))
	for _, part := range [][]byte{text, payload} {
		if _, err := io.ReadFull(p.out, part); err != nil {
			return answer, nil, p.ended(err)
		}
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return answer, nil, p.ended(err)
	}
	return answer, payload, nil
}

// ended says how the process ended after an answer that could not be read, and ends
// it where it has not ended by itself.
func (p *process) ended(cause error) error {
	var how string
	if errors.Is(cause, io.EOF) || errors.Is(cause, io.ErrUnexpectedEOF) {
		p.broken = true
		kill := time.AfterFunc(2*time.Second, func() { p.cmd.Process.Kill() })
		p.in.Close()
		p.cmd.Wait()
		kill.Stop()
		how = p.cmd.ProcessState.String()
	} else {
		p.end()
		how = cause.Error()
	}
	if last := p.said.lastLine(); last != "" {
		how += "; its last words: " + last
	}
	return fmt.Errorf("the process that runs ONNX Runtime ended before it answered (%s)", how)
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

func (t *tail) Write(data []byte) (int, error) {
	const most = 4096
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, data...)
	t.kept = t.kept[max(0, len(t.kept)-most):]
	return len(data), nil
}

func (t *tail) lastLine() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := bytes.Split(bytes.TrimSpace(t.kept), []byte("\n"))
	return string(bytes.TrimSpace(lines[len(lines)-1]))
}

// reason is what ONNX Runtime says is wrong, without its number.
func reason(text string) string {
	if _, after, numbered := strings.Cut(text, "ERROR_MESSAGE: "); numbered {
		text = after
	}
	return firstLine(text)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}
