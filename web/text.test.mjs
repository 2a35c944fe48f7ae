import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import "./standin.mjs";

const table = JSON.parse(readFileSync(new URL("strings.json", import.meta.url)));
const words = await import("./text.js");
const { text, percent, smallPercent, share, number, spread, weight, fixed, count, wholePercent, apart, isolated, networkWords, shortened, shortHash } = words;

test("every function of text.js is tested here", () => {
  const source = readFileSync(new URL(import.meta.url), "utf8");
  for (const name of Object.keys(words)) assert.match(source, new RegExp(`\\b${name}\\b[(,]`), name);
  assert.equal(words.language, "en");
});

test("a text has its values in their places, as often as they are named", () => {
  assert.equal(text("network.legend"), table["network.legend"]);
  assert.equal(text("rows.count", { done: "1", total: "2" }), "1 of 2 done");
  assert.equal(text("rows.count", { done: "{total}", total: "$&" }), "{total} of $& done", "a value is never read as a pattern");
  assert.throws(() => text("no such key"), /no such key/);
});

test("no probability is written as certain or impossible", () => {
  for (const [p, written] of [[0, "< 0.1%"], [0.0009, "< 0.1%"], [0.001, "0.1%"], [0.5, "50.0%"], [0.12345, "12.3%"], [0.999, "99.9%"], [0.99901, "> 99.9%"], [1, "> 99.9%"]]) {
    assert.equal(percent(p), written);
  }
});

test("a spread of probabilities is written as small as it is", () => {
  for (const [p, written] of [[0, "0.0%"], [0.5, "50.0%"], [1, "100.0%"], [0.001, "0.1%"], [0.00099, "0.0990%"], [0.0009996, "0.100%"], [1.5e-7, "1.50·10⁻⁵%"]]) {
    assert.equal(smallPercent(p), written);
  }
});

test("a share of the area and a slider's position are percentages", () => {
  assert.deepEqual([0, 0.0234, 1].map(share), ["0.0%", "2.3%", "100.0%"]);
  assert.deepEqual([0, 0.7, 1].map(wholePercent), ["0%", "70%", "100%"]);
});

test("a number has three digits, and a power of ten in place of zeros", () => {
  for (const [x, written] of [
    [0, "0.00"], [-0, "0.00"], [1, "1.00"], [-1.234, "−1.23"], [12345, "12,300"], [0.00123, "0.00123"], [0.001, "0.00100"],
    [0.00099, "9.90·10⁻⁴"], [-0.00099, "−9.90·10⁻⁴"], [1.234e-12, "1.23·10⁻¹²"],
  ]) assert.equal(number(x), written);
});

test("what is rounded up to the next power of ten is written with that power", () => {
  assert.equal(number(0.0009996), "0.00100");
  assert.equal(number(0.00009996), "1.00·10⁻⁴");
  assert.equal(number(-0.00009996), "−1.00·10⁻⁴");
  assert.equal(weight(0.0009996), "+0.00100");
  assert.equal(spread(0.00009996, 1e-4), "1.0·10⁻⁴");
  for (let exponent = -15; exponent < -3; exponent++) {
    for (const mantissa of [1, 1.005, 9.99, 9.994, 9.9949, 9.995, 9.9951, 9.996, 9.9999]) {
      assert.match(number(mantissa * 10 ** exponent), /^([1-9]\.\d\d·10⁻[⁰¹²³⁴-⁹]+|0\.00100)$/u, `${mantissa}e${exponent}`);
    }
  }
});

test("a weight has its sign, and none where it is nothing", () => {
  for (const [w, written] of [[0.5, "+0.500"], [-0.5, "−0.500"], [0, "0.00"], [-0, "0.00"], [2e-5, "+2.00·10⁻⁵"], [-2e-5, "−2.00·10⁻⁵"]]) assert.equal(weight(w), written);
});

test("a standard error has two digits, and a power of ten only where its value has one", () => {
  assert.equal(spread(0.0123, 0.5), "0.012");
  assert.equal(spread(0.000123, 0.5), "0.00012", "beside 0.500");
  assert.equal(spread(0.000123, -0.5), "0.00012", "beside −0.500");
  assert.equal(spread(0.000123, 0.0002), "1.2·10⁻⁴", "beside 2.00·10⁻⁴");
  assert.equal(spread(0, 0.5), "0.0");
});

test("two decimals never make a nothing with a sign", () => {
  for (const [x, written] of [[0, "0.00"], [-0, "0.00"], [-0.001, "0.00"], [0.001, "0.00"], [-0.0051, "−0.01"], [0.996, "1.00"], [-1, "−1.00"]]) assert.equal(fixed(x), written);
});

test("a count is whole and has its thousands apart", () => {
  assert.deepEqual([0, 1, 999, 2345, 1.4].map(count), ["0", "1", "999", "2,345", "1"]);
});

test("what misses its limit is never written like the limit", () => {
  assert.deepEqual(apart(0.381, 0.5, percent), ["38.1%", "50.0%"], "as always where that tells them apart");
  assert.deepEqual(apart(0.4996, 0.5, percent), ["49.96%", "50.00%"]);
  assert.deepEqual(apart(0.49999996, 0.5, percent), ["49.999996%", "50.000000%"]);
  assert.deepEqual(apart(1.0004, 1, fixed), ["1.0004", "1.0000"]);
  assert.deepEqual(apart(-3.00001, -3, fixed), ["−3.00001", "−3.00000"]);
  assert.deepEqual(apart(0.80004, 0.8, number), ["0.80004", "0.80000"]);
  assert.deepEqual(apart(0.99950001, 0.9995, percent), ["99.950001%", "99.950000%"]);
  assert.deepEqual(apart(0.5, 0.5, percent), ["50.0%", "50.0%"], "what is equal is written so");
  const [value, limit] = apart(0.5 - Number.EPSILON / 2, 0.5, percent);
  assert.notEqual(value, limit, "however little is missing");
});

test("a name from outside is set apart from the words around it", () => {
  assert.equal(isolated("تقرير"), "\u2068تقرير\u2069");
});

test("a long name loses its middle, and keeps its end", () => {
  assert.equal(shortened("short.png", 60), "short.png");
  assert.equal(shortened("abcdefghij", 10), "abcdefghij");
  assert.equal(shortened("abcdefghijk", 5), "ab…jk");
  assert.equal(shortened("abcdefghijk", 4), "ab…k");
  assert.equal(shortened("abcdefghijk", 2), "a…", "there is no room for its end");
  assert.equal(shortened("abcdefghijk", 1), "…");
  assert.equal(shortened("🩸🔬🩸🔬🩸🔬", 3), "🩸…🔬", "characters, not halves of them");
});

test("a network that a laboratory taught is called by its profile too", () => {
  assert.equal(networkWords("cells"), table["network.cells"]);
  assert.equal(networkWords("cells", "0123456789ab"), `${table["network.cells"]} with the laboratory’s profile 01234567`);
  assert.equal(shortHash("0123456789ab"), "01234567");
});
