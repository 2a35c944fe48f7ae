// The live camera: what a microscope's camera sees is read frame after frame, and what is said of
// the middle of each is drawn over the moving picture. No frame is kept, but for the one
// that is frozen, and those that are taken into the list.

import { say } from "./announcer.js";
import { parse, written } from "./bridge.js";
import { tinted } from "./cells.js";
import { canGoLive } from "./commands.js";
import { Crew } from "./crew.js";
import { $, setText, show } from "./dom.js";
import { isAbort } from "./fault.js";
import { soon } from "./focus.js";
import { firstWorker, hire, sentence, taughtOf } from "./jobs.js";
import { take } from "./selection.js";
import { notify, presetsFor, side, state, update } from "./state.js";
import { percent, shortHash, text } from "./text.js";

/** @import {Bridge} from "./bridge.js" */
/** @import {Part, Pixels} from "./messages" */
/** @import {Live, LiveReading} from "./types" */

/** Longest side of a frame, in pixels: cameras that give more are asked for less. */
const longest = 1920;

/** How often the whole frame is read, in milliseconds: it tells the magnification, with which its middle is read in between. */
const measureEvery = 4000;

/** How long an answer stands before it is spoken, and how seldom one is, in milliseconds. */
const [steadyFor, speakEvery] = [1500, 6000];

/** Over how many frames the rate is told. */
const rateOf = 20;

/** Whether an answer of the camera was shown: whoever then reads a picture of it does not read it first, though it was switched off meanwhile. */
let told = false;

/** The camera's frames while it is on. @type {MediaStream | null} */
let stream = null;

/** Ends the asking about frames. What a worker has begun it ends by itself, sooner than another worker would be there. */
let watching = new AbortController();

/** Of what was measured of a whole frame: the width of a red cell and of the part that holds one field, in pixels; and when. */
let measured = { diameter: 0, part: 0, at: -Infinity };

/** Numbers of frames: of the last that was begun, and of the last that is shown. */
let [begun, shown] = [0, 0];

/** When the last frames were done, in milliseconds. @type {number[]} */
let done = [];

/** What was last spoken, what it would be now, and since when. */
let [spoken, spokenAt, standing, standingSince] = ["", -Infinity, "", 0];

const crew = new Crew(/** @type {Promise<Bridge>} */ (firstWorker()), hire);

/** @param {Partial<Live>} changes */
function change(changes) {
  if (state.live) update({ live: { ...state.live, ...changes } });
}

// ---- on and off

/** Asks for the camera, and begins. @param {string} [camera] */
export async function goLive(camera = "") {
  if (!canGoLive(state)) return;
  stop();
  update({ live: { status: "asking", cameras: [], camera, reading: null, rate: 0, frames: 0 }, notice: "" });
  soon(() => $("live-heading").focus());
  try {
    const size = { width: { ideal: 1280, max: longest }, height: { ideal: 960, max: longest } };
    const opened = await navigator.mediaDevices.getUserMedia({ audio: false, video: camera ? { ...size, deviceId: { exact: camera } } : size });
    if (state.live?.status !== "asking") return end(opened); // it was closed meanwhile
    stream = opened;
    const [track] = opened.getVideoTracks();
    track.onended = () => {
      stop();
      notify(text("live.ended"));
    };
    $("live-video").srcObject = opened;
    await $("live-video").play();
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput").map(({ deviceId, label }) => ({ id: deviceId, label }));
    change({ status: "on", cameras, camera: track.getSettings().deviceId ?? camera });
    watch();
  } catch (error) {
    stop();
    const { name, message } = /** @type {Error} */ (error);
    const known = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "none", OverconstrainedError: "none", NotReadableError: "busy", AbortError: "busy" }[name];
    notify(text(`live.error.${known ?? "other"}`, { message }));
  }
}

/** Gives a camera back. @param {MediaStream} opened */
function end(opened) {
  for (const track of opened.getTracks()) track.stop();
}

/** Switches the camera off, and forgets its frames. */
export function stop() {
  if (stream) end(stream);
  stream = null;
  watching.abort();
  watching = new AbortController();
  measured = { diameter: 0, part: 0, at: -Infinity };
  [begun, shown, done] = [0, 0, []];
  [spoken, spokenAt, standing] = ["", -Infinity, ""];
  $("live-video").srcObject = null;
  if (state.live) update({ live: null });
}

