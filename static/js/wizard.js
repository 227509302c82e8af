// The wizard of a scenario: the effect of what is typed, computed by the server as it changes. Without it, it shows at each save.
const form = document.getElementById("etape");
const effect = document.getElementById("effet");
let timer;
let asked;

async function refresh() {
  asked?.abort();
  asked = new AbortController();
  try {
    const response = await fetch(effect.dataset.preview, { method: "POST", body: new FormData(form), signal: asked.signal });
    if (response.ok && !response.redirected) effect.innerHTML = await response.text();
  } catch {
    // A newer question, or another page: the figures of the last answer stay.
  } finally {
    effect.removeAttribute("aria-busy");
  }
}

function soon(delay) {
  clearTimeout(timer);
  effect.setAttribute("aria-busy", "true");
  timer = setTimeout(refresh, delay);
}

form.addEventListener("input", () => soon(350));
form.addEventListener("change", () => soon(50));
form.addEventListener("submit", () => clearTimeout(timer));
