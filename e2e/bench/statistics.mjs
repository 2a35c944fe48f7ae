// What the figures of bench.mjs are made of, and what they are judged by.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A series of times as the figures that are kept of it. */
export function summary(times) {
  return { median: median(times), min: Math.min(...times), max: Math.max(...times), n: times.length };
}

/**
 * The judged figures: [what, value, target, unit]. A target { least } or { most }
 * is met where the value is not below or not above it.
 */
export function judge({ networks, page, workers, nativeQuickshift, use }) {
  const figures = [];
  const add = (what, value, target, unit = "") => {
    const met = target.least === undefined ? value <= target.most : value >= target.least;
    figures.push({ what, value, ...target, unit, met });
  };
  for (const n of networks) {
    add(`${n.name}: forward pass, times as fast as onnxruntime-web`, n.theirs.median / n.ours.median, { least: 2.3 });
    add(`${n.name}: share of the SIMD limit in the forward pass`, n.shareOfLimit, { least: 0.75 });
    add(`${n.name}: 1,000 LIME samples, times as fast as 1,000 passes of onnxruntime-web`, 1000 * n.theirs.median / n.samples1000.median, { least: 250 });
    add(`${n.name}: 10,000 LIME samples, in times of 1,000`, n.samples10000.median / n.samples1000.median, { most: 4 });
    add(`${n.name}: 1,000,000 LIME samples, in times of 1,000`, n.samples1000000.median / n.samples1000.median, { most: 400 });
  }
  const [narrow] = networks;
  add(`${narrow.name}: whole explanation, in single passes of onnxruntime-web`, narrow.explain.whole.median / narrow.theirs.median, { most: 4 });
  add(`${narrow.name}: the same with quickshift by two workers`, narrow.divided.whole.median / narrow.theirs.median, { most: 4 });
  add(`${narrow.name}: explanation by cells, in single passes of onnxruntime-web`, narrow.cells.whole.median / narrow.theirs.median, { most: 2.5 });
  add("quickshift, in times of scikit-image's native one", narrow.quickshift.median / nativeQuickshift.ms, { most: 0.25 });
  add("two workers, in pictures a second of one", workers.ratio, { least: 1.8 });
  add("memory after 1,000 pictures, in times of that after 100", workers.memoryLast / workers.memoryFirst, { most: 1.05 });
  add("cold start from file:// to ready", page.coldStart.median / 1000, { most: 0.6 }, "s");
  add("page, gzip", page.gzip / 1e6, { most: 4.1 }, "MB");
  add("a JPEG of 12 megapixels, from drop to answer", use.photograph.answer / 1000, { most: 1.5 }, "s");
  add("live camera, explained pictures a second", use.live.rate, { least: 8 });
  add("live camera, longest task of the page", use.live.longestTask, { most: 50 }, "ms");
  return figures;
}
