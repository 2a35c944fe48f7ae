// What the page promises about sending: every way out that is known is tried, in the
// page and in its worker, with a listener of its own behind it. The same attempts on a
// page without policy and seal show that the listener would hear them.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { browserNames, builtPage, fileAddress, launch, patience, scratch } from "./harness.mjs";

/** Ways out of a worker: told the address of the listener, and tried there. */
const workerWays = {
  "fetch": (to) => fetch(to.url),
  "XMLHttpRequest": (to) => { const request = new XMLHttpRequest(); request.open("GET", to.url); request.send(); },
  "WebSocket": (to) => { globalThis.kept = new WebSocket(to.url.replace("http", "ws")); },
  "EventSource": (to) => { globalThis.keptToo = new EventSource(to.url); },
  "importScripts": (to) => importScripts(to.url),
  "WebTransport": (to) => { globalThis.transport = new WebTransport(`https://127.0.0.1:${to.port}/`); },
  "import": (to) => import(to.url),
  "worker of a worker": (to) => { globalThis.other = new Worker(URL.createObjectURL(new Blob([`fetch("${to.url}")`], { type: "text/javascript" }))); },
};

/** Ways out of a page. */
const pageWays = {
  "fetch": workerWays.fetch,
  "XMLHttpRequest": workerWays.XMLHttpRequest,
  "WebSocket": workerWays.WebSocket,
  "EventSource": workerWays.EventSource,
  "WebTransport": workerWays.WebTransport,
  "import": workerWays.import,
  "beacon": (to) => navigator.sendBeacon(to.url, "x"),
  "image": (to) => { new Image().src = to.url; },
  "audio": (to) => { globalThis.audio = new Audio(to.url); globalThis.audio.load(); },
  "font": (to) => new FontFace("other", `url(${to.url})`).load(),
  "background": (to) => { document.body.style.backgroundImage = `url(${to.url})`; },
  "frame": (to) => { const frame = document.createElement("iframe"); frame.src = to.url; document.body.append(frame); },
  "object": (to) => { const object = document.createElement("object"); object.data = to.url; document.body.append(object); },
  "script": (to) => { const script = document.createElement("script"); script.src = to.url; document.body.append(script); },
  "style sheet": (to) => { const link = document.createElement("link"); link.rel = "stylesheet"; link.href = to.url; document.head.append(link); },
  "preconnect": (to) => { const link = document.createElement("link"); link.rel = "preconnect"; link.href = to.url; document.head.append(link); },
  "prefetch": (to) => { const link = document.createElement("link"); link.rel = "prefetch"; link.href = to.url; document.head.append(link); },
  "module preload": (to) => { const link = document.createElement("link"); link.rel = "modulepreload"; link.href = to.url; document.head.append(link); },
  "preconnect of another namespace's making": (to) => { const link = document.createElementNS("http://www.w3.org/1999/xhtml", "x:link"); link.rel = "preconnect"; link.href = to.url; document.head.append(link); },
  "preconnect in markup": (to) => { document.body.insertAdjacentHTML("beforeend", `<link rel="preconnect" href="${to.url}">`); },
  "preconnect in parsed markup": (to) => { document.body.append(document.adoptNode(new DOMParser().parseFromString(`<link rel="preconnect" href="${to.url}">`, "text/html").querySelector("link"))); },
  "preconnect in a fragment": (to) => { document.body.append(document.createRange().createContextualFragment(`<link rel="preconnect" href="${to.url}">`)); },
  "preconnect as a document's root": (to) => {
    const link = document.implementation.createDocument("http://www.w3.org/1999/xhtml", "link").documentElement;
    link.rel = "preconnect";
    link.href = to.url;
    document.head.append(document.adoptNode(link));
  },
  "the page's icon, by property": (to) => { const link = document.querySelector("link[rel=icon]").cloneNode(); link.rel = "preconnect"; link.href = to.url; document.head.append(link); },
  "the page's icon, by attribute": (to) => { const link = document.querySelector("link[rel=icon]").cloneNode(); link.setAttribute("rel", "preconnect"); link.setAttribute("href", to.url); document.head.append(link); },
  "the page's icon, by attribute node": (to) => {
    const link = document.querySelector("link[rel=icon]").cloneNode();
    link.attributes.rel.value = "preconnect";
    link.attributes.href.textContent = to.url;
    document.head.append(link);
  },
  "WebRTC": (to) => {
    const connection = (globalThis.connection = new RTCPeerConnection({ iceServers: [{ urls: `stun:127.0.0.1:${to.port}` }] }));
    connection.createDataChannel("x");
    connection.createOffer().then((offer) => connection.setLocalDescription(offer));
  },
  "WebRTC of a frame": (to) => {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    const connection = (globalThis.frameConnection = new frame.contentWindow.RTCPeerConnection({ iceServers: [{ urls: `stun:127.0.0.1:${to.port}` }] }));
    connection.createDataChannel("x");
    connection.createOffer().then((offer) => connection.setLocalDescription(offer));
  },
  "WebRTC of a frame of an element class of our own": (to) => {
    customElements.define("x-frame", class extends HTMLIFrameElement {}, { extends: "iframe" });
    const frame = new (customElements.get("x-frame"))();
    document.body.append(frame);
    const connection = (globalThis.classConnection = new frame.contentWindow.RTCPeerConnection({ iceServers: [{ urls: `stun:127.0.0.1:${to.port}` }] }));
    connection.createDataChannel("x");
    connection.createOffer().then((offer) => connection.setLocalDescription(offer));
  },
  "WebRTC of a window": (to) => {
    const connection = (globalThis.windowConnection = new (globalThis.open("about:blank").RTCPeerConnection)({ iceServers: [{ urls: `stun:127.0.0.1:${to.port}` }] }));
    connection.createDataChannel("x");
    connection.createOffer().then((offer) => connection.setLocalDescription(offer));
  },
  "window": (to) => globalThis.open(to.url),
  "form": (to) => { const form = document.createElement("form"); form.action = to.url; form.target = "nowhere"; document.body.append(form); form.submit(); },
  "speculation": (to) => { const script = document.createElement("script"); script.type = "speculationrules"; script.textContent = JSON.stringify({ prefetch: [{ urls: [to.url] }] }); document.head.append(script); },
  "ping": (to) => { const link = document.createElement("a"); link.href = "#nowhere"; link.ping = to.url; document.body.append(link); link.click(); },
  "shared worker": (to) => { globalThis.shared = new SharedWorker(to.url); },
  "worker": (to) => { globalThis.worker = new Worker(URL.createObjectURL(new Blob([`fetch("${to.url}").catch(() => {})`], { type: "text/javascript" }))); },
};

