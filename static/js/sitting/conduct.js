// The sitting in the room: draws the state, takes what is typed, sends it, and follows what the other clerks enter.
import { ask, show, tell } from "./dom.js";
import { helpDialog, listen } from "./keys.js";
import { byId, byName, currentItem, nameOf } from "./members.js";
import { page } from "./page.js";
import { predict } from "./predict.js";
import { browserStore, Queue } from "./queue.js";
import { capital, KIND, many, RESULT, titleOf, unbroken, wordsFor, CHOICES } from "./words.js";

const SEEN = 2500;
const HIDDEN = 15000;
const QUIET = 8000;
const SKEWED = 30000;
const WHOLE = 12; // now and then the whole state: what other pages changed has no entry
const KEYS = "seance-raccourcis";
const TOLD = ["for", "against", "abstain"];
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
let skew = 0;
const clock = () => Date.now() + skew; // the server's: that of a clerk may be wrong
const storage = () => { try { return localStorage; } catch { return null; } };
const ui = { query: "", everybody: false, tab: "vote", item: "", agenda: false, refused: false, setup: false, scrutin: {}, proxy: new Set(), keys: remembered(KEYS) !== "0" };
const queue = new Queue({ store: browserStore(`${prefix}saisie:`, storage()), send, changed, now: clock });
const draftName = () => `${prefix}debat:${shown.current}`;

// ---- the server

const token = () => document.cookie.match(/(?:^|; )(?:__Host-|__Secure-)?csrftoken=([^;]+)/)?.[1] ?? root.dataset.token;
const isJson = (response) => (response.headers.get("content-type") ?? "").includes("json");
const stopped = (response) => response.redirected || response.status === 401 || response.status === 403
  ? "La session a expiré ou les droits ont changé." : response.status === 404 ? "La séance n'est plus accessible." : "";

const reach = (url, options) => fetch(url, { credentials: "same-origin", signal: AbortSignal.timeout(QUIET), ...options });

