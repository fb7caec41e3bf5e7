"use strict";
// Emoji go where one writes. The composer also works without this file.

(function () {
  let field = document.querySelector("[data-emoji-field]");
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-emoji-field]")) field = event.target;
  });
  for (const palette of document.querySelectorAll("[data-emoji]")) palette.hidden = false;
  document.addEventListener("click", (event) => {
    const emoji = event.target.closest("[data-insert]")?.dataset.insert;
    if (!emoji || !field) return;
    field.setRangeText(emoji, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
