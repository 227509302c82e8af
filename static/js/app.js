// Behaviour shared by every page. Everything works without it, only less comfortably.
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (type, selector, run) => document.addEventListener(type, (event) => {
  const target = event.target.closest?.(selector);
  if (target) run(target, event);
});

// Toasts: a short text at the foot, announced, that leaves when neither read nor focused.
export function toast(text, tone = "success") {
  const note = document.createElement("div");
  note.className = "note";
  note.dataset.tone = tone;
  note.append(Object.assign(document.createElement("div"), { textContent: text }));
  document.getElementById("toasts")?.append(note);
}
const toasts = document.getElementById("toasts");
if (toasts) {
  new MutationObserver((changes) => changes.flatMap((change) => [...change.addedNodes]).forEach((note) => {
    const leave = () => (note.matches?.(":hover, :focus-within") ? setTimeout(leave, 2000) : note.remove());
    setTimeout(leave, 6000);
  })).observe(toasts, { childList: true });
}
window.addEventListener("toast", (event) => toast(event.detail.text, event.detail.tone));

// Theme: a cookie, so that the server writes data-theme and no page flashes.
const theme = () => document.documentElement.dataset.theme ?? "";
function showTheme() {
  all("[data-theme-set]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.themeSet === theme())));
}
on("click", "[data-theme-set]", (button) => {
  const chosen = button.dataset.themeSet;
  if (chosen) document.documentElement.dataset.theme = chosen;
  else delete document.documentElement.dataset.theme;
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `theme=${chosen};path=/;samesite=lax;max-age=${chosen ? 31536000 : 0}${secure}`;
  showTheme();
});
showTheme();

// Drawers (popover): the browser opens and closes them; their buttons say so.
document.addEventListener("toggle", (event) => {
  const drawer = event.target;
  if (!drawer.popover) return;
  const open = event.newState === "open";
  all(`[popovertarget="${drawer.id}"][aria-expanded]`).forEach((button) => button.setAttribute("aria-expanded", String(open)));
  if (open) drawer.querySelector("[aria-current], input:not([type=hidden]), select, button")?.focus();
}, true);

// Menus made of <details>: one open at a time; Escape and a click elsewhere close them.
const closeMenus = (except) => all("details.menu[open]").forEach((menu) => { if (menu !== except) menu.open = false; });
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("focusin", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// Messages that can be dismissed.
on("click", "[data-dismiss]", (button) => {
  button.closest(".note").remove();
  document.getElementById("contenu")?.focus();
});

// Dialogs: data-dialog opens, data-close closes, and data-confirm asks before a form is sent.
on("click", "[data-dialog]", (button, event) => {
  const dialog = document.getElementById(button.dataset.dialog);
  if (!dialog) return;
  event.preventDefault();
  dialog.showModal();
});
on("click", "[data-close]", (button) => button.closest("dialog").close());
on("submit", "form[data-confirm]", (form, event) => {
  if (form.dataset.confirmed) return;
  event.preventDefault();
  const { submitter } = event;
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "question");
  const heading = Object.assign(document.createElement("h2"), { id: "question", textContent: form.dataset.confirm });
  const actions = Object.assign(document.createElement("div"), { className: "form-actions" });
  const yes = Object.assign(document.createElement("button"), { className: `btn primary${submitter?.classList.contains("danger") ? " danger" : ""}`, textContent: submitter?.textContent.trim() || "Confirmer" });
  const no = Object.assign(document.createElement("button"), { className: "btn quiet", textContent: "Annuler", autofocus: true });
  yes.addEventListener("click", () => {
    form.dataset.confirmed = "1";
    dialog.close();
    form.requestSubmit(submitter);
    delete form.dataset.confirmed;
  });
  no.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => { dialog.remove(); (submitter?.closest("details.menu:not([open])")?.querySelector("summary") ?? submitter)?.focus(); });
  actions.append(yes, no);
  dialog.append(heading, actions);
  document.body.append(dialog);
  dialog.showModal();
});

