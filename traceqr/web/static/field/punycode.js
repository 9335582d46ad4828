// International host names as people read them: RFC 3492, decoding alone.

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;

/** A host with its punycode parts decoded. A part that is not punycode stays as it is. */
export function toUnicode(host) {
  return host
    .split(".")
    .map((part) => (part.startsWith("xn--") ? (decode(part.slice(4)) ?? part) : part))
    .join(".");
}

function decode(text) {
  const basic = text.lastIndexOf("-");
  const output = basic < 0 ? [] : [...text.slice(0, basic)].map((sign) => sign.codePointAt(0));
  let point = 128;
  let index = 0;
  let bias = 72;
  for (let at = basic + 1; at < text.length; ) {
    const before = index;
    for (let weight = 1, k = BASE; ; k += BASE) {
      const digit = digitOf(text.charCodeAt(at++));
      if (digit === null) return null;
      index += digit * weight;
      const threshold = Math.min(T_MAX, Math.max(T_MIN, k - bias));
      if (digit < threshold) break;
      weight *= BASE - threshold;
      if (weight > 0x7fffffff) return null;
    }
    bias = adapted(index - before, output.length + 1, before === 0);
    point += Math.floor(index / (output.length + 1));
    index %= output.length + 1;
    if (point > 0x10ffff) return null;
    output.splice(index, 0, point);
    index += 1;
  }
  return String.fromCodePoint(...output);
}

function digitOf(code) {
  if (code >= 48 && code <= 57) return code - 22;
  if (code >= 97 && code <= 122) return code - 97;
  return null;
}

function adapted(delta, points, first) {
  let left = first ? Math.floor(delta / 700) : delta >> 1;
  left += Math.floor(left / points);
  let k = 0;
  for (; left > ((BASE - T_MIN) * T_MAX) >> 1; k += BASE) left = Math.floor(left / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * left) / (left + 38));
}
