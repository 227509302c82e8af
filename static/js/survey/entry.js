// Entry of a diagnostic: each answer is kept on the device as it is typed, then sent; photos too. A reload, a closed tab or a network
// that drops loses nothing. Without this script the buttons send the form.
import { DONE, Sending, SIGNED_OUT } from "./sending.js";
import { openStore } from "./store.js";

const form = document.querySelector("form[data-survey]");
const status = document.querySelector("[data-survey-status]");
const total = document.querySelector("[data-survey-total]");
const photoForm = document.querySelector("form[data-survey-photos]");
const grid = document.querySelector("[data-photos]");
const { user, scope, door, photoDoor, rendered, worker } = form.dataset;
const [DELAY, AGAIN] = [700, 10000];
let store;
let sending;
let timer;
let left = { answers: 0, photos: 0 };
let trouble = "";
const last = {};

const boxes = () => [...form.querySelectorAll("[data-typed]")];
const boxOf = (name) => form.querySelector(`[data-typed="${CSS.escape(name)}"]`);
const controlsOf = (box) => [...box.querySelectorAll(`[name="${CSS.escape(box.dataset.typed)}"]`)];
const keyOf = (name) => `${user}:${scope}:${name}`;
const hour = () => new Date().toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Paris" }).replace(":", "\u00a0h\u00a0");
const counted = (number, noun) => `${number} ${noun}${number > 1 ? "s" : ""}`;

function say(text, tone) {
  if (status.textContent === text) return;
  status.textContent = text;
  if (tone) status.dataset.tone = tone;
  else delete status.dataset.tone;
}

function valueOf(box) {
  const controls = controlsOf(box);
  if (controls[0]?.type === "checkbox") return controls.filter((each) => each.checked).map((each) => each.value);
  if (controls[0]?.type === "radio") return controls.find((each) => each.checked)?.value ?? "";
  return controls[0]?.value ?? "";
}

function show(box, value) {
  for (const control of controlsOf(box)) {
    if (control.type === "checkbox") control.checked = value.includes(control.value);
    else if (control.type === "radio") control.checked = control.value === value;
    else control.value = value;
  }
}

function tell(box, message, wrong) {
  const error = box.querySelector(".error");
  error.hidden = !message;
  if (message) error.firstElementChild.textContent = message;
  box.querySelectorAll("input:not([type=hidden]), textarea").forEach((control) => (wrong ? control.setAttribute("aria-invalid", "true") : control.removeAttribute("aria-invalid")));
}

function count() {
  const given = boxes().filter((box) => valueOf(box).length > 0);
  total.value = given.length;
  document.querySelectorAll("[data-survey-count]").forEach((place) => {
    const inside = [...document.getElementById(place.dataset.surveyCount).querySelectorAll("[data-typed]")];
    place.textContent = `${inside.filter((box) => given.includes(box)).length}/${inside.length}`;
  });
}

async function tellState() {
  const [answers, photos] = [await sending.waiting("answers"), await sending.waiting("photos")];
  left = { answers: answers.length, photos: photos.length };
  const waiting = new Set(answers.map((row) => row.key));
  boxes().forEach((box) => box.toggleAttribute("data-waiting", waiting.has(keyOf(box.dataset.typed))));
  const parts = [left.answers && counted(left.answers, "réponse"), left.photos && counted(left.photos, "photo")].filter(Boolean);
  const refused = (await store.all("answers")).filter((row) => row.state === "refused" && row.key.startsWith(keyOf(""))).length;
  if (parts.length) {
    const tail = trouble === SIGNED_OUT ? " : se reconnecter dans un autre onglet, rien n'est perdu" : store.lasting ? "" : " : ne pas fermer cette page";
    say(`${parts.join(" et ")} en attente d'envoi${tail}`, trouble === SIGNED_OUT ? "danger" : "warning");
  } else if (refused) say(`${counted(refused, "réponse")} à corriger, le reste est enregistré (${hour()})`, "danger");
  else say(`Tout est enregistré (${hour()})`, "success");
}

function told(kind, row, result) {
  if (kind === "photo") {
    grid.querySelector(`[data-key="${CSS.escape(row.key)}"]`)?.replaceWith(photoItem(row, result));
    if (result.outcome === "kept" && !grid.querySelector(`[data-photo="${result.id}"]`)) grid.append(photoItem(row, result));
    return;
  }
  const box = row.key.startsWith(keyOf("")) && boxOf(row.name);
  if (!box) return;
  if (result.outcome === "superseded") show(box, row.value);
  tell(box, result.outcome === "kept" ? "" : result.message, result.outcome === "refused");
  count();
}

async function send() {
  clearTimeout(timer);
  const outcome = await sending.run();
  trouble = outcome === DONE ? "" : outcome;
  await tellState();
  if (outcome !== DONE) timer = setTimeout(send, AGAIN);
  return outcome === DONE && !left.answers && !left.photos;
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(send, DELAY);
}

