// Shows how far a print file has come, where the browser can write it to its place while it comes. Everywhere else the
// link is a link, and the browser shows its own progress. Nothing is kept in memory: files have gigabytes.
"use strict";

(() => {
  const link = document.querySelector("a[data-download]");
  const shown = document.querySelector("[data-fetching]");
  if (!link || !shown || !window.showSaveFilePicker) return;

  const bar = shown.querySelector("progress");
  const words = shown.querySelector("[role=status]");
  const megabytes = (bytes) => (bytes / 1e6).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
  const say = (text, done, size) =>
    (words.textContent = text.replace("DONE", megabytes(done)).replace("SIZE", megabytes(size)));

  let stop = null;

  const fetchInto = async (place) => {
    stop = new AbortController();
    let done = 0;
    let size = 0;
    let told = -1;
    try {
      const answer = await fetch(link.href, { signal: stop.signal, credentials: "omit" });
      if (!answer.ok) throw new Error(String(answer.status));
      size = Number(answer.headers.get("Content-Length"));
      const watch = new TransformStream({
        transform(chunk, out) {
          done += chunk.byteLength;
          bar.value = size ? done / size : 0;
          // Every hundredth, that whoever listens to the page is not told of each packet.
          const now = size ? Math.floor((100 * done) / size) : 0;
          if (now !== told) say(shown.dataset.under, done, size);
          told = now;
          out.enqueue(chunk);
        },
      });
      await answer.body.pipeThrough(watch).pipeTo(await place.createWritable());
      if (size && done !== size) throw new Error("short");
      say(shown.dataset.done, done, size);
    } catch {
      // What was begun is not kept: the file at its place is whole, or is not there.
      say(shown.dataset.broken, done, size);
    } finally {
      stop = null;
      shown.dataset.ended = "yes";
    }
  };

  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (stop) return; // it comes already
    let place;
    try {
      place = await window.showSaveFilePicker({ suggestedName: link.dataset.download });
    } catch {
      return; // nobody chose a place
    }
    shown.hidden = false;
    delete shown.dataset.ended;
    bar.value = 0;
    await fetchInto(place);
  });

  shown.querySelector("[data-stop]").addEventListener("click", () => stop?.abort());
  window.addEventListener("beforeunload", (event) => {
    if (stop) event.preventDefault();
  });
})();
