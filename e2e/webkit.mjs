// WebKit as a browser for the tests: Debian's WebKitGTK, asked over WebDriver,
// with the part of puppeteer's Browser and Page that the tests use. Puppeteer
// itself speaks no protocol of WebKit's.

import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { createInterface } from "node:readline";

/** The key codes of WebDriver (section 17.4.2 of its specification) by their names in puppeteer. */
const keys = { Tab: "\uE004", Enter: "\uE007", Escape: "\uE00C", ArrowLeft: "\uE012", ArrowUp: "\uE013", ArrowRight: "\uE014", ArrowDown: "\uE015" };

/** How long MiniBrowser may take to start, in milliseconds: on a busy machine it now and then never does. */
const startPatience = 60_000;

/**
 * Starts WebKit on a screen of its own that nobody sees, at the third attempt at the latest. program is
 * WebKitWebDriver; args are further options of MiniBrowser, timeout is how long a script may take.
 */
export async function launchWebKit(options) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launchOnce(options);
    } catch (error) {
      if (!error.slow || attempt === 3) throw error;
    }
  }
}

async function launchOnce({ program, args = [], timeout }) {
  const children = [];
  const start = (command, options, spawned) => {
    const child = spawn(command, options, spawned);
    child.failed = new Promise((_, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => reject(new Error(`${command} ended: ${code ?? signal}`)));
    });
    child.failed.catch(() => {}); // told to whoever waits for it
    children.push(child);
    return child;
  };
  const proxy = await listenForRequests();
  const end = async () => {
    for (const child of children.splice(0).reverse()) {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      if (child.exitCode === null && child.signalCode === null && child.kill()) await gone;
    }
    await proxy.close();
  };
  try {
    // Without a screen WebKitGTK does not start. The fourth channel tells the number of the screen that was free.
    const screen = start("Xvfb", ["-displayfd", "3", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
    const display = await Promise.race([firstLine(screen.stdio[3]), screen.failed]);
    const port = await freePort();
    const driver = start(program, [`--port=${port}`], {
      stdio: "ignore",
      // No session bus is needed where nobody asks for the accessibility bus.
      env: { ...process.env, DISPLAY: `:${display}`, NO_AT_BRIDGE: "1", GIO_USE_VFS: "local", GSETTINGS_BACKEND: "memory", DBUS_SESSION_BUS_ADDRESS: "disabled:" },
    });
    const browser = new Browser(`http://127.0.0.1:${port}`, end, proxy);
    const limit = new AbortController();
    const slow = new Promise((_, reject) => {
      const tooLong = Object.assign(new Error(`MiniBrowser did not start within ${startPatience / 1000} s`), { slow: true });
      setTimeout(() => { limit.abort(tooLong); reject(tooLong); }, startPatience).unref();
    });
    slow.catch(() => {}); // nobody waits for it once WebKit is there
    const begun = browser.begin(args, timeout, limit.signal);
    begun.catch(() => {}); // nor for this, once it is too late
    await Promise.race([begun, driver.failed, slow]);
    return browser;
  } catch (error) {
    await end();
    throw error;
  }
}

class Browser {
  #address;
  #session;
  #end;
  #proxy;
  #home; // the first window, which stays: commands need one
  #current = null;
  #queue = Promise.resolve();
  #pages = new Set();
  #timeout;

  constructor(address, end, proxy) {
    this.#address = address;
    this.#end = end;
    this.#proxy = proxy;
    proxy.heard = (url) => this.#pages.forEach((page) => page.emit("request", { url: () => url }));
  }

  async begin(args, timeout, limit) {
    this.#timeout = timeout;
    for (;;) {
      limit.throwIfAborted();
      const ready = await fetch(`${this.#address}/status`).then((response) => response.ok, () => false);
      if (ready) break;
      await later(20);
    }
    const { sessionId } = await this.#send("POST", "/session", { capabilities: { alwaysMatch: {
      "webkitgtk:browserOptions": { args: ["--automation", ...args] },
      proxy: { proxyType: "manual", httpProxy: this.#proxy.address, sslProxy: this.#proxy.address, noProxy: ["127.0.0.1"] },
    } } });
    this.#session = `/session/${sessionId}`;
    await this.#send("POST", `${this.#session}/timeouts`, { script: timeout, pageLoad: timeout });
    this.#home = await this.#send("GET", `${this.#session}/window`);
  }

  async newPage() {
    const { handle } = await this.command(this.#home, "POST", "/window/new", { type: "window" });
    const page = new Page(this, handle, this.#timeout);
    this.#pages.add(page);
    return page;
  }

  async close() {
    await this.command(null, "DELETE", "").catch(() => {}); // ends MiniBrowser
    await this.#end();
  }

  forget(page) {
    this.#pages.delete(page);
    this.#current = null;
  }

  /** One command of WebDriver after another, each to its page's window. */
  command(handle, method, path, body = method === "POST" ? {} : undefined) {
    const done = this.#queue.then(async () => {
      if (handle && this.#current !== handle) {
        await this.#send("POST", `${this.#session}/window`, { handle });
        this.#current = handle;
      }
      return this.#send(method, this.#session + path, body);
    });
    this.#queue = done.catch(() => {});
    return done;
  }

  async #send(method, path, body) {
    const response = await fetch(this.#address + path, { method, body: body && JSON.stringify(body), signal: AbortSignal.timeout(this.#timeout + 10_000) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  }
}

/**
 * Keeps what goes wrong in the page, because WebDriver tells nothing of it: exceptions,
 * broken rules of the policy, and console.error. Runs in the page, once it has been loaded.
 */
