// The board of a scenario: cards moved by drag or by the arrow keys. Each move is one POST; a refusal puts the card back.
const board = document.querySelector("[data-board]");
const form = document.querySelector("[data-board-move]");
const said = document.getElementById("dit");
const columns = [...board.querySelectorAll(".board-column")];
const listOf = (column) => column.querySelector(".board-list");
const columnOf = (card) => card.closest(".board-column");

function say(text, refused) {
  said.textContent = text;
  said.toggleAttribute("data-refused", refused);
}

// Cards stand by rank, those without one last.
const rankOf = (card) => Number(card.dataset.rank || Infinity);
function put(card, column) {
  const list = listOf(column);
  const next = [...list.children].find((other) => other !== card && rankOf(other) > rankOf(card));
  list.insertBefore(card, next ?? null);
}

function apply(answer) {
  const told = answer.querySelector("#dit");
  say(told.textContent, told.hasAttribute("data-refused"));
  answer.querySelectorAll(".column-head").forEach((head) => document.getElementById(head.id)?.replaceWith(head));
  answer.querySelectorAll(".card").forEach((card) => {
    const column = columns.find((each) => each.dataset.exercise === card.dataset.column);
    document.getElementById(card.id)?.remove();
    if (column) put(card, column);
  });
  return !told.hasAttribute("data-refused");
}

async function move(card, target) {
  const origin = columnOf(card);
  if (!target || target === origin || card.classList.contains("moving")) return;
  const focused = card.contains(document.activeElement);
  const { id } = card;
  put(card, target);
  card.classList.add("moving");
  const body = new FormData(form);
  body.set("school", id.slice(1));
  body.set("exercise", target.dataset.exercise);
  body.set("seen", origin.dataset.exercise);
  let kept = false;
  try {
    const response = await fetch(form.action, { method: "POST", body, headers: { "X-Board": "1" } });
    if (!response.ok || response.redirected) throw new Error(String(response.status));
    kept = apply(new DOMParser().parseFromString(await response.text(), "text/html"));
  } catch {
    say("La connexion ne répond pas : l'école est remise à sa place.", true);
  }
  const now = document.getElementById(id);
  now.classList.remove("moving");
  if (!kept) put(now, origin);
  if (focused) now.querySelector("a").focus();
  now.scrollIntoView({ block: "nearest", inline: "nearest" });
}

board.addEventListener("keydown", (event) => {
  const card = event.target.closest?.(".card");
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!card || !step || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  move(card, columns[columns.indexOf(columnOf(card)) + step]);
});

// « Enter » on a card chooses it in the form, whose second list says where to.
board.addEventListener("click", (event) => {
  const link = event.target.closest(".card a");
  if (!link) return;
  event.preventDefault();
  form.elements.school.value = link.closest(".card").id.slice(1);
  form.elements.exercise.focus();
});
form.addEventListener("submit", (event) => {
  const card = document.getElementById(`c${form.elements.school.value}`);
  const target = columns.find((each) => each.dataset.exercise === form.elements.exercise.value);
  if (!card || !target) return;
  event.preventDefault();
  if (columnOf(card) === target) say("Cette école y est déjà.", false);
  move(card, target);
});

let held = null;
const over = (column) => columns.forEach((each) => each.classList.toggle("target", each === column));
board.addEventListener("dragstart", (event) => {
  held = event.target.closest(".card");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", held?.querySelector("a")?.textContent ?? "");
});
board.addEventListener("dragover", (event) => {
  const column = held && event.target.closest(".board-column");
  if (!column) return;
  event.preventDefault();
  over(column);
});
board.addEventListener("drop", (event) => {
  const column = event.target.closest(".board-column");
  if (!held || !column) return;
  event.preventDefault();
  move(held, column);
});
board.addEventListener("dragend", () => { held = null; over(null); });
