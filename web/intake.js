// The ways in: choosing, dropping and pasting.

import { $, show } from "./dom.js";
import { chosen, filesIn, named } from "./folders.js";

/** @import {Found} from "./folders.js" */

/**
 * Listens for pictures. take(files, ofFolder) gets files by name, those of folders by their
 * paths, takeTaught(files) those that were dropped on what teaches the page, takePixels(imageData) gets a bitmap that was pasted without a file, nothing() is
 * called when there was no picture.
 * @param {{ take: (files: Found[], ofFolder: boolean) => void, takeTaught: (files: File[]) => void, takePixels: (pixels: ImageData) => void, nothing: () => void }} ways
 */
export function listen({ take, takeTaught, takePixels, nothing }) {
  const single = (/** @type {File[]} */ files) => take(files.map((file) => ({ path: file.name, file, known: null })), false);
  $("folder-input").webkitdirectory = true;
  $("folder-input").addEventListener("change", () => {
    const files = [...($("folder-input").files ?? [])];
    $("folder-input").value = "";
    if (files.length > 0) take(named(chosen(files)), true);
  });

  for (const input of [$("file-input"), $("camera-input")]) {
    input.addEventListener("change", () => {
      const files = [...(input.files ?? [])];
      input.value = ""; // the same file may be chosen again
      if (files.length > 0) single(files);
    });
  }

  // Text may be dragged into a field, as everywhere; what else is dragged would make the browser leave the page.
  const toField = (/** @type {DragEvent} */ { target, dataTransfer }) => target instanceof Element && Boolean(target.closest("input, select")) && !holdsFiles(dataTransfer);
  let depth = 0; // of elements that the pointer entered while dragging
  addEventListener("dragenter", (event) => {
    if (toField(event)) return;
    event.preventDefault();
    depth++;
    show($("drop-veil"), holdsFiles(event.dataTransfer));
  });
  addEventListener("dragover", (event) => {
    if (!toField(event)) event.preventDefault();
  });
  addEventListener("dragleave", (event) => {
    if (toField(event)) return;
    depth--;
    if (depth <= 0) show($("drop-veil"), false);
  });
  addEventListener("drop", (event) => {
    depth = 0;
    show($("drop-veil"), false);
    if (toField(event)) return;
    event.preventDefault();
    const items = [...(event.dataTransfer?.items ?? [])].filter(({ kind }) => kind === "file");
    // All of this has to be asked before the event is over.
    const entries = items.map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
    const files = items.map((item) => item.getAsFile()).filter((file) => file !== null);
    if (files.length > 0 && event.target instanceof Element && event.target.closest("#lab")) takeTaught(files);
    else if (entries.some(({ isDirectory }) => isDirectory)) filesIn(entries).then((found) => take(named(found), true));
    else if (files.length > 0) single(files);
    else nothing();
  });

  addEventListener("paste", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.type !== "file") return;
    const items = [...(event.clipboardData?.items ?? [])];
    const files = items.filter((item) => item.kind === "file").map((item) => item.getAsFile()).filter((file) => file !== null);
    if (files.length === 0) return nothing();
    event.preventDefault();
    // A bitmap that was copied out of a program has no file of its own: the browser
    // wraps it into one that it names itself and gives the present time. It is
    // pixels, not a file, and is treated as such.
    if (files.length === 1 && isBitmap(files[0], items)) pixelsOf(files[0]).then(takePixels, nothing);
    else single(files);
  });
}

/** @param {DataTransfer | null} transfer */
function holdsFiles(transfer) {
  return Boolean(transfer?.types.includes("Files"));
}

/** @param {File} file @param {DataTransferItem[]} items */
function isBitmap(file, items) {
  return file.type === "image/png" && /^image\.png$/i.test(file.name) && !items.some((item) => item.type === "text/uri-list");
}

/** The pixels of a picture as a canvas gives them. @param {File} file */
async function pixelsOf(file) {
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
