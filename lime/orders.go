package lime

import (
	"context"
	"slices"
)

// blockRows is about how many coalitions are drawn at once; at least as many as a pair of permutations of MaxSuperpixels has.
const blockRows = 4096

// ends returns the logits [classes] of nothing shown and of the unhidden picture.
func (q *inquiry) ends(ctx context.Context, k int) (none, all []float64, err error) {
	logits, err := q.logits(ctx, Masks{N: 2, K: k, Bits: append(slices.Repeat([]uint8{1}, k), make([]uint8, k)...)})
	if err != nil {
		return nil, nil, err
	}
	return logits[q.classes:], logits[:q.classes], nil
}

// orderPair is an order in which superpixels are shown one after another, and its reverse, with the logits [superpixels-1][classes] of the
// coalitions of each but for the first, of nobody, and the last, of all.
type orderPair struct {
	orders [2][]int
	logits [2][]float64
}

// paired makes the pair of an order, still without logits.
func paired(order []int) orderPair {
	reverse := slices.Clone(order)
	slices.Reverse(reverse)
	return orderPair{orders: [2][]int{order, reverse}}
}

// ask fills in the logits of pairs.
func (q *inquiry) ask(ctx context.Context, k int, pairs []orderPair) error {
	block := Masks{K: k}
	for _, p := range pairs {
		for _, order := range p.orders {
			block = appendCoalitions(block, order)
		}
	}
	logits, err := q.logits(ctx, block)
	if err != nil {
		return err
	}
	n := (k - 1) * q.classes
	for i := range pairs {
		for j := range 2 {
			pairs[i].logits[j], logits = logits[:n:n], logits[n:]
		}
	}
	return nil
}

// randomOrders draws so many pairs of orders, each as likely as any other, and gives them to each with their logits. More pairs with the
// same seed continue the same series.
func (q *inquiry) randomOrders(ctx context.Context, k, pairs int, seed uint32, each func(orderPair)) error {
	g := newMT19937(seed)
	perBlock := max(1, blockRows/(2*k))
	for from := 0; from < pairs; from += perBlock {
		var block []orderPair
		for range min(perBlock, pairs-from) {
			block = append(block, paired(g.permutation(k)))
		}
		if err := q.ask(ctx, k, block); err != nil {
			return err
		}
		for _, p := range block {
			each(p)
		}
	}
	return nil
}

// appendCoalitions appends the coalitions of an order but for the first, of nobody, and the last, of all.
func appendCoalitions(m Masks, order []int) Masks {
	shown := make([]uint8, m.K)
	for _, s := range order[:m.K-1] {
		shown[s] = 1
		m.Bits = append(m.Bits, shown...)
		m.N++
	}
	return m
}
