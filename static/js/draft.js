// A draft saved as it is typed: `<form data-draft="door" data-draft-key="application-5">`, one `data-typed="name"` around each control.
// What is typed is kept on the device at once, sent a second later, and sent again until the server has it: nothing is lost when the
// network drops, the tab closes or the session ends. Without this script, the form's button saves.
const form = document.querySelector("form[data-draft]");
const status = document.querySelector("[data-draft-status]");
const KEY = form && `draft:${form.dataset.draftKey}`;
const DELAY = 1000;
const AGAIN = 10000;
const [SAVED, WRONG, STOPPED] = ["saved", "wrong", "stopped"];
const last = new Map();
let pending = {};
let timer;
let sending;

const hour = () => new Date().toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Paris" }).replace(":", " h ");
const holder = (name) => form.querySelector(`[data-typed="${CSS.escape(name)}"]`);
// Not yet sent; what was refused is kept beside, so that closing the page does not lose it, until it is typed again.
const waiting = () => Object.fromEntries(Object.entries(pending).filter(([, each]) => !each.refused));
const left = () => Object.keys(waiting()).length;
const refused = () => Object.keys(pending).find((name) => pending[name].refused);
const counted = (number) => (number > 1 ? `${number} saisies gardées` : "1 saisie gardée");

function say(text, tone = "") {
  if (!status) return;
  status.textContent = text;
  if (tone) status.dataset.tone = tone;
  else delete status.dataset.tone;
}

function keep() {
  try {
    if (Object.keys(pending).length) localStorage.setItem(KEY, JSON.stringify(pending));
    else localStorage.removeItem(KEY);
    return true;
  } catch {
    return false;
  }
}

function read(box) {
  const name = box.dataset.typed;
  const controls = [...box.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
  if (controls[0]?.type === "checkbox") return controls.filter((each) => each.checked).map((each) => each.value);
  if (controls[0]?.type === "radio") return controls.find((each) => each.checked)?.value ?? "";
  return controls[0]?.value ?? "";
}

function show(box, value) {
  for (const control of box.querySelectorAll(`[name="${CSS.escape(box.dataset.typed)}"]`)) {
    if (control.type === "checkbox") control.checked = value.includes(control.value);
    else if (control.type === "radio") control.checked = control.value === value;
    else control.value = value;
  }
}

function tell(box, message) {
  const error = box.querySelector(".error");
  if (!error) return;
  error.hidden = !message;
  if (message) error.firstElementChild.textContent = message;
  box.querySelectorAll("input, textarea").forEach((control) => (message ? control.setAttribute("aria-invalid", "true") : control.removeAttribute("aria-invalid")));
}

function offline() {
  const count = left();
  say(`Hors ligne : ${counted(count)} sur cet appareil, à envoyer au retour du réseau.`, "warning");
  clearTimeout(timer);
  timer = setTimeout(send, AGAIN);
}

function advance({ done, total }) {
  const bar = document.querySelector("[data-draft-progress]");
  const count = document.querySelector("[data-draft-count]");
  if (bar && total) bar.value = done;
  if (count && total) count.textContent = `${done} réponse${done > 1 ? "s" : ""} sur ${total}`;
}

function settle(sent, results) {
  for (const [name, { outcome, message }] of Object.entries(results)) {
    if (pending[name]?.typed_at !== sent[name]?.typed_at) continue;
    if (outcome === "refused") pending[name].refused = message;
    else delete pending[name];
    const box = holder(name);
    if (box) tell(box, outcome === "kept" ? "" : message);
  }
  keep();
  const wrong = Object.values(results).filter((each) => each.outcome !== "kept").length;
  if (wrong) say(`Enregistré à ${hour()}, sauf ${wrong > 1 ? `${wrong} réponses à corriger` : "une réponse à corriger"}.`, "danger");
  else say(`Enregistré à ${hour()}`, "success");
  document.dispatchEvent(new CustomEvent("draft:saved", { detail: results }));
}

async function post(sent) {
  const response = await fetch(form.dataset.draft, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, Accept: "application/json" },
    body: JSON.stringify({ clock: new Date().toISOString(), typed: sent }),
  });
  if (response.redirected || response.status === 401 || response.status === 403) {
    say(`${counted(left())} sur cet appareil : se reconnecter dans un autre onglet, puis recharger cette page.`, "danger");
    return STOPPED;
  }
  if (response.status >= 500) throw new Error("server");
  const body = await response.json();
  if (!response.ok) {
    say(body.message, "danger");
    return STOPPED;
  }
  settle(sent, body.results);
  advance(body);
  return Object.values(body.results).every((each) => each.outcome === "kept") ? SAVED : WRONG;
}

// True once everything typed is saved.
async function send() {
  clearTimeout(timer);
  while (sending) await sending;
  const sent = structuredClone(waiting());
  if (!Object.keys(sent).length) return !refused();
  say("Enregistrement…");
  sending = post(sent).catch(() => { offline(); return STOPPED; });
  const outcome = await sending;
  sending = null;
  if (left() && outcome !== STOPPED) timer = setTimeout(send, DELAY);
  return outcome === SAVED && !left() && !refused();
}

function typed(event) {
  const box = event.target.closest("[data-typed]");
  if (!box || event.target.name !== box.dataset.typed) return;
  const value = read(box);
  if (JSON.stringify(value) === last.get(box)) return; // leaving a field says again what typing said
  last.set(box, JSON.stringify(value));
  pending[box.dataset.typed] = { value, typed_at: new Date().toISOString() };
  if (!keep()) say("Cet appareil ne garde rien hors ligne : rester connecté.", "warning");
  else if (navigator.onLine) say("Saisie en cours…");
  clearTimeout(timer);
  timer = setTimeout(send, DELAY);
}

if (form) {
  try {
    pending = JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    pending = {};
  }
  for (const [name, each] of Object.entries(pending)) {
    const box = holder(name);
    if (!box) {
      delete pending[name];
      continue;
    }
    show(box, each.value);
    if (each.refused) tell(box, each.refused);
  }
  form.querySelectorAll("[data-typed]").forEach((box) => last.set(box, JSON.stringify(read(box))));
  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  window.addEventListener("online", send);
  window.addEventListener("offline", () => { if (left()) offline(); else say("Hors ligne : continuer, tout sera gardé.", "warning"); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") send(); });
  // Saving by the button, and leaving by a link that needs everything saved, wait for it.
  form.addEventListener("submit", async (event) => {
    if (event.submitter?.hasAttribute("data-plain")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await send() && !status?.dataset.tone) say(`Enregistré à ${hour()}`, "success");
  }, true);
  document.querySelectorAll("[data-after-saving]").forEach((link) => link.addEventListener("click", async (event) => {
    if (!Object.keys(pending).length) return;
    event.preventDefault();
    if (await send()) location.assign(link.href);
    else (refused() ? holder(refused()) : status)?.scrollIntoView({ block: "center" });
  }));
  if (left()) send();
  else if (refused()) say("Une réponse est à corriger.", "danger");
}
