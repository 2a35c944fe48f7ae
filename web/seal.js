// The second lock, behind the policy. The policy does not cover all ways out of a
// page: browsers open connections for WebRTC, and for links that only announce one,
// past it. So this script takes the ways themselves away, before any other runs: it
// is the page's first script, and the first of each worker.
//
// It is a lock against a fault, or a line slipped into our own scripts; what it
// cannot close is said in RATIONALE.md. e2e/leaving.test.mjs tries the ways.
(() => {
  "use strict";
  const { apply, getOwnPropertyDescriptor, getPrototypeOf, defineProperty } = Reflect;
  /** @type {(what: string) => never} */
  const refuse = (what) => {
    throw new TypeError(`this page is sealed: it has no ${what}`);
  };

  /** Leaves a fixed value in place of a property, on the object and whatever it inherits from. @param {object} object @param {string} name @param {unknown} value */
  const fix = (object, name, value) => {
    for (let holder = getPrototypeOf(object); holder; holder = getPrototypeOf(holder)) {
      if (getOwnPropertyDescriptor(holder, name)) defineProperty(holder, name, { value, writable: false, configurable: false });
    }
    if (!defineProperty(object, name, { value, writable: false, enumerable: false, configurable: false })) refuse("lock");
  };

  /** @param {object} object @param {...string} names */
  const take = (object, ...names) => {
    for (const name of names) if (object && name in object) fix(object, name, undefined);
  };

  // What connects, asks another program to connect, or opens a window of its own.
  take(globalThis,
    "fetch", "fetchLater", "XMLHttpRequest", "WebSocket", "WebSocketStream", "WebTransport", "EventSource",
    "RTCPeerConnection", "webkitRTCPeerConnection", "mozRTCPeerConnection", "RTCIceTransport", "TCPSocket", "UDPSocket",
    "importScripts", "SharedWorker", "open", "showModalDialog", "documentPictureInPicture", "Notification", "PaymentRequest", "PresentationRequest", "sharedStorage", "Fence");
  take(navigator,
    "sendBeacon", "serviceWorker", "credentials", "presentation", "registerProtocolHandler", "geolocation", "bluetooth", "usb", "serial", "hid",
    "requestMIDIAccess", "joinAdInterestGroup", "updateAdInterestGroups", "runAdAuction");
  if (typeof document === "undefined") return take(globalThis, "Worker"); // a worker starts no other

  // A frame would bring all of it back, a link or a script would load: elements are
  // made by name alone, and only those of this list. So nothing may parse markup.
  /** @type {Record<string, true | null>} */
  const plain = { __proto__: null };
  for (const name of ("a b bdi bdo blockquote br button canvas caption code col colgroup data datalist dd del details dfn div dl dt em fieldset figcaption figure footer " +
    "h1 h2 h3 h4 h5 h6 header hr i img input ins kbd label legend li main mark menu meter nav ol optgroup option output p pre progress q s samp section select small span " +
    "strong style sub summary sup table tbody td textarea tfoot th thead time tr u ul var wbr " +
    "circle clipPath defs ellipse g line linearGradient marker mask path pattern polygon polyline radialGradient rect stop svg text title tspan").split(" ")) plain[name] = true;
  const { toLowerCase } = String.prototype;
  const { createElement, createElementNS } = Document.prototype;
  fix(Document.prototype, "createElement", /** @this {Document} @param {string} name */ function (name) {
    const asked = apply(toLowerCase, `${name}`, []);
    return plain[asked] ? apply(createElement, this, [asked]) : refuse(`<${asked}>`);
  });
  fix(Document.prototype, "createElementNS", /** @this {Document} @param {string | null} namespace @param {string} name */ function (namespace, name) {
    const asked = `${name}`;
    return plain[asked] ? apply(createElementNS, this, [namespace, asked]) : refuse(`<${asked}>`);
  });
  take(globalThis, "customElements", "DOMParser", "XSLTProcessor", "Sanitizer");
  take(Document.prototype, "write", "writeln", "open", "execCommand", "registerElement");
  take(Document, "parseHTML", "parseHTMLUnsafe");
  take(DOMImplementation.prototype, "createDocument");
  take(Range.prototype, "createContextualFragment");
  for (const kind of [Element, ShadowRoot, HTMLTemplateElement]) take(kind.prototype, "innerHTML", "outerHTML", "insertAdjacentHTML", "setHTML", "setHTMLUnsafe");

  /** The functions behind a property of the object itself. @param {object} object @param {string} name */
  const own = (object, name) => /** @type {{ get: () => any, set: (value: unknown) => void }} */ (getOwnPropertyDescriptor(object, name));

  /** Lets a property be read and nothing else. @param {object} object @param {string} name */
  const keep = (object, name) => {
    const { get } = own(object, name);
    defineProperty(object, name, { get, set: () => refuse(`other ${name} here`), configurable: false });
  };

  // The page has one link, its icon, and a few <meta>. They stay what they are, whichever way an attribute is set.
  for (const name of ["href", "rel"]) keep(HTMLLinkElement.prototype, name);
  take(HTMLLinkElement.prototype, "relList");
  for (const name of ["httpEquiv", "content"]) keep(HTMLMetaElement.prototype, name);
  keep(Attr.prototype, "value");
  const localName = own(Element.prototype, "localName").get;
  for (const name of /** @type {const} */ (["setAttribute", "setAttributeNS", "toggleAttribute"])) {
    const original = Element.prototype[name];
    fix(Element.prototype, name, /** @this {Element} @param {unknown[]} values */ function (...values) {
      const element = apply(localName, this, []);
      return element === "link" || element === "meta" ? refuse(`other <${element}>`) : apply(original, this, values);
    });
  }
  take(Element.prototype, "setAttributeNode", "setAttributeNodeNS");
  take(NamedNodeMap.prototype, "setNamedItem", "setNamedItemNS");
  const nodeType = own(Node.prototype, "nodeType").get;
  for (const name of ["nodeValue", "textContent"]) {
    const { get, set } = own(Node.prototype, name);
    defineProperty(Node.prototype, name, {
      get,
      set(value) {
        if (apply(nodeType, this, []) === 2) refuse("attribute that is set as a node");
        apply(set, this, [value]);
      },
      configurable: false,
    });
  }
})();
