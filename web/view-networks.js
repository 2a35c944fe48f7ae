// Which network is asked, and where its card is.

import { $, list, make, setText, show } from "./dom.js";
import { text } from "./text.js";

/** Draws the choice of the network and, at the end of the page, which one it is. */
export function viewNetworks({ networks, network, engine }) {
  show($("network-choice"), networks.length > 1);
  if (!network) return;
  list($("networks"), ["legend", ...networks.map(({ name }) => name)], (name) => name,
    (name) => make("label", {},
      make("input", { type: "radio", name: "network", value: name }),
      make("span", {}, text(`network.${name}`))),
    (item, name) => { if (name !== "legend") item.querySelector("input").checked = name === network; });
  $("networks").disabled = engine.status === "failed";
  setText($("network-when"), text(`network.when.${network}`));
  const { weights } = networks.find(({ name }) => name === network);
  setText($("identity-rest"), text("identity.rest", { network: text(`network.${network}`), weights: weights.slice(0, 16), go: engine.identity.go }));
  $("identity-rest").dataset.weights = weights;
}
