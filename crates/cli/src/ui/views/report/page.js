"use strict";
const form = document.getElementById("filters");
const shown = document.getElementById("shown");
const sections = [...document.querySelectorAll("section")];
const resources = [...document.querySelectorAll("details.resource")];
const texts = new Map(resources.map((one) => [one, one.textContent.toLowerCase()]));
const selects = [...form.querySelectorAll("select")];

function filter() {
  const chosen = selects.filter((select) => select.value !== "");
  const words = form.elements.text.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
  let number = 0;
  for (const one of resources) {
    const fits =
      chosen.every((select) => one.dataset[select.name] === select.value) &&
      words.every((word) => texts.get(one).includes(word));
    one.hidden = !fits;
    number += fits ? 1 : 0;
  }
  const narrowed = chosen.length > 0 || words.length > 0;
  for (const section of sections) {
    section.hidden = narrowed && section.querySelector("details.resource:not([hidden])") === null;
  }
  shown.textContent = `${number} of ${resources.length} resources`;
}

function fold(open) {
  for (const one of resources) {
    if (!one.hidden) one.open = open;
  }
}

form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("unfold").addEventListener("click", () => fold(true));
document.getElementById("fold").addEventListener("click", () => fold(false));
filter();
