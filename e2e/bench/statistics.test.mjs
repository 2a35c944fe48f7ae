import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, median } from "./statistics.mjs";

test("the median is the middle, or half way between the two in the middle", () => {
  assert.equal(median([10, 9, 100]), 10);
  assert.equal(median([4, 1, 3, 100]), 3.5);
});

const network = (name) => ({
  name, ours: { median: 20 }, theirs: { median: 46 }, shareOfLimit: 0.75,
  samples1000: { median: 184 }, samples10000: { median: 736 }, samples1000000: { median: 73_600 }, quickshift: { median: 75 }, explain: { whole: { median: 184 } }, divided: { whole: { median: 184 } }, cells: { whole: { median: 115 } },
});
const onTarget = () => ({
  networks: [network("narrow"), network("wide")], nativeQuickshift: { ms: 300 },
  workers: { ratio: 1.8, memoryFirst: 100, memoryLast: 105 }, page: { coldStart: { median: 600 }, gzip: 4_100_000 },
  use: { photograph: { answer: 1500 }, live: { rate: 8, longestTask: 50 } },
});

test("what is exactly on target is met", () => {
  assert.deepEqual(judge(onTarget()).filter(({ met }) => !met), []);
});

test("each figure that is a little worse fails alone", () => {
  const worse = [
    [/narrow: forward/, (m) => { m.networks[0].ours.median = 20.01; }],
    [/wide: share/, (m) => { m.networks[1].shareOfLimit = 0.749; }],
    [/wide: 1,000 LIME/, (m) => { m.networks[1].samples1000.median = 184.01; }],
    [/narrow: 10,000 LIME/, (m) => { m.networks[0].samples10000.median = 737; }],
    [/narrow: 1,000,000 LIME/, (m) => { m.networks[0].samples1000000.median = 73_601; }],
    [/whole explanation/, (m) => { m.networks[0].explain.whole.median = 185; }],
    [/explanation by cells/, (m) => { m.networks[0].cells.whole.median = 116; }],
    [/by two workers/, (m) => { m.networks[0].divided.whole.median = 185; }],
    [/^quickshift/, (m) => { m.networks[0].quickshift.median = 76; }],
    [/^two workers/, (m) => { m.workers.ratio = 1.79; }],
    [/memory/, (m) => { m.workers.memoryLast = 106; }],
    [/cold start/, (m) => { m.page.coldStart.median = 601; }],
    [/gzip/, (m) => { m.page.gzip = 4_100_001; }],
    [/12 megapixels/, (m) => { m.use.photograph.answer = 1501; }],
    [/pictures a second$/, (m) => { m.use.live.rate = 7.99; }],
    [/longest task/, (m) => { m.use.live.longestTask = 51; }],
  ];
  for (const [what, change] of worse) {
    const measured = onTarget();
    change(measured);
    const failed = judge(measured).filter(({ met }) => !met);
    assert.equal(failed.length, 1, `${what}`);
    assert.match(failed[0].what, what);
  }
});
