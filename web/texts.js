// Texts that are kept for later, packed, as Blobs: the browser holds these outside of the page's
// memory, where two thousand explanations would otherwise take more than all else.

/** A text in little space. @param {string} text @returns {Promise<Blob>} */
export function packed(text) {
  return new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).blob();
}

/** A packed text. @param {Blob} blob @returns {Promise<string>} */
export function unpacked(blob) {
  return new Response(blob.stream().pipeThrough(new DecompressionStream("gzip"))).text();
}
