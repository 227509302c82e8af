// A draft saved as it is typed: `<form data-draft="door" data-draft-key="application-5">`, one `data-typed="name"` around each control.
// What is typed is kept on the device at once, sent a second later, and sent again until the server has it: nothing is lost when the
// network drops, the tab closes or the session ends. The tabs of one draft share what is kept. Each thing sent says what stood in its
// place (`over`): where something else stands by then, nothing is written, both are shown, and the person chooses. Without this script,
// the form's button saves.
const form = document.querySelector("form[data-draft]");
const status = document.querySelector("[data-draft-status]");
const KEY = form && `draft:${form.dataset.draftKey}`;
const DELAY = 1000;
const AGAIN = 10000;
const MOST_SENT = 100;
const MOST_OVER = 6;
const [SAVED, WRONG, STOPPED] = ["saved", "wrong", "stopped"];
const known = new Map(); // what the server has, as far as this page knows
const last = new Map();
let memory = {};
let durable = true;
let timer;
let sending;

const hour = () => new Date().toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Paris" }).replace(":", " h ");
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const holder = (name) => form.querySelector(`[data-typed="${CSS.escape(name)}"]`);
const disputed = (each) => each.stands !== undefined;
const counted = (number) => (number > 1 ? `${number} saisies gardées` : "1 saisie gardée");

function parsed(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

// By name: {value, typed_at, over}, with `refused` (why) once the server refuses it, `stands` and `told` once it says that another stands.
function queue() {
  try {
    if (durable) memory = parsed(localStorage.getItem(KEY));
  } catch {
    durable = false;
  }
  return memory;
}

// Read again before each change: another tab may have written meanwhile.
function change(alter) {
  const all = queue();
  alter(all);
  try {
    if (Object.keys(all).length) localStorage.setItem(KEY, JSON.stringify(all));
    else localStorage.removeItem(KEY);
    durable = true;
  } catch {
    durable = false;
  }
  memory = all;
  return durable;
}

const waiting = () => Object.entries(queue()).filter(([, each]) => !each.refused && !disputed(each));
const left = () => waiting().length;
const blocked = () => Object.entries(queue()).find(([, each]) => each.refused || disputed(each))?.[0];

function say(text, tone = "") {
  if (!status) return;
  status.textContent = text;
  if (tone) status.dataset.tone = tone;
  else delete status.dataset.tone;
}

function read(box, ticked = "checked", held = "value") {
  const controls = [...box.querySelectorAll(`[name="${CSS.escape(box.dataset.typed)}"]`)];
  if (controls[0]?.type === "checkbox") return controls.filter((each) => each[ticked]).map((each) => each.value);
  if (controls[0]?.type === "radio") return controls.find((each) => each[ticked])?.value ?? "";
  return controls[0]?.[held] ?? "";
}

function show(box, value) {
  for (const control of box.querySelectorAll(`[name="${CSS.escape(box.dataset.typed)}"]`)) {
    if (control.type === "checkbox") control.checked = value.includes(control.value);
    else if (control.type === "radio") control.checked = control.value === value;
    else control.value = value;
  }
  last.set(box, JSON.stringify(read(box)));
}

function choice(label, chosen) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn small";
  button.textContent = label;
  button.addEventListener("click", chosen);
  return button;
}

// Under a field, what is wrong with what it holds, from the queue.
function tell(box) {
  const name = box.dataset.typed;
  const each = queue()[name];
  const message = each && (disputed(each) ? each.told : each.refused);
  const error = box.querySelector(".error");
  if (!error) return;
  error.hidden = !message;
  box.querySelector("[data-choice]")?.remove();
  if (message) error.firstElementChild.textContent = message;
  if (message && disputed(each)) {
    const actions = document.createElement("div");
    actions.className = "actions";
    actions.dataset.choice = "";
    actions.append(choice("Garder ma saisie", () => keepMine(name)), choice("Reprendre l'autre", () => takeOther(name)));
    error.after(actions);
  }
  box.querySelectorAll("input, textarea").forEach((control) => (message ? control.setAttribute("aria-invalid", "true") : control.removeAttribute("aria-invalid")));
}

function keepMine(name) {
  change((all) => {
    const { value, stands } = all[name];
    all[name] = { value, typed_at: new Date().toISOString(), over: [stands] };
  });
  tell(holder(name));
  send();
}

function takeOther(name) {
  const { stands } = queue()[name];
  known.set(name, stands);
  change((all) => delete all[name]);
  show(holder(name), stands);
  tell(holder(name));
  say("L'autre réponse est reprise.", "success");
}

function offline() {
  say(`Hors ligne : ${counted(left())} sur cet appareil, à envoyer au retour du réseau.`, "warning");
  clearTimeout(timer);
  timer = setTimeout(send, AGAIN);
}

function advance({ done, total }) {
  const bar = document.querySelector("[data-draft-progress]");
  const count = document.querySelector("[data-draft-count]");
  if (bar && total) bar.value = done;
  if (count && total) count.textContent = `${done} réponse${done > 1 ? "s" : ""} sur ${total}`;
}

