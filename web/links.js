// Quickshift, which finds the superpixels of a picture, divided between two workers where one has nothing to do.

import { written } from "./bridge.js";
import { lend } from "./jobs.js";

/** @import {Bridge, Options} from "./bridge.js" */
/** @import {Field, Jobs, Pixels, Settings} from "./messages" */

/** Rows and columns of a field. */
const side = 224;

/** What was explained last by each worker: it knows the superpixels of that. @type {WeakMap<Bridge, { rgba: Pixels, segmentation: string }>} */
const known = new WeakMap();

/**
 * Has a field explained by a worker, which another one helps if it can. The answer is the same whoever helps.
 * @param {Bridge} worker
 * @param {Field} field
 * @param {Settings} settings
 * @param {Options} options
 * @returns {ReturnType<typeof Bridge.prototype.run<"explain">>}
 */
export async function explainBy(worker, field, settings, options) {
  const { segmentation } = settings;
  const values = { ...field, json: written(settings) };
  if (settings.regions || !segmentation) return worker.run("explain", values, options);
  const now = { rgba: field.rgba, segmentation: written(segmentation) };
  const last = known.get(worker);
  const links = last?.rgba === now.rgba && last.segmentation === now.segmentation ? null : await linksOf(worker, field, segmentation, options);
  const reply = await worker.run("explain", { ...values, ...(links && { links }) }, { ...options, transfer: links ? [links.buffer] : [] });
  known.set(worker, now);
  return reply;
}

/**
 * The links of a field, each half found by one of two workers; null where there is no other, or one of them failed.
 * @param {Bridge} worker
 * @param {Field} field
 * @param {import("./messages").Segmentation} segmentation
 * @param {Options} options
 */
async function linksOf(worker, { rgba, cells }, segmentation, { signal, unwanted }) {
  /** @param {Bridge} of @param {number} from @param {number} to */
  const rows = async (of, from, to) => (await of.run("links", { rgba, ...(cells && { cells }), json: written({ segmentation, from, to }) }, { signal, unwanted })).links;
  return lend(async (helper) => {
    const halves = await Promise.allSettled([rows(worker, 0, side / 2), rows(helper, side / 2, side)]);
    signal?.throwIfAborted();
    unwanted?.throwIfAborted();
    const [upper, lower] = halves.map((half) => (half.status === "fulfilled" ? half.value : null));
    if (!upper || !lower) return null;
    const links = new Uint8Array(upper.length + lower.length);
    links.set(upper);
    links.set(lower, upper.length);
    return links;
  });
}
