// A list page: empty parameters left out of the address, columns, ticked rows.
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

all("[data-filter-form]").forEach((form) => {
  form.addEventListener("formdata", (event) => {
    for (const [key, value] of [...event.formData]) if (value === "") event.formData.delete(key);
  });
  if ("autosubmit" in form.dataset) form.addEventListener("change", () => form.requestSubmit());
});

all("[data-columns]").forEach((form) => form.addEventListener("formdata", (event) => {
  const chosen = event.formData.getAll("columns");
  event.formData.delete("columns");
  if (chosen.length && chosen.length < form.querySelectorAll("[name=columns]").length) event.formData.set("columns", chosen.join(","));
}));

const bulk = document.querySelector("[data-bulk]");
if (bulk) {
  const boxes = all("[name=ids]");
  const head = document.querySelector("[data-pick-all]");
  const every = bulk.querySelector("[data-bulk-all]");
  const count = bulk.querySelector("[data-bulk-count]");
  let last = null;
  const refresh = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    head.checked = ticked === boxes.length;
    head.indeterminate = ticked > 0 && ticked < boxes.length;
    if (ticked === 0 && every) every.checked = false;
    count.textContent = every?.checked ? "Toute la liste" : `${ticked} ligne${ticked > 1 ? "s" : ""} cochée${ticked > 1 ? "s" : ""}`;
  };
  head.addEventListener("change", () => {
    boxes.forEach((box) => { box.checked = head.checked; });
    refresh();
  });
  boxes.forEach((box, index) => box.addEventListener("click", (event) => {
    if (event.shiftKey && last !== null) {
      const [from, to] = [Math.min(last, index), Math.max(last, index)];
      boxes.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
    }
    last = index;
    refresh();
  }));
  every?.addEventListener("change", refresh);
  window.addEventListener("pageshow", refresh);
  refresh();
}