/** Ways that each browser has: on the page without policy and seal they must be heard. */
const common = ["fetch", "XMLHttpRequest", "WebSocket", "EventSource", "beacon", "image", "font", "background", "frame", "script", "style sheet", "worker"];
const heardOnOpenPage = {
  chromium: [...common, "window", "form", "WebTransport", "preconnect", "preconnect in markup", "the page's icon, by attribute node", "WebRTC", "WebRTC of a frame", "WebRTC of a window"],
  // It announces no connection to an address of this machine.
  firefox: [...common, "audio", "window", "form", "WebRTC", "WebRTC of a frame"],
  // It opens no window that nobody asked for; Debian builds it without WebRTC.
  webkit: [...common, "audio", "preconnect", "preconnect in markup", "the page's icon, by attribute node"],
};
/** Those that are heard of a page with the policy alone: the reason for the seal. */
const pastThePolicy = {
  chromium: ["preconnect", "WebRTC", "WebRTC of a frame"],
  firefox: ["WebRTC", "WebRTC of a frame"],
  webkit: ["preconnect"],
};
const heardInOpenWorker = ["fetch", "XMLHttpRequest", "WebSocket", "EventSource", "importScripts"];

/** Ports that were listened to. They are kept to the end, and what comes late is not heard: on a port that was given
 * back and handed out anew, a late request of one page would be taken for one of another. */
const ports = [];

/** A listener for each way, for TCP and UDP on one port: heard holds the names of those that were reached in either way. */
async function listen(names) {
  const heard = new Set();
  const listeners = await Promise.all(names.map(async (name) => {
    const hear = () => heard.add(name);
    for (;;) {
      const tcp = createServer((_, response) => response.writeHead(200, { "Content-Type": "text/html", "Access-Control-Allow-Origin": "*" }).end());
      tcp.on("connection", hear);
      await new Promise((listening) => tcp.listen(0, "127.0.0.1", listening));
      const { port } = tcp.address();
      const udp = createSocket("udp4", hear);
      const free = await new Promise((bound) => { udp.once("error", () => bound(false)); udp.bind(port, "127.0.0.1", () => bound(true)); });
      if (free) return { name, tcp, udp, to: { url: `http://127.0.0.1:${port}/`, port } };
      tcp.close();
    }
  }));
  ports.push(...listeners);
  return {
    heard,
    ways: listeners.map(({ name, to }) => ({ name, to })),
    stop: () => listeners.forEach(({ tcp }) => tcp.closeAllConnections()),
  };
}

/** The text of a program that tries all ways. */
function attempts(ways, functions) {
  return ways.map(({ name, to }) => `try { Promise.resolve((${functions[name]})(${JSON.stringify(to)})).catch(() => {}); } catch {}`).join("\n");
}

/** Waits until all that is wanted has been heard; returns how long that took. */
async function hearing({ heard }, wanted) {
  const start = performance.now();
  while (!wanted.every((name) => heard.has(name)) && performance.now() - start < patience / 4) await later(50);
  assert.deepEqual(wanted.filter((name) => !heard.has(name)), [], "heard of the open page");
  return performance.now() - start;
}

after(() => ports.forEach(({ tcp, udp }) => { tcp.closeAllConnections(); tcp.close(); udp.close(); }));

