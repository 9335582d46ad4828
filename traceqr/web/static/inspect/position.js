// Where the device is, with its accuracy, as far as it tells.

import { instant } from "./clock.js";

/** `{latitude, longitude, accuracy_m, at}`, or null if the device does not tell or must not. */
export function position(clock, within = 15_000) {
  if (!navigator.geolocation) return Promise.resolve(null);
  return new Promise((done) => {
    const found = ({ coords }) =>
      done({ latitude: rounded(coords.latitude), longitude: rounded(coords.longitude), accuracy_m: Math.round(coords.accuracy), at: instant(clock.now()) });
    navigator.geolocation.getCurrentPosition(found, () => done(null), { enableHighAccuracy: true, timeout: within, maximumAge: 60_000 });
  });
}

const rounded = (degrees) => Math.round(degrees * 1e6) / 1e6; // a tenth of a metre
