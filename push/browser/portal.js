"use strict";
// The script of a portal: it asks after a moment that matters, never on its own, and notes who signs in and out.
// A service worker must come from the portal's own origin. Where the portal serves one (data-worker), people subscribe
// right here; elsewhere the yes opens our own page in a small window.
(() => {
  const { core } = window.DesksidePush;
  if (window.DesksidePush.ask) return;
  const tag = document.currentScript;
  const home = new URL(tag.src).origin;
  // From the script's own attributes, or said before it where something else puts the script on the page.
  const said = { ...window.DesksidePushOptions, ...tag.dataset };
  const own = Boolean(said.worker);
  const place = { home, worker: said.worker, scope: said.scope || "/deskside-push/" };
  const SLEEP = 30 * 24 * 3600 * 1000;
  const FRESH = 6 * 3600 * 1000;
  const language = said.language || document.documentElement.lang || navigator.language || "en";
  let identity = said.identity || null;
  let subscribed = false;
  let card = null;

  const ready = start();

  async function start() {
    try {
      await learnIdentity();
      await visit();
    } catch {
      // Deskside is away: a portal must not notice.
    }
    watch();
  }

  async function learnIdentity() {
    if (identity || !said.identityUrl) return;
    const answer = await fetch(said.identityUrl, { credentials: "same-origin", headers: { Accept: "text/plain" } });
    if (answer.ok) identity = (await answer.text()).trim() || null;
  }

  // Who is here, and whether they get messages. Asked now and then, and whenever somebody else signed in.
  async function visit() {
    const before = core.recall("visited");
    const device = core.recall("device");
    if (!own && !device) return;
    if (before && before.who === person() && Date.now() - before.at < FRESH) {
      subscribed = before.subscribed;
      return;
    }
    if (own) {
      if (core.support() !== "yes") return;
      subscribed = Boolean(await core.visit(place, { identity }));
    } else {
      const answer = await core.named(place, "POST", { device, zone: core.zone() }, identity);
      const found = answer.ok ? await answer.json() : {};
      subscribed = Boolean(found.subscribed);
      if (found.left) {
        core.keep("device", null);
        core.keep("later", Date.now());
      }
    }
    core.keep("visited", { at: Date.now(), who: person(), subscribed });
  }

  function person() {
    try {
      const claims = JSON.parse(atob(identity.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
      return `${claims.desk}/${claims.sub}`;
    } catch {
      return "";
    }
  }

  // The moments: an element that appears, or a click on one that offers it.
  function watch() {
    document.addEventListener("click", (event) => {
      const offer = event.target.closest?.("[data-deskside-ask]");
      if (!offer) return;
      event.preventDefault();
      ask({ topics: list(offer.dataset.desksideAsk), asleep: true });
    });
    if (!said.moment) return;
    if (document.querySelector(said.moment)) return void ask();
    const observer = new MutationObserver(() => {
      if (!document.querySelector(said.moment)) return;
      observer.disconnect();
      ask();
    });
    observer.observe(document.documentElement, { childList: true, subtree: true });
  }

  // Ask, unless that is no use or no longer polite. `asleep`: the person wished it themselves, so also after a "not now".
  async function ask({ topics = list(said.topics), asleep = false, in: tongue = language } = {}) {
    const able = core.support();
    const later = core.recall("later");
    if (card || subscribed || (own && able === "yes" && Notification.permission === "denied" && !asleep)) return;
    if (!asleep && (able === "no" || (later && Date.now() - later < SLEEP))) return;
    const answer = await fetch(`${home}/push/prompt?lang=${encodeURIComponent(tongue)}`, { credentials: "omit" });
    if (answer.ok && !card) draw(await answer.json(), topics);
  }

  function draw(words, topics) {
    card = document.createElement("deskside-prompt");
    const root = card.attachShadow({ mode: "open" });
    // A style of this kind is not stopped by a portal's content security policy.
    const style = new CSSStyleSheet();
    style.replaceSync(STYLE);
    root.adoptedStyleSheets = [style];
    const box = element("section", { role: "dialog", "aria-labelledby": "title", lang: words.language });
    const head = element("header", {}, element("img", { src: words.icon, alt: "", width: 40, height: 40 }));
    head.append(element("h2", { id: "title" }, words.title));
    box.append(head, element("p", {}, words.body));
    const boxes = words.topics.map((topic) => {
      const chosen = topics.length ? topics.includes(topic.name) : topic.proposed;
      return element("input", { type: "checkbox", value: topic.name, ...(chosen && { checked: "" }) });
    });
    if (boxes.length) {
      const lines = boxes.map((input, index) => element("label", {}, input, words.topics[index].title));
      box.append(element("div", { class: "topics", role: "group", "aria-label": words.about }, ...lines));
    }
    const chosen = () => boxes.filter((input) => input.checked).map((input) => input.value);
    const tongues = element("select", { "aria-label": words.tongue });
    for (const [code, name] of Object.entries(words.languages)) {
      const here = code === words.language;
      tongues.append(element("option", { value: code, lang: code, ...(here && { selected: "" }) }, name));
    }
    tongues.addEventListener("change", () => {
      const kept = chosen();
      close();
      ask({ topics: kept, asleep: true, in: tongues.value });
    });
    const yes = element("button", { class: "yes" }, words.yes);
    const no = element("button", {}, words.no);
    yes.addEventListener("click", () => agree(box, words, chosen()));
    no.addEventListener("click", sleep);
    root.addEventListener("keydown", (event) => event.key === "Escape" && sleep());
    box.append(element("p", { class: "small" }, words.words));
    box.append(element("footer", {}, yes, no, tongues));
    root.append(box);
    document.body.append(card);
  }

  // In the task of the click: a browser asks, and opens a window, only there.
  async function agree(box, words, topics) {
    if (!own || core.support() !== "yes") {
      const query = new URLSearchParams({ lang: words.language, topics: topics.join(","), source: "portal" });
      const where = `${home}/push/?${query}${identity ? "#identity=" + identity : ""}`;
      if (window.open(where, "deskside", "popup,width=480,height=760")) return sleep();
      box.replaceChildren(element("p", {}, element("a", { href: where, target: "_blank", rel: "opener" }, words.open)));
      return undefined;
    }
    const wanted = { identity, topics, language: words.language, source: "portal" };
    const { state, answer } = await core.subscribe(place, wanted);
    if (state === "on") {
      subscribed = true;
      core.keep("visited", { at: Date.now(), who: person(), subscribed });
      const link = element("a", { href: answer.preferences, target: "_blank", rel: "noopener" }, words.preferences);
      box.replaceChildren(element("p", {}, element("b", {}, words.done)), element("p", {}, link));
      setTimeout(close, 8000);
    } else if (state === "denied") {
      const help = `${home}/push/?lang=${words.language}`;
      box.replaceChildren(element("p", {}, words.denied + " ", element("a", { href: help, target: "_blank" }, words.how)));
      core.keep("later", Date.now());
    } else if (state === "trouble") {
      box.querySelector(".small").textContent = words.trouble;
    } else {
      sleep();
    }
    return undefined;
  }

  function sleep() {
    core.keep("later", Date.now());
    close();
  }

  function close() {
    card?.remove();
    card = null;
  }

  window.addEventListener("message", (event) => {
    if (event.origin !== home || !event.data?.deskside) return;
    const { deskside: what, device } = event.data;
    if (what === "on" && typeof device === "string") core.keep("device", device);
    if (what === "off") core.keep("device", null);
    if (what === "later") core.keep("later", Date.now());
    subscribed = what === "on";
    core.keep("visited", { at: Date.now(), who: person(), subscribed });
  });

  function list(text) {
    return (text || "").split(/[\s,]+/).filter(Boolean);
  }

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  Object.assign(window.DesksidePush, {
    ask,
    // Settles once it is known whether this person gets messages here.
    state: async () => {
      await ready;
      return { subscribed };
    },
    identify: async (token) => {
      await ready;
      identity = token || null;
      await visit();
      return { subscribed };
    },
    // Whoever uses this browser next gets nothing that is meant for the one who leaves.
    logout: async () => {
      identity = null;
      subscribed = false;
      core.keep("visited", null);
      if (!own) {
        const device = core.recall("device");
        if (device) await core.request(place, "DELETE", { device, signed_out: true });
        return;
      }
      const registration = await navigator.serviceWorker?.getRegistration(place.scope);
      const subscription = await registration?.pushManager?.getSubscription();
      if (!subscription) return;
      const { endpoint, keys } = subscription.toJSON();
      await core.request(place, "DELETE", { subscription: { endpoint, keys }, signed_out: true });
    },
  });

  const STYLE = `
    :host { all: initial; position: fixed; inset: auto 1.25rem 1.25rem auto; z-index: 2147483000; color-scheme: light;
      --ds-accent: #1f6f66; --ds-accent-ink: #fff; --ds-ink: #1c2321; --ds-quiet: #5b6663; --ds-card: #fff;
      --ds-edge: #dfe3e0; }
    section { box-sizing: border-box; width: min(24rem, calc(100vw - 2.5rem)); max-height: calc(100vh - 2.5rem);
      overflow: auto; display: grid; gap: .7rem; padding: 1.15rem 1.25rem 1.1rem; border: 1px solid var(--ds-edge);
      border-radius: 14px; background: var(--ds-card); color: var(--ds-ink);
      box-shadow: 0 12px 40px rgb(10 20 18 / 18%), 0 2px 6px rgb(10 20 18 / 8%);
      font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; animation: rise .22s ease-out; }
    header { display: flex; gap: .75rem; align-items: center; }
    img { border-radius: 10px; flex: none; }
    h2, p { margin: 0; }
    h2 { font-size: 1.0625rem; line-height: 1.3; font-weight: 650; }
    .topics { display: grid; gap: .1rem; }
    label { display: flex; gap: .6rem; align-items: center; padding: .3rem 0; cursor: pointer; }
    input { width: 1.1rem; height: 1.1rem; margin: 0; flex: none; accent-color: var(--ds-accent); }
    .small { font-size: .8125rem; color: var(--ds-quiet); }
    footer { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
    button, select { font: inherit; font-weight: 550; border: 1px solid var(--ds-edge); border-radius: 8px;
      padding: .5rem .85rem; background: var(--ds-card); color: var(--ds-ink); cursor: pointer; }
    .yes { background: var(--ds-accent); border-color: var(--ds-accent); color: var(--ds-accent-ink); }
    button:hover { filter: brightness(.96); }
    select { margin-inline-start: auto; font-weight: 400; font-size: .8125rem; color: var(--ds-quiet); padding: .4rem .3rem;
      border-color: transparent; }
    a { color: var(--ds-accent); }
    :focus-visible { outline: 2px solid var(--ds-accent); outline-offset: 2px; }
    @keyframes rise { from { opacity: 0; transform: translateY(.75rem); } }
    @media (prefers-reduced-motion: reduce) { section { animation: none; } }
    @media (max-width: 30rem) { :host { inset: auto 0 0 0; }
      section { width: 100%; border-radius: 16px 16px 0 0; border-width: 1px 0 0; padding-bottom: 1.5rem; }
      .yes { flex: 1 1 auto; } }
  `;
})();
