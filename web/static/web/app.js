// Improves pages that work without it: drafts kept, forms sent once, focus moved to what changed.
(() => {
  "use strict";

  // A form is sent once: the button waits for the answer. (The server doubles nothing either.)
  document.addEventListener("submit", (event) => {
    const button = event.target.querySelector("button[type=submit]");
    if (button && !event.target.hasAttribute("hx-post")) setTimeout(() => { button.disabled = true; }, 0);
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("button[type=submit]:disabled").forEach((button) => { button.disabled = false; });
  });

  // Choices that send their form at once.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  });

  // What was being written survives a lost connection or session.
  const key = (form) => `draft:${form.dataset.draft}`;
  const restore = (root) => root.querySelectorAll("form[data-draft]").forEach((form) => {
    try {
      const kept = JSON.parse(sessionStorage.getItem(key(form)) || "{}");
      for (const [name, value] of Object.entries(kept)) {
        const field = form.elements[name];
        if (field && "value" in field && !field.value && name !== "sent_once") field.value = value;
      }
    } catch { /* a draft that cannot be read is no draft */ }
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-draft]");
    if (!form) return;
    const kept = {};
    form.querySelectorAll("textarea, input[type=text], input[type=date]").forEach((field) => { kept[field.name] = field.value; });
    sessionStorage.setItem(key(form), JSON.stringify(kept));
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    restore(event.target);
    event.target.querySelectorAll("[data-draft-done]").forEach((done) => sessionStorage.removeItem(`draft:${done.dataset.draftDone}`));
    const first = event.target.querySelector("[data-focus]");
    if (first) first.focus();
  });
  restore(document);
})();
