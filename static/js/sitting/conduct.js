// The sitting in the room: draws the state, takes what is typed, sends it, and follows what the other clerks enter.
import { ask, show } from "./dom.js";
import { helpDialog, listen } from "./keys.js";
import { byId, byName, currentItem, nameOf, nextItem } from "./members.js";
import { page } from "./page.js";
import { predict } from "./predict.js";
import { browserStore, Queue } from "./queue.js";
import { capital, KIND, many, RESULT, titleOf, wordsFor, CHOICES } from "./words.js";

const SEEN = 2500;
const HIDDEN = 15000;
const QUIET = 8000;
const WHOLE = 12; // now and then the whole state: what other pages changed has no entry
const KEYS = "seance-raccourcis";
const root = document.getElementById("conduite");
const said = document.getElementById("annonce");
const { urls, state: first, user } = JSON.parse(document.getElementById("seance").textContent);
const prefix = `seance:${urls.entry}:${user}:`;
const remembered = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
const remember = (name, value) => { try { if (value) localStorage.setItem(name, value); else localStorage.removeItem(name); } catch { /* kept by the page only */ } };

let held = first;
let shown = first;
let etag = "";
let polls = 0;
const ui = { query: "", everybody: false, tab: "vote", item: "", agenda: false, setup: false, scrutin: {}, proxy: new Set(), keys: remembered(KEYS) !== "0" };
const queue = new Queue({ store: browserStore(`${prefix}saisie:`, localStorage), send, changed });
const draftName = () => `${prefix}debat:${held.current}`;

// ---- the server

const token = () => document.cookie.match(/(?:^|; )(?:__Host-|__Secure-)?csrftoken=([^;]+)/)?.[1] ?? root.dataset.token;
const isJson = (response) => (response.headers.get("content-type") ?? "").includes("json");
const stopped = (response) => response.redirected || response.status === 401 || response.status === 403
  ? "La session a expiré ou les droits ont changé." : response.status === 404 ? "La séance n'est plus accessible." : "";

async function reach(url, options) {
  const response = await fetch(url, { credentials: "same-origin", signal: AbortSignal.timeout(QUIET), ...options });
  if (response.status >= 500 || response.status === 429 || response.status === 408) throw new Error(String(response.status));
  return response;
}