async function typed(event) {
  const box = event.target.closest("[data-typed]");
  if (!box || event.target.name !== box.dataset.typed) return;
  const name = box.dataset.typed;
  const value = JSON.stringify(valueOf(box));
  if (last[name] === value) return; // « change » after « input » says nothing new
  last[name] = value;
  tell(box, "", false);
  left.answers = Math.max(left.answers, 1);
  const row = { key: keyOf(name), user, door, name, value: valueOf(box), typed_at: new Date().toISOString(), state: "waiting" };
  count();
  await store.put("answers", row);
  await tellState();
  soon();
}

// What the device holds is shown over the page: not sent, refused, or sent after the page was made (a page kept for work offline).
async function overlay() {
  for (const row of await store.all("answers")) {
    if (!row.key.startsWith(keyOf(""))) continue;
    const box = boxOf(row.name);
    if (row.state === "sent" && row.at <= rendered) await store.remove("answers", row.key);
    else if (box) {
      show(box, row.value);
      if (row.state === "refused") tell(box, row.message, true);
    }
  }
  for (const row of await store.all("photos")) if (row.scope === scope && row.user === user) grid.append(photoItem(row));
  count();
}

function element(tag, text, attributes = {}) {
  const made = Object.assign(document.createElement(tag), attributes);
  if (text) made.textContent = text;
  return made;
}

function photoItem(row, result) {
  const item = element("li");
  const figure = element("figure");
  const legend = element("figcaption", row.caption || "Sans légende");
  const links = element("span", "", { className: "photo-links" });
  if (result?.outcome === "kept") {
    item.dataset.photo = result.id;
    const link = element("a", "", { href: result.image });
    link.append(element("img", "", { src: result.thumbnail, alt: result.caption || "Photo sans légende" }));
    links.append(element("a", "Légende", { href: result.edit }), " · ", element("a", "Supprimer", { href: result.delete }));
    figure.append(link, legend);
  } else {
    item.dataset.key = row.key;
    const sheet = element("canvas");
    sheet.setAttribute("role", "img");
    sheet.setAttribute("aria-label", row.caption || "Photo sans légende");
    draw(sheet, row.file);
    const message = result?.message ?? row.message;
    legend.append(element("small", message || "En attente d'envoi"));
    const away = element("button", "Retirer", { type: "button", className: "link-btn" });
    away.addEventListener("click", async () => { await store.remove("photos", row.key); item.remove(); await tellState(); });
    links.append(away);
    figure.append(sheet, legend);
  }
  legend.append(links);
  item.append(figure);
  return item;
}

async function draw(sheet, file) {
  try {
    const picture = await createImageBitmap(file, { resizeWidth: 320 });
    [sheet.width, sheet.height] = [picture.width, picture.height];
    sheet.getContext("2d").drawImage(picture, 0, 0);
  } catch {
    sheet.height = 1; // the server will say what is wrong with it
  }
}

async function addPhotos(event) {
  const input = event.target;
  const caption = photoForm.elements.caption;
  for (const file of input.files) {
    const at = new Date().toISOString();
    const row = { key: `${user}:${scope}:${at}:${file.name}:${file.size}`, user, scope, door: photoDoor, file, filename: file.name || "photo.jpg", caption: caption.value, typed_at: at, state: "waiting" };
    left.photos += 1;
    await store.put("photos", row);
    grid.append(photoItem(row));
  }
  input.value = "";
  caption.value = "";
  await tellState();
  soon();
}

// « Enregistrer » sends what waits; « Terminer » goes on once everything is there.
async function submitted(event) {
  const finishing = event.submitter?.name === "terminer";
  if (event.submitter?.dataset.sent) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const done = await send();
  if (!done) status.closest(".survey-bar").scrollIntoView({ block: "start" });
  if (!finishing || !done) return;
  event.submitter.dataset.sent = "1";
  form.requestSubmit(event.submitter);
}

async function keepPage() {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register(worker, { scope: "/diagnostics/" });
    const { active } = await navigator.serviceWorker.ready;
    const files = performance.getEntriesByType("resource").map((each) => each.name).filter((name) => new URL(name).pathname.startsWith("/static/"));
    active.postMessage({ user, page: location.pathname, files: [...new Set(files)] });
  } catch {
    // Without it the page is not opened again offline; what is typed is kept all the same.
  }
}

store = await openStore();
sending = new Sending({ store, user, told, token: () => form.elements.csrfmiddlewaretoken.value });
await overlay();
form.addEventListener("input", typed);
form.addEventListener("change", typed);
form.addEventListener("submit", submitted, true);
window.addEventListener("online", send);
window.addEventListener("offline", tellState);
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") send(); });
window.addEventListener("beforeunload", (event) => { if (left.answers || left.photos) event.preventDefault(); });
if (photoForm) {
  const input = photoForm.elements.photo;
  input.multiple = true;
  input.addEventListener("change", addPhotos);
  photoForm.addEventListener("submit", (event) => event.preventDefault());
  photoForm.querySelector("[data-photo-send]").hidden = true;
}
form.dataset.ready = "1";
if ((await sending.waiting("answers")).length || (await sending.waiting("photos")).length) await send();
if (document.readyState !== "complete") await new Promise((resolve) => { window.addEventListener("load", resolve, { once: true }); });
await keepPage();
