// Runs the worker's script and program in Node as a browser's worker would, and gives
// it odd messages: node messages.mjs WORKER PROGRAM KERNELS. Each must be answered with
// a sentence, and the job after it must be done as ever. Prints what failed.

import { ask, hello } from "./worker.mjs";

const { networks: [{ name: network }], examples: [{ name: example }], presets } = hello;
const { settings } = presets[0];
const pixels = new Uint8Array(224 * 224 * 4).map((_, i) => (i * 7919) >> 3);
const labels = new Uint8Array(2 * 224 * 224);
const classify = { job: "classify", network, name: "x.png", example };
const explain = { job: "explain", network, rgba: pixels, json: JSON.stringify(settings) };
const drawn = { coefficients: [1], order: [0] };
const draw = { job: "draw", rgba: pixels, labels, json: JSON.stringify({ class: drawn, features: 5 }) };

const odd = {
  "nothing": undefined,
  "null": null,
  "a number": 7,
  "a text": "classify",
  "a list": [],
  "no id": { job: "example", name: example },
  "an id that is a text": { id: "1", job: "example", name: example },
  "an id that is no whole number": { id: 1.5, job: "example", name: example },
  "an id that is NaN": { id: NaN, job: "example", name: example },
  "an id without end": { id: 1e300, job: "example", name: example },
  "no job": {},
  "an unknown job": { job: "nonsense" },
  "a job that is a number": { job: 1 },
  "a job that is null": { job: null },
  "an example without a name": { job: "example" },
  "an unknown example": { job: "example", name: "nobody" },
  "an example that is an object": { job: "example", name: {} },
  "no network": { ...classify, network: undefined },
  "an unknown network": { ...classify, network: "nobody" },
  "no name": { ...classify, name: undefined },
  "the original of nothing": { job: "original", most: 8 },
  "a part that is no JSON": { job: "original", most: 8, example, part: "{" },
  "a part that is a number": { job: "original", most: 8, example, part: 7 },
  "a part outside of the picture": { job: "original", most: 8, example, part: '{"x":300,"y":0,"width":9,"height":9}' },
  "a part without pixels": { job: "original", most: 8, example, part: "{}" },
  "a part without end": { job: "original", most: 8, example, part: '{"x":9223372036854775807,"y":1,"width":9,"height":9}' },
  "explaining nothing": { job: "explain", network },
  "no settings": { ...explain, json: undefined },
  "settings that are no JSON": { ...explain, json: "{" },
  "settings of another kind": { ...explain, json: "[]" },
  "settings that are null": { ...explain, json: "null" },
  "texts for numbers": { ...explain, json: JSON.stringify({ ...settings, samples: "many" }) },
  "too many samples": { ...explain, json: JSON.stringify({ ...settings, samples: 1e15 }) },
  "a number without end": { ...explain, json: JSON.stringify(settings).replace(/"samples":\d+/, '"samples":1e400') },
  "fewer samples than none": { ...explain, json: JSON.stringify({ ...settings, samples: -1 }) },
  "an unknown way of hiding": { ...explain, json: JSON.stringify({ ...settings, hide: "nothing" }) },
  "no pixels": { ...explain, rgba: undefined },
  "pixels that are null": { ...explain, rgba: null },
  "too few pixels": { ...explain, rgba: new Uint8Array(8) },
  "pixels that are a text": { ...explain, rgba: "pixels" },
  "pixels that are floats": { ...explain, rgba: new Float32Array(224 * 224 * 4) },
  "what claims to be very long": { ...explain, rgba: { length: 3e9 } },
  "a second opinion on nothing": { job: "shapley", network, rgba: pixels, json: "{}" },
  "a second opinion of another kind": { job: "shapley", network, rgba: pixels, json: '"x"' },
  "too many orders": { job: "shapley", network, rgba: pixels, json: JSON.stringify({ explanation: { settings }, permutations: 1e12 }) },
  "drawing nothing": { job: "draw" },
  "a drawing without labels": { ...draw, labels: undefined },
  "a drawing with too few labels": { ...draw, labels: new Uint8Array(7) },
  "a drawing with labels of no region": { ...draw, labels: new Uint8Array(2 * 224 * 224).fill(255) },
  "a drawing of no class": { ...draw, json: "{}" },
  "a drawing of fewer regions than none": { ...draw, json: JSON.stringify({ class: drawn, features: -1 }) },
  "summarising nothing": { job: "summarise" },
  "rows that are no list": { job: "summarise", json: '{"rows":7}' },
  "a row of no class": { job: "summarise", json: '{"rows":[{"predicted":"Mature"}]}' },
  "a case of nothing": { job: "case" },
  "a case under a name": { job: "case", json: '{"label":"Ann Smith","pictures":[]}' },
  "a case with an explanation that is none": { job: "case", json: '{"pictures":[{"answer":{},"explained":7}]}' },
  "a case with an odd decision": { job: "case", json: '{"pictures":[{"answer":{},"decision":{"certainty":"very"}}]}' },
  "a profile of nothing": { job: "profile" },
  "a profile of too few pictures": { job: "profile", json: '{"cases":[{"pictures":[]}]}' },
  "judged pictures of nothing": { job: "judged", json: "7" },
  "a profile that is none": { job: "readProfile", file: new Uint8Array([123, 125]) },
  "a profile of an unknown network": { job: "readProfile", file: new TextEncoder().encode(JSON.stringify({ format: "allnet profile 1", network: { name: "nobody" }, matrix: [0, 0, 0, 0].map(() => [0, 0, 0, 0]), bias: [0, 0, 0, 0] })) },
  "a correction that is none": { ...classify, correction: "[" },
  "a correction that is a number": { ...classify, correction: 7 },
  "a correction without end": { ...classify, correction: '{"bias":[1e9,0,0,0]}' },
  "comparing nothing": { job: "compare", json: '{"pictures":[]}' },
  "comparing what is no case": { job: "compare", saved: new Uint8Array([123, 125]), json: '{"pictures":[]}' },
  "an order of regions that are not there": { ...draw, json: JSON.stringify({ class: { ...drawn, order: [4e9] }, features: 5 }) },
};
// These are answered with a record that says so, as any file that is no picture.
const unreadable = {
  "no picture": { ...classify, example: undefined },
  "an unknown picture": { ...classify, example: "nobody" },
  "bytes that are a text": { ...classify, example: undefined, bytes: "bytes" },
  "no bytes at all": { ...classify, example: undefined, bytes: new Uint8Array(0) },
  "a canvas without a size": { ...classify, example: undefined, rgba: pixels },
  "a canvas of another size": { ...classify, example: undefined, rgba: pixels, width: 3, height: 5 },
  "a canvas without end": { ...classify, example: undefined, rgba: pixels, width: 1e300, height: 1e300 },
  "a canvas whose size overflows": { ...classify, example: undefined, rgba: pixels, width: 2 ** 32, height: 2 ** 32 },
  "a canvas of fewer pixels than none": { ...classify, example: undefined, rgba: pixels, width: -224, height: -224 },
};