for (const browserName of browserNames) {
  describe(browserName, { timeout: 10 * patience }, () => {
    let browser;
    before(async () => {
      // Firefox tells no server of an address of this machine otherwise.
      browser = await launch(browserName, browserName === "firefox" ? { extraPrefsFirefox: { "media.peerconnection.ice.loopback": true } } : {});
    });
    after(() => browser?.close());

    const opened = async (address) => {
      const page = await browser.newPage();
      await page.goto(address);
      if (address !== openPage) await page.waitForSelector("#engine-status[data-status=ready]");
      return page;
    };
    const openPage = (() => {
      const file = join(scratch, "open.html");
      writeFileSync(file, `<!doctype html><title>no policy</title><link rel="icon" href="data:,"><body>`);
      return pathToFileURL(file).href;
    })();

    /** What is heard when each way is tried, after wait, which says when it is enough. */
    const heardOf = async (functions, tryThem, wait) => {
      const listeners = await listen(Object.keys(functions));
      const page = await tryThem(attempts(listeners.ways, functions));
      const took = await wait(listeners);
      listeners.stop();
      await page.close();
      return { heard: [...listeners.heard], took };
    };
    const inPage = (address) => async (program) => {
      const page = await opened(address);
      await page.evaluate(`(() => { ${program} })()`);
      return page;
    };
    const inOpenWorker = async (program) => {
      const page = await opened(openPage);
      await page.evaluate((text) => { globalThis.worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" }))); }, program);
      return page;
    };
    /** In the page's own workers: their script, which stands in the page as text, tries the ways at its end. */
    const inOwnWorker = async (program) => {
      const file = join(scratch, "own-worker.html");
      const page = readFileSync(builtPage, "latin1");
      const changed = page.replace(/<script type="text\/plain" id="worker">.*?(?=<\/script>)/s, (script) => `${script}\n${program}\n`);
      assert.notEqual(changed, page);
      writeFileSync(file, changed, "latin1");
      return opened(pathToFileURL(file).href);
    };
    const quietFor = (open) => () => later(Math.max(1500, 2 * open.took));

    test("nothing that is tried in the page reaches a listener, and the policy alone would not have done", async (t) => {
      const open = await heardOf(pageWays, inPage(openPage), (listeners) => hearing(listeners, heardOnOpenPage[browserName]));
      t.diagnostic(`not heard even of the open page: ${Object.keys(pageWays).filter((name) => !open.heard.includes(name)).join(", ")}`);
      const sealed = await heardOf(pageWays, inPage(fileAddress), quietFor(open));
      assert.deepEqual(sealed.heard, []);

      const policyAlone = join(scratch, "policy-alone.html");
      const page = readFileSync(builtPage, "latin1");
      writeFileSync(policyAlone, page.replace(/<script>.*?<\/script>/s, ""), "latin1");
      const unsealed = await heardOf(pageWays, inPage(pathToFileURL(policyAlone).href), (listeners) => hearing(listeners, pastThePolicy[browserName]));
      t.diagnostic(`heard past the policy alone: ${unsealed.heard.join(", ")}`);
    });

    test("nothing that is tried in a worker reaches a listener", async () => {
      const open = await heardOf(workerWays, inOpenWorker, (listeners) => hearing(listeners, heardInOpenWorker));
      const sealed = await heardOf(workerWays, inOwnWorker, quietFor(open));
      assert.deepEqual(sealed.heard, []);
    });

    test("what is taken away cannot be put back", async () => {
      const page = await opened(fileAddress);
      const left = await page.evaluate(() => {
        const names = ["fetch", "XMLHttpRequest", "WebSocket", "EventSource", "WebTransport", "RTCPeerConnection", "webkitRTCPeerConnection", "open", "DOMParser", "customElements"];
        return names.filter((name) => name in globalThis).filter((name) => {
          const { value, writable, configurable } = Object.getOwnPropertyDescriptor(globalThis, name);
          return value !== undefined || writable || configurable || Object.getPrototypeOf(globalThis)[name] !== undefined;
        });
      });
      assert.deepEqual(left, []);
      for (const make of [() => document.createElement("iframe"), () => document.createElement("LINK"), () => document.createElement({ toString: () => (globalThis.asked = globalThis.asked === "b" ? "iframe" : "b") }).localName === "iframe" || document.createElement("object")]) {
        await assert.rejects(page.evaluate(make), /sealed/);
      }
      await page.close();
    });

    test("going to another page is not closed, so the page does not promise it", async () => {
      const listeners = await listen(["navigation"]);
      const page = await opened(fileAddress);
      await page.evaluate((url) => { setTimeout(() => { location.href = url; }); }, listeners.ways[0].to.url);
      await hearing(listeners, ["navigation"]);
      listeners.stop();
      await page.close();
    });
  });
}

function later(milliseconds) {
  return new Promise((passed) => setTimeout(passed, milliseconds));
}
