// Package lime explains an image classifier's answer by LIME, as the Python package lime 0.2.0.1 does it for images: the same random
// streams, superpixels, perturbations, weights, regression and masks, checked number by number against that package's output (see
// testdata). "SPEC" in comments is SPEC.md, which describes it step by step.
//
// A picture goes this way:
//
//	rgb ─ Quickshift ─▶ Segmentation ─ Perturb ─▶ Masks ─ Evaluator ─▶ logits ─ Explain ─▶ Explanation ─ ImageAndMask, HeatMap, … ─▶ pictures
//
// Quickshift divides the picture into superpixels, some 40 at 224 x 224. Perturb draws random sets of superpixels to show; the others are
// hidden, black or under their mean colour (HiddenColours). Superpixels may also be objects that were found otherwise, on a ground that
// belongs to none of them (NoRegion); hidden ones are removed from it (CellsPreset). An Evaluator, which is the only thing the package knows of a network, says
// what the network makes of each. Explain weights the samples by their likeness to the whole picture (CosineDistances, KernelWeights)
// and fits, for every class at once, a linear model of the class's probability or log-odds on the superpixels' bits: its coefficients say
// how much each region speaks for or against the class. ImageAndMask, MarkBoundaries, OutlineLayer, RegionsAlone, HeatMap and Regions
// turn that into pictures and lists; they never ask the network again.
//
// An explanation may be worthless, and then looks like any other. Each class therefore carries R², the spread of the sampled
// probabilities, and how far two halves of the samples agree; Warnings says in words what is wrong with it and Readable whether it
// should be read at all. The article's settings (ArticlePreset) often fail there: black regions make pictures that the network has never
// seen, and their probabilities saturate. FaithfulPreset avoids both.
//
// Shapley is a second opinion on the same superpixels from the same Evaluator: Shapley values, estimated from random permutations, each
// with its standard error; ExactShapley computes them where superpixels are few. Agree says how far LIME agrees with it. MeasureFaithfulness
// hides and shows superpixels in the order of their weights, and in random orders, and says how much the weights' order is ahead.
//
// Differences from Python: the picture is 8-bit and handled as float64 (rgb/255); the tie-breaking noise of Quickshift is that of
// scikit-image 0.19 and later; log-odds as target, the warnings, the layers, superpixels on a ground and Shapley values are additions. The results are the same
// bits on every platform that Go supports.
package lime
