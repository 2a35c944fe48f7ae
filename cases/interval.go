package cases

// Correlation is the intra-slide correlation that joint readings assume: that of two pictures
// of one smear in being read as a given class, over smears of which as large a share reads so.
// What the data set has that is nearest to slides never seen are stretches of neighbouring
// pictures that a training left out. Cut into stretches of 37 pictures, as many as a patient has
// on average, the correlation of being read rightly is 0.05 to 0.11 there for the networks
// that look at cells or were taught to, and 0.21 and 0.23 for the article's
// (TestTheCorrelationIsNoSmallerThanWasMeasured). The greatest of these, rounded up, is taken.
const Correlation = 0.25

// Confidence is that of all intervals here.
const Confidence = 0.95

// Interval is the exact equal-tailed interval for the probability that a picture of such a smear
// is read as a class, where x of n pictures of one slide are: all values for which neither x or
// more, nor x or fewer, is less probable than 2.5 %. The number is taken to be beta-binomial
// with the given correlation, 0 to below 1: the share of a slide's pictures that read as the class
// differs from slide to slide as a beta variable does (Skellam 1948, Journal of the Royal
// Statistical Society B 10:257), and the pictures of a slide are independent but for that. With
// correlation 0 it is the interval of Clopper and Pearson (1934, Biometrika 26:404), than
// which no other is made narrower.
func Interval(x, n int, correlation float64) [2]float64 {
	if n < 1 {
		return [2]float64{0, 1}
	}
	i := inverted(x, n, 0)
	if correlation > 0 {
		wide := inverted(x, n, correlation)
		i[0], i[1] = min(i[0], wide[0]), max(i[1], wide[1])
	}
	return i
}

// inverted is the interval of one model.
func inverted(x, n int, correlation float64) [2]float64 {
	const tail = (1 - Confidence) / 2
	// bound is where a tail that grows, or shrinks, with the probability has its size.
	bound := func(probable func(p float64) float64, grows bool) float64 {
		low, high := 0.0, 1.0
		for range 60 {
			middle := (low + high) / 2
			if (probable(middle) < tail) == grows {
				low = middle
			} else {
				high = middle
			}
		}
		return (low + high) / 2
	}
	i := [2]float64{0, 1}
	if x > 0 {
		i[0] = bound(func(p float64) float64 { _, upper := tails(x, n, p, correlation); return upper }, true)
	}
	if x < n {
		i[1] = bound(func(p float64) float64 { lower, _ := tails(x, n, p, correlation); return lower }, false)
	}
	return i
}

// tails are the probabilities of x or fewer, and of x or more, of n, for 0 < p < 1. Products of
// their neighbours' ratios lead from x to both ends, in plain arithmetic, so that every platform
// gives the same bits.
func tails(x, n int, p, correlation float64) (lower, upper float64) {
	// next is the probability of k+1 divided by that of k. It is that of a Pólya urn, whose
	// balls weigh more the greater the correlation.
	a, b, weight := p*(1-correlation), (1-p)*(1-correlation), correlation
	next := func(k int) float64 {
		return float64(n-k) / float64(k+1) * (a + float64(weight*float64(k))) / (b + float64(weight*float64(n-k-1)))
	}
	below, above := 0.0, 0.0 // relative to the probability of x
	const enough = 1e200     // beyond that the rest cannot be seen
	for k, ratio := x, 1.0; k < n && above < enough && ratio > 0; k++ {
		ratio *= next(k)
		above += ratio
	}
	for k, ratio := x-1, 1.0; k >= 0 && below < enough && ratio > 0; k-- {
		ratio /= next(k)
		below += ratio
	}
	all := 1 + below + above
	return (1 + below) / all, (1 + above) / all
}
