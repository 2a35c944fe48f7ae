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

/** A probability as a percentage; what is nearly certain is not shown as certain. */
export function percent(p) {
  if (p > 0 && p < 0.001) return "< " + percentFormat.format(0.001);
  if (p < 1 && p > 0.999) return "> " + percentFormat.format(0.999);
  return percentFormat.format(p);
}

/** A share of the picture's area. */
export function share(p) {
  return percentFormat.format(p);
}

const weightFormat = new Intl.NumberFormat(language, { maximumSignificantDigits: 3, signDisplay: "exceptZero" });

/** A weight with its sign. */
export function weight(w) {
  return weightFormat.format(w);
}

const numberFormat = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 });

/** Any other number, to three digits. */
export function number(x) {
  return numberFormat.format(x);
}

const countFormat = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });

/** A count. */
export function count(n) {
  return countFormat.format(n);
}