function settleOne(all, name, sent, { outcome, message, value }) {
  const each = all[name];
  const untouched = each?.typed_at === sent.typed_at;
  if (outcome === "kept") {
    known.set(name, sent.value);
    if (untouched) delete all[name];
    else if (each) each.over = [sent.value];
  } else if (outcome === "refused" && untouched) {
    each.refused = message;
  } else if (outcome === "superseded" && each && (untouched || !each.over.some((one) => same(one, value)))) {
    Object.assign(each, { stands: value, told: message });
  }
}

function settle(sent, results) {
  change((all) => Object.entries(results).forEach(([name, result]) => sent[name] && settleOne(all, name, sent[name], result)));
  Object.keys(results).map(holder).filter(Boolean).forEach((box) => {
    tell(box);
    if (box.contains(document.activeElement)) box.scrollIntoView({ block: "nearest" }); // not under the bar
  });
  const outcomes = Object.values(results).map((each) => each.outcome);
  const wrong = outcomes.filter((each) => each === "refused").length;
  if (outcomes.includes("superseded")) say(`Enregistré à ${hour()}, sauf ce qui a changé entre-temps : choisir la réponse à garder.`, "danger");
  else if (wrong) say(`Enregistré à ${hour()}, sauf ${wrong > 1 ? `${wrong} réponses à corriger` : "une réponse à corriger"}.`, "danger");
  else say(`Enregistré à ${hour()}`, "success");
}

function stop(why) {
  say(`${why} ${counted(left())} sur cet appareil.`, "danger");
  return STOPPED;
}

async function post(sent) {
  const response = await fetch(form.dataset.draft, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, Accept: "application/json" },
    body: JSON.stringify({ clock: new Date().toISOString(), typed: sent }),
  });
  if (response.redirected || response.status === 401 || response.status === 403) return stop("Se reconnecter dans un autre onglet, puis recharger cette page :");
  if (response.status >= 500 || response.status === 429) throw new Error("server");
  const body = await response.json().catch(() => null);
  if (!response.ok || !body) return stop(body?.message ?? "Cette candidature n'est plus accessible.");
  settle(sent, body.results);
  advance(body);
  return Object.values(body.results).every((each) => each.outcome === "kept") ? SAVED : WRONG;
}

// What is about to be sent counts as seen from now on: the answer may get lost, and the server have it.
function next() {
  const names = waiting().slice(0, MOST_SENT).map(([name]) => name);
  const sent = {};
  change((all) => {
    for (const name of names) {
      const each = all[name];
      sent[name] = structuredClone(each);
      const [first, ...tried] = each.over;
      each.over = [first, ...tried.filter((one) => !same(one, each.value)).slice(1 - MOST_OVER), each.value];
    }
  });
  return sent;
}

// True once everything typed is saved.
async function send() {
  clearTimeout(timer);
  while (sending) await sending;
  if (!left()) return !blocked();
  say("Enregistrement…");
  sending = post(next()).catch(() => { offline(); return STOPPED; });
  const outcome = await sending;
  sending = null;
  if (left() && outcome !== STOPPED) timer = setTimeout(send, DELAY);
  return outcome === SAVED && !left() && !blocked();
}

function typed(event) {
  const box = event.target.closest("[data-typed]");
  const name = box?.dataset.typed;
  if (!box || event.target.name !== name) return;
  const value = read(box);
  if (JSON.stringify(value) === last.get(box)) return; // leaving a field says again what typing said
  last.set(box, JSON.stringify(value));
  const kept = change((all) => {
    const { over = [known.get(name)], stands, told } = all[name] ?? {};
    all[name] = { value, typed_at: new Date().toISOString(), over, ...(stands === undefined ? {} : { stands, told }) };
  });
  if (!kept) say("Cet appareil ne garde rien hors ligne : rester connecté.", "warning");
  else if (navigator.onLine && !disputed(queue()[name])) say("Saisie en cours…");
  clearTimeout(timer);
  timer = setTimeout(send, DELAY);
}

// What another tab of this draft typed is shown here too; what it saved is known here too.
function fromOtherTab({ key, oldValue, newValue }) {
  if (key !== KEY) return;
  const [before, after] = [parsed(oldValue), parsed(newValue)];
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const box = holder(name);
    const value = after[name]?.value ?? before[name].stands ?? before[name].value;
    if (!after[name]) known.set(name, value);
    if (box && !same(read(box), value)) show(box, value);
    if (box) tell(box);
  }
}

if (form) {
  form.querySelectorAll("[data-typed]").forEach((box) => {
    known.set(box.dataset.typed, read(box, "defaultChecked", "defaultValue"));
    last.set(box, JSON.stringify(read(box)));
  });
  change((all) => Object.keys(all).filter((name) => !holder(name)).forEach((name) => delete all[name]));
  for (const [name, each] of Object.entries(queue())) {
    each.over ??= [known.get(name)];
    show(holder(name), each.value);
    if (each.refused || disputed(each)) tell(holder(name));
  }
  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  window.addEventListener("storage", fromOtherTab);
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
    if (!Object.keys(queue()).length) return;
    event.preventDefault();
    if (await send()) location.assign(link.href);
    else (blocked() ? holder(blocked()) : status)?.scrollIntoView({ block: "center" });
  }));
  if (left()) send();
  else if (blocked()) say("Une réponse est à corriger.", "danger");
}
