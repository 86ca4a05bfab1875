// What a page does beyond links and forms: keys, pages that follow the hub, forms that check themselves, files that are dropped.
// Everything works without it.
"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

  // Keys.
  let goes = 0;
  const help = document.getElementById("help");
  const rows = () => all("table.rows a.opens");
  const step = (by) => {
    const links = rows();
    if (links.length === 0) return;
    const at = links.indexOf(document.activeElement);
    links[Math.min(Math.max(at + by, 0), links.length - 1)].focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (Date.now() - goes < 1500 && /^[1-9]$/.test(event.key)) {
      const link = all(".side a")[Number(event.key) - 1];
      if (link) link.click();
      return;
    }
    const acts = {
      "/": () => document.getElementById("find")?.focus(),
      j: () => step(1),
      k: () => step(-1),
      // A link is followed; a button is only come to, because what it does may be final.
      n: () => {
        const primary = document.querySelector("[data-primary]");
        if (primary?.matches("a")) primary.click(); else primary?.focus();
      },
      g: () => { goes = Date.now(); },
      "?": () => help?.showModal(),
    };
    const act = acts[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  document.querySelector("[data-help]")?.addEventListener("click", () => help?.showModal());

  // A narrow screen begins with the menu closed.
  const side = document.querySelector("details.side");
  if (side && matchMedia("(max-width: 60rem)").matches) side.open = false;

  // What went wrong is read first.
  document.getElementById("refused")?.focus();

  // A page whose parts are marked follows the hub.
  const renew = async () => {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of all("[data-live]")) {
      const next = page.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
      if (!next || next.innerHTML === part.innerHTML) continue;
      const held = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      part.replaceChildren(...next.childNodes);
      if (held) all("a", part).find((link) => link.getAttribute("href") === held)?.focus();
    }
  };
  if (document.querySelector("[data-live]") && "EventSource" in window) {
    const follow = new EventSource(`/console/live?page=${encodeURIComponent(location.pathname + location.search)}`);
    follow.addEventListener("changed", renew);
    addEventListener("pagehide", () => follow.close());
  }

  // A form with data-check is asked, while it is filled in, what is wrong with it; the answer is a part of a page.
  for (const form of all("form[data-check]")) {
    const place = document.getElementById(form.dataset.checkInto);
    let waiting = 0;
    const check = async () => {
      const answer = await fetch(form.dataset.check, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (answer.ok && place) place.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
    };
    form.addEventListener("change", () => { clearTimeout(waiting); waiting = setTimeout(check, 300); });
  }

  // A file can be dropped on the field that takes it.
  for (const zone of all("[data-drop]")) {
    const field = zone.querySelector('input[type="file"]');
    const name = zone.querySelector("[data-name]");
    const tell = () => { if (name) name.textContent = [...field.files].map((file) => file.name).join(", "); };
    zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
    zone.addEventListener("dragleave", () => zone.classList.remove("over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      field.files = event.dataTransfer.files;
      tell();
    });
    field.addEventListener("change", tell);
  }

  // What is copied often has a button.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = document.getElementById(button.dataset.copy)?.textContent ?? "";
    await navigator.clipboard.writeText(text);
    button.textContent = button.dataset.copied;
  });

  // A form that was sent is not sent again while the answer is under way.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
  });
})();
