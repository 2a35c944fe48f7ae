// The SHA-256 of this page. A page cannot read its own file: nothing may be fetched. Who wants a
// case to name it gives the file of the page, which must hold the same scripts and style.

import { changeCase, notify } from "./state.js";
import { text } from "./text.js";

/** Names the page by its file, unless that is another one. @param {File} file */
export async function namePage(file) {
  const bytes = await file.arrayBuffer();
  const policy = document.querySelector("meta[http-equiv=Content-Security-Policy]")?.getAttribute("content") ?? "";
  const hashes = policy.match(/sha256-[\w+/=]+/g) ?? []; // of its scripts and its style
  const whole = new TextDecoder().decode(bytes);
  if (hashes.length === 0 || !hashes.every((hash) => whole.includes(hash))) return notify(text("error.page", { name: file.name }));
  if (!globalThis.crypto?.subtle) return notify(text("error.page.unsafe"));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  changeCase({ page: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("") });
}

/** Whether a file may be a page. @param {File} file */
export function isPage({ name, type }) {
  return /\.html?$/i.test(name) || type === "text/html";
}
