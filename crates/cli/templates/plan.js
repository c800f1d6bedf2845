
"use strict";
(() => {
  const form = document.getElementById("filters");
  const shown = document.getElementById("shown");
  const rows = Array.from(document.querySelectorAll("details.row"));
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const groups = Array.from(document.querySelectorAll("section.group"));
  const buttons = Array.from(document.querySelectorAll("button[data-action]"));
  const lists = ["action", "kind", "place"];
  const visible = () => rows.filter((row) => !row.hidden);

  const filter = () => {
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, at) => {
      const fits = lists.every((name) => !form.elements[name].value || row.dataset[name] === form.elements[name].value)
        && words.every((word) => texts[at].includes(word));
      row.hidden = !fits;
      count += fits ? 1 : 0;
    });
    groups.forEach((group) => { group.hidden = !group.querySelector("details.row:not([hidden])"); });
    buttons.forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.action === form.elements.action.value));
    });
    shown.textContent = count === rows.length ? `${count} changes` : `${count} of ${rows.length} changes`;
  };

  const write = () => {
    const parts = new URLSearchParams();
    ["text", ...lists].forEach((name) => {
      if (form.elements[name].value) parts.set(name, form.elements[name].value);
    });
    // A page in a frame or from a file may not be allowed to.
    try { history.replaceState(null, "", parts.size ? `#${parts}` : "#"); } catch { /* the filter works all the same */ }
  };

  const read = () => {
    const parts = new URLSearchParams(location.hash.slice(1));
    ["text", ...lists].forEach((name) => { form.elements[name].value = parts.get(name) || ""; });
    lists.forEach((name) => { if (form.elements[name].selectedIndex < 0) form.elements[name].value = ""; });
    filter();
  };

  const move = (by) => {
    const all = visible();
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const next = all[Math.min(Math.max(at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by, 0), all.length - 1)];
    if (!next) return;
    const summary = next.querySelector("summary");
    summary.focus();
    summary.scrollIntoView({ block: "nearest" });
  };

  form.addEventListener("input", () => { write(); filter(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  buttons.forEach((button) => button.addEventListener("click", () => {
    const action = form.elements.action;
    action.value = action.value === button.dataset.action ? "" : button.dataset.action;
    write();
    filter();
  }));
  window.addEventListener("hashchange", read);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches("input, select");
    if (event.key === "Escape") {
      form.reset();
      write();
      filter();
      document.activeElement.blur();
    } else if (!typing && event.key === "/") {
      event.preventDefault();
      form.elements.text.focus();
    } else if (!typing && (event.key === "j" || event.key === "k")) {
      event.preventDefault();
      move(event.key === "j" ? 1 : -1);
    } else if (typing && event.key === "Enter") {
      event.preventDefault();
      move(1);
    }
  });
  read();
})();
