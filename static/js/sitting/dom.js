// A tree drawn anew from the state, and the page brought to it without losing the focus nor what is being typed.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

// Segments of a bar: [class, width], in voices.
export function bar(segments, total) {
  const drawing = document.createElementNS(SVG, "svg");
  const attributes = { class: "vote-bar", viewBox: `0 0 ${total || 1} 1`, preserveAspectRatio: "none", "aria-hidden": "true" };
  Object.entries(attributes).forEach(([name, value]) => drawing.setAttribute(name, value));
  let x = 0;
  for (const [kind, width] of segments.filter(([, each]) => each > 0)) {
    const piece = document.createElementNS(SVG, "rect");
    Object.entries({ class: kind, x, y: 0, width, height: 1 }).forEach(([name, value]) => piece.setAttribute(name, value));
    drawing.append(piece);
    x += width;
  }
  return drawing;
}

const keyOf = (node) => node.dataset?.key ?? node.id ?? "";
const alike = (old, fresh) => old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && keyOf(old) === keyOf(fresh);

// Being typed, or typed and not taken yet: what the state says is then another thing.
function ownValue(old, fresh) {
  if (old.nodeName !== "INPUT" || old.value === fresh.getAttribute("value")) return false;
  return old === document.activeElement || old.value !== old.defaultValue;
}

function takeAttributes(old, fresh) {
  const own = ownValue(old, fresh);
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && !(name === "open" && old.nodeName === "DETAILS")) old.removeAttribute(name);
  for (const { name, value } of [...fresh.attributes]) if (old.getAttribute(name) !== value && !(own && name === "value")) old.setAttribute(name, value);
  if (!own && old.nodeName === "INPUT" && fresh.hasAttribute("value") && old.value !== fresh.getAttribute("value")) old.value = fresh.getAttribute("value");
}

function takeChildren(old, fresh) {
  const keyed = new Map([...old.childNodes].filter(keyOf).map((node) => [keyOf(node), node]));
  let place = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    let found = keyOf(wanted) ? keyed.get(keyOf(wanted)) : place;
    if (!found || !alike(found, wanted)) found = null;
    if (!found) old.insertBefore(wanted, place);
    else {
      if (found !== place) old.insertBefore(found, place);
      else place = place.nextSibling;
      bring(found, wanted);
    }
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function bring(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  takeAttributes(old, fresh);
  if (old.nodeName === "TEXTAREA") return;
  takeChildren(old, fresh);
}

// `root` gets the children of `fresh`; the focus stays on what had it, or goes to `fallback` when that has left.
export function show(root, fresh, fallback) {
  const focused = root.contains(document.activeElement) ? document.activeElement : null;
  takeChildren(root, fresh);
  if (!focused || document.activeElement === focused) return;
  if (focused.isConnected) focused.focus({ preventScroll: true });
  else (fieldLike(focused) ?? fallback?.())?.focus();
}

// What was being typed goes on in the same field of what replaces it, not in a button that a letter or a space would press.
const fieldLike = (left) => (left.id && left.matches("input, textarea") ? document.getElementById(left.id) : null);

// A request that needs words: a dialog, answered with the values of its fields, or null when it is left.
export function ask({ heading, text = [], fields = [], confirm, danger = false, cancel = true }) {
  const dialog = h("dialog", { "aria-labelledby": "question" },
    h("h2", { id: "question" }, heading),
    text.map((line) => h("p", {}, line)),
    h("form", { method: "dialog", class: "ask" },
      fields.map((field) => h("div", { class: "field" },
        h("label", { class: "label", for: `ask-${field.name}` }, field.label, field.required ? "" : h("span", { class: "optional" }, " (facultatif)")),
        input(field))),
      h("div", { class: "form-actions" },
        h("button", { class: `btn primary${danger ? " danger" : ""}`, value: "yes" }, confirm),
        cancel ? h("button", { class: "btn quiet", type: "button", "data-close": true }, "Annuler") : null)));
  document.body.append(dialog);
  const before = document.activeElement;
  dialog.showModal();
  (dialog.querySelector("[name]") ?? dialog.querySelector(".primary")).focus();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => {
      const yes = dialog.returnValue === "yes";
      const values = Object.fromEntries([...dialog.querySelectorAll("[name]")].map((field) => [field.name, field.value.trim()]));
      dialog.remove();
      if (before?.isConnected) before.focus();
      answer(yes ? values : null);
    });
  });
}

export const tell = ({ heading, text }) => ask({ heading, text, confirm: "Fermer", cancel: false });

function input({ name, type = "text", value = "", options, required = false, maxlength = 300 }) {
  const id = `ask-${name}`;
  if (options) return h("span", { class: "select" }, h("select", { id, name, required }, options.map(([code, label]) => h("option", { value: code, selected: code === value }, label))));
  if (type === "area") return h("textarea", { id, name, required, maxlength }, value);
  return h("input", { id, name, type, value, required, maxlength: type === "text" ? maxlength : null });
}
