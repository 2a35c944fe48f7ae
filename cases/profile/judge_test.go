package profile

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"allnet/cases"
	"allnet/model"
)

// slidesOf draws pictures of slides, of all classes each, that the network reads with this margin; each
// slide moves the logits of its pictures by chance, with a standard deviation of 1.5, and on average not.
func slidesOf(r *rand.Rand, slides, each int, margin float64) (all []Example) {
	for s := range slides {
		var shift [classes]float64
		for k := range shift {
			shift[k] = 1.5 * r.NormFloat64()
		}
		for i := range each {
			e := Example{Class: model.Class((s + i) % classes), Slide: fmt.Sprint(s)}
			for k := range e.Logits {
				e.Logits[k] = r.NormFloat64() + shift[k]
			}
			e.Logits[e.Class] += margin
			all = append(all, e)
		}
	}
	return all
}

// apart are examples without their slides, each by itself.
func apart(examples []*Example) (alone []*Example) {
	for _, e := range examples {
		alone = append(alone, &Example{Logits: e.Logits, Class: e.Class})
	}
	return alone
}

// How often a correction passes where slides differ and the laboratory as a whole does not, and how often it
// is then worse on other slides of it. Of four slides, which are refused, that is with pictures that are left
// out by themselves: so cross-validation would have to be where slides were not told apart.
func TestHowOftenAProfileIsGivenOutByChance(t *testing.T) {
	const tries = 30
	given := func(slides int) (passed, worse int) {
		for seed := range uint64(tries) {
			r := rand.New(rand.NewPCG(seed, 77))
			some, fresh := slidesOf(r, slides, 10, 5), slidesOf(r, 40, 10, 5)
			_, err := Fit(network, cases.Program{}, some)
			left, _ := usable(some)
			if slides < LeastSlides {
				if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("of too few slides: %d.", slides)) {
					t.Errorf("%d slides: %v", slides, err)
				}
				left = apart(left)
				if !judge(left).Gains() {
					continue
				}
			} else if err != nil {
				continue
			}
			passed++
			before, _ := lost(fresh, nil)
			if after, _ := lost(fresh, fit(left, choose(left, divided(left)))); after > before {
				worse++
			}
		}
		t.Logf("%d slides of 10 pictures: passed %d of %d times, worse on other slides %d times", slides, passed, tries, worse)
		return passed, worse
	}
	_, worseOfFour := given(4)
	ofFive, worseOfFive := given(5)
	ofSix, worseOfSix := given(6)
	if ofFive > tries/3 || worseOfFive > tries/4 || ofSix > tries/4 || worseOfSix > tries/8 {
		t.Errorf("five slides: passed %d of %d times, worse %d times; six: %d, %d", ofFive, tries, worseOfFive, ofSix, worseOfSix)
	}
	if worseOfFour <= worseOfFive {
		t.Error("fewer than five slides, pictures left out by themselves, are no worse than five; a refusal says that they are")
	}
}

// What is judged is what is done: also where the strength is chosen among the slides that are left, none is
// divided, although four are left of five.
func TestNoSlideIsDividedWhereTheStrengthIsChosen(t *testing.T) {
	differ := 0
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 21))
		left, err := chosen(slidesOf(r, 5, 8, 3))
		if err != nil {
			t.Fatal(err)
		}
		want := 0.0
		for out := range 5 { // slides
			var of, others []*Example
			var slide []int
			for _, e := range left {
				if n, err := strconv.Atoi(e.Slide); err != nil {
					t.Fatal(err)
				} else if n == out {
					of = append(of, e)
				} else {
					others, slide = append(others, e), append(slide, n)
				}
			}
			s := choose(others, slide)
			if alone := apart(others); choose(alone, divided(alone)) != s {
				differ++
			}
			c := fit(others, s)
			for _, e := range of {
				l, _ := loss(e, c)
				want += l / float64(len(left))
			}
		}
		if j := judge(left); j.Slides != 5 || math.Abs(j.CorrectedLogLoss-want) > 1e-9 {
			t.Errorf("seed %d: %+v; want a loss of %g", seed, j, want)
		}
	}
	if differ == 0 {
		t.Error("the strengths that pictures left out alone would choose are the same")
	}
}

// Copies of pictures within their slides tell nothing more.
func TestTheStandardErrorIsOfSlidesWherePicturesOfOneAreAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var once, often, apart []gain
	for s := range 8 {
		g := gain{r.NormFloat64(), fmt.Sprint(s)}
		once = append(once, g)
		for range 5 {
			often = append(often, g)
			apart = append(apart, gain{g.by, ""})
		}
	}
	want := standardError(once)
	if got := standardError(often); math.Abs(got-want) > 1e-12 {
		t.Errorf("of five copies of each %g, of one %g", got, want)
	}
	if got := standardError(apart); got > want/2 {
		t.Errorf("of independent ones %g, of copies %g", got, want)
	}
	// That of one slide is told by its pictures.
	if got := standardError([]gain{{1, "a"}, {2, "a"}, {3, "a"}}); math.Abs(got-1/math.Sqrt(3)) > 1e-12 {
		t.Errorf("of one slide %g", got)
	}
}
