// The sum of the exercises and what is left to share out, while one types. The server computes both anyway.
const cents = (text) => {
  const plain = text.replace(/[\s\u202f\u00a0€]/g, "").replace(",", ".");
  return /^\d{1,12}(\.\d{0,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : 0;
};
const euros = (value) => {
  const whole = String(Math.trunc(Math.abs(value) / 100)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  return `${value < 0 ? "-" : ""}${whole},${String(Math.abs(value) % 100).padStart(2, "0")}\u202f€`;
};
document.querySelectorAll("form[data-credits]").forEach((form) => {
  const total = form.querySelector("[data-total]");
  const left = form.querySelector("[data-left]");
  if (!total) return;
  const show = () => {
    const sum = [...form.querySelectorAll("tbody input")].reduce((found, input) => found + cents(input.value), 0);
    total.textContent = euros(sum);
    if (left) left.textContent = euros(cents(form.elements.amount.value) - sum);
  };
  form.addEventListener("input", show);
  show();
});
