// Entry of a diagnostic: each answer is kept on the device as it is typed, then sent; photos too. A reload, a closed tab or a network
// that drops loses nothing. Without this script the buttons send the form.
import { DONE, LATER, OFFLINE, Sending, SIGNED_OUT } from "./sending.js";
import { openStore } from "./store.js";

const form = document.querySelector("form[data-survey]");
const status = document.querySelector("[data-survey-status]");
const others = document.querySelector("[data-survey-others]");
const total = document.querySelector("[data-survey-total]");
const photoForm = document.querySelector("form[data-survey-photos]");
const grid = document.querySelector("[data-photos]");
const { user, scope, door, photoDoor, rendered, worker } = form.dataset;
const [DELAY, AGAIN] = [700, 10000];
const opening = openStore();
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
    const why = trouble === SIGNED_OUT ? ["se reconnecter dans un autre onglet, rien n'est perdu"] : trouble === LATER ? ["le serveur ne répond pas bien, l'envoi est retenté"] : [];
    const tail = [...why, ...(store.lasting ? [] : ["l'appareil ne garde rien, ne pas fermer cette page"])].map((each) => ` : ${each}`).join("");
    say(`${parts.join(" et ")} en attente d'envoi${tail}`, trouble === SIGNED_OUT || !store.lasting ? "danger" : "warning");
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
  if (box && event.target.name === box.dataset.typed) await record(box);
}

async function record(box) {
  const name = box.dataset.typed;
  const value = JSON.stringify(valueOf(box));
  if (last[name] === value) return; // « change » after « input » says nothing new
  last[name] = value;
  tell(box, "", false);
  left.answers = Math.max(left.answers, 1);
  const row = { key: keyOf(name), user, door, name, value: valueOf(box), typed_at: new Date().toISOString(), state: "waiting" };
  count();
  if (!sending) await opening.then((made) => { store ??= made; });
  await store.put("answers", row);
  if (!sending) return; // the start of the page will tell and send it
  await tellState();
  soon();
}

// Typed before this script was there, on a slow device.
function typedEarly(box) {
  return controlsOf(box).some((each) => {
    if (each.type === "checkbox" || each.type === "radio") return each.checked !== each.defaultChecked;
    return each.type === "date" ? each.value && each.value !== each.defaultValue : each.value.trim() !== each.defaultValue.replace(/[\r\n]+/g, each.type === "textarea" ? "\n" : "").trim();
  });
}

// What the device holds is shown over the page: not sent, refused, or sent after the page was made (a page kept for work offline). What
// was refused whole, as the half was finished, is sent again now that the half is open.
async function overlay() {
  let elsewhere = 0;
  for (const row of await store.all("answers")) {
    if (row.user !== user && row.state === "sent") await store.remove("answers", row.key);
    else if (row.user !== user) elsewhere += 1;
    if (!row.key.startsWith(keyOf(""))) continue;
    const box = boxOf(row.name);
    if (row.state === "sent" && row.at <= rendered) await store.remove("answers", row.key);
    else if (box && !(row.name in last)) {
      show(box, row.value);
      if (row.whole) await store.put("answers", { ...row, state: "waiting", whole: false });
      else if (row.state === "refused") tell(box, row.message, true);
    }
  }
  elsewhere += (await store.all("photos")).filter((row) => row.user !== user).length;
  others.hidden = !elsewhere;
  others.textContent = `Cet appareil garde ${counted(elsewhere, "saisie")} d'un autre compte, pas encore envoyée${elsewhere > 1 ? "s" : ""} : cette personne les enverra en se connectant ici.`;
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
    const again = element("button", "Envoyer de nouveau", { type: "button", className: "link-btn" });
    again.addEventListener("click", async () => {
      const waiting = { ...row, state: "waiting", message: "" };
      await store.put("photos", waiting);
      item.replaceWith(photoItem(waiting));
      await send();
    });
    const away = element("button", "Retirer", { type: "button", className: "link-btn" });
    away.addEventListener("click", async () => { await store.remove("photos", row.key); item.remove(); await tellState(); });
    if (message) links.append(again, " · ");
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

// « Enregistrer » sends what waits; « Terminer » goes on once everything is there and the same person is still signed in.
async function submitted(event) {
  const finishing = event.submitter?.name === "terminer";
  if (event.submitter?.dataset.sent) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  let done = await send();
  if (done && finishing) {
    trouble = await sending.renewed().then((same) => (same ? "" : SIGNED_OUT), () => OFFLINE);
    done = !trouble;
    if (trouble) say(trouble === OFFLINE ? "Pas de réseau : la partie se termine une fois la connexion revenue" : "Session terminée : se reconnecter dans un autre onglet, puis terminer", "danger");
  }
  if (!done) status.closest(".survey-bar").scrollIntoView({ block: "start" });
  if (!finishing || !done) return;
  event.submitter.dataset.sent = "1";
  form.requestSubmit(event.submitter);
}

async function keepPage() {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.storage?.persist?.();
    await navigator.serviceWorker.register(worker, { scope: "/diagnostics/" });
    const { active } = await navigator.serviceWorker.ready;
    const files = performance.getEntriesByType("resource").map((each) => each.name).filter((name) => new URL(name).pathname.startsWith("/static/"));
    active.postMessage({ user, page: location.pathname, files: [...new Set(files)] });
  } catch {
    // Without it the page is not opened again offline; what is typed is kept all the same.
  }
}

form.addEventListener("input", typed);
form.addEventListener("change", typed);
boxes().filter(typedEarly).forEach(record);
store = await opening;
await overlay();
sending = new Sending({ store, user, told, token: () => form.elements.csrfmiddlewaretoken.value });
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
