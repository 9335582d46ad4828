// Deflate streams (RFC 1951) for browsers that cannot inflate. Strict: what the RFC has no meaning for is refused.

const LENGTHS = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCES = [0, 1].flatMap((odd) => Array.from({ length: 15 }, (_, at) => (at ? (2 + odd) * 2 ** (at - 1) : odd) + 1));
const DISTANCE = (sign) => DISTANCES[(sign & 1) * 15 + (sign >> 1)];
const DISTANCE_BITS = (sign) => Math.max(0, (sign >> 1) - 1);
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const MOST_BITS = 15;

/**
 * Inflate a whole deflate stream, and stop past `most` octets.
 * @param {Uint8Array} octets
 * @param {number} most
 * @returns {Uint8Array}
 * @throws {RangeError|TypeError}
 */
export function inflateRaw(octets, most) {
  const input = new Bits(octets);
  const output = new Output(most);
  for (let last = false; !last; ) {
    last = input.take(1) === 1;
    const kind = input.take(2);
    if (kind === 0) copyStored(input, output);
    else if (kind === 1) readCoded(input, output, FIXED);
    else if (kind === 2) readCoded(input, output, readCodes(input));
    else throw new TypeError("expected a block of a kind that there is");
  }
  input.requireEnd();
  return output.octets();
}

class Bits {
  #octets;
  #at = 0;
  #held = 0;
  #count = 0;

  constructor(octets) {
    this.#octets = octets;
  }

  /** So many bits as a number, the first one lowest. */
  take(count) {
    while (this.#count < count) {
      if (this.#at >= this.#octets.length) throw new RangeError("expected more octets");
      this.#held |= this.#octets[this.#at] << this.#count;
      this.#at += 1;
      this.#count += 8;
    }
    const value = this.#held & ((1 << count) - 1);
    this.#held >>>= count;
    this.#count -= count;
    return value;
  }

  /** Whole octets, from the next one on. */
  octets(count) {
    this.#held = 0;
    this.#count = 0;
    if (this.#at + count > this.#octets.length) throw new RangeError("expected more octets");
    this.#at += count;
    return this.#octets.subarray(this.#at - count, this.#at);
  }

  requireEnd() {
    if (this.#at !== this.#octets.length) throw new TypeError("expected nothing behind the stream");
  }
}

class Output {
  #octets;
  #most;
  #length = 0;

  constructor(most) {
    this.#most = most;
    this.#octets = new Uint8Array(Math.min(most, 1 << 16));
  }

  put(octet) {
    this.#room(1);
    this.#octets[this.#length++] = octet;
  }

  putAll(octets) {
    this.#room(octets.length);
    this.#octets.set(octets, this.#length);
    this.#length += octets.length;
  }

  repeat(distance, length) {
    if (distance > this.#length) throw new RangeError("expected a distance into what there is");
    this.#room(length);
    const octets = this.#octets;
    for (const end = this.#length + length; this.#length < end; this.#length += 1)
      octets[this.#length] = octets[this.#length - distance];
  }

  octets() {
    return this.#octets.slice(0, this.#length);
  }

  #room(more) {
    const needed = this.#length + more;
    if (needed > this.#most) throw new RangeError(`expected at most ${this.#most} octets`);
    if (needed <= this.#octets.length) return;
    const larger = new Uint8Array(Math.min(this.#most, Math.max(needed, 2 * this.#octets.length)));
    larger.set(this.#octets);
    this.#octets = larger;
  }
}

function copyStored(input, output) {
  const [low, high, lowAgain, highAgain] = input.octets(4);
  if ((low ^ lowAgain) !== 255 || (high ^ highAgain) !== 255) throw new TypeError("expected a length and its complement");
  output.putAll(input.octets(low + 256 * high));
}

function readCoded(input, output, { letters, distances }) {
  for (let sign = letters.read(input); sign !== 256; sign = letters.read(input)) {
    if (sign < 256) output.put(sign);
    else {
      const place = sign - 257;
      if (place >= LENGTHS.length) throw new TypeError("expected a length that there is");
      const length = LENGTHS[place] + input.take(LENGTH_BITS[place]);
      const far = distances.read(input);
      if (far >= DISTANCES.length) throw new TypeError("expected a distance that there is");
      output.repeat(DISTANCE(far) + input.take(DISTANCE_BITS(far)), length);
    }
  }
}

/** A Huffman code, from the lengths of its words (RFC 1951, section 3.2.2). */
class Code {
  #counts = new Uint16Array(MOST_BITS + 1);
  #signs;

  constructor(lengths) {
    for (const length of lengths) this.#counts[length] += 1;
    this.#counts[0] = 0;
    const used = this.#counts.reduce((sum, count) => sum + count, 0);
    const room = this.#counts.reduce((left, count, length) => (length ? left * 2 - count : left), 1);
    // Of one word alone half the room is left over; else none may be, nor lack.
    if (room < 0 || (room > 0 && used > 1)) throw new TypeError("expected a code that is neither too full nor too empty");
    this.#signs = Array.from(lengths.keys()).filter((sign) => lengths[sign]);
    this.#signs.sort((one, other) => lengths[one] - lengths[other] || one - other);
  }

  read(input) {
    let word = 0;
    let first = 0;
    let before = 0;
    for (let length = 1; length <= MOST_BITS; length += 1) {
      word = word * 2 + input.take(1);
      const count = this.#counts[length];
      if (word - first < count) return this.#signs[before + word - first];
      before += count;
      first = (first + count) * 2;
    }
    throw new TypeError("expected a word of the code");
  }
}

const FIXED = {
  letters: new Code([...Array(144).fill(8), ...Array(112).fill(9), ...Array(24).fill(7), ...Array(8).fill(8)]),
  distances: new Code(Array(32).fill(5)),
};

function readCodes(input) {
  const [letters, distances, words] = [input.take(5) + 257, input.take(5) + 1, input.take(4) + 4];
  if (letters > 286 || distances > 30) throw new TypeError("expected no more words than there are");
  const lengths = Array(19).fill(0);
  for (const place of ORDER.slice(0, words)) lengths[place] = input.take(3);
  const found = readLengths(input, new Code(lengths), letters + distances);
  if (!found[256]) throw new TypeError("expected a word for the end");
  return { letters: new Code(found.slice(0, letters)), distances: new Code(found.slice(letters)) };
}

function readLengths(input, code, count) {
  const found = [];
  while (found.length < count) {
    const sign = code.read(input);
    if (sign < 16) found.push(sign);
    else {
      if (sign === 16 && !found.length) throw new TypeError("expected a length to repeat");
      const times = sign === 16 ? 3 + input.take(2) : sign === 17 ? 3 + input.take(3) : 11 + input.take(7);
      found.push(...Array(times).fill(sign === 16 ? found.at(-1) : 0));
    }
  }
  if (found.length > count) throw new RangeError("expected no more lengths than words");
  return found;
}