function listenForProblems() {
  const problems = (globalThis[Symbol.for("problems")] = []);
  addEventListener("error", ({ message }) => message && problems.push(message));
  addEventListener("unhandledrejection", ({ reason }) => problems.push(String(reason)));
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => problems.push(`${violatedDirective} forbids ${blockedURI}`));
  const { error } = console;
  console.error = (...values) => {
    problems.push(values.join(" "));
    error.apply(console, values);
  };
}

/** Calls source with the values and passes on what it gives, as JSON, because WebDriver makes null of undefined. Runs in the page. */
const callInPage = (source) => `
  const [values, done] = arguments;
  const answer = (fields) => done({ ...fields, problems: globalThis[Symbol.for("problems")]?.splice(0) ?? [] });
  (async () => (${source})(...JSON.parse(values)))().then(
    (value) => answer({ json: JSON.stringify(value) }),
    (error) => answer({ error: String(error?.stack && error?.message ? error.message + "\\n" + error.stack : error) }));`;

class Page {
  #browser;
  #handle;
  #patience;
  #listeners = [];

  constructor(browser, handle, patience) {
    this.#browser = browser;
    this.#handle = handle;
    this.#patience = patience;
  }

  /** Of puppeteer's events: "console" (errors alone, after the load event, told with the next call into the page) and "request" (to 127.0.0.1 not). */
  on(name, listener) {
    this.#listeners.push({ name, listener });
  }

  emit(name, event) {
    for (const { name: wanted, listener } of this.#listeners) if (wanted === name) listener(event);
  }

  setDefaultTimeout(patience) {
    this.#patience = patience;
  }

  async setViewport({ width, height }) {
    let outer = { width, height };
    for (let tries = 0; tries < 100; tries++) {
      await this.#command("POST", "/window/rect", outer);
      const [w, h] = await this.evaluate(() => [innerWidth, innerHeight]);
      if (w === width && h === height) return;
      if (w > width && tries > 20) break;
      outer = { width, height: outer.height + (height - h) };
      await later(20);
    }
    throw new Error(`MiniBrowser's window cannot be made ${width} x ${height} pixels`);
  }

  async goto(url) {
    await this.#command("POST", "/url", { url });
    await this.evaluate(listenForProblems);
  }

  async close() {
    await this.#command("DELETE", "/window");
    this.#browser.forget(this);
  }

  async evaluate(source, ...values) {
    // A text is an expression, as with puppeteer.
    if (typeof source === "string") return this.#command("POST", "/execute/sync", { script: `const value = ${source}\n; return value;`, args: [] });
    return this.#call(source, values);
  }

  /** Calls a function, given by its text, in the page. */
  async #call(source, values) {
    const { json, error, problems } = await this.#command("POST", "/execute/async", { script: callInPage(source), args: [JSON.stringify(values)] });
    for (const problem of problems) this.emit("console", { type: () => "error", text: () => problem });
    if (error !== undefined) throw new Error(error);
    return json === undefined ? undefined : JSON.parse(json);
  }

  $eval(selector, source, ...values) {
    return this.#call(`(selector, ...values) => {
      const element = document.querySelector(selector);
      if (!element) throw new Error("no element is " + selector);
      return (${source})(element, ...values);
    }`, [selector, ...values]);
  }

  $$eval(selector, source, ...values) {
    return this.#call(`(selector, ...values) => (${source})([...document.querySelectorAll(selector)], ...values)`, [selector, ...values]);
  }

  async waitForFunction(source, _options, ...values) {
    const done = await this.#call(`async (patience, ...values) => {
      for (const start = performance.now(); performance.now() - start < patience; await new Promise((later) => setTimeout(later, 10))) {
        if (await (${source})(...values)) return true;
      }
      return false;
    }`, [this.#patience, ...values]);
    if (!done) throw new Error(`waited in vain for ${source}`);
  }

  waitForSelector(selector) {
    return this.waitForFunction((wanted) => document.querySelector(wanted), {}, selector);
  }

  async $(selector) {
    return (await this.$$(selector))[0] ?? null;
  }

  async $$(selector) {
    const elements = await this.#command("POST", "/elements", { using: "css selector", value: selector });
    return elements.map((element) => ({
      uploadFile: (...files) => this.#command("POST", `/element/${Object.values(element)[0]}/value`, { text: files.join("\n") }),
    }));
  }

  focus(selector) {
    return this.$eval(selector, (element) => element.focus());
  }

  keyboard = {
    press: (name) => {
      const value = keys[name] ?? name;
      if ([...value].length !== 1) throw new Error(`the key ${name} is not known here`);
      return this.#command("POST", "/actions", { actions: [{ type: "key", id: "keyboard", actions: [{ type: "keyDown", value }, { type: "keyUp", value }] }] });
    },
  };

  #command(method, path, body) {
    return this.#browser.command(this.#handle, method, path, body);
  }
}

/** A proxy that answers nothing and tells of every request: what goes to 127.0.0.1 does not come by it. */
async function listenForRequests() {
  const proxy = { heard: () => {} };
  const server = createServer((request, response) => {
    proxy.heard(request.url);
    response.writeHead(404).end();
  });
  server.on("connect", (request, socket) => {
    proxy.heard(`https://${request.url}`);
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  proxy.address = `127.0.0.1:${server.address().port}`;
  proxy.close = () => new Promise((closed) => { server.closeAllConnections(); server.close(closed); });
  return proxy;
}

async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

async function firstLine(stream) {
  for await (const line of createInterface(stream)) return line;
}

function later(milliseconds) {
  return new Promise((passed) => setTimeout(passed, milliseconds));
}