/** Holds the picture, or lets it go on. What is then drawn is of the picture that stands. */
export async function freeze() {
  if (!state.live || !stream) return;
  if (state.live.status === "frozen") {
    change({ status: "on" });
    await $("live-video").play();
    return watch();
  }
  if (state.live.status !== "on") return;
  $("live-video").pause();
  change({ status: "frozen" });
  await look(++begun, await firstWorker());
}

/** Takes the picture as it stands into the list, whole. */
export function takeFrame() {
  if (!state.live || state.live.status === "asking") return;
  const { data, width, height } = grab(whole());
  const time = new Date().toLocaleTimeString("en-GB");
  take([{ name: text("live.name", { time }), source: { pasted: new Blob([/** @type {Pixels} */ (data)]), width, height }, seen: told }]);
}

// ---- looking

/** Has frames looked at, each worker one after another, while the camera is on. */
function watch() {
  crew.work(() => (state.live?.status === "on" ? ++begun : undefined), look, () => {});
}

/** All of the frame. @returns {Part} */
function whole() {
  const { videoWidth, videoHeight } = $("live-video");
  return { x: 0, y: 0, width: videoWidth, height: videoHeight };
}

/** The middle of the frame, as large as one field is in it. @param {number} part @returns {Part} */
function middle(part) {
  const { width, height } = whole();
  const [w, h] = [Math.min(part, width), Math.min(part, height)];
  return { x: Math.floor((width - w) / 2), y: Math.floor((height - h) / 2), width: w, height: h };
}

const glass = new OffscreenCanvas(1, 1);
const context = /** @type {OffscreenCanvasRenderingContext2D} */ (glass.getContext("2d", { willReadFrequently: true }));