async function send(body) {
  const response = await reach(urls.entry, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json", "x-csrftoken": token() } });
  const why = stopped(response);
  if (why) return { stopped: why };
  if (!isJson(response) || (!response.ok && response.status !== 400)) return { fault: response.status };
  const answer = await response.json();
  return response.ok ? { taken: true, state: answer.state } : { refusal: answer };
}

function setClock(response) {
  const moment = Date.parse(response.headers.get("date"));
  if (moment) skew = Math.abs(moment - Date.now()) > SKEWED ? moment - Date.now() : 0;
}

async function poll() {
  try {
    polls += 1;
    const response = await reach(urls.state, { headers: etag && polls % WHOLE ? { "if-none-match": etag } : {}, cache: "no-store" });
    if (response.status >= 500 || [408, 429].includes(response.status)) throw new Error(String(response.status));
    setClock(response);
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
addEventListener("storage", (event) => { if (event.key?.startsWith(prefix)) queue.refresh(); });

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

function changed(state, done, back = false) {
  if (state && state.sequence >= held.sequence) held = state;
  if (done) say(`${back ? "Connexion rétablie. " : ""}${done.refusal ? `Refusé : ${done.words}. ${done.refusal.message}` : takenWords(done)}`);
  draw();
}

function takenWords(entry) {
  const { ballot, strip } = held;
  const item = currentItem(held);
  if (entry.kind === "result" && item) return `Résultat proclamé : ${item.label}`;
  if (ballot?.counts && ["vote", "votes", "tally"].includes(entry.kind)) return `${entry.words}. ${countsIn(ballot.counts)}.`;
  if (["presence", "arrival", "departure", "return", "proxy", "withdrawal"].includes(entry.kind)) return `${entry.words}. ${many(strip.present, "présent")}, ${many(strip.voices, "voix", "voix")}.`;
  return entry.words;
}

const countsIn = (counts) => `Pour ${counts.for}, contre ${counts.against}, abstentions ${counts.abstain}`;

function say(words) { said.textContent = words; }

// What was begun about an item does not go on with the next, whoever opens it.
function forget() {
  Object.assign(ui, { query: "", setup: false, scrutin: {} });
  ui.proxy.clear();
}

function draw() {
  const before = shown.current;
  shown = predict(held, queue.waiting);
  if (shown.current !== before) forget();
  show(root, page({ state: shown, ui, queue, urls, login: urls.login, draft: remembered(draftName()) ?? "" }), () => document.getElementById("chercher") ?? document.getElementById("suivante") ?? document.getElementById("titre"));
}

const add = (kind, payload) => { queue.add(kind, payload, wordsFor(kind, payload, shown)); return true; };

// ---- what is done

const time = () => { const field = document.getElementById("heure"); const value = field?.value; if (field) field.value = ""; return value || new Date(clock()).toTimeString().slice(0, 5); };
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

const countedIn = (ballot) => Boolean(ballot) && ["by_name", "totals"].includes(ballot.mode);
const expected = (ballot) => (countedIn(ballot) ? { expected: Object.fromEntries(TOLD.map((code) => [code, ballot.counts[code]])) } : {});

// What the dialog says of the vote, with what it asks.
function resultQuestion(item, ballot) {
  const { counts } = ballot;
  const counted = countedIn(ballot);
  const tied = counted && ballot.method !== "secret" && !ballot.chair_vote && counts.for === counts.against && counts.for > 0;
  const fields = [
    ...(ballot.mode === "result_only" ? [{ name: "stated_result", label: "Résultat", options: Object.entries(RESULT).filter(([code]) => code !== "noted"), value: "adopted", required: true }] : []),
    ...(tied ? [{ name: "chair_vote", label: "Vote du président, prépondérant (CGCT, article L2121-20)", options: [["", "—"], ...CHOICES.slice(0, 3)] }] : []),
  ];
  const text = [`${capital(titleOf(item))}.`, ballot.label ? `${capital(ballot.label)}.` : "", counted ? `${countsIn(counts)}, ne participent pas ${counts.not_voting} : ${many(ballot.voices, "voix", "voix")}.` : ""];
  const noted = ballot.mode === "noted";
  return { heading: noted ? "Consigner la prise d'acte ?" : "Proclamer le résultat ?", text: text.filter(Boolean).map(unbroken), fields, confirm: noted ? "Prendre acte" : "Proclamer" };
}

// Another clerk may open an item or count a vote while the dialog is open: only what it showed is proclaimed.
async function proclaim(first = []) {
  const { current: act, ballot } = shown;
  const question = resultQuestion(currentItem(shown), ballot);
  const answer = await ask({ ...question, text: [...first, ...question.text] });
  if (!answer) return;
  if (shown.current !== act || !voting()) await notDone("Résultat non proclamé", act);
  else if (JSON.stringify(expected(shown.ballot)) !== JSON.stringify(expected(ballot)) || shown.ballot.mode !== ballot.mode) await proclaim(["Le vote a changé entre-temps, par un autre poste. Le vérifier avant de proclamer."]);
  else add("result", { act, ...expected(ballot), ...(ballot.mode === "noted" ? { stated_result: "noted" } : {}), ...Object.fromEntries(Object.entries(answer).filter(([, value]) => value)) });
}

function notDone(heading, act) {
  const meant = shown.items.find((item) => item.id === act);
  const item = currentItem(shown);
  const now = shown.current === act ? "Son vote n'est plus en cours." : item ? `L'affaire en cours est maintenant : ${titleOf(item)}.` : "Plus aucune affaire n'est en cours.";
  return tell({ heading, text: [`Un autre poste a changé ce qui était à l'écran : rien n'est envoyé pour « ${meant ? titleOf(meant) : "cette affaire"} ».`, now].map(unbroken) });
}

const openBallot = (payload) => { forget(); return add("ballot", { act: shown.current, ...payload }); };

// True where it was answered.
async function withReason(kind, payload, { heading, confirm, required = false }) {
  const answer = await ask({ heading, fields: [{ name: "reason", label: "Motif", required }], confirm });
  if (answer) add(kind, { ...payload, reason: answer.reason });
  return Boolean(answer);
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
  Object.assign(ui, { tab: "vote", everybody: false, item: "", agenda: false });
  forget();
  add("item_opened", { act });
  document.getElementById("titre")?.focus();
}

function shift(act, step) {
  const place = shown.items.findIndex((item) => item.id === act) + (step > 0 ? 2 : -1);
  add("item_moved", { act, before: shown.items[place]?.id ?? null });
}

async function reopen() {
  const act = shown.current;
  const answer = await ask({ heading: "Rouvrir le scrutin ?", text: ["Le résultat proclamé est retiré ; les votes saisis restent."], fields: [{ name: "reason", label: "Motif", required: true }], confirm: "Rouvrir" });
  if (!answer) return;
  if (shown.current !== act || !currentItem(shown)?.proclaimed) await notDone("Scrutin non rouvert", act);
  else add("result_reopened", { act, reason: answer.reason });
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
  again: (button) => queue.again(button.dataset.entry),
  refused: () => { ui.refused = !ui.refused; draw(); document.getElementById("refus")?.focus(); },
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
  proclaim: () => voting() && proclaim(),
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
  tally(form) {
    add("tally", { act: shown.current, ...Object.fromEntries([...form.querySelectorAll("input")].map((field) => [field.name, whole(field)])) });
    form.querySelector("[type=submit]").focus(); // a field left follows what the others count
  },
  note(form) {
    add("note", { act: shown.current, text: form.elements.text.value.trim() });
    remember(draftName(), "");
    form.elements.text.value = "";
  },
  async proxy(form, submitter) {
    const people = ["giver", "holder"].map((name) => known(form.elements[name]));
    if (people.includes(null)) return;
    const [giver, holder] = people.map((each) => each.id);
    const done = submitter?.value === "refuse"
      ? await withReason("proxy_refused", { giver, holder }, { heading: "Refuser ce pouvoir ?", confirm: "Refuser le pouvoir", required: true })
      : add("proxy", { giver, holder, ...here() });
    if (done) form.reset();
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
root.addEventListener("focusout", (event) => { if (event.target.matches("input[type=number]")) setTimeout(draw); });
root.addEventListener("input", (event) => { event.target.setCustomValidity?.(""); TYPED[event.target.dataset.typed]?.(event.target); });
listen(root, ui, {
  isVoting: voting, isCalling: calling, call, vote: voteByKey, plusOne, proclaim: () => voting() && (proclaim(), true), search, clear, help, tab,
  next: () => { const button = document.getElementById("suivante"); button?.focus(); return Boolean(button); },
});

draw();
if (held.state === "open" && !location.hash) root.scrollIntoView({ block: "start" });
queue.flush();
poll();
follow();
