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

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // In a grid, up and down go to the same column of the next line that can be typed in; Enter goes down too.
  document.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1, Enter: 1 }[event.key];
    if (!step || !event.target.matches("[data-grid] input")) return;
    event.preventDefault();
    const column = event.target.closest("td").cellIndex;
    const rows = [...event.target.closest("tbody").rows];
    for (let at = rows.indexOf(event.target.closest("tr")) + step; rows[at]; at += step) {
      const next = rows[at].cells[column].querySelector("input");
      if (next) { next.focus(); next.select(); return; }
    }
  });

  // What was being written survives a lost connection or session: it is kept on this device for this user, sent again by
  // itself when the network comes back, and erased when it is written or when the user signs out. The form's key goes with
  // it, so that what was received although the answer was lost is written once.
  const user = document.body.dataset.user || "";
  const prefix = `parcours:${user}:`;
  const KEPT_FOR = 7 * 24 * 3600 * 1000;
  const key = (form) => prefix + form.dataset.draft;
  const read = (name) => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } };
  const mine = () => (user ? Object.keys(localStorage).filter((name) => name.startsWith(prefix)) : []);
  const forget = (name) => localStorage.removeItem(name);

  Object.keys(localStorage).filter((name) => name.startsWith("parcours:")).forEach((name) => {
    const kept = read(name);
    if (!kept || Date.now() - kept.at > KEPT_FOR) forget(name);
  });

  const keep = (form) => {
    if (!user || !form.isConnected) return;
    const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken" && name !== "q");
    const people = [...form.querySelectorAll("[name=people]:checked + label")].map((label) => label.textContent.trim());
    try {
      localStorage.setItem(key(form), JSON.stringify({ at: Date.now(), url: form.getAttribute("action"), title: people.join(", ") || form.dataset.draftTitle, people, fields }));
    } catch { /* a full or forbidden storage keeps nothing; the form still works */ }
  };
  const news = (form, text) => {
    const place = form.querySelector("[data-draft-news]");
    if (place) { place.textContent = text; place.hidden = !text; }
  };
  const restore = (root) => root.querySelectorAll("form[data-draft]").forEach((form) => {
    const kept = user && read(key(form));
    if (!kept || form.querySelector(".is-invalid, .alert-danger")) return;
    const values = new Map();
    kept.fields.forEach(([name, value]) => values.set(name, [...(values.get(name) || []), value]));
    (values.get("people") || []).forEach((id, place) => {
      if (form.querySelector(`[name=people][value="${id}"]`)) return;
      const model = form.querySelector(".pick");
      if (!model) return;
      const pick = model.cloneNode(true), box = pick.querySelector("input"), select = pick.querySelector("select"), label = pick.querySelector("label");
      box.value = id; box.id = label.htmlFor = `personne-${id}`; select.name = `presence-${id}`;
      label.textContent = kept.people[place] || id; select.setAttribute("aria-label", label.textContent);
      form.querySelector(".people").prepend(pick);
    });
    [...form.elements].forEach((field) => {
      if (!field.name || !values.has(field.name) && !["checkbox"].includes(field.type)) return;
      if (field.type === "file" || field.name === "csrfmiddlewaretoken") return;
      if (field.type === "radio" || field.type === "checkbox") field.checked = (values.get(field.name) || []).includes(field.value);
      else [field.value] = values.get(field.name);
    });
  });
  ["input", "change"].forEach((name) => document.addEventListener(name, (event) => {
    const form = event.target.closest("form[data-draft]");
    if (form) keep(form);
  }));

  // Sending: without network the form waits and tries again; a lost session goes through sign-in and back to the form.
  const waiting = new Set();
  const retry = () => waiting.forEach((form) => {
    waiting.delete(form);
    if (form.isConnected) form.requestSubmit(form.querySelector("[data-send]"));
  });
  window.addEventListener("online", retry);
  setInterval(() => { if (navigator.onLine) retry(); }, 5000);
  document.addEventListener("htmx:sendError", (event) => {
    const form = event.target.closest("form[data-draft]");
    if (!form || event.target !== form) return;
    keep(form); waiting.add(form); news(form, form.dataset.offline);
  });
  document.addEventListener("htmx:responseError", (event) => {
    const form = event.target.closest("form[data-draft]");
    if (form && event.target === form) { keep(form); news(form, form.dataset.refused); }
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const answered = new URL(event.detail.xhr.responseURL || window.location.href);
    if (!answered.pathname.startsWith("/compte/login/")) return;
    event.detail.shouldSwap = false;
    const form = event.target.closest("form[data-draft]");
    if (form) keep(form);
    const back = form ? form.getAttribute("action") : window.location.pathname + window.location.search;
    window.location.assign(`/compte/login/?next=${encodeURIComponent(back)}`);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-sign-out]")) mine().forEach(forget);
  }, true);

  // Type-ahead: Enter takes the first name found, the arrow goes down to the names.
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches("[data-pick]")) return;
    const first = event.target.closest("form").querySelector(".pick input:not(:checked)");
    if (event.key === "Enter") {
      event.preventDefault();
      if (first) { first.checked = true; event.target.value = ""; keep(event.target.form); }
    } else if (event.key === "ArrowDown" && first) { event.preventDefault(); first.focus(); }
  });

  // A template fills what is still empty.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-fills]");
    if (!link) return;
    event.preventDefault();
    const form = link.closest("form");
    for (const [name, value] of Object.entries(JSON.parse(link.dataset.fills))) {
      form.querySelectorAll(`[name="${name}"]`).forEach((field) => {
        if (field.type === "radio" || field.type === "checkbox") field.checked = [].concat(value).map(String).includes(field.value);
        else if (!field.value) field.value = value;
      });
    }
    keep(form);
    form.elements.note.focus();
  });

  document.addEventListener("htmx:afterSettle", () => {
    document.querySelectorAll("[data-draft-done]").forEach((done) => {
      forget(prefix + done.dataset.draftDone);
      done.removeAttribute("data-draft-done");
      done.focus();
    });
    restore(document);
  });
  restore(document);
  document.querySelectorAll("[data-drafts]").forEach((place) => {
    mine().map((name) => read(name)).filter((kept) => kept && kept.url !== window.location.pathname).forEach((kept) => {
      const link = document.createElement("a");
      link.className = "alert-link ms-2"; link.href = kept.url; link.textContent = kept.title;
      if (place.hidden) place.textContent = place.dataset.drafts;
      place.hidden = false; place.append(link);
    });
  });
})();
