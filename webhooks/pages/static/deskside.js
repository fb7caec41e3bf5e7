"use strict";
// Local times, the live state of a page, and a menu that closes. Every page also works without this file.

(function () {
  const language = document.documentElement.lang || "en";
  const sameDay = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hour12: false });
  const otherDay = new Intl.DateTimeFormat(language, {
    day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false,
  });
  const full = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });

  function localise(root) {
    const times = root.matches?.("time[datetime]") ? [root] : root.querySelectorAll?.("time[datetime]") ?? [];
    for (const element of times) {
      const at = new Date(element.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      const today = at.toDateString() === new Date().toDateString();
      element.textContent = (today ? sameDay : otherDay).format(at);
      element.title = full.format(at);
    }
  }

  function live(state) {
    const element = document.querySelector("[data-live]");
    if (!element || element.dataset.state === state) return;
    element.dataset.state = state;
    element.textContent = element.dataset["text" + state[0].toUpperCase() + state.slice(1)];
  }

  function poller() {
    return document.querySelector("[hx-trigger^='every']");
  }

  localise(document);
  copyLinks();
  if (!window.htmx || !poller()) {
    closeMenus();
    return;
  }

  // What a person opened stays open, and a time that did not change stays local, when a poll brings new HTML.
  Object.assign(Idiomorph.defaults.callbacks, {
    beforeNodeMorphed(_old, fresh) {
      if (fresh.nodeName === "TIME") localise(fresh);
      return true;
    },
    beforeAttributeUpdated(name, element) {
      return !(name === "open" && element.nodeName === "DETAILS");
    },
    afterNodeAdded(node) {
      if (node.nodeType !== Node.ELEMENT_NODE) return;
      localise(node);
      if (node.matches(".entry")) node.classList.add("fresh");
    },
  });

  document.addEventListener("htmx:beforeRequest", function (event) {
    if (document.hidden && event.target === poller()) event.preventDefault();
  });
  document.addEventListener("visibilitychange", function () {
    live(document.hidden ? "paused" : "live");
    if (!document.hidden) htmx.trigger(poller(), "refresh");
  });
  document.addEventListener("htmx:afterSwap", (event) => localise(event.target));
  document.addEventListener("htmx:afterOnLoad", () => live("live"));
  for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.addEventListener(name, () => live("lost"));
  }
  live(document.hidden ? "paused" : "live");
  closeMenus();

  // A button that copies is only there where copying works.
  function copyLinks() {
    if (!navigator.clipboard) return;
    document.documentElement.classList.add("copies");
    document.addEventListener("click", async function (event) {
      const button = event.target.closest?.("[data-copy]");
      if (!button) return;
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = button.dataset.copied;
    });
  }

  function closeMenus() {
    document.addEventListener("click", function (event) {
      for (const menu of document.querySelectorAll("[data-menu][open]")) {
        if (!menu.contains(event.target)) menu.open = false;
      }
    });
    document.addEventListener("keydown", function (event) {
      const menu = event.key === "Escape" && document.querySelector("[data-menu][open]");
      if (!menu) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }
})();
