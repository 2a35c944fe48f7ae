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
  const covered = disc(side);
  const rims = new Map(regions.map(({ superpixel }) => [superpixel, []]));
  // What a mark on each pixel costs: the darkness that it hides, and more where the pixel is another marked region's.
  const costs = new Float32Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    const x = i % side;
    const region = labels[i];
    const inner = x > 0 && x < side - 1 && labels[i - 1] === region && labels[i + 1] === region && labels[i - side] === region && labels[i + side] === region;
    if (!inner) rims.get(region)?.push(i);
    costs[i] = 1 - (0.2126 * pixels[4 * i] + 0.7152 * pixels[4 * i + 1] + 0.0722 * pixels[4 * i + 2]) / 255 + (rims.has(region) ? 1 : 0);
  }
  return regions.map(({ superpixel }) => {
    let best = null;
    for (const i of rims.get(superpixel)) {
      const [x, y] = [i % side, Math.floor(i / side)].map((at) => Math.min(Math.max(at, radius), side - 1 - radius));
      let cost = 0;
      for (const offset of covered) {
        const at = y * side + x + offset;
        cost += costs[at] - (labels[at] === superpixel ? 1 : 0);
      }
      if (!best || cost < best.cost) best = { x, y, cost };
    }
    for (const offset of covered) costs[best.y * side + best.x + offset] += 10;
    return { x: best.x, y: best.y };
  });
}

/** How far the pixels of a mark are from its middle, in a picture row after row. */
function disc(side) {
  const offsets = [];
  for (let dy = -radius; dy <= radius; dy++) {
    for (let dx = -radius; dx <= radius; dx++) {
      if (dx * dx + dy * dy <= radius * radius) offsets.push(dy * side + dx);
    }
  }
  return offsets;
}

/** The picture in grey, as bright as it is: under colours that mean something, its own would be taken for one of them. */
export function greyed(pixels) {
  const grey = new Uint8ClampedArray(pixels);
  for (let i = 0; i < grey.length; i += 4) grey[i] = grey[i + 1] = grey[i + 2] = 0.2126 * pixels[i] + 0.7152 * pixels[i + 1] + 0.0722 * pixels[i + 2];
  return grey;
}
