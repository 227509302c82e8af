// The editor of a passage. The form's own text area stays what is sent: without this module it is typed in directly.
import { ask } from "./sitting/dom.js";

const area = document.querySelector("textarea[data-clause-text]");
const box = document.querySelector("input[name=rich]");
const ALLOWED = new Set("P BR STRONG EM U SUP SUB UL OL LI TABLE CAPTION THEAD TBODY TR TH TD".split(" "));
const RENAMED = { B: "STRONG", I: "EM", DIV: "P", H1: "P", H2: "P", H3: "P", H4: "P", H5: "P", H6: "P", BLOCKQUOTE: "P" };
const LEFT_OUT = new Set("SCRIPT STYLE TITLE TEMPLATE IFRAME NOSCRIPT TEXTAREA META LINK".split(" "));
const BLOCK_NAMES = new Set("P UL OL TABLE".split(" "));
const LAID_OUT = /<(?!\/|p>|br>)/; // more than paragraphs
const MARKS = [
  ["bold", "Gras", "G"], ["italic", "Italique", "I"], ["underline", "Souligné", "S"],
  ["superscript", "Exposant", "x²"], ["subscript", "Indice", "x₂"],
];
const BLOCKS = [["insertUnorderedList", "Liste à puces", "• Liste"], ["insertOrderedList", "Liste numérotée", "1. Liste"]];

