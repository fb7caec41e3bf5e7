"use strict";
// What a browser can do, and how it subscribes: for our own page and for the script of a portal.
(() => {
  const PATIENCE = 30_000;

  // "yes"; "ios" where only an app on the home screen may; "no"
  function support() {
    const ios =
      /iPhone|iPad|iPod/.test(navigator.userAgent) ||
      (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
    const installed = navigator.standalone === true || matchMedia("(display-mode: standalone)").matches;
    if (ios && !installed) return "ios";
    const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
    return window.isSecureContext && able ? "yes" : "no";
  }

  // `place` is {home, worker, scope}: where Deskside is, and the worker of this origin.
  // Must be called in the task of a click: Firefox and Safari ask only there. Gives {state, answer}, the state being
  // "on", "denied", "default" (closed without an answer), or "trouble".
  async function subscribe(place, wanted) {
    const asked = Notification.requestPermission();
    try {
      const permission = await asked;
      if (permission !== "granted") return { state: permission };
      const registration = await activated(place);
      const key = await currentKey(place);
      let answer = await tell(place, await current(registration, key), key, { ...wanted, agreed: true });
      if (answer.status === 409) {
        // The service gave out an endpoint that is known with other keys: ask it for another.
        await (await registration.pushManager.getSubscription())?.unsubscribe();
        answer = await tell(place, await current(registration, key), key, { ...wanted, agreed: true });
      }
      return answer.ok ? { state: "on", answer: await answer.json() } : { state: "trouble" };
    } catch (error) {
      return { state: "trouble", error };
    }
  }

  // A visit: the subscription we know is still there, made with the current key, and whose it is. Null when there is
  // none, or when nobody who agreed is here.
  async function visit(place, wanted) {
    const registration = await navigator.serviceWorker.getRegistration(place.scope);
    const subscription = await registration?.pushManager?.getSubscription();
    if (!subscription || Notification.permission !== "granted") return null;
    const key = await currentKey(place);
    const found = await current(registration, key, subscription);
    let answer = await tell(place, found, key, wanted);
    let said = answer.ok ? await answer.json() : null;
    if (said?.renew) {
      const old = found.subscription.endpoint;
      await found.subscription.unsubscribe();
      answer = await tell(place, { ...(await current(registration, key)), old }, key, wanted);
      said = answer.ok ? await answer.json() : null;
    }
    // They said no elsewhere, on their page of preferences: so the browser need not keep it either.
    if (said?.left) await (await registration.pushManager.getSubscription())?.unsubscribe();
    return said?.subscribed ? said : null;
  }

  // No more in this browser.
  async function unsubscribe(place) {
    const registration = await navigator.serviceWorker.getRegistration(place.scope);
    const subscription = await registration?.pushManager?.getSubscription();
    if (!subscription) return;
    await request(place, "DELETE", { subscription: plain(subscription) });
    await subscription.unsubscribe();
  }

  async function current(registration, key, given = null) {
    let subscription = given ?? (await registration.pushManager.getSubscription());
    let old = null;
    if (subscription && !sameKey(subscription, key)) {
      old = subscription.endpoint;
      await subscription.unsubscribe();
      subscription = null;
    }
    // A browser whose push service is not reached may never answer.
    subscription ??= await within(
      registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) }),
    );
    registration.active?.postMessage({ deskside: "endpoint", endpoint: subscription.endpoint });
    return { subscription, old };
  }

  function tell(place, { subscription, old }, key, { identity, ...wanted }) {
    const body = { subscription: plain(subscription), key, old, zone: zone(), ...wanted };
    return named(place, "POST", body, identity);
  }

  // With who it is; where the portal's word is not taken (it is too old), as nobody.
  async function named(place, method, body, identity) {
    const answer = await request(place, method, identity ? { ...body, identity } : body);
    return answer.status === 401 && identity ? request(place, method, body) : answer;
  }

  function request(place, method, body) {
    return fetch(place.home + "/push/subscriptions", {
      method,
      credentials: "omit",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  }

  async function currentKey(place) {
    const answer = await fetch(place.home + "/push/key", { credentials: "omit", cache: "no-store" });
    return (await answer.json()).key;
  }

  async function activated(place) {
    const registration = await navigator.serviceWorker.register(place.worker, { scope: place.scope });
    const worker = registration.active ?? registration.waiting ?? registration.installing;
    if (worker.state === "activated") return registration;
    await within(
      new Promise((resolve, reject) => {
        worker.addEventListener("statechange", () => {
          if (worker.state === "activated") resolve();
          if (worker.state === "redundant") reject(new Error("the service worker could not be started"));
        });
      }),
    );
    return registration;
  }

  function within(promise) {
    const late = new Promise((_resolve, reject) => {
      setTimeout(() => reject(new Error("the browser did not answer")), PATIENCE);
    });
    return Promise.race([promise, late]);
  }

  function plain(subscription) {
    const { endpoint, keys } = subscription.toJSON();
    return { endpoint, keys };
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

  function zone() {
    return Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  }

  // Small things kept in this browser; where nothing may be kept, they last as long as the page.
  const memory = new Map();

  function recall(name) {
    try {
      return JSON.parse(localStorage.getItem("deskside." + name));
    } catch {
      return memory.get(name) ?? null;
    }
  }

  function keep(name, value) {
    memory.set(name, value);
    try {
      if (value === null) localStorage.removeItem("deskside." + name);
      else localStorage.setItem("deskside." + name, JSON.stringify(value));
    } catch {
      // Kept in memory.
    }
  }

  // Loaded twice, the first stays.
  window.DesksidePush ??= { core: { support, subscribe, visit, unsubscribe, named, request, zone, recall, keep } };
})();
