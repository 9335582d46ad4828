// Whether a code leads to a host that imitates an official one: by signs that look alike, by a letter more or less, or by the
// official name in another place.
import { toUnicode } from "./punycode.js";

/**
 * @param {string} text of any code
 * @param {string[]} officialHosts in lower case, with port where there is one
 * @returns {{host: string, official: string}|null} where the code leads, and what that imitates; null if it is official, of
 *   the same house, of another name altogether, or no address
 */
export function lookAlike(text, officialHosts) {
  const address = addressOf(text);
  if (!address || officialHosts.includes(address.authority)) return null;
  const official = officialHosts.find((each) => imitates(address, withoutPort(each)));
  return official === undefined ? null : { host: address.authority, official };
}

const HAS_SCHEME = /^https?:/i;
const LACKS_SCHEME = /^[^\s/:?#]+\.[^\s/:?#]+(?::[0-9]+)?(?:[/?#]|$)/;
/** What browsers pass over before and behind an address. */
const PASSED_OVER = /^[\0-\x20\s]+|[\0-\x20\s]+$/g;

/** Where a text leads: what a browser would make of it, in lower case. */
function addressOf(text) {
  const trimmed = text.replace(PASSED_OVER, "");
  if (trimmed.length > 4096 || !(HAS_SCHEME.test(trimmed) || LACKS_SCHEME.test(trimmed))) return null;
  try {
    const { host, hostname, username, password } = new URL(HAS_SCHEME.test(trimmed) ? trimmed : `https://${trimmed}`);
    return { authority: host, host: hostname.replace(/\.$/, ""), before: `${username}:${password}`.toLowerCase() };
  } catch {
    return null;
  }
}

function imitates({ host, before }, official) {
  if (host === official) return false; // another port of the same host: foreign, but nobody's imitation
  if (isAddress(official) || isAddress(host)) return before.includes(official);
  if (areOfOneHouse(host, official)) return false;
  return before.includes(official) || looksLike(host, official) || carriesName(host, official);
}

/** The whole host looks like the official one, or has it within. */
function looksLike(host, official) {
  const [seen, own] = [skeleton(host), skeleton(official)];
  const [packed, ownPacked] = [seen.replace(/[.-]/g, ""), own.replace(/[.-]/g, "")];
  if (ownPacked.length < 6) return false; // of so few letters, strangers have some in common
  return packed.includes(ownPacked) || distance(packed, ownPacked) <= (ownPacked.length < 8 ? 1 : 2);
}

/** A part of the host is the name in the official one, or a letter off. */
function carriesName(host, official) {
  const name = skeleton(nameOf(official));
  if (name.length < 4) return false;
  const parts = skeleton(host).split(/[.-]/);
  return parts.some((part) => part === name || (name.length > 5 && distance(part, name) <= 1));
}

const GENERIC = new Set("www qr com net org gov edu ac co cn hk tw mo info shop top xyz app".split(" "));

/** The part of a host that people know it by: the longest that says something, but for the last. */
function nameOf(host) {
  const parts = host.split(".").slice(0, -1).filter((part) => !GENERIC.has(part));
  return parts.sort((one, other) => other.length - one.length)[0] ?? "";
}

/** Whether two hosts are below one domain that somebody owns: who has the one has the other. */
function areOfOneHouse(host, official) {
  if (host.endsWith(`.${official}`) || official.endsWith(`.${host}`)) return host.includes(".");
  const parent = official.slice(official.indexOf(".") + 1);
  return parent.includes(".") && !isEverybodys(parent) && (host === parent || host.endsWith(`.${parent}`));
}

/** Provinces, as strangers have names below them: `example.gd.cn`. */
const PROVINCES = new Set(
  "ah bj cq fj gd gs gx gz ha hb he hi hl hn jl js jx ln nm nx qh sc sd sh sn sx tj xj xz yn zj".split(" "),
);

/** Whether anybody may have a name below a domain. */
function isEverybodys(domain) {
  const [first, ...others] = domain.split(".");
  return GENERIC.has(first) || (others.join() === "cn" && PROVINCES.has(first));
}

const isAddress = (host) => /^[0-9.]+$/.test(host) || host.startsWith("[") || host === "localhost";
const withoutPort = (authority) => authority.replace(/:[0-9]+$/, "");

const PAIRS = [["rn", "m"], ["vv", "w"], ["cl", "d"]];
const SINGLES = new Map(
  Object.entries({
    o: "0οоօ०0",
    l: "1iıіｌ|ӏι",
    a: "аαɑ",
    b: "ьƅ",
    c: "сϲ",
    d: "ԁ",
    e: "еєҽ",
    g: "ɡq9",
    h: "һ",
    j: "јʝ",
    k: "кκ",
    m: "м",
    n: "ոпη",
    p: "рρ",
    r: "гᴦ",
    s: "5ѕ",
    t: "тτ",
    u: "υս",
    v: "νѵ",
    w: "ԝω",
    x: "хχ",
    y: "уγү",
    z: "2",
  }).flatMap(([plain, signs]) => [...signs].map((sign) => [sign, plain])),
);

/** A host as the eye takes it: what looks alike is the same. */
function skeleton(host) {
  const read = toUnicode(host).normalize("NFKD").replace(/\p{Mn}/gu, "").toLowerCase();
  const plain = [...read].map((sign) => SINGLES.get(sign) ?? sign).join("");
  return PAIRS.reduce((text, [pair, sign]) => text.replaceAll(pair, sign), plain);
}

/** How many letters are added, left out, changed or swapped with their neighbour. Hosts have 253 characters at most. */
function distance(one, other) {
  if (Math.abs(one.length - other.length) > 2) return 3;
  const rows = [Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= one.length; i += 1) {
    rows[i] = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const changed = rows[i - 1][j - 1] + Number(one[i - 1] !== other[j - 1]);
      rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, changed);
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1])
        rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[one.length][other.length];
}
