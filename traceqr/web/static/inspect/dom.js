// Elements made by script. Text is put in as text: nothing here reads markup.

/** `el("button.go", {type: "button", onclick: ...}, "Words", child)`; children that are null, false or "" are left out. */
export function el(what, properties = {}, ...children) {
  const [name, ...classes] = what.split(".");
  const made = document.createElement(name);
  if (classes.length) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key in PROPERTIES) made[key] = value;
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...kept(children));
  return made;
}

const PROPERTIES = { value: 1, checked: 1, disabled: 1, hidden: 1, textContent: 1 };

const kept = (children) => children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false && each !== "");

export const fill = (place, ...children) => (place.replaceChildren(...kept(children)), place);

/** A drawing of ours, from the text of its file, which pages have inside them and so without a namespace. */
export function drawing(svg) {
  const whole = svg.replace(/^<svg (?!xmlns)/, '<svg xmlns="http://www.w3.org/2000/svg" ');
  return document.importNode(new DOMParser().parseFromString(whole, "image/svg+xml").documentElement, true);
}

/** Digits in groups of four, as serial numbers are printed. */
export const grouped = (digits) => digits.replace(/([0-9]{4})(?=[0-9])/g, "$1 ");
