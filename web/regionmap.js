// Label maps as they stand in answers and cases: see RegionMap in cases/regions.go.

import { noCell } from "./state.js";

/** @import {RegionMap} from "./messages" */

/** The label of each pixel; noCell where it belongs to no region. @param {RegionMap} map */
export function labelsOf({ width, height, runs }) {
  const bytes = Uint8Array.from(atob(runs), (char) => char.charCodeAt(0));
  const labels = new Uint16Array(width * height);
  let [at, filled] = [0, 0];
  const number = () => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      if (at >= bytes.length) throw new Error("the label map is damaged");
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const label = number();
    const length = number();
    labels.fill(label === 0 ? noCell : label - 1, filled, filled + length);
    filled += length;
  }
  if (filled !== labels.length) throw new Error("the label map is damaged");
  return labels;
}
