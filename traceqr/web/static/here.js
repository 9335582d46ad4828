// Asks the browser where it is, once somebody taps, and fills the form in: to a hundredth of a degree, some kilometre.
"use strict";

const form = document.getElementById("position");
const say = document.getElementById("say");
const rounded = (degrees) => degrees.toFixed(2);

if ("geolocation" in navigator) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    if (form.latitude.value) return;
    event.preventDefault();
    say.textContent = form.dataset.wait;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.latitude.value = rounded(coords.latitude);
        form.longitude.value = rounded(coords.longitude);
        form.requestSubmit();
      },
      () => {
        say.textContent = form.dataset.refused;
      },
      { maximumAge: 600000, timeout: 20000 },
    );
  });
}
