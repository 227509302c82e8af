// A half that is finished is only read: what this device still holds of it, typed and not recorded, is told there, and waits for the half
// to be opened again.
import { openStore } from "./store.js";

const place = document.querySelector("[data-survey-left]");
const mine = `${place.dataset.user}:${place.dataset.scope}:`;
const store = await openStore();
const held = async (kind) => (await store.all(kind)).filter((row) => row.key.startsWith(mine) && row.state !== "sent");
const list = place.querySelector("ul");

function add(name, value) {
  const item = document.createElement("li");
  item.textContent = `${name} : ${value}`;
  list.append(item);
}

for (const row of await held("answers")) {
  const asked = document.querySelector(`[data-asked="${CSS.escape(row.name)}"] dt`);
  const value = Array.isArray(row.value) ? row.value.join(", ") : row.value;
  add(asked?.textContent ?? row.name, value ? `« ${value} »` : "réponse retirée");
}
for (const row of await held("photos")) add("Photo", row.caption || row.filename);
place.hidden = !list.children.length;