/** The pixels of a part of the frame that is shown now. @param {Part} part */
function grab({ x, y, width, height }) {
  if (glass.width !== width || glass.height !== height) Object.assign(glass, { width, height });
  context.drawImage($("live-video"), x, y, width, height, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

/** The next frame of the camera, so that none is looked at twice. */
function nextFrame() {
  const video = $("live-video");
  return new Promise((resolve) => {
    if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(resolve);
    else requestAnimationFrame(resolve);
    setTimeout(resolve, 250); // a page out of sight is shown none
  });
}

/** Has a frame read, and explained where there is an answer. @param {number} number @param {Bridge} worker */
async function look(number, worker) {
  const { signal } = watching;
  try {
    if (state.live?.status === "on") await nextFrame();
    signal.throwIfAborted();
    const reading = await readFrame(worker, signal);
    signal.throwIfAborted();
    if (number < shown) return; // a later one is shown already
    shown = number;
    const now = performance.now();
    done = [...done, now].slice(-rateOf);
    change({ reading, frames: (state.live?.frames ?? 0) + 1, rate: done.length > 1 ? (1000 * (done.length - 1)) / (now - done[0]) : 0 });
    speak(reading, now);
  } catch (error) {
    if (isAbort(error) || signal.aborted) return;
    stop();
    notify(sentence(error));
  }
}

/** @param {Bridge} worker @param {AbortSignal} signal @returns {Promise<LiveReading>} */
async function readFrame(worker, signal) {
  const { name: network } = state.networks.find(({ cells }) => cells) ?? state.networks[0];
  const measuring = measured.part === 0 || performance.now() - measured.at > measureEvery;
  if (measuring) measured.at = performance.now(); // the other workers need not
  const part = measuring ? whole() : middle(measured.part);
  const { data, width, height } = grab(part);
  const { settings } = presetsFor(network)[0];
  const values = { network, rgba: /** @type {Pixels} */ (data), width, height, diameter: measuring ? 0 : measured.diameter, json: written(settings), ...taughtOf(network) };
  const profile = values.correction && state.profile?.correction.profile;
  const { json, labels } = await worker.run("frame", values, { unwanted: signal, transfer: [data.buffer] });
  signal.throwIfAborted(); // before anything of it is taken down: another camera may be on
  const read = parse(json);
  if (measuring) measured = { ...measured, diameter: read.diameter, part: read.part };
  const { record, field, class: explained } = read;
  return {
    record,
    size: whole(),
    field: field && { ...field, x: part.x + field.x, y: part.y + field.y },
    labels: labels ? new Uint16Array(labels.buffer) : null,
    weights: explained && explained.coefficients,
    trust: explained && { readable: explained.readable, r2: explained.r2 },
    profile,
  };
}

/** Speaks an answer that has stood for a while, and not the same again. @param {LiveReading} reading @param {number} now */
function speak({ record }, now) {
  if (state.readerFirst) return;
  const words = answerWords(record);
  if (words !== standing) [standing, standingSince] = [words, now];
  if (words === spoken || now - standingSince < steadyFor || now - spokenAt < speakEvery) return;
  [spoken, spokenAt] = [words, now];
  say(words, "live");
}

/** What is said of a frame, without its number. @param {LiveReading["record"]} record */
function answerWords(record) {
  return record.abstained ? `${text("result.abstained")}: ${text(`code.${record.code}`)}` : text(`class.${record.predicted}`);
}

// ---- the view

/** The reading that is drawn, and whether its answer is hidden; null while the camera is off. @type {{ reading: LiveReading | null, veiled: boolean } | null} */
let drawn = null;

/** Draws the live camera's part of the page. */
export function viewLive() {
  const { live } = state;
  show($("live-start"), canGoLive(state));
  show($("live"), Boolean(live));
  if (!live) {
    drawn = null;
    return;
  }
  const { status, reading, rate, cameras, camera } = live;
  $("live").dataset.status = status;
  $("live-freeze").disabled = $("live-take").disabled = status === "asking";
  setText($("live-freeze"), text(status === "frozen" ? "live.go-on" : "live.freeze"));
  setText($("live-rate"), status === "on" && rate > 0 ? text("live.rate", { rate: rate.toFixed(1) }) : "");
  Object.assign($("live").dataset, { rate: rate.toFixed(2), frames: String(live.frames) });
  show($("live-camera-field"), cameras.length > 1);
  if ($("live-camera").options.length !== cameras.length) $("live-camera").replaceChildren(...cameras.map(({ id, label }, i) => new Option(label || text("live.camera.number", { number: i + 1 }), id)));
  $("live-camera").value = camera;
  const veiled = state.readerFirst;
  if (reading === drawn?.reading && veiled === drawn?.veiled) return;
  drawn = { reading, veiled };
  if (reading && veiled) return viewVeiled(reading);
  const record = reading?.record;
  told ||= Boolean(record);
  setText($("live-answer"), status === "asking" || !record ? text("live.asking") : answerWords(record) + (record.abstained ? "" : ` ${percent(record.probabilities[record.predicted])}`) + (reading?.profile ? text("live.profile", { profile: shortHash(reading.profile) }) : ""));
  $("live").dataset.outcome = record ? (record.abstained ? "abstained" : record.predicted) : "";
  setText($("live-reason"), record?.abstained ? record.reason : reading?.trust ? text(reading.trust.readable ? "live.explained" : "live.unread") : "");
  if (reading) paint(reading);
  else $("live-canvas").width = 0; // of the camera that was on before nothing is left
}

/** Shows a frame whose answer is hidden, for the reader is to read first: the cells that were found, and nothing else. @param {LiveReading} reading */
function viewVeiled(reading) {
  setText($("live-answer"), text("live.veiled"));
  $("live").dataset.outcome = "veiled";
  setText($("live-reason"), "");
  paint({ ...reading, weights: null });
}

const veil = new OffscreenCanvas(side, side);

/** Draws the cells over the frame: red what speaks for the answer, blue what speaks against it, the stronger the more. @param {LiveReading} reading */
function paint({ size, field, labels, weights }) {
  const canvas = $("live-canvas");
  if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, { width: size.width, height: size.height });
  const on = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  on.clearRect(0, 0, canvas.width, canvas.height);
  if (!field || !labels) return;
  /** @type {OffscreenCanvasRenderingContext2D} */ (veil.getContext("2d")).putImageData(new ImageData(tinted(labels, weights, side), side, side), 0, 0);
  on.drawImage(veil, field.x, field.y, field.width, field.height);
  on.strokeStyle = "#fff";
  on.lineWidth = Math.max(1, size.width / 640);
  on.strokeRect(field.x, field.y, field.width, field.height);
}

/** Listens to the buttons. */
export function wireLive() {
  $("live-start").addEventListener("click", () => goLive());
  $("live-freeze").addEventListener("click", freeze);
  $("live-take").addEventListener("click", takeFrame);
  $("live-stop").addEventListener("click", () => {
    stop();
    soon(() => $("live-start").focus());
  });
  $("live-camera").addEventListener("change", () => goLive($("live-camera").value));
  addEventListener("pagehide", stop);
}
