// What an explanation rests on, counted: strongest regions that two ways of asking share, and regions that hold a stained nucleus.

/** How many regions are compared. */
const compared = 5;

/** The strongest regions that speak for a class; order lists all regions, the weightiest first. */
export function strongest(order, weights) {
  return order.filter((region) => weights[region] > 0).slice(0, compared);
}

/** How many regions two lists share, of how many that either has; five: whether both lists are full. */
export function sharedBy(a, b) {
  const shared = a.filter((region) => b.includes(region)).length;
  return { shared, all: a.length + b.length - shared, five: a.length === compared && b.length === compared };
}

/**
 * Of two full lists, how many regions both have, if that part of those that either has
 * is in both; null where that cannot be, so that a list was not full.
 */
export function sharedOfFive(part) {
  const shared = (2 * compared * part) / (1 + part);
  return Math.abs(shared - Math.round(shared)) < 1e-9 ? Math.round(shared) : null;
}

/**
 * What regions, each {weight, area, stained, nucleus}, the weightiest first, make of the
 * stained nuclei: shown, how many of them are drawn, those that speak most for the
 * class; holding, how many of these hold a nucleus; found, how many of all do; weight,
 * what the nuclei weigh together, each weight being spread evenly over its region.
 */
export function nucleiOf(regions, features) {
  const drawn = regions.filter(({ weight }) => weight > 0).slice(0, features);
  return {
    shown: drawn.length,
    holding: drawn.filter(({ nucleus }) => nucleus).length,
    found: regions.filter(({ nucleus }) => nucleus).length,
    weight: regions.reduce((sum, { weight, area, stained }) => sum + (weight * stained) / area, 0),
  };
}
