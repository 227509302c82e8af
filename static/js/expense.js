// The form of an expense: choosing a heading proposes its usual account and section, as long as nothing else was typed or chosen there.
const data = document.getElementById("postes-habituels");
const [heading, account, section] = ["heading", "account", "section"].map((name) => document.querySelector(`[data-${name}]`));
if (data && heading && account && section) {
  const usual = JSON.parse(data.textContent);
  let proposed = "";
  let chosen = false;
  section.addEventListener("change", () => { chosen = true; });
  heading.addEventListener("change", () => {
    const found = usual[heading.value.trim()];
    if (!found) return;
    if (!chosen) section.value = found.section;
    if (account.value === "" || account.value === proposed) {
      account.value = found.account;
      proposed = found.account;
    }
  });
}