// Only what the server keeps, by the same rules: the page shows at once what will be stored.
function cleanInto(from, to) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) { to.append(node.data); continue; }
    if (node.nodeType !== Node.ELEMENT_NODE || LEFT_OUT.has(node.tagName)) continue;
    const name = RENAMED[node.tagName] ?? node.tagName;
    if (!ALLOWED.has(name)) { cleanInto(node, to); continue; }
    const kept = document.createElement(name);
    if (name === "TH" && node.hasAttribute("scope")) kept.setAttribute("scope", node.getAttribute("scope"));
    cleanInto(node, kept);
    to.append(kept);
  }
}
function cleaned(html) {
  const whole = document.createElement("div");
  const bare = html.replace(/\sstyle\s*=\s*("[^"]*"|'[^']*')/gi, ""); // the page's policy would complain of each
  cleanInto(new DOMParser().parseFromString(bare, "text/html").body, whole);
  for (const paragraph of whole.querySelectorAll("p")) if (!paragraph.textContent.trim() && !paragraph.querySelector("table, ul, ol")) paragraph.remove();
  return whole;
}
const asHtml = (text) => {
  const whole = document.createElement("div");
  text.split(/\n{2,}/).filter((part) => part.trim()).forEach((part) => {
    const paragraph = document.createElement("p");
    part.split("\n").forEach((line, rank) => paragraph.append(...(rank ? [document.createElement("br"), line] : [line])));
    whole.append(paragraph);
  });
  return whole.innerHTML;
};

if (area && box) {
  const editor = document.createElement("div");
  const bar = document.createElement("div");
  const text = document.createElement("div");
  editor.className = "editor";
  bar.className = "editor-bar";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Mise en forme");
  text.className = "editor-text";
  text.contentEditable = "true";
  text.setAttribute("role", "textbox");
  text.setAttribute("aria-multiline", "true");
  text.setAttribute("aria-label", "Texte mis en forme");
  if (area.getAttribute("aria-describedby")) text.setAttribute("aria-describedby", area.getAttribute("aria-describedby"));
  const label = document.querySelector(`label[for="${area.id}"]`);
  label?.addEventListener("click", () => { if (box.checked) text.focus(); });

  const save = () => { area.value = cleaned(text.innerHTML).innerHTML; };
  const written = () => text.dispatchEvent(new Event("input", { bubbles: true })); // what is put in by hand is typed too
  const act = (command, value = null) => {
    text.focus();
    document.execCommand("styleWithCSS", false, false);
    document.execCommand(command, false, value);
    save();
    showState();
  };
  const button = (title, face, run) => {
    const made = document.createElement("button");
    Object.assign(made, { type: "button", className: "btn quiet small", title, textContent: face, tabIndex: -1 });
    made.setAttribute("aria-label", title);
    made.addEventListener("mousedown", (event) => event.preventDefault());
    made.addEventListener("click", run);
    bar.append(made);
    return made;
  };
  const toggles = [...MARKS, ...BLOCKS].map(([command, title, face]) => [command, button(title, face, () => act(command))]);
  // Put in by hand: the browser's own command writes styles, which the page forbids, and loses captions.
  const insert = (whole) => {
    text.focus();
    const range = document.getSelection().getRangeAt(0);
    range.deleteContents();
    const last = whole.lastChild;
    if (!last) return;
    let block = range.startContainer;
    while (block !== text && block.parentNode !== text) block = block.parentNode;
    const nodes = [...whole.childNodes];
    const blocks = nodes.some((node) => BLOCK_NAMES.has(node.nodeName));
    if (!blocks || block === text) nodes.reverse().forEach((node) => range.insertNode(node));
    else block.after(...nodes);
    document.getSelection().setPosition(last, last.nodeType === Node.TEXT_NODE ? last.length : last.childNodes.length);
    written();
  };
  const TABLE = "<table><caption>Titre du tableau</caption><thead><tr><th scope=\"col\">Colonne</th><th scope=\"col\">Colonne</th></tr></thead><tbody><tr><th scope=\"row\">Ligne</th><td>—</td></tr></tbody></table>";
  button("Insérer un tableau", "Tableau", () => {
    const whole = cleaned(TABLE);
    const next = document.createElement("p");
    next.append(document.createElement("br"));
    whole.append(next);
    insert(whole);
  });
  const cell = () => {
    const at = document.getSelection()?.anchorNode;
    const near = (at?.nodeType === Node.ELEMENT_NODE ? at : at?.parentElement)?.closest("td, th");
    return near && text.contains(near) ? near : null;
  };
  button("Ajouter une ligne au tableau", "+ Ligne", () => {
    const row = cell()?.closest("tr");
    if (!row) return;
    const next = row.cloneNode(true);
    if (row.closest("thead")) {
      const body = row.closest("table").tBodies[0] ?? row.closest("table").createTBody();
      [...next.cells].forEach((each, rank) => { const made = document.createElement(rank ? "td" : "th"); if (!rank) made.scope = "row"; made.textContent = "—"; each.replaceWith(made); });
      body.prepend(next);
    } else {
      [...next.cells].forEach((each) => { each.textContent = "—"; });
      row.after(next);
    }
    written();
  });
  button("Ajouter une colonne au tableau", "+ Colonne", () => {
    const here = cell();
    if (!here) return;
    const place = here.cellIndex;
    [...here.closest("table").rows].forEach((row) => {
      const made = document.createElement(row.closest("thead") ? "th" : "td");
      if (made.tagName === "TH") made.scope = "col";
      made.textContent = row.closest("thead") ? "Colonne" : "—";
      row.cells[Math.min(place, row.cells.length - 1)].after(made);
    });
    written();
  });
  button("Effacer la mise en forme", "Effacer", () => act("removeFormat"));

  // One stop of the keyboard, then the arrows.
  const buttons = [...bar.children];
  buttons[0].tabIndex = 0;
  bar.addEventListener("keydown", (event) => {
    const here = buttons.indexOf(document.activeElement);
    const next = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    buttons[here].tabIndex = -1;
    const chosen = buttons.at(next % buttons.length);
    chosen.tabIndex = 0;
    chosen.focus();
  });
  const showState = () => toggles.forEach(([command, made]) => made.setAttribute("aria-pressed", String(document.queryCommandState(command))));
  document.addEventListener("selectionchange", () => { if (text.contains(document.getSelection()?.anchorNode)) showState(); });
  text.addEventListener("input", save);
  text.addEventListener("blur", save);
  text.addEventListener("paste", (event) => {
    event.preventDefault();
    const html = event.clipboardData.getData("text/html");
    const plain = event.clipboardData.getData("text/plain");
    if (!html && !plain.includes("\n")) act("insertText", plain);
    else insert(cleaned(html || asHtml(plain)));
  });
  text.addEventListener("drop", (event) => event.preventDefault());

  const show = () => {
    editor.hidden = !box.checked;
    area.hidden = box.checked;
  };
  // The text as it was laid out, and as it is written without its layout.
  let kept = { html: "", plain: "" };
  const LOST = { heading: "Remettre en forme ?", text: ["Le texte a été modifié : ses tableaux, ses listes et ses caractères mis en forme ne reviendront pas."], confirm: "Remettre en forme" };
  const layOut = async () => {
    if (area.value === kept.plain) area.value = kept.html;
    else if (!LAID_OUT.test(kept.html) || await ask(LOST)) area.value = cleaned(asHtml(area.value)).innerHTML;
    else box.checked = false;
    if (box.checked) text.replaceChildren(...cleaned(area.value).childNodes);
  };
  box.addEventListener("change", async () => {
    if (box.checked) await layOut();
    else {
      save();
      editor.hidden = false; // innerText reads what is shown
      kept = { html: area.value, plain: text.innerText.trim() };
      area.value = kept.plain;
    }
    show();
  });
  editor.append(bar, text);
  area.after(editor);
  document.execCommand("defaultParagraphSeparator", false, "p");
  if (box.checked) text.replaceChildren(...cleaned(area.value).childNodes);
  show();

  // The mouse leaves the caret where it is: a figure goes there.
  document.querySelectorAll("[data-figure]").forEach((chooser) => {
    chooser.hidden = false;
    chooser.addEventListener("mousedown", (event) => event.preventDefault());
    chooser.addEventListener("click", () => {
      const figure = `[[${chooser.dataset.figure}]]`;
      if (box.checked) {
        if (!text.contains(document.getSelection()?.anchorNode)) {
          text.focus();
          document.getSelection().selectAllChildren(text);
          document.getSelection().collapseToEnd();
        }
        act("insertText", figure);
        return;
      }
      area.setRangeText(figure, area.selectionStart, area.selectionEnd, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
      area.focus();
    });
  });
}
