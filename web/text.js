// All text and all numbers that people read are made here.

import table from "./strings.json";

/** The text of a key, with {name} replaced by values.name. */
export function text(key, values = {}) {
  const template = table[key];
  if (template === undefined) throw new Error(`strings.json lacks ${key}`);
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export const language = document.documentElement.lang;

const percentFormat = new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** A probability as a percentage; none is shown as certain or impossible. */
export function percent(p) {
  if (p < 0.001) return "< " + percentFormat.format(0.001);
  if (p > 0.999) return "> " + percentFormat.format(0.999);
  return percentFormat.format(p);
}

/** A share of the picture's area. */
export function share(p) {
  return percentFormat.format(p);
}

const digits = { minimumSignificantDigits: 3, maximumSignificantDigits: 3 };
const numberFormat = new Intl.NumberFormat(language, digits);
const weightFormat = new Intl.NumberFormat(language, { ...digits, signDisplay: "exceptZero" });

/** A number to three digits. */
export function number(x) {
  return scaled(x, numberFormat);
}

const spreadFormat = new Intl.NumberFormat(language, { minimumSignificantDigits: 2, maximumSignificantDigits: 2 });

/** The standard error of a value, to two digits. */
export function spread(x, value) {
  return scaled(x, spreadFormat, Math.abs(value) >= 0.001 ? 1e-5 : 0.001);
}

/** A weight to three digits, with its sign. */
export function weight(w) {
  return scaled(w, weightFormat);
}

/** Below least, zeros are written as a power of ten. */
function scaled(x, format, least = 0.001) {
  if (x === 0 || Math.abs(x) >= least) return minus(format.format(x));
  const exponent = Math.floor(Math.log10(Math.abs(x)));
  const superscript = [...String(-exponent)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("");
  return `${minus(format.format(x / 10 ** exponent))}·10⁻${superscript}`;
}

const fixedFormat = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** A number of the order of 1, to two decimals. */
export function fixed(x) {
  return minus(fixedFormat.format(x));
}

const countFormat = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });

/** A count. */
export function count(n) {
  return countFormat.format(n);
}

const wholePercentFormat = new Intl.NumberFormat(language, { style: "percent" });

/** The position of a slider, 0 to 1. */
export function wholePercent(p) {
  return wholePercentFormat.format(p);
}

/** The typographic minus sign is as wide as the plus. */
function minus(words) {
  return words.replace("-", "−");
}
