"use strict";
// The service worker. It shows every push, whatever it holds, reports what became of it, and keeps the subscription.
// A portal may serve a worker of its own:
//   self.DESKSIDE = "https://deskside.example.com"; importScripts(self.DESKSIDE + "/push/sw.js");
(() => {
  const HOME = new URL(self.DESKSIDE || self.location.origin).origin;
  const DAY = 24 * 3600 * 1000;
  const PATIENCE = 2000;
  const GIVE_UP = 20_000;
  const MOST_SEEN = 200;
  const MOST_REPORTS = 20;
  const PLAIN = {
    en: ["There is news", "Open to read it."],
    ru: ["Есть новости", "Откройте, чтобы прочитать."],
  };

  self.addEventListener("install", () => self.skipWaiting());
  self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
  self.addEventListener("push", (event) => event.waitUntil(receive(event)));
  self.addEventListener("notificationclick", (event) => {
    event.notification.close();
    event.waitUntil(clicked(event.notification, event.action));
  });
  self.addEventListener("notificationclose", (event) => {
    const token = event.notification.data?.token;
    if (token) event.waitUntil(report({ token, what: "closed" }));
  });
  self.addEventListener("pushsubscriptionchange", (event) => {
    event.waitUntil(renew(event.oldSubscription?.endpoint, event.newSubscription));
  });
  self.addEventListener("message", (event) => {
    // From a page of our own origin: no other can reach this worker.
    if (event.data?.deskside === "endpoint") event.waitUntil(put("state", event.data.endpoint, "endpoint"));
  });

  // A push

  async function receive(event) {
    const message = read(event);
    // A store that does not answer must not keep the message from being shown.
    const first = !message.token || (await Promise.race([firstTime(message.token), after(PATIENCE)]));
    await show(message, first);
    if (message.token && first) await report({ token: message.token, what: "shown" });
    await lookAfter().catch(() => {});
  }

  function after(milliseconds) {
    return new Promise((resolve) => setTimeout(resolve, milliseconds, true));
  }

  // What a push says. Valid Declarative Web Push (https://webkit.org/blog/16535) holds it under `notification`; a
  // browser that understood that itself hands over the notification it would show.
  function read(event) {
    let found = null;
    try {
      found = event.data?.json();
    } catch {
      // Not ours, or broken on the way: something is shown all the same.
    }
    const inner = record(found?.notification) ?? event.notification ?? record(found) ?? {};
    const data = record(inner.data) ?? {};
    const [title, body] = PLAIN[(self.navigator.language || "en").slice(0, 2)] ?? PLAIN.en;
    const known = text(inner.title);
    const buttons = Array.isArray(inner.actions) ? inner.actions.filter((item) => text(item?.title)).slice(0, 2) : [];
    return {
      token: text(data.token).slice(0, 64),
      tag: text(inner.tag),
      title: known || title,
      body: known ? text(inner.body) : body,
      url: safe(inner.navigate ?? data.url),
      lang: text(inner.lang),
      icon: picture(inner.icon),
      image: picture(inner.image),
      badge: picture(inner.badge),
      buttons: buttons.map((item) => ({ title: text(item.title), url: safe(item.navigate) })),
    };
  }

  // A push that shows nothing costs the subscription (Safari, Firefox) or shows a text of the browser's own (Chrome).
  // So what comes a second time takes the place of the first, without a sound.
  async function show(message, first) {
    const plain = { body: message.body, data: { token: message.token, url: message.url } };
    if (message.tag || message.token) plain.tag = message.tag || message.token;
    if (!first) plain.silent = true;
    const options = { ...plain, data: { ...plain.data, links: message.buttons.map((button) => button.url) } };
    for (const name of ["lang", "icon", "image", "badge"]) if (message[name]) options[name] = message[name];
    if (message.buttons.length && self.Notification?.maxActions) {
      options.actions = message.buttons.map(({ title }, index) => ({ action: `button-${index + 1}`, title }));
    }
    try {
      await self.registration.showNotification(message.title, options);
    } catch {
      await self.registration.showNotification(message.title, plain);
    }
  }

  async function clicked(notification, action) {
    const data = notification.data ?? {};
    const pressed = /^button-([1-9])$/.exec(action);
    const button = pressed ? Number(pressed[1]) - 1 : null;
    const link = button === null ? null : data.links?.[button] ?? notification.actions?.[button]?.navigate;
    const url = safe(link ?? data.url ?? notification.navigate);
    const told = data.token ? report({ token: data.token, what: "clicked", button }) : null;
    await Promise.allSettled([open(url), told]);
  }

  async function open(url) {
    const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    const there = windows.find((client) => client.url.split("#")[0] === url.split("#")[0]);
    if (there) {
      try {
        return await there.focus();
      } catch {
        // Not allowed any more: a new window may be.
      }
    }
    return self.clients.openWindow(url);
  }

  // Reports: kept until they are taken, so that one made offline is not lost

  let sending = Promise.resolve();

  async function report(entry) {
    await put("reports", { ...entry, at: Date.now() }).catch(() => {});
    // One after the other: whoever is first sends for all.
    sending = sending.then(sendReports).catch(() => {});
    await sending;
  }

  async function sendReports() {
    const waiting = await all("reports");
    if (!waiting.length) return;
    const some = waiting.slice(0, MOST_REPORTS);
    const now = Date.now();
    const events = some.map(([, { at, ...entry }]) => ({ ...entry, ago: Math.max(0, now - at) }));
    const answer = await fetch(HOME + "/push/events", {
      method: "POST",
      // From a portal's own worker this is another origin, and nobody needs the answer.
      mode: "no-cors",
      credentials: "omit",
      keepalive: true,
      signal: AbortSignal.timeout(GIVE_UP),
      headers: { "Content-Type": "text/plain" },
      body: JSON.stringify({ events }),
    });
    if (answer.status === 429 || answer.status >= 500) return;
    await remove("reports", some.map(([key]) => key));
    if (waiting.length > some.length) await sendReports();
  }

  async function firstTime(token) {
    try {
      if (!(await add("seen", Date.now(), token))) return false;
      const known = (await all("seen")).sort((one, other) => one[1] - other[1]);
      if (known.length > MOST_SEEN) await remove("seen", known.slice(0, -MOST_SEEN).map(([key]) => key));
    } catch {
      // Rather twice than never.
    }
    return true;
  }

  // The subscription

  // Once a day a push is the occasion to see that the subscription is the one we know, made with the current key.
  async function lookAfter() {
    const looked = await get("state", "looked");
    if (looked && Date.now() - looked < DAY) return;
    await put("state", Date.now(), "looked");
    const subscription = await self.registration.pushManager.getSubscription();
    if (!subscription) return;
    const known = await get("state", "endpoint");
    if (!known) await put("state", subscription.endpoint, "endpoint");
    const key = await currentKey();
    if (!sameKey(subscription, key)) {
      await subscription.unsubscribe();
      await renew(subscription.endpoint, null);
    } else if (known && known !== subscription.endpoint) {
      await tell(subscription, key, known);
    }
  }

  async function renew(old, fresh) {
    const key = await currentKey();
    const known = old ?? (await get("state", "endpoint")) ?? null;
    const subscription =
      fresh && sameKey(fresh, key)
        ? fresh
        : await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
    await tell(subscription, key, known);
  }

  async function tell(subscription, key, old) {
    const { endpoint, keys } = subscription.toJSON();
    const answer = await fetch(HOME + "/push/subscriptions", {
      method: "POST",
      credentials: "omit",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ subscription: { endpoint, keys }, key, old }),
    });
    // Until it is taken the old endpoint stays what is known, and tomorrow's push tries again.
    if (answer.ok) await put("state", endpoint, "endpoint");
    else await remove("state", ["looked"]);
  }

  async function currentKey() {
    const answer = await fetch(HOME + "/push/key", { credentials: "omit", cache: "no-store" });
    return (await answer.json()).key;
  }

  function sameKey(subscription, key) {
    const own = subscription.options?.applicationServerKey;
    if (!own) return true;
    const there = new Uint8Array(own);
    const wanted = bytes(key);
    return there.length === wanted.length && there.every((byte, index) => byte === wanted[index]);
  }

  function bytes(key) {
    return Uint8Array.from(atob(key.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  }

  // What a payload may hold

  function safe(link) {
    try {
      const url = new URL(text(link) || "/push/", HOME);
      const local = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
      if (url.protocol === "https:" || (url.protocol === "http:" && local)) return url.href;
    } catch {
      // No address at all.
    }
    return HOME + "/push/";
  }

  function picture(link) {
    return text(link) ? safe(link) : "";
  }

  function text(value) {
    return typeof value === "string" ? value : "";
  }

  function record(value) {
    return value && typeof value === "object" && !Array.isArray(value) ? value : null;
  }

  // A small store that outlives the worker; where there is none (a private window) it is this worker's memory

  const memory = { seen: new Map(), reports: new Map(), state: new Map() };
  let opened = null;

  function database() {
    opened ??= new Promise((resolve) => {
      const request = self.indexedDB?.open("deskside", 1);
      if (!request) return resolve(null);
      request.onupgradeneeded = () => {
        for (const name of Object.keys(memory)) request.result.createObjectStore(name, { autoIncrement: true });
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(null);
    });
    return opened;
  }

  async function work(name, mode, ask) {
    const found = await database();
    return new Promise((resolve, reject) => {
      const transaction = found.transaction(name, mode);
      const request = ask(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  async function put(name, value, key = undefined) {
    if (!(await database())) return memory[name].set(key ?? Symbol(name), value);
    return work(name, "readwrite", (store) => (key === undefined ? store.add(value) : store.put(value, key)));
  }

  // False where the key is there already: of two that come at once only one is the first.
  async function add(name, value, key) {
    if (!(await database())) return !memory[name].has(key) && Boolean(memory[name].set(key, value));
    try {
      await work(name, "readwrite", (store) => store.add(value, key));
    } catch (error) {
      if (error?.name === "ConstraintError") return false;
      throw error;
    }
    return true;
  }

  async function get(name, key) {
    if (!(await database())) return memory[name].get(key);
    return work(name, "readonly", (store) => store.get(key));
  }

  async function all(name) {
    if (!(await database())) return [...memory[name]];
    const found = [];
    await work(name, "readonly", (store) => {
      const request = store.openCursor();
      request.onsuccess = () => {
        if (!request.result) return;
        found.push([request.result.key, request.result.value]);
        request.result.continue();
      };
      return null;
    });
    return found;
  }

  async function remove(name, keys) {
    if (!(await database())) return keys.forEach((key) => memory[name].delete(key));
    return work(name, "readwrite", (store) => {
      keys.forEach((key) => store.delete(key));
      return null;
    });
  }
})();
