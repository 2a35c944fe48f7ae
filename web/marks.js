// Where the marks of regions are written on the picture, so that they hide little of it.

/** How large a mark is about, in pixels of the picture from its middle. */
const radius = 5;

/**
 * A place for the mark of each region, on its rim: where the mark hides the brightest
 * part of the picture, keeps off the other regions that have a mark, and covers no mark
 * that has a place already. pixels are RGBA, labels say to which region each belongs;
 * regions are {superpixel}, in the order in which they may choose.
 */
export function places(pixels, labels, regions, side) {
  const dark = (i) => 1 - (0.2126 * pixels[4 * i] + 0.7152 * pixels[4 * i + 1] + 0.0722 * pixels[4 * i + 2]) / 255;
  const marked = new Set(regions.map(({ superpixel }) => superpixel));
  const rims = new Map([...marked].map((superpixel) => [superpixel, []]));
  for (let i = 0; i < labels.length; i++) {
    const x = i % side;
    const inner = x > 0 && x < side - 1 && [i - 1, i + 1, i - side, i + side].every((other) => labels[other] === labels[i]);
    if (!inner) rims.get(labels[i])?.push(i);
  }
  const taken = new Uint8Array(labels.length);
  return regions.map(({ superpixel }) => {
    let best = null;
    for (const i of rims.get(superpixel)) {
      const [x, y] = [i % side, Math.floor(i / side)].map((at) => Math.min(Math.max(at, radius), side - 1 - radius));
      let cost = 0;
      for (const at of disc(x, y, side)) cost += dark(at) + (labels[at] !== superpixel && marked.has(labels[at]) ? 1 : 0) + 10 * taken[at];
      if (!best || cost < best.cost) best = { x, y, cost };
    }
    for (const at of disc(best.x, best.y, side)) taken[at] = 1;
    return { x: best.x, y: best.y };
  });
}

function* disc(x, y, side) {
  for (let dy = -radius; dy <= radius; dy++) {
    for (let dx = -radius; dx <= radius; dx++) {
      if (dx * dx + dy * dy <= radius * radius) yield (y + dy) * side + x + dx;
    }
  }
}

/** The picture in grey, as bright as it is: under colours that mean something, its own would be taken for one of them. */
export function greyed(pixels) {
  const grey = new Uint8ClampedArray(pixels);
  for (let i = 0; i < grey.length; i += 4) grey.fill(0.2126 * pixels[i] + 0.7152 * pixels[i + 1] + 0.0722 * pixels[i + 2], i, i + 3);
  return grey;
}
