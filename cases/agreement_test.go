package cases

import (
	"math"
	"testing"

	"allnet/model"
)

// Worked examples that were published with their numbers: two psychiatrists on the anxiety of 50
// persons, by the R package vcd (confint(Kappa(anxiety)), ides.hatenablog.com/entry/2020/11/21/191723), and
// a table of two ratings in the manual of the R package statpsych (ci.kappa), which follows
// Fleiss, Levin and Paik 2003.
func TestKappaIsThatOfPublishedExamples(t *testing.T) {
	for _, c := range []struct {
		table               [][]int
		kappa, se, from, to float64
		digits              float64
	}{
		{[][]int{{11, 3, 1, 0}, {1, 9, 0, 1}, {0, 1, 10, 0}, {1, 2, 0, 10}}, 0.7335, 0.07524, 0.5860073, 0.8809436, 5e-5},
		{[][]int{{31, 12}, {4, 58}}, 0.6756757, 0.07344761, 0.5317210, 0.8196303, 5e-8},
	} {
		kappa, se, ok := kappaOf(c.table)
		if !ok || math.Abs(kappa-c.kappa) > c.digits || math.Abs(se-c.se) > c.digits {
			t.Errorf("%v: %g, standard error %g; want %g, %g", c.table, kappa, se, c.kappa, c.se)
		}
		if from, to := kappa-normal*se, kappa+normal*se; math.Abs(from-c.from) > 5e-8 || math.Abs(to-c.to) > 5e-8 {
			t.Errorf("%v: %g to %g; want %g to %g", c.table, from, to, c.from, c.to)
		}
	}
}

func TestKappaIsNotToldWhereThereIsNone(t *testing.T) {
	for _, table := range [][][]int{{{0, 0}, {0, 0}}, {{7, 0}, {0, 0}}} {
		if kappa, _, ok := kappaOf(table); ok {
			t.Errorf("%v: %g", table, kappa)
		}
	}
	if kappa, se, ok := kappaOf([][]int{{5, 0}, {0, 5}}); !ok || kappa != 1 || se != 0 {
		t.Errorf("full agreement: %g, %g, %v", kappa, se, ok)
	}
}

func TestAgreementIsOverWhatBothNamed(t *testing.T) {
	row := func(network, reader *model.Class, blind bool) Row {
		return Row{Predicted: network, Decision: &Decision{Class: reader, Blind: blind}}
	}
	pre, pro := class(model.Pre), class(model.Pro)
	rows := []Row{
		row(pre, pre, true), row(pre, pre, false), row(pro, pro, true), row(pro, pre, false), row(pre, pro, true), row(pro, pre, false),
		row(nil, pre, true), row(pre, nil, true), {Predicted: pre},
	}
	s := Summarise(rows)
	a := s.Reader.Agreement
	if a.Pictures != 6 || a.Agreed != 3 || a.Confusion[model.Pre] != [4]int{0, 0, 2, 2} || a.Confusion[model.Pro] != [4]int{0, 0, 1, 1} {
		t.Errorf("got %+v", a)
	}
	if b := s.Reader.BlindAgreement; b.Pictures != 3 || b.Agreed != 2 {
		t.Errorf("blind: %+v", b)
	}
	if s.Reader.Judged != 8 || s.Reader.Blind != 5 || s.Reader.CannotTell != 1 || s.Reader.Named != (Counts{Pre: 5, Pro: 2}) {
		t.Errorf("got %+v", s.Reader)
	}
	if i := a.Interval; a.Kappa == nil || i[0] < -1 || i[1] > 1 || i[0] > *a.Kappa || i[1] < *a.Kappa {
		t.Errorf("kappa %v of %v", a.Kappa, a.Interval)
	}
	if one := Summarise(rows[:1]).Reader.Agreement; one.Kappa != nil {
		t.Errorf("kappa %v of one picture", *one.Kappa)
	}
}

// Where the standard error for large samples is 0 it says nothing: two pictures that agree are no
// proof that all do. Kappa is told, and no interval.
func TestKappaHasNoIntervalWhereItsErrorVanishes(t *testing.T) {
	rows := func(pairs ...[2]model.Class) (rows []Row) {
		for i := range pairs {
			rows = append(rows, Row{Predicted: &pairs[i][1], Decision: &Decision{Class: &pairs[i][0]}})
		}
		return rows
	}
	pre, pro, early := model.Pre, model.Pro, model.Early
	nearly := make([][2]model.Class, 5000)
	for i := range nearly {
		nearly[i] = [2]model.Class{pre, pre}
	}
	nearly[0][1] = pro
	for what, c := range map[string]struct {
		rows     []Row
		kappa    float64
		interval bool
	}{
		"full agreement":                            {rows([2]model.Class{pre, pre}, [2]model.Class{pro, pro}), 1, false},
		"full agreement, where sums are inexact":    {rows([2]model.Class{early, early}, [2]model.Class{pre, pre}, [2]model.Class{pre, pre}, [2]model.Class{pre, pre}, [2]model.Class{pre, pre}, [2]model.Class{pro, pro}), 1, false},
		"a reader of one class":                     {rows([2]model.Class{pre, pre}, [2]model.Class{pre, pro}), 0, false},
		"a reader of one class, nearly agreed with": {rows(nearly...), 0, false},
		"full disagreement":                         {rows([2]model.Class{pre, pro}, [2]model.Class{pro, pre}), -1, false},
		"one of three":                              {rows([2]model.Class{pre, pre}, [2]model.Class{pro, pro}, [2]model.Class{pro, pre}), 0.4, true},
	} {
		a := Summarise(c.rows).Reader.Agreement
		if a.Kappa == nil || math.Abs(*a.Kappa-c.kappa) > 1e-9 || (a.Interval != nil) != c.interval {
			t.Errorf("%s: %+v", what, a)
		}
	}
}
