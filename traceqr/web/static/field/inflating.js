// zlib streams (RFC 1950) of a bounded size.

/**
 * Inflate a zlib stream, and stop past `most` octets.
 * @param {Uint8Array} octets
 * @param {number} most
 * @returns {Promise<Uint8Array>}
 * @throws {RangeError|TypeError} if it is longer, cut off, altered or has something behind it
 */
export async function inflate(octets, most) {
  const able = "DecompressionStream" in globalThis;
  const whole = await (able ? byPlatform(octets, most) : byHand(octets, most));
  // The last four octets of a stream are the sum of what came out.
  if (!(able && (await isStrict())) && lastNumber(octets) !== adler32(whole))
    throw new TypeError("expected a stream with its sum at the end, and nothing behind it");
  return whole;
}

let strict = null;

/** Whether the platform refuses what stands behind a stream; some pass over it. Asked once: sums of megabytes take a while. */
function isStrict() {
  const empty = [0x78, 0x9c, 3, 0, 0, 0, 0, 1];
  strict ??= byPlatform(Uint8Array.from([...empty, 0]), 0).then(
    () => false,
    () => true,
  );
  return strict;
}

function lastNumber(octets) {
  return new DataView(octets.buffer, octets.byteOffset).getUint32(octets.length - 4);
}

/** Browsers before 2023, some of them on phones that get no newer one. */
async function byHand(octets, most) {
  const { inflateRaw } = await import("./inflating-by-hand.js");
  const [method, flags] = octets;
  // RFC 1950, section 2.2: deflate, a window of 32 KB at most, no dictionary.
  if ((method & 15) !== 8 || method >> 4 > 7 || flags & 32 || (method * 256 + flags) % 31)
    throw new TypeError("expected a zlib stream");
  return inflateRaw(octets.subarray(2, -4), most);
}

async function byPlatform(octets, most) {
  const stream = new DecompressionStream("deflate");
  const writer = stream.writable.getWriter();
  // What fails here fails in reading too, where it is caught.
  writer.write(octets).catch(() => {});
  writer.close().catch(() => {});
  const chunks = [];
  const reader = stream.readable.getReader();
  let length = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    length += read.value.length;
    if (length > most) {
      reader.cancel().catch(() => {});
      throw new RangeError(`expected at most ${most} octets`);
    }
    chunks.push(read.value);
  }
  return joined(chunks, length);
}

/** RFC 1950, section 8.2. Sums are reduced before they outgrow 32 bits. */
function adler32(octets) {
  let low = 1;
  let high = 0;
  for (let at = 0; at < octets.length; ) {
    for (const end = Math.min(at + 3800, octets.length); at < end; at += 1) {
      low += octets[at];
      high += low;
    }
    low %= 65521;
    high %= 65521;
  }
  return ((high << 16) | low) >>> 0;
}

function joined(chunks, length) {
  if (chunks.length === 1) return chunks[0];
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
