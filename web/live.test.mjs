// The live camera, with one that stands for the real one. Run: node --test web/

import assert from "node:assert/strict";
import { test } from "node:test";
import { element, startProgram, turns } from "./standin.mjs";

globalThis.OffscreenCanvas = class {
  getContext() { return { drawImage() {}, getImageData: (x, y, width, height) => ({ data: new Uint8ClampedArray(4), width, height }) }; }
};
const track = { stop() {}, getSettings: () => ({ deviceId: "c" }) };
navigator.mediaDevices = { getUserMedia: async () => ({ getTracks: () => [track], getVideoTracks: () => [track] }), enumerateDevices: async () => [] };
Object.assign(element("live-video"), { videoWidth: 1280, videoHeight: 960, play: async () => {}, pause() {}, requestVideoFrameCallback: (then) => setImmediate(then) });

const { freeze, goLive, stop } = await import("./live.js");
const { state, update } = await import("./state.js");

test("what was measured of the camera before is not used for the next one", async () => {
  const waiting = [];
  const asked = await startProgram({ frame: () => new Promise((resolve) => waiting.push(resolve)) });
  update({ networks: [{ name: "robust", weights: "w", cells: true }], readerFirst: true });
  const answer = (diameter, part) => waiting.shift()({ json: JSON.stringify({ record: { abstained: true, code: "few" }, diameter, part }) });
  const frames = () => asked.filter(({ job }) => job === "frame").map(({ width, diameter }) => [width, diameter]);
  await goLive();
  await turns();
  stop();
  await goLive();
  await turns();
  answer(99, 500); // of the camera before
  await turns();
  freeze();
  await turns();
  assert.equal(state.live.frames, 0);
  answer(40, 300); // of all of the first frame of the next one
  await turns();
  assert.deepEqual(frames(), [[1280, 0], [1280, 0], [1280, 0]], "as long as nothing is known of it, the whole frame is read");
  answer(40, 300);
  await turns();
  stop();
});
