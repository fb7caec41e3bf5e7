"use strict";
// Our own page: it asks, and says how things are. What it shows is in the page already, hidden.
(() => {
  const { core } = window.DesksidePush;
  const main = document.querySelector("[data-push]");
  const place = { home: location.origin, worker: main.dataset.worker, scope: "/push/" };
  const asked = new URLSearchParams(location.search);
  const identity = takeIdentity();
  const form = main.querySelector("form");
  const button = form.querySelector("button.main");

  start();

  async function start() {
    const able = core.support();
    if (able === "ios") return show("ios");
    if (able !== "yes") return show("unsupported");
    if (Notification.permission === "denied") return show("denied");
    try {
      const said = await core.visit(place, { identity });
      if (said) return on(said);
    } catch {
      // Offline, or Deskside is away: whoever clicks is told.
    }
    show("ask");
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    const wanted = {
      identity,
      topics: [...form.querySelectorAll("[name=topic]:checked")].map((box) => box.value),
      language: form.elements.language.value,
      source: (asked.get("source") || "page").slice(0, 64),
    };
    const { state, answer } = await core.subscribe(place, wanted);
    button.disabled = false;
    if (state === "on") on(answer);
    else if (state === "denied") show("denied");
    else show("ask", state === "trouble" ? "trouble" : "unanswered");
  });

  main.querySelector("[data-later]").addEventListener("click", () => {
    tellOpener({ deskside: "later" });
    window.close();
    // Only a window that a script opened closes.
    show("later");
  });

  for (const back of main.querySelectorAll("[data-again]")) back.addEventListener("click", () => show("ask"));

  main.querySelector("[data-off]").addEventListener("click", async () => {
    try {
      await core.unsubscribe(place);
      tellOpener({ deskside: "off" });
      show("off");
    } catch {
      show("on", "trouble");
    }
  });

  main.querySelector("[data-close]").addEventListener("click", () => window.close());

  // In another language what was chosen stays chosen.
  form.elements.language.addEventListener("change", (event) => {
    asked.set("lang", event.target.value);
    asked.set("topics", [...form.querySelectorAll("[name=topic]:checked")].map((box) => box.value).join(","));
    location.assign("?" + asked + (identity ? "#identity=" + identity : ""));
  });

  function on(answer) {
    for (const link of main.querySelectorAll("[data-preferences]")) link.href = answer.preferences;
    main.querySelector("[data-close]").hidden = !window.opener;
    tellOpener({ deskside: "on", device: answer.device });
    show("on");
  }

  function show(state, problem = "") {
    for (const part of main.querySelectorAll("[data-state]")) part.hidden = part.dataset.state !== state;
    for (const part of main.querySelectorAll("[data-problem]")) part.hidden = part.dataset.problem !== problem;
    main.dataset.shown = state;
  }

  // Only a portal of ours hears it.
  function tellOpener(message) {
    if (!window.opener) return;
    for (const origin of JSON.parse(main.dataset.origins)) window.opener.postMessage(message, origin);
  }

  // Behind the #, so that it is in no log; and gone from the address at once.
  function takeIdentity() {
    const found = new URLSearchParams(location.hash.slice(1)).get("identity");
    if (found) history.replaceState(null, "", location.pathname + location.search);
    return found;
  }
})();
