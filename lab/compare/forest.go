package compare

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"allnet/model"
)

// forest is a random forest (Breiman 2001, Machine Learning 45:5): trees grown to
// pure leaves on bootstrap samples, each split the best by Gini impurity among a
// random sqrt(features) of the features.
type forest [][]branch

// branch is a node of a tree: a sample goes left where its feature is at most
// threshold. A leaf has left 0 and holds the shares of the classes.
type branch struct {
	feature     int
	threshold   float32
	left, right int
	shares      [len(model.Classes)]float32
}

// trees is the number of trees of a forest.
const trees = 250

// growForest learns from samples, [sample][feature], and their classes. The same
// seed gives the same forest. It returns ctx's error where it was cancelled.
func growForest(ctx context.Context, samples [][]float32, labels []model.Class, seed uint64) (forest, error) {
	data := rank(samples, labels)
	f := make(forest, trees)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(f) {
					return
				}
				f[i] = data.grow(rand.New(rand.NewPCG(seed, uint64(i))))
			}
		})
	}
	workers.Wait()
	return f, ctx.Err()
}

// predict returns the class with the largest mean share.
func (f forest) predict(sample []float32) model.Class {
	var sum [len(model.Classes)]float32
	for _, tree := range f {
		at := 0
		for tree[at].left != 0 {
			b := &tree[at]
			if at = b.right; sample[b.feature] <= b.threshold {
				at = b.left
			}
		}
		for class, share := range tree[at].shares {
			sum[class] += share
		}
	}
	return model.Class(slices.Index(sum[:], slices.Max(sum[:])))
}

// ranked is the training side with every feature's values replaced by their ranks,
// so that splits are searched among whole numbers.
type ranked struct {
	labels []model.Class
	values [][]float32 // by feature: its values, sorted, each once
	ranks  [][]uint32  // by feature and sample: the index of the sample's value
}

func rank(samples [][]float32, labels []model.Class) *ranked {
	d := &ranked{labels: labels}
	for feature := range samples[0] {
		var values []float32
		for _, s := range samples {
			values = append(values, s[feature])
		}
		slices.Sort(values)
		values = slices.Clip(slices.Compact(values))
		ranks := make([]uint32, len(samples))
		for i, s := range samples {
			at, _ := slices.BinarySearch(values, s[feature])
			ranks[i] = uint32(at)
		}
		d.values, d.ranks = append(d.values, values), append(d.ranks, ranks)
	}
	return d
}

func (d *ranked) grow(random *rand.Rand) (tree []branch) {
	drawn := make([]int, len(d.labels))
	for i := range drawn {
		drawn[i] = random.IntN(len(drawn))
	}
	order := random.Perm(len(d.values))
	keys := make([]uint32, len(drawn))
	var add func(members []int) int
	add = func(members []int) int {
		at := len(tree)
		tree = append(tree, branch{})
		for _, i := range members {
			tree[at].shares[d.labels[i]] += 1 / float32(len(members))
		}
		feature, cut, ok := d.split(members, order, keys, random)
		if !ok {
			return at
		}
		// The members of the left branch to the front.
		left := 0
		above := uint32(math.MaxUint32) // the lowest rank on the right
		for i, m := range members {
			if r := d.ranks[feature][m]; r <= cut {
				members[i], members[left] = members[left], members[i]
				left++
			} else {
				above = min(above, r)
			}
		}
		b := branch{feature: feature, threshold: (d.values[feature][cut] + d.values[feature][above]) / 2}
		if b.threshold >= d.values[feature][above] { // neighbouring floats
			b.threshold = d.values[feature][cut]
		}
		b.left = add(members[:left])
		b.right = add(members[left:])
		tree[at] = b
		return at
	}
	add(drawn)
	return tree
}

// split finds the feature and the rank up to which members go left: the purest
// split that sqrt(features) features allow, or the first that is one at all. ok is
// false where the members are of one class, or alike. keys is working memory.
func (d *ranked) split(members, order []int, keys []uint32, random *rand.Rand) (feature int, cut uint32, ok bool) {
	var total [len(model.Classes)]float64
	for _, i := range members {
		total[d.labels[i]]++
	}
	if slices.Max(total[:]) == float64(len(members)) {
		return 0, 0, false
	}
	candidates := int(math.Sqrt(float64(len(order))))
	best := 0.0
	for k := range order {
		if k >= candidates && ok {
			break
		}
		other := k + random.IntN(len(order)-k)
		order[k], order[other] = order[other], order[k]
		ranks := d.ranks[order[k]]
		const classBits = 2
		keys = keys[:len(members)]
		for j, i := range members {
			keys[j] = ranks[i]<<classBits | uint32(d.labels[i])
		}
		slices.Sort(keys)
		left, right := [len(model.Classes)]float64{}, total
		for j, key := range keys[:len(keys)-1] {
			class := key & (1<<classBits - 1)
			left[class]++
			right[class]--
			if key>>classBits == keys[j+1]>>classBits {
				continue
			}
			// The mean Gini impurity falls as this sum rises.
			n := float64(j + 1)
			if purity := squares(left)/n + squares(right)/(float64(len(keys))-n); purity > best {
				feature, cut, best, ok = order[k], key>>classBits, purity, true
			}
		}
	}
	return feature, cut, ok
}

func squares(counts [len(model.Classes)]float64) (sum float64) {
	for _, n := range counts {
		sum += n * n
	}
	return sum
}