// A form is sent once, and a page with unsaved changes warns before it is left.
let dirty = false;
on("input", "form[data-guard]", () => { dirty = true; });
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  dirty = false;
  const { submitter } = event;
  const form = event.target;
  if (form.getAttribute("method") !== "post" || form.hasAttribute("hx-post") || !submitter) return;
  if (Date.now() - (form.dataset.sent ?? 0) < 4000) event.preventDefault();
  form.dataset.sent = Date.now();
  submitter.setAttribute("aria-disabled", "true");
  setTimeout(() => submitter.removeAttribute("aria-disabled"), 4000);
});
window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
window.addEventListener("pageshow", (event) => {
  if (event.persisted) all("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
  all("button[aria-disabled=true]").forEach((button) => button.removeAttribute("aria-disabled"));
});

// Errors first: the summary takes the focus, its links go to the fields.
function showErrors(root) { root.querySelector("[data-focus]")?.focus(); }
showErrors(document);
document.addEventListener("htmx:afterSwap", (event) => showErrors(event.target));
on("click", ".note a[href^='#']", (link, event) => {
  const field = document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.closest(".field")?.scrollIntoView({ block: "center" });
});

// On a phone the tab of the page shown is brought into view, once letters have their width.
const middle = (part) => part.getBoundingClientRect().left + part.getBoundingClientRect().width / 2;
document.fonts.ready.then(() => all(".tabs [aria-current]").forEach((tab) => {
  const list = tab.closest(".tabs");
  list.scrollLeft += middle(tab) - middle(list);
}));

// Tabs inside a page: arrows, Home, End; the address keeps the tab.
all("[data-tabs]").forEach((list) => {
  const tabs = all("[role=tab]", list);
  const show = (chosen) => tabs.forEach((tab) => {
    const shown = tab === chosen;
    tab.setAttribute("aria-selected", String(shown));
    tab.tabIndex = shown ? 0 : -1;
    const panel = document.getElementById(tab.getAttribute("aria-controls"));
    if (panel) panel.hidden = !shown;
  });
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (!tab) return;
    show(tab);
    history.replaceState(null, "", `#${tab.getAttribute("aria-controls")}`);
  });
  list.addEventListener("keydown", (event) => {
    const index = tabs.indexOf(document.activeElement);
    const next = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const tab = tabs.at(next % tabs.length);
    tab.focus();
    tab.click();
  });
  show(tabs.find((tab) => `#${tab.getAttribute("aria-controls")}` === location.hash) ?? tabs.find((tab) => tab.ariaSelected === "true") ?? tabs[0]);
});

// Address of the page, filters included; any text with data-copy.
on("click", "[data-copy-link], [data-copy]", async (button) => {
  await navigator.clipboard.writeText(button.dataset.copy ?? location.href);
  toast(button.dataset.copy ? "Copié." : "Lien de cette liste copié, avec ses filtres.");
});

// Network trouble under htmx is said, not swallowed.
document.addEventListener("htmx:sendError", () => toast("La connexion ne répond pas. Réessayer dans un instant.", "danger"));
document.addEventListener("htmx:responseError", (event) => toast(event.detail.xhr.status === 403 ? "Action refusée pour ce compte." : "L'action n'a pas abouti. Recharger la page.", "danger"));

// Tabs wider than the screen show the one that is open.
for (const tabs of document.querySelectorAll(".tabs.many")) {
  const open = tabs.querySelector("[aria-current]");
  if (open) tabs.scrollLeft = open.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - open.offsetWidth) / 2;
}

// Print button.
on("click", "[data-print]", () => window.print());

// Pages kept for work without network (survey/worker.js) are those of the person signed in: anybody else's are emptied, as on signing out.
const own = `saisie-${document.body.dataset.user ?? ""}`;
window.caches?.keys().then((names) => names.filter((name) => name.startsWith("saisie-") && name !== own).forEach((name) => caches.delete(name))).catch(() => {});
