// Which network is asked, and where its card is.

import { canUseNetwork } from "./commands.js";
import { $, inputs, list, make, setText, show } from "./dom.js";
import { networkWords, text } from "./text.js";

/** @import {State} from "./types" */

/** Draws the choice of the network and, at the end of the page, which one it is. @param {State} now */
export function viewNetworks(now) {
  const { networks, network, engine } = now;
  show($("network-choice"), networks.length > 1);
  const chosen = networks.find(({ name }) => name === network);
  if (!chosen || !engine.identity) return;
  list($("networks"), ["legend", ...networks.map(({ name }) => name)], (name) => name,
    (name) => make("label", {},
      make("input", { type: "radio", name: "network", value: name }),
      make("span", {}, text(`network.${name}`))),
    (item, name) => { for (const input of inputs(item)) input.checked = name === network; });
  $("networks").disabled = !canUseNetwork(now);
  setText($("network-when"), text(`network.when.${network}`));
  const { weights } = chosen;
  setText($("identity-rest"), text("identity.rest", { network: networkWords(network, now.profile?.correction.profile), weights: weights.slice(0, 16), go: engine.identity.go }));
  $("identity-rest").dataset.weights = weights;
}
