// The origin of a label: scheme and host in one of two spellings. docs/label-format.md, section 2.
import { InvalidLabel } from "./refusals.js";

const SCHEME = /^[hH][tT][tT][pP][sS]?$/;
const ASCII = /^[\0-\x7f]*$/;
const PART = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const PORT = /^[1-9][0-9]{0,4}$/;
const OCTET = /^(?:0|[1-9][0-9]{0,2})$/;
const ENDS_IN_NUMBER = /^(?:[0-9]+|0x[0-9a-f]*)$/;
const DEFAULT_PORTS = { http: "80", https: "443" };
const MAX_HOST = 253;

/**
 * Read an origin such as `HTTPS://QR.EXAMPLE.ORG`, strictly.
 * @param {string} text
 * @returns {{scheme: string, host: string, port: number|null, official: string}} `host` is without the port;
 *   `official` is host and port in lower case, which is what is compared with the official hosts.
 * @throws {InvalidLabel}
 */
export function parseOrigin(text) {
  const at = text.indexOf("://");
  if (at < 0 || !SCHEME.test(text.slice(0, at))) throw new InvalidLabel("not-a-label", "expected https:// and a host");
  if (!ASCII.test(text)) throw new InvalidLabel("host-malformed", "expected a host name in ASCII");
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase())
    throw new InvalidLabel("host-case", "expected scheme and host all upper or all lower case");
  const scheme = lower.slice(0, at);
  const official = lower.slice(at + 3);
  const colon = official.indexOf(":");
  const host = colon < 0 ? official : official.slice(0, colon);
  const port = colon < 0 ? null : parsePort(official.slice(colon + 1), scheme);
  checkHost(host);
  if (scheme === "http" && !isPrivate(host))
    throw new InvalidLabel("http-on-public-host", `expected https for the public host ${host}`);
  return Object.freeze({ scheme, host, port, official });
}

/** Whether a host in lower case is loopback, or a private IPv4 address (RFC 1918). */
export function isPrivate(host) {
  if (host === "localhost") return true;
  if (!isAddress(host)) return false;
  const [first, second] = host.split(".").map(Number);
  if (first === 127 || first === 10) return true;
  return (first === 172 && second >= 16 && second <= 31) || (first === 192 && second === 168);
}

function parsePort(digits, scheme) {
  if (!PORT.test(digits) || Number(digits) > 65535 || digits === DEFAULT_PORTS[scheme])
    throw new InvalidLabel("host-malformed", `expected no port, or one that is not the default of ${scheme}`);
  return Number(digits);
}

function checkHost(host) {
  const parts = host.split(".");
  if (host.length > MAX_HOST || !parts.every((part) => PART.test(part)))
    throw new InvalidLabel("host-malformed", "expected a host name of letters, digits, '-' and '.'");
  // Browsers read a host whose last part is a number as an address, in many spellings. One is allowed.
  if (ENDS_IN_NUMBER.test(parts.at(-1)) && !isAddress(host))
    throw new InvalidLabel("host-malformed", "expected four numbers from 0 to 255");
}

function isAddress(host) {
  const parts = host.split(".");
  return parts.length === 4 && parts.every((part) => OCTET.test(part) && Number(part) <= 255);
}
