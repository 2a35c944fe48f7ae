// All text and all numbers that people read are made here.

import table from "./strings.json";

/** The text of a key, with {name} replaced by values.name. @param {string} key @param {Record<string, unknown>} [values] */
export function text(key, values = {}) {
  const template = /** @type {Record<string, string>} */ (table)[key];
  if (template === undefined) throw new Error(`strings.json lacks ${key}`);
  return template.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

export const language = document.documentElement.lang;

/** The beginning of a profile's SHA-256. @param {string} hash */
export function shortHash(hash) {
  return hash.slice(0, 8);
}

/** How a network is called, with what a laboratory taught it. @param {string} network @param {string} [profile] its SHA-256 */
export function networkWords(network, profile) {
  const name = text(`network.${network}`);
  return profile ? text("network.taught", { network: name, profile: shortHash(profile) }) : name;
}

const percentFormat = new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** A probability as a percentage; none is shown as certain or impossible. @param {number} p */
export function percent(p) {
  if (p < 0.001) return "< " + percentFormat.format(0.001);
  if (p > 0.999) return "> " + percentFormat.format(0.999);
  return percentFormat.format(p);
}

/** A spread of probabilities as percentages, as small as they are: beside an explanation that cannot be read they are the reason. @param {number} p */
export function smallPercent(p) {
  return p === 0 || p >= 0.001 ? percentFormat.format(p) : `${number(100 * p)}%`;
}

/** A share of the picture's area. @param {number} p */
export function share(p) {
  return percentFormat.format(p);
}

/** @param {number} digits @param {"negative" | "exceptZero"} signDisplay */
const significant = (digits, signDisplay) => new Intl.NumberFormat(language, { minimumSignificantDigits: digits, maximumSignificantDigits: digits, signDisplay });
// "negative": no minus before what is rounded to nothing.
const numberFormat = significant(3, "negative");
const weightFormat = significant(3, "exceptZero");

/** A number to three digits. @param {number} x */
export function number(x) {
  return scaled(x, 3, numberFormat);
}

const spreadFormat = significant(2, "negative");

/** The standard error of a value, to two digits. @param {number} x @param {number} value */
export function spread(x, value) {
  return scaled(x, 2, spreadFormat, Math.abs(value) >= 0.001 ? 1e-5 : 0.001);
}

/** A weight to three digits, with its sign. @param {number} w */
export function weight(w) {
  return scaled(w, 3, weightFormat);
}

/** Below least, zeros are written as a power of ten. @param {number} x @param {number} digits @param {Intl.NumberFormat} format */
function scaled(x, digits, format, least = 0.001) {
  // Rounding comes first: what is rounded up to the next power of ten has that power.
  const [mantissa, exponent] = x.toExponential(digits - 1).split("e").map(Number);
  if (x === 0 || Math.abs(Number(`${mantissa}e${exponent}`)) >= least) return minus(format.format(x));
  const superscript = [...String(-exponent)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");
  return `${minus(format.format(mantissa))}·10⁻${superscript}`;
}

const fixedFormat = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: "negative" });

/** A number of the order of 1, to two decimals. @param {number} x */
export function fixed(x) {
  return minus(fixedFormat.format(x));
}

/**
 * A value and a limit that it was held against, both as written() writes them; with
 * more digits where the two would look the same and are not.
 * @param {number} value
 * @param {number} limit
 * @param {(x: number) => string} written
 */
export function apart(value, limit, written) {
  let words = [value, limit].map(written);
  for (let digits = 2; words[0] === words[1] && value !== limit && digits <= 20; digits++) {
    const format = new Intl.NumberFormat(language, { style: written === percent ? "percent" : "decimal", minimumFractionDigits: digits, maximumFractionDigits: digits });
    words = [value, limit].map((x) => minus(format.format(x)));
  }
  return words;
}

const countFormat = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });

/** A count. @param {number} n */
export function count(n) {
  return countFormat.format(n);
}

const wholePercentFormat = new Intl.NumberFormat(language, { style: "percent" });

/** The position of a slider, 0 to 1. @param {number} p */
export function wholePercent(p) {
  return wholePercentFormat.format(p);
}

/** The typographic minus sign is as wide as the plus. @param {string} words */
function minus(words) {
  return words.replace("-", "−");
}

/** A name that came from outside, set apart from the words around it: it may be written from right to left. @param {string} name */
export function isolated(name) {
  return `\u2068${name}\u2069`;
}

/** A name of at most so many characters: what is left out is left out in the middle, since names of pictures differ at the end. @param {string} name @param {number} most */
export function shortened(name, most) {
  const all = [...name];
  if (all.length <= most) return name;
  const end = Math.floor((most - 1) / 2);
  return `${all.slice(0, most - 1 - end).join("")}…${all.slice(all.length - end).join("")}`;
}
