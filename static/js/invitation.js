// Tells that the page of a convocation was shown, once it is seen: a robot that follows the links of a mail runs no script.
const page = document.querySelector("[data-opened]");

function tell() {
  if (document.visibilityState !== "visible") return;
  document.removeEventListener("visibilitychange", tell);
  fetch(page.dataset.opened, { method: "POST", headers: { "X-CSRFToken": page.dataset.token }, keepalive: true }).catch(() => {});
}

if (page) {
  document.addEventListener("visibilitychange", tell);
  tell();
  document.querySelector("[data-focus]")?.focus();
}