async function send(body) {
  const response = await reach(urls.entry, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json", "x-csrftoken": token() } });
  if (response.redirected || !isJson(response) || [401, 403, 404].includes(response.status)) return { stopped: stopped(response) || "Le serveur a répondu autre chose qu'attendu." };
  const answer = await response.json();
  return response.ok ? { taken: true, state: answer.state } : { refusal: answer };
}

async function poll() {
  try {
    polls += 1;
    const response = await reach(urls.state, { headers: etag && polls % WHOLE ? { "if-none-match": etag } : {}, cache: "no-store" });
    const why = stopped(response);
    if (why) { queue.stopped = why; draw(); return; }
    const back = queue.reached();
    if (response.status === 200) { etag = response.headers.get("etag") ?? ""; take(await response.json(), true); }
    if (back) { say("Connexion rétablie."); draw(); }
  } catch {
    if (!queue.offline) { queue.offline = true; say(`Hors connexion : ce qui est saisi est gardé ici.`); draw(); }
  }
}

let timer = 0;
function follow() {
  clearTimeout(timer);
  timer = setTimeout(async () => { await poll(); follow(); }, document.hidden ? HIDDEN : SEEN);
}
document.addEventListener("visibilitychange", () => { if (!document.hidden) poll(); follow(); });
addEventListener("online", () => { queue.flush(); poll(); });
addEventListener("offline", () => { queue.offline = true; draw(); });

// ---- the state

function take(state, others = false) {
  if (state.sequence < held.sequence) return;
  const before = held;
  held = state;
  if (others && state.sequence > before.sequence) tellOthers(before, state);
  draw();
}

// What changed by another hand, in one sentence.
function tellOthers(before, now) {
  const item = currentItem(now);
  if (now.current !== before.current) say(item ? `Affaire en cours : ${titleOf(item)}` : "Aucune affaire en cours.");
  else if (item?.proclaimed && !currentItem(before)?.proclaimed) say(`Résultat proclamé : ${item.label}`);
  else if (now.strip.quorum_reached !== before.strip.quorum_reached) say(now.strip.quorum_reached ? "Le quorum est atteint." : "Le quorum n'est plus atteint.");
  else say("Saisie d'un autre poste reçue.");
}

function changed(state, done) {
  if (state && state.sequence >= held.sequence) held = state;
  if (done?.refusal) say(`Refusé : ${done.words}. ${done.refusal.message}`);
  else if (done) tellTaken(done);
  draw();
}

function tellTaken(entry) {
  const { ballot, strip } = held;
  const item = currentItem(held);
  if (entry.kind === "result" && item) say(`Résultat proclamé : ${item.label}`);
  else if (ballot?.counts && ["vote", "votes", "tally"].includes(entry.kind)) say(`${entry.words}. Pour ${ballot.counts.for}, contre ${ballot.counts.against}, abstentions ${ballot.counts.abstain}.`);
  else if (["presence", "arrival", "departure", "return", "proxy", "withdrawal"].includes(entry.kind)) say(`${entry.words}. ${many(strip.present, "présent")}, ${many(strip.voices, "voix", "voix")}.`);
  else say(entry.words);
}

function say(words) { said.textContent = words; }

function draw() {
  shown = predict(held, queue.waiting);
  show(root, page({ state: shown, ui, queue, urls, login: urls.login, draft: remembered(draftName()) ?? "" }), () => document.getElementById("chercher") ?? document.getElementById("suivante") ?? document.getElementById("titre"));
}

const add = (kind, payload) => { queue.add(kind, payload, wordsFor(kind, payload, shown)); return true; };

// ---- what is done

const time = () => { const field = document.getElementById("heure"); const value = field?.value; if (field) field.value = ""; return value || new Date().toTimeString().slice(0, 5); };
// From the item under examination, whatever another clerk opens before this is sent; once proclaimed, the server says from which.
const here = () => (currentItem(shown) && !currentItem(shown).proclaimed ? { act: shown.current } : {});
const tab = (code) => { if (!currentItem(shown)) return false; Object.assign(ui, { tab: code, query: "", setup: false }); draw(); document.getElementById(`onglet-${code}`)?.focus(); return true; };
const voting = () => Boolean(shown.ballot) && !currentItem(shown)?.proclaimed && ui.tab === "vote";
const calling = () => shown.state === "open" && !shown.current && !shown.items.some((item) => item.examined);

function castVote(member, choice) {
  const row = byId(shown, member);
  if (!row?.voter || row.withdrawn) return false;
  const proxy = shown.ballot.votes[member]?.proxy ?? ui.proxy.has(member);
  return add("vote", { act: shown.current, member, choice, proxy: Boolean(row.holds) && proxy });
}

function voteByKey(member, choice) {
  const taken = castVote(member, choice);
  if (taken && choice) root.querySelector(`[data-member="${member}"] [data-choice="${choice}"]`)?.focus();
  return taken;
}

function plusOne(member) {
  if (!byId(shown, member)?.holds) return false;
  const vote = shown.ballot.votes[member];
  const proxy = !(vote ? vote.proxy : ui.proxy.has(member));
  if (proxy) ui.proxy.add(member); else ui.proxy.delete(member);
  if (vote) add("vote", { act: shown.current, member, choice: vote.choice, proxy });
  else draw();
  return true;
}

async function proclaim() {
  if (!voting()) return false;
  const { ballot } = shown;
  const { counts } = ballot;
  const counted = ["by_name", "totals"].includes(ballot.mode);
  const tied = counted && ballot.method !== "secret" && !ballot.chair_vote && counts.for === counts.against && counts.for > 0;
  const fields = [
    ...(ballot.mode === "result_only" ? [{ name: "stated_result", label: "Résultat", options: Object.entries(RESULT).filter(([code]) => code !== "noted"), value: "adopted", required: true }] : []),
    ...(tied ? [{ name: "chair_vote", label: "Vote du président, prépondérant (CGCT, article L2121-20)", options: [["", "—"], ...CHOICES.slice(0, 3)] }] : []),
  ];
  const text = counted ? [`Pour ${counts.for}, contre ${counts.against}, abstentions ${counts.abstain}, ne participent pas ${counts.not_voting} : ${many(ballot.voices, "voix", "voix")}.`] : [];
  if (ballot.label) text.unshift(`${capital(ballot.label)}.`);
  const answer = await ask({ heading: ballot.mode === "noted" ? "Consigner la prise d'acte ?" : "Proclamer le résultat ?", text, fields, confirm: ballot.mode === "noted" ? "Prendre acte" : "Proclamer" });
  if (answer) add("result", { act: shown.current, ...(ballot.mode === "noted" ? { stated_result: "noted" } : {}), ...Object.fromEntries(Object.entries(answer).filter(([, value]) => value)) });
  return true;
}

const openBallot = (payload) => { Object.assign(ui, { setup: false, scrutin: {}, query: "" }); ui.proxy.clear(); return add("ballot", { act: shown.current, ...payload }); };

async function withReason(kind, payload, { heading, confirm, required = false }) {
  const answer = await ask({ heading, fields: [{ name: "reason", label: "Motif", required }], confirm });
  if (answer) add(kind, { ...payload, reason: answer.reason });
}

async function addItem() {
  const kinds = ["deliberation", "motion", "prendre_acte", "information"].map((code) => [code, KIND[code]]);
  const answer = await ask({ heading: "Ajouter une affaire", fields: [{ name: "title", label: "Intitulé", required: true }, { name: "kind", label: "Nature", options: kinds, value: "deliberation" }], confirm: "Ajouter" });
  if (answer) add("item_added", answer);
}

async function close() {
  const left = shown.items.filter((item) => !item.examined && item.state === "draft").length;
  const text = left ? [`${many(left, "affaire n'a pas été examinée", "affaires n'ont pas été examinées")}.`] : [];
  if (await ask({ heading: "Lever la séance ?", text, confirm: "Lever la séance" })) add("closed", {});
}

function examine(act) {
  Object.assign(ui, { tab: "vote", query: "", everybody: false, setup: false, scrutin: {}, item: "", agenda: false });
  ui.proxy.clear();
  add("item_opened", { act });
  document.getElementById("titre")?.focus();
}

function shift(act, step) {
  const place = shown.items.findIndex((item) => item.id === act) + (step > 0 ? 2 : -1);
  add("item_moved", { act, before: shown.items[place]?.id ?? null });
}

async function reopen() {
  const answer = await ask({ heading: "Rouvrir le scrutin ?", text: ["Le résultat proclamé est retiré ; les votes saisis restent."], fields: [{ name: "reason", label: "Motif", required: true }], confirm: "Rouvrir" });
  if (answer) add("result_reopened", { act: shown.current, reason: answer.reason });
}

const states = (members, to) => Object.fromEntries(members.map((member) => [member.id, to]));

function call(member, to, advance = false) {
  add("presence", { states: { [member]: to } });
  if (advance) root.querySelector(`[data-member="${member}"] + [data-member] [tabindex="0"]`)?.focus();
  return true;
}

const member = (button) => Number(button.dataset.member);
const act = (button) => Number(button.dataset.act);
const ACTS = {
  dismiss: (button) => queue.dismiss(button.dataset.entry),
  help: () => help(),
  agenda: () => { ui.agenda = !ui.agenda; draw(); },
  item: (button) => { ui.item = ui.item === button.dataset.act ? "" : button.dataset.act; draw(); },
  tab: (button) => tab(button.dataset.tab),
  setup: () => { ui.setup = !ui.setup; ui.scrutin = {}; draw(); },
  open: () => add("opened", {}),
  "open-again": () => withReason("opened", {}, { heading: "Rouvrir la séance levée ?", confirm: "Rouvrir", required: true }),
  close,
  add: addItem,
  examine: (button) => examine(act(button)),
  up: (button) => shift(act(button), -1),
  down: (button) => shift(act(button), 1),
  withdraw: (button) => withReason("item_withdrawn", { act: act(button) }, { heading: "Retirer cette affaire de l'ordre du jour ?", confirm: "Retirer" }),
  adjourn: (button) => withReason("item_adjourned", { act: act(button) }, { heading: "Ajourner cette affaire ?", confirm: "Ajourner" }),
  restore: (button) => add("item_restored", { act: act(button) }),
  "call-all": () => add("presence", { states: states(shown.members.filter((each) => !each.holder && !each.alternate), "present") }),
  "call-group": (button) => add("presence", { states: states(shown.members.filter((each) => each.group === button.dataset.group && !each.holder && !each.alternate), "present") }),
  call: (button) => call(member(button), button.dataset.choice),
  arrival: (button) => add("arrival", { member: member(button), at: time(), ...here() }),
  departure: (button) => add("departure", { member: member(button), at: time(), ...here() }),
  return: (button) => add("return", { member: member(button), at: time(), ...here() }),
  "withdraw-member": (button) => add("withdrawal", { member: member(button), act: shown.current }),
  unwithdraw: (button) => add("withdrawal_undone", { member: member(button), act: shown.current }),
  undo: (button) => add("move_undone", { change: Number(button.dataset.move) }),
  revoke: (button) => withReason("proxy_revoked", { giver: member(button) }, { heading: `Révoquer le pouvoir de ${nameOf(shown, member(button))} ?`, confirm: "Révoquer" }),
  hands: () => openBallot({ mode: "by_name", method: "hands", others: "for" }),
  noted: () => openBallot({ mode: "noted", method: "hands", others: "" }),
  others: (button) => add("ballot", { act: shown.current, mode: "by_name", method: shown.ballot.method, others: button.dataset.choice, ...(shown.ballot.requested_by == null ? {} : { requested_by: shown.ballot.requested_by }) }),
  vote: (button) => castVote(member(button), button.getAttribute("aria-pressed") === "true" ? "" : button.dataset.choice),
  group: (button) => add("votes", { act: shown.current, group: button.dataset.group, choice: button.dataset.choice }),
  "plus-one": (button) => plusOne(member(button)),
  rest: (button) => fillRest(button.closest("form")),
  proclaim,
  reopen,
};

function fillRest(form) {
  const others = [...form.querySelectorAll("input:not([name=for])")].reduce((sum, field) => sum + (Number(field.value) || 0), 0);
  form.elements.for.value = Math.max(0, shown.strip.voices - others);
  form.requestSubmit();
}

const whole = (field) => (field.value.trim() === "" ? 0 : Number(field.value));
const FORMS = {
  ballot(form) {
    const method = form.elements.method.value;
    const asked = form.elements.requested_by?.value ?? "";
    openBallot({ mode: form.elements.mode.value, method, others: "", ...(form.elements.mode.value === "by_name" && method === "hands" ? { others: "for" } : {}), ...(asked ? { requested_by: Number(asked) } : {}) });
  },
  tally(form) { add("tally", { act: shown.current, ...Object.fromEntries([...form.querySelectorAll("input")].map((field) => [field.name, whole(field)])) }); },
  note(form) {
    add("note", { act: shown.current, text: form.elements.text.value.trim() });
    remember(draftName(), "");
    form.elements.text.value = "";
  },
  async proxy(form, submitter) {
    const people = ["giver", "holder"].map((name) => known(form.elements[name]));
    if (people.includes(null)) return;
    const [giver, holder] = people.map((each) => each.id);
    if (submitter?.value === "refuse") await withReason("proxy_refused", { giver, holder }, { heading: "Refuser ce pouvoir ?", confirm: "Refuser le pouvoir", required: true });
    else add("proxy", { giver, holder, ...here() });
    form.reset();
  },
};

// The member a field names, or a sentence in the field.
function known(field) {
  const found = byName(shown, field.value);
  field.setCustomValidity(found ? "" : `« ${field.value} » n'est pas le nom d'un membre en exercice : choisir dans la liste.`);
  if (!found) field.reportValidity();
  return found ?? null;
}

const TYPED = {
  query: (field) => { ui.query = field.value; draw(); },
  everybody: (field) => { ui.everybody = field.checked; draw(); },
  scrutin: (field) => { ui.setup = true; ui.scrutin = { ...ui.scrutin, [field.name]: field.value }; draw(); },
  draft: (field) => remember(draftName(), field.value),
};

function search() {
  const field = document.getElementById("chercher");
  if (!field) return false;
  clear();
  field.focus();
  return true;
}
function clear() { const field = document.getElementById("chercher"); ui.query = ""; if (field) field.value = ""; draw(); }
function help() { helpDialog(ui, (on) => { ui.keys = on; remember(KEYS, on ? "" : "0"); draw(); }); return true; }

root.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  if (button && button.type === "button") ACTS[button.dataset.do]?.(button);
});
root.addEventListener("submit", (event) => { event.preventDefault(); FORMS[event.target.dataset.do]?.(event.target, event.submitter); });
root.addEventListener("input", (event) => { event.target.setCustomValidity?.(""); TYPED[event.target.dataset.typed]?.(event.target); });
listen(root, ui, {
  isVoting: voting, isCalling: calling, call, vote: voteByKey, plusOne, proclaim: () => voting() && (proclaim(), true), search, clear, help, tab,
  next: () => { const button = document.getElementById("suivante"); button?.focus(); return Boolean(button && nextItem); },
});

draw();
if (held.state === "open" && !location.hash) root.scrollIntoView({ block: "start" });
queue.flush();
poll();
follow();