let id = 1000;
const failed = [];
const good = JSON.stringify(JSON.parse((await ask({ ...classify, id: ++id })).json));
if (!good.includes('"predicted"')) failed.push(`the good picture: ${good}`);
const isObject = (message) => typeof message === "object" && message !== null && !Array.isArray(message);
for (const [cases, wanted] of [[odd, "error"], [unreadable, "done"]]) {
  for (const [what, message] of Object.entries(cases)) {
    const sent = isObject(message) && !what.includes("id") ? { id: ++id, ...message } : message;
    const got = await ask(sent);
    if (got.type === "failed" || got.type === "exit") {
      failed.push(`${what}: it ends: ${got.message}`);
      console.log(failed.join("\n"));
      process.exit(1);
    }
    const sentence = wanted === "error" ? got.message : got.json && JSON.parse(got.json).record.reason;
    if (got.type !== wanted || !/\w+ \w+/.test(sentence ?? "")) failed.push(`${what}: ${got.type}: ${sentence ?? got.json?.slice(0, 80)}`);
    if (sent?.id === id && got.id !== id) failed.push(`${what}: answered as ${got.id}`);
    if (/runtime error|makeslice|failed inside/.test(sentence ?? "")) failed.push(`${what}: a defect, not a sentence: ${sentence}`);
    const next = await ask({ ...classify, id: ++id });
    if (next.id !== id || next.json !== good) failed.push(`${what}: the job after it: ${next.message ?? next.json}`);
  }
}
console.log(failed.length ? failed.join("\n") : `${Object.keys(odd).length + Object.keys(unreadable).length} odd messages`);
process.exit(failed.length ? 1 : 0);
